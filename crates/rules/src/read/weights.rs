//! `weights.yaml`.

use std::collections::BTreeMap;

use super::indicator::Signs;
use super::yaml::{Fields, Node, shortened};
use crate::problem::{Problems, code};
use crate::weights::Weights;

pub(crate) const FILE: &str = "weights.yaml";

/// Reads the weights; what is missing or out of range is a problem and reads as 0, so that the
/// caller must not weigh with them.
pub(crate) fn read(root: &Node, signs: &Signs, problems: &mut Problems) -> Weights {
    let mut top = root.fields("weights.yaml", problems);
    let mut weights = Weights {
        bias: number(&mut top, "bias", Allowed::Negative, problems),
        further_share: number(&mut top, "further_share", Allowed::Share, problems),
        dimension_bonus: number(&mut top, "dimension_bonus", Allowed::NotNegative, problems),
        weak_cap: number(&mut top, "weak_cap", Allowed::Positive, problems),
        negated: number(&mut top, "negated", Allowed::Negative, problems),
        slope: number(&mut top, "slope", Allowed::Positive, problems),
        ..Weights::default()
    };
    if let Some(node) = need(&mut top, "strength", problems) {
        let mut strength = node.fields("`strength`", problems);
        weights.strong = number(&mut strength, "strong", Allowed::Positive, problems);
        weights.medium = number(&mut strength, "medium", Allowed::Positive, problems);
        weights.weak = number(&mut strength, "weak", Allowed::Positive, problems);
        strength.finish(problems);
    }
    if let Some(node) = top.take("indicators").filter(|node| !node.is_empty()) {
        let known = |id: &str| signs.indicator(id).is_some();
        weights.indicators = by_id(node, "indicators", Allowed::Positive, known, problems);
    }
    weights.manner = listed(&mut top, "manner", signs, problems);
    weights.tenor = listed(&mut top, "tenor", signs, problems);
    weights.against_sure_tenor = top
        .take("against_sure_tenor")
        .map(|node| checked(node, "against_sure_tenor", Allowed::Negative, problems));
    if let Some(node) = need(&mut top, "mitigations", problems) {
        let known = |id: &str| signs.mitigation(id).is_some();
        weights.mitigations = by_id(node, "mitigations", Allowed::Negative, known, problems);
        for mitigation in &signs.mitigations {
            if !weights.mitigations.contains_key(mitigation.id.as_str()) {
                let message = format!("mitigation `{}` has no number", mitigation.id);
                problems.report(code::WEIGHTS, node.line, message);
            }
        }
    }
    top.finish(problems);
    weights
}

/// The indicators that a list of ids names; the list may be missing.
fn listed(top: &mut Fields<'_>, key: &str, signs: &Signs, problems: &mut Problems) -> Vec<String> {
    let mut ids = Vec::new();
    for sign in top.take(key).map_or(&[][..], |node| node.list(&format!("`{key}`"), problems)) {
        match sign.text().filter(|id| signs.indicator(id).is_some()) {
            Some(id) => ids.push(id.to_owned()),
            None => {
                let message = format!("`{key}` lists indicators of indicators.yaml");
                problems.report(code::UNKNOWN_SIGN, sign.line, message);
            }
        }
    }
    ids
}

#[derive(Clone, Copy)]
enum Allowed {
    Positive,
    NotNegative,
    Negative,
    Share,
}

impl Allowed {
    fn admits(self, number: f64) -> bool {
        // A log-odds weight beyond this is no judgement any more, and would drown all others.
        let within_reason = number.abs() <= 100.0;
        within_reason
            && match self {
                Self::Positive => number > 0.0,
                Self::NotNegative => number >= 0.0,
                Self::Negative => number < 0.0,
                Self::Share => (0.0..=1.0).contains(&number),
            }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Positive => "a number above 0, at most 100",
            Self::NotNegative => "a number from 0 to 100",
            Self::Negative => "a number below 0, at least -100",
            Self::Share => "a number from 0 to 1",
        }
    }
}

fn need<'n>(fields: &mut Fields<'n>, key: &str, problems: &mut Problems) -> Option<&'n Node> {
    let node = fields.take(key);
    if node.is_none() {
        problems.report(code::WEIGHTS, fields.line, format!("`{key}` is missing"));
    }
    node
}

fn number(fields: &mut Fields<'_>, key: &str, allowed: Allowed, problems: &mut Problems) -> f64 {
    need(fields, key, problems).map_or(0.0, |node| checked(node, key, allowed, problems))
}

fn checked(node: &Node, key: &str, allowed: Allowed, problems: &mut Problems) -> f64 {
    match node.number().filter(|number| allowed.admits(*number)) {
        Some(number) => number,
        None => {
            let message = format!("`{}` must be {}", shortened(key), allowed.words());
            problems.report(code::WEIGHTS, node.line, message);
            0.0
        }
    }
}

fn by_id(
    node: &Node,
    what: &str,
    allowed: Allowed,
    known: impl Fn(&str) -> bool,
    problems: &mut Problems,
) -> BTreeMap<String, f64> {
    let mut numbers = BTreeMap::new();
    for (id, value) in node.entries(&format!("`{what}`"), problems) {
        if !known(id) {
            let message = format!("`{}` does not stand in indicators.yaml", shortened(id));
            problems.report(code::UNKNOWN_SIGN, value.line, message);
        }
        numbers.insert(id.to_owned(), checked(value, id, allowed, problems));
    }
    numbers
}
