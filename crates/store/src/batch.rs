use domain::{
    Assessment, CaptureId, CaptureRole, Checkpoint, HostStanding, KeyUse, Lead, LeadId, Lease,
    LinkKey, Posting, PostingId, Ruling, Sha256, Source, SourceId, Walk,
};
use serde::{Deserialize, Serialize};

/// What one entry of the desk's log changes in the index. Kept as a whole or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// In order; a later change of the same thing wins.
    pub changes: Vec<Change>,
    /// The number of the last log entry that this batch contains, if it comes from one.
    pub applied: Option<u64>,
}

/// One change of the index. Applying it twice in a row is the same as once.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a batch is short and soon gone, and leads are the most frequent of its changes"
)]
pub enum Change {
    /// Adds or replaces a source.
    PutSource(Source),
    /// Adds a capture, and makes it the latest of its source and address.
    PutCapture(StoredCapture),
    /// Remembers that a posting was read, flagged or not. There may be millions.
    SeePosting {
        /// Which posting.
        id: PostingId,
        /// What it said.
        content: ContentMark,
    },
    /// Adds or replaces a flagged posting.
    PutPosting(Box<StoredPosting>),
    /// Adds or replaces a lead; the queue's order and the way from postings to leads follow.
    PutLead(Lead),
    /// Takes out a lead whose postings are in others now.
    RemoveLead(LeadId),
    /// Remembers the keys of a flagged posting. Other postings find it by each of them; keys that it
    /// had before are to be among them.
    PutLinkKeys {
        /// The posting.
        posting: PostingId,
        /// What it can share with others.
        keys: Vec<LinkKey>,
    },
    /// Remembers who uses a key.
    PutKeyUse {
        /// The key.
        key: LinkKey,
        /// Who uses it.
        used: KeyUse,
    },
    /// Remembers what a person said about which postings are of one hand.
    PutRuling(Ruling),
    /// Forgets a ruling whose person took it back; none is there when there was none.
    RemoveRuling(u64),
    /// Notes how far a source has been read.
    SetCheckpoint {
        /// Which source.
        source: SourceId,
        /// How far.
        checkpoint: Checkpoint,
    },
    /// Adds a walk of a source to its history, which keeps the last [`MOST_WALKS`]. Applying the
    /// same one twice in a row adds it once.
    AddWalk {
        /// Which source.
        source: SourceId,
        /// What the walk brought.
        walk: Walk,
    },
    /// Gives a source to a scanner. Comes from no entry of the log: who walks now is no part of what
    /// happened, and a store that is made anew knows of none.
    PutLease {
        /// Which source.
        source: SourceId,
        /// Who has it, and until when.
        lease: Lease,
    },
    /// Gives a source back.
    EndLease {
        /// Which source.
        source: SourceId,
    },
    /// Notes how we stand with a host. Comes from no entry of the log either.
    PutHost(HostStanding),
    /// Forgets a host.
    ForgetHost {
        /// Scheme, host and port.
        host: String,
    },
}

/// How many walks of a source are remembered.
pub const MOST_WALKS: usize = 120;

/// The history with one walk more.
pub(crate) fn with_walk(mut walks: Vec<Walk>, walk: &Walk) -> Vec<Walk> {
    if walks.last() != Some(walk) {
        walks.push(walk.clone());
    }
    walks.drain(..walks.len().saturating_sub(MOST_WALKS));
    walks
}

/// A flagged posting with what the rules said of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredPosting {
    /// The posting.
    pub posting: Posting,
    /// Its assessment.
    pub assessment: Assessment,
}

/// Where a capture lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCapture {
    /// Which capture.
    pub id: CaptureId,
    /// The source that it was fetched for.
    pub source: SourceId,
    /// What it was fetched as.
    pub role: CaptureRole,
    /// The address that answered.
    pub url: String,
    /// Digest of the payload.
    pub payload: Sha256,
    /// The archive file that holds it.
    pub file: String,
    /// Where its record starts, in bytes.
    pub offset: u64,
    /// How long the record is, in bytes.
    pub length: u64,
}

/// What is remembered of a posting that was read: enough of [`Posting::content_digest`] to tell
/// whether it stands as it stood. Half a digest, since there are millions of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentMark(pub(crate) [u8; 16]);

impl From<Sha256> for ContentMark {
    fn from(content: Sha256) -> Self {
        let (half, _) = content.as_bytes().split_first_chunk().expect("a digest has 32 bytes");
        Self(*half)
    }
}
