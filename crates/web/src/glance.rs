//! A lead at a glance: what lists show of it, and no more than everybody may see who reads lists.

use std::sync::Arc;

use domain::{Band, Field, Finding, Language, Lead, LeadId, LeadStatus, Verdict};
use jiff::Timestamp;
use store::StoredPosting;

use crate::pages::lead_posting::contacts_hidden;
use crate::visible::shortened;

/// What lists show of a lead.
#[derive(Clone, Debug)]
pub(crate) struct Glance {
    pub(crate) id: LeadId,
    pub(crate) score: u8,
    pub(crate) band: Band,
    pub(crate) status: LeadStatus,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) claimed_by: Option<String>,
    pub(crate) opened_at: Timestamp,
    /// How many.
    pub(crate) postings: usize,
    /// How many.
    pub(crate) open_tasks: usize,
    /// Countries that its words take people from.
    pub(crate) from: Vec<String>,
    /// Countries that its words take people to.
    pub(crate) to: Vec<String>,
    /// Of one of its postings.
    pub(crate) posting: Option<Arc<PostingGlance>>,
}

/// What lists show of a posting.
#[derive(Clone, Debug)]
pub(crate) struct PostingGlance {
    /// See [`headline`].
    pub(crate) title: String,
    /// It may be of a possible victim; see [`domain::Posting::may_be_of_a_victim`].
    pub(crate) is_masked: bool,
    /// The words behind the strongest signs; none of one that is masked.
    pub(crate) quote: Option<String>,
    pub(crate) language: Option<Language>,
    pub(crate) source: String,
    pub(crate) published_at: Option<Timestamp>,
    /// The signs' ids with blanks between: thousands of glances are kept, and each has many.
    signs: String,
}

impl Glance {
    pub(crate) fn of(lead: &Lead, posting: Option<&StoredPosting>) -> Self {
        Self {
            id: lead.id.clone(),
            score: lead.score.value(),
            band: lead.band,
            status: lead.status(),
            verdict: lead.verdict(),
            claimed_by: lead.claimed_by.clone(),
            opened_at: lead.opened_at,
            postings: lead.postings.len(),
            open_tasks: lead.open_tasks(),
            from: lead.spread.from.iter().cloned().collect(),
            to: lead.spread.to.iter().cloned().collect(),
            posting: posting.map(|posting| Arc::new(PostingGlance::of(posting))),
        }
    }
}

impl PostingGlance {
    pub(crate) fn of(stored: &StoredPosting) -> Self {
        let (posting, assessment) = (&stored.posting, &stored.assessment);
        let is_masked = posting.may_be_of_a_victim();
        Self {
            title: headline(stored),
            is_masked,
            quote: quote(&assessment.findings).filter(|_| !is_masked),
            language: assessment.language,
            source: posting.source.to_string(),
            published_at: posting.published_at,
            signs: distinct(&assessment.findings).join(" "),
        }
    }

    /// Nothing but a title.
    #[cfg(test)]
    pub(crate) fn titled(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            is_masked: false,
            quote: None,
            language: None,
            source: String::new(),
            published_at: None,
            signs: String::new(),
        }
    }

    /// The signs' ids, the strongest first, each once.
    pub(crate) fn signs(&self) -> impl Iterator<Item = &str> {
        self.signs.split_ascii_whitespace()
    }
}

/// A posting in one line: its title, or the beginning of its text. What a tip says of people is
/// masked here always: lists are seen by many, and logged for none of them.
pub(crate) fn headline(stored: &StoredPosting) -> String {
    let posting = &stored.posting;
    let title = posting.title.as_deref().filter(|title| !title.trim().is_empty());
    let (field, words) =
        title.map_or((Field::Text, posting.text.as_str()), |title| (Field::Title, title));
    if posting.may_be_of_a_victim() {
        return shortened(&contacts_hidden(posting, field, words), 90);
    }
    shortened(words, 90)
}

/// The signs of some findings, the strongest first, each once.
fn distinct(findings: &[Finding]) -> Vec<&str> {
    let mut ids = Vec::new();
    for finding in findings {
        if !ids.contains(&finding.indicator.as_str()) {
            ids.push(finding.indicator.as_str());
        }
    }
    ids
}

/// The words behind the strongest signs.
fn quote(findings: &[Finding]) -> Option<String> {
    let mut quotes: Vec<String> = Vec::new();
    for finding in findings.iter().take(3) {
        let words: Vec<&str> = finding.spans().iter().map(|span| span.quote.as_str()).collect();
        let quote = shortened(&words.join(" … "), 80);
        if !quotes.contains(&quote) {
            quotes.push(quote);
        }
    }
    (!quotes.is_empty()).then(|| quotes.join(" · "))
}
