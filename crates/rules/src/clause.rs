//! Borders of clauses: how far a negator reaches. Worked out for the few texts in which a negator
//! stands near a match, from the marks between the words and from words like "but".

use domain::Field;
use serde::{Deserialize, Serialize};

use crate::compiled::Compiled;
use crate::matching::Matcher;
use crate::scan::Subject;

/// What parts a word from the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Border {
    /// A blank, a quotation mark, a hyphen: nothing that ends a clause.
    None,
    /// A comma with "that" behind it: what follows is still in doubt.
    Passed,
    /// A comma: between clauses, or between the items of a list.
    Comma,
    /// A dash or colon, which may stand for "is": "deposit: none".
    Dash,
    /// A new line.
    Line,
    /// An emoji or other picture.
    Picture,
    /// A semicolon or bracket, or "but".
    Hard,
}

/// Single words that bear on clauses, as symbols, of all languages together: they share none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ClauseWords {
    /// `negation_stops`: but, але.
    pub(crate) stops: Vec<u32>,
    /// `negation_passes`: that, що.
    pub(crate) passes: Vec<u32>,
    /// `negation_joins`: or, ні.
    pub(crate) joins: Vec<u32>,
}

impl ClauseWords {
    pub(crate) fn add(&mut self, more: Self) {
        self.stops.extend(more.stops);
        self.passes.extend(more.passes);
        self.joins.extend(more.joins);
    }
}

impl Matcher<&Compiled> {
    /// Works out once for a text what stands before each of its words.
    pub(crate) fn fill_borders(&mut self, subject: Subject<'_>) {
        if self.borders.0 == self.text {
            return;
        }
        self.borders.0 = self.text;
        let mut borders = std::mem::take(&mut self.borders.1);
        borders.clear();
        let clause_words = &self.compiled.clause_words;
        let mut before: Option<(Field, usize)> = None;
        for word in 0..self.words.len() {
            let place = self.words.place(word, word);
            let original = subject.original(place.field).unwrap_or_default();
            let marks = match before {
                Some((field, to)) if field == place.field => original.get(to..place.from as usize),
                _ => None,
            };
            let mut border = marks.map_or(Border::None, border_of);
            let is_one_of =
                |symbols: &[u32]| self.words.symbols(word).iter().any(|s| symbols.contains(s));
            if border == Border::Comma && is_one_of(&clause_words.passes) {
                border = Border::Passed;
            } else if is_one_of(&clause_words.stops) {
                border = Border::Hard;
            }
            borders.push(border);
            before = Some((place.field, place.to as usize));
        }
        let pictures = borders.iter().filter(|border| **border == Border::Picture).count();
        if pictures * DECORATED > borders.len() {
            let is_picture = |border: &&mut Border| **border == Border::Picture;
            borders.iter_mut().filter(is_picture).for_each(|border| *border = Border::None);
        }
        self.borders.1 = borders;
    }

    /// The widest border that is crossed on the way from one word to a later one.
    pub(crate) fn border_between(&self, from: u32, to: u32) -> Border {
        let borders = self.borders.1.get(from as usize + 1..=to as usize).unwrap_or_default();
        borders.iter().copied().max().unwrap_or(Border::None)
    }

    /// Whether this place, cut off by commas, is an item of the list that a negator opens: "we take no
    /// passports, *phones* or deposits". Items are short, and the last is joined to the others.
    pub(crate) fn is_in_denied_list(&self, negator: u32, first: u32, last: u32) -> bool {
        let sentence = self.words.sentence(negator);
        let joins = &self.compiled.clause_words.joins;
        let (mut item, mut joined) = (0, false);
        for word in negator + 1..self.words.len().min(negator + LONGEST_LIST) {
            match self.borders.1[word as usize] {
                _ if self.words.sentence(word) != sentence => break,
                Border::None | Border::Passed => {}
                Border::Comma if !joined => item = 0,
                _ if word > last => break,
                _ => return false,
            }
            item += 1;
            if item > LONGEST_ITEM {
                return false;
            }
            if !(first..=last).contains(&word) {
                joined |= self.words.symbols(word).iter().any(|symbol| joins.contains(symbol));
            }
        }
        joined
    }
}

/// Where a picture stands before every third word and more, pictures are decoration and part nothing.
const DECORATED: usize = 3;
/// Most words from a negator to the end of its list.
const LONGEST_LIST: u32 = 16;
/// Most words between two commas of a list.
const LONGEST_ITEM: u32 = 4;

/// What the marks between two words amount to.
fn border_of(marks: &str) -> Border {
    if marks == " " {
        return Border::None;
    }
    let is_spaced = marks.starts_with(' ') && marks.ends_with(' ');
    let of_mark = |mark: char| match mark {
        ',' => Border::Comma,
        '–' | '—' | '−' | ':' => Border::Dash,
        '-' if is_spaced => Border::Dash,
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Border::Line,
        ';' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '+' | '=' | '!' | '?' => Border::Hard,
        // Arrows, symbols, dingbats and emoji, without the marks that only colour or join them.
        '\u{2190}'..='\u{2e7f}' | '\u{1f000}'..='\u{1faff}' => Border::Picture,
        _ => Border::None,
    };
    marks.chars().map(of_mark).max().unwrap_or(Border::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_between_words_part_clauses_or_do_not() {
        for (marks, expected) in [
            (" ", Border::None),
            (" «", Border::None),
            (". ", Border::None),
            ("-", Border::None),
            (" - ", Border::Dash),
            (", ", Border::Comma),
            (": ", Border::Dash),
            (",\n", Border::Line),
            (" 👍 ", Border::Picture),
            (" ✅", Border::Picture),
            (" (", Border::Hard),
        ] {
            assert_eq!(border_of(marks), expected, "{marks:?}");
        }
    }
}
