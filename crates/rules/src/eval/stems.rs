//! Fitting `stems.yaml` of a language: what the beginnings of its words speak for, by logistic
//! regression over labelled postings.

mod regression;
mod signs;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::{Language, Score};
use serde::Serialize;
use text::Folded;

use self::regression::{Row, regression};
pub use self::signs::SignFit;
use self::signs::fit_signs;
use super::Judged;
use super::figures::{Case, Figures, by_scenario, figures};
use super::fit::{FOLDS, SEED, folds};
use crate::problem::Problems;
use crate::read::{stems as stems_file, yaml};
use crate::rule_set::RuleSet;
use crate::tenor::{
    BETWEEN, BORDER, StemWeight, Stems, WORD, counts, log_odds, neighbours, stems_of, whole,
};
use crate::weigh::logistic;

/// Fewer postings of a language, or of one label, say too little.
const LEAST: usize = 100;
/// A stem of a single posting is that posting's; of neighbours there are many more, and each says less.
const LEAST_POSTINGS: u32 = 2;
const LEAST_FOR_NEIGHBOURS: u32 = 3;
/// How hard numbers are pulled towards 0, in the mean. Tried from 0.025 to 0.1 on authors left out one
/// by one, without a difference worth naming.
const PULL: f64 = 0.05;
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
    /// What the words of leads tell of the signs that they show, in the order of their names.
    pub signs: Vec<SignFit>,
    /// `signs.yaml` with the numbers of the signs.
    pub signs_yaml: String,
}

/// Fits the stems of a language to those of the postings that are in it, or in one that is told by
/// the same numbers, and of the leads among them the signs that rules of this rule set, under which they were
/// assessed, tell by all words. `source` is its file as it stands, whose `also` and `never` stay. An error
/// is a sentence for people.
pub fn fit_stems(
    language: Language,
    source: &str,
    rule_set: &RuleSet,
    judged: &[&Judged],
) -> Result<StemsFit, String> {
    let (also, never) = kept(source)?;
    let is_meant = |one: &&Judged| {
        let code = one.language();
        code == language.code() || also.iter().any(|other| other.code() == code)
    };
    let judged: Vec<&Judged> = judged.iter().copied().filter(is_meant).collect();
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
    let (signs, signs_yaml) = fit_signs(language, rule_set, &texts, &stems, &judged);
    Ok(StemsFit {
        language,
        postings: judged.len(),
        leads,
        stems: stems.stems.len(),
        held_out: texts.held_out(&judged),
        recruiting: points(1.0),
        ordinary: points(-1.0),
        yaml: written(language, &also, &never, judged.len(), &stems),
        signs,
        signs_yaml,
    })
}

/// What people wrote into the file.
fn kept(source: &str) -> Result<(Vec<Language>, Vec<String>), String> {
    let root = yaml::parse(source)
        .map_err(|(line, error)| format!("{}:{line}: {error}", stems_file::FILE))?;
    let mut problems = Problems::default();
    let mut fields = root.fields(stems_file::FILE, &mut problems);
    let also = stems_file::also(fields.take("also"), &mut problems);
    let never = stems_file::never(fields.take("never"), &mut problems);
    match problems.sorted().first() {
        Some(problem) => Err(problem.to_string()),
        None => Ok((also, never)),
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
                read_field(&folded, &mut of_text, &mut of_places);
            }
            stems.push(of_text);
        }
        let mut counted: BTreeMap<&str, u32> = BTreeMap::new();
        for stem in stems.iter().flatten() {
            *counted.entry(stem).or_default() += 1;
        }
        // Where from and where to must not speak, as little as who somebody is.
        let is_of_place = |name: &str| match name.strip_prefix(WORD) {
            Some(word) => stems_of(word).any(|stem| of_places.contains(stem)),
            None => name.split(BETWEEN).any(|stem| of_places.contains(stem)),
        };
        let speaks = |name: &str| !is_of_place(name) && !stems_file::is_never(name, never);
        counted.retain(|stem, count| *count >= least_postings(stem) && speaks(stem));
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
        let is_known = |stem: usize| counts[stem] >= least_postings(&self.names[stem]);
        let rows: Vec<Row> = of
            .iter()
            .map(|text| {
                let (stems, lead) = &self.texts[*text];
                let known = stems.iter().filter(|s| is_known(**s as usize));
                let known: Vec<u32> = known.copied().collect();
                let squares: f64 = known.iter().map(|s| rarity[*s as usize].powi(2)).sum();
                let value = |stem: &u32| (*stem, rarity[*stem as usize] / squares.sqrt());
                Row { values: known.iter().map(value).collect(), is_true: *lead }
            })
            .collect();
        let (bias, weights) = regression(&rows, &pulls(&rows, &rarity));
        let stems = (0..self.names.len())
            .filter(|stem| is_known(*stem))
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

/// How hard the number of each stem is pulled towards 0: by the fourth power of how common it is, in
/// the mean [`PULL`]. Common words carry the manner of an author, and authors to come have another.
fn pulls(rows: &[Row], rarity: &[f64]) -> Vec<f64> {
    // The values of a text are its rarities over a common length; their squares add up to 1.
    let of_row = |row: &Row| -> f64 {
        row.values.iter().map(|(stem, value)| value.powi(2) * rarity[*stem as usize].powi(4)).sum()
    };
    let mean = rows.iter().map(of_row).sum::<f64>() / rows.len() as f64;
    rarity.iter().map(|rarity| PULL * mean / rarity.powi(4)).collect()
}

/// Adds the stems of a field, and apart those of its places.
fn read_field(folded: &Folded, of_text: &mut BTreeSet<String>, of_places: &mut BTreeSet<String>) {
    let places = text::places(folded);
    let mut before: Option<&str> = None;
    let mut sentence = None;
    for token in folded.tokens().iter().filter(|token| counts(token)) {
        let range = token.from as usize..token.to as usize;
        let word = folded.word(token);
        let stems = stems_of(word);
        let begins = sentence.replace(token.sentence) != Some(token.sentence);
        if begins {
            of_text.extend(before.map(|before| neighbours(before, BORDER)));
        }
        if places.iter().any(|place| place.range == range) {
            of_places.extend(stems.map(ToOwned::to_owned));
            before = None;
            continue;
        }
        of_text.insert(whole(word));
        for (at, stem) in stems.enumerate() {
            of_text.insert(stem.to_owned());
            if at == 0 {
                of_text.extend(begins.then(|| neighbours(BORDER, stem)));
                of_text.extend(before.map(|before| neighbours(before, stem)));
                before = Some(stem);
            }
        }
    }
    of_text.extend(before.map(|before| neighbours(before, BORDER)));
}

fn least_postings(stem: &str) -> u32 {
    if stem.contains(BETWEEN) { LEAST_FOR_NEIGHBOURS } else { LEAST_POSTINGS }
}

fn hundredths(value: f64) -> f64 {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// The file.
fn written(
    language: Language,
    also: &[Language],
    never: &[String],
    postings: usize,
    stems: &Stems,
) -> String {
    let mut file = String::from(
        "# What the beginnings of words speak for when all words of a text are weighed together.\n\
         # Each line: a beginning, a whole word (`=word`) or the beginnings of two neighbours, where\n\
         # `.` is the border of a sentence; its rarity, its points. Below 0 they speak for an ordinary\n\
         # posting. Written by `fusion eval --fit-stems`. Only `also` and `never` are written by people:\n\
         # languages that are told by the same numbers, and words that say who somebody is or where\n\
         # from, which must not speak.\n",
    );
    let _ = writeln!(file, "language: {}", language.code());
    if !also.is_empty() {
        let codes: Vec<&str> = also.iter().map(|language| language.code()).collect();
        let _ = writeln!(file, "also: [{}]", codes.join(", "));
    }
    file.push_str("never:");
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
