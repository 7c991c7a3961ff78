use store::QueueFilter;

use super::hits::Hits;
use super::rows::{Rows, Standing};

/// What a person wants to see of the queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// As the desk's own queue takes it.
    pub(crate) filter: QueueFilter,
    /// Words that the postings must all have.
    pub(crate) text: String,
}

impl Wanted {
    /// Whether a lead says by itself if it is wanted, and none of its postings need be read.
    pub(crate) fn is_told_by_the_lead(&self) -> bool {
        let QueueFilter { source, language, indicator, contact, .. } = &self.filter;
        self.text.trim().is_empty()
            && source.is_none()
            && language.is_none()
            && indicator.is_none()
            && contact.is_none()
    }
}

impl Rows {
    /// The rows that a filter admits; what it asks about contacts is not looked at here. `None` if
    /// it names something that no lead has.
    pub(crate) fn admitted(&self, filter: &QueueFilter) -> Option<Hits> {
        let mut hits = Hits::all(self.len());
        let standings = Standing::wanted(filter);
        hits.retain_where(&self.standing, |standing| standings.include(*standing));
        if let Some(least) = filter.band_at_least {
            hits.retain_where(&self.band, |band| *band >= least);
        }
        if let Some(by) = &filter.claimed_by {
            let by = self.people.known(by)?;
            hits.retain_where(&self.claimed_by, |claimed_by| *claimed_by == Some(by));
        }
        if let Some(language) = filter.language {
            let bit = 1_u8 << (language as u8);
            hits.retain_where(&self.languages, |languages| languages & bit != 0);
        }
        if let Some(indicator) = &filter.indicator {
            let bit = 1_u128 << self.indicator_names.known(indicator.as_str())?;
            hits.retain_where(&self.indicators, |indicators| indicators & bit != 0);
        }
        for (country, column) in [(&filter.from, &self.from), (&filter.to, &self.to)] {
            if let Some(country) = country {
                let bit = 1_u128 << self.countries.known(country)?;
                hits.retain_where(column, |countries| countries & bit != 0);
            }
        }
        if let Some(source) = &filter.source {
            let source = self.source_names.known(source.as_str())?;
            hits.retain(&Hits::these(self.of_source(source), self.len()));
        }
        if let Some(since) = filter.since {
            hits.retain_where(&self.last_at, |last| *last >= since.as_second());
        }
        Some(hits)
    }
}
