use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How we stand with a host that was asked: what is spent of its day's budget, and when it may be
/// asked again. Kept from run to run, so that a timer which starts a scan every ten minutes is no
/// way round a budget or a rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostStanding {
    /// Scheme, host and port: `https://example.org`.
    pub host: String,
    /// The UTC day that `asked` counts, in days since 1970.
    pub day: i64,
    /// Requests on that day.
    pub asked: u32,
    /// When it answered last, or failed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// Not to be asked before: it said so, or it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Failures since its last proper answer.
    #[serde(default)]
    pub failures: u32,
    /// Left to rest until then, after failure upon failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resting_until: Option<Timestamp>,
}
