use std::cmp::Reverse;
use std::collections::BTreeSet;

use domain::{Band, Language, Lead, LeadId, LeadStatus, Verdict};
use jiff::Timestamp;
use store::{QueueFilter, StoredPosting};

use super::names::Names;

/// What filters ask of a lead.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: LeadId,
    pub(crate) status: LeadStatus,
    pub(crate) claimed_by: Option<Box<str>>,
    pub(crate) sources: Box<[u16]>,
    pub(crate) indicators: Box<[u16]>,
    score: u8,
    band: Band,
    pub(crate) verdict: Option<Verdict>,
    opened_at: Timestamp,
    languages: Box<[Language]>,
}

/// Where a row stands on the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    score: Reverse<u8>,
    opened_at: Timestamp,
    pub(crate) row: u32,
}

/// What a person wants to see of the queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// As the desk's own queue takes it.
    pub(crate) filter: QueueFilter,
    /// Words that the postings must all have.
    pub(crate) text: String,
}

/// The same with names as numbers.
pub(crate) struct Compiled<'w> {
    filter: &'w QueueFilter,
    source: Option<u16>,
    indicator: Option<u16>,
}

impl Row {
    pub(crate) fn of(lead: &Lead, postings: &[StoredPosting], names: &mut Names) -> Self {
        let mut sources = BTreeSet::new();
        let mut indicators = BTreeSet::new();
        let mut languages = BTreeSet::new();
        for stored in postings {
            sources.insert(names.number(stored.posting.source.as_str()));
            languages.extend(stored.assessment.language);
            let found = stored.assessment.findings.iter();
            indicators.extend(found.map(|finding| names.number(finding.indicator.as_str())));
        }
        Self {
            id: lead.id.clone(),
            status: lead.status(),
            claimed_by: lead.claimed_by.as_deref().map(Into::into),
            sources: sources.into_iter().collect(),
            indicators: indicators.into_iter().collect(),
            score: lead.score.value(),
            band: lead.band,
            verdict: lead.verdict(),
            opened_at: lead.opened_at,
            languages: languages.into_iter().collect(),
        }
    }

    pub(crate) fn place(&self, row: u32) -> Place {
        Place { score: Reverse(self.score), opened_at: self.opened_at, row }
    }
}

impl Wanted {
    /// `None` if it names something that no lead has.
    pub(crate) fn compiled(&self, names: &Names) -> Option<Compiled<'_>> {
        let filter = &self.filter;
        let number = |word: &str| names.known(word);
        let source = filter.source.as_ref().map(|source| number(source.as_str()));
        let indicator = filter.indicator.as_ref().map(|indicator| number(indicator.as_str()));
        if source == Some(None) || indicator == Some(None) {
            return None;
        }
        Some(Compiled { filter, source: source.flatten(), indicator: indicator.flatten() })
    }
}

impl Compiled<'_> {
    pub(crate) fn admits(&self, row: &Row) -> bool {
        let filter = self.filter;
        self.admits_status(row)
            && filter.band_at_least.is_none_or(|least| row.band >= least)
            && filter.verdict.is_none_or(|verdict| row.verdict == Some(verdict))
            && filter.claimed_by.as_deref().is_none_or(|by| row.claimed_by.as_deref() == Some(by))
            && self.source.is_none_or(|source| row.sources.contains(&source))
            && self.indicator.is_none_or(|indicator| row.indicators.contains(&indicator))
            && filter.language.is_none_or(|language| row.languages.contains(&language))
    }

    fn admits_status(&self, row: &Row) -> bool {
        match self.filter.status {
            Some(status) => row.status == status,
            None if self.filter.claimed_by.is_some() => row.status == LeadStatus::Claimed,
            None if self.filter.all_statuses || self.filter.verdict.is_some() => true,
            None => row.status != LeadStatus::Decided,
        }
    }
}
