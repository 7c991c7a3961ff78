//! How often a word is to be expected in texts. A phrase is looked for where its rarest words stand,
//! so this decides how fast matching is, and never what is matched.

use text::Folded;

use crate::rule::Rule;
use crate::vocabulary::{SymbolFinder, VocabularyBuilder};

/// Most example texts that are counted.
const MAX_TEXTS: usize = 4_000;
/// What one place in the examples weighs against a guess by length.
const PER_PLACE: u64 = 100;

/// Counts how often each symbol stands in the rules' own examples and counter-examples: texts that
/// every pack has, in the languages that it is for.
pub(crate) fn count(rules: &[Rule], finder: &SymbolFinder, symbols: usize) -> Vec<u32> {
    let mut counts = vec![0; symbols];
    let mut folded = Folded::default();
    let mut found = Vec::new();
    let texts = || {
        rules.iter().flat_map(|rule| {
            let examples = rule.examples.iter().map(|example| &example.text);
            examples.chain(rule.counter_examples.iter().map(|example| &example.text))
        })
    };
    // Of a large pack every so many: the first ones would all be of the first languages.
    let every = texts().count().div_ceil(MAX_TEXTS).max(1);
    for text in texts().step_by(every) {
        folded.refold(text);
        for token in folded.tokens() {
            finder.symbols_of(folded.word(token), &mut found);
        }
    }
    for symbol in found {
        counts[symbol as usize] += 1;
    }
    counts
}

/// How often one of these symbols is to be expected. What was not counted is guessed by its length.
/// `None` if one is too short to be looked for.
pub(crate) fn cost(symbols: &[u32], vocabulary: &VocabularyBuilder, counts: &[u32]) -> Option<u64> {
    symbols.iter().try_fold(0u64, |sum, symbol| {
        let guess = match vocabulary.letters(*symbol) {
            0 | 1 => return None,
            2 => 200,
            3 => 60,
            4 => 20,
            5 => 10,
            _ => 5,
        };
        let counted = counts.get(*symbol as usize).copied().unwrap_or(0);
        Some(sum + guess + PER_PLACE * u64::from(counted))
    })
}
