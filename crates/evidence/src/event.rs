use domain::{
    Capture, CaptureId, CaptureRole, Checkpoint, Found, ImageHash, KeyUse, LeadId, LinkKind,
    PostingId, Sha256, Snapshot, Source, SourceId, Verdict, Walk,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::at_rest::AtRestChange;
use crate::captures::Stored;
use crate::deletion::Deletion;

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A source's definition, as used from now on.
    Source {
        /// The definition.
        source: Box<Source>,
    },
    /// A capture was kept. Its bytes were synced before this entry was written.
    Capture {
        /// The capture.
        capture: CaptureId,
        /// What it was fetched for.
        source: SourceId,
        /// What it was fetched as.
        role: CaptureRole,
        /// The address that answered.
        url: String,
        /// UTC.
        fetched_at: Timestamp,
        /// Over the body as received.
        payload: Sha256,
        /// Name of the WARC file in `captures/`.
        file: String,
        /// First byte of its records in that file.
        offset: u64,
        /// Length of its records in bytes, as compressed.
        length: u64,
        /// Over the file's bytes `offset..offset+length`.
        record: Sha256,
        /// Postings that are not read out of it any more, since their time is past; the page stays
        /// for others.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        without: Vec<PostingId>,
    },
    /// A source was walked to its end, and the next walk starts here.
    Checkpoint {
        /// Which source.
        source: SourceId,
        /// Where the next walk starts.
        checkpoint: Checkpoint,
    },
    /// A source was walked, to its end or not. Written last, after its checkpoint.
    Walk {
        /// Which source.
        source: SourceId,
        /// What the walk brought.
        walk: Walk,
    },
    /// The evidence of a flagged posting was frozen.
    Snapshot {
        /// The lead that the posting is on.
        lead: LeadId,
        /// The file.
        snapshot: Snapshot,
    },
    /// The page of a flagged posting was asked for again, or was to be.
    Revisit {
        /// The name that the posting's lead has by it.
        lead: LeadId,
        /// The posting.
        posting: PostingId,
        /// What was found.
        found: Found,
        /// The name of the outcome behind it, where the result has several: `fetch.not-found`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// The capture that shows it: the latest of that address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capture: Option<CaptureId>,
    },
    /// A picture that a flagged posting shows was fetched, or was to be.
    Image {
        /// The name that the posting's lead has by it.
        lead: LeadId,
        /// The posting.
        posting: PostingId,
        /// The capture of the page that names the picture's address.
        page: CaptureId,
        /// Its place among the pictures that the posting shows there, from 1.
        number: u32,
        /// The capture of the picture.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capture: Option<CaptureId>,
        /// The name of the outcome, when nothing was kept: `fetch.not-found`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// Over the picture, unless it is too plain to be told apart by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256>,
        /// What it looks like. It stands here so that leads do not change when a decoder does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        look: Option<ImageHash>,
    },
    /// A stylesheet of a flagged posting's page was fetched, or was to be.
    Stylesheet {
        /// The name that the posting's lead has by it.
        lead: LeadId,
        /// The posting.
        posting: PostingId,
        /// The capture of the page that names the stylesheet's address.
        page: CaptureId,
        /// Its place among the stylesheets that the page names, from 1.
        number: u32,
        /// The capture of the stylesheet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capture: Option<CaptureId>,
        /// The name of the outcome, when nothing was kept: `fetch.not-found`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A person looked at a lead.
    View {
        /// Which lead.
        lead: LeadId,
    },
    /// A person took a lead on.
    Claim {
        /// Which lead.
        lead: LeadId,
    },
    /// A person gave a lead back.
    Release {
        /// Which lead.
        lead: LeadId,
    },
    /// A person's remark on a lead.
    Note {
        /// Which lead.
        lead: LeadId,
        /// The remark.
        text: String,
    },
    /// A person decided about a lead.
    Decision {
        /// Which lead.
        lead: LeadId,
        /// What was decided.
        verdict: Verdict,
        /// Why.
        reason: String,
    },
    /// A person said that leads are of one hand.
    Merge {
        /// The leads, by the names that they had.
        leads: Vec<LeadId>,
        /// All their postings.
        postings: Vec<PostingId>,
        /// Why.
        reason: String,
    },
    /// A person said that postings are of different hands.
    Split {
        /// The leads that they were in, by the names that they had.
        leads: Vec<LeadId>,
        /// Postings of one group are of one hand, postings of different groups are not.
        groups: Vec<Vec<PostingId>>,
        /// Why.
        reason: String,
    },
    /// A person took back what they had decided a moment ago; the decision before it counts again.
    Withdrawal {
        /// Which lead.
        lead: LeadId,
    },
    /// A person looked at details of a possible victim that are masked otherwise.
    Reveal {
        /// Which lead.
        lead: LeadId,
        /// Why it was needed.
        reason: String,
    },
    /// A packet was made. The entry's actor prepared it.
    Export {
        /// Which lead.
        lead: LeadId,
        /// The second person.
        approved_by: String,
        /// Over the packet.
        packet: Sha256,
        /// The packet's name.
        file: String,
    },
    /// A person approved that a packet of the lead leaves the desk. The entry's actor approves.
    Approval {
        /// Which lead.
        lead: LeadId,
        /// Who said so, when it was not the approver: whoever prepared the packet and named them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_word_of: Option<String>,
    },
    /// A packet was encrypted for its recipients.
    Handover {
        /// Which lead.
        lead: LeadId,
        /// Over the packet, as its export says.
        packet: Sha256,
        /// The recipients' public keys.
        recipients: Vec<String>,
        /// The encrypted file's name.
        file: String,
        /// Over the encrypted file.
        encrypted: Sha256,
    },
    /// A recipient confirmed that a packet arrived.
    Receipt {
        /// Which lead.
        lead: LeadId,
        /// Over the packet, as its export says.
        packet: Sha256,
        /// Who confirmed.
        from: String,
        /// How: a letter's number, a telephone call.
        reference: String,
    },
    /// An outside authority put its time to a root over the log's head and the evidence so far.
    Timestamp {
        /// The record in `time/`, with the leaves and the way from each to the root.
        record: String,
        /// Over that record.
        record_sha256: Sha256,
        /// The authority's token in `time/`.
        token: String,
        /// Over that token.
        token_sha256: Sha256,
        /// What the token is over.
        root: Sha256,
        /// The authority's address.
        authority: String,
    },
    /// The evidence was verified.
    Verification {
        /// How many faults were found.
        faults: u64,
    },
    /// How captures and snapshots lie on the disk was changed. Written before the first file is.
    AtRest {
        /// What was changed.
        change: AtRestChange,
        /// The public keys that open the desk from now on; none of one that is decrypted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        keys: Vec<String>,
    },
    /// A person said that nothing of a lead may be deleted.
    Hold {
        /// Which lead.
        lead: LeadId,
        /// Its postings: they are held wherever they go.
        postings: Vec<PostingId>,
        /// Why: a case number, an order.
        reason: String,
    },
    /// A person lifted all holds of a lead.
    HoldLifted {
        /// Which lead.
        lead: LeadId,
        /// Its postings.
        postings: Vec<PostingId>,
        /// Why.
        reason: String,
    },
    /// Too many use a key of a posting for it to tie anything. Those who showed that were deleted; the
    /// posting, which has the key in its own words, stays.
    CommonKey {
        /// The posting.
        posting: PostingId,
        /// What sort of key it is.
        kind: LinkKind,
        /// Over kind and value of the key: [`domain::LinkKey::digest`].
        key: Sha256,
        /// Marks of who uses it.
        used: KeyUse,
    },
    /// Something was deleted, since its time was past.
    Deletion(Box<Deletion>),
    /// Stands in a shortened line, in place of a capture that was deleted: all but its address. Its
    /// bytes in the WARC file are a tombstone.
    DeletedCapture {
        /// The capture.
        capture: CaptureId,
        /// What it was fetched for.
        source: SourceId,
        /// What it was fetched as.
        role: CaptureRole,
        /// UTC.
        fetched_at: Timestamp,
        /// Over the body as received.
        payload: Sha256,
        /// Name of the WARC file in `captures/`.
        file: String,
        /// First byte of the tombstone in that file.
        offset: u64,
        /// Its length in bytes: that of the capture's records.
        length: u64,
        /// Over the capture's records, as they were.
        record: Sha256,
    },
    /// Stands in a shortened line, in place of a snapshot that was deleted.
    DeletedSnapshot {
        /// The lead that the posting was on.
        lead: LeadId,
        /// The file that is gone.
        snapshot: Snapshot,
    },
    /// Stands in a shortened line, in place of words that were deleted.
    DeletedWords {
        /// The name of the event that stood here: `note`, `decision`.
        was: String,
        /// The leads that it was about.
        leads: Vec<LeadId>,
        /// What was decided, of a decision.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verdict: Option<Verdict>,
    },
}

impl Event {
    /// That a capture, whole, was stored at this place.
    pub fn captured(capture: &Capture, stored: Stored) -> Self {
        Self::Capture {
            capture: capture.id.clone(),
            source: capture.source.clone(),
            role: capture.role,
            url: capture.url.clone(),
            fetched_at: capture.fetched_at,
            payload: capture.sha256,
            file: stored.file,
            offset: stored.offset,
            length: stored.length,
            record: stored.record,
            without: Vec::new(),
        }
    }
}
