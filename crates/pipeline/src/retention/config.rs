use domain::Verdict;
use serde::Deserialize;

/// `[retention]` of `fusion.toml`: for how many days what is kept. A lead that is not decided stays,
/// and so does one that is on hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionConfig {
    /// `fusion serve` and `fusion scan --watch` delete what is past its time once a day.
    pub automatic: bool,
    /// What no rule flagged, from when it was captured.
    pub clear_days: u32,
    /// Leads that were dismissed, from when they were decided or last seen.
    pub dismissed_days: u32,
    /// Leads that are monitored.
    pub monitored_days: u32,
    /// Leads that were escalated to police.
    pub escalated_days: u32,
    /// Leads that were referred to others.
    pub referred_days: u32,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self {
            automatic: false,
            clear_days: 90,
            dismissed_days: 180,
            monitored_days: 730,
            escalated_days: 3650,
            referred_days: 3650,
        }
    }
}

impl RetentionConfig {
    /// The setting for leads with this verdict, and its value.
    pub(crate) fn of(&self, verdict: Verdict) -> (&'static str, u32) {
        match verdict {
            Verdict::Dismiss => ("retention.dismissed_days", self.dismissed_days),
            Verdict::Monitor => ("retention.monitored_days", self.monitored_days),
            Verdict::Escalate => ("retention.escalated_days", self.escalated_days),
            Verdict::Refer => ("retention.referred_days", self.referred_days),
        }
    }

    /// The setting for what no rule flagged, and its value.
    pub(crate) fn of_clear(&self) -> (&'static str, u32) {
        ("retention.clear_days", self.clear_days)
    }
}
