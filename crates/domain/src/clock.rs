use jiff::Timestamp;

/// Where the present time comes from. The system's clock is read at the edge alone (`cli`); all
/// else is handed a `Clock`, so that the same input gives the same result.
pub trait Clock: Send + Sync {
    /// The present time, UTC.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still; for tests and for work that must be repeatable.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
