//! Fitting the numbers of `weights.yaml` to labelled postings.

use std::collections::{BTreeMap, BTreeSet};

use domain::Score;
use serde::Serialize;

use super::Judged;
use super::figures::{Case, Figures, Random, by_scenario, figures, rounded};
use super::regression::{Model, calibrating_slope, probability, worth_a_look};
use super::sample::{Number, Sample, numbers_of, sample};
use super::weights_file::rewritten;
use crate::indicator::Strength;
use crate::rule_set::RuleSet;
use crate::weights::Weights;

/// How many parts the scenarios are divided into: each is judged by numbers fitted to the others.
pub(super) const FOLDS: usize = 5;
/// Fewer postings with a finding say too little.
const LEAST: usize = 50;
/// Numbers end in .00 or .05: finer ones would claim a precision that labels cannot give, and every
/// fit would change every line.
const STEPS: f64 = 20.0;
/// An indicator gets a number of its own if that differs so much from its strength's ...
const WORTH_SAYING: f64 = 0.1;
/// ... and so many postings speak for it.
const LEAST_SUPPORT: usize = 5;
pub(super) const SEED: u64 = 2009;

/// New numbers, and what they are worth on postings that they were not fitted to.
#[derive(Clone, Debug, Serialize)]
pub struct Fit {
    /// Postings that were fitted to.
    pub postings: usize,
    /// Those of them that hold a finding or a mitigation; the others say nothing about the numbers.
    pub telling: usize,
    /// The numbers as they stand, on all postings.
    pub now: Quality,
    /// Fitted numbers, each posting judged by a fit that has not seen its scenario.
    pub fitted: Quality,
    /// `weights.yaml` with the new numbers, its comments kept.
    pub yaml: String,
}

/// How good numbers are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Mean squared distance between probability and label.
    pub brier: f64,
    /// Flags and ranking.
    pub figures: Figures,
}

/// Fits numbers to postings that were assessed under this rule set, whose `weights.yaml` reads as
/// given. The bias stays: labelled sets are half leads by design and cannot tell how rare leads are.
/// The gates stay as well. An error is a sentence for people.
pub fn fit(rule_set: &RuleSet, yaml: &str, judged: &[&Judged]) -> Result<Fit, String> {
    let all = numbers_of(rule_set);
    let samples: Vec<Sample> = judged.iter().map(|one| sample(one, rule_set, &all)).collect();
    let telling: Vec<&Sample> = samples.iter().filter(|one| !one.shares.is_empty()).collect();
    let leads = telling.iter().filter(|one| one.lead).count();
    if telling.len() < LEAST || leads < LEAST / 5 || telling.len() - leads < LEAST / 5 {
        return Err(format!(
            "too little to fit to: {} postings with findings, {leads} of them leads; at least {LEAST} are \
             needed, a fifth of them leads and a fifth ordinary",
            telling.len()
        ));
    }
    let mut unseen: Vec<(f64, &Sample)> = Vec::new();
    let folds = folds(judged);
    for fold in 0..FOLDS {
        let of_fold = |inside: bool| {
            let both = samples.iter().zip(&folds);
            both.filter(move |(_, at)| (**at == fold) == inside).map(|(sample, _)| sample)
        };
        let mut model = Model::new(rule_set);
        model.fit(&of_fold(false).collect::<Vec<_>>());
        unseen.extend(of_fold(true).map(|sample| (model.sum(sample), sample)));
    }
    let slope = in_steps(calibrating_slope(&unseen));
    // Back in the order of the postings, to group them by scenario.
    let order = (0..FOLDS).flat_map(|fold| {
        folds.iter().enumerate().filter(move |(_, at)| **at == fold).map(|(index, _)| index)
    });
    let mut sums = vec![0.0; samples.len()];
    for (index, (sum, _)) in order.zip(&unseen) {
        sums[index] = *sum;
    }
    let mut model = Model::new(rule_set);
    model.fit(&samples.iter().collect::<Vec<_>>());
    let weights = numbers(&model, slope, &rule_set.weights);
    let old = Model::new(rule_set);
    let old_slope = rule_set.weights.slope;
    Ok(Fit {
        postings: samples.len(),
        telling: telling.len(),
        now: quality(judged, &samples, |index| {
            probability(old.sum(&samples[index]), old_slope, &samples[index])
        }),
        fitted: quality(judged, &samples, |index| probability(sums[index], slope, &samples[index])),
        yaml: rewritten(yaml, &weights, &rule_set.signs)?,
    })
}

/// The part of each posting: scenarios are kept together and dealt out in an order drawn from the
/// seed; a posting without one is a scenario of its own.
pub(super) fn folds(judged: &[&Judged]) -> Vec<usize> {
    let scenario = |one: &Judged| match &one.posting.scenario {
        Some(name) => format!("s {name}"),
        None => format!("p {}", one.posting.id),
    };
    let names: BTreeSet<String> = judged.iter().map(|one| scenario(one)).collect();
    let mut names: Vec<String> = names.into_iter().collect();
    let mut random = Random(SEED);
    for last in (1..names.len()).rev() {
        names.swap(last, random.below(last + 1));
    }
    let fold_of: BTreeMap<String, usize> = names.into_iter().zip((0..FOLDS).cycle()).collect();
    judged.iter().map(|one| fold_of[&scenario(one)]).collect()
}

/// The numbers that go into the file.
fn numbers(model: &Model, slope: f64, old: &Weights) -> Weights {
    let alone = (worth_a_look(model.bias, slope) * STEPS).ceil() / STEPS;
    let strength = |strength: Strength| {
        let value = in_steps(model.strengths[&strength]);
        if strength == Strength::Strong { value.max(alone) } else { value }
    };
    let mut weights = Weights {
        strong: strength(Strength::Strong),
        medium: strength(Strength::Medium),
        weak: strength(Strength::Weak),
        indicators: BTreeMap::new(),
        slope,
        ..old.clone()
    };
    for term in &model.terms {
        let value = in_steps(term.value);
        match (&term.number, term.strength) {
            (Number::Indicator(id), Some(strength)) => {
                let (usual, value) = match strength {
                    Strength::Strong => (weights.strong, value.max(alone)),
                    Strength::Medium => (weights.medium, value.min(weights.strong)),
                    Strength::Weak => (weights.weak, value.min(weights.medium)),
                };
                let differs = (value - usual).abs() > WORTH_SAYING - 1e-9;
                if differs && term.support >= LEAST_SUPPORT {
                    weights.indicators.insert(id.clone(), value);
                }
            }
            (Number::Mitigation(id), _) => {
                weights.mitigations.insert(id.clone(), value);
            }
            (Number::Negated, _) => weights.negated = value,
            (Number::DimensionBonus, _) => weights.dimension_bonus = value,
            (Number::Indicator(_), None) => {}
        }
    }
    weights
}

fn in_steps(value: f64) -> f64 {
    (value * STEPS).round() / STEPS
}

fn quality(judged: &[&Judged], samples: &[Sample], probability: impl Fn(usize) -> f64) -> Quality {
    let mut squares = 0.0;
    let mut cases = Vec::new();
    for (index, (one, sample)) in judged.iter().zip(samples).enumerate() {
        let probability = probability(index);
        let distance = probability - f64::from(u8::from(sample.lead));
        squares += distance * distance;
        let score = Score::from_probability(probability);
        let flagged = domain::Band::of(score).is_flagged();
        let case = Case { score: score.value(), flagged, lead: sample.lead };
        cases.push((one.posting.scenario.as_deref(), case));
    }
    Quality {
        brier: rounded(squares / samples.len().max(1) as f64),
        figures: figures(&by_scenario(cases), SEED),
    }
}
