//! What people say about whose hand wrote what: merges, splits, "not the same". The latest word
//! about two postings counts, and no later posting undoes it.

use std::collections::BTreeSet;

use domain::{Lead, LeadId, PostingId};
use evidence::Event;

use crate::review::refuse_if_others;
use crate::second_thoughts::said;
use crate::{Desk, PipelineError};

impl Desk {
    /// Makes one lead of several. All their names keep leading to it.
    pub fn merge(&mut self, ids: &[LeadId], by: &str, reason: &str) -> Result<Lead, PipelineError> {
        let reason = said(reason, "a merge needs its reason; say --reason \"...\"")?;
        let leads = self.leads(ids, by)?;
        let [first, _, ..] = leads.as_slice() else {
            return Err(PipelineError::Refused(
                "a merge takes two leads or more, and these are one already".to_owned(),
            ));
        };
        let id = first.id.clone();
        let postings = leads.iter().flat_map(|lead| lead.postings.iter().cloned()).collect();
        let leads = leads.into_iter().map(|lead| lead.id).collect();
        self.record(by, vec![Event::Merge { leads, postings, reason }])?;
        self.existing(&id)
    }

    /// Takes postings out of a lead: they are of another hand. Gives the lead that stays and those
    /// that the postings are in now.
    pub fn split(
        &mut self,
        id: &LeadId,
        postings: &[PostingId],
        by: &str,
        reason: &str,
    ) -> Result<Vec<Lead>, PipelineError> {
        let reason = said(reason, "a split needs its reason; say --reason \"...\"")?;
        let lead = self.existing(id)?;
        refuse_if_others(&lead, by)?;
        let out: BTreeSet<&PostingId> = postings.iter().collect();
        if let Some(stranger) = out.iter().find(|posting| !lead.postings.contains(posting)) {
            return Err(PipelineError::Refused(format!(
                "posting {stranger} is not in lead {id}; `fusion lead show {id}` lists its postings"
            )));
        }
        let (out, stay): (Vec<_>, Vec<_>) =
            lead.postings.iter().cloned().partition(|posting| out.contains(posting));
        if out.is_empty() || stay.is_empty() {
            return Err(PipelineError::Refused(format!(
                "a split takes some postings out of lead {id} and leaves some: name them with --posting"
            )));
        }
        self.part(vec![lead.id], vec![stay, out], by, reason)
    }

    /// Says that two leads are of different hands: nothing brings them together any more, save a
    /// person.
    pub fn keep_apart(
        &mut self,
        id: &LeadId,
        other: &LeadId,
        by: &str,
        reason: &str,
    ) -> Result<Vec<Lead>, PipelineError> {
        let reason = said(reason, "a split needs its reason; say --reason \"...\"")?;
        let leads = self.leads(&[id.clone(), other.clone()], by)?;
        if leads.len() < 2 {
            return Err(PipelineError::Refused(format!(
                "{id} and {other} are one lead; name the postings to take out with --posting"
            )));
        }
        let groups = leads.iter().map(|lead| lead.postings.clone()).collect();
        self.part(leads.into_iter().map(|lead| lead.id).collect(), groups, by, reason)
    }

    /// A remark on a lead.
    pub fn note(&mut self, id: &LeadId, by: &str, text: &str) -> Result<Lead, PipelineError> {
        let text = said(text, "a note needs words")?;
        let lead = self.existing(id)?;
        self.record(by, vec![Event::Note { lead: lead.id, text }])?;
        self.existing(id)
    }

    fn part(
        &mut self,
        leads: Vec<LeadId>,
        groups: Vec<Vec<PostingId>>,
        by: &str,
        reason: String,
    ) -> Result<Vec<Lead>, PipelineError> {
        let firsts: Vec<LeadId> =
            groups.iter().filter_map(|group| group.first()).map(LeadId::founded_by).collect();
        self.record(by, vec![Event::Split { leads, groups, reason }])?;
        firsts.iter().map(|id| self.existing(id)).collect()
    }

    /// The leads of these names, each once.
    fn leads(&self, ids: &[LeadId], by: &str) -> Result<Vec<Lead>, PipelineError> {
        let mut leads: Vec<Lead> = Vec::new();
        for id in ids {
            let lead = self.existing(id)?;
            refuse_if_others(&lead, by)?;
            if leads.iter().all(|other| other.id != lead.id) {
                leads.push(lead);
            }
        }
        Ok(leads)
    }
}
