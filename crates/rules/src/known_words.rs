//! Words of earlier texts with what is known of them: most words of a text stood in one shortly before,
//! and are not looked up again.

use std::hash::BuildHasher as _;

use rustc_hash::FxBuildHasher;

use crate::tenor::WordStems;

/// Words that are kept, a power of two.
const SLOTS: usize = 1 << 13;
/// Longest word that is kept, in bytes.
const LONGEST: usize = 34;
/// Most symbols of a word that is kept.
const MOST_SYMBOLS: usize = 7;

/// The last word of each slot. What is found here is what [`SymbolFinder`] and [`Tenors`] find; only the
/// way there is shorter.
///
/// [`SymbolFinder`]: crate::vocabulary::SymbolFinder
/// [`Tenors`]: crate::tenor::Tenors
#[derive(Debug, Default)]
pub(crate) struct KnownWords {
    /// None before the first word.
    slots: Box<[Slot]>,
    /// By slot, the stems of its word.
    stems: Box<[WordStems]>,
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

impl KnownWords {
    /// The symbols and stems of a word, if it is known.
    #[inline]
    pub(crate) fn look_up(&self, word: &str) -> Option<(&[u32], WordStems)> {
        let at = slot_of(word);
        let slot = self.slots.get(at)?;
        let length = usize::from(slot.length);
        (length != 0 && slot.word[..length] == *word.as_bytes())
            .then(|| (&slot.symbols[..usize::from(slot.count)], self.stems[at]))
    }

    /// Keeps a word, unless it or its symbols take too much room.
    pub(crate) fn keep(&mut self, word: &str, symbols: &[u32], stems: WordStems) {
        if word.is_empty() || word.len() > LONGEST || symbols.len() > MOST_SYMBOLS {
            return;
        }
        if self.slots.is_empty() {
            self.slots = vec![EMPTY; SLOTS].into();
            self.stems = vec![WordStems::UNKNOWN; SLOTS].into();
        }
        let at = slot_of(word);
        let slot = &mut self.slots[at];
        slot.word[..word.len()].copy_from_slice(word.as_bytes());
        slot.symbols[..symbols.len()].copy_from_slice(symbols);
        (slot.length, slot.count) = (word.len() as u8, symbols.len() as u8);
        self.stems[at] = stems;
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
        let keep = |known: &mut KnownWords, word: &str, symbols: &[u32]| {
            known.keep(word, symbols, WordStems::UNKNOWN);
        };
        keep(&mut known, "паспорт", &[3, 9]);
        keep(&mut known, "", &[1]);
        keep(&mut known, "віза", &[]);
        keep(&mut known, &"a".repeat(LONGEST + 1), &[4]);
        keep(&mut known, "забагато", &[0; MOST_SYMBOLS + 1]);
        for (word, symbols) in [("паспорт", &[3, 9][..]), ("віза", &[])] {
            assert_eq!(known.look_up(word), Some((symbols, WordStems::UNKNOWN)));
        }
        for other in ["", "паспор", "паспорта", "забагато", "a"] {
            assert_eq!(known.look_up(other), None, "{other}");
        }
    }

    #[test]
    fn a_slot_holds_the_latest_of_its_words() {
        let mut known = KnownWords::default();
        let words: Vec<String> = (0..4 * SLOTS).map(|number| format!("w{number}")).collect();
        for (number, word) in (0u32..).zip(&words) {
            known.keep(word, &[number], WordStems::UNKNOWN);
        }
        let mut kept = 0;
        for (number, word) in (0u32..).zip(&words) {
            if let Some((symbols, _)) = known.look_up(word) {
                assert_eq!(symbols, [number], "{word}");
                kept += 1;
            }
        }
        assert!((SLOTS / 2..=SLOTS).contains(&kept), "{kept}");
    }
}
