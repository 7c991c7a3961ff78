//! What filters ask of each lead, column by column: a filter walks one column and leaves the rest of
//! memory alone.

mod kept;

use std::collections::BTreeMap;

use domain::{Band, Lead, LeadId, LeadStatus, Sha256, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::QueueFilter;

use super::names::{Names, numbers};

pub(super) use kept::{Named, Row};

/// Where a lead stands, or that it is gone into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    Gone,
    Waiting(LeadStatus),
    /// With the verdict that counts.
    Decided(Option<Verdict>),
}

impl Standing {
    fn of(lead: &Lead) -> Self {
        match lead.status() {
            LeadStatus::Decided => Self::Decided(lead.verdict()),
            waiting => Self::Waiting(waiting),
        }
    }

    /// Whether a filter's status and verdict admit it.
    fn is_wanted(self, filter: &QueueFilter) -> bool {
        let (status, verdict) = match self {
            Self::Gone => return false,
            Self::Waiting(status) => (status, None),
            Self::Decided(verdict) => (LeadStatus::Decided, verdict),
        };
        let by_status = match filter.status {
            Some(wanted) => status == wanted,
            None if filter.claimed_by.is_some() => status == LeadStatus::Claimed,
            None if filter.all_statuses || filter.verdict.is_some() => true,
            None => status != LeadStatus::Decided,
        };
        by_status && filter.verdict.is_none_or(|wanted| verdict == Some(wanted))
    }

    /// Each that a lead can have.
    const ALL: [Self; 8] = [
        Self::Gone,
        Self::Waiting(LeadStatus::Open),
        Self::Waiting(LeadStatus::Claimed),
        Self::Decided(None),
        Self::Decided(Some(Verdict::Escalate)),
        Self::Decided(Some(Verdict::Monitor)),
        Self::Decided(Some(Verdict::Dismiss)),
        Self::Decided(Some(Verdict::Refer)),
    ];

    /// A bit of its own.
    pub(crate) fn bit(self) -> u16 {
        match self {
            Self::Gone => 1,
            Self::Waiting(status) => 2 << (status as u16),
            Self::Decided(None) => 16,
            Self::Decided(Some(verdict)) => 32 << (verdict as u16),
        }
    }

    /// The bits of those that a filter admits: the filter is asked once, not for each lead.
    pub(crate) fn wanted(filter: &QueueFilter) -> u16 {
        let wanted = Self::ALL.into_iter().filter(|standing| standing.is_wanted(filter));
        wanted.fold(0, |bits, standing| bits | standing.bit())
    }

    fn waits(self) -> bool {
        matches!(self, Self::Waiting(_))
    }
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
    /// Changes whenever the words of its postings may have.
    words: Vec<u64>,
    pub(super) people: Names,
    pub(super) indicator_names: Names,
    pub(super) source_names: Names,
    pub(super) countries: Names,
    /// Leads that wait or are being worked on, by indicator and by source.
    by_indicator: Vec<usize>,
    by_source: Vec<usize>,
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
            words: Vec::new(),
            people: Names::up_to(MOST_NAMES),
            indicator_names: Names::up_to(MOST_BITS),
            source_names: Names::up_to(MOST_NAMES),
            countries: Names::up_to(MOST_BITS),
            by_indicator: Vec::new(),
            by_source: Vec::new(),
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
        self.sources[at] = sources.collect();
        let words = words_mark(lead);
        let is_changed = self.words[at] != words;
        self.words[at] = words;
        self.count(row, true);
        (row, is_changed)
    }

    /// A lead that is in another now.
    pub(crate) fn take_out(&mut self, row: u32) {
        self.count(row, false);
        self.standing[row as usize] = Standing::Gone;
    }

    fn add(&mut self, lead: &Lead) -> u32 {
        let row = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.ids.push(lead.id.clone());
        self.by_id.insert(lead.id.clone(), row);
        self.standing.push(Standing::Gone);
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
        self.words.push(0);
        row
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
