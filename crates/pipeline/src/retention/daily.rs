use jiff::{SignedDuration, Timestamp};

use super::RetentionConfig;

/// When what is past its time was deleted last by itself: once a day, and when a desk begins to be
/// watched.
#[derive(Debug, Default)]
pub(crate) struct Daily {
    last: Option<Timestamp>,
}

impl Daily {
    /// Whether it is time; it counts as done then. A clock that was set back waits no longer than a
    /// day.
    pub(crate) fn is_due(&mut self, config: &RetentionConfig, now: Timestamp) -> bool {
        const DAY: SignedDuration = SignedDuration::from_hours(24);
        let waits = self.last.is_some_and(|last| now.duration_since(last).abs() < DAY);
        if !config.automatic || waits {
            return false;
        }
        self.last = Some(now);
        true
    }
}
