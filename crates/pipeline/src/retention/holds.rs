//! Legal holds: a person says that nothing of a lead may be deleted, and why. A hold is on the lead's
//! postings, so that it goes with them when the lead is joined or divided.

use std::collections::BTreeMap;

use domain::{LeadId, PostingId};
use evidence::Event;
use jiff::Timestamp;
use serde::Serialize;
use store::Store as _;

use crate::second_thoughts::said;
use crate::{Desk, PipelineError};

/// A hold that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The lead, by the name under which it was put on hold.
    pub lead: LeadId,
    /// Its postings that are held.
    pub postings: Vec<PostingId>,
    /// Who said so.
    pub by: String,
    /// UTC.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl Desk {
    /// Puts a lead on hold: nothing of it is deleted until the hold is lifted.
    pub fn hold(&mut self, id: &LeadId, by: &str, reason: &str) -> Result<(), PipelineError> {
        let reason = said(reason, "a hold needs its reason; say --reason \"...\"")?;
        let lead = self.existing(id)?;
        let hold = Event::Hold { lead: lead.id, postings: lead.postings, reason };
        self.record(by, vec![hold])?;
        Ok(())
    }

    /// Lifts all holds of a lead.
    pub fn lift_hold(&mut self, id: &LeadId, by: &str, reason: &str) -> Result<(), PipelineError> {
        let reason = said(reason, "lifting a hold needs a reason; say --reason \"...\"")?;
        let lead = self.existing(id)?;
        let is_held = self
            .holds()?
            .iter()
            .any(|held| held.postings.iter().any(|posting| lead.postings.contains(posting)));
        if !is_held {
            return Err(PipelineError::Refused(format!("lead {id} is not on hold")));
        }
        let lifted = Event::HoldLifted { lead: lead.id, postings: lead.postings, reason };
        self.record(by, vec![lifted])?;
        Ok(())
    }

    /// The holds that stand, in the order in which they were made.
    pub fn holds(&self) -> Result<Vec<Held>, PipelineError> {
        let mut held: BTreeMap<u64, Held> = BTreeMap::new();
        for entry in evidence::entries(&self.dir.join("custody"), 0)? {
            let entry = entry?;
            match entry.event {
                Event::Hold { lead, postings, reason } => {
                    let (by, at) = (entry.actor, entry.time);
                    held.insert(entry.seq, Held { lead, postings, by, at, reason });
                }
                Event::HoldLifted { postings, .. } => {
                    for hold in held.values_mut() {
                        hold.postings.retain(|posting| !postings.contains(posting));
                    }
                    held.retain(|_, hold| !hold.postings.is_empty());
                }
                _ => {}
            }
        }
        Ok(held.into_values().collect())
    }

    /// The lead that a held posting is in now.
    pub fn lead_held(&self, held: &Held) -> Result<Option<LeadId>, PipelineError> {
        match held.postings.first() {
            Some(posting) => Ok(self.store.lead_of(posting)?),
            None => Ok(None),
        }
    }
}
