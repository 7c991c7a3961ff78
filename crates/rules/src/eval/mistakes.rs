//! Postings on which label and flag differ, with the reasons for the score.

use domain::{Band, Finding};
use serde::Serialize;

use super::indicators::found_in;
use super::{Judged, Part};

/// A lead that was missed, or an ordinary posting that was flagged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    /// The file it stands in.
    pub file: String,
    /// The posting's id.
    pub id: String,
    /// Its language.
    pub language: &'static str,
    /// What it was written for.
    pub scenario: Option<String>,
    /// Whether it is a lead that was missed; else an ordinary posting that was flagged.
    pub missed: bool,
    /// 0 to 100.
    pub score: u8,
    /// Follows from the score.
    pub band: Band,
    /// What speaks for a look.
    pub findings: Vec<Reason>,
    /// What speaks against.
    pub mitigations: Vec<Reason>,
    /// Indicators that the label names and no rule found.
    pub not_found: Vec<String>,
    /// Title and text, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A finding or mitigation, without the words unless they were asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// The indicator or mitigation.
    pub indicator: String,
    /// The rule that fired.
    pub rule: String,
    /// Log-odds added.
    pub points: f64,
    /// The quoted words, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<String>,
}

/// All mistakes, by file, missed leads first, the worst first.
pub(crate) fn mistakes(parts: &[Part], with_text: bool) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for part in parts {
        let wrong =
            part.judged.iter().filter(|one| one.assessment.band.is_flagged() != one.posting.lead);
        let mut of_file: Vec<Mistake> =
            wrong.map(|one| mistake(&part.name, one, with_text)).collect();
        of_file.sort_by_key(|mistake| {
            let score = i16::from(mistake.score);
            (!mistake.missed, if mistake.missed { score } else { -score })
        });
        mistakes.extend(of_file);
    }
    mistakes
}

fn mistake(file: &str, one: &Judged, with_text: bool) -> Mistake {
    let Judged { posting, assessment } = one;
    let found = found_in(one);
    let expected = posting.indicators.iter().flatten();
    let not_found = expected.filter(|id| !found.contains(id.as_str())).cloned().collect();
    let reasons =
        |findings: &[Finding]| findings.iter().map(|finding| reason(finding, with_text)).collect();
    let text = || match &posting.title {
        Some(title) => format!("{title}\n{}", posting.text),
        None => posting.text.clone(),
    };
    Mistake {
        file: file.to_owned(),
        id: posting.id.clone(),
        language: one.language(),
        scenario: posting.scenario.clone(),
        missed: posting.lead,
        score: assessment.score.value(),
        band: assessment.band,
        findings: reasons(&assessment.findings),
        mitigations: reasons(&assessment.mitigations),
        not_found,
        text: with_text.then(text),
    }
}

fn reason(finding: &Finding, with_text: bool) -> Reason {
    let quotes = finding.spans().iter().filter(|_| with_text);
    Reason {
        indicator: finding.indicator.to_string(),
        rule: finding.rule.to_string(),
        points: finding.points,
        quotes: quotes.map(|span| span.quote.clone()).collect(),
    }
}
