//! What people do with leads. Each act is in the custody log, synced, before it is answered.

use domain::{ContactKind, Lead, LeadId, Link, LinkKind, Verdict};
use evidence::Event;
use serde::Serialize;
use store::{QueueFilter, Store, StoredPosting};

use crate::approval::same_person;
use crate::{Desk, PipelineError};

/// A lead on the queue with what a reviewer wants to see at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct QueueRow {
    /// The lead.
    pub lead: Lead,
    /// Its founding posting, with the assessment that carries the quotes.
    pub posting: StoredPosting,
}

/// A lead with everything that is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct LeadView {
    /// The lead.
    pub lead: Lead,
    /// Its postings with their assessments.
    pub postings: Vec<StoredPosting>,
    /// Postings of other leads that share a contact or the same words.
    pub links: Vec<Link>,
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
            let founding = lead.postings.first();
            let posting = founding.map(|id| self.store.posting(id)).transpose()?.flatten();
            if let Some(posting) = posting {
                rows.push(QueueRow { lead, posting });
            }
        }
        Ok(rows)
    }

    /// Shows a lead to a person; the view is logged first.
    pub fn view(&mut self, lead: &LeadId, by: &str) -> Result<LeadView, PipelineError> {
        self.existing(lead)?;
        self.record(by, vec![Event::View { lead: lead.clone() }])?;
        self.lead_view(lead)
    }

    /// Takes a lead on, so that nobody else works on it.
    pub fn claim(&mut self, id: &LeadId, by: &str) -> Result<Lead, PipelineError> {
        let lead = self.existing(id)?;
        refuse_if_others(&lead, by)?;
        if lead.claimed_by.is_none() {
            self.record(by, vec![Event::Claim { lead: id.clone() }])?;
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
        self.record(by, vec![Event::Release { lead: id.clone() }])?;
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
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(PipelineError::Refused(
                "a decision needs its reason; say --reason \"...\"".to_owned(),
            ));
        }
        let event = Event::Decision { lead: id.clone(), verdict, reason: reason.to_owned() };
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
        let lead = self.existing(id)?;
        let mut postings = Vec::new();
        for id in &lead.postings {
            postings.extend(self.store.posting(id)?);
        }
        let links = self.links(&lead, &postings)?;
        Ok(LeadView { lead, postings, links })
    }

    pub(crate) fn existing(&self, id: &LeadId) -> Result<Lead, PipelineError> {
        self.store.lead(id)?.ok_or_else(|| {
            PipelineError::NotFound(format!(
                "there is no lead {id}; `fusion queue list` shows the leads"
            ))
        })
    }

    fn links(&self, lead: &Lead, postings: &[StoredPosting]) -> Result<Vec<Link>, PipelineError> {
        let mut links = Vec::new();
        for stored in postings {
            let folded = text::Folded::new(&stored.posting.text);
            for key in link::keys(&stored.posting, &folded) {
                let strength = link::strength(key.kind);
                for (to, other) in self.store.linked(key.kind, &key.value)? {
                    if other != lead.id {
                        let (kind, value) = (key.kind, key.value.clone());
                        links.push(Link { kind, value, strength, to, lead: other });
                    }
                }
            }
        }
        links.sort_by(|a, b| (a.kind, &a.value, &a.to).cmp(&(b.kind, &b.value, &b.to)));
        links.dedup();
        Ok(links)
    }
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
    match link.kind {
        LinkKind::Contact => format!("shares {} with {}", link.value, link.lead),
        LinkKind::Text => format!("has the same words as {}", link.lead),
    }
}

fn refuse_if_others(lead: &Lead, by: &str) -> Result<(), PipelineError> {
    match &lead.claimed_by {
        Some(holder) if !same_person(holder, by) => Err(PipelineError::Refused(format!(
            "lead {} is claimed by {holder}; ask them to release it",
            lead.id
        ))),
        _ => Ok(()),
    }
}
