//! Letters that were parted so that nobody's filter finds the word: `п а с п о р т`, `e.s.c.o.r.t`.

use unicode_normalization::char::is_combining_mark;

use crate::letters::{Plain, plain};
use crate::unusual::single_letter;
use crate::words::Piece;

/// Fewest letters that make a word; up to three do stand side by side (`т. д.`, `з а у`).
const FEWEST: usize = 4;
/// Longest word that is put together; more is a list, or an attack.
const MOST: usize = 40;

/// What stands between two letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Blank,
    Picture,
    Mark(char),
}

/// Collects a word written letter by letter that begins at `from`, and gives where it ends. `None`
/// when too few single letters stand there with one and the same kind of mark between them.
pub(crate) fn gather(pieces: &mut Vec<Piece>, original: &str, from: usize) -> Option<usize> {
    pieces.clear();
    let mut wanted = None;
    let mut at = from;
    let mut end = from;
    while pieces.len() < MOST {
        let Some((c, to, after)) = single(original, at, wanted.is_some()) else { break };
        pieces.push(Piece { c, from: at as u32, to: to as u32 });
        end = to;
        let Some((gap, next)) = gap(original, after) else { break };
        if *wanted.get_or_insert(gap) != gap {
            break;
        }
        at = next;
    }
    // A digit or mark stands for a letter only between letters.
    while pieces.last().is_some_and(|last| !last.c.is_alphabetic()) {
        pieces.pop();
        end = pieces.last().map_or(from, |last| last.to as usize);
    }
    let letters = pieces.iter().filter(|piece| piece.c.is_alphabetic()).count();
    (letters >= FEWEST && !are_categories(pieces)).then_some(end)
}

/// Lets each letter reach to the next, so that the word covers all of its original.
pub(crate) fn close_gaps(pieces: &mut [Piece]) {
    for at in 1..pieces.len() {
        pieces[at - 1].to = pieces[at].from;
    }
}

/// A letter (or, amid a word, what may stand for one) that no other letter or digit touches; where
/// it ends with its accents, and where what follows begins.
fn single(original: &str, at: usize, inside: bool) -> Option<(char, usize, usize)> {
    let c = original[at..].chars().next()?;
    let letter = match c {
        '0' | '3' | '4' | '@' | '$' if inside => c,
        _ => single_letter(c)?,
    };
    let to = skip(original, at + c.len_utf8(), is_accent);
    let after = skip(original, to, is_mark);
    let touched = original[after..].starts_with(char::is_alphanumeric);
    (!touched).then_some((letter, to, after))
}

/// The one mark here, and where what follows it begins.
fn gap(original: &str, at: usize) -> Option<(Gap, usize)> {
    let c = original[at..].chars().next()?;
    let gap = match c {
        '\n' | '\r' => return None,
        c if c.is_whitespace() => Gap::Blank,
        c if c.is_ascii() || matches!(plain(c), Some(Plain::Other(_))) => Gap::Mark(c),
        c if c.is_alphanumeric() || single_letter(c).is_some() => return None,
        _ => Gap::Picture,
    };
    Some((gap, skip(original, at + c.len_utf8(), is_mark)))
}

/// Past the characters of this sort; not more than a few, since they are looked at again.
fn skip(original: &str, at: usize, is: fn(char) -> bool) -> usize {
    let skipped = original[at..].chars().take(16).take_while(|c| is(*c));
    at + skipped.map(char::len_utf8).sum::<usize>()
}

fn is_accent(c: char) -> bool {
    plain(c).is_none() && is_combining_mark(c)
}

/// Zero-width marks and the selectors of emoji.
fn is_mark(c: char) -> bool {
    plain(c) == Some(Plain::Nothing) || is_accent(c)
}

/// `категорії B C D E`: driving licences, and other lists in the order of the alphabet.
fn are_categories(pieces: &[Piece]) -> bool {
    let is_category = |piece: &Piece| "abcdeавсде".contains(piece.c);
    pieces.len() < 6
        && pieces.iter().all(is_category)
        && pieces.windows(2).all(|pair| pair[0].c < pair[1].c)
}
