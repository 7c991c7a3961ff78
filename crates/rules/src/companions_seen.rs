//! Which companions stand in the sentence at hand, and which in the text: what a phrase needs beside
//! the word that triggers it.

use crate::compiled::Compiled;

/// Notes of companions met, kept from text to text.
#[derive(Debug, Default)]
pub(crate) struct CompanionsSeen {
    /// By set of companions, the last sentence that holds one.
    last: Vec<u32>,
    /// Number of the sentence at hand, counted through all texts.
    sentence: u32,
    /// The last sentence of the texts before.
    before: u32,
}

impl CompanionsSeen {
    /// Begins a text, which has fewer sentences than are left to count.
    pub(crate) fn begin_text(&mut self, compiled: &Compiled) {
        self.last.resize(compiled.companion_sets, 0);
        if self.sentence > u32::MAX / 2 {
            self.last.fill(0);
            self.sentence = 0;
        }
        self.before = self.sentence;
    }

    /// Takes in the symbols of the next sentence of the text.
    pub(crate) fn read(&mut self, symbols: &[u32], compiled: &Compiled) {
        self.sentence += 1;
        for symbol in symbols {
            for set in compiled.by_symbol.row(*symbol).companions {
                self.last[*set as usize] = self.sentence;
            }
        }
        if let Some(none) = compiled.no_companions {
            self.last[none as usize] = self.sentence;
        }
    }

    /// Whether one of this set stands in the sentence that was read last.
    #[inline]
    pub(crate) fn are_in_sentence(&self, set: u32) -> bool {
        self.last[set as usize] == self.sentence
    }

    /// Whether one of this set stands in the text, as far as its sentences were read.
    #[inline]
    pub(crate) fn are_in_text(&self, set: u32) -> bool {
        self.last[set as usize] > self.before
    }
}
