//! All words and stems of all phrases as symbols, found in a text by one trie: each word of the text
//! is walked through once, however many rules there are.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::trie::Trie;

/// No symbol.
const NONE: u32 = u32::MAX;

/// How much of a word a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    /// The whole word.
    Word,
    /// Its beginning, whatever follows.
    Stem,
    /// Its beginning, if one of this set of endings follows, or nothing.
    Inflected(u32),
}

/// Collects words and stems while rules are compiled.
#[derive(Debug, Default)]
pub(crate) struct VocabularyBuilder {
    /// By text, its symbols. A pack names its words a hundred times each, so looking one up has to
    /// cost little.
    known: FxHashMap<Box<str>, Vec<(Extent, u32)>>,
    /// By symbol, what it stands for.
    symbols: Vec<(Box<str>, Extent)>,
    /// Length in letters of each symbol.
    letters: Vec<u32>,
    /// Sets of endings, by number.
    endings: Vec<BTreeSet<String>>,
}

impl VocabularyBuilder {
    pub(crate) fn symbol(&mut self, text: &str, extent: Extent) -> u32 {
        let of_text = match self.known.get_mut(text) {
            Some(of_text) => of_text,
            None => self.known.entry(text.into()).or_default(),
        };
        if let Some((_, symbol)) = of_text.iter().find(|(other, _)| *other == extent) {
            return *symbol;
        }
        let symbol = self.symbols.len() as u32;
        of_text.push((extent, symbol));
        self.symbols.push((text.into(), extent));
        self.letters.push(text.chars().count() as u32);
        symbol
    }

    /// The number of a set of endings.
    pub(crate) fn endings(&mut self, endings: &BTreeSet<String>) -> u32 {
        let known = self.endings.iter().position(|known| known == endings);
        known.unwrap_or_else(|| {
            self.endings.push(endings.clone());
            self.endings.len() - 1
        }) as u32
    }

    /// Whether a word that begins with this text is one that it stands for.
    pub(crate) fn holds(&self, text: &str, extent: Extent, word: &str) -> bool {
        let ending = &word[text.len()..];
        match extent {
            Extent::Word => ending.is_empty(),
            Extent::Stem => true,
            Extent::Inflected(set) => {
                ending.is_empty() || self.endings[set as usize].contains(ending)
            }
        }
    }

    /// How many letters the word or stem has.
    pub(crate) fn letters(&self, symbol: u32) -> u32 {
        self.letters[symbol as usize]
    }

    pub(crate) fn symbol_count(&self) -> usize {
        self.symbols.len()
    }

    /// What finds all symbols so far.
    pub(crate) fn finder(&self) -> SymbolFinder {
        let mut texts: Vec<&str> = Vec::new();
        let mut patterns: Vec<PatternSymbols> = Vec::new();
        let mut inflected = Vec::new();
        let mut sorted: Vec<(&(Box<str>, Extent), u32)> = self.symbols.iter().zip(0..).collect();
        sorted.sort_unstable();
        for ((text, extent), symbol) in sorted {
            if texts.last() != Some(&&**text) {
                texts.push(text);
                let from = inflected.len() as u32;
                patterns.push(PatternSymbols { word: NONE, stem: NONE, inflected: (from, from) });
            }
            let Some(pattern) = patterns.last_mut() else { continue };
            match extent {
                Extent::Word => pattern.word = symbol,
                Extent::Stem => pattern.stem = symbol,
                Extent::Inflected(endings) => {
                    inflected.push((*endings, symbol));
                    pattern.inflected.1 = inflected.len() as u32;
                }
            }
        }
        let endings = self.endings.iter().map(Endings::of).collect();
        SymbolFinder { trie: Trie::of(&texts), patterns, inflected, endings }
    }
}

/// Finds the words and stems that a word of a text is or begins with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SymbolFinder {
    trie: Trie,
    /// By value of the trie.
    patterns: Vec<PatternSymbols>,
    /// Sets of endings with the symbols of the stems that take them, stem by stem.
    inflected: Vec<(u32, u32)>,
    endings: Vec<Endings>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PatternSymbols {
    word: u32,
    stem: u32,
    /// Where its own begin and end in the list of the inflected.
    inflected: (u32, u32),
}

/// A set of endings: looked up only where a stem that takes them was found.
#[derive(Debug, Serialize, Deserialize)]
struct Endings {
    /// Those that fit a number, as numbers, so that they lie side by side; sorted.
    short: Vec<u128>,
    /// The others, sorted.
    long: Vec<Box<str>>,
}

impl Endings {
    fn of(endings: &BTreeSet<String>) -> Self {
        let mut short: Vec<u128> = endings.iter().filter_map(|ending| as_number(ending)).collect();
        short.sort_unstable();
        let long = endings.iter().filter(|ending| as_number(ending).is_none());
        Self { short, long: long.map(|ending| ending.as_str().into()).collect() }
    }

    fn contains(&self, ending: &str) -> bool {
        match as_number(ending) {
            Some(number) => number == 0 || self.short.binary_search(&number).is_ok(),
            None => self.long.binary_search_by(|known| (**known).cmp(ending)).is_ok(),
        }
    }
}

/// The bytes of a short ending as one number; of none, 0.
fn as_number(ending: &str) -> Option<u128> {
    let mut bytes = [0; size_of::<u128>()];
    bytes.get_mut(..ending.len())?.copy_from_slice(ending.as_bytes());
    Some(u128::from_le_bytes(bytes))
}

impl Default for SymbolFinder {
    /// Finds nothing.
    fn default() -> Self {
        VocabularyBuilder::default().finder()
    }
}

impl SymbolFinder {
    /// Adds the symbols of a folded word: each stem that it begins with, and the word itself.
    pub(crate) fn symbols_of(&self, word: &str, found: &mut Vec<u32>) {
        self.trie.prefixes(word, |pattern, read| {
            let pattern = &self.patterns[pattern as usize];
            if pattern.stem != NONE {
                found.push(pattern.stem);
            }
            if pattern.word != NONE && read == word.len() {
                found.push(pattern.word);
            }
            let (from, to) = pattern.inflected;
            for (endings, symbol) in &self.inflected[from as usize..to as usize] {
                if self.endings[*endings as usize].contains(&word[read..]) {
                    found.push(*symbol);
                }
            }
        });
    }
}

/// Rows of numbers, kept one behind the other.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Table<T = u32> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> Table<T> {
    pub(crate) fn of(rows: &[Vec<T>]) -> Self {
        let mut table = Self { starts: vec![0], items: Vec::new() };
        for row in rows {
            table.items.extend(row);
            table.starts.push(table.items.len() as u32);
        }
        table
    }

    pub(crate) fn row(&self, index: u32) -> &[T] {
        let index = index as usize;
        &self.items[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}
