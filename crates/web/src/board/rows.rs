//! What filters ask of each lead, column by column: a filter walks one column and leaves the rest of
//! memory alone.

mod kept;

use std::collections::BTreeMap;

use domain::{Band, Lead, LeadId, LeadStatus, PostingId, Sha256, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::QueueFilter;

use super::Listed;
use super::names::{Names, numbers};
use crate::glance::Glance;

pub(super) use kept::{Named, Row};

/// Where a lead stands, with the verdict that counts, or that it is gone into another: one bit, so that
/// a filter that admits several is asked once, not for each lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing(u16);

impl Standing {
    pub(crate) const GONE: Self = Self(1);
    pub(crate) const DISMISSED: Self = Self::decided(Some(Verdict::Dismiss));
    const OPEN: Self = Self(2);
    const CLAIMED: Self = Self(4);

    /// Each that a lead can have while it is one.
    const OF_LEADS: [(LeadStatus, Option<Verdict>); 7] = [
        (LeadStatus::Open, None),
        (LeadStatus::Claimed, None),
        (LeadStatus::Decided, None),
        (LeadStatus::Decided, Some(Verdict::Escalate)),
        (LeadStatus::Decided, Some(Verdict::Monitor)),
        (LeadStatus::Decided, Some(Verdict::Dismiss)),
        (LeadStatus::Decided, Some(Verdict::Refer)),
    ];

    const fn decided(verdict: Option<Verdict>) -> Self {
        match verdict {
            None => Self(8),
            Some(verdict) => Self(16 << (verdict as u16)),
        }
    }

    fn of(lead: &Lead) -> Self {
        Self::told(lead.status(), lead.verdict())
    }

    /// The verdict of a lead that is not decided does not count.
    fn told(status: LeadStatus, verdict: Option<Verdict>) -> Self {
        match status {
            LeadStatus::Open => Self::OPEN,
            LeadStatus::Claimed => Self::CLAIMED,
            LeadStatus::Decided => Self::decided(verdict),
        }
    }

    /// Those that a filter's status and verdict admit.
    pub(crate) fn wanted(filter: &QueueFilter) -> Standings {
        let all = Self::OF_LEADS.into_iter();
        let wanted = all.filter(|(status, verdict)| is_wanted(filter, *status, *verdict));
        Standings(wanted.fold(0, |all, (status, verdict)| all | Self::told(status, verdict).0))
    }

    /// `None` of one that is gone.
    fn status_and_verdict(self) -> Option<(LeadStatus, Option<Verdict>)> {
        Self::OF_LEADS.into_iter().find(|(status, verdict)| Self::told(*status, *verdict) == self)
    }

    pub(crate) fn waits(self) -> bool {
        self.0 & (Self::OPEN.0 | Self::CLAIMED.0) != 0
    }
}

/// Some standings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standings(u16);

impl Standings {
    pub(crate) fn include(self, standing: Standing) -> bool {
        self.0 & standing.0 != 0
    }
}

fn is_wanted(filter: &QueueFilter, status: LeadStatus, verdict: Option<Verdict>) -> bool {
    let by_status = match filter.status {
        Some(wanted) => status == wanted,
        None if filter.claimed_by.is_some() => status == LeadStatus::Claimed,
        None if filter.all_statuses || filter.verdict.is_some() => true,
        None => status != LeadStatus::Decided,
    };
    by_status && filter.verdict.is_none_or(|wanted| verdict == Some(wanted))
}

/// A desk has some dozens of indicators; each has a bit.
const MOST_BITS: u16 = 128;
/// A desk has some thousands of sources.
const MOST_NAMES: u16 = 60_000;

pub(crate) struct Rows {
    pub(super) ids: Vec<LeadId>,
    by_id: BTreeMap<LeadId, u32>,
    pub(super) standing: Vec<Standing>,
    pub(super) band: Vec<Band>,
    score: Vec<u8>,
    opened_at: Vec<Timestamp>,
    /// When the last of its postings was published, in seconds.
    pub(super) last_at: Vec<i64>,
    pub(super) claimed_by: Vec<Option<u16>>,
    pub(super) languages: Vec<u8>,
    pub(super) indicators: Vec<u128>,
    pub(super) from: Vec<u128>,
    pub(super) to: Vec<u128>,
    pub(super) sources: Vec<Box<[u16]>>,
    /// The digits of the posting that says most; none of a lead whose posting has another id.
    strongest: Vec<Option<[u8; 12]>>,
    /// How many.
    postings: Vec<u32>,
    open_tasks: Vec<u16>,
    /// Changes whenever the words of its postings may have.
    words: Vec<u64>,
    pub(super) people: Names,
    pub(super) indicator_names: Names,
    pub(super) source_names: Names,
    pub(super) countries: Names,
    /// Leads that wait or are being worked on, by indicator and by source.
    by_indicator: Vec<usize>,
    by_source: Vec<usize>,
    /// By source, its rows, ascending: a filter by source does not look into each row for it.
    rows_of_source: Vec<Vec<u32>>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            by_id: BTreeMap::new(),
            standing: Vec::new(),
            band: Vec::new(),
            score: Vec::new(),
            opened_at: Vec::new(),
            last_at: Vec::new(),
            claimed_by: Vec::new(),
            languages: Vec::new(),
            indicators: Vec::new(),
            from: Vec::new(),
            to: Vec::new(),
            sources: Vec::new(),
            strongest: Vec::new(),
            postings: Vec::new(),
            open_tasks: Vec::new(),
            words: Vec::new(),
            people: Names::up_to(MOST_NAMES),
            indicator_names: Names::up_to(MOST_BITS),
            source_names: Names::up_to(MOST_NAMES),
            countries: Names::up_to(MOST_BITS),
            by_indicator: Vec::new(),
            by_source: Vec::new(),
            rows_of_source: Vec::new(),
        }
    }
}

impl Rows {
    /// Takes out every row whose lead is not among these, which are in order.
    pub(super) fn take_out_others(&mut self, leads: &[(LeadId, u64)]) {
        let is_gone = |id: &LeadId| leads.binary_search_by(|(lead, _)| lead.cmp(id)).is_err();
        let gone: Vec<u32> =
            self.by_id.iter().filter(|(id, _)| is_gone(id)).map(|(_, row)| *row).collect();
        gone.into_iter().for_each(|row| self.take_out(row));
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn row_of(&self, id: &LeadId) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// Where a row stands on the queue: by score, highest first, then the one opened first.
    pub(crate) fn place(&self, row: u32) -> impl Ord + '_ {
        let row = row as usize;
        (std::cmp::Reverse(self.score[row]), self.opened_at[row], &self.ids[row])
    }

    /// Puts a lead in its row, a new one if need be. Tells the row, and whether the words of its
    /// postings may have changed.
    pub(crate) fn put(&mut self, lead: &Lead) -> (u32, bool) {
        let row = match self.row_of(&lead.id) {
            Some(row) => {
                self.count(row, false);
                row
            }
            None => self.add(lead),
        };
        let at = row as usize;
        let spread = &lead.spread;
        self.standing[at] = Standing::of(lead);
        self.band[at] = lead.band;
        self.score[at] = lead.score.value();
        self.opened_at[at] = lead.opened_at;
        self.last_at[at] = spread.last_at.unwrap_or(lead.opened_at).as_second();
        self.claimed_by[at] = lead.claimed_by.as_deref().map(|by| self.people.number(by));
        self.languages[at] =
            spread.languages.iter().fold(0, |bits, language| bits | (1 << (*language as u8)));
        let of_lead = lead.reasons.iter().filter_map(|reason| reason.indicator.as_ref());
        let found = spread.indicators.iter().chain(of_lead);
        self.indicators[at] = self.indicator_names.bits(found.map(|found| found.as_str()));
        self.from[at] = self.countries.bits(spread.from.iter().map(String::as_str));
        self.to[at] = self.countries.bits(spread.to.iter().map(String::as_str));
        let sources = spread.sources.iter().map(|source| self.source_names.number(source.as_str()));
        let sources = sources.collect();
        let before = std::mem::replace(&mut self.sources[at], sources);
        self.list_by_source(row, &before);
        self.strongest[at] = lead.strongest.to_bytes();
        self.postings[at] = u32::try_from(lead.postings.len()).unwrap_or(u32::MAX);
        self.open_tasks[at] = u16::try_from(lead.open_tasks()).unwrap_or(u16::MAX);
        let words = words_mark(lead);
        let is_changed = self.words[at] != words;
        self.words[at] = words;
        self.count(row, true);
        (row, is_changed)
    }

    /// A lead that is in another now.
    pub(crate) fn take_out(&mut self, row: u32) {
        self.count(row, false);
        self.standing[row as usize] = Standing::GONE;
    }

    fn add(&mut self, lead: &Lead) -> u32 {
        let row = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(lead.id.clone());
        self.by_id.insert(lead.id.clone(), row);
        self.standing.push(Standing::GONE);
        self.band.push(lead.band);
        self.score.push(0);
        self.opened_at.push(lead.opened_at);
        self.last_at.push(0);
        self.claimed_by.push(None);
        self.languages.push(0);
        self.indicators.push(0);
        self.from.push(0);
        self.to.push(0);
        self.sources.push(Box::default());
        self.strongest.push(None);
        self.postings.push(0);
        self.open_tasks.push(0);
        self.words.push(0);
        row
    }

    /// Lists a row under its sources, and no longer under those that it had before.
    fn list_by_source(&mut self, row: u32, before: &[u16]) {
        self.rows_of_source.resize_with(self.source_names.words().len(), Vec::new);
        let now = &self.sources[row as usize];
        for source in before.iter().filter(|source| !now.contains(source)) {
            if let Some(rows) = self.rows_of_source.get_mut(usize::from(*source)) {
                rows.retain(|other| *other != row);
            }
        }
        for source in now.iter().filter(|source| !before.contains(source)) {
            if let Some(rows) = self.rows_of_source.get_mut(usize::from(*source))
                && let Err(place) = rows.binary_search(&row)
            {
                rows.insert(place, row);
            }
        }
    }

    /// The rows of a source, by its number.
    pub(super) fn of_source(&self, source: u16) -> &[u32] {
        self.rows_of_source.get(usize::from(source)).map_or(&[], Vec::as_slice)
    }

    /// Counts a row among those that wait, or no longer.
    fn count(&mut self, row: u32, waits: bool) {
        let at = row as usize;
        if !self.standing[at].waits() {
            return;
        }
        self.by_indicator.resize(self.indicator_names.words().len(), 0);
        self.by_source.resize(self.source_names.words().len(), 0);
        let change = |count: &mut usize| {
            *count = if waits { *count + 1 } else { count.saturating_sub(1) };
        };
        for number in numbers(self.indicators[at]) {
            self.by_indicator.get_mut(usize::from(number)).into_iter().for_each(change);
        }
        for number in &self.sources[at] {
            self.by_source.get_mut(usize::from(*number)).into_iter().for_each(change);
        }
    }

    /// A lead as lists show it.
    pub(super) fn listed(&self, row: u32) -> Listed {
        let told = self.told(row).map(|(glance, posting)| Listed::Told(glance, posting));
        told.unwrap_or_else(|| Listed::Named(self.ids[row as usize].clone()))
    }

    /// What the row says of its lead, and the posting that is shown of it. `None` where it cannot tell.
    fn told(&self, row: u32) -> Option<(Glance, PostingId)> {
        let at = row as usize;
        let (status, verdict) = self.standing[at].status_and_verdict()?;
        let strongest = PostingId::from_bytes(self.strongest[at]?);
        let claimed_by = match self.claimed_by[at] {
            Some(number) => Some(self.people.name(number)?.to_owned()),
            None => None,
        };
        let lead = Glance {
            id: self.ids[at].clone(),
            score: self.score[at],
            band: self.band[at],
            status,
            verdict,
            claimed_by,
            opened_at: self.opened_at[at],
            postings: self.postings[at] as usize,
            open_tasks: usize::from(self.open_tasks[at]),
            from: self.countries.named(self.from[at])?,
            to: self.countries.named(self.to[at])?,
            posting: None,
        };
        Some((lead, strongest))
    }

    /// The indicators, or sources, that leads waiting or being worked on have, with their number.
    pub(crate) fn in_use(&self) -> InUse {
        let used = |names: &Names, counts: &[usize]| {
            let named = names.words().iter().zip(counts).filter(|(_, count)| **count > 0);
            named.map(|(name, count)| (name.clone(), *count)).collect()
        };
        InUse {
            sources: used(&self.source_names, &self.by_source),
            indicators: used(&self.indicator_names, &self.by_indicator),
            countries: self.countries.words().to_vec(),
        }
    }
}

/// Names that leads waiting or being worked on have, with their number, and countries that any has.
pub(crate) struct InUse {
    pub(crate) sources: Vec<(String, usize)>,
    pub(crate) indicators: Vec<(String, usize)>,
    pub(crate) countries: Vec<String>,
}

/// A posting that is read again is captured again, and each capture of a flagged posting has its
/// snapshot in the lead.
fn words_mark(lead: &Lead) -> u64 {
    let postings = lead.postings.iter().map(|posting| posting.as_str());
    let evidence = lead.snapshots.iter().map(|snapshot| snapshot.capture.as_str());
    let wordings: Vec<String> = lead.spread.wordings.iter().map(u32::to_string).collect();
    let wordings = wordings.iter().map(String::as_str);
    let parts = postings.chain(evidence).chain(wordings).map(str::as_bytes);
    let digest = Sha256::of_parts(parts);
    let (mark, _) = digest.as_bytes().split_first_chunk().expect("a digest has 32 bytes");
    u64::from_be_bytes(*mark)
}

#[cfg(test)]
mod tests {
    use domain::{Score, SourceId};

    use super::*;

    #[test]
    fn a_lead_is_found_by_the_sources_that_it_has_and_by_no_other() {
        let source = |name: &str| SourceId::new(name).unwrap();
        let lead = |key: &str, sources: &[&str]| {
            let posting = PostingId::derive(&source("a"), key);
            let mut lead = Lead::new(posting, Score::from_probability(0.9), Timestamp::UNIX_EPOCH);
            lead.spread.sources = sources.iter().map(|name| source(name)).collect();
            lead
        };
        let mut rows = Rows::default();
        for (key, sources, in_a, in_b) in [
            ("1", &["a", "b"][..], &[0][..], &[0][..]),
            ("2", &["b"], &[0], &[0, 1]),
            ("1", &["b", "c"], &[], &[0, 1]),
            ("2", &["a", "c"], &[1], &[0]),
            ("1", &["a", "c"], &[0, 1], &[]),
            ("1", &["a", "c"], &[0, 1], &[]),
        ] {
            rows.put(&lead(key, sources));
            let of = |name: &str| {
                let number = rows.source_names.known(name).unwrap_or(u16::MAX);
                rows.of_source(number)
            };
            assert_eq!((of("a"), of("b")), (in_a, in_b), "{key}: {sources:?}");
        }
    }
}
