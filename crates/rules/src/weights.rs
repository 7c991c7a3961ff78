use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The numbers of the weighing, in log-odds; `weights.yaml` explains each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Weights {
    /// Where an offer without any sign starts.
    pub(crate) bias: f64,
    pub(crate) strong: f64,
    pub(crate) medium: f64,
    pub(crate) weak: f64,
    /// Overrides by indicator id.
    pub(crate) indicators: BTreeMap<String, f64>,
    /// Share of its points that a further finding of the same indicator adds.
    pub(crate) further_share: f64,
    pub(crate) dimension_bonus: f64,
    /// Indicators of how an offer is written, not of what it offers: they raise the score of what is
    /// worth a look, and make nothing so.
    pub(crate) manner: Vec<String>,
    /// Indicators of how all words of a text lie together: worth a look beside another sign,
    /// and alone if they are clear.
    pub(crate) tenor: Vec<String>,
    /// Most that all mitigations together take where a tenor is clear, below 0; `None` for no limit.
    pub(crate) against_sure_tenor: Option<f64>,
    /// Most that all weak indicators add together.
    pub(crate) weak_cap: f64,
    /// Below 0, by mitigation id.
    pub(crate) mitigations: BTreeMap<String, f64>,
    /// What a negated match adds, below 0.
    pub(crate) negated: f64,
    /// Steepness of the calibration.
    pub(crate) slope: f64,
}
