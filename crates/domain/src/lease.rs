use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Who walks a source now, and until when nobody else may. It runs out by itself, so that a scanner
/// that is gone without a word keeps nobody away for long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The scanner.
    pub holder: String,
    /// UTC. A walk that goes on takes its lease anew before.
    pub until: Timestamp,
}

impl Lease {
    /// How long a lease holds when it is taken.
    pub const TERM: SignedDuration = SignedDuration::from_mins(2);

    /// A lease from now on.
    pub fn from(now: Timestamp, holder: &str) -> Self {
        let until = now.saturating_add(Self::TERM).unwrap_or(Timestamp::MAX);
        Self { holder: holder.to_owned(), until }
    }

    /// Whether it keeps this scanner from the source. A lease that reaches further than any is given
    /// was taken while the clock was wrong, and holds no more.
    pub fn keeps_out(&self, holder: &str, now: Timestamp) -> bool {
        let left = self.until.duration_since(now);
        self.holder != holder && SignedDuration::ZERO < left && left <= Self::TERM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_keeps_others_out_for_its_term_whatever_the_clock_does() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let lease = Lease::from(now, "a");
        for (holder, second, expected) in [
            ("b", 0, true),
            ("b", 119, true),
            ("b", 120, false),
            ("a", 0, false),
            // Set back by an hour: the lease is from a time that is no more.
            ("b", -3600, false),
        ] {
            let at = now + SignedDuration::from_secs(second);
            assert_eq!(lease.keeps_out(holder, at), expected, "{holder} at {second}");
        }
    }
}
