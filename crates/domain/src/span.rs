use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The part of a posting that a span points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The headline.
    Title,
    /// The body.
    Text,
}

/// A quoted place: the bytes `start..end` of the field's UTF-8 are exactly `quote`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Which field the offsets count in.
    pub field: Field,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The words themselves, as their author wrote them.
    pub quote: String,
}

impl Span {
    /// Quotes `original[range]`. `None` if the range does not lie on character borders inside it,
    /// or is empty: a finding without words cannot be built.
    pub fn quoting(field: Field, original: &str, range: Range<usize>) -> Option<Self> {
        let quote = original.get(range.clone())?;
        if quote.is_empty() {
            return None;
        }
        Some(Self { field, start: range.start, end: range.end, quote: quote.to_owned() })
    }
}
