//! Words of earlier texts with their symbols: most words of a text stood in one shortly before, and
//! are not walked through again.

use std::hash::BuildHasher as _;

use rustc_hash::FxBuildHasher;

/// Words that are kept, a power of two.
const SLOTS: usize = 1 << 13;
/// Longest word that is kept, in bytes.
const LONGEST: usize = 34;
/// Most symbols of a word that is kept.
const MOST_SYMBOLS: usize = 7;

/// The last word of each slot. What is found here is what [`SymbolFinder`] finds; only the way there
/// is shorter.
///
/// [`SymbolFinder`]: crate::vocabulary::SymbolFinder
#[derive(Debug)]
pub(crate) struct KnownWords {
    slots: Box<[Slot]>,
}

/// One line of fast memory.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Slot {
    symbols: [u32; MOST_SYMBOLS],
    word: [u8; LONGEST],
    /// Length of the word; 0 if the slot is empty.
    length: u8,
    count: u8,
}

const EMPTY: Slot = Slot { symbols: [0; MOST_SYMBOLS], word: [0; LONGEST], length: 0, count: 0 };

impl Default for KnownWords {
    fn default() -> Self {
        Self { slots: vec![EMPTY; SLOTS].into() }
    }
}

impl KnownWords {
    /// The symbols of a word, if it is known.
    #[inline]
    pub(crate) fn symbols(&self, word: &str) -> Option<&[u32]> {
        let slot = &self.slots[slot_of(word)];
        let length = usize::from(slot.length);
        (length != 0 && slot.word[..length] == *word.as_bytes())
            .then(|| &slot.symbols[..usize::from(slot.count)])
    }

    /// Keeps a word, unless it or its symbols take too much room.
    pub(crate) fn keep(&mut self, word: &str, symbols: &[u32]) {
        if word.is_empty() || word.len() > LONGEST || symbols.len() > MOST_SYMBOLS {
            return;
        }
        let slot = &mut self.slots[slot_of(word)];
        slot.word[..word.len()].copy_from_slice(word.as_bytes());
        slot.symbols[..symbols.len()].copy_from_slice(symbols);
        (slot.length, slot.count) = (word.len() as u8, symbols.len() as u8);
    }
}

fn slot_of(word: &str) -> usize {
    FxBuildHasher.hash_one(word.as_bytes()) as usize & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_known_by_all_of_its_letters() {
        let mut known = KnownWords::default();
        known.keep("паспорт", &[3, 9]);
        known.keep("", &[1]);
        known.keep("віза", &[]);
        known.keep(&"a".repeat(LONGEST + 1), &[4]);
        known.keep("забагато", &[0; MOST_SYMBOLS + 1]);
        assert_eq!(known.symbols("паспорт"), Some([3, 9].as_slice()));
        assert_eq!(known.symbols("віза"), Some([].as_slice()));
        for other in ["", "паспор", "паспорта", "забагато", "a"] {
            assert_eq!(known.symbols(other), None, "{other}");
        }
    }

    #[test]
    fn a_slot_holds_the_latest_of_its_words() {
        let mut known = KnownWords::default();
        let words: Vec<String> = (0..4 * SLOTS).map(|number| format!("w{number}")).collect();
        for (number, word) in (0u32..).zip(&words) {
            known.keep(word, &[number]);
        }
        let mut kept = 0;
        for (number, word) in (0u32..).zip(&words) {
            if let Some(symbols) = known.symbols(word) {
                assert_eq!(symbols, [number], "{word}");
                kept += 1;
            }
        }
        assert!((SLOTS / 2..=SLOTS).contains(&kept), "{kept}");
    }
}
