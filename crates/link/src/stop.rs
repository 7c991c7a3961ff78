//! Stop keys: a number that everybody uses says nothing about whose hand it is. Which these are is
//! learned from who uses them; that can only grow, so a key that has stopped never comes back, and
//! the same postings stop the same keys in any order.

use std::collections::BTreeSet;

use domain::{KeyUse, LinkKind};

use crate::key::{is_image, is_place};

/// More employers than this under one key: a board's or an agency's.
const MOST_EMPLOYERS: usize = 5;
/// More wordings of ordinary postings than this: a number of daily life.
const MOST_ORDINARY: usize = 20;
/// More wordings of flagged postings than this: no one hand writes so many.
const MOST_WORDINGS: usize = 64;

/// More wordings of flagged postings than this beside one picture, or beside pictures that share a
/// part of their look: a logo, a placeholder, a picture from a stock.
const MOST_CAPTIONS: usize = 12;

/// What one posting says about the keys that it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// A mark for the employer.
    pub employer: Option<u32>,
    /// A mark for the wording.
    pub wording: Option<u32>,
    /// It is not flagged.
    pub is_ordinary: bool,
}

impl Signs {
    /// Whether these say anything about a key of this kind.
    pub fn concern(&self, kind: LinkKind) -> bool {
        is_place(kind) || !self.is_ordinary && (is_image(kind) || self.employer.is_some())
    }
}

/// Adds what a posting says; tells whether anything changed.
pub fn learn(key_use: &mut KeyUse, kind: LinkKind, signs: &Signs) -> bool {
    let mut changed = keep_least(&mut key_use.employers, signs.employer, MOST_EMPLOYERS);
    // The same words are the same wording: of them only the employers tell.
    if is_place(kind) {
        changed |= if signs.is_ordinary {
            keep_least(&mut key_use.ordinary, signs.wording, MOST_ORDINARY)
        } else {
            keep_least(&mut key_use.wordings, signs.wording, MOST_WORDINGS)
        };
    } else if is_image(kind) && !signs.is_ordinary {
        changed |= keep_least(&mut key_use.captions, signs.wording, MOST_CAPTIONS);
    }
    changed
}

/// One more than are allowed, the least of all: the same set in any order.
fn keep_least(marks: &mut BTreeSet<u32>, mark: Option<u32>, most: usize) -> bool {
    let Some(mark) = mark else { return false };
    let is_full = marks.len() > most;
    if is_full && marks.last().is_some_and(|last| mark >= *last) || !marks.insert(mark) {
        return false;
    }
    if is_full {
        marks.pop_last();
    }
    true
}

/// Whether the key is used by too many, whatever people said.
pub fn is_common(key_use: &KeyUse) -> bool {
    key_use.employers.len() > MOST_EMPLOYERS
        || key_use.ordinary.len() > MOST_ORDINARY
        || key_use.wordings.len() > MOST_WORDINGS
        || key_use.captions.len() > MOST_CAPTIONS
}

/// Whether the key brings nothing together.
pub fn is_stopped(key_use: &KeyUse) -> bool {
    key_use.told_apart || is_common(key_use)
}

/// Why the key brings nothing together, in words; `None` when it does.
pub fn stop_reason(key_use: &KeyUse) -> Option<String> {
    if key_use.told_apart {
        Some("a person told postings apart that share it".to_owned())
    } else if key_use.employers.len() > MOST_EMPLOYERS {
        Some(format!("more than {MOST_EMPLOYERS} employers use it"))
    } else if key_use.ordinary.len() > MOST_ORDINARY {
        Some(format!("it stands in more than {MOST_ORDINARY} different ordinary postings"))
    } else if key_use.wordings.len() > MOST_WORDINGS {
        Some(format!("it stands in more than {MOST_WORDINGS} different texts"))
    } else if key_use.captions.len() > MOST_CAPTIONS {
        Some(format!("it stands beside more than {MOST_CAPTIONS} different texts"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_learned_does_not_depend_on_the_order(
            signs in proptest::collection::vec((0u32..40, 0u32..90, any::<bool>()), 0..120),
            seed in any::<u64>(),
        ) {
            let learned = |signs: &[(u32, u32, bool)]| {
                let mut key_use = KeyUse::default();
                let mut stopped = false;
                for (employer, wording, is_ordinary) in signs {
                    let employer = (*employer < 9).then_some(*employer);
                    let signs = Signs { employer, wording: Some(*wording), is_ordinary: *is_ordinary };
                    learn(&mut key_use, LinkKind::Contact, &signs);
                    learn(&mut key_use, LinkKind::Likeness, &signs);
                    assert!(!stopped || is_stopped(&key_use), "a stopped key came back");
                    stopped = is_stopped(&key_use);
                }
                key_use
            };
            let mut other = signs.clone();
            other.sort_by_key(|sign| (u64::from(sign.1) * 31 + u64::from(sign.0)).wrapping_mul(seed | 1));
            prop_assert_eq!(learned(&signs), learned(&other));
        }
    }
}
