//! Leads at a glance, as they were last shown: to read a lead and its posting out of the index takes
//! longer than all else on a list, and most people look at the same ones.

use std::collections::HashMap;
use std::sync::Arc;

use domain::LeadId;

use crate::glance::Glance;

/// Beyond, it is begun anew; some hundred bytes each.
const MOST: usize = 20_000;

/// Those that are known, each as the index holds it.
#[derive(Default)]
pub(super) struct Glances {
    known: HashMap<LeadId, Arc<Glance>>,
    /// Counts the times that something was forgotten.
    forgotten: u64,
    /// Changes are heard of; before that, and after something was deleted, nothing is remembered.
    is_open: bool,
}

impl Glances {
    /// The glance at a lead; if there is none, what to bring it with to [`put`](Self::put).
    pub(super) fn get(&self, lead: &LeadId) -> Result<Arc<Glance>, u64> {
        self.known.get(lead).cloned().ok_or(self.forgotten)
    }

    /// Remembers a glance, unless something changed since it was asked for: it may be of before.
    pub(super) fn put(&mut self, glance: Arc<Glance>, asked_at: u64) {
        if !self.is_open || self.forgotten != asked_at {
            return;
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(glance.id.clone(), glance);
    }

    /// To be said when every change from now on is told to [`forget`](Self::forget).
    pub(super) fn open(&mut self) {
        *self = Self { forgotten: self.forgotten + 1, is_open: true, ..Self::default() };
    }

    /// Forgets leads that have changed in the index.
    pub(super) fn forget(&mut self, changed: &[LeadId]) {
        if !changed.is_empty() {
            self.forgotten += 1;
            changed.iter().for_each(|lead| drop(self.known.remove(lead)));
        }
    }

    /// Forgets all, for good: something was deleted, and its words must not be shown again.
    pub(super) fn close(&mut self) {
        *self = Self { forgotten: self.forgotten + 1, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use domain::{Band, LeadStatus, PostingId, SourceId};
    use jiff::Timestamp;

    use super::*;

    fn glance(lead: &LeadId, score: u8) -> Arc<Glance> {
        Arc::new(Glance {
            id: lead.clone(),
            score,
            band: Band::High,
            status: LeadStatus::Open,
            verdict: None,
            claimed_by: None,
            opened_at: Timestamp::UNIX_EPOCH,
            postings: 1,
            open_tasks: 0,
            from: Vec::new(),
            to: Vec::new(),
            posting: None,
        })
    }

    #[test]
    fn what_was_read_before_a_change_is_not_shown_after_it() {
        let source = SourceId::new("a").unwrap();
        let lead = LeadId::founded_by(&PostingId::derive(&source, "1"));
        let other = LeadId::founded_by(&PostingId::derive(&source, "2"));
        let score = |glances: &Glances| glances.get(&lead).map(|glance| glance.score);
        let mut glances = Glances::default();
        let before = score(&glances).unwrap_err();
        glances.put(glance(&lead, 40), before);
        assert!(score(&glances).is_err());
        glances.open();
        glances.put(glance(&lead, 40), before);
        assert!(score(&glances).is_err());
        glances.put(glance(&lead, 50), score(&glances).unwrap_err());
        assert_eq!(score(&glances), Ok(50));
        glances.forget(&[]);
        assert_eq!(score(&glances), Ok(50));
        glances.forget(std::slice::from_ref(&lead));
        // Somebody read it before the change and comes late.
        let early = score(&glances).unwrap_err();
        glances.forget(&[other]);
        glances.put(glance(&lead, 50), early);
        assert!(score(&glances).is_err());
        glances.put(glance(&lead, 70), score(&glances).unwrap_err());
        assert_eq!(score(&glances), Ok(70));
        glances.close();
        glances.put(glance(&lead, 70), score(&glances).unwrap_err());
        assert!(score(&glances).is_err());
    }
}
