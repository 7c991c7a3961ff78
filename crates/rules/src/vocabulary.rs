//! All words and stems of all phrases as symbols, found in a text by one automaton: each word of the
//! text is walked through once, however many rules there are.

use std::collections::BTreeMap;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton as _;
use aho_corasick::nfa::contiguous::NFA;

/// No symbol.
const NONE: u32 = u32::MAX;

/// Collects words and stems while rules are compiled.
#[derive(Debug, Default)]
pub(crate) struct VocabularyBuilder {
    /// Text and whether it is a stem, to symbol.
    symbols: BTreeMap<(String, bool), u32>,
    /// Length in letters of each symbol.
    letters: Vec<u32>,
}

impl VocabularyBuilder {
    pub(crate) fn symbol(&mut self, text: &str, is_stem: bool) -> u32 {
        let next = self.symbols.len() as u32;
        let symbol = *self.symbols.entry((text.to_owned(), is_stem)).or_insert(next);
        if symbol == next {
            self.letters.push(text.chars().count() as u32);
        }
        symbol
    }

    /// How many letters the word or stem has.
    pub(crate) fn letters(&self, symbol: u32) -> u32 {
        self.letters[symbol as usize]
    }

    pub(crate) fn symbol_count(&self) -> usize {
        self.symbols.len()
    }

    /// The automaton that finds all symbols so far. `None` if it would be too large to be built.
    pub(crate) fn finder(&self) -> Option<SymbolFinder> {
        let mut texts: Vec<&str> = Vec::new();
        let mut patterns: Vec<PatternSymbols> = Vec::new();
        for ((text, is_stem), symbol) in &self.symbols {
            if texts.last() != Some(&text.as_str()) {
                texts.push(text);
                patterns.push(PatternSymbols { bytes: text.len() as u32, word: NONE, stem: NONE });
            }
            if let Some(pattern) = patterns.last_mut() {
                *(if *is_stem { &mut pattern.stem } else { &mut pattern.word }) = *symbol;
            }
        }
        let mut builder = NFA::builder();
        builder.prefilter(false);
        let nfa = if texts.is_empty() { None } else { Some(builder.build(&texts).ok()?) };
        Some(SymbolFinder { nfa, patterns })
    }
}

/// Finds the words and stems that a word of a text is or begins with.
#[derive(Debug, Default)]
pub(crate) struct SymbolFinder {
    /// Not the faster kind: a table for every byte of every state is megabytes, and waiting for memory
    /// costs more than it saves.
    nfa: Option<NFA>,
    patterns: Vec<PatternSymbols>,
}

#[derive(Debug)]
struct PatternSymbols {
    bytes: u32,
    word: u32,
    stem: u32,
}

impl SymbolFinder {
    /// Adds the symbols of a folded word: each stem that it begins with, and the word itself.
    pub(crate) fn symbols_of(&self, word: &str, found: &mut Vec<u32>) {
        let Some(nfa) = &self.nfa else { return };
        let Ok(mut state) = nfa.start_state(Anchored::Yes) else { return };
        for (index, byte) in word.bytes().enumerate() {
            state = nfa.next_state(Anchored::Yes, state, byte);
            if !nfa.is_special(state) {
                continue;
            }
            if nfa.is_dead(state) {
                return;
            }
            if nfa.is_match(state) {
                self.symbols_at(nfa, state, index + 1, word.len(), found);
            }
        }
    }

    fn symbols_at(
        &self,
        nfa: &NFA,
        state: aho_corasick::automaton::StateID,
        read: usize,
        whole: usize,
        found: &mut Vec<u32>,
    ) {
        // A match state also lists patterns that are mere suffixes of what was read: those do not
        // begin where the word begins, which their length shows.
        for index in 0..nfa.match_len(state) {
            let pattern = &self.patterns[nfa.match_pattern(state, index).as_usize()];
            if pattern.bytes as usize != read {
                continue;
            }
            if pattern.stem != NONE {
                found.push(pattern.stem);
            }
            if pattern.word != NONE && read == whole {
                found.push(pattern.word);
            }
        }
    }
}

/// Rows of numbers, kept one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Table {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Table {
    pub(crate) fn of(rows: &[Vec<u32>]) -> Self {
        let mut table = Self { starts: vec![0], items: Vec::new() };
        for row in rows {
            table.items.extend(row);
            table.starts.push(table.items.len() as u32);
        }
        table
    }

    pub(crate) fn row(&self, index: u32) -> &[u32] {
        let index = index as usize;
        &self.items[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}
