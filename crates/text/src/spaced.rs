//! Letters that were parted so that nobody's filter finds the word: `п а с п о р т`, `e.s.c.o.r.t`.

use unicode_normalization::char::is_combining_mark;

use crate::letters::{Plain, is_apostrophe, plain};
use crate::unusual::single_letter;
use crate::words::Piece;

/// Fewest letters that make a word; up to three do stand side by side (`т. д.`, `з а у`).
const FEWEST: usize = 4;
/// Most short words in a row that a longer one gives away.
const SHORT_WORDS: usize = 5;
/// Longest word that is put together; more is a list, or an attack.
const MOST: usize = 40;

/// What stands between two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    Blank,
    Picture,
    Mark(char),
}

/// Collects a word written letter by letter that begins at `from`; gives where it ends and how it is
/// parted. `None` when too few single letters stand there with one and the same kind of mark between
/// them. Amid words that are parted in this way (`known`, or right behind), two letters are enough.
pub(crate) fn gather(
    pieces: &mut Vec<Piece>,
    original: &str,
    from: usize,
    known: Option<Gap>,
) -> Option<(usize, Gap)> {
    pieces.clear();
    let (mut end, gap) = run(original, from, |piece| pieces.push(piece));
    // A digit or mark stands for a letter only between letters.
    while pieces.last().is_some_and(|last| !last.c.is_alphabetic()) {
        pieces.pop();
        end = pieces.last().map_or(from, |last| last.to as usize);
    }
    let gap = gap?;
    let letters = pieces.iter().filter(|piece| piece.c.is_alphabetic()).count();
    let is_word = letters >= FEWEST
        || letters > 1
            && ends_apart(original, end, gap)
            && (known == Some(gap) || precedes_word(original, end, gap));
    (is_word && (letters < FEWEST || !are_categories(pieces))).then_some((end, gap))
}

/// Hands out the single letters from here on that one kind of mark parts; gives where they end.
fn run(original: &str, from: usize, mut found: impl FnMut(Piece)) -> (usize, Option<Gap>) {
    let (mut wanted, mut at, mut end) = (None, from, from);
    for _ in 0..MOST {
        let Some((c, to, after)) = single(original, at, wanted.is_some()) else { break };
        found(Piece { c, from: at as u32, to: to as u32 });
        end = to;
        let Some((gap, next)) = gap(original, after) else { break };
        if wanted.is_some_and(|wanted| wanted != gap) {
            break;
        }
        // The gap behind the last letter tells nothing.
        if single(original, next, true).is_none() {
            break;
        }
        wanted = Some(gap);
        at = next;
    }
    (end, wanted)
}

/// Whether a short word that ends here stands apart from what follows, and is no row of words of one
/// letter.
fn ends_apart(original: &str, end: usize, gap: Gap) -> bool {
    let mut rest = original[end..].chars();
    match (gap, rest.next()) {
        (_, None) => true,
        (Gap::Blank, Some(' ')) => rest.next().is_none_or(|c| !c.is_alphanumeric()),
        (_, Some(next)) => !next.is_alphanumeric(),
    }
}

/// Whether a longer word follows that is parted in the same way.
fn precedes_word(original: &str, end: usize, wanted: Gap) -> bool {
    let mut end = end;
    for _ in 0..SHORT_WORDS {
        let next = skip(original, end, |c| c.is_whitespace() || c == ',');
        let mut letters = 0;
        let (after, gap) =
            run(original, next, |piece| letters += usize::from(piece.c.is_alphabetic()));
        if next == end || letters == 0 || gap.is_some_and(|gap| gap != wanted) {
            return false;
        }
        if letters >= FEWEST {
            return true;
        }
        end = after;
    }
    false
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
    let next = skip(original, at + c.len_utf8(), is_mark);
    // `з в ' я з о к`
    let apostrophe = original[next..].chars().next().filter(|c| is_apostrophe(*c));
    let behind = apostrophe.map_or(next, |apostrophe| next + apostrophe.len_utf8());
    let again = original[behind..].chars().next().filter(|again| *again == c && behind > next);
    Some((gap, again.map_or(next, |again| behind + again.len_utf8())))
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
