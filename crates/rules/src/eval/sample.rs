//! Labelled postings as the fitting of weights sees them: how much of each number they take.

use std::collections::BTreeSet;

use super::Judged;
use crate::indicator::{Dimension, Strength};
use crate::rule::Sign;
use crate::rule_set::RuleSet;
use crate::tenor::Leaning;
use crate::weigh::{Weighed, against_factor, passes_gate, share, whole_points};
use crate::weights::Weights;

/// What a number of `weights.yaml` stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    Indicator(String),
    Mitigation(String),
    Negated,
    DimensionBonus,
}

/// All numbers of a rule set, in a fixed order; samples name them by their place in it.
pub(crate) fn numbers_of(rule_set: &RuleSet) -> Vec<Number> {
    let indicators = rule_set.indicators().iter().map(|known| known.id.to_string());
    let mitigations = rule_set.mitigations().iter().map(|known| known.id.to_string());
    let mut numbers: Vec<Number> = indicators.map(Number::Indicator).collect();
    numbers.extend(mitigations.map(Number::Mitigation));
    numbers.extend([Number::Negated, Number::DimensionBonus]);
    numbers.sort();
    numbers
}

/// One labelled posting: the log-odds of a lead are the bias and each number times its share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Places of numbers and their shares, each number once, in order.
    pub(crate) shares: Vec<(usize, f64)>,
    /// Whether it may be flagged at all.
    pub(crate) passes_gate: bool,
    pub(crate) lead: bool,
}

/// The sample of a posting that was assessed under this rule set.
pub(crate) fn sample(one: &Judged, rule_set: &RuleSet, numbers: &[Number]) -> Sample {
    let mut matched = matched(one, rule_set);
    let passes_gate = passes_gate(&matched, &rule_set.weights);
    let mut shares = Vec::new();
    let bonuses = dimensions(&matched).len().saturating_sub(1);
    if bonuses > 0 {
        shares.push((Number::DimensionBonus, bonuses as f64));
    }
    let against = against_share(&matched, &rule_set.weights);
    let mut negated = 0.0;
    for group in matched.chunk_by_mut(|a, b| (a.sign, a.negated) == (b.sign, b.negated)) {
        share(group, 1.0, rule_set.weights.further_share);
        let sum: f64 = group.iter().map(|one| one.points).sum();
        let sign = || group[0].sign.to_owned();
        match group[0].kind {
            Some(_) => shares.push((Number::Indicator(sign()), sum)),
            None if group[0].negated => negated += sum * against,
            None => shares.push((Number::Mitigation(sign()), sum * against)),
        }
    }
    if negated > 0.0 {
        shares.push((Number::Negated, negated));
    }
    shares.sort_by(|a, b| a.0.cmp(&b.0));
    let place = |(number, share)| Some((numbers.binary_search(&number).ok()?, share));
    let shares = shares.into_iter().filter_map(place).collect();
    Sample { shares, passes_gate, lead: one.posting.lead }
}

/// How much of what speaks against counts.
fn against_share(matched: &[Weighed<'_>], weights: &Weights) -> f64 {
    let mut against: Vec<Weighed<'_>> =
        matched.iter().filter(|one| one.kind.is_none()).cloned().collect();
    for group in against.chunk_by_mut(|a, b| (a.sign, a.negated) == (b.sign, b.negated)) {
        let whole = whole_points(&group[0], weights);
        share(group, whole, weights.further_share);
    }
    against_factor(matched, against.iter().map(|one| one.points).sum(), weights)
}

/// What the weighing was given: findings and mitigations with the weights of their rules.
fn matched<'m>(one: &'m Judged, rule_set: &'m RuleSet) -> Vec<Weighed<'m>> {
    let reasons = one.assessment.findings.iter().chain(&one.assessment.mitigations);
    let mut matched: Vec<Weighed<'m>> = Vec::new();
    for finding in reasons {
        let Ok(at) = rule_set.rules.binary_search_by(|rule| rule.id.cmp(&finding.rule)) else {
            continue;
        };
        let tenor = rule_set.compiled.tenor_of(at);
        if matches!(tenor, Some(Leaning::Sign(_))) {
            // What is only heard makes nothing worth a look, which is what numbers are fitted to.
            continue;
        }
        let rule = &rule_set.rules[at];
        let negated = finding.points < 0.0 && matches!(rule.sign, Sign::Indicator(_));
        let known = rule_set.indicator(rule.sign.id()).filter(|_| finding.points > 0.0);
        let mut weighed = Weighed {
            sign: rule.sign.id().as_str(),
            rule: rule.id.as_str(),
            pieces: finding.spans().len(),
            points: rule.weight,
            share: 1.0,
            kind: known.map(|indicator| (indicator.strength, indicator.dimension)),
            negated,
            is_heard: false,
            matched: 0,
        };
        if tenor.is_some() {
            // How strong a tenor was, only its points tell.
            weighed.points = finding.points / whole_points(&weighed, &rule_set.weights);
            weighed.share = weighed.points / rule.weight;
        }
        matched.push(weighed);
    }
    matched.sort_by(|a, b| (a.negated, a.sign, a.rule).cmp(&(b.negated, b.sign, b.rule)));
    matched
}

/// The dimensions that earn the bonus.
fn dimensions(matched: &[Weighed<'_>]) -> BTreeSet<Dimension> {
    let kinds = matched.iter().filter_map(|one| one.kind);
    kinds
        .filter(|(strength, dimension)| {
            *strength != Strength::Weak && *dimension != Dimension::Context
        })
        .map(|(_, dimension)| dimension)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::labelled::Labelled;
    use super::super::regression::{Model, probability};
    use super::*;
    use crate::{Assessor, Subject};

    #[test]
    fn samples_give_the_scores_that_the_weighing_gives() {
        let rule_set = RuleSet::builtin().unwrap();
        let mut assessor = Assessor::new(&rule_set);
        let model = Model::new(&rule_set);
        let numbers = numbers_of(&rule_set);
        let mut with_findings = 0;
        let rules = rule_set.rules().iter();
        let examples = rules.flat_map(|rule| rule.examples.iter().map(|example| &example.text));
        let examples: Vec<&str> = examples.map(String::as_str).collect();
        // Three examples in a row make a text with several signs.
        for window in examples.windows(3).step_by(2) {
            let text = window.join(" ");
            let folded = text::Folded::new(&text);
            let subject = Subject { title: None, text: (&text, &folded), contacts: &[] };
            let assessment = assessor.assess(&subject, None);
            let score = assessment.score.value();
            // What is heard adds to the score of what is flagged, and is no number of a fit.
            if assessment.findings.iter().any(|one| one.rule.as_str().starts_with("any.heard.")) {
                continue;
            }
            with_findings += usize::from(!assessment.findings.is_empty());
            let posting = Labelled {
                id: String::new(),
                language: None,
                title: None,
                text: String::new(),
                lead: true,
                indicators: None,
                scenario: None,
            };
            let sample = sample(&Judged { posting, assessment }, &rule_set, &numbers);
            let slope = rule_set.weights.slope;
            let probability = probability(model.sum(&sample), slope, &sample);
            let distance = (probability * 100.0 - f64::from(score)).abs();
            assert!(distance < 0.51, "{score} and {probability}: {text}");
        }
        assert!(with_findings > 100);
    }
}
