//! Why two postings belong together: the keys that they share. Pure.
//!
//! This crate works out a posting's keys; whoever holds an index of keys finds the postings that
//! share one. It does not merge leads: that is a person's decision, or later work of this room.
//!
//! ```
//! use domain::{ContactKind, LinkKind};
//!
//! assert!(link::strength(LinkKind::Contact) > link::strength(LinkKind::Text));
//! assert!(link::is_key(ContactKind::Phone));
//! ```

use domain::{ContactKind, LinkKind, Posting};
use text::Folded;

/// Something that two postings can share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkKey {
    /// What is shared.
    pub kind: LinkKind,
    /// The canonical contact, or the fingerprint of the text.
    pub value: String,
}

/// The keys of a posting, sorted, each once. `body` is the folded text of the posting.
pub fn keys(posting: &Posting, body: &Folded) -> Vec<LinkKey> {
    let contacts = posting.contacts.iter().filter(|contact| is_key(contact.kind));
    let mut keys: Vec<LinkKey> = contacts
        .map(|contact| LinkKey { kind: LinkKind::Contact, value: contact.value.clone() })
        .collect();
    if let Some(fingerprint) = text::fingerprint(body) {
        keys.push(LinkKey { kind: LinkKind::Text, value: fingerprint.to_hex() });
    }
    keys.sort();
    keys.dedup();
    keys
}

/// Whether a contact of this kind points to one hand. A web address does not: half of all ads link
/// to the same job board.
pub fn is_key(kind: ContactKind) -> bool {
    kind != ContactKind::Url
}

/// How sure a reader can be, 0 to 1, that one hand wrote two postings that share this key. A
/// contact can be a board's own number; the same words can be a chain's honest template.
pub fn strength(kind: LinkKind) -> f64 {
    match kind {
        LinkKind::Contact => 0.9,
        LinkKind::Text => 0.7,
    }
}
