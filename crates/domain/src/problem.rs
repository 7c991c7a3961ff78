use std::fmt;

use serde::Serialize;

use crate::Outcome;

/// One thing that went wrong with one item, kept beside the count so that a person can look it up.
/// Holds names, ids and places, never a posting's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What it is counted as.
    pub outcome: Outcome,
    /// Where: a page's address, a file and line, a row number.
    pub place: String,
    /// What was wrong, in one sentence without a full stop.
    pub detail: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(outcome: Outcome, place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { outcome, place: place.into(), detail: detail.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.outcome.name, self.place, self.detail)
    }
}
