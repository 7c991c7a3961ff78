//! Slows down who tries passwords. It goes by what was typed, whether there is such an account or
//! not, so that it tells nobody which there are.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::Sha256;
use jiff::{SignedDuration, Timestamp};

/// So many wrong tries are free.
const FREE: u32 = 4;
/// The longest wait.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// So many names are remembered; a flood of made-up ones must not fill the memory.
const MOST_NAMES: usize = 20_000;

#[derive(Default)]
pub(crate) struct Throttle {
    tries: Mutex<BTreeMap<[u8; 32], Tries>>,
}

struct Tries {
    failed: u32,
    last: Timestamp,
}

impl Tries {
    fn free_at(&self) -> Timestamp {
        let doublings = self.failed.saturating_sub(FREE);
        if doublings == 0 {
            return self.last;
        }
        let wait = SignedDuration::from_secs(15_i64 << (doublings - 1).min(6)).min(LONGEST);
        self.last.checked_add(wait).unwrap_or(self.last)
    }
}

impl Throttle {
    /// How long this name has to wait; `None` if it need not.
    pub(crate) fn wait(&self, name: &str, now: Timestamp) -> Option<SignedDuration> {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let free_at = tries.get(&key(name))?.free_at();
        (free_at > now).then(|| free_at.duration_since(now))
    }

    /// Notes a wrong try.
    pub(crate) fn failed(&self, name: &str, now: Timestamp) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= MOST_NAMES {
            tries.retain(|_, tries| tries.free_at() > now);
        }
        if tries.len() >= MOST_NAMES {
            tries.pop_first();
        }
        let entry = tries.entry(key(name)).or_insert(Tries { failed: 0, last: now });
        entry.failed = entry.failed.saturating_add(1);
        entry.last = now;
    }

    /// A right try forgives the wrong ones before it.
    pub(crate) fn succeeded(&self, name: &str) {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(name));
    }
}

fn key(name: &str) -> [u8; 32] {
    *Sha256::of(name.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_further_wrong_try_waits_twice_as_long() {
        let throttle = Throttle::default();
        let mut now = Timestamp::from_second(1_800_000_000).unwrap();
        let mut waits = Vec::new();
        for _ in 0..14 {
            throttle.failed("olena", now);
            let wait = throttle.wait("olena", now).unwrap_or_default();
            waits.push(wait.as_secs());
            now = now.checked_add(wait).unwrap();
            assert!(throttle.wait("olena", now).is_none());
        }
        assert_eq!(waits, [0, 0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]);
        assert!(throttle.wait("mihai", now).is_none());
        throttle.succeeded("olena");
        throttle.failed("olena", now);
        assert!(throttle.wait("olena", now).is_none());
    }
}
