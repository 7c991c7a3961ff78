//! What decisions say, in numbers, and the page that shows it.

use domain::Language;
use serde::Serialize;

use crate::brief::{escaped_page, reliability};
use crate::chance::Ratio;

/// How often something was kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeptShare {
    /// Of what: a rule, a band, a language.
    pub of: String,
    /// Leads that were decided.
    pub decided: u64,
    /// Leads that were kept.
    pub kept: u64,
    /// The share kept, with its 95 % interval (Wilson 1927).
    pub precision: Ratio,
}

/// What a rule takes of reviewers' time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleCost {
    /// The rule and how often what it found was kept.
    #[serde(flatten)]
    pub kept: KeptShare,
    /// Dismissed leads in which it weighed most.
    pub dismissed_leading: u64,
    /// Minutes that people spent on those, from claim or view to decision.
    pub minutes: u64,
}

/// Scores against what people kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Lowest score.
    pub from: u8,
    /// Highest score.
    pub to: u8,
    /// Leads.
    pub leads: u64,
    /// Their mean score.
    pub mean_score: f64,
    /// The share that was kept.
    pub kept: Ratio,
}

/// Hours, half and nine tenths of which were shorter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Hours {
    /// How many were measured.
    pub measured: usize,
    /// Half took no longer.
    pub median: f64,
    /// Nine in ten took no longer.
    pub ninth_tenth: f64,
}

/// Leads that two people decided on, and how far they agree whether to keep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Leads that two people decided on.
    pub leads: u64,
    /// Of these they agree on.
    pub agreed: u64,
    /// Cohen's kappa (1960): agreement beyond chance; `None` if all say the same.
    pub kappa: Option<f64>,
}

/// What decisions say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Leads that were decided.
    pub decided: u64,
    /// Leads that were kept.
    pub kept: u64,
    /// Mean squared distance of score and decision (Brier 1950).
    pub brier: Option<f64>,
    /// By band.
    pub bands: Vec<KeptShare>,
    /// By language.
    pub languages: Vec<KeptShare>,
    /// By rule, the costliest first.
    pub rules: Vec<RuleCost>,
    /// Bins of ten points that hold leads.
    pub reliability: Vec<ReliabilityBin>,
    /// From publication to the flag.
    pub to_flag: Option<Hours>,
    /// From the flag to the first decision.
    pub to_decision: Option<Hours>,
    /// Of two readers; `None` if no lead was read twice.
    pub agreement: Option<Agreement>,
}

impl Calibration {
    /// The reliability plot as a page of its own.
    pub fn page(&self) -> String {
        let point = |bin: &ReliabilityBin| {
            (bin.mean_score / 100.0, bin.kept.value, bin.kept.low, bin.kept.high)
        };
        let points: Vec<_> = self.reliability.iter().map(point).collect();
        let title = "Scores against decisions";
        let rows: String = self
            .reliability
            .iter()
            .map(|bin| {
                format!(
                    "<tr><td>{} to {}</td><td>{}</td><td>{:.0}</td><td>{:.0} % ({:.0} to {:.0})</td></tr>",
                    bin.from,
                    bin.to,
                    bin.leads,
                    bin.mean_score,
                    bin.kept.value * 100.0,
                    bin.kept.low * 100.0,
                    bin.kept.high * 100.0
                )
            })
            .collect();
        let body = format!(
            "<h1>{title}</h1><p>{} leads decided, {} kept. A point on the broken line is a score that \
             can be taken at its word; bars are 95 % intervals.</p>{}\
             <table><tr><th>score</th><th>leads</th><th>mean score</th><th>kept</th></tr>{rows}</table>",
            self.decided,
            self.kept,
            reliability(title, &points)
        );
        escaped_page(Language::En, title, &body)
    }
}
