use std::collections::BTreeMap;

use super::Board;
use super::names::numbers;
use super::rows::Standing;

/// What became of the leads that have a sign.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fate {
    pub(crate) waiting: usize,
    /// Decided otherwise than by dismissing them.
    pub(crate) kept: usize,
    pub(crate) dismissed: usize,
}

impl Fate {
    /// Most of what it brings is dismissed, and there is enough to tell.
    pub(crate) fn is_noisy(self) -> bool {
        let decided = self.kept + self.dismissed;
        decided >= 10 && self.dismissed * 10 >= decided * 8
    }
}

impl Board {
    /// The fates of leads by the id of their signs.
    pub(crate) fn fates(&self) -> BTreeMap<String, Fate> {
        let inner = self.read();
        let names = inner.rows.indicator_names.words();
        let mut by_number = vec![Fate::default(); names.len()];
        for (signs, standing) in inner.rows.indicators.iter().zip(&inner.rows.standing) {
            for sign in numbers(*signs) {
                let Some(fate) = by_number.get_mut(usize::from(sign)) else { continue };
                match *standing {
                    Standing::GONE => {}
                    Standing::DISMISSED => fate.dismissed += 1,
                    standing if standing.waits() => fate.waiting += 1,
                    _decided_otherwise => fate.kept += 1,
                }
            }
        }
        names.iter().cloned().zip(by_number).collect()
    }
}
