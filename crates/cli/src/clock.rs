use domain::Clock;
use jiff::Timestamp;

/// The machine's clock: the only place in the program that reads it.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
