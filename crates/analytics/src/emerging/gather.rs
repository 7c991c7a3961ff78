//! Which of the things that rise say the same, and where the others stand.

use std::collections::BTreeSet;
use std::ops::Range;

use link::Template;
use rustc_hash::FxHashMap;

use super::sift::{Copies, each_gram, visit, worded};
use super::wordings::{Sketcher, Wordings};
use super::{Candidate, CandidateKind, EmergingOptions, Quoted, Weighed};
use crate::AnalyticsError;
use crate::archive::Archive;
use crate::grams::Grams;
use crate::hands::Hands;

/// Candidates whose postings are the same to this share say the same.
const SAME: f64 = 0.6;
/// Letters around a quoted place.
const AROUND: usize = 50;
/// Texts that a template is made of.
const OF_TEXTS: usize = 12;

/// What is gathered of one candidate.
#[derive(Default)]
struct Gathered {
    texts: BTreeSet<u32>,
    sources: BTreeSet<String>,
    hands: Hands,
    /// Texts that write it with a capital inside a sentence.
    capital: usize,
    quotes: Vec<Quoted>,
    /// Of a template: some of its texts.
    whole: Vec<String>,
}

/// Finds the postings of what rises, drops what only says the same, and quotes the rest.
pub(super) fn gather(
    archive: &Archive,
    options: &EmergingOptions,
    rising: Vec<Weighed>,
    wordings: &Wordings,
) -> Result<Vec<Candidate>, AnalyticsError> {
    let by_value: FxHashMap<(CandidateKind, &str), usize> = rising
        .iter()
        .enumerate()
        .map(|(place, weighed)| ((weighed.counted.kind, weighed.counted.value.as_str()), place))
        .collect();
    let mut gathered: Vec<Gathered> = rising.iter().map(|_| Gathered::default()).collect();
    let (mut grams, mut copies, mut number) = (Grams::new(), Copies::default(), 0_u32);
    let mut sketcher = Sketcher::new();
    visit(archive, (options.week, options.week), options.flagged, &mut |said| {
        if !copies.is_new(said) {
            return;
        }
        number += 1;
        let mut found = |kind, value: &str, capital: bool, words: &dyn Fn() -> String| {
            let Some(place) = by_value.get(&(kind, value)) else { return };
            let Some(gathered) = gathered.get_mut(*place) else { return };
            if gathered.texts.insert(number) {
                gathered.sources.insert(said.source.to_owned());
                gathered.hands.add(said.author, said.contact(), said.posting);
                gathered.capital += usize::from(capital);
                if gathered.quotes.len() < 3 {
                    let quote = Quoted { posting: said.posting.to_owned(), words: words() };
                    gathered.quotes.push(quote);
                }
                if kind == CandidateKind::Template && gathered.whole.len() < OF_TEXTS {
                    gathered.whole.push(said.text.to_owned());
                }
            }
        };
        each_gram(&mut grams, said, &mut |gram, text, range| {
            let capital = is_capital_inside(text, &range);
            found(CandidateKind::Phrase, gram, capital, &|| around(text, range.clone()));
        });
        if let Some(name) = worded(wordings, &mut sketcher, said) {
            found(CandidateKind::Template, name, false, &|| around(said.text, 0..0));
        }
        for (kind, value) in said.contacts() {
            found(kind, value, false, &|| around(said.text, 0..0));
        }
    })?;
    drop(by_value);
    Ok(distinct(rising, gathered, options.limit))
}

/// What stays in these texts, and in as many of them as have enough in common.
fn template_of(texts: &[String]) -> Option<Template> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let halves = std::iter::successors(Some(texts.len()), |length| Some(length / 2));
    halves.take_while(|length| *length >= 2).find_map(|length| link::template(&texts[..length]))
}

/// Of candidates that stand in the same texts, the strongest; of its words, the longest run, or the
/// template that they are a part of.
fn distinct(rising: Vec<Weighed>, gathered: Vec<Gathered>, limit: usize) -> Vec<Candidate> {
    let mut kept: Vec<(Weighed, Gathered)> = Vec::new();
    for (weighed, found) in rising.into_iter().zip(gathered) {
        let twin = kept.iter().position(|(_, other)| alike(&found.texts, &other.texts) >= SAME);
        match twin.and_then(|place| kept.get_mut(place)) {
            None => kept.push((weighed, found)),
            Some((other, texts)) => {
                let of_phrases = other.counted.kind == CandidateKind::Phrase;
                let longer = match weighed.counted.kind {
                    CandidateKind::Phrase => {
                        of_phrases
                            && weighed.counted.value.contains(&other.counted.value)
                            && alike(&found.texts, &texts.texts) >= 0.95
                    }
                    CandidateKind::Template => of_phrases,
                    CandidateKind::Contact | CandidateKind::Channel => false,
                };
                if longer {
                    (*other, *texts) = (weighed, found);
                }
            }
        }
    }
    let candidate = |(weighed, found): (Weighed, Gathered)| {
        let template = template_of(&found.whole);
        Candidate {
            kind: weighed.counted.kind,
            value: template.as_ref().map_or(weighed.counted.value, Template::words),
            template,
            now: weighed.counted.now,
            before: weighed.before,
            weeks: weighed.counted.weeks,
            z: weighed.z,
            by_chance: weighed.by_chance,
            sources: found.sources.len(),
            hands: found.hands.count(),
            name_like: found.capital * 2 > found.texts.len(),
            quotes: found.quotes,
        }
    };
    let told = |candidate: &Candidate| {
        candidate.kind != CandidateKind::Template || candidate.template.is_some()
    };
    kept.into_iter().map(candidate).filter(told).take(limit).collect()
}

/// The share of texts that two have in common, of those that either has.
fn alike(a: &BTreeSet<u32>, b: &BTreeSet<u32>) -> f64 {
    let common = a.intersection(b).count();
    common as f64 / (a.len() + b.len() - common).max(1) as f64
}

/// Whether a word of it has a capital letter where its sentence does not ask for one. Words in
/// capitals throughout are loud, not names.
fn is_capital_inside(text: &str, range: &Range<usize>) -> bool {
    let begins = text.get(..range.start).unwrap_or_default().trim_end();
    let first = begins.is_empty() || begins.ends_with(['.', '!', '?', ':', '\n', '*', '-', '•']);
    let words = text.get(range.clone()).unwrap_or_default().split_whitespace();
    words.enumerate().any(|(place, word)| {
        let mut letters = word.chars().filter(|c| c.is_alphabetic());
        let capital = letters.next().is_some_and(char::is_uppercase);
        capital && letters.any(char::is_lowercase) && !(place == 0 && first)
    })
}

fn around(text: &str, range: Range<usize>) -> String {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    let from = before.char_indices().rev().take(AROUND).last().map_or(range.start, |(at, _)| at);
    let to = range.end + after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
    let words = text.get(from..to).unwrap_or_default();
    let ends = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
    format!("{}{}{}", ends.0, words.split_whitespace().collect::<Vec<_>>().join(" "), ends.1)
}
