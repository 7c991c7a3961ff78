//! The keys of the index: one tree, one byte for the kind, then what orders the kind. Numbers are
//! big-endian so that byte order is their order.

use domain::{CaptureId, Lead, LeadId, LeadStatus, LinkKey, LinkKind, PostingId, Sha256, SourceId};

use crate::StoreError;

/// What an entry of the tree is. The first byte of its key; these numbers are on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The one entry that says how far and how much: see `state.rs`.
    State = 0,
    Source = 1,
    Capture = 2,
    /// From source and address to the last capture.
    Latest = 3,
    /// A shelf of seen postings.
    Seen = 4,
    Posting = 5,
    Lead = 6,
    /// From a posting to its lead.
    Membership = 7,
    /// The leads in the queue's order, status by status.
    Queue = 8,
    Link = 9,
    Checkpoint = 10,
    /// The last walks of a source.
    Walks = 11,
    /// Who uses a link key.
    KeyUse = 12,
    /// From a posting to its link keys.
    LinkKeys = 13,
    /// What a person said about which postings are of one hand, by number.
    Ruling = 14,
    /// From a posting to the rulings that name it.
    Ruled = 15,
    /// Who walks a source now.
    Lease = 20,
    /// How we stand with a host.
    Host = 21,
}

impl Kind {
    pub(crate) fn of(key: &[u8]) -> Option<Self> {
        Some(match key.first()? {
            0 => Self::State,
            1 => Self::Source,
            2 => Self::Capture,
            3 => Self::Latest,
            4 => Self::Seen,
            5 => Self::Posting,
            6 => Self::Lead,
            7 => Self::Membership,
            8 => Self::Queue,
            9 => Self::Link,
            10 => Self::Checkpoint,
            11 => Self::Walks,
            12 => Self::KeyUse,
            13 => Self::LinkKeys,
            14 => Self::Ruling,
            15 => Self::Ruled,
            20 => Self::Lease,
            21 => Self::Host,
            _ => return None,
        })
    }

    fn key(self, rest: &[u8]) -> Vec<u8> {
        let mut key = Vec::with_capacity(1 + rest.len());
        key.push(self as u8);
        key.extend_from_slice(rest);
        key
    }
}

/// An id's 24 hex digits as bytes.
pub(crate) type RawId = [u8; 12];

/// How much of a posting's id names its shelf.
pub(crate) const SHELF_BYTES: usize = 2;

/// The address of a page at a source, in 16 bytes: addresses may be long, and are never listed.
pub(crate) type AddressDigest = [u8; 16];

pub(crate) fn state() -> Vec<u8> {
    Kind::State.key(&[])
}

pub(crate) fn source(id: &SourceId) -> Vec<u8> {
    Kind::Source.key(id.as_str().as_bytes())
}

pub(crate) fn capture(id: &CaptureId) -> Result<Vec<u8>, StoreError> {
    Ok(Kind::Capture.key(&raw_capture(id)?))
}

pub(crate) fn latest(source: &SourceId, url: &str) -> Vec<u8> {
    Kind::Latest.key(&address(source, url))
}

/// The shelf that a seen posting is on: see `seen.rs`.
pub(crate) fn shelf(id: &RawId) -> Vec<u8> {
    Kind::Seen.key(&id[..SHELF_BYTES])
}

pub(crate) fn posting(id: &PostingId) -> Result<Vec<u8>, StoreError> {
    Ok(Kind::Posting.key(&raw_posting(id)?))
}

pub(crate) fn lead(id: &LeadId) -> Vec<u8> {
    Kind::Lead.key(id.as_str().as_bytes())
}

pub(crate) fn membership(id: &PostingId) -> Result<Vec<u8>, StoreError> {
    Ok(Kind::Membership.key(&raw_posting(id)?))
}

pub(crate) fn checkpoint(source: &SourceId) -> Vec<u8> {
    Kind::Checkpoint.key(source.as_str().as_bytes())
}

pub(crate) fn walks(source: &SourceId) -> Vec<u8> {
    Kind::Walks.key(source.as_str().as_bytes())
}

pub(crate) fn lease(source: &SourceId) -> Vec<u8> {
    Kind::Lease.key(source.as_str().as_bytes())
}

pub(crate) fn host(host: &str) -> Vec<u8> {
    Kind::Host.key(host.as_bytes())
}

/// Where a lead stands in the queue: status, score from high to low, time of opening, id.
pub(crate) fn queue(lead: &Lead) -> Vec<u8> {
    let mut key = queue_of(lead.status());
    key.push(u8::MAX - lead.score.value());
    // Flipping the sign bit makes times before 1970 sort before those after it.
    let since_1970 = (lead.opened_at.as_nanosecond() as u128) ^ (1 << 127);
    key.extend_from_slice(&since_1970.to_be_bytes());
    key.extend_from_slice(lead.id.as_str().as_bytes());
    key
}

/// What all queue keys of this status start with.
pub(crate) fn queue_of(status: LeadStatus) -> Vec<u8> {
    Kind::Queue.key(&[match status {
        LeadStatus::Open => 0,
        LeadStatus::Claimed => 1,
        LeadStatus::Decided => 2,
    }])
}

/// The status of a queue key, and what orders it within the status.
pub(crate) fn queue_parts(key: &[u8]) -> Option<(LeadStatus, &[u8])> {
    let (head, place) = key.split_at_checked(2)?;
    let status = match head {
        [8, 0] => LeadStatus::Open,
        [8, 1] => LeadStatus::Claimed,
        [8, 2] => LeadStatus::Decided,
        _ => return None,
    };
    Some((status, place))
}

/// The lead of a queue key's place.
pub(crate) fn lead_of_place(place: &[u8]) -> Option<LeadId> {
    text_id(place.get(17..)?)
}

/// One posting's entry under a link key.
pub(crate) fn link(key: &LinkKey, posting: &PostingId) -> Result<Vec<u8>, StoreError> {
    let mut entry = links_of(key);
    entry.extend_from_slice(&raw_posting(posting)?);
    Ok(entry)
}

/// What all entries under a link key start with. A value may hold any character: its zero bytes
/// are written 00 FF and its end 00 01, so that no value's entries lie among another's.
pub(crate) fn links_of(key: &LinkKey) -> Vec<u8> {
    of_link_key(Kind::Link, key)
}

/// The entry that says who uses a link key.
pub(crate) fn key_use(key: &LinkKey) -> Vec<u8> {
    of_link_key(Kind::KeyUse, key)
}

fn of_link_key(kind: Kind, key: &LinkKey) -> Vec<u8> {
    let mut entry = kind.key(&[match key.kind {
        LinkKind::Contact => 0,
        LinkKind::Text => 1,
        LinkKind::Template => 2,
        LinkKind::Page => 3,
        LinkKind::Person => 4,
        LinkKind::Image => 5,
        LinkKind::Likeness => 6,
        LinkKind::Layout => 7,
    }]);
    for byte in key.value.bytes() {
        entry.push(byte);
        if byte == 0 {
            entry.push(0xFF);
        }
    }
    entry.extend_from_slice(&[0, 1]);
    entry
}

/// The key and posting of a link entry.
pub(crate) fn link_parts(entry: &[u8]) -> Option<(LinkKey, PostingId)> {
    let (key, posting) = entry.split_last_chunk::<12>()?;
    Some((link_key_of(key)?, PostingId::from_bytes(*posting)))
}

/// The link key that an entry, without what follows it, is about.
pub(crate) fn link_key_of(entry: &[u8]) -> Option<LinkKey> {
    let kind = match entry.get(1)? {
        0 => LinkKind::Contact,
        1 => LinkKind::Text,
        2 => LinkKind::Template,
        3 => LinkKind::Page,
        4 => LinkKind::Person,
        5 => LinkKind::Image,
        6 => LinkKind::Likeness,
        7 => LinkKind::Layout,
        _ => return None,
    };
    let escaped = entry.get(2..)?.strip_suffix(&[0, 1])?;
    let mut value = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.iter();
    while let Some(byte) = bytes.next() {
        value.push(*byte);
        if *byte == 0 && bytes.next() != Some(&0xFF) {
            return None;
        }
    }
    Some(LinkKey { kind, value: String::from_utf8(value).ok()? })
}

pub(crate) fn link_keys(posting: &PostingId) -> Result<Vec<u8>, StoreError> {
    Ok(Kind::LinkKeys.key(&raw_posting(posting)?))
}

pub(crate) fn ruling(seq: u64) -> Vec<u8> {
    Kind::Ruling.key(&seq.to_be_bytes())
}

pub(crate) fn ruled(posting: &PostingId) -> Result<Vec<u8>, StoreError> {
    Ok(Kind::Ruled.key(&raw_posting(posting)?))
}

/// The rest of a key whose kind is followed by a text id.
pub(crate) fn text_id<Id: TryFrom<String>>(bytes: &[u8]) -> Option<Id> {
    Id::try_from(std::str::from_utf8(bytes).ok()?.to_owned()).ok()
}

pub(crate) fn address(source: &SourceId, url: &str) -> AddressDigest {
    let digest = Sha256::of_parts([source.as_str().as_bytes(), url.as_bytes()]);
    let mut short = AddressDigest::default();
    short.copy_from_slice(&digest.as_bytes()[..16]);
    short
}

pub(crate) fn raw_capture(id: &CaptureId) -> Result<RawId, StoreError> {
    id.to_bytes().ok_or_else(|| not_derived("capture", "c-", id.as_str()))
}

pub(crate) fn raw_posting(id: &PostingId) -> Result<RawId, StoreError> {
    id.to_bytes().ok_or_else(|| not_derived("posting", "p-", id.as_str()))
}

fn not_derived(what: &'static str, prefix: &'static str, id: &str) -> StoreError {
    StoreError::Id { what, id: id.to_owned(), prefix }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posting(digits: &str) -> PostingId {
        PostingId::new(format!("p-{digits}")).unwrap()
    }

    #[test]
    fn an_id_comes_back_from_its_bytes_and_other_forms_are_refused() {
        let id = posting("00112233445566778899aaff");
        assert_eq!(PostingId::from_bytes(raw_posting(&id).unwrap()), id);
        for bad in [
            "p-1",
            "c-00112233445566778899aaff",
            "p-00112233445566778899aa-f",
            "p-zz112233445566778899aaff",
        ] {
            assert!(raw_posting(&PostingId::new(bad).unwrap()).is_err(), "{bad} was let through");
        }
    }

    #[test]
    fn a_link_value_with_zero_bytes_comes_back_and_keeps_its_entries_to_itself() {
        let id = posting("ff0001ff0001ff0001ff0001");
        for value in ["", "a", "a\0", "a\0b", "\0\u{1}", "telegram:+AbC"] {
            let of = |value: &str| LinkKey { kind: LinkKind::Text, value: value.to_owned() };
            let key = link(&of(value), &id).unwrap();
            assert_eq!(link_parts(&key), Some((of(value), id.clone())));
            for other in ["", "a", "a\0", "a\0b", "\0\u{1}", "telegram:+AbC"] {
                let among = key.starts_with(&links_of(&of(other)));
                assert_eq!(among, value == other, "{value:?} lies under {other:?}");
            }
        }
    }
}
