//! What lists showed of leads' postings: to read a posting out of the index takes longer than all else
//! on a list, and most people look at the same ones.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{LeadId, PostingId};

use crate::glance::PostingGlance;

/// Beyond, it is begun anew; some hundred bytes each.
const MOST: usize = 20_000;

/// Those that are known, each as the index holds it.
#[derive(Default)]
pub(super) struct Glances {
    known: HashMap<LeadId, (PostingId, Arc<PostingGlance>)>,
    /// Counts the times that something was forgotten.
    forgotten: u64,
    /// Changes are heard of; before that, and after something was deleted, nothing is remembered.
    is_open: bool,
}

impl Glances {
    /// What is shown of this posting of a lead; if nothing is known, what to bring it with to
    /// [`put`](Self::put).
    pub(super) fn get(
        &self,
        lead: &LeadId,
        posting: &PostingId,
    ) -> Result<Arc<PostingGlance>, u64> {
        let known = self.known.get(lead).filter(|(known, _)| known == posting);
        known.map(|(_, glance)| glance.clone()).ok_or(self.forgotten)
    }

    /// Remembers a glance, unless something changed since it was asked for: it may be of before.
    pub(super) fn put(
        &mut self,
        lead: LeadId,
        posting: PostingId,
        glance: Arc<PostingGlance>,
        asked_at: u64,
    ) {
        if !self.is_open || self.forgotten != asked_at {
            return;
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(lead, (posting, glance));
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
    use domain::SourceId;

    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_shown_after_it() {
        let source = SourceId::new("a").unwrap();
        let [posting, second] = ["1", "2"].map(|key| PostingId::derive(&source, key));
        let (lead, other) = (LeadId::founded_by(&posting), LeadId::founded_by(&second));
        let glance = |title: &str| Arc::new(PostingGlance::titled(title));
        let put = |glances: &mut Glances, title: &str, asked_at| {
            glances.put(lead.clone(), posting.clone(), glance(title), asked_at);
        };
        let shown =
            |glances: &Glances| glances.get(&lead, &posting).map(|glance| glance.title.clone());
        let mut glances = Glances::default();
        let before = shown(&glances).unwrap_err();
        put(&mut glances, "a", before);
        assert!(shown(&glances).is_err());
        glances.open();
        put(&mut glances, "a", before);
        assert!(shown(&glances).is_err());
        let now = shown(&glances).unwrap_err();
        put(&mut glances, "b", now);
        assert_eq!(shown(&glances).unwrap(), "b");
        // Another posting says most by now.
        assert!(glances.get(&lead, &second).is_err());
        glances.forget(&[]);
        assert_eq!(shown(&glances).unwrap(), "b");
        glances.forget(std::slice::from_ref(&lead));
        // Somebody read it before the change and comes late.
        let early = shown(&glances).unwrap_err();
        glances.forget(&[other]);
        put(&mut glances, "b", early);
        assert!(shown(&glances).is_err());
        let now = shown(&glances).unwrap_err();
        put(&mut glances, "c", now);
        assert_eq!(shown(&glances).unwrap(), "c");
        glances.close();
        let now = shown(&glances).unwrap_err();
        put(&mut glances, "c", now);
        assert!(shown(&glances).is_err());
    }
}
