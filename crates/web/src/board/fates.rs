use std::collections::BTreeMap;

use domain::{LeadStatus, Verdict};

use super::Board;

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
        let mut by_number = vec![Fate::default(); inner.names.len()];
        for row in inner.order.iter().map(|place| &inner.rows[place.row as usize]) {
            for sign in &row.indicators {
                let fate = &mut by_number[usize::from(*sign)];
                match (row.status, row.verdict) {
                    (LeadStatus::Decided, Some(Verdict::Dismiss)) => fate.dismissed += 1,
                    (LeadStatus::Decided, _) => fate.kept += 1,
                    _ => fate.waiting += 1,
                }
            }
        }
        let named = (0_u16..).zip(by_number);
        named.map(|(sign, fate)| (inner.names.word(sign).to_owned(), fate)).collect()
    }
}
