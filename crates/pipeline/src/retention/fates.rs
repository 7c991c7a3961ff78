//! Which leads and postings are past their time.

use std::collections::{BTreeMap, BTreeSet};

use domain::{LeadId, LeadStatus, PostingId};
use evidence::Because;
use jiff::{SignedDuration, Timestamp};
use store::{QueueFilter, Store};

use super::RetentionConfig;
use crate::PipelineError;

/// What becomes of a posting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    Stays,
    Goes(Because),
}

/// The leads that are past their time, and the settings for the rest.
pub(crate) struct Fates<'a> {
    store: &'a dyn Store,
    config: &'a RetentionConfig,
    now: Timestamp,
    held: BTreeSet<PostingId>,
    past: BTreeMap<LeadId, Because>,
    /// Leads that are past their time and on hold.
    pub(crate) on_hold: usize,
}

impl<'a> Fates<'a> {
    /// Finds the leads that were decided long enough ago.
    pub(crate) fn of(
        store: &'a dyn Store,
        config: &'a RetentionConfig,
        now: Timestamp,
        held: BTreeSet<PostingId>,
    ) -> Result<Self, PipelineError> {
        let mut fates = Self { store, config, now, held, past: BTreeMap::new(), on_hold: 0 };
        for lead in store.queue(&all_leads(), usize::MAX)? {
            let decided = lead.decisions.last().filter(|_| lead.status() == LeadStatus::Decided);
            let (Some(decision), Some(verdict)) = (decided, lead.verdict()) else { continue };
            let (rule, days) = config.of(verdict);
            if !is_past(decision.at, days, now) {
                continue;
            }
            if lead.postings.iter().any(|posting| fates.held.contains(posting)) {
                fates.on_hold += 1;
                continue;
            }
            let because = Because {
                rule: rule.to_owned(),
                days,
                since: decision.at,
                lead: Some(lead.id.clone()),
                verdict: Some(verdict),
            };
            fates.past.insert(lead.id, because);
        }
        Ok(fates)
    }

    /// Captures since then may show a posting of a lead that is past its time.
    pub(crate) fn seen_since(&self) -> Option<Timestamp> {
        let longest = self.past.values().map(|because| because.days).max()?;
        before(self.now, longest)
    }

    /// Takes note that a posting was seen: its lead counts from then on.
    pub(crate) fn saw(&mut self, posting: &PostingId, at: Timestamp) -> Result<(), PipelineError> {
        let Some(lead) = self.store.lead_of(posting)? else { return Ok(()) };
        if let Some(because) = self.past.get_mut(&lead) {
            because.since = because.since.max(at);
            if !is_past(because.since, because.days, self.now) {
                self.past.remove(&lead);
            }
        }
        Ok(())
    }

    /// The latest time at which something can have been captured that goes.
    pub(crate) fn latest_to_go(&self) -> Option<Timestamp> {
        let of_leads = self.past.values().map(|because| because.days);
        before(self.now, of_leads.chain([self.config.clear_days]).min()?)
    }

    /// What becomes of a posting that was captured then.
    pub(crate) fn of_posting(
        &self,
        posting: &PostingId,
        captured_at: Timestamp,
    ) -> Result<Fate, PipelineError> {
        if self.held.contains(posting) {
            return Ok(Fate::Stays);
        }
        Ok(match self.store.lead_of(posting)? {
            Some(lead) => self.of_lead(&lead),
            None => self.of_clear(captured_at),
        })
    }

    pub(crate) fn of_lead(&self, lead: &LeadId) -> Fate {
        self.past.get(lead).cloned().map_or(Fate::Stays, Fate::Goes)
    }

    /// What becomes of something that belongs to a lead, by any name of that lead.
    pub(crate) fn of_name(&self, name: &LeadId) -> Result<Fate, PipelineError> {
        let lead = match name.founder() {
            Some(founder) => self.store.lead_of(&founder)?,
            None => None,
        };
        Ok(lead.map_or(Fate::Stays, |lead| self.of_lead(&lead)))
    }

    /// What becomes of something that belongs to no lead.
    pub(crate) fn of_clear(&self, since: Timestamp) -> Fate {
        let (rule, days) = self.config.of_clear();
        if !is_past(since, days, self.now) {
            return Fate::Stays;
        }
        Fate::Goes(Because { rule: rule.to_owned(), days, since, lead: None, verdict: None })
    }
}

/// Leads of every standing.
pub(crate) fn all_leads() -> QueueFilter {
    QueueFilter { all_statuses: true, ..QueueFilter::default() }
}

fn is_past(since: Timestamp, days: u32, now: Timestamp) -> bool {
    before(now, days).is_some_and(|latest| since <= latest)
}

/// So many days before; `None` before time begins.
fn before(now: Timestamp, days: u32) -> Option<Timestamp> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).ok()
}
