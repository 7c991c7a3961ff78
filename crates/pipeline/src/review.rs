//! What people do with leads. Each act is in the custody log, synced, before it is answered.

use domain::{ContactKind, Lead, LeadId, Link, Verdict};
use evidence::Event;
use serde::Serialize;
use store::{QueueFilter, Store, StoredPosting};

use crate::approval::same_person;
use crate::lead_view::{self, LeadView};
use crate::second_thoughts::said;
use crate::{Desk, PipelineError};

/// A lead on the queue with what a reviewer wants to see at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct QueueRow {
    /// The lead.
    pub lead: Lead,
    /// The posting of it that says most, with the assessment that carries the quotes.
    pub posting: StoredPosting,
}

impl Desk {
    /// The queue, highest score first.
    pub fn queue(
        &self,
        filter: &QueueFilter,
        limit: usize,
    ) -> Result<Vec<QueueRow>, PipelineError> {
        let mut rows = Vec::new();
        for lead in self.store.queue(filter, limit)? {
            if let Some(posting) = self.store.posting(&lead.strongest)? {
                rows.push(QueueRow { lead, posting });
            }
        }
        Ok(rows)
    }

    /// Shows a lead to a person; the view is logged first.
    pub fn view(&mut self, lead: &LeadId, by: &str) -> Result<LeadView, PipelineError> {
        self.log_view(lead, by)?;
        self.lead_view(lead)
    }

    /// Writes into the log that a person is shown a lead; to be called before it is. Gives the name
    /// that the lead bears now. Of many people at once: [`crate::Views`].
    pub fn log_view(&mut self, lead: &LeadId, by: &str) -> Result<LeadId, PipelineError> {
        let id = self.existing(lead)?.id;
        self.record_in_log(by, vec![Event::View { lead: id.clone() }])?;
        Ok(id)
    }

    /// Takes a lead on, so that nobody else works on it.
    pub fn claim(&mut self, id: &LeadId, by: &str) -> Result<Lead, PipelineError> {
        let lead = self.existing(id)?;
        refuse_if_others(&lead, by)?;
        if lead.claimed_by.is_none() {
            self.record(by, vec![Event::Claim { lead: lead.id }])?;
        }
        self.existing(id)
    }

    /// Gives a claimed lead back to the queue.
    pub fn release(&mut self, id: &LeadId, by: &str) -> Result<Lead, PipelineError> {
        let lead = self.existing(id)?;
        refuse_if_others(&lead, by)?;
        if lead.claimed_by.is_none() {
            return Err(PipelineError::Refused(format!("lead {id} is not claimed by anybody")));
        }
        self.record(by, vec![Event::Release { lead: lead.id }])?;
        self.existing(id)
    }

    /// Writes down what a person decided. A later decision takes the place of an earlier one, and
    /// both stay.
    pub fn decide(
        &mut self,
        id: &LeadId,
        by: &str,
        verdict: Verdict,
        reason: &str,
    ) -> Result<Lead, PipelineError> {
        let lead = self.existing(id)?;
        refuse_if_others(&lead, by)?;
        let reason = said(reason, "a decision needs its reason; say --reason \"...\"")?;
        let event = Event::Decision { lead: lead.id, verdict, reason };
        self.record(by, vec![event])?;
        self.existing(id)
    }

    /// Notes that somebody verified the evidence.
    pub fn record_verification(&mut self, by: &str, faults: u64) -> Result<(), PipelineError> {
        self.record(by, vec![Event::Verification { faults }])?;
        Ok(())
    }

    /// Everything known of a lead, without logging a view; for work that is logged as such.
    pub fn lead_view(&self, id: &LeadId) -> Result<LeadView, PipelineError> {
        lead_view(&*self.store, id)
    }

    /// The lead of this name, or the one in which the posting is that gave the name: names that
    /// people once saw keep leading somewhere.
    pub fn existing(&self, id: &LeadId) -> Result<Lead, PipelineError> {
        existing(&*self.store, id)
    }
}

/// Everything known of a lead, out of an index. Whoever shows it to a person logs that first:
/// [`Desk::log_view`].
pub fn lead_view(store: &dyn Store, id: &LeadId) -> Result<LeadView, PipelineError> {
    let lead = existing(store, id)?;
    Ok(lead_view::view(store, lead)?)
}

/// The lead of this name in an index, as [`Desk::existing`] finds it.
pub fn existing(store: &dyn Store, id: &LeadId) -> Result<Lead, PipelineError> {
    if let Some(lead) = store.lead(id)? {
        return Ok(lead);
    }
    let now_in = match id.founder() {
        Some(founder) => store.lead_of(&founder)?,
        None => None,
    };
    let lead = now_in.map(|id| store.lead(&id)).transpose()?.flatten();
    lead.ok_or_else(|| {
        PipelineError::NotFound(format!(
            "there is no lead {id}; `fusion queue list` shows the leads"
        ))
    })
}

impl QueueRow {
    /// The contacts that lead to one hand, in order of place, each once.
    pub fn contacts(&self) -> Vec<(ContactKind, &str)> {
        let mut seen: Vec<(ContactKind, &str)> = Vec::new();
        for contact in &self.posting.posting.contacts {
            let item = (contact.kind, contact.value.as_str());
            if link::is_key(contact.kind) && !seen.contains(&item) {
                seen.push(item);
            }
        }
        seen
    }
}

/// What a link says, in words.
pub fn link_in_words(link: &Link) -> String {
    format!("{} {}", link::in_words(link), link.lead)
}

/// The same without the name of the other lead: what ties a posting to another.
pub fn tie_in_words(link: &Link) -> String {
    link::in_words(link)
}

pub(crate) fn refuse_if_others(lead: &Lead, by: &str) -> Result<(), PipelineError> {
    match &lead.claimed_by {
        Some(holder) if !same_person(holder, by) => Err(PipelineError::Refused(format!(
            "lead {} is claimed by {holder}; ask them to release it",
            lead.id
        ))),
        _ => Ok(()),
    }
}
