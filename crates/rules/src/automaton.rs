//! A phrase as a position automaton (Glushkov): one position for each word that can be consumed, no
//! empty moves, and since the phrase language has no repetition, moves lead only from lower to higher
//! positions. A set of positions is a few machine words; following it through a text costs the same
//! for every word, and nothing is ever tried twice.

/// An automaton over words. A pack has tens of thousands, and a text passes hundreds of them, so
/// each lies in as few pieces of memory as can be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Automaton {
    /// Machine words in a set of positions.
    pub(crate) width: usize,
    positions: usize,
    /// All symbols that some position consumes, ascending.
    symbols: Box<[u32]>,
    /// Sets of positions, one after the other: [`Self::gaps`], [`Self::first`], [`Self::last`], for
    /// each position those that can follow it, for each symbol those that consume it.
    sets: Box<[u64]>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
}

/// Sets before those of the positions: gaps, first, last.
const HEAD: usize = 3;

impl Automaton {
    /// Packs the parts into sets.
    pub(crate) fn of(mut parts: AutomatonParts) -> Self {
        let width = parts.positions.div_ceil(64).max(1);
        parts.uses.sort_unstable();
        let mut symbols: Vec<u32> = parts.uses.iter().map(|(symbol, _)| *symbol).collect();
        symbols.dedup();
        let mut sets = vec![0; width * (HEAD + parts.positions + symbols.len())];
        let mut insert = |set: usize, position: u32| {
            sets[set * width + position as usize / 64] |= 1 << (position % 64);
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
        Self {
            width,
            positions: parts.positions,
            symbols: symbols.into(),
            sets: sets.into(),
            numbers: parts.numbers.into(),
        }
    }

    fn set(&self, number: usize) -> &[u64] {
        &self.sets[number * self.width..(number + 1) * self.width]
    }

    /// Positions that consume any word: the insides of gaps.
    pub(crate) fn gaps(&self) -> &[u64] {
        self.set(0)
    }

    /// Positions that a match can begin with.
    pub(crate) fn first(&self) -> &[u64] {
        self.set(1)
    }

    /// Positions that a match can end with.
    pub(crate) fn last(&self) -> &[u64] {
        self.set(2)
    }

    /// What can follow this position.
    pub(crate) fn follow(&self, position: usize) -> &[u64] {
        self.set(HEAD + position)
    }

    /// The positions that consume a symbol, by its place among all.
    fn consumers(&self, index: usize) -> &[u64] {
        self.set(HEAD + self.positions + index)
    }

    /// Adds the positions that consume this word, gaps aside.
    fn add_consumers(&self, seen: Seen<'_>, set: &mut [u64]) {
        for symbol in seen.symbols {
            if let Ok(index) = self.symbols.binary_search(symbol) {
                set.iter_mut().zip(self.consumers(index)).for_each(|(all, more)| *all |= more);
            }
        }
        if let Some(number) = seen.number {
            for step in &*self.numbers {
                if (step.low..=step.high).contains(&number) {
                    set[step.position as usize / 64] |= 1 << (step.position % 64);
                }
            }
        }
    }

    /// Leaves in `set` the positions that consume this word; `false` if none does.
    pub(crate) fn consume(&self, seen: Seen<'_>, set: &mut [u64], scratch: &mut Vec<u64>) -> bool {
        scratch.clear();
        scratch.extend_from_slice(self.gaps());
        self.add_consumers(seen, scratch);
        let mut left = 0;
        for (all, consumers) in set.iter_mut().zip(scratch) {
            *all &= *consumers;
            left |= *all;
        }
        left != 0
    }

    /// Puts into `next` what can follow these positions.
    pub(crate) fn advance(&self, active: &[u64], next: &mut Vec<u64>) {
        next.clear();
        next.resize(self.width, 0);
        for position in members(active) {
            next.iter_mut().zip(self.follow(position)).for_each(|(all, more)| *all |= more);
        }
    }

    /// Whether all sets of positions are one machine word.
    pub(crate) fn is_narrow(&self) -> bool {
        self.width == 1
    }

    /// [`Self::consume`] of a narrow automaton.
    pub(crate) fn consume_narrow(&self, seen: Seen<'_>, set: u64) -> u64 {
        let mut consumers = self.sets[0];
        for symbol in seen.symbols {
            if let Ok(index) = self.symbols.binary_search(symbol) {
                consumers |= self.sets[HEAD + self.positions + index];
            }
        }
        if let Some(number) = seen.number {
            let steps = self.numbers.iter().filter(|step| (step.low..=step.high).contains(&number));
            consumers |= steps.fold(0, |all, step| all | 1 << step.position);
        }
        set & consumers
    }

    /// [`Self::advance`] of a narrow automaton.
    pub(crate) fn advance_narrow(&self, active: u64) -> u64 {
        members(&[active]).fold(0, |all, position| all | self.sets[HEAD + position])
    }

    /// Whether a match can end with one of these positions.
    pub(crate) fn is_match(&self, active: &[u64]) -> bool {
        active.iter().zip(self.last()).any(|(a, b)| a & b != 0)
    }

    /// The symbols that a match can begin with.
    pub(crate) fn opening_symbols(&self) -> impl Iterator<Item = u32> + '_ {
        let opens = |index: &usize| {
            self.consumers(*index).iter().zip(self.first()).any(|(a, b)| a & b != 0)
        };
        (0..self.symbols.len()).filter(opens).map(|index| self.symbols[index])
    }

    /// Tells of most words that no match begins with them: bits of [`symbol_bit`], all of them if
    /// one can begin with a number.
    pub(crate) fn opening_bits(&self) -> u64 {
        let bits = self.opening_symbols().fold(0, |all, symbol| all | symbol_bit(symbol));
        if self.opens_with_number() { ANY_BIT } else { bits }
    }

    /// Whether a match can begin with a number.
    pub(crate) fn opens_with_number(&self) -> bool {
        self.numbers.iter().any(|step| is_in(self.first(), step.position as usize))
    }

    /// The same automaton with sets of two machine words, of which the second is empty.
    #[cfg(test)]
    pub(crate) fn widened(&self) -> Self {
        let sets = self.sets.iter().flat_map(|set| [*set, 0]).collect();
        Self { width: 2, sets, ..self.clone() }
    }
}

/// What stands for a number among the bits of symbols.
pub(crate) const ANY_BIT: u64 = u64::MAX;

/// The bit of a symbol; others share it.
pub(crate) fn symbol_bit(symbol: u32) -> u64 {
    1 << (symbol % 64)
}

/// The positions in a set, ascending.
pub(crate) fn members(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(index, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            (left != 0).then(|| {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                index * 64 + bit
            })
        })
    })
}

/// Whether a position is in a set.
pub(crate) fn is_in(set: &[u64], position: usize) -> bool {
    set[position / 64] >> (position % 64) & 1 == 1
}
