use std::io::Write;

use domain::{
    CaptureId, Checkpoint, HostStanding, KeyUse, Lead, LeadId, LeadStatus, Lease, LinkKey,
    PostingId, Ruling, Sha256, Source, SourceId, Walk,
};
use serde::Serialize;

use crate::keys::{self, Kind};
use crate::{ContentMark, Counts, StoreError, StoredCapture, StoredPosting, seen, values};

/// One line of a dump.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "one line at a time is made and written")]
pub(crate) enum Line {
    State { applied: u64, counts: Counts },
    Source { source: Source },
    Capture { capture: StoredCapture },
    Latest { address: String, capture: CaptureId, payload: Sha256 },
    Seen { posting: PostingId, content: String },
    Posting { stored: Box<StoredPosting> },
    Lead { lead: Lead },
    Membership { posting: PostingId, lead: LeadId },
    Queue { status: LeadStatus, lead: LeadId },
    Link { link: LinkKey, posting: PostingId },
    Checkpoint { source: SourceId, checkpoint: Checkpoint },
    Walks { source: SourceId, walks: Vec<Walk> },
    KeyUse { link: LinkKey, used: KeyUse },
    LinkKeys { posting: PostingId, keys: Vec<LinkKey> },
    Ruling { ruling: Ruling },
    Ruled { posting: PostingId, rulings: Vec<u64> },
    Lease { source: SourceId, lease: Lease },
    Host { standing: HostStanding },
}

impl Line {
    /// The lines of an entry of the tree.
    pub(crate) fn of(key: &[u8], value: &[u8]) -> Option<Vec<Self>> {
        if Kind::of(key)? == Kind::Seen {
            let seen = seen::read(key, value)?;
            return Some(seen.into_iter().map(|(id, mark)| Self::seen(id, mark)).collect());
        }
        Some(vec![Self::single(key, value)?])
    }

    /// The line of a seen posting.
    pub(crate) fn seen(posting: PostingId, content: ContentMark) -> Self {
        Self::Seen { posting, content: domain::hex(&content.0) }
    }

    fn single(key: &[u8], value: &[u8]) -> Option<Self> {
        let rest = key.get(1..)?;
        let posting = || Some(PostingId::from_bytes(rest.try_into().ok()?));
        Some(match Kind::of(key)? {
            Kind::State | Kind::Seen => return None,
            Kind::Source => Self::Source { source: values::read_json(value)? },
            Kind::Capture => Self::Capture { capture: values::read_json(value)? },
            Kind::Latest => {
                let (capture, payload) = values::read_latest(value)?;
                Self::Latest { address: domain::hex(rest), capture, payload }
            }
            Kind::Posting => Self::Posting { stored: values::read_json(value)? },
            Kind::Lead => Self::Lead { lead: values::read_json(value)? },
            Kind::Membership => {
                Self::Membership { posting: posting()?, lead: values::read_lead_id(value)? }
            }
            Kind::Queue => {
                let (status, place) = keys::queue_parts(key)?;
                Self::Queue { status, lead: keys::lead_of_place(place)? }
            }
            Kind::Link => {
                let (link, posting) = keys::link_parts(key)?;
                Self::Link { link, posting }
            }
            Kind::Checkpoint => Self::Checkpoint {
                source: keys::text_id(rest)?,
                checkpoint: values::read_json(value)?,
            },
            Kind::Walks => {
                Self::Walks { source: keys::text_id(rest)?, walks: values::read_json(value)? }
            }
            Kind::KeyUse => {
                Self::KeyUse { link: keys::link_key_of(key)?, used: values::read_json(value)? }
            }
            Kind::LinkKeys => {
                Self::LinkKeys { posting: posting()?, keys: values::read_json(value)? }
            }
            Kind::Ruling => Self::Ruling { ruling: values::read_json(value)? },
            Kind::Ruled => Self::Ruled { posting: posting()?, rulings: values::read_json(value)? },
            Kind::Lease => {
                Self::Lease { source: keys::text_id(rest)?, lease: values::read_json(value)? }
            }
            Kind::Host => Self::Host { standing: values::read_json(value)? },
        })
    }

    pub(crate) fn write(&self, write: &mut dyn Write) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(self).map_err(|error| StoreError::Dump(error.into()))?;
        line.push(b'\n');
        write.write_all(&line).map_err(StoreError::Dump)
    }
}
