//! Logistic regression with a pull towards prior numbers and bounds that keep each number's sense:
//! a sign never speaks against, a mitigation never for, and a strong sign alone is worth a look.

use std::collections::BTreeMap;

use super::descent::Parabola;
use super::sample::{Number, Sample, numbers_of};
use crate::indicator::Strength;
use crate::rule_set::RuleSet;
use crate::weigh::{UNFLAGGED, logistic};

/// Log-odds of the probability from which a posting is flagged, ln(0.40 / 0.60).
const FLAGGED_FROM: f64 = -0.405_465;
/// How hard numbers are pulled towards where they come from: so many postings of full share.
const PULL: f64 = 4.0;
const MOST_SWEEPS: usize = 400;
const SMALLEST_STEP: f64 = 1e-5;

/// All numbers while they are fitted.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) bias: f64,
    weak_cap: f64,
    /// What indicators of a strength are worth without evidence of their own.
    pub(crate) strengths: BTreeMap<Strength, f64>,
    prior_strengths: BTreeMap<Strength, f64>,
    /// In the order of [`numbers_of`].
    pub(crate) terms: Vec<Term>,
}

/// One number.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) number: Number,
    pub(crate) value: f64,
    /// Where it is pulled; an indicator without a number of its own is pulled to its strength instead.
    prior: f64,
    /// Whether it has a number of its own.
    is_own: bool,
    low: f64,
    high: f64,
    pub(crate) strength: Option<Strength>,
    /// In how many postings it counts.
    pub(crate) support: usize,
}

impl Model {
    /// The numbers as they stand.
    pub(crate) fn new(rule_set: &RuleSet) -> Self {
        let weights = &rule_set.weights;
        let strengths = BTreeMap::from([
            (Strength::Strong, weights.strong),
            (Strength::Medium, weights.medium),
            (Strength::Weak, weights.weak),
        ]);
        let mut model = Self {
            bias: weights.bias,
            weak_cap: weights.weak_cap,
            prior_strengths: strengths.clone(),
            strengths,
            terms: Vec::new(),
        };
        for number in numbers_of(rule_set) {
            let (mut strength, mut is_own) = (None, true);
            let (prior, (low, high)) = match &number {
                Number::Indicator(id) => {
                    strength = rule_set.signs.indicator(id).map(|known| known.strength);
                    let usual = strength.unwrap_or(Strength::Weak);
                    let own = weights.indicators.get(id).copied();
                    is_own = own.is_some();
                    (own.unwrap_or(model.strengths[&usual]), model.bounds(usual))
                }
                Number::Mitigation(id) => {
                    (weights.mitigations.get(id).copied().unwrap_or(weights.negated), (-12.0, -0.1))
                }
                Number::Negated => (weights.negated, (-1.0, -0.05)),
                Number::DimensionBonus => (weights.dimension_bonus, (0.0, 1.5)),
            };
            let (value, support) = (prior, 0);
            let term = Term { number, value, prior, is_own, low, high, strength, support };
            model.terms.push(term);
        }
        model
    }

    /// A strong sign alone is worth a look; a medium one is never worth more than a strong one.
    fn bounds(&self, strength: Strength) -> (f64, f64) {
        let alone = FLAGGED_FROM - self.bias;
        match strength {
            Strength::Strong => (alone, alone + 4.0),
            Strength::Medium => (0.3, alone),
            Strength::Weak => (0.1, 1.2),
        }
    }

    /// The log-odds that a sample is a lead.
    pub(crate) fn sum(&self, sample: &Sample) -> f64 {
        let (mut weak, mut others) = (0.0, 0.0);
        for (number, share) in &sample.shares {
            let term = &self.terms[*number];
            if term.strength == Some(Strength::Weak) {
                weak += term.value * share;
            } else {
                others += term.value * share;
            }
        }
        self.bias + others + weak.min(self.weak_cap)
    }

    /// Whether a little more weak points would change the sum.
    fn weak_counts(&self, sample: &Sample) -> bool {
        let weak = sample.shares.iter().filter_map(|(number, share)| {
            let term = &self.terms[*number];
            (term.strength == Some(Strength::Weak)).then_some(term.value * share)
        });
        weak.sum::<f64>() < self.weak_cap
    }

    /// Moves all numbers to where they explain the labels best.
    pub(crate) fn fit(&mut self, samples: &[&Sample]) {
        let mut where_found: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.terms.len()];
        for (index, sample) in samples.iter().enumerate() {
            for (number, share) in &sample.shares {
                where_found[*number].push((index, *share));
            }
        }
        for (term, places) in self.terms.iter_mut().zip(&where_found) {
            term.support = places.len();
        }
        let mut sums: Vec<f64> = samples.iter().map(|sample| self.sum(sample)).collect();
        for _ in 0..MOST_SWEEPS {
            let mut largest: f64 = 0.0;
            for (number, places) in where_found.iter().enumerate() {
                if places.is_empty() {
                    continue;
                }
                let step = self.step(number, places, samples, &sums);
                largest = largest.max(step.abs());
                for (index, _) in places {
                    sums[*index] = self.sum(samples[*index]);
                }
            }
            self.pull_strengths();
            if largest < SMALLEST_STEP {
                break;
            }
        }
    }

    /// Moves one number and tells how far.
    fn step(
        &mut self,
        number: usize,
        places: &[(usize, f64)],
        samples: &[&Sample],
        sums: &[f64],
    ) -> f64 {
        let term = &self.terms[number];
        let is_weak = term.strength == Some(Strength::Weak);
        let follows = term.strength.filter(|_| !term.is_own);
        let centre = follows.map_or(term.prior, |strength| self.strengths[&strength]);
        let mut parabola = Parabola::pulled(term.value - centre, PULL);
        for (index, share) in places {
            let (sample, sum) = (samples[*index], sums[*index]);
            let is_capped = (!sample.passes_gate && logistic(sum) > UNFLAGGED)
                || (is_weak && !self.weak_counts(sample));
            if !is_capped {
                parabola.add(*share, sum, sample.lead);
            }
        }
        let to = (term.value + parabola.step()).clamp(term.low, term.high);
        let step = to - term.value;
        self.terms[number].value = to;
        step
    }

    /// A strength is worth what its indicators with evidence are worth, and what it was before;
    /// indicators without evidence follow it. Strong stays above medium, medium above weak.
    fn pull_strengths(&mut self) {
        let mut ceiling = f64::INFINITY;
        for (strength, prior) in self.prior_strengths.iter().rev() {
            let (mut sum, mut count) = (PULL * prior, PULL);
            for term in &self.terms {
                if term.strength == Some(*strength) && term.support > 0 && !term.is_own {
                    sum += term.value;
                    count += 1.0;
                }
            }
            let value = (sum / count).min(ceiling);
            ceiling = value;
            self.strengths.insert(*strength, value);
        }
        for term in &mut self.terms {
            let follows = term.strength.filter(|_| term.support == 0 && !term.is_own);
            if let Some(strength) = follows {
                term.value = self.strengths[&strength].clamp(term.low, term.high);
            }
        }
    }
}

/// The factor by which log-odds must be multiplied to be honest on postings that the model has not
/// seen: overconfident ones need less than 1.
pub(crate) fn calibrating_slope(unseen: &[(f64, &Sample)]) -> f64 {
    let mut slope: f64 = 1.0;
    for _ in 0..MOST_SWEEPS {
        let mut parabola = Parabola::pulled(slope - 1.0, PULL);
        for (sum, sample) in unseen {
            let scaled = slope * sum;
            let counts = sample.passes_gate || logistic(scaled) <= UNFLAGGED;
            if !sample.shares.is_empty() && counts {
                parabola.add(*sum, scaled, sample.lead);
            }
        }
        let next = (slope + parabola.step()).clamp(0.4, 1.6);
        if (next - slope).abs() < SMALLEST_STEP {
            break;
        }
        slope = next;
    }
    slope
}

/// The probability that a reviewer would keep the posting.
pub(crate) fn probability(sum: f64, slope: f64, sample: &Sample) -> f64 {
    let probability = logistic(slope * sum);
    if sample.passes_gate { probability } else { probability.min(UNFLAGGED) }
}

/// Points that a strong sign alone needs to be flagged.
pub(crate) fn worth_a_look(bias: f64, slope: f64) -> f64 {
    FLAGGED_FROM / slope - bias
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(id: &str) -> usize {
        let numbers = numbers_of(&RuleSet::builtin().unwrap());
        numbers.binary_search(&Number::Indicator(id.to_owned())).unwrap()
    }

    fn sample(places: &[usize], lead: bool) -> Sample {
        let shares = places.iter().map(|place| (*place, 1.0)).collect();
        Sample { shares, passes_gate: true, lead }
    }

    fn fitted(samples: &[Sample]) -> Model {
        let mut model = Model::new(&RuleSet::builtin().unwrap());
        model.fit(&samples.iter().collect::<Vec<_>>());
        model
    }

    fn value(model: &Model, id: &str) -> f64 {
        let number = Number::Indicator(id.to_owned());
        model.terms.iter().find(|term| term.number == number).unwrap().value
    }

    #[test]
    fn what_only_leads_say_gains_and_what_everybody_says_loses_within_bounds() {
        let mut samples = Vec::new();
        let courier = sample(&[place("drug-courier")], true);
        let kept = sample(&[place("document-retention")], false);
        let studio = sample(&[place("webcam-studio"), place("photo-request")], true);
        let travel = sample(&[place("paid-travel")], false);
        for _ in 0..200 {
            samples.extend([courier.clone(), kept.clone(), studio.clone(), travel.clone()]);
        }
        let (before, after) = (Model::new(&RuleSet::builtin().unwrap()), fitted(&samples));
        assert!(value(&after, "drug-courier") > value(&before, "drug-courier") + 0.5);
        assert!(value(&after, "webcam-studio") > value(&before, "webcam-studio") + 0.5);
        // Even then it is worth a look, and a weak sign never speaks against.
        let alone = value(&after, "document-retention");
        assert!(probability(after.bias + alone, 1.0, &samples[1]) >= 0.399_999);
        assert!(value(&after, "paid-travel") >= 0.1);
        // Nothing said about it: it follows its strength.
        let strong = after.strengths[&Strength::Strong];
        assert!((value(&after, "organ-sale") - strong).abs() < 1e-9);
        assert!(strong >= after.strengths[&Strength::Medium]);
        assert!(after.strengths[&Strength::Medium] >= after.strengths[&Strength::Weak]);
    }

    #[test]
    fn without_evidence_nothing_moves() {
        let (before, after) = (Model::new(&RuleSet::builtin().unwrap()), fitted(&[]));
        for (old, new) in before.terms.iter().zip(&after.terms) {
            assert!((old.value - new.value).abs() < 1e-9, "{:?}", old.number);
        }
    }

    #[test]
    fn overconfident_log_odds_are_turned_down() {
        let samples = [sample(&[0], true), sample(&[0], false)];
        let unseen: Vec<(f64, &Sample)> =
            (0..300).map(|n| (3.0, &samples[usize::from(n % 3 == 0)])).collect();
        // Two of three are leads: the log-odds are 0.69, not 3.
        assert!((calibrating_slope(&unseen) - 0.4).abs() < 1e-9, "at its bound");
        let unseen: Vec<(f64, &Sample)> =
            (0..300).map(|n| (2.0, &samples[usize::from(n % 5 == 0)])).collect();
        let slope = calibrating_slope(&unseen);
        assert!((0.65..0.75).contains(&slope), "{slope}");
    }
}
