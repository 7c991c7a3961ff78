//! Words as a double-array trie (Aoe, 1989): the step from a node by a letter is one addition and one
//! look into an array, however many words there are. Where only one word goes on, the rest of it is
//! kept as it is written, and compared at once.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// No node, no value.
const NONE: u32 = u32::MAX;
/// From here on, a base is the number of a rest.
const RESTS: u32 = 1 << 31;
/// Places tried for nodes that belong together before what lies behind counts as full.
const MOST_TRIES: usize = 64;
/// The node that all words begin at.
const ROOT: u32 = 0;

/// Words with their values, found by their letters one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trie {
    /// By code point, the number of the letter; 0 for those in no word.
    numbers: Vec<u32>,
    nodes: Vec<Node>,
    rests: Vec<Rest>,
    /// The letters of all rests.
    letters: String,
}

/// What follows a node that one word passes: where its letters are, and the value of the word.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Rest {
    from: u32,
    to: u32,
    value: u32,
}

/// A node stands where its parent's base and the number of its letter add up to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Node {
    parent: u32,
    base: u32,
    value: u32,
}

const FREE: Node = Node { parent: NONE, base: NONE, value: NONE };

impl Trie {
    /// A trie of these words, which are sorted, each once; their values count from 0.
    pub(crate) fn of(words: &[&str]) -> Self {
        let numbers = numbers_of_letters(words);
        let number = |letter: char| numbers[letter as usize];
        let written = words;
        let words: Vec<Vec<u32>> =
            words.iter().map(|word| word.chars().map(number).collect()).collect();
        let nodes = vec![Node { parent: ROOT, ..FREE }];
        // From here on every base is above nought, whatever the letter.
        let first = words.iter().flatten().max().map_or(1, |highest| *highest as usize + 1);
        let mut builder = Builder {
            written,
            words: &words,
            nodes,
            rests: Vec::new(),
            letters: String::new(),
            first_free: first,
            roomy: first,
        };
        // Breadth first: the nodes that most words pass lie together, and so stay in fast memory.
        let mut waiting = VecDeque::from([(ROOT, 0, 0..words.len())]);
        while let Some((parent, depth, range)) = waiting.pop_front() {
            builder.place_children(parent, depth, range, &mut waiting);
        }
        let Builder { nodes, rests, letters, .. } = builder;
        Self { numbers, nodes, rests, letters }
    }

    /// Calls `found` with each word that `text` begins with, the shortest first: its value, and how
    /// many bytes it has.
    #[inline]
    pub(crate) fn prefixes(&self, text: &str, mut found: impl FnMut(u32, usize)) {
        let mut at = ROOT;
        let mut base = self.nodes[ROOT as usize].base;
        for (start, letter) in text.char_indices() {
            if base >= RESTS {
                return self.rest(base, text, start, found);
            }
            let Some(number) = self.numbers.get(letter as usize) else { return };
            let next = base.wrapping_add(*number);
            let Some(node) = self.nodes.get(next as usize) else { return };
            if node.parent != at {
                return;
            }
            if node.value != NONE {
                found(node.value, start + letter.len_utf8());
            }
            (at, base) = (next, node.base);
        }
    }

    /// The word that goes on here, if the text does so too.
    #[inline]
    fn rest(&self, base: u32, text: &str, start: usize, mut found: impl FnMut(u32, usize)) {
        let Some(rest) = self.rests.get((base - RESTS) as usize) else { return };
        let letters = &self.letters[rest.from as usize..rest.to as usize];
        if text[start..].starts_with(letters) {
            found(rest.value, start + letters.len());
        }
    }
}

/// Numbers from 1 on in the order of the alphabet, so that sorted words stay so.
fn numbers_of_letters(words: &[&str]) -> Vec<u32> {
    let letters: BTreeSet<char> = words.iter().flat_map(|word| word.chars()).collect();
    let mut numbers = vec![0; letters.last().map_or(0, |last| *last as usize + 1)];
    for (number, letter) in (1..).zip(letters) {
        numbers[letter as usize] = number;
    }
    numbers
}

struct Builder<'w> {
    written: &'w [&'w str],
    words: &'w [Vec<u32>],
    nodes: Vec<Node>,
    rests: Vec<Rest>,
    letters: String,
    /// No node before this one is free.
    first_free: usize,
    /// Before this one there is hardly room for several nodes together.
    roomy: usize,
}

impl Builder<'_> {
    /// Finds room for what follows the first `depth` letters of these words, which are the same.
    fn place_children(
        &mut self,
        parent: u32,
        depth: usize,
        range: Range<usize>,
        waiting: &mut VecDeque<(u32, usize, Range<usize>)>,
    ) {
        let mut from = range.start;
        if !range.is_empty() && self.words[from].len() == depth {
            self.nodes[parent as usize].value = from as u32;
            from += 1;
        }
        if from + 1 == range.end {
            self.nodes[parent as usize].base = self.rest_of(from, depth);
            return;
        }
        let words = self.words;
        let children: Vec<(u32, Range<usize>)> = words[from..range.end]
            .chunk_by(|a, b| a[depth] == b[depth])
            .map(|group| {
                let start = from;
                from += group.len();
                (group[0][depth], start..from)
            })
            .collect();
        let (Some((lowest, _)), Some((highest, _))) = (children.first(), children.last()) else {
            return;
        };
        let base = self.base_for(*lowest, &children);
        self.nodes[parent as usize].base = base;
        let needed = (base + highest + 1) as usize;
        if self.nodes.len() < needed {
            self.nodes.resize(needed, FREE);
        }
        for (letter, range) in children {
            self.nodes[(base + letter) as usize].parent = parent;
            waiting.push_back((base + letter, depth + 1, range));
        }
    }

    /// The base that stands for the letters of this word from `depth` on.
    fn rest_of(&mut self, word: usize, depth: usize) -> u32 {
        let from = self.letters.len() as u32;
        self.letters.extend(self.written[word].chars().skip(depth));
        self.rests.push(Rest { from, to: self.letters.len() as u32, value: word as u32 });
        RESTS + (self.rests.len() - 1) as u32
    }

    /// The lowest base from which the places of all these letters are free.
    fn base_for<T>(&mut self, lowest: u32, children: &[(u32, T)]) -> u32 {
        let is_free = |place: usize| self.nodes.get(place).is_none_or(|node| node.parent == NONE);
        while !is_free(self.first_free) {
            self.first_free += 1;
        }
        let from = if children.len() > 1 { self.roomy } else { self.first_free };
        let first = from.max(self.first_free);
        let fits = |place: &usize| {
            let base = place - lowest as usize;
            children.iter().all(|(letter, _)| is_free(base + *letter as usize))
        };
        let place = (first..).find(fits).unwrap_or(first);
        if place > first + MOST_TRIES {
            self.roomy = place;
        }
        (place - lowest as usize) as u32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prefixes(words: &[&str], text: &str) -> Vec<(u32, usize)> {
        let mut found = Vec::new();
        Trie::of(words).prefixes(text, |value, bytes| found.push((value, bytes)));
        found
    }

    #[test]
    fn the_words_that_a_text_begins_with_are_found() {
        let words = ["pass", "passport", "віз", "віза", "п", "пас", "паспорт"];
        assert_eq!(prefixes(&words, "паспорти"), [(4, 2), (5, 6), (6, 14)]);
        assert_eq!(prefixes(&words, "віза"), [(2, 6), (3, 8)]);
        assert_eq!(prefixes(&words, "pasta"), []);
        assert_eq!(prefixes(&[], "pasta"), []);
        assert_eq!(prefixes(&words, "\u{10ffff}"), []);
    }

    proptest! {
        #[test]
        fn the_trie_agrees_with_comparing_words_one_by_one(
            words in prop::collection::btree_set("[abпя]{1,4}|\\PC{1,3}", 0..40),
            text in "[abпя]{0,6}|\\PC{0,4}",
        ) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let expected: Vec<(u32, usize)> = (0..)
                .zip(&words)
                .filter(|(_, word)| text.starts_with(**word))
                .map(|(value, word)| (value, word.len()))
                .collect();
            prop_assert_eq!(prefixes(&words, &text), expected);
        }
    }
}
