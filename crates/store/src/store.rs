use std::io::Write;
use std::path::PathBuf;

use domain::{
    CaptureId, Checkpoint, HostStanding, KeyUse, Lead, LeadId, Lease, LinkKey, PostingId, Ruling,
    Sha256, Source, SourceId, Walk,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Batch, ContentMark, QueueFilter, StoreError, StoredCapture, StoredPosting};

/// The index of a desk: a view of its log that answers quickly, and can be made anew from it.
///
/// The contract, which the tests run against every implementation:
///
/// - A batch is kept as a whole or not at all, also when the process dies in the middle.
/// - After [`commit`](Store::commit) the batch, and every one before it, survives a power cut.
/// - [`applied`](Store::applied) is the `applied` of the last batch contained that has one: who
///   applies the log's entries after it, in order, misses none and repeats none.
/// - Reads see all batches committed before them, relaxed ones too, and never half of one.
/// - Two stores that were given the same batches write the same bytes in [`dump`](Store::dump),
///   no matter how the batches were cut or what happened in between.
pub trait Store: Send + Sync {
    /// Keeps the batch; durable when it returns.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;

    /// Keeps the batch; durable after the next [`sync`](Store::sync) or [`commit`](Store::commit).
    /// For bulk work that can be done over again.
    fn commit_relaxed(&self, batch: &Batch) -> Result<(), StoreError>;

    /// Makes everything committed so far durable.
    fn sync(&self) -> Result<(), StoreError>;

    /// The number of the last log entry contained; 0 before the first.
    fn applied(&self) -> Result<u64, StoreError>;

    /// All sources, by id.
    fn sources(&self) -> Result<Vec<Source>, StoreError>;

    /// A source.
    fn source(&self, id: &SourceId) -> Result<Option<Source>, StoreError>;

    /// Where a capture lies.
    fn capture(&self, id: &CaptureId) -> Result<Option<StoredCapture>, StoreError>;

    /// The last capture of this address for this source, with the digest of its payload.
    fn latest_payload(
        &self,
        source: &SourceId,
        url: &str,
    ) -> Result<Option<(CaptureId, Sha256)>, StoreError>;

    /// What a posting, flagged or not, said when it was read last.
    fn seen(&self, posting: &PostingId) -> Result<Option<ContentMark>, StoreError>;

    /// A flagged posting.
    fn posting(&self, id: &PostingId) -> Result<Option<StoredPosting>, StoreError>;

    /// A lead.
    fn lead(&self, id: &LeadId) -> Result<Option<Lead>, StoreError>;

    /// The lead that a posting is in.
    fn lead_of(&self, posting: &PostingId) -> Result<Option<LeadId>, StoreError>;

    /// The first `limit` leads that the filter wants: by score, highest first, then the one opened
    /// first, then by id.
    fn queue(&self, filter: &QueueFilter, limit: usize) -> Result<Vec<Lead>, StoreError>;

    /// The first `limit` leads of every standing after this one, by id: for reading all of them.
    fn leads(&self, after: Option<&LeadId>, limit: usize) -> Result<Vec<Lead>, StoreError>;

    /// Every lead, by id, with the number of the log entry that changed it last: how a view that has
    /// seen the log up to an entry learns what it has to look at again.
    fn last_changes(&self) -> Result<Vec<(LeadId, u64)>, StoreError>;

    /// The file in which a view of this index that lives in memory is left for the next start. It goes
    /// whenever the index does not come back just as it was left: made anew, emptied, compacted, or
    /// proven after a crash. `None`: there is no place for one.
    fn view_file(&self) -> Option<PathBuf> {
        None
    }

    /// The first `limit` flagged postings that have this key, by id.
    fn linked(&self, key: &LinkKey, limit: usize) -> Result<Vec<PostingId>, StoreError>;

    /// The link keys of a flagged posting.
    fn link_keys(&self, posting: &PostingId) -> Result<Vec<LinkKey>, StoreError>;

    /// Who uses a key.
    fn key_use(&self, key: &LinkKey) -> Result<Option<KeyUse>, StoreError>;

    /// What a person said, by its number.
    fn ruling(&self, seq: u64) -> Result<Option<Ruling>, StoreError>;

    /// The numbers of the rulings that name a posting, ascending.
    fn ruled(&self, posting: &PostingId) -> Result<Vec<u64>, StoreError>;

    /// How far a source has been read.
    fn checkpoint(&self, source: &SourceId) -> Result<Option<Checkpoint>, StoreError>;

    /// The last walks of a source, the latest last.
    fn walks(&self, source: &SourceId) -> Result<Vec<Walk>, StoreError>;

    /// Takes a source for a scanner, or for longer when it has it already. `None`: it is taken; else
    /// the lease that stands against it. Of two that ask at once, one gets it.
    fn take_lease(
        &self,
        source: &SourceId,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;

    /// Gives a source back, if this scanner has it still.
    fn end_lease(&self, source: &SourceId, holder: &str) -> Result<(), StoreError>;

    /// All leases, by source, those that have run out too.
    fn leases(&self) -> Result<Vec<(SourceId, Lease)>, StoreError>;

    /// How we stand with the hosts that were asked, by host.
    fn hosts(&self) -> Result<Vec<HostStanding>, StoreError>;

    /// How much there is of everything.
    fn counts(&self) -> Result<Counts, StoreError>;

    /// Writes everything as NDJSON in a fixed order. For comparing two stores and for people; a
    /// store is not read back from it.
    fn dump(&self, write: &mut dyn Write) -> Result<(), StoreError>;
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Sources ever configured.
    pub sources: u64,
    /// Captures of every role.
    pub captures: u64,
    /// Postings read, flagged or not.
    pub postings_seen: u64,
    /// Postings that were flagged.
    pub postings_flagged: u64,
    /// Leads that wait for somebody.
    pub leads_open: u64,
    /// Leads that somebody is at.
    pub leads_claimed: u64,
    /// Leads that are decided.
    pub leads_decided: u64,
}

impl Counts {
    /// Leads of every status.
    pub fn leads(&self) -> u64 {
        self.leads_open + self.leads_claimed + self.leads_decided
    }
}
