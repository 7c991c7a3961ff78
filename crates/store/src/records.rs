use std::io::Write;

use domain::{
    Assessment, Band, CaptureId, Checkpoint, IndicatorId, Language, Lead, LeadId, LeadStatus,
    LinkKind, Posting, PostingId, Sha256, Source, SourceId, Verdict,
};
use serde::{Deserialize, Serialize};

use crate::{Batch, StoreError};

/// A flagged posting with the assessment that flagged it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredPosting {
    /// The posting, contacts filled in.
    pub posting: Posting,
    /// Why it was flagged.
    pub assessment: Assessment,
}

/// Where a capture lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCapture {
    /// For which source.
    pub source: SourceId,
    /// File in `captures/`.
    pub file: String,
    /// First byte there.
    pub offset: u64,
    /// Length there.
    pub length: u64,
}

/// What is remembered of every posting ever read. Kept small: there are millions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Digest of its content; the first half is kept, the rest is zeros. See [`same_content`].
    pub content: Sha256,
    /// The band of its latest assessment.
    pub band: Band,
}

/// Whether a remembered content digest is that of this content.
pub fn same_content(seen: &Sha256, content: &Sha256) -> bool {
    seen.as_bytes()[..16] == content.as_bytes()[..16]
}

/// Which leads to list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueFilter {
    /// Leads that stand so; without it, open and claimed ones, or all with `all_statuses`.
    pub status: Option<LeadStatus>,
    /// Leads of any standing.
    pub all_statuses: bool,
    /// This band and higher.
    pub band_at_least: Option<Band>,
    /// Claimed by this person.
    pub claimed_by: Option<String>,
    /// With a posting of this source.
    pub source: Option<SourceId>,
    /// With a posting in this language.
    pub language: Option<Language>,
    /// With a finding of this indicator.
    pub indicator: Option<IndicatorId>,
    /// With this verdict.
    pub verdict: Option<Verdict>,
}

impl QueueFilter {
    /// Whether a lead of this standing is asked for.
    pub(crate) fn wants(&self, status: LeadStatus) -> bool {
        match self.status {
            Some(wanted) => wanted == status,
            None => self.all_statuses || self.verdict.is_some() || status != LeadStatus::Decided,
        }
    }

    /// Whether the lead itself matches; the postings are looked at by [`Self::matches_posting`].
    pub(crate) fn matches_lead(&self, lead: &Lead) -> bool {
        self.band_at_least.is_none_or(|band| lead.band >= band)
            && self.verdict.is_none_or(|verdict| lead.verdict() == Some(verdict))
            && self.claimed_by.as_ref().is_none_or(|by| lead.claimed_by.as_ref() == Some(by))
    }

    /// Whether postings have to be looked at.
    pub(crate) fn asks_for_postings(&self) -> bool {
        self.source.is_some() || self.language.is_some() || self.indicator.is_some()
    }

    /// Whether a posting of the lead matches.
    pub(crate) fn matches_posting(&self, stored: &StoredPosting) -> bool {
        let mut findings = stored.assessment.findings.iter();
        self.source.as_ref().is_none_or(|source| stored.posting.source == *source)
            && self.language.is_none_or(|language| stored.assessment.language == Some(language))
            && self
                .indicator
                .as_ref()
                .is_none_or(|wanted| findings.any(|finding| finding.indicator == *wanted))
    }
}

/// How much is in the index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Source definitions.
    pub sources: u64,
    /// Captures.
    pub captures: u64,
    /// Postings ever read.
    pub postings_seen: u64,
    /// Flagged postings.
    pub postings_flagged: u64,
    /// Leads that wait.
    pub leads_open: u64,
    /// Leads that somebody is at.
    pub leads_claimed: u64,
    /// Leads that are decided.
    pub leads_decided: u64,
}

impl Counts {
    /// All leads.
    pub fn leads(&self) -> u64 {
        self.leads_open + self.leads_claimed + self.leads_decided
    }
}

/// The contract of an index.
///
/// A batch is visible whole or not at all, to this process and after a crash. What `commit` has
/// acknowledged is there after a power cut; what `commit_relaxed` has taken is there after the next
/// `sync`. Reads see every batch taken before them.
pub trait Store: Send + Sync {
    /// Takes a batch, durably.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;
    /// Takes a batch that may be lost in a crash, for work that can be done again.
    fn commit_relaxed(&self, batch: &Batch) -> Result<(), StoreError>;
    /// Makes every batch taken so far durable.
    fn sync(&self) -> Result<(), StoreError>;
    /// Number of the last custody entry whose effect is in the index; 0 for none.
    fn applied(&self) -> Result<u64, StoreError>;
    /// A source's definition as last used.
    fn source(&self, id: &SourceId) -> Result<Option<Source>, StoreError>;
    /// Where a capture lies.
    fn capture(&self, id: &CaptureId) -> Result<Option<StoredCapture>, StoreError>;
    /// The latest capture of an address for a source, with the SHA-256 of its body.
    fn latest_payload(
        &self,
        source: &SourceId,
        url: &str,
    ) -> Result<Option<(CaptureId, Sha256)>, StoreError>;
    /// What is remembered of a posting.
    fn seen(&self, id: &PostingId) -> Result<Option<Seen>, StoreError>;
    /// A flagged posting.
    fn posting(&self, id: &PostingId) -> Result<Option<StoredPosting>, StoreError>;
    /// A lead.
    fn lead(&self, id: &LeadId) -> Result<Option<Lead>, StoreError>;
    /// Leads by score, highest first, then by time, oldest first, then by id.
    fn queue(&self, filter: &QueueFilter, limit: usize) -> Result<Vec<Lead>, StoreError>;
    /// Postings that share this key.
    fn linked(&self, kind: LinkKind, value: &str) -> Result<Vec<(PostingId, LeadId)>, StoreError>;
    /// Where the next walk of a source starts.
    fn checkpoint(&self, source: &SourceId) -> Result<Option<Checkpoint>, StoreError>;
    /// How much is in the index.
    fn counts(&self) -> Result<Counts, StoreError>;
    /// Writes everything in order of key, a line each: two indexes with the same content give the
    /// same bytes.
    fn dump(&self, out: &mut dyn Write) -> Result<(), StoreError>;
}
