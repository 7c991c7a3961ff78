//! Finds the words that everybody uses. Most words of a text are none of them, which a hash of a few
//! letters tells.

use domain::Language;

/// By language, as [`Language`] counts them.
pub(crate) type Points = [i32; 8];

/// Words with the points that they bring, by open addressing.
pub(crate) struct CommonWords {
    slots: Vec<Slot>,
    words: Vec<(&'static str, Points)>,
}

/// What is kept of a word where it is looked for: few bytes, so that all of them stay in the fastest
/// memory.
#[derive(Clone, Copy)]
struct Slot {
    /// Bits of the hash that are not in the place of the slot.
    tag: u16,
    /// Number of the word; [`EMPTY`] for none.
    word: u16,
}

const EMPTY: u16 = u16::MAX;

impl CommonWords {
    /// Words of languages; each time that one is listed brings these points.
    pub(crate) fn of(lists: &[(Language, &[&'static str])], points: i32) -> Self {
        let count: usize = lists.iter().map(|(_, words)| words.len()).sum();
        let slots = vec![Slot { tag: 0, word: EMPTY }; (count * 2).next_power_of_two()];
        let mut all = Self { slots, words: Vec::new() };
        for (language, words) in lists {
            for word in *words {
                let (slot, tag) = all.find(word);
                if all.slots[slot].word == EMPTY {
                    all.slots[slot] = Slot { tag, word: all.words.len() as u16 };
                    all.words.push((word, Points::default()));
                }
                let (_, sum) = &mut all.words[usize::from(all.slots[slot].word)];
                sum[*language as usize] += points;
            }
        }
        all
    }

    pub(crate) fn points(&self, word: &str) -> Option<&Points> {
        let (slot, _) = self.find(word);
        self.words.get(usize::from(self.slots[slot].word)).map(|(_, points)| points)
    }

    /// Where the word is, or would be. Half of the slots stay empty, so the search ends.
    fn find(&self, word: &str) -> (usize, u16) {
        let hash = hash(word.as_bytes());
        let (mut slot, tag) = (hash as usize & (self.slots.len() - 1), (hash >> 32) as u16);
        loop {
            let Slot { tag: other, word: index } = self.slots[slot];
            if index == EMPTY || other == tag && self.words[usize::from(index)].0 == word {
                return (slot, tag);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }
}

/// Of the first letters, the last and the length.
fn hash(word: &[u8]) -> u64 {
    let few = match word {
        [first, second, third, fourth, .., before_last, last] => {
            u64::from(u32::from_le_bytes([*first, *second, *third, *fourth]))
                | u64::from(*before_last) << 32
                | u64::from(*last) << 40
        }
        _ => word.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    };
    // Fibonacci hashing: the high bits of the product depend on all of the number.
    (few | (word.len() as u64) << 48).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_bring_points_to_each_language_that_lists_them() {
        let lists: [(Language, &[&str]); 3] = [
            (Language::Uk, &["не", "з", "документи"]),
            (Language::Ru, &["не"]),
            (Language::Pl, &["z", "praca"]),
        ];
        let common = CommonWords::of(&lists, 3);
        let points = |word| common.points(word).copied().unwrap_or_default();
        let sum = |word| points(word).iter().sum::<i32>();
        assert_eq!((sum("не"), sum("praca"), sum("z"), sum("документи")), (6, 3, 3, 3));
        assert_eq!(points("не")[Language::Ru as usize], 3);
        for other in ["", "н", "нет", "документ", "документы", "prаca"] {
            assert_eq!(sum(other), 0, "{other}");
        }
    }
}
