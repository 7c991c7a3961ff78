//! Fitting `signs.yaml` of a language: among leads, what the words say of the signs that they show.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{Assessment, Language, RuleId};
use serde::Serialize;

use super::regression::{Row, regression};
use super::{FOLDS, Judged, Stems, Texts, folds, hundredths};
use crate::rule_set::RuleSet;
use crate::threads;

/// A sign of fewer leads is not fitted.
const LEAST_LEADS: usize = 40;
/// Stems that a sign is told by: those that lean most to one side (log-likelihood ratio, Dunning 1993).
/// Of English signs 150 stems find 39 in 100, 300 find 42, 600 find 43.
const STEMS: usize = 200;
/// How hard each number is pulled towards 0.
const PULL: f64 = 0.05;
/// A sign is heard from where on precision and recall together (F1) are best, while so many of the leads
/// that are told of it show it ...
const LEAST_PRECISION: f64 = 0.7;
/// ... and not at all where it is heard in fewer of those that show it. Both are of leads of which no
/// phrase says the sign.
const LEAST_RECALL: f64 = 0.08;

/// What the words of a language tell of a sign.
#[derive(Clone, Debug, Serialize)]
pub struct SignFit {
    /// The indicator.
    pub indicator: String,
    /// How many leads show it.
    pub leads: usize,
    /// Of leads whose scenario the fit had not seen and of which no phrase says or denies the sign, how
    /// many of those told of it show it, and how many of those that show it are told; nothing where the
    /// words do not tell it.
    pub held_out: Option<(f64, f64)>,
    #[serde(skip)]
    told: Option<Told>,
}

/// The numbers of a sign.
#[derive(Clone, Debug)]
struct Told {
    bias: f64,
    /// By stem, in order.
    points: Vec<(u32, f64)>,
}

/// Leads with the stems that the tenor knows.
struct Leads<'t> {
    /// By lead, which of the judged it is, and its stems with their values.
    rows: Vec<(usize, Vec<(u32, f64)>)>,
    /// By lead, the part that it is held out with.
    folds: Vec<usize>,
    /// By lead, the signs that its phrases say or deny: of these nothing is heard.
    said: Vec<BTreeSet<&'t str>>,
    /// By stem of the texts, how rare it is.
    rarity: Vec<f64>,
    judged: &'t [&'t Judged],
}

/// The signs, in the order of their names, and the file.
pub(super) fn fit_signs(
    language: Language,
    rule_set: &RuleSet,
    texts: &Texts,
    stems: &Stems,
    judged: &[&Judged],
) -> (Vec<SignFit>, String) {
    let heard = rule_set.heard_signs();
    let leads = Leads::of(texts, stems, judged, &heard);
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for (text, _) in &leads.rows {
        for sign in judged[*text].posting.indicators.iter().flatten() {
            *counted.entry(sign).or_default() += 1;
        }
    }
    let is_wanted = |sign: &str| heard.values().any(|wanted| *wanted == sign);
    counted.retain(|sign, count| *count >= LEAST_LEADS && is_wanted(sign));
    let wanted: Vec<(&str, usize)> = counted.into_iter().collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut fitted = Vec::new();
        while let Some((sign, count)) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            fitted.push(leads.fit_sign(sign, *count));
        }
        fitted
    };
    let mut signs: Vec<SignFit> = threads::on_all(work).into_iter().flatten().collect();
    signs.sort_by(|a, b| a.indicator.cmp(&b.indicator));
    let file = written(language, leads.rows.len(), &signs, texts);
    (signs, file)
}

impl<'t> Leads<'t> {
    fn of(
        texts: &Texts,
        stems: &Stems,
        judged: &'t [&'t Judged],
        heard: &BTreeMap<&RuleId, &str>,
    ) -> Self {
        let mut rarity = vec![0.0; texts.names.len()];
        for (name, weight) in &stems.stems {
            if let Ok(number) = texts.names.binary_search(name) {
                rarity[number] = weight.rarity;
            }
        }
        let of_parts = folds(judged);
        let (mut rows, mut folds, mut said) = (Vec::new(), Vec::new(), Vec::new());
        for (text, (stems, lead)) in texts.texts.iter().enumerate() {
            if !lead || judged[text].posting.indicators.is_none() {
                continue;
            }
            let known = || stems.iter().filter(|stem| rarity[**stem as usize] > 0.0);
            let squares: f64 = known().map(|stem| rarity[*stem as usize].powi(2)).sum();
            let value = |stem: &u32| (*stem, rarity[*stem as usize] / squares.sqrt());
            rows.push((text, known().map(value).collect()));
            folds.push(of_parts[text]);
            let Assessment { findings, mitigations, .. } = &judged[text].assessment;
            let by_words = findings.iter().chain(mitigations);
            let by_words = by_words.filter(|finding| !heard.contains_key(&finding.rule));
            said.push(by_words.map(|finding| finding.indicator.as_str()).collect());
        }
        Self { rows, folds, said, rarity, judged }
    }

    fn shows(&self, lead: usize, sign: &str) -> bool {
        let shown = &self.judged[self.rows[lead].0].posting.indicators;
        shown.iter().flatten().any(|other| other == sign)
    }

    fn fit_sign(&self, sign: &str, count: usize) -> SignFit {
        let is_shown: Vec<bool> = (0..self.rows.len()).map(|lead| self.shows(lead, sign)).collect();
        let mut held_out: Vec<(f64, bool)> = Vec::new();
        for fold in 0..FOLDS {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                (0..self.rows.len()).partition(|lead| self.folds[*lead] == fold);
            let told = self.told(&outside, &is_shown);
            let unsaid = inside.iter().filter(|lead| !self.said[**lead].contains(sign));
            held_out.extend(unsaid.map(|lead| (self.log_odds(&told, *lead), is_shown[*lead])));
        }
        let threshold = threshold(held_out);
        let all: Vec<usize> = (0..self.rows.len()).collect();
        let told = threshold.map(|(from, ..)| {
            let told = self.told(&all, &is_shown);
            Told { bias: hundredths(told.bias - from), ..told }
        });
        let held_out = threshold.map(|(_, precision, recall)| (precision, recall));
        SignFit { indicator: sign.to_owned(), leads: count, held_out, told }
    }

    /// Fits a sign to some of the leads.
    fn told(&self, of: &[usize], is_shown: &[bool]) -> Told {
        let stems = self.leaning_most(of, is_shown);
        let rows: Vec<Row> = of
            .iter()
            .map(|lead| {
                let values = self.rows[*lead].1.iter().filter_map(|(stem, value)| {
                    Some((stems.binary_search(stem).ok()? as u32, *value))
                });
                Row { values: values.collect(), is_true: is_shown[*lead] }
            })
            .collect();
        let (bias, weights) = regression(&rows, &vec![PULL; stems.len()]);
        let points =
            |(stem, weight): (&u32, f64)| (*stem, hundredths(weight * self.rarity[*stem as usize]));
        Told { bias, points: stems.iter().zip(weights).map(points).collect() }
    }

    /// The stems that lean most to those of these leads that show a sign, or to the others; in order.
    fn leaning_most(&self, of: &[usize], is_shown: &[bool]) -> Vec<u32> {
        let mut counts: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
        let mut totals = [1.0; 2];
        for lead in of {
            let side = usize::from(is_shown[*lead]);
            totals[side] += 1.0;
            for (stem, _) in &self.rows[*lead].1 {
                counts.entry(*stem).or_insert([0.5; 2])[side] += 1.0;
            }
        }
        let mean = |count: [f64; 2]| (count[0] + count[1]) / (totals[0] + totals[1]);
        let ratio = |count: [f64; 2]| -> f64 {
            let of_side =
                |side: usize| count[side] * (count[side] / totals[side] / mean(count)).ln();
            of_side(0) + of_side(1)
        };
        let mut leaning: Vec<(u32, f64)> =
            counts.into_iter().map(|(stem, count)| (stem, ratio(count))).collect();
        leaning.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut stems: Vec<u32> = leaning.into_iter().take(STEMS).map(|(stem, _)| stem).collect();
        stems.sort_unstable();
        stems
    }

    fn log_odds(&self, told: &Told, lead: usize) -> f64 {
        let points = self.rows[lead].1.iter().filter_map(|(stem, value)| {
            let at = told.points.binary_search_by_key(stem, |(other, _)| *other).ok()?;
            Some(told.points[at].1 / self.rarity[*stem as usize] * value)
        });
        told.bias + points.sum::<f64>()
    }
}

/// The log-odds from which on leads are best told of a sign, with precision and recall there; `None` if
/// too few of those told show it wherever that is.
fn threshold(mut held_out: Vec<(f64, bool)>) -> Option<(f64, f64, f64)> {
    let count = held_out.iter().filter(|(_, is_shown)| *is_shown).count();
    held_out.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    let mut best: Option<(f64, f64, f64)> = None;
    let f1 =
        |(_, precision, recall): (f64, f64, f64)| 2.0 * precision * recall / (precision + recall);
    let mut right = 0;
    for (told, (log_odds, is_shown)) in (1..).zip(&held_out) {
        right += usize::from(*is_shown);
        // Half the way to the next, so that neither stands on the edge.
        let below = held_out.get(told).map_or(*log_odds, |(below, _)| *below);
        let from = f64::midpoint(*log_odds, below);
        let here = (from, share(right, told), share(right, count));
        let is_enough = here.1 >= LEAST_PRECISION && here.2 >= LEAST_RECALL;
        if is_enough && best.is_none_or(|best| f1(here) > f1(best)) {
            best = Some(here);
        }
    }
    best
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// The file.
fn written(language: Language, leads: usize, signs: &[SignFit], texts: &Texts) -> String {
    let mut file = String::from(
        "# Which signs the words of a lead speak for, once its words as a whole lie as those of recruiters.\n\
         # Each line: a stem of stems.yaml and its points. The sign is heard where bias and points, these\n\
         # over the length of the text, are above 0. Written by `fusion eval --fit-stems`.\n",
    );
    let _ = writeln!(file, "language: {}\nleads: {leads}\nsigns:", language.code());
    let mut is_empty = true;
    for sign in signs {
        let Some(told) = &sign.told else { continue };
        is_empty = false;
        let _ = writeln!(file, "  {}:\n    bias: {:.2}\n    stems: |", sign.indicator, told.bias);
        for (stem, points) in &told.points {
            let _ = writeln!(file, "      {} {points:.2}", texts.names[*stem as usize]);
        }
    }
    if is_empty {
        file.truncate(file.len() - 1);
        file.push_str(" {}\n");
    }
    file
}
