//! What people did: the entries of the custody log that carry a person's name.

use std::collections::{BTreeMap, BTreeSet};

use domain::{LeadId, Verdict};
use evidence::{Entry, Event};
use jiff::Timestamp;

/// One act of a person.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    /// The number of its entry in the custody log.
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    pub(crate) event: Event,
    /// The leads that it concerns.
    pub(crate) leads: Vec<LeadId>,
}

#[derive(Default)]
pub(crate) struct Acts {
    by_number: BTreeMap<u64, Act>,
    by_lead: BTreeMap<LeadId, Vec<u64>>,
    /// By person, what is more than a look: the log of a busy desk is looks, nearly all of it.
    deeds: BTreeMap<String, Vec<u64>>,
}

/// What the program writes under its own name; see `pipeline`.
const PROGRAM: &str = "fusion";

impl Acts {
    pub(crate) fn add(&mut self, entry: &Entry, leads: Vec<LeadId>) {
        if entry.actor == PROGRAM {
            return;
        }
        self.put(Act {
            seq: entry.seq,
            at: entry.time,
            by: entry.actor.clone(),
            event: entry.event.clone(),
            leads,
        });
    }

    /// Puts an act in its place; the same one again changes nothing.
    pub(super) fn put(&mut self, act: Act) {
        for lead in &act.leads {
            insert(self.by_lead.entry(lead.clone()).or_default(), act.seq);
        }
        if !matches!(act.event, Event::View { .. } | Event::Reveal { .. }) {
            insert(self.deeds.entry(act.by.clone()).or_default(), act.seq);
        }
        self.by_number.insert(act.seq, act);
    }

    /// All acts, in order of time.
    pub(super) fn all(&self) -> impl Iterator<Item = &Act> {
        self.by_number.values()
    }

    pub(crate) fn on(&self, leads: impl Iterator<Item = LeadId>) -> Vec<Act> {
        let numbers: BTreeSet<u64> =
            leads.filter_map(|lead| self.by_lead.get(&lead)).flatten().copied().collect();
        numbers.iter().filter_map(|number| self.by_number.get(number)).cloned().collect()
    }

    pub(crate) fn latest(
        &self,
        admits: &dyn Fn(&Act) -> bool,
        from: usize,
        limit: usize,
    ) -> (Vec<Act>, usize) {
        let (mut acts, mut total) = (Vec::new(), 0);
        for act in self.by_number.values().rev().filter(|act| admits(act)) {
            if total >= from && acts.len() < limit {
                acts.push(act.clone());
            }
            total += 1;
        }
        (acts, total)
    }

    /// The leads that this person dismissed last, since then and for one and the same reason, with the
    /// reason. Looking at leads meanwhile makes no difference, anything else ends it.
    pub(crate) fn last_dismissed(
        &self,
        by: &str,
        since: Timestamp,
    ) -> Option<(String, Vec<LeadId>)> {
        let deeds = self.deeds.get(by).into_iter().flatten().rev();
        let recent = deeds.filter_map(|number| self.by_number.get(number));
        let mut run: Option<(String, Vec<LeadId>)> = None;
        for act in recent.take_while(|act| act.at >= since) {
            let Event::Decision { lead, verdict: Verdict::Dismiss, reason } = &act.event else {
                break;
            };
            let (same, leads) = run.get_or_insert_with(|| (reason.clone(), Vec::new()));
            if same != reason {
                break;
            }
            leads.push(lead.clone());
        }
        run
    }
}

/// Puts a number in its place among others in order; the same one again changes nothing.
fn insert(numbers: &mut Vec<u64>, number: u64) {
    if let Err(place) = numbers.binary_search(&number) {
        numbers.insert(place, number);
    }
}

/// The leads that an entry names, whatever sort of entry it is: each room adds its own sorts, and
/// none of them may be missed here.
pub(crate) fn leads_of(event: &Event) -> Vec<LeadId> {
    match event {
        Event::Source { .. }
        | Event::Capture { .. }
        | Event::Checkpoint { .. }
        | Event::Walk { .. } => Vec::new(),
        Event::View { lead } | Event::Claim { lead } | Event::Snapshot { lead, .. } => {
            vec![lead.clone()]
        }
        other => {
            let mut leads = Vec::new();
            gather(&serde_json::to_value(other).unwrap_or_default(), &mut leads);
            leads.sort();
            leads.dedup();
            leads
        }
    }
}

/// Whether an entry says that something was deleted for good.
pub(super) fn deletes(event: &Event) -> bool {
    matches!(
        event,
        Event::Deletion(_)
            | Event::DeletedCapture { .. }
            | Event::DeletedSnapshot { .. }
            | Event::DeletedWords { .. }
    )
}

fn gather(value: &serde_json::Value, leads: &mut Vec<LeadId>) {
    use serde_json::Value;
    match value {
        Value::String(text) if text.len() == 26 && text.starts_with("l-") => {
            leads.extend(LeadId::new(text.as_str()));
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, leads)),
        Value::Object(values) => values.values().for_each(|value| gather(value, leads)),
        _ => {}
    }
}
