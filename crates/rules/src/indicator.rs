use domain::IndicatorId;
use serde::{Deserialize, Serialize};

/// A published sign of trafficking recruitment, as `indicators.yaml` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// `document-retention`.
    pub id: IndicatorId,
    /// What it is, in a few words.
    pub title: String,
    /// Which side of recruitment or exploitation it shows.
    pub dimension: Dimension,
    /// How much it says in a public ad.
    pub strength: Strength,
    /// Who published it.
    pub source: String,
    /// What counts as this sign.
    pub definition: String,
    /// Why it matters to a reader.
    pub why: String,
    /// Whether the sign is who is asked for: its rules mean the very words that they name, and none
    /// that `words.yaml` calls alike.
    pub names_who: bool,
}

/// Something that speaks against an offer being one of exploitation, or against being an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mitigation {
    /// `prevention-or-news`.
    pub id: IndicatorId,
    /// What it is, in a few words.
    pub title: String,
    /// Why it lowers the score, and by what it can be faked.
    pub why: String,
}

/// The dimensions of the ILO's operational indicators (2009), and `context` for signs that count
/// only together with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// Deceived about work, place, pay, papers, contract.
    DeceptiveRecruitment,
    /// Violence, threats, debt, confiscation while recruiting.
    CoerciveRecruitment,
    /// Recruited because there was no way out.
    AbuseOfVulnerabilityRecruitment,
    /// Kept because there is no way out.
    AbuseOfVulnerabilityDestination,
    /// Hours, pay, conditions, kinds of work.
    Exploitation,
    /// Papers, money, movement, contact controlled.
    CoercionAtDestination,
    /// Counts only together with others.
    Context,
}

impl Dimension {
    pub(crate) const WORDS: [(&'static str, Self); 7] = [
        ("deceptive-recruitment", Self::DeceptiveRecruitment),
        ("coercive-recruitment", Self::CoerciveRecruitment),
        ("abuse-of-vulnerability-recruitment", Self::AbuseOfVulnerabilityRecruitment),
        ("abuse-of-vulnerability-destination", Self::AbuseOfVulnerabilityDestination),
        ("exploitation", Self::Exploitation),
        ("coercion-at-destination", Self::CoercionAtDestination),
        ("context", Self::Context),
    ];
}

/// How much one sign says in a public ad; this project's own setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Common in honest ads; never flags alone, in any number.
    Weak,
    /// Flags with two others.
    Medium,
    /// Worth a look alone.
    Strong,
}

impl Strength {
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("strong", Self::Strong), ("medium", Self::Medium), ("weak", Self::Weak)];
}
