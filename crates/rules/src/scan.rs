//! A text while it is matched: its words with their symbols, and where phrases and regexes stand.

mod find;

use std::ops::Range;

use domain::{Contact, Field};
use text::{Folded, TokenKind};

use crate::automaton::{ANY_BIT, Automaton, Seen, is_in, members, symbol_bit};
use crate::compiled::Compiled;
use crate::known_words::KnownWords;

/// Longest stretched word whose letters are tried doubled, in letters.
const MAX_STRETCHED: usize = 24;

/// No place.
const NONE: u32 = u32::MAX;

/// The text that rules are tried on: what its author wrote, and its folded form.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The headline, if there is one.
    pub title: Option<(&'a str, &'a Folded)>,
    /// The body.
    pub text: (&'a str, &'a Folded),
    /// What [`text::contacts`] found in both, for rules that ask how the poster can be reached.
    pub contacts: &'a [Contact],
}

impl<'a> Subject<'a> {
    /// What the author wrote in this field.
    pub(crate) fn original(self, field: Field) -> Option<&'a str> {
        match field {
            Field::Title => self.title.map(|(original, _)| original),
            Field::Text => Some(self.text.0),
        }
    }

    /// The parts in the order in which their words are numbered.
    pub(crate) fn fields(self) -> impl Iterator<Item = (Field, &'a str, &'a Folded)> {
        let title = self.title.map(|(original, folded)| (Field::Title, original, folded));
        title.into_iter().chain([(Field::Text, self.text.0, self.text.1)])
    }
}

/// Where something stands: words by their number, bytes in the original of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) field: Field,
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Place {
    /// By beginning, the longer first.
    pub(crate) fn order(&self) -> (u32, std::cmp::Reverse<u32>, u32, std::cmp::Reverse<u32>) {
        (self.first, std::cmp::Reverse(self.last), self.from, std::cmp::Reverse(self.to))
    }
}

/// One word of the subject.
#[derive(Clone, Copy, Debug)]
struct Word {
    from: u32,
    to: u32,
    /// Counted through title and text, so that no sentence is in both.
    sentence: u32,
    is_number: bool,
    value: u64,
    symbols: (u32, u32),
    /// The bits of its symbols, all if it is a number.
    bits: u64,
}

/// The subject's words. Buffers are kept from text to text.
#[derive(Debug, Default)]
pub(crate) struct Words {
    words: Vec<Word>,
    symbols: Vec<u32>,
    /// Of the pack that all texts are held against.
    known: KnownWords,
    /// By place in `symbols`, the word whose it is.
    owners: Vec<u32>,
    /// The set of the symbols that stand in the text.
    present: Vec<u64>,
    /// By symbol that stands in the text, its last place in `symbols`; of others, anything.
    latest: Vec<u32>,
    /// By place in `symbols`, the place before of the same symbol, or [`NONE`].
    earlier: Vec<u32>,
    /// How many of the words are the title's.
    title: u32,
    /// By regex, which of its pieces stand in the text.
    marks: Vec<u8>,
    /// Words with the phrases that they open, while a part is looked for.
    openings: Vec<(u32, u32)>,
    /// Sets of positions while an automaton runs.
    sets: Sets,
}

#[derive(Debug, Default)]
struct Sets {
    active: Vec<u64>,
    next: Vec<u64>,
    scratch: Vec<u64>,
}

impl Words {
    /// Reads the words of a subject in.
    pub(crate) fn read(&mut self, subject: Subject<'_>, compiled: &Compiled) {
        for symbol in self.symbols.drain(..) {
            self.present[symbol as usize / 64] = 0;
        }
        self.present.resize(compiled.symbol_count.div_ceil(64), 0);
        self.latest.resize(compiled.symbol_count, NONE);
        self.earlier.clear();
        self.words.clear();
        self.owners.clear();
        self.title = 0;
        self.marks.clear();
        self.marks.resize(compiled.regexes.len(), 0);
        let mut sentence_base = 0;
        for (field, _, folded) in subject.fields() {
            let mut sentences = 0;
            for token in folded.tokens() {
                let written = folded.word(token);
                let first_symbol = self.symbols.len() as u32;
                self.symbols_of(written, compiled);
                if token.stretched {
                    self.symbols_of_doubled(written, first_symbol as usize, compiled);
                }
                self.owners.resize(self.symbols.len(), self.words.len() as u32);
                let bits = self.note_symbols(first_symbol);
                let is_number = token.kind == TokenKind::Number;
                self.words.push(Word {
                    from: token.from,
                    to: token.to,
                    sentence: sentence_base + token.sentence,
                    is_number,
                    value: if is_number { written.parse().unwrap_or(u64::MAX) } else { 0 },
                    symbols: (first_symbol, self.symbols.len() as u32),
                    bits: if is_number { ANY_BIT } else { bits },
                });
                sentences = sentences.max(token.sentence + 1);
            }
            sentence_base += sentences;
            compiled.prefilter.mark(folded.text(), &mut self.marks);
            if field == Field::Title {
                self.title = self.words.len() as u32;
            }
        }
    }

    /// Adds the symbols of a word, those of a known one as they are known.
    fn symbols_of(&mut self, written: &str, compiled: &Compiled) {
        if let Some(symbols) = self.known.symbols(written) {
            self.symbols.extend_from_slice(symbols);
            return;
        }
        let first = self.symbols.len();
        compiled.finder.symbols_of(written, &mut self.symbols);
        self.known.keep(written, &self.symbols[first..]);
    }

    /// Chains the symbols from this one on to those of the same kind before; gives their bits.
    fn note_symbols(&mut self, first: u32) -> u64 {
        let mut bits = 0;
        for (index, symbol) in (first..).zip(&self.symbols[first as usize..]) {
            let (bit, symbol) = (symbol_bit(*symbol), *symbol as usize);
            let is_known = self.present[symbol / 64] & bit != 0;
            self.earlier.push(if is_known { self.latest[symbol] } else { NONE });
            self.latest[symbol] = index;
            self.present[symbol / 64] |= bit;
            bits |= bit;
        }
        bits
    }

    /// Adds what a stretched word is when one of its letters stands twice: `callll` is read as `cal`
    /// and meant as `call`.
    fn symbols_of_doubled(&mut self, written: &str, first_symbol: usize, compiled: &Compiled) {
        let mut doubled = String::with_capacity(written.len() + 4);
        for (at, letter) in written.char_indices().take(MAX_STRETCHED) {
            doubled.clear();
            doubled.push_str(&written[..at]);
            doubled.push(letter);
            doubled.push_str(&written[at..]);
            compiled.finder.symbols_of(&doubled, &mut self.symbols);
        }
        let mut symbols = self.symbols.split_off(first_symbol);
        symbols.sort_unstable();
        symbols.dedup();
        self.symbols.append(&mut symbols);
    }

    pub(crate) fn len(&self) -> u32 {
        self.words.len() as u32
    }

    pub(crate) fn symbols(&self, word: u32) -> &[u32] {
        let (from, to) = self.words[word as usize].symbols;
        &self.symbols[from as usize..to as usize]
    }

    /// The sentence of a word; 0 in a text without words.
    pub(crate) fn sentence(&self, word: u32) -> u32 {
        self.words.get(word as usize).map_or(0, |word| word.sentence)
    }

    /// The word after the last of the sentence that this word is in.
    pub(crate) fn end_of_sentence(&self, word: u32) -> u32 {
        let rest = &self.words[word as usize..];
        let same = rest.iter().take_while(|other| other.sentence == rest[0].sentence);
        word + same.count() as u32
    }

    /// The symbols of these words, one word's after the other's.
    pub(crate) fn symbols_between(&self, first: u32, after: u32) -> &[u32] {
        let words = &self.words[first as usize..after as usize];
        match (words.first(), words.last()) {
            (Some(first), Some(last)) => {
                &self.symbols[first.symbols.0 as usize..last.symbols.1 as usize]
            }
            _ => &[],
        }
    }

    /// The place of these words, all of one field.
    pub(crate) fn place(&self, first: u32, last: u32) -> Place {
        let field = if first < self.title { Field::Title } else { Field::Text };
        let (from, to) = (self.words[first as usize].from, self.words[last as usize].to);
        Place { field, first, last, from, to }
    }

    /// The words that a range of an original overlaps, or the nearest one.
    pub(crate) fn overlapping(&self, field: Field, range: &Range<usize>) -> Place {
        let (begin, end) = match field {
            Field::Title => (0, self.title),
            Field::Text => (self.title, self.len()),
        };
        let words = &self.words[begin as usize..end as usize];
        let first = words.partition_point(|word| word.to as usize <= range.start) as u32;
        let after = words.partition_point(|word| (word.from as usize) < range.end) as u32;
        let first = (begin + first).min(end.max(begin + 1) - 1);
        let last = (begin + after).saturating_sub(1).max(first);
        let (from, to) = (range.start as u32, range.end as u32);
        Place { field, first, last, from, to }
    }

    /// Whether one of these words may be among those that these bits stand for.
    #[inline]
    pub(crate) fn may_open(&self, first: u32, last: u32, bits: u64) -> bool {
        self.words[first as usize..=last as usize].iter().any(|word| word.bits & bits != 0)
    }

    fn seen(&self, word: u32) -> Seen<'_> {
        let Word { is_number, value, .. } = self.words[word as usize];
        Seen { symbols: self.symbols(word), number: is_number.then_some(value) }
    }

    /// Runs the automaton of a phrase from this word on, inside its sentence, and gives the last word
    /// of its match. Gaps are as narrow as can be; behind that, the match takes in what it can
    /// without crossing another gap.
    pub(crate) fn run(&mut self, automaton: &Automaton, from: u32) -> Option<u32> {
        if automaton.is_narrow() {
            return self.run_narrow(automaton, from);
        }
        let sentence = self.words[from as usize].sentence;
        // Taken out while they are used, put back for the next run.
        let Sets { mut active, mut next, mut scratch } = std::mem::take(&mut self.sets);
        active.clear();
        active.extend_from_slice(automaton.first());
        let mut matched = None;
        let mut word = from;
        while automaton.consume(self.seen(word), &mut active, &mut scratch) {
            if automaton.is_match(&active) {
                matched = Some(word);
            }
            word += 1;
            if word >= self.len() || self.words[word as usize].sentence != sentence {
                break;
            }
            automaton.advance(&active, &mut next);
            if matched.is_some() {
                next.iter_mut().zip(automaton.gaps()).for_each(|(all, gap)| *all &= !gap);
            }
            std::mem::swap(&mut active, &mut next);
        }
        self.sets = Sets { active, next, scratch };
        matched
    }

    /// The same for the automata that nearly all are: a set of positions is a number.
    fn run_narrow(&self, automaton: &Automaton, from: u32) -> Option<u32> {
        let sentence = self.words[from as usize].sentence;
        let mut active = automaton.first()[0];
        let mut matched = None;
        for word in from..self.len() {
            if self.words[word as usize].sentence != sentence {
                break;
            }
            active = automaton.consume_narrow(self.seen(word), active);
            if active == 0 {
                break;
            }
            if active & automaton.last()[0] != 0 {
                matched = Some(word);
            }
            active = automaton.advance_narrow(active);
            if matched.is_some() {
                active &= !automaton.gaps()[0];
            }
        }
        matched
    }

    /// Which words of a match were passed over by gaps, the last first.
    pub(crate) fn gap_words(&self, automaton: &Automaton, first: u32, last: u32) -> Vec<u32> {
        let mut reached: Vec<Vec<u64>> = Vec::new();
        let mut active = automaton.first().to_vec();
        for word in first..=last {
            automaton.consume(self.seen(word), &mut active, &mut Vec::new());
            let mut next = Vec::new();
            automaton.advance(&active, &mut next);
            reached.push(std::mem::replace(&mut active, next));
        }
        let mut passed_over = Vec::new();
        let mut after: Option<usize> = None;
        for (index, active) in reached.iter().enumerate().rev() {
            let leads_on = |position: &usize| match after {
                None => is_in(automaton.last(), *position),
                Some(after) => is_in(automaton.follow(*position), after),
            };
            // Words that the phrase names go before gaps that would swallow them.
            let best = members(active).filter(leads_on).min_by_key(|p| is_in(automaton.gaps(), *p));
            let Some(position) = best else { break };
            if is_in(automaton.gaps(), position) {
                passed_over.push(first + index as u32);
            }
            after = Some(position);
        }
        passed_over
    }
}
