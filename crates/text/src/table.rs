//! The fast table: ASCII, Cyrillic and the accented Latin letters of our languages, looked up by
//! byte. Built once from [`plain`], which is the only place where foldings are written down.

use std::sync::LazyLock;

use crate::letters::{Plain, is_cyrillic, is_surely_cyrillic, is_surely_latin, plain};

/// A Latin letter.
pub(crate) const LATIN: u8 = 1;
/// A Cyrillic letter.
pub(crate) const CYRILLIC: u8 = 2;
/// A digit.
pub(crate) const DIGIT: u8 = 4;
/// A letter that nothing in the other script looks like.
pub(crate) const SURE: u8 = 8;
/// A letter that is another one when folded. Kept apart from the classes that are told of a letter.
const CHANGES: u8 = 16;

/// Code points from U+0000 up to here are in the table: all that UTF-8 writes in two bytes and
/// that our languages use.
const SIZE: usize = 0x530;

/// Folded letters and their classes by code point; class 0 for all that is no letter or digit.
pub(crate) struct Table {
    entries: [(char, u8); SIZE],
    /// The classes once more, with [`CHANGES`]: most words are read with these bytes alone.
    classes: [u8; SIZE],
}

/// Letters and digits in a row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Where it ends in the original.
    pub(crate) end: usize,
    /// The classes of all of them.
    pub(crate) seen: u8,
    pub(crate) letters: usize,
}

impl Run {
    #[inline]
    pub(crate) fn add(&mut self, class: u8, length: usize) {
        self.end += length;
        self.seen |= class;
        self.letters += 1;
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut entries = [('\0', 0); SIZE];
    for (code, entry) in entries.iter_mut().enumerate() {
        let c = char::from_u32(code as u32).unwrap_or('\0');
        *entry = match plain(c) {
            Some(Plain::Letter(letter)) => (letter, class(letter)),
            Some(Plain::Digit(digit)) => (digit, DIGIT),
            _ => ('\0', 0),
        };
    }
    let mut classes = [0; SIZE];
    for (code, (folded, class)) in entries.iter().enumerate() {
        let changes = *class != 0 && *folded as usize != code;
        classes[code] = if changes { *class | CHANGES } else { *class };
    }
    Table { entries, classes }
});

/// What stands at this byte, if UTF-8 writes it in one or two bytes, and in how many.
#[inline]
fn code_point(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *bytes.get(at)?;
    if first < 0x80 {
        return Some((usize::from(first), 1));
    }
    if !(0xc3..0xd5).contains(&first) {
        return None;
    }
    Some((usize::from(first & 0x1f) << 6 | usize::from(*bytes.get(at + 1)? & 0x3f), 2))
}

fn class(letter: char) -> u8 {
    let script = if is_cyrillic(letter) { CYRILLIC } else { LATIN };
    let sure = is_surely_cyrillic(letter) || is_surely_latin(letter);
    script | if sure { SURE } else { 0 }
}

impl Table {
    pub(crate) fn get() -> &'static Self {
        &TABLE
    }

    /// The letter or digit at this byte: folded, its class, its length in the original.
    #[inline]
    pub(crate) fn letter(&self, bytes: &[u8], at: usize) -> Option<(char, u8, usize)> {
        let (code, length) = code_point(bytes, at)?;
        let (folded, class) = *self.entries.get(code)?;
        (class != 0).then_some((folded, class, length))
    }

    /// The letters and digits from here on; `None` if folding changes one of them, or one letter
    /// stands three times in a row.
    #[inline]
    pub(crate) fn folded_run(&self, bytes: &[u8], from: usize) -> Option<Run> {
        let mut run = Run { end: from, seen: 0, letters: 0 };
        let (mut last, mut before_last) = (0, 0);
        while let Some((code, length)) = code_point(bytes, run.end)
            && let Some(class) = self.classes.get(code)
            && *class != 0
        {
            let again = code == last && last == before_last && class & DIGIT == 0;
            if again || class & CHANGES != 0 {
                return None;
            }
            (before_last, last) = (last, code);
            run.add(*class, length);
        }
        Some(run)
    }

    #[inline]
    pub(crate) fn starts_word(&self, bytes: &[u8], at: usize) -> bool {
        self.letter(bytes, at).is_some()
    }

    /// Whether the letter here has no other letter or digit right behind it.
    pub(crate) fn is_single_letter(&self, bytes: &[u8], at: usize) -> bool {
        self.letter(bytes, at).is_some_and(|(_, class, length)| {
            class & DIGIT == 0 && self.letter(bytes, at + length).is_none()
        })
    }
}
