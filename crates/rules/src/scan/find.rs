//! Where the parts of a condition stand in a text.

use super::{NONE, Place, Subject, Words, chain_of};
use crate::compiled::{Compiled, Part};

/// Most places of one regex that are looked at: repeated searches from the left can take time that
/// grows with the square of a hostile text, so their number is bounded.
const MAX_REGEX_MATCHES: usize = 200;

/// Asking whether a symbol stands in the text is so many times cheaper than looking one up among the
/// openers of a part.
const OPENERS_A_SYMBOL: usize = 4;

impl Words {
    /// Calls `found` with each word that can open a phrase of this part, and the phrase. Goes through
    /// the openers or the words, whichever are fewer.
    fn openings(&self, part: &Part, mut found: impl FnMut(u32, u32)) {
        if part.openers.len() > OPENERS_A_SYMBOL * self.symbols.len() {
            for (number, word) in (0..).zip(&self.words) {
                for symbol in &self.symbols[word.symbols()] {
                    part.opened_by(*symbol).for_each(|phrase| found(number, phrase));
                }
            }
            return;
        }
        for (symbol, phrase) in &part.openers {
            if self.is_present(*symbol) {
                let mut at = self.latest[chain_of(*symbol)];
                while at != NONE {
                    let (word, earlier) = self.links[at as usize];
                    if self.symbols[at as usize] == *symbol {
                        found(word, *phrase);
                    }
                    at = earlier;
                }
            }
        }
    }

    fn is_present(&self, symbol: u32) -> bool {
        self.present[symbol as usize / 64] >> (symbol % 64) & 1 == 1
    }

    /// All places of a part, in order of place.
    pub(crate) fn find_part(
        &mut self,
        part: &Part,
        subject: Subject<'_>,
        compiled: &Compiled,
        can_stand: impl Fn(u32) -> bool,
        found: &mut Vec<Place>,
    ) {
        found.clear();
        let mut openings = std::mem::take(&mut self.openings);
        openings.clear();
        self.openings(part, |word, phrase| {
            if can_stand(phrase) {
                openings.push((word, phrase));
            }
        });
        for (word, phrase) in &openings {
            let last = self.run(&compiled.phrases[*phrase as usize], *word);
            found.extend(last.map(|last| self.place(*word, last)));
        }
        self.openings = openings;
        for phrase in &part.number_openers {
            for word in 0..self.len() {
                if self.words[word as usize].is_number {
                    let last = self.run(&compiled.phrases[*phrase as usize], word);
                    found.extend(last.map(|last| self.place(word, last)));
                }
            }
        }
        for regex in &part.regexes {
            self.find_regex(*regex, subject, compiled, found);
        }
        found.sort_by_key(Place::order);
        found.dedup();
    }

    /// All places of a regex, added to `found`.
    pub(crate) fn find_regex(
        &self,
        regex: u32,
        subject: Subject<'_>,
        compiled: &Compiled,
        found: &mut Vec<Place>,
    ) {
        if !compiled.prefilter.can_match(regex as usize, &self.marks) {
            return;
        }
        let regex = &compiled.regexes[regex as usize];
        for (field, _, folded) in subject.fields() {
            for matched in regex.find_in(folded.text()).take(MAX_REGEX_MATCHES) {
                let range = folded.original_range(matched);
                if !range.is_empty() {
                    found.push(self.overlapping(field, &range));
                }
            }
        }
    }
}
