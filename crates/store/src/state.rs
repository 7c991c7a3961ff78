use serde::{Deserialize, Serialize};

use crate::keys::{self, Kind};
use crate::{Counts, seen, values};
use domain::LeadStatus;

/// The one entry that every batch rewrites: how far the index is, how much it holds, and a sum over
/// all other entries that proves it whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// How many batches have been kept.
    pub batches: u64,
    /// The last log entry contained; 0 before the first.
    pub applied: u64,
    pub counts: Counts,
    pub sum: ContentSum,
}

/// The sum, modulo 2^128, of a digest of every entry: the same for the same entries in any order,
/// and carried on from batch to batch at the price of two digests a write. A torn database may well
/// give back an older value or leave entries out without a word; their sum then differs. It guards
/// against accidents, not against somebody who forges entries: the truth is elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ContentSum(u128);

impl State {
    pub(crate) fn read(value: &[u8]) -> Option<Self> {
        values::read_json(value)
    }

    /// Takes note of one entry that changes from `old` to `new`.
    pub(crate) fn account(&mut self, key: &[u8], old: Option<&[u8]>, new: Option<&[u8]>) {
        if let Some(value) = old {
            self.sum.remove(key, value);
        }
        if let Some(value) = new {
            self.sum.add(key, value);
        }
        if Kind::of(key) == Some(Kind::Seen) {
            let postings = &mut self.counts.postings_seen;
            *postings =
                (*postings + new.map_or(0, seen::count)).saturating_sub(old.map_or(0, seen::count));
            return;
        }
        let Some(count) = self.counts.of(key) else { return };
        match (old, new) {
            (None, Some(_)) => *count += 1,
            (Some(_), None) => *count = count.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether the other state holds exactly the same.
    pub(crate) fn same_content(&self, other: &Self) -> bool {
        self.counts == other.counts && self.sum == other.sum
    }
}

impl Counts {
    /// The count that this entry belongs to.
    fn of(&mut self, key: &[u8]) -> Option<&mut u64> {
        Some(match Kind::of(key)? {
            Kind::Source => &mut self.sources,
            Kind::Capture => &mut self.captures,
            Kind::Posting => &mut self.postings_flagged,
            Kind::Queue => match keys::queue_parts(key)?.0 {
                LeadStatus::Open => &mut self.leads_open,
                LeadStatus::Claimed => &mut self.leads_claimed,
                LeadStatus::Decided => &mut self.leads_decided,
            },
            _ => return None,
        })
    }
}

impl ContentSum {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        self.0 = self.0.wrapping_add(digest(key, value));
    }

    fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.0 = self.0.wrapping_sub(digest(key, value));
    }
}

fn digest(key: &[u8], value: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(key.len() as u64).to_be_bytes()).update(key).update(value);
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_be_bytes(first)
}

// A JSON number of 128 bits is not read back by every tool.
impl From<ContentSum> for String {
    fn from(sum: ContentSum) -> String {
        format!("{:032x}", sum.0)
    }
}

impl TryFrom<String> for ContentSum {
    type Error = std::num::ParseIntError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_forgets_what_was_replaced_and_does_not_mind_the_order() {
        let mut there = State::default();
        there.account(b"\x01a", None, Some(b"old"));
        there.account(b"\x01b", None, Some(b"b"));
        there.account(b"\x01a", Some(b"old"), Some(b"new"));
        there.account(b"\x01c", None, Some(b"c"));
        there.account(b"\x01c", Some(b"c"), None);
        let mut back = State::default();
        back.account(b"\x01b", None, Some(b"b"));
        back.account(b"\x01a", None, Some(b"new"));
        assert!(there.same_content(&back));
        assert_eq!(there.counts.sources, 2);

        let mut stale = State::default();
        stale.account(b"\x01b", None, Some(b"b"));
        stale.account(b"\x01a", None, Some(b"old"));
        assert!(!there.same_content(&stale), "an older value went unnoticed");
    }
}
