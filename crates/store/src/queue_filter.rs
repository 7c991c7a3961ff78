use domain::{Band, IndicatorId, Language, Lead, LeadStatus, SourceId, Verdict};

use crate::{StoreError, StoredPosting};

/// Which leads of the queue are wanted. What is not set does not narrow; the default shows the
/// open and the claimed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// Leads of this status alone.
    pub status: Option<LeadStatus>,
    /// Decided leads too, when `status` is not set.
    pub all_statuses: bool,
    /// Leads of this band or a more urgent one.
    pub band_at_least: Option<Band>,
    /// Leads that this person has claimed.
    pub claimed_by: Option<String>,
    /// Leads with a posting of this source.
    pub source: Option<SourceId>,
    /// Leads with a posting assessed to be in this language.
    pub language: Option<Language>,
    /// Leads in which this indicator was found, in a posting or in what they show together.
    pub indicator: Option<IndicatorId>,
    /// Leads whose latest decision says this. Asks for decided leads too.
    pub verdict: Option<Verdict>,
}

impl QueueFilter {
    /// The statuses to look through.
    pub(crate) fn statuses(&self) -> &'static [LeadStatus] {
        match self.status {
            None if self.claimed_by.is_some() => &[LeadStatus::Claimed],
            Some(LeadStatus::Open) => &[LeadStatus::Open],
            Some(LeadStatus::Claimed) => &[LeadStatus::Claimed],
            Some(LeadStatus::Decided) => &[LeadStatus::Decided],
            None if self.all_statuses || self.verdict.is_some() => {
                &[LeadStatus::Open, LeadStatus::Claimed, LeadStatus::Decided]
            }
            None => &[LeadStatus::Open, LeadStatus::Claimed],
        }
    }

    /// Whether the lead is wanted. `posting` is asked only when the filter wants to know about
    /// postings; source, language and indicator must all hold for one and the same posting.
    pub(crate) fn admits(
        &self,
        lead: &Lead,
        posting: impl Fn(&domain::PostingId) -> Result<Option<StoredPosting>, StoreError>,
    ) -> Result<bool, StoreError> {
        let fits = self.statuses().contains(&lead.status())
            && self.band_at_least.is_none_or(|least| lead.band >= least)
            && self.verdict.is_none_or(|verdict| lead.verdict() == Some(verdict))
            && self.claimed_by.as_ref().is_none_or(|by| lead.claimed_by.as_ref() == Some(by));
        let asks_postings =
            self.source.is_some() || self.language.is_some() || self.indicator.is_some();
        if !fits || !asks_postings {
            return Ok(fits);
        }
        let of_lead = self.indicator.as_ref().is_some_and(|wanted| {
            lead.reasons.iter().any(|reason| reason.indicator.as_ref() == Some(wanted))
        });
        if of_lead && self.source.is_none() && self.language.is_none() {
            return Ok(true);
        }
        for id in &lead.postings {
            if posting(id)?.is_some_and(|stored| self.admits_posting(&stored)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn admits_posting(&self, stored: &StoredPosting) -> bool {
        let found = |wanted: &IndicatorId| {
            stored.assessment.findings.iter().any(|finding| finding.indicator == *wanted)
        };
        self.source.as_ref().is_none_or(|source| stored.posting.source == *source)
            && self.language.is_none_or(|language| stored.assessment.language == Some(language))
            && self.indicator.as_ref().is_none_or(found)
    }
}
