//! A text while it is matched: its words with their symbols, and where phrases and regexes stand.

mod find;

use std::ops::Range;

use domain::{Contact, Field};
use text::{Folded, TokenKind};

use crate::automaton::{Automaton, NUMBER_BIT, Seen, symbol_bits};
use crate::compiled::Compiled;
use crate::known_words::KnownWords;
use crate::tenor::WordStems;

/// Longest stretched word whose letters are tried doubled, in letters.
const MAX_STRETCHED: usize = 24;
/// No place.
const NONE: u32 = u32::MAX;
/// Chains that symbols are found by, a power of two.
const CHAINS: usize = 1024;

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
    /// The bits of its symbols, and of numbers if it is one.
    bits: u64,
    stems: WordStems,
}

impl Word {
    /// Where its symbols are among all.
    fn symbols(&self) -> Range<usize> {
        self.symbols.0 as usize..self.symbols.1 as usize
    }
}

/// The subject's words. Buffers are kept from text to text.
#[derive(Debug, Default)]
pub(crate) struct Words {
    words: Vec<Word>,
    symbols: Vec<u32>,
    /// Of the pack that all texts are held against.
    known: KnownWords,
    /// The set of the symbols that stand in the text.
    present: Vec<u64>,
    /// By chain, the last place in `symbols` of one of its symbols, or [`NONE`].
    latest: Vec<u32>,
    /// By place in `symbols`, the word whose it is, and the place before in the same chain or [`NONE`].
    links: Vec<(u32, u32)>,
    /// How many of the words are the title's.
    title: u32,
    /// By regex, which of its pieces stand in the text.
    marks: Vec<u8>,
    /// Words with the phrases that they open, while a part is looked for.
    openings: Vec<(u32, u32)>,
}

impl Words {
    /// Reads the words of a subject in.
    pub(crate) fn read(&mut self, subject: Subject<'_>, compiled: &Compiled) {
        for symbol in self.symbols.drain(..) {
            self.present[symbol as usize / 64] = 0;
            self.latest[chain_of(symbol)] = NONE;
        }
        self.present.resize(compiled.symbol_count.div_ceil(64), 0);
        self.latest.resize(CHAINS, NONE);
        self.links.clear();
        self.words.clear();
        self.title = 0;
        self.marks.clear();
        self.marks.resize(compiled.regexes.len(), 0);
        let mut sentence_base = 0;
        for (field, _, folded) in subject.fields() {
            let mut sentences = 0;
            for token in folded.tokens() {
                let written = folded.word(token);
                let first_symbol = self.symbols.len() as u32;
                let stems = self.look_up(written, compiled);
                if token.stretched {
                    self.symbols_of_doubled(written, first_symbol as usize, compiled);
                }
                let bits = self.note_symbols(first_symbol);
                let is_number = token.kind == TokenKind::Number;
                self.words.push(Word {
                    from: token.from,
                    to: token.to,
                    sentence: sentence_base + token.sentence,
                    is_number,
                    value: if is_number { written.parse().unwrap_or(u64::MAX) } else { 0 },
                    symbols: (first_symbol, self.symbols.len() as u32),
                    bits: if is_number { bits | NUMBER_BIT } else { bits },
                    stems,
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

    /// Adds the symbols of a word and gives its stems, of a known one as they are known.
    fn look_up(&mut self, written: &str, compiled: &Compiled) -> WordStems {
        if let Some((symbols, stems)) = self.known.look_up(written) {
            self.symbols.extend_from_slice(symbols);
            return stems;
        }
        let first = self.symbols.len();
        compiled.finder.symbols_of(written, &mut self.symbols);
        let stems = compiled.tenors.of_word(written);
        self.known.keep(written, &self.symbols[first..], stems);
        stems
    }

    /// Chains the symbols from this place on, all of the word at hand; gives their bits.
    fn note_symbols(&mut self, first: u32) -> u64 {
        let word = self.words.len() as u32;
        for (place, symbol) in (first..).zip(&self.symbols[first as usize..]) {
            self.present[*symbol as usize / 64] |= 1 << (symbol % 64);
            let latest = &mut self.latest[chain_of(*symbol)];
            self.links.push((word, std::mem::replace(latest, place)));
        }
        symbol_bits(&self.symbols[first as usize..])
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
        &self.symbols[self.words[word as usize].symbols()]
    }

    /// The words of the title, and those of the body.
    pub(crate) fn by_field(&self) -> [Range<u32>; 2] {
        [0..self.title, self.title..self.len()]
    }

    /// The stems of a word; `None` for numbers, which have meanings of their own, which facts tell.
    pub(crate) fn stems(&self, word: u32) -> Option<WordStems> {
        let word = &self.words[word as usize];
        (!word.is_number).then_some(word.stems)
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

    /// Where the symbols of these words are, one word's after the other's; there is at least one word.
    pub(crate) fn places_of_symbols(&self, first: u32, after: u32) -> Range<usize> {
        let words = &self.words[first as usize..after as usize];
        words[0].symbols.0 as usize..words[words.len() - 1].symbols.1 as usize
    }

    /// The symbol at a place, and the word whose it is.
    pub(crate) fn symbol_at(&self, place: usize) -> (u32, u32) {
        (self.symbols[place], self.links[place].0)
    }

    /// The symbols of these words, one word's after the other's; there is at least one word.
    pub(crate) fn symbols_between(&self, first: u32, after: u32) -> &[u32] {
        &self.symbols[self.places_of_symbols(first, after)]
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

    /// Runs the automaton of a phrase from this word on, inside its sentence, and gives the last word
    /// of its match.
    pub(crate) fn run(&self, automaton: &Automaton, from: u32) -> Option<u32> {
        let rest = &self.words[from as usize..];
        let same_sentence = rest.iter().take_while(|word| word.sentence == rest[0].sentence);
        let last = automaton.longest_match(same_sentence.map(|word| self.seen(word)))?;
        Some(from + last as u32)
    }

    /// Which words of a match were passed over by gaps, the last first.
    pub(crate) fn gap_words(&self, automaton: &Automaton, first: u32, last: u32) -> Vec<u32> {
        let words = &self.words[first as usize..=last as usize];
        let passed = automaton.passed_over(words.iter().map(|word| self.seen(word)));
        passed.into_iter().map(|index| first + index as u32).collect()
    }

    fn seen(&self, word: &Word) -> Seen<'_> {
        let number = word.is_number.then_some(word.value);
        Seen { symbols: &self.symbols[word.symbols()], number, bits: word.bits }
    }
}

/// The chain of a symbol; others are in it too.
fn chain_of(symbol: u32) -> usize {
    symbol as usize % CHAINS
}
