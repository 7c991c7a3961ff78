//! All words and stems of all phrases as symbols, found in a text by one automaton: each word of the
//! text is walked through once, however many rules there are.

use std::collections::BTreeMap;

use aho_corasick::automaton::Automaton as _;
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, StartKind};

/// No symbol.
const NONE: u32 = u32::MAX;

/// Collects words, stems and classes while rules are compiled.
#[derive(Debug, Default)]
pub(crate) struct VocabularyBuilder {
    /// Text and whether it is a stem, to symbol.
    symbols: BTreeMap<(String, bool), u32>,
    /// Length in letters of each symbol, negative for nothing else than brevity of type.
    letters: Vec<u32>,
    classes: BTreeMap<Vec<u32>, u32>,
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

    /// The class of a sorted set of symbols.
    pub(crate) fn class(&mut self, symbols: &[u32]) -> u32 {
        let next = self.classes.len() as u32;
        *self.classes.entry(symbols.to_vec()).or_insert(next)
    }

    pub(crate) fn symbol_count(&self) -> usize {
        self.symbols.len()
    }

    /// `None` if the automaton would be too large for this machine's address space.
    pub(crate) fn finish(self) -> Option<Vocabulary> {
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
        let dfa = if texts.is_empty() {
            None
        } else {
            Some(
                DFA::builder()
                    .start_kind(StartKind::Anchored)
                    .prefilter(false)
                    .build(&texts)
                    .ok()?,
            )
        };
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); self.symbols.len()];
        for (symbols, class) in &self.classes {
            for symbol in symbols {
                members[*symbol as usize].push(*class);
            }
        }
        for classes in &mut members {
            classes.sort_unstable();
        }
        Some(Vocabulary { dfa, patterns, classes_of: Table::of(&members) })
    }
}

/// The finished automaton.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    dfa: Option<DFA>,
    patterns: Vec<PatternSymbols>,
    /// Symbol to its classes, ascending.
    classes_of: Table,
}

#[derive(Debug)]
struct PatternSymbols {
    bytes: u32,
    word: u32,
    stem: u32,
}

impl Vocabulary {
    /// Adds the symbols of a folded word: each stem that it begins with, and the word itself.
    pub(crate) fn symbols_of(&self, word: &str, found: &mut Vec<u32>) {
        let Some(dfa) = &self.dfa else { return };
        let Ok(mut state) = dfa.start_state(Anchored::Yes) else { return };
        for (index, byte) in word.bytes().enumerate() {
            state = dfa.next_state(Anchored::Yes, state, byte);
            if !dfa.is_special(state) {
                continue;
            }
            if dfa.is_dead(state) {
                return;
            }
            if dfa.is_match(state) {
                self.symbols_at(dfa, state, index + 1, word.len(), found);
            }
        }
    }

    fn symbols_at(
        &self,
        dfa: &DFA,
        state: aho_corasick::automaton::StateID,
        read: usize,
        whole: usize,
        found: &mut Vec<u32>,
    ) {
        // A match state also lists patterns that are mere suffixes of what was read: those do not
        // begin where the word begins, which their length shows.
        for index in 0..dfa.match_len(state) {
            let pattern = &self.patterns[dfa.match_pattern(state, index).as_usize()];
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

    /// Whether one of the symbols belongs to the class.
    pub(crate) fn any_in_class(&self, symbols: &[u32], class: u32) -> bool {
        symbols.iter().any(|symbol| self.classes_of.row(*symbol).binary_search(&class).is_ok())
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
