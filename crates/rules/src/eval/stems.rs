//! Fitting `stems.yaml` of a language: what the beginnings of its words speak for, by logistic
//! regression over labelled postings.

mod regression;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::{Language, Score};
use serde::Serialize;
use text::Folded;

use self::regression::{Row, regression};
use super::Judged;
use super::figures::{Case, Figures, by_scenario, figures};
use super::fit::{FOLDS, SEED, folds};
use crate::problem::Problems;
use crate::read::{stems as stems_file, yaml};
use crate::tenor::{StemWeight, Stems, counts, log_odds, stems_of};
use crate::weigh::logistic;

/// Fewer postings of a language, or of one label, say too little.
const LEAST: usize = 100;
/// A stem of a single posting is that posting's.
const LEAST_POSTINGS: u32 = 2;
/// Stems that are shown each way.
const SHOWN: usize = 25;

/// What a language's stems speak for, and what that is worth on postings it was not fitted to.
#[derive(Clone, Debug, Serialize)]
pub struct StemsFit {
    /// The language.
    pub language: Language,
    /// Postings that were fitted to.
    pub postings: usize,
    /// How many of them are leads.
    pub leads: usize,
    /// How many stems have a number.
    pub stems: usize,
    /// By the words alone, each posting judged by a fit that has not seen its scenario; flagged where
    /// a lead is likelier than not.
    pub held_out: Figures,
    /// The stems that speak most for a look, the strongest first.
    pub recruiting: Vec<String>,
    /// The stems that speak most against it, the strongest first.
    pub ordinary: Vec<String>,
    /// `stems.yaml` with the new numbers.
    pub yaml: String,
}

/// Fits the stems of a language to those of the postings that are in it. `source` is its file as it
/// stands, whose `never` stays. An error is a sentence for people.
pub fn fit_stems(language: Language, source: &str, judged: &[&Judged]) -> Result<StemsFit, String> {
    let never = never_of(source)?;
    let judged: Vec<&Judged> =
        judged.iter().copied().filter(|one| one.language() == language.code()).collect();
    let leads = judged.iter().filter(|one| one.posting.lead).count();
    if leads < LEAST / 2 || judged.len() - leads < LEAST / 2 {
        return Err(format!(
            "too little to fit the stems of `{}` to: {leads} leads and {} ordinary postings, of \
             each at least {} are needed",
            language.code(),
            judged.len() - leads,
            LEAST / 2
        ));
    }
    let texts = Texts::read(&judged, &never);
    let all: Vec<usize> = (0..judged.len()).collect();
    let stems = texts.fit(&all);
    let points = |sign: f64| {
        let mut by_points: Vec<&(String, StemWeight)> = stems.stems.iter().collect();
        by_points.sort_by(|a, b| {
            (sign * b.1.points).total_cmp(&(sign * a.1.points)).then(a.0.cmp(&b.0))
        });
        by_points.iter().take(SHOWN).map(|(stem, _)| stem.clone()).collect()
    };
    Ok(StemsFit {
        language,
        postings: judged.len(),
        leads,
        stems: stems.stems.len(),
        held_out: texts.held_out(&judged),
        recruiting: points(1.0),
        ordinary: points(-1.0),
        yaml: written(language, &never, judged.len(), &stems),
    })
}

fn never_of(source: &str) -> Result<Vec<String>, String> {
    let root = yaml::parse(source)
        .map_err(|(line, error)| format!("{}:{line}: {error}", stems_file::FILE))?;
    let mut problems = Problems::default();
    let mut fields = root.fields(stems_file::FILE, &mut problems);
    let never = stems_file::never(fields.take("never"), &mut problems);
    match problems.sorted().first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok(never),
    }
}

/// Labelled texts as the fit sees them.
struct Texts {
    /// By number, all stems of all texts, in order.
    names: Vec<String>,
    /// By text, the numbers of its stems, and whether it is a lead.
    texts: Vec<(Vec<u32>, bool)>,
}

impl Texts {
    fn read(judged: &[&Judged], never: &[String]) -> Self {
        let mut folded = Folded::default();
        let mut of_places = BTreeSet::new();
        let mut stems: Vec<BTreeSet<String>> = Vec::new();
        for one in judged {
            let mut of_text = BTreeSet::new();
            let posting = &one.posting;
            for field in posting.title.iter().chain([&posting.text]) {
                folded.refold(field);
                let places = text::places(&folded);
                for token in folded.tokens().iter().filter(|token| counts(token)) {
                    let range = token.from as usize..token.to as usize;
                    let is_place = places.iter().any(|place| place.range == range);
                    let stems = stems_of(folded.word(token)).map(ToOwned::to_owned);
                    if is_place { &mut of_places } else { &mut of_text }.extend(stems);
                }
            }
            stems.push(of_text);
        }
        let mut counted: BTreeMap<&str, u32> = BTreeMap::new();
        for stem in stems.iter().flatten() {
            *counted.entry(stem).or_default() += 1;
        }
        // Where from and where to must not speak, as little as who somebody is.
        counted.retain(|stem, count| {
            *count >= LEAST_POSTINGS
                && !of_places.contains(*stem)
                && !stems_file::is_never(stem, never)
        });
        let names: Vec<String> = counted.keys().map(|stem| (*stem).to_owned()).collect();
        let number = |stem: &String| Some(names.binary_search(stem).ok()? as u32);
        let texts = stems
            .iter()
            .zip(judged)
            .map(|(stems, one)| (stems.iter().filter_map(number).collect(), one.posting.lead))
            .collect();
        Self { names, texts }
    }

    /// The stems fitted to some of the texts.
    fn fit(&self, of: &[usize]) -> Stems {
        let mut counts = vec![0_u32; self.names.len()];
        for text in of {
            self.texts[*text].0.iter().for_each(|stem| counts[*stem as usize] += 1);
        }
        // Sparck Jones (1972), smoothed as if one more text held all stems.
        let rarity: Vec<f64> = counts
            .iter()
            .map(|count| {
                let share = (1.0 + of.len() as f64) / (1.0 + f64::from(*count));
                hundredths(1.0 + share.ln())
            })
            .collect();
        let rows: Vec<Row> = of
            .iter()
            .map(|text| {
                let (stems, lead) = &self.texts[*text];
                let known = stems.iter().filter(|s| counts[**s as usize] >= LEAST_POSTINGS);
                let known: Vec<u32> = known.copied().collect();
                let squares: f64 = known.iter().map(|s| rarity[*s as usize].powi(2)).sum();
                let value = |stem: &u32| (*stem, rarity[*stem as usize] / squares.sqrt());
                Row { values: known.iter().map(value).collect(), is_true: *lead }
            })
            .collect();
        let (bias, weights) = regression(&rows, self.names.len());
        let stems = (0..self.names.len())
            .filter(|stem| counts[*stem] >= LEAST_POSTINGS)
            .map(|stem| {
                let (rarity, weight) = (rarity[stem], weights[stem]);
                let points = hundredths(rarity * weight);
                (self.names[stem].clone(), StemWeight { rarity, points })
            })
            .collect();
        Stems { bias: hundredths(bias), stems }
    }

    /// How well the words alone tell leads that they were not fitted to.
    fn held_out(&self, judged: &[&Judged]) -> Figures {
        let folds = folds(judged);
        let mut cases = Vec::new();
        for fold in 0..FOLDS {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                (0..judged.len()).partition(|text| folds[*text] == fold);
            let fitted = self.fit(&outside);
            let weights: BTreeMap<&str, StemWeight> =
                fitted.stems.iter().map(|(stem, weight)| (stem.as_str(), *weight)).collect();
            for text in inside {
                let (stems, lead) = &self.texts[text];
                let known = stems.iter().filter_map(|s| weights.get(&*self.names[*s as usize]));
                let probability = logistic(log_odds(fitted.bias, known.copied()));
                let score = Score::from_probability(probability).value();
                let case = Case { score, flagged: probability >= 0.5, lead: *lead };
                cases.push((judged[text].posting.scenario.as_deref(), case));
            }
        }
        figures(&by_scenario(cases), SEED)
    }
}

fn hundredths(value: f64) -> f64 {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// The file.
fn written(language: Language, never: &[String], postings: usize, stems: &Stems) -> String {
    let mut file = String::from(
        "# What the beginnings of words speak for when all words of a text are weighed together.\n\
         # Each line: a beginning, its rarity, its points; below 0 they speak for an ordinary posting.\n\
         # Written by `fusion eval --fit-stems`. Only `never` is written by people: words that say who\n\
         # somebody is or where from, which must not speak.\n",
    );
    let _ = write!(file, "language: {}\nnever:", language.code());
    let mut width = usize::MAX;
    for (at, stem) in never.iter().enumerate() {
        if width > 90 {
            file.push_str("\n  ");
            file.push_str(if at == 0 { "[" } else { " " });
            width = 3;
        } else {
            file.push(' ');
        }
        file.push_str(stem);
        file.push(if at + 1 == never.len() { ']' } else { ',' });
        width += stem.chars().count() + 2;
    }
    if never.is_empty() {
        file.push_str(" []");
    }
    let _ = write!(file, "\npostings: {postings}\nbias: {:.2}\nstems: |\n", stems.bias);
    for (stem, StemWeight { rarity, points }) in &stems.stems {
        let _ = writeln!(file, "  {stem} {rarity:.2} {points:.2}");
    }
    file
}
