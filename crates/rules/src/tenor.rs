//! The tenor of a text: how its words lie when all of them are weighed together.
//!
//! Who uses no telling phrase still writes in the words of offers like his, and an honest employer in
//! those of his own. Each of these words says next to nothing, so they speak as one sign, which
//! flags by itself only where it is clear. Words count by their beginnings, which spares the endings of six languages, the
//! rare ones more than the common ones (inverse document frequency, Spärck Jones 1972), and a long
//! text no more than a short one (cosine normalisation). So do whole words, and neighbours, by the beginnings of both:
//! "keep" says little, "keep passport" more. Where a sentence begins and ends is a neighbour too: who offers
//! begins with other words than who asks or warns.

mod heard;
mod loudest;
mod signs;
mod tenors;

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use text::{Token, TokenKind};

use self::heard::Heard;
use self::loudest::Loudest;
pub(crate) use self::signs::SignStems;
pub(crate) use self::tenors::{Tenors, WordStems};
use crate::scan::{Place, Words};

/// A word counts by its first letters: so many, and so many.
const LETTERS: [usize; 2] = [4, 6];
/// Log-odds from which on a tenor speaks with its whole voice.
const WHOLE: f64 = 0.8;
/// What a recruiting one brings that is whole: it is clear, and in a text that is long enough it is sure.
const CLEAR: f64 = 1.05;
const SURE: f64 = 1.1;
/// Of fewer known beginnings nothing is sure: a question or a warning in one sentence has the words of
/// what it is about, and hardly any other.
const FEWEST_SURE: usize = 30;
/// An ordinary one brings up to so many times its points: who speaks so surely of other things is
/// not made a recruiter by two signs that a rule misread.
const MOST_ORDINARY: f64 = 2.0;
/// Fewer known beginnings of words say nothing, and up to so many they say less.
const FEWEST: usize = 12;
const ENOUGH: usize = 20;
/// Of the words of a text in another language, fewer are known than so many of 100.
const LEAST_KNOWN: usize = 40;
/// Shares are told in so many steps.
const STEPS: f64 = 20.0;
/// Words that are quoted.
const MOST_QUOTED: usize = 5;

/// Which way the words lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Leaning {
    /// As in offers that were worth a look.
    Recruiting,
    /// As in ordinary postings.
    Ordinary,
    /// As in leads that show a sign, by its place among the indicators.
    Sign(u16),
}

impl Leaning {
    pub(crate) const WORDS: [(&'static str, Self); 2] =
        [("recruiting", Self::Recruiting), ("ordinary", Self::Ordinary)];
}

/// What a beginning of words, a whole word, or the beginnings of two neighbours say in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct StemWeight {
    /// How rare it is.
    pub(crate) rarity: f64,
    /// What it speaks for; below 0 for ordinary postings.
    pub(crate) points: f64,
}

/// `stems.yaml` of a language.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stems {
    /// Log-odds of a text in which no word is known.
    pub(crate) bias: f64,
    /// By beginning, in order; whole words with [`WORD`] before them, the beginnings of neighbours with
    /// [`BETWEEN`] between them.
    pub(crate) stems: Vec<(String, StemWeight)>,
}

/// Between the beginnings of two neighbours.
pub(crate) const BETWEEN: char = ' ';

/// Before a whole word.
pub(crate) const WORD: char = '=';

/// The name of a whole word.
pub(crate) fn whole(word: &str) -> String {
    format!("{WORD}{word}")
}

/// Before the first word of a sentence and behind the last, in place of a neighbour.
pub(crate) const BORDER: &str = ".";

/// The beginnings of two neighbours as one name.
pub(crate) fn neighbours(first: &str, second: &str) -> String {
    format!("{first}{BETWEEN}{second}")
}

/// The beginnings by which a word counts.
pub(crate) fn stems_of(word: &str) -> impl Iterator<Item = &str> {
    let beginning = |letters: usize| {
        let end = word.char_indices().nth(letters).map_or(word.len(), |(at, _)| at);
        &word[..end]
    };
    let [short, long] = LETTERS.map(beginning);
    [short, long].into_iter().take(if short.len() == long.len() { 1 } else { 2 })
}

/// Numbers have meanings of their own, which facts tell.
pub(crate) fn counts(token: &Token) -> bool {
    token.kind != TokenKind::Number
}

/// What was met of one language.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    words: usize,
    /// Beginnings of words; whole words and neighbours are not counted.
    stems: usize,
    points: f64,
    squares: f64,
}

impl Met {
    fn add(&mut self, points: f64, square: f64) {
        self.points += points;
        self.squares += square;
    }

    fn sum(&self) -> f64 {
        self.shortened(self.points)
    }

    /// Points over the length of what was met: a long text says no more than a short one.
    fn shortened(&self, points: f64) -> f64 {
        if self.squares == 0.0 { 0.0 } else { points / self.squares.sqrt() }
    }
}

/// The log-odds that a text of these stems, each given once, was worth a look.
pub(crate) fn log_odds(bias: f64, stems: impl Iterator<Item = StemWeight>) -> f64 {
    let mut met = Met::default();
    stems.for_each(|StemWeight { rarity, points }| met.add(points, rarity * rarity));
    bias + met.sum()
}

/// A word by its number, or two neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    first: u32,
    last: u32,
}

impl Said {
    fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// The border of a sentence beside a word.
fn border_at(word: Option<(u32, u32)>) -> Option<(u32, u32)> {
    word.map(|(number, _)| (number, tenors::BORDER_STEM))
}

/// The tenor of the text at hand. Buffers are kept from text to text.
#[derive(Debug, Default)]
pub(crate) struct Tenor {
    /// The set of the stems met.
    is_met: Vec<u64>,
    /// Stems met, each with the word that begins so first, or the two words.
    met: Vec<(u32, Said)>,
    by_language: Vec<Met>,
    /// The language that knows most of its words, and what they come to there, in log-odds.
    found: Option<(u32, f64)>,
    /// Whether enough of its words are known for that to be sure.
    is_long: bool,
    loudest: Loudest,
    /// The words that are quoted.
    places: Vec<Place>,
    heard: Heard,
}

impl Tenor {
    /// Reads a text whose words have been read.
    pub(crate) fn read(&mut self, words: &Words, tenors: &Tenors) {
        self.weigh(words, tenors);
        self.quote(words, tenors);
        self.listen(words, tenors);
    }

    fn weigh(&mut self, words: &Words, tenors: &Tenors) {
        for (stem, _) in self.met.drain(..) {
            self.is_met[stem as usize / 64] = 0;
        }
        self.found = None;
        if tenors.biases.is_empty() {
            return;
        }
        self.is_met.resize(tenors.count().div_ceil(64), 0);
        self.by_language.clear();
        self.by_language.resize(tenors.biases.len(), Met::default());
        let read = self.meet_words(words, tenors);
        for (stem, _) in &self.met {
            for (language, voice) in tenors.voices(*stem) {
                let met = &mut self.by_language[*language as usize];
                met.add(voice.points.into(), voice.square.into());
                met.stems += usize::from(tenors.is_beginning(*stem));
            }
        }
        // Of languages that know as many, the first.
        let languages = (0u32..).zip(&self.by_language);
        let best = languages.min_by_key(|(_, met)| Reverse(met.words));
        self.is_long = best.is_some_and(|(_, met)| met.stems >= FEWEST_SURE);
        self.found = best.and_then(|(language, met)| {
            let enough = met.stems >= FEWEST && met.words * 100 >= read * LEAST_KNOWN;
            let sum = tenors.biases[language as usize] + met.sum();
            let known = met.stems.min(ENOUGH) as f64 / ENOUGH as f64;
            enough.then_some((language, sum * known))
        });
    }

    /// Takes all words in that count, and neighbours of one field; gives how many words there are.
    fn meet_words(&mut self, words: &Words, tenors: &Tenors) -> usize {
        let mut read = 0;
        for field in words.by_field() {
            let mut before: Option<(u32, u32)> = None;
            let mut sentence = None;
            for (number, stems) in field.filter_map(|number| Some((number, words.stems(number)?))) {
                read += 1;
                for (language, _) in stems.beginning().map_or(&[][..], |stem| tenors.voices(stem)) {
                    self.by_language[*language as usize].words += 1;
                }
                stems
                    .numbers()
                    .for_each(|stem| self.meet(stem, Said { first: number, last: number }));
                let short = stems.short().map(|short| (number, short));
                if sentence.replace(words.sentence(number)) != Some(words.sentence(number)) {
                    self.meet_both(before, border_at(before), tenors);
                    self.meet_both(border_at(short), short, tenors);
                }
                self.meet_both(before, short, tenors);
                before = short;
            }
            self.meet_both(before, border_at(before), tenors);
        }
        read
    }

    /// Takes in two neighbours, each a word by its number with the stem that it begins with.
    fn meet_both(
        &mut self,
        before: Option<(u32, u32)>,
        after: Option<(u32, u32)>,
        tenors: &Tenors,
    ) {
        if let (Some((first, before)), Some((last, after))) = (before, after)
            && let Some(both) = tenors.of_neighbours(before, after)
        {
            self.meet(both, Said { first, last });
        }
    }

    fn meet(&mut self, stem: u32, said: Said) {
        let (set, bit) = (&mut self.is_met[stem as usize / 64], 1 << (stem % 64));
        if *set & bit == 0 {
            *set |= bit;
            self.met.push((stem, said));
        }
    }

    /// How much of its sign's points this leaning is worth: of a recruiting one from 0 to 1, and a little
    /// more if it is clear; of an ordinary one from 0 to 2.
    pub(crate) fn share(&self, leaning: Leaning) -> f64 {
        let log_odds = self.found.map_or(0.0, |(_, log_odds)| log_odds);
        let (log_odds, most) = match leaning {
            Leaning::Sign(sign) => return f64::from(u8::from(self.heard.words_of(sign).is_some())),
            Leaning::Recruiting if log_odds >= WHOLE && self.is_long => return SURE,
            Leaning::Recruiting if log_odds >= WHOLE => return CLEAR,
            Leaning::Recruiting => (log_odds, 1.0),
            Leaning::Ordinary => (-log_odds, MOST_ORDINARY),
        };
        ((log_odds / WHOLE).clamp(0.0, most) * STEPS).round() / STEPS
    }

    /// The words that speak most for this leaning; none if the text has another.
    pub(crate) fn places(&self, leaning: Leaning) -> &[Place] {
        match leaning {
            Leaning::Sign(sign) => self.heard.words_of(sign).unwrap_or_default(),
            _ if self.share(leaning) > 0.0 => &self.places,
            _ => &[],
        }
    }

    /// Looks for the words that speak most for what was found.
    fn quote(&mut self, words: &Words, tenors: &Tenors) {
        self.places.clear();
        let Some((language, log_odds)) = self.found else { return };
        let sense = if log_odds > 0.0 { 1.0 } else { -1.0 };
        let points = |stem: u32| {
            let of_language = tenors.voices(stem).iter().filter(|(other, _)| *other == language);
            of_language.map(|(_, voice)| sense * f64::from(voice.points)).sum::<f64>()
        };
        let loudest = self.loudest.of(&self.met, points, MOST_QUOTED);
        self.places.extend(loudest.map(|said| words.place(said.first, said.last)));
    }

    /// Where the words lie as those of recruiters: which signs they lie with.
    fn listen(&mut self, words: &Words, tenors: &Tenors) {
        self.heard.clear();
        if let Some((language, log_odds)) = self.found
            && log_odds > 0.0
        {
            let met = self.by_language[language as usize];
            let signs = tenors.signs.of_language(language);
            let shortened = |points| met.shortened(points);
            self.heard.listen(&self.met, shortened, signs, &mut self.loudest, words);
        }
    }
}
