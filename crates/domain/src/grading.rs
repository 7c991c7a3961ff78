//! How much a reader may rely on a packet, and how far it may travel. A score is no grade: a person
//! sets the grade, by the scheme that the receiving police use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A scheme by which police grade source and information.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum GradeScheme {
    /// UK: source 1-3, information A-E, handling P or C.
    #[serde(rename = "3x5x2")]
    ThreeFiveTwo,
    /// Europol: source A, B, C, X; information 1-4; handling H0-H3.
    #[default]
    #[serde(rename = "4x4")]
    FourFour,
    /// Admiralty: reliability A-F, credibility 1-6; handling H0-H3.
    #[serde(rename = "admiralty")]
    Admiralty,
}

impl GradeScheme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ThreeFiveTwo, Self::FourFour, Self::Admiralty];

    /// The word used in settings and data.
    pub fn name(self) -> &'static str {
        match self {
            Self::ThreeFiveTwo => "3x5x2",
            Self::FourFour => "4x4",
            Self::Admiralty => "admiralty",
        }
    }

    /// The codes for the source, the best first.
    pub fn source_codes(self) -> &'static [&'static str] {
        match self {
            Self::ThreeFiveTwo => &["1", "2", "3"],
            Self::FourFour => &["A", "B", "C", "X"],
            Self::Admiralty => &["A", "B", "C", "D", "E", "F"],
        }
    }

    /// The codes for the information, the best first.
    pub fn information_codes(self) -> &'static [&'static str] {
        match self {
            Self::ThreeFiveTwo => &["A", "B", "C", "D", "E"],
            Self::FourFour => &["1", "2", "3", "4"],
            Self::Admiralty => &["1", "2", "3", "4", "5", "6"],
        }
    }

    /// The codes for handling.
    pub fn handling_codes(self) -> &'static [&'static str] {
        match self {
            Self::ThreeFiveTwo => &["P", "C"],
            Self::FourFour | Self::Admiralty => &["H0", "H1", "H2", "H3"],
        }
    }

    /// What an anonymous public ad is until a person has graded it: source unknown, information
    /// not corroborated, no passing on without asking.
    pub fn ungraded(self) -> Grading {
        let (source, information, handling) = match self {
            Self::ThreeFiveTwo => ("2", "D", "C"),
            Self::FourFour => ("X", "4", "H2"),
            Self::Admiralty => ("F", "6", "H2"),
        };
        Grading {
            scheme: self,
            source: source.to_owned(),
            information: information.to_owned(),
            handling: handling.to_owned(),
            by_a_person: false,
        }
    }
}

impl fmt::Display for GradeScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A grade is not one of its scheme.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{code}` is no {what} code of scheme {scheme}: use one of {known}")]
pub struct GradeError {
    code: String,
    what: &'static str,
    scheme: GradeScheme,
    known: String,
}

/// Source, information and handling by one scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grading {
    /// The scheme.
    pub scheme: GradeScheme,
    /// One of [`GradeScheme::source_codes`].
    source: String,
    /// One of [`GradeScheme::information_codes`].
    information: String,
    /// One of [`GradeScheme::handling_codes`].
    handling: String,
    /// Whether a person graded it; else it stands as [`GradeScheme::ungraded`] has it.
    by_a_person: bool,
}

impl Grading {
    /// A person's grade; what is `None` stays as it is for an anonymous ad. Case does not matter.
    pub fn by_person(
        scheme: GradeScheme,
        source: Option<&str>,
        information: Option<&str>,
        handling: Option<&str>,
    ) -> Result<Self, GradeError> {
        let mut grading = scheme.ungraded();
        grading.by_a_person = source.is_some() && information.is_some();
        for (what, given, known, place) in [
            ("source", source, scheme.source_codes(), &mut grading.source),
            ("information", information, scheme.information_codes(), &mut grading.information),
            ("handling", handling, scheme.handling_codes(), &mut grading.handling),
        ] {
            let Some(given) = given else { continue };
            let code = known.iter().find(|code| code.eq_ignore_ascii_case(given.trim()));
            let code = code.ok_or_else(|| GradeError {
                code: given.to_owned(),
                what,
                scheme,
                known: known.join(", "),
            })?;
            *place = (*code).to_owned();
        }
        Ok(grading)
    }

    /// The code for the source.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The code for the information.
    pub fn information(&self) -> &str {
        &self.information
    }

    /// The code for handling.
    pub fn handling(&self) -> &str {
        &self.handling
    }

    /// Whether a person graded source and information.
    pub fn is_by_a_person(&self) -> bool {
        self.by_a_person
    }
}

/// How far a packet may travel: Traffic Light Protocol 2.0 (FIRST, 2022).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Tlp {
    /// For no restriction.
    #[serde(rename = "CLEAR")]
    Clear,
    /// For the community.
    #[serde(rename = "GREEN")]
    Green,
    /// For the recipients' organisation and its clients.
    #[serde(rename = "AMBER")]
    Amber,
    /// For the recipients' organisation alone.
    #[default]
    #[serde(rename = "AMBER+STRICT")]
    AmberStrict,
    /// For the named recipients alone.
    #[serde(rename = "RED")]
    Red,
}

impl Tlp {
    /// All of them, the widest first.
    pub const ALL: [Self; 5] =
        [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// The word after `TLP:`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "CLEAR",
            Self::Green => "GREEN",
            Self::Amber => "AMBER",
            Self::AmberStrict => "AMBER+STRICT",
            Self::Red => "RED",
        }
    }

    /// The label as the protocol writes it: `TLP:AMBER+STRICT`.
    pub fn label(self) -> String {
        format!("TLP:{}", self.name())
    }

    /// Reads a label, with or without `TLP:`.
    pub fn from_label(label: &str) -> Option<Self> {
        let upper = label.trim().to_ascii_uppercase();
        let name = upper.strip_prefix("TLP:").unwrap_or(&upper);
        Self::ALL.into_iter().find(|tlp| tlp.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ad_that_nobody_graded_says_that_nothing_is_known_of_its_source() {
        let codes = GradeScheme::ALL.map(|scheme| {
            let grading = scheme.ungraded();
            assert!(!grading.is_by_a_person());
            assert!(scheme.source_codes().contains(&grading.source()));
            assert!(scheme.information_codes().contains(&grading.information()));
            assert!(scheme.handling_codes().contains(&grading.handling()));
            format!("{}{} {}", grading.source(), grading.information(), grading.handling())
        });
        assert_eq!(codes, ["2D C", "X4 H2", "F6 H2"]);
    }

    #[test]
    fn a_grade_of_another_scheme_is_refused_with_the_codes_to_use() {
        let grade =
            |source| Grading::by_person(GradeScheme::FourFour, Some(source), Some("3"), Some("h1"));
        let good = grade("b").unwrap();
        assert_eq!((good.source(), good.information(), good.handling()), ("B", "3", "H1"));
        assert!(good.is_by_a_person());
        let refused = grade("F").unwrap_err().to_string();
        assert_eq!(refused, "`F` is no source code of scheme 4x4: use one of A, B, C, X");
        let half = Grading::by_person(GradeScheme::FourFour, Some("B"), None, None).unwrap();
        assert!(!half.is_by_a_person(), "information was not graded");
    }

    #[test]
    fn a_traffic_light_reads_back() {
        for tlp in Tlp::ALL {
            assert_eq!(Tlp::from_label(&tlp.label()), Some(tlp));
        }
        assert_eq!(Tlp::from_label(" tlp:amber+strict "), Some(Tlp::AmberStrict));
        assert_eq!(Tlp::from_label("purple"), None);
    }
}
