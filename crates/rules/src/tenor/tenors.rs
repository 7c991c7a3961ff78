//! The stems of all languages together, each with a number, and what they say by number.

use std::cmp::Ordering;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::signs::{SignStems, SignVoices};
use super::{BETWEEN, BORDER, StemWeight, Stems, WORD, stems_of};
use crate::vocabulary::Table;

/// No stem.
const NONE: u32 = u32::MAX;
/// The border of a sentence, which stands for a neighbour.
pub(super) const BORDER_STEM: u32 = NONE - 1;

/// The stems of all languages together. Numbers are given first to beginnings, then to whole words, then
/// to neighbours, and among these by how common they are: what most texts hold lies close together.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tenors {
    /// By language, the log-odds of a text in which no word is known.
    pub(super) biases: Vec<f64>,
    /// By beginning of a word, its number.
    beginnings: FxHashMap<Box<str>, u32>,
    /// By whole word, its number.
    wholes: FxHashMap<Box<str>, u32>,
    /// By the numbers of two neighbours' short beginnings, one of which may be [`BORDER_STEM`], the
    /// number of both together.
    pairs: FxHashMap<(u32, u32), u32>,
    /// By number, the languages that know it.
    weights: Table<(u32, Voice)>,
    pub(super) signs: SignVoices,
}

/// What a stem says in one language, as it is summed.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Voice {
    pub(super) points: f32,
    /// The square of its rarity.
    pub(super) square: f32,
}

/// The numbers by which a word counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WordStems {
    /// Of its beginnings, the short one first; [`NONE`] where it is not known, or is the word itself.
    beginnings: [u32; 2],
    whole: u32,
}

impl WordStems {
    /// Of a word of which nothing is known.
    pub(crate) const UNKNOWN: Self = Self { beginnings: [NONE; 2], whole: NONE };

    /// The number of its short beginning.
    pub(super) fn short(self) -> Option<u32> {
        Some(self.beginnings[0]).filter(|number| *number != NONE)
    }

    /// The number of the first of its beginnings that is known.
    pub(super) fn beginning(self) -> Option<u32> {
        self.beginnings.into_iter().find(|number| *number != NONE)
    }

    /// All its numbers.
    pub(super) fn numbers(self) -> impl Iterator<Item = u32> {
        let [short, long] = self.beginnings;
        [short, long, self.whole].into_iter().filter(|number| *number != NONE)
    }
}

/// Which of the three kinds a stem is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Beginning,
    Whole,
    Neighbours,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            _ if name.starts_with(WORD) => Self::Whole,
            _ if name.contains(BETWEEN) => Self::Neighbours,
            _ => Self::Beginning,
        }
    }
}

impl Tenors {
    /// By language, its stems, and what of them tells its signs.
    pub(crate) fn of(languages: &[(&Stems, &[SignStems])]) -> Self {
        let mut stems: Vec<(&str, u32, StemWeight)> = Vec::new();
        for (language, (known, _)) in (0..).zip(languages) {
            stems.extend(
                known.stems.iter().map(|(name, weight)| (name.as_str(), language, *weight)),
            );
        }
        stems.sort_unstable_by(|(a, of_a, _), (b, of_b, _)| a.cmp(b).then(of_a.cmp(of_b)));
        let mut named: Vec<&[(&str, u32, StemWeight)]> =
            stems.chunk_by(|(a, ..), (b, ..)| a == b).collect();
        named.sort_by(|a, b| common_first(a, b));
        let mut tenors = Self::default();
        let mut rows: Vec<Vec<(u32, Voice)>> = Vec::new();
        for stem in named {
            let number = rows.len() as u32;
            // Neighbours of which one must not speak are never met.
            if tenors.name(stem[0].0, number) {
                rows.push(stem.iter().map(|(_, of, weight)| (*of, Voice::of(*weight))).collect());
            }
        }
        tenors.biases = languages.iter().map(|(stems, _)| stems.bias).collect();
        tenors.weights = Table::of(&rows);
        let signs: Vec<&[SignStems]> = languages.iter().map(|(_, signs)| *signs).collect();
        tenors.signs = SignVoices::of(&signs, rows.len(), |name| tenors.number(name));
        tenors
    }

    /// Gives a stem its number; not to neighbours of which one is not known.
    fn name(&mut self, name: &str, number: u32) -> bool {
        match Kind::of(name) {
            Kind::Beginning => self.beginnings.insert(name.into(), number),
            Kind::Whole => self.wholes.insert(name[WORD.len_utf8()..].into(), number),
            Kind::Neighbours => {
                let Some(both) = self.both(name) else { return false };
                self.pairs.insert(both, number)
            }
        };
        true
    }

    /// The number of a stem by its name.
    fn number(&self, name: &str) -> Option<u32> {
        match Kind::of(name) {
            Kind::Beginning => self.beginnings.get(name),
            Kind::Whole => self.wholes.get(&name[WORD.len_utf8()..]),
            Kind::Neighbours => self.pairs.get(&self.both(name)?),
        }
        .copied()
    }

    /// The numbers of two neighbours by the name of both.
    fn both(&self, name: &str) -> Option<(u32, u32)> {
        let (first, second) = name.split_once(BETWEEN)?;
        Some((self.neighbour(first)?, self.neighbour(second)?))
    }

    fn neighbour(&self, name: &str) -> Option<u32> {
        if name == BORDER { Some(BORDER_STEM) } else { self.beginnings.get(name).copied() }
    }

    /// How many stems have a number.
    pub(super) fn count(&self) -> usize {
        self.beginnings.len() + self.wholes.len() + self.pairs.len()
    }

    pub(super) fn is_beginning(&self, number: u32) -> bool {
        (number as usize) < self.beginnings.len()
    }

    /// The numbers of a word.
    pub(crate) fn of_word(&self, word: &str) -> WordStems {
        let mut stems = WordStems::UNKNOWN;
        for (number, stem) in stems.beginnings.iter_mut().zip(stems_of(word)) {
            *number = self.beginnings.get(stem).copied().unwrap_or(NONE);
        }
        stems.whole = self.wholes.get(word).copied().unwrap_or(NONE);
        stems
    }

    /// The number of two neighbours, by their short beginnings.
    pub(super) fn of_neighbours(&self, first: u32, second: u32) -> Option<u32> {
        self.pairs.get(&(first, second)).copied()
    }

    /// The languages that know a stem, with what it says there.
    pub(super) fn voices(&self, number: u32) -> &[(u32, Voice)] {
        self.weights.row(number)
    }
}

impl Voice {
    fn of(StemWeight { rarity, points }: StemWeight) -> Self {
        Self { points: points as f32, square: (rarity * rarity) as f32 }
    }
}

/// By kind, then the most common first, then by name.
fn common_first(a: &[(&str, u32, StemWeight)], b: &[(&str, u32, StemWeight)]) -> Ordering {
    let rarity = |stem: &[(&str, u32, StemWeight)]| {
        stem.iter().map(|(_, _, weight)| weight.rarity).fold(f64::INFINITY, f64::min)
    };
    let by_kind = Kind::of(a[0].0).cmp(&Kind::of(b[0].0));
    by_kind.then(rarity(a).total_cmp(&rarity(b))).then(a[0].0.cmp(b[0].0))
}
