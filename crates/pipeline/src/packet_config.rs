//! `[packet]` of `fusion.toml`: on what terms the desk hands a lead over, unless the command says
//! otherwise.

use domain::{GradeScheme, Language, Tlp};
use serde::Deserialize;

/// On what terms the desk hands a lead over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PacketConfig {
    /// The language of reports: `uk`, `ro`, `ru` or `en`.
    pub language: Language,
    /// The scheme by which the receiving police grade: `3x5x2`, `4x4` or `admiralty`.
    pub grading: GradeScheme,
    /// The handling code; the scheme's cautious one if absent.
    pub handling: Option<String>,
    /// The traffic light.
    pub tlp: Tlp,
    /// After how many days a recipient is to delete a packet; never said if 0.
    pub retention_days: u32,
    /// Conditions beside the handling code.
    pub conditions: String,
    /// Whom to turn to when somebody may be in danger: a unit, a hotline; checked by the desk.
    pub routes: Vec<String>,
    /// The zone that times are shown in beside UTC, by its IANA name.
    pub time_zone: String,
    /// Whether only `fusion packet approve` by the second person counts, and not the word of whoever
    /// builds.
    pub explicit_approval: bool,
}

impl Default for PacketConfig {
    fn default() -> Self {
        Self {
            language: Language::En,
            grading: GradeScheme::default(),
            handling: None,
            tlp: Tlp::default(),
            retention_days: 365,
            conditions: String::new(),
            routes: Vec::new(),
            time_zone: "UTC".to_owned(),
            explicit_approval: false,
        }
    }
}
