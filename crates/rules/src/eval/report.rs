//! The whole report on labelled postings.

use std::collections::BTreeSet;

use domain::Sha256;
use serde::Serialize;

use super::calibration::{Calibration, calibration};
use super::figures::{Case, Figures, by_scenario, figures};
use super::indicators::{IndicatorRow, indicator_rows};
use super::mistakes::{Mistake, mistakes};
use super::{Judged, Part};

/// Where chance starts: any number does, as long as it stays the same.
const SEED: u64 = 2009;
/// Beyond so many findings nobody counts on.
const MOST_COUNTED: usize = 12;

/// What labelled postings say about a rule set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The rule set.
    pub rule_set: Sha256,
    /// By file and language, each with a row for all languages; then all files together.
    pub figures: Vec<FiguresRow>,
    /// By scenario, the files together.
    pub scenarios: Vec<FiguresRow>,
    /// What simple means would reach.
    pub baselines: Vec<Baseline>,
    /// By file, language and indicator, with rows for all languages and all files.
    pub indicators: Vec<IndicatorRow>,
    /// By file; then all files together.
    pub calibration: Vec<Calibration>,
    /// Missed leads and wrong flags.
    pub mistakes: Vec<Mistake>,
}

/// The figures of some of the postings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FiguresRow {
    /// The file; `None` for all together.
    pub file: Option<String>,
    /// The language; `None` for all together.
    pub language: Option<&'static str>,
    /// The scenario, in rows by scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What a means without any weighing would reach: rules must do better to be worth their while.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Baseline {
    /// The file; `None` for all together.
    pub file: Option<String>,
    /// Postings with so many findings are flagged, the number that does best on the very same
    /// postings; 0: everything is flagged.
    pub at_least: usize,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

impl Report {
    /// Reports on these files. Texts and quoted words stay out unless `with_text`.
    pub fn new(rule_set: Sha256, parts: &[Part], with_text: bool) -> Self {
        let mut report = Self {
            rule_set,
            figures: Vec::new(),
            scenarios: by_each_scenario(parts),
            baselines: Vec::new(),
            indicators: Vec::new(),
            calibration: Vec::new(),
            mistakes: mistakes(parts, with_text),
        };
        for part in parts {
            report.add(Some(&part.name), &part.judged.iter().collect::<Vec<_>>());
        }
        if parts.len() > 1 {
            let all: Vec<&Judged> = parts.iter().flat_map(|part| &part.judged).collect();
            report.add(None, &all);
        }
        report
    }

    fn add(&mut self, file: Option<&str>, judged: &[&Judged]) {
        let languages: BTreeSet<&str> = judged.iter().map(|one| one.language()).collect();
        // One language needs no second row that says the same.
        let each = languages.iter().map(|language| Some(*language));
        let together = (languages.len() != 1).then_some(None);
        for language in each.chain(together) {
            let of_language = || {
                let judged = judged.iter().copied();
                judged.filter(move |one| language.is_none_or(|code| code == one.language()))
            };
            self.figures.push(FiguresRow {
                file: file.map(ToOwned::to_owned),
                language,
                scenario: None,
                figures: figures_of(of_language(), Judged::case),
            });
            self.indicators.extend(indicator_rows(file, language, of_language()));
        }
        self.calibration.extend(calibration(file, judged.iter().copied()));
        self.baselines.extend([0, best_count(judged)].map(|at_least| Baseline {
            file: file.map(ToOwned::to_owned),
            at_least,
            figures: figures_of(judged.iter().copied(), |one| counted(one, at_least)),
        }));
    }
}

fn figures_of<'j>(
    judged: impl Iterator<Item = &'j Judged>,
    case: impl Fn(&Judged) -> Case,
) -> Figures {
    let cases = judged.map(|one| (one.posting.scenario.as_deref(), case(one)));
    figures(&by_scenario(cases), SEED)
}

fn by_each_scenario(parts: &[Part]) -> Vec<FiguresRow> {
    let judged = || parts.iter().flat_map(|part| &part.judged);
    let names: BTreeSet<&str> =
        judged().filter_map(|one| one.posting.scenario.as_deref()).collect();
    let row = |name: &str| {
        let of_name = judged().filter(|one| one.posting.scenario.as_deref() == Some(name));
        let cases = of_name.map(|one| (None, one.case()));
        FiguresRow {
            file: None,
            language: None,
            scenario: Some(name.to_owned()),
            figures: figures(&by_scenario(cases), SEED),
        }
    };
    names.into_iter().map(row).collect()
}

/// A posting as a counter of findings would see it.
fn counted(one: &Judged, at_least: usize) -> Case {
    let count = one.assessment.findings.len();
    let score = if at_least == 0 { 0 } else { count.min(100) as u8 };
    Case { score, flagged: count >= at_least, lead: one.posting.lead }
}

/// The number of findings from which flagging gives the best F1.
fn best_count(judged: &[&Judged]) -> usize {
    let f1 = |at_least: usize| {
        let cases = judged.iter().map(|one| counted(one, at_least));
        let (mut right, mut all) = (0, 0);
        for case in cases {
            right += 2 * usize::from(case.flagged && case.lead);
            all += usize::from(case.flagged) + usize::from(case.lead);
        }
        if all == 0 { 0.0 } else { right as f64 / all as f64 }
    };
    (1..=MOST_COUNTED).rev().max_by(|a, b| f1(*a).total_cmp(&f1(*b))).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use domain::{Assessment, Band, Finding, IndicatorId, Language, RuleId, Score, Span};

    use super::super::Labelled;
    use super::*;

    fn judged(id: &str, language: Language, lead: bool, score: f64, found: &[&str]) -> Judged {
        let finding = |indicator: &&str| {
            let span =
                Span { field: domain::Field::Text, start: 0, end: 4, quote: "work".to_owned() };
            let indicator = IndicatorId::new(*indicator).unwrap();
            Finding::new(indicator, RuleId::new("en.a.b").unwrap(), 1, 2.0, vec![span]).unwrap()
        };
        let score = Score::from_probability(score);
        Judged {
            posting: Labelled {
                id: id.to_owned(),
                language: Some(language),
                title: None,
                text: "work".to_owned(),
                lead,
                indicators: Some(vec!["debt".to_owned()]),
                scenario: Some("farm".to_owned()),
            },
            assessment: Assessment {
                language: None,
                score,
                band: Band::of(score),
                findings: found.iter().map(finding).collect(),
                mitigations: Vec::new(),
                rule_set: Sha256::of(b""),
            },
        }
    }

    #[test]
    fn files_are_reported_apart_and_together() {
        let part = |name: &str, judged| Part { name: name.to_owned(), judged };
        let parts = [
            part(
                "a",
                vec![
                    judged("1", Language::Uk, true, 0.9, &["debt", "fee"]),
                    judged("2", Language::Ro, false, 0.7, &["fee"]),
                ],
            ),
            part("b", vec![judged("3", Language::Uk, true, 0.1, &[])]),
        ];
        let report = Report::new(Sha256::of(b""), &parts, false);
        let rows: Vec<_> = report
            .figures
            .iter()
            .map(|row| (row.file.as_deref(), row.language, row.figures.postings))
            .collect();
        assert_eq!(
            rows,
            [
                (Some("a"), Some("ro"), 1),
                (Some("a"), Some("uk"), 1),
                (Some("a"), None, 2),
                (Some("b"), Some("uk"), 1),
                (None, Some("ro"), 1),
                (None, Some("uk"), 2),
                (None, None, 3),
            ]
        );
        let debt =
            report.indicators.iter().find(|row| row.language.is_none() && row.file.is_none());
        let debt = debt.unwrap();
        assert_eq!((debt.expected, debt.found, debt.both), (3, 1, 1));
        let ids: Vec<_> = report.mistakes.iter().map(|m| (m.id.as_str(), m.missed)).collect();
        assert_eq!(ids, [("2", false), ("3", true)]);
        assert_eq!(report.mistakes[1].not_found, ["debt"]);
        assert!(report.mistakes.iter().all(|mistake| mistake.text.is_none()));
        assert!(!serde_json::to_string(&report).unwrap().contains("work"));
        assert_eq!(report.baselines[1].at_least, 2, "a posting of two findings is the only lead");
    }
}
