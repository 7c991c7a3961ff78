use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One walk of a source, from its checkpoint on: when, whether it came to its end, and what it
/// brought. Numbers alone, so that a source can be held against its own past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// UTC.
    pub started_at: Timestamp,
    /// UTC.
    pub ended_at: Timestamp,
    /// Whether the source was walked to its end.
    pub finished: bool,
    /// What was met and what went wrong, by count.
    #[serde(flatten)]
    pub yielded: Yield,
}

/// What captures held. Counts of postings, unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Yield {
    /// Read out of captures.
    pub read: u64,
    /// Not seen before, or changed since.
    pub new: u64,
    /// With a title, of those read.
    pub titled: u64,
    /// With an author or employer.
    pub authored: u64,
    /// With the time of publication.
    pub dated: u64,
    /// Different times of publication.
    pub dates: u64,
    /// Faults: requests, pages and rows that could not be read.
    pub faults: u64,
    /// Minutes from publication to capture of the new ones, the middle one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_minutes: Option<u64>,
}
