//! A compiled pack: what the matcher runs on.

use serde::{Deserialize, Serialize};

use crate::automaton::Automaton;
use crate::by_symbol::BySymbol;
use crate::clause::ClauseWords;
use crate::measure::Measure;
use crate::pattern::LazyRegex;
use crate::prefilter::Prefilter;
use crate::rule::{Inside, Silences, Within};
use crate::tenor::{Leaning, Tenors};
use crate::vocabulary::{SymbolFinder, Table};
use crate::wages::Wages;

/// Everything that is needed to match, read-only.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Compiled {
    pub(crate) finder: SymbolFinder,
    /// How many symbols it can find.
    pub(crate) symbol_count: usize,
    pub(crate) phrases: Vec<Automaton>,
    /// By phrase, where it can begin.
    pub(crate) starts: Vec<Start>,
    pub(crate) regexes: Vec<LazyRegex>,
    /// Not among the bytes of a rule set: it is made of the regexes when they are read.
    #[serde(skip)]
    pub(crate) prefilter: Prefilter,
    pub(crate) parts: Vec<Part>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) by_symbol: BySymbol,
    /// How many sets of companions there are: words that phrases need beside the one that triggers
    /// them. Most phrases are passed over since their companions are not there, which costs one look.
    pub(crate) companion_sets: usize,
    /// The set of the phrases that need none.
    pub(crate) no_companions: Option<u32>,
    /// Phrase to the plans that it can set off.
    pub(crate) plans_of_phrase: Table,
    pub(crate) plans_of_regex: Table,
    /// Conditions on numbers and form.
    pub(crate) measures: Vec<Measure>,
    pub(crate) plans_of_measure: Table,
    /// What pay is held against; there whenever a measure needs it.
    pub(crate) wages: Option<Wages>,
    pub(crate) tenors: Tenors,
    pub(crate) negations: Vec<Negation>,
    pub(crate) clause_words: ClauseWords,
}

impl Compiled {
    /// How all words of a text must lie for a rule, if it asks for that.
    pub(crate) fn tenor_of(&self, rule: usize) -> Option<Leaning> {
        self.plans.iter().find(|plan| plan.rule == rule)?.tenor
    }
}

/// Where a phrase can begin: what is looked at before its automaton is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    /// Bits of the words that it can begin with; see [`Automaton::opening_bits`].
    pub(crate) bits: u64,
    /// Most words of a match before the word that triggers it.
    pub(crate) reach: u32,
    /// The set of symbols of which one stands in the same sentence if the phrase does.
    pub(crate) companions: u32,
}

/// Patterns of which one is enough.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Symbols that a match can begin with, each with a phrase, sorted.
    pub(crate) openers: Vec<(u32, u32)>,
    /// Most words of a text open nothing, and cost one look at the bit of their symbol.
    opener_bits: BitFilter,
    /// Phrases that can begin with a number.
    pub(crate) number_openers: Vec<u32>,
    pub(crate) regexes: Vec<u32>,
    pub(crate) measures: Vec<u32>,
}

impl Part {
    pub(crate) fn of<'a>(
        phrases: impl Iterator<Item = (u32, &'a Automaton)>,
        regexes: &[u32],
    ) -> Self {
        let mut openers = Vec::new();
        let mut number_openers = Vec::new();
        for (phrase, automaton) in phrases {
            openers.extend(automaton.opening_symbols().map(|symbol| (symbol, phrase)));
            if automaton.opens_with_number() {
                number_openers.push(phrase);
            }
        }
        openers.sort_unstable();
        openers.shrink_to_fit();
        let regexes = regexes.to_vec();
        let opener_bits = BitFilter::of(openers.iter().map(|(symbol, _)| *symbol));
        Self { openers, opener_bits, number_openers, regexes, measures: Vec::new() }
    }

    /// The phrases that a word with this symbol can open.
    #[inline]
    pub(crate) fn opened_by(&self, symbol: u32) -> impl Iterator<Item = u32> + '_ {
        let from = if self.opener_bits.may_hold(symbol) {
            self.openers.partition_point(|(other, _)| *other < symbol)
        } else {
            self.openers.len()
        };
        let same = self.openers[from..].iter().take_while(move |(other, _)| *other == symbol);
        same.map(|(_, phrase)| *phrase)
    }
}

/// Tells of most numbers that they are not in a set.
#[derive(Debug, Serialize, Deserialize)]
struct BitFilter {
    /// As many bits as a power of two, the one of a number by its last digits.
    bits: Vec<u64>,
}

impl BitFilter {
    /// Bits for each number of the set; one in so many others is let through.
    const BITS_EACH: usize = 8;

    fn of(numbers: impl ExactSizeIterator<Item = u32>) -> Self {
        let words = (numbers.len() * Self::BITS_EACH).div_ceil(64).next_power_of_two();
        let mut filter = Self { bits: vec![0; words] };
        for number in numbers {
            let index = filter.index(number);
            filter.bits[index] |= 1 << (number % 64);
        }
        filter
    }

    #[inline]
    fn may_hold(&self, number: u32) -> bool {
        self.bits[self.index(number)] >> (number % 64) & 1 == 1
    }

    fn index(&self, number: u32) -> usize {
        (number as usize / 64) & (self.bits.len() - 1)
    }
}

/// How one rule is decided.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Index of the rule.
    pub(crate) rule: usize,
    /// Parts that must stand there too.
    pub(crate) all: Vec<u32>,
    pub(crate) within: Within,
    pub(crate) unless: Option<u32>,
    pub(crate) unless_within: Within,
    pub(crate) inside: Option<Inside>,
    /// The tenor that sets it off: one of all words, which nothing beside them hinders or denies.
    pub(crate) tenor: Option<Leaning>,
    pub(crate) is_mitigation: bool,
    pub(crate) silences: Silences,
    /// Index of the negation that can switch it off.
    pub(crate) negation: Option<u32>,
}

/// The negators that rules of a folder listen to, as parts.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Negation {
    pub(crate) negators: u32,
    /// Sayings in which they deny nothing.
    pub(crate) exceptions: u32,
    /// Words that deny the next one only.
    pub(crate) beside: u32,
    /// Denials of what stands right before them.
    pub(crate) behind: u32,
}
