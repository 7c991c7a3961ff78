//! A compiled pack: what the matcher runs on.

use crate::automaton::Automaton;
use crate::clause::ClauseWords;
use crate::measure::Measure;
use crate::pattern::LazyRegex;
use crate::prefilter::Prefilter;
use crate::rule::{Inside, Silences, Within};
use crate::vocabulary::{SymbolFinder, Table};
use crate::wages::Wages;

/// Everything that is needed to match, read-only.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) finder: SymbolFinder,
    pub(crate) phrases: Vec<Automaton>,
    /// By phrase, most words of a match before the word that triggers it.
    pub(crate) reach: Vec<u32>,
    pub(crate) regexes: Vec<LazyRegex>,
    pub(crate) prefilter: Prefilter,
    pub(crate) parts: Vec<Part>,
    pub(crate) plans: Vec<Plan>,
    /// Symbol to the phrases that are tried where it stands.
    pub(crate) triggers: Table,
    /// Phrase to the plans that it can set off.
    pub(crate) plans_of_phrase: Table,
    pub(crate) plans_of_regex: Table,
    /// Conditions on numbers and form.
    pub(crate) measures: Vec<Measure>,
    pub(crate) plans_of_measure: Table,
    /// What pay is held against; there whenever a measure needs it.
    pub(crate) wages: Option<Wages>,
    pub(crate) negations: Vec<Negation>,
    pub(crate) clause_words: ClauseWords,
}

/// Patterns of which one is enough.
#[derive(Debug)]
pub(crate) struct Part {
    /// Symbols that a match can begin with, each with a phrase, sorted: most words of a text open
    /// none, and cost one look.
    pub(crate) openers: Vec<(u32, u32)>,
    /// Phrases that can begin with a number.
    pub(crate) number_openers: Vec<u32>,
    pub(crate) regexes: Vec<u32>,
    pub(crate) measures: Vec<u32>,
}

impl Part {
    pub(crate) fn of(phrases: &[u32], regexes: &[u32], automata: &[Automaton]) -> Self {
        let mut openers = Vec::new();
        let mut number_openers = Vec::new();
        for phrase in phrases {
            let automaton = &automata[*phrase as usize];
            openers.extend(automaton.opening_symbols().map(|symbol| (symbol, *phrase)));
            if automaton.opens_with_number() {
                number_openers.push(*phrase);
            }
        }
        openers.sort_unstable();
        let regexes = regexes.to_vec();
        Self { openers, number_openers, regexes, measures: Vec::new() }
    }

    /// The phrases that a word with this symbol can open.
    pub(crate) fn opened_by(&self, symbol: u32) -> impl Iterator<Item = u32> + '_ {
        let from = self.openers.partition_point(|(other, _)| *other < symbol);
        let same = self.openers[from..].iter().take_while(move |(other, _)| *other == symbol);
        same.map(|(_, phrase)| *phrase)
    }
}

/// How one rule is decided.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Index of the rule.
    pub(crate) rule: usize,
    /// Parts that must stand there too.
    pub(crate) all: Vec<u32>,
    pub(crate) within: Within,
    pub(crate) unless: Option<u32>,
    pub(crate) unless_within: Within,
    pub(crate) inside: Option<Inside>,
    pub(crate) is_mitigation: bool,
    pub(crate) silences: Silences,
    /// Index of the negation that can switch it off.
    pub(crate) negation: Option<u32>,
}

/// The negators that rules of a folder listen to, as parts.
#[derive(Debug)]
pub(crate) struct Negation {
    pub(crate) negators: u32,
    /// Sayings in which they deny nothing.
    pub(crate) exceptions: u32,
    /// Words that deny the next one only.
    pub(crate) beside: u32,
    /// Denials of what stands right before them.
    pub(crate) behind: u32,
}
