//! A phrase as a position automaton (Glushkov): one position for each word that can be consumed, no
//! empty moves, and since the phrase language has no repetition, moves lead only from lower to higher
//! positions. A set of positions is a few machine words; following it through a text costs the same
//! for every word, and nothing is ever tried twice.

mod run;

use serde::{Deserialize, Serialize};

/// An automaton over words, of at most [`MAX_POSITIONS`] positions. A pack has tens of thousands, and
/// a text passes hundreds of them, so each lies in as few pieces of memory as can be, and is begun in
/// one line of it.
///
/// [`MAX_POSITIONS`]: crate::construct::MAX_POSITIONS
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(align(64))]
pub(crate) struct Automaton {
    /// Machine words in a set of positions, a power of two.
    width: u16,
    positions: u16,
    /// Bits of all that it consumes by name: most words that a gap passes over have none of them.
    bits: u64,
    /// All symbols that some position consumes, ascending.
    symbols: Box<[u32]>,
    /// Sets of positions, one after the other: [`Self::gaps`], [`Self::first`], [`Self::last`], for
    /// each position those that can follow it, for each symbol those that consume it.
    sets: Box<[u32]>,
    /// Positions that consume numbers.
    numbers: Box<[NumberStep]>,
}

/// What an automaton is made of.
#[derive(Debug, Default)]
pub(crate) struct AutomatonParts {
    /// How many positions there are.
    pub(crate) positions: usize,
    /// Symbols with the positions that consume them.
    pub(crate) uses: Vec<(u32, u32)>,
    /// Positions that consume numbers.
    pub(crate) numbers: Vec<NumberStep>,
    /// Positions that consume any word.
    pub(crate) gaps: Vec<u32>,
    /// Positions that a match can begin with.
    pub(crate) first: Vec<u32>,
    /// Positions that a match can end with.
    pub(crate) last: Vec<u32>,
    /// Positions, each with one that can follow it.
    pub(crate) moves: Vec<(u32, u32)>,
}

/// A position that consumes numbers from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct NumberStep {
    pub(crate) position: u32,
    pub(crate) low: u64,
    pub(crate) high: u64,
}

/// What an automaton sees of a word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'w> {
    pub(crate) symbols: &'w [u32],
    pub(crate) number: Option<u64>,
    /// The bits of both.
    pub(crate) bits: u64,
}

/// Sets before those of the positions: gaps, first, last.
const HEAD: usize = 3;

impl Automaton {
    /// Packs the parts into sets.
    pub(crate) fn of(mut parts: AutomatonParts) -> Self {
        let width = parts.positions.div_ceil(32).next_power_of_two();
        parts.uses.sort_unstable();
        let mut symbols: Vec<u32> = parts.uses.iter().map(|(symbol, _)| *symbol).collect();
        symbols.dedup();
        let mut sets = vec![0; width * (HEAD + parts.positions + symbols.len())];
        let mut insert = |set: usize, position: u32| {
            sets[set * width + position as usize / 32] |= 1 << (position % 32);
        };
        for (set, positions) in [parts.gaps, parts.first, parts.last].iter().enumerate() {
            positions.iter().for_each(|position| insert(set, *position));
        }
        parts.moves.iter().for_each(|(from, to)| insert(HEAD + *from as usize, *to));
        let mut number = 0;
        for (symbol, position) in &parts.uses {
            number += usize::from(symbols[number] != *symbol);
            insert(HEAD + parts.positions + number, *position);
        }
        let of_numbers = if parts.numbers.is_empty() { 0 } else { NUMBER_BIT };
        Self {
            width: width as u16,
            positions: parts.positions as u16,
            bits: symbol_bits(&symbols) | of_numbers,
            symbols: symbols.into(),
            sets: sets.into(),
            numbers: parts.numbers.into(),
        }
    }

    fn set(&self, number: usize) -> &[u32] {
        let width = usize::from(self.width);
        &self.sets[number * width..(number + 1) * width]
    }

    /// Positions that consume any word: the insides of gaps.
    fn gaps(&self) -> &[u32] {
        self.set(0)
    }

    /// Positions that a match can begin with.
    fn first(&self) -> &[u32] {
        self.set(1)
    }

    /// Positions that a match can end with.
    fn last(&self) -> &[u32] {
        self.set(2)
    }

    /// What can follow this position.
    fn follow(&self, position: usize) -> &[u32] {
        self.set(HEAD + position)
    }

    /// The positions that consume a symbol, by its place among all.
    fn consumers(&self, index: usize) -> &[u32] {
        self.set(HEAD + usize::from(self.positions) + index)
    }

    /// The symbols that a match can begin with.
    pub(crate) fn opening_symbols(&self) -> impl Iterator<Item = u32> + '_ {
        let opens = |index: &usize| {
            self.consumers(*index).iter().zip(self.first()).any(|(a, b)| a & b != 0)
        };
        (0..self.symbols.len()).filter(opens).map(|index| self.symbols[index])
    }

    /// Tells of most words that no match begins with them: the bits of those that one can.
    pub(crate) fn opening_bits(&self) -> u64 {
        let bits = self.opening_symbols().fold(0, |all, symbol| all | symbol_bit(symbol));
        if self.opens_with_number() { bits | NUMBER_BIT } else { bits }
    }

    /// Whether a match can begin with a number.
    pub(crate) fn opens_with_number(&self) -> bool {
        self.numbers.iter().any(|step| is_in(self.first(), step.position as usize))
    }

    /// The same automaton with sets of twice as many machine words, of which the second half is empty;
    /// `None` if its sets are as wide as can be.
    #[cfg(test)]
    pub(crate) fn widened(&self) -> Option<Self> {
        let width = usize::from(self.width);
        if width * 32 >= crate::construct::MAX_POSITIONS {
            return None;
        }
        let widened = |set: &[u32]| [set, &vec![0; width]].concat();
        let sets = self.sets.chunks(width).flat_map(widened).collect();
        Some(Self { width: self.width * 2, sets, ..self.clone() })
    }
}

/// What stands for any number among the bits of symbols; some symbols share it.
pub(crate) const NUMBER_BIT: u64 = 1 << 63;

/// The bit of a symbol; others share it.
#[inline]
pub(crate) fn symbol_bit(symbol: u32) -> u64 {
    1 << (symbol % 64)
}

/// The bits of some symbols.
#[inline]
pub(crate) fn symbol_bits(symbols: &[u32]) -> u64 {
    symbols.iter().fold(0, |all, symbol| all | symbol_bit(*symbol))
}

/// The positions in a set, ascending.
fn members(set: &[u32]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(index, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            (left != 0).then(|| {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                index * 32 + bit
            })
        })
    })
}

/// Whether a position is in a set.
fn is_in(set: &[u32], position: usize) -> bool {
    set[position / 32] >> (position % 32) & 1 == 1
}
