use domain::{Band, Contact, IndicatorId, Language, Lead, LeadStatus, SourceId, Verdict};
use jiff::Timestamp;

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
    /// Leads whose words take people from this country, ISO 3166-1 alpha-2.
    pub from: Option<String>,
    /// Leads whose words take people to this country, or offer work there.
    pub to: Option<String>,
    /// Leads with a posting that names this contact, written as people write it.
    pub contact: Option<String>,
    /// Leads with a posting that was published since, or captured where no time is stated.
    pub since: Option<Timestamp>,
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
    /// postings; source, language, indicator and contact must all hold for one and the same posting.
    pub(crate) fn admits(
        &self,
        lead: &Lead,
        posting: impl Fn(&domain::PostingId) -> Result<Option<StoredPosting>, StoreError>,
    ) -> Result<bool, StoreError> {
        let fits = self.statuses().contains(&lead.status())
            && self.band_at_least.is_none_or(|least| lead.band >= least)
            && self.verdict.is_none_or(|verdict| lead.verdict() == Some(verdict))
            && self.claimed_by.as_ref().is_none_or(|by| lead.claimed_by.as_ref() == Some(by))
            && self.from.as_ref().is_none_or(|from| lead.spread.from.contains(from))
            && self.to.as_ref().is_none_or(|to| lead.spread.to.contains(to))
            && self.since.is_none_or(|since| lead.spread.last_at.is_some_and(|at| at >= since));
        let asks_postings = self.source.is_some()
            || self.language.is_some()
            || self.indicator.is_some()
            || self.contact.is_some();
        if !fits || !asks_postings {
            return Ok(fits);
        }
        let of_lead = self.indicator.as_ref().is_some_and(|wanted| {
            lead.reasons.iter().any(|reason| reason.indicator.as_ref() == Some(wanted))
        });
        if of_lead && self.source.is_none() && self.language.is_none() && self.contact.is_none() {
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
            && self.contact.as_ref().is_none_or(|contact| {
                let wanted = Contact::marks(contact);
                let mut named = stored.posting.contacts.iter();
                named.any(|contact| !Contact::marks(&contact.value).is_disjoint(&wanted))
            })
    }
}
