use serde::{Deserialize, Serialize};

use crate::{IndicatorId, Language, RuleId, Sha256, Span};

/// 100 times the calibrated probability that a reviewer would keep the posting; 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(u8);

impl Score {
    /// Rounds a probability to a score; anything outside 0..=1 is brought inside.
    pub fn from_probability(probability: f64) -> Self {
        let percent = (probability * 100.0).round().clamp(0.0, 100.0);
        Self(if percent.is_nan() { 0 } else { percent as u8 })
    }

    /// 0 to 100.
    pub fn value(self) -> u8 {
        self.0
    }
}

/// How urgently a posting wants a reader. From `Medium` on it is flagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    /// Below 15.
    None,
    /// 15 and more.
    Low,
    /// 40 and more: flagged from here.
    Medium,
    /// 65 and more.
    High,
    /// 85 and more.
    Critical,
}

impl Band {
    /// The band of a score.
    pub fn of(score: Score) -> Self {
        match score.value() {
            85.. => Self::Critical,
            65.. => Self::High,
            40.. => Self::Medium,
            15.. => Self::Low,
            _ => Self::None,
        }
    }

    /// Whether postings of this band become leads.
    pub fn is_flagged(self) -> bool {
        self >= Self::Medium
    }

    /// The word used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One rule that fired on one posting, with the words that made it fire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What the rule is a sign of.
    pub indicator: IndicatorId,
    /// The rule that fired.
    pub rule: RuleId,
    /// Its version at the time.
    pub version: u32,
    /// Log-odds added; below 0 for a mitigation.
    pub points: f64,
    /// Never empty, in order of place.
    spans: Vec<Span>,
}

impl Finding {
    /// Builds a finding; `None` without words, since a score without reasons must not exist.
    pub fn new(
        indicator: IndicatorId,
        rule: RuleId,
        version: u32,
        points: f64,
        mut spans: Vec<Span>,
    ) -> Option<Self> {
        if spans.is_empty() {
            return None;
        }
        spans.sort();
        Some(Self { indicator, rule, version, points, spans })
    }

    /// The quoted words, at least one.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }
}

/// All findings and mitigations of a posting under one rule set, with the score they add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The language the text is taken to be in; `None` when it cannot be told.
    pub language: Option<Language>,
    /// 0 to 100.
    pub score: Score,
    /// Follows from the score.
    pub band: Band,
    /// What speaks for a look, strongest first.
    pub findings: Vec<Finding>,
    /// What speaks against, strongest first; points below 0.
    pub mitigations: Vec<Finding>,
    /// The rule set that it was made under.
    pub rule_set: Sha256,
}
