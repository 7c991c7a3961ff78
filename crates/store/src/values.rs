//! The values of the index: a version byte, then JSON, packed where that is shorter, or fixed bytes
//! for what there are millions of.

use domain::{CaptureId, Decision, Lead, LeadId, PostingId, Score, Sha256};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::keys::{self, Kind, RawId};
use crate::state::State;
use crate::{StoreError, StoredCapture, StoredPosting, packing, seen};

pub(crate) const VERSION: u8 = 1;
/// JSON, packed.
const PACKED: u8 = 2;

pub(crate) fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(value).map_err(|error| StoreError::Unstorable {
        what: std::any::type_name::<T>().to_owned(),
        reason: error.to_string(),
    })?;
    Ok(match packing::packed(&json) {
        Some(packed) => [&[PACKED], &*packed].concat(),
        None => [&[VERSION], &*json].concat(),
    })
}

pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    match bytes.split_first()? {
        (&VERSION, json) => serde_json::from_slice(json).ok(),
        (&PACKED, packed) => serde_json::from_slice(&packing::unpacked(packed)?).ok(),
        _ => None,
    }
}

/// What of a lead says where it stands, and of which postings it is. Most of its bytes are evidence,
/// which is passed over.
#[derive(Deserialize)]
struct Standing {
    postings: Vec<PostingId>,
    strongest: PostingId,
    score: Score,
    opened_at: Timestamp,
    claimed_by: Option<String>,
    decisions: Vec<Decision>,
    id: LeadId,
}

/// A lead as far as its place on the queue and the ways to it from its postings are concerned.
pub(crate) fn read_standing(bytes: &[u8]) -> Option<Lead> {
    let standing: Standing = read_json(bytes)?;
    let Standing { postings, strongest, score, opened_at, claimed_by, decisions, id } = standing;
    Some(Lead { id, postings, claimed_by, decisions, ..Lead::new(strongest, score, opened_at) })
}

/// JSON has no number for "not a number": such points would not read back.
pub(crate) fn posting(stored: &StoredPosting) -> Result<Vec<u8>, StoreError> {
    let assessment = &stored.assessment;
    let mut findings = assessment.findings.iter().chain(&assessment.mitigations);
    if let Some(finding) = findings.find(|finding| !finding.points.is_finite()) {
        return Err(StoreError::Unstorable {
            what: format!("posting {}", stored.posting.id),
            reason: format!("rule {} gave {} points", finding.rule, finding.points),
        });
    }
    json(stored)
}

pub(crate) fn latest(capture: &CaptureId, payload: &Sha256) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(45);
    bytes.push(VERSION);
    bytes.extend_from_slice(&keys::raw_capture(capture)?);
    bytes.extend_from_slice(payload.as_bytes());
    Ok(bytes)
}

pub(crate) fn read_latest(bytes: &[u8]) -> Option<(CaptureId, Sha256)> {
    capture_and_digest(versioned(bytes)?)
}

pub(crate) fn lead_id(id: &LeadId) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(id.as_str().as_bytes());
    bytes
}

pub(crate) fn read_lead_id(bytes: &[u8]) -> Option<LeadId> {
    keys::text_id(versioned(bytes)?)
}

/// By which entry of the log a lead came to its place on the queue, or last changed there.
pub(crate) fn change(seq: u64) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&seq.to_be_bytes());
    bytes
}

pub(crate) fn read_change(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(versioned(bytes)?.try_into().ok()?))
}

/// The key of a link entry says it all.
pub(crate) fn nothing() -> Vec<u8> {
    vec![VERSION]
}

/// Whether an entry of the tree is one that this program could have written.
pub(crate) fn is_readable(key: &[u8], value: &[u8]) -> bool {
    let Some(kind) = Kind::of(key) else { return false };
    let raw_key = key.len() == 1 + size_of::<RawId>();
    match kind {
        Kind::State => key.len() == 1 && read_json::<State>(value).is_some(),
        Kind::Source => read_json::<domain::Source>(value).is_some(),
        Kind::Capture => raw_key && read_json::<StoredCapture>(value).is_some(),
        Kind::Latest => key.len() == 17 && read_latest(value).is_some(),
        Kind::Seen => seen::read(key, value).is_some(),
        Kind::Posting => raw_key && read_json::<StoredPosting>(value).is_some(),
        Kind::Lead => read_json::<domain::Lead>(value).is_some(),
        Kind::Membership => raw_key && read_lead_id(value).is_some(),
        Kind::Queue => {
            let place = keys::queue_parts(key).and_then(|(_, place)| keys::lead_of_place(place));
            place.is_some() && read_change(value).is_some()
        }
        Kind::Link => keys::link_parts(key).is_some() && versioned(value).is_some(),
        Kind::Checkpoint => read_json::<domain::Checkpoint>(value).is_some(),
        Kind::Walks => read_json::<Vec<domain::Walk>>(value).is_some(),
        Kind::KeyUse => {
            keys::link_key_of(key).is_some() && read_json::<domain::KeyUse>(value).is_some()
        }
        Kind::LinkKeys => raw_key && read_json::<Vec<domain::LinkKey>>(value).is_some(),
        Kind::Ruling => key.len() == 9 && read_json::<domain::Ruling>(value).is_some(),
        Kind::Ruled => raw_key && read_json::<Vec<u64>>(value).is_some(),
        Kind::Lease => read_json::<domain::Lease>(value).is_some(),
        Kind::Host => read_json::<domain::HostStanding>(value).is_some(),
    }
}

pub(crate) fn versioned(bytes: &[u8]) -> Option<&[u8]> {
    bytes.strip_prefix(&[VERSION])
}

fn capture_and_digest(bytes: &[u8]) -> Option<(CaptureId, Sha256)> {
    let (capture, digest) = bytes.split_first_chunk::<12>()?;
    Some((CaptureId::from_bytes(*capture), Sha256::from_bytes(digest.try_into().ok()?)))
}
