use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{LinkKind, PostingId, Sha256};

/// Something that two postings can share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LinkKey {
    /// What is shared.
    pub kind: LinkKind,
    /// The canonical contact or address, or a digest of words.
    pub value: String,
}

impl LinkKey {
    /// Over kind and value: tells the key to whoever has it, and nothing to others but by trying.
    pub fn digest(&self) -> Sha256 {
        let kind = match self.kind {
            LinkKind::Contact => "contact",
            LinkKind::Text => "text",
            LinkKind::Template => "template",
            LinkKind::Page => "page",
            LinkKind::Person => "person",
            LinkKind::Image => "image",
            LinkKind::Likeness => "likeness",
            LinkKind::Layout => "layout",
        };
        Sha256::of_parts([kind.as_bytes(), self.value.as_bytes()])
    }
}

/// Who uses a link key: what tells a recruiter's number from a hotline's. Each set keeps its
/// smallest marks, a few more than are allowed, so that it is the same in any order of arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// One mark for each employer that sources name with it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub employers: BTreeSet<u32>,
    /// One mark for each wording of ordinary postings, those that are not flagged.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ordinary: BTreeSet<u32>,
    /// One mark for each wording of flagged postings.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub wordings: BTreeSet<u32>,
    /// One mark for each wording of flagged postings that show a picture. Whose pictures are ordinary
    /// is not known: those of ordinary postings are not fetched.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub captions: BTreeSet<u32>,
    /// For what may be a near-copy: some of the flagged postings that have it, at least one of
    /// each lead. The order in which they came shows here, and nowhere else.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub seats: BTreeSet<PostingId>,
    /// A person said of two postings that share it that they are of two hands.
    #[serde(default, skip_serializing_if = "is_false")]
    pub told_apart: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}
