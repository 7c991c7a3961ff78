//! What the fast table does not know: composed by NFKC (UAX #15), styled letters, marks that stand
//! over letters, flags.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::letters::{
    Plain, is_apostrophe, is_cyrillic, is_surely_cyrillic, is_surely_latin, plain,
};
use crate::words::{Piece, Script};

/// The letters of one word, as they are collected. Kept for its buffer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) pieces: Vec<Piece>,
    /// The word held something that nobody types by accident.
    pub(crate) hidden: bool,
}

/// What a character between words is.
pub(crate) enum Between {
    /// It leaves nothing.
    Dropped,
    /// It stays as it is, up to this place.
    Kept(usize),
    /// It is this one.
    Is(char),
    /// It begins a word.
    Letter,
}

/// What this character, which is not ASCII and begins no plain word, is.
pub(crate) fn between(original: &str, at: usize, c: char) -> Between {
    let kept = Between::Kept(at + c.len_utf8());
    match plain(c) {
        Some(Plain::Nothing) => return Between::Dropped,
        Some(Plain::Other(other)) if other == c => return kept,
        Some(Plain::Other(other)) => return Between::Is(other),
        Some(Plain::Letter(_) | Plain::Digit(_)) => return Between::Letter,
        None => {}
    }
    if is_regional(c) {
        return match regionals(&original[at..]) {
            (_, false) => Between::Letter,
            (length, true) => Between::Kept(at + length),
        };
    }
    if is_combining_mark(c) {
        return Between::Dropped;
    }
    let mut folded = fold(c);
    match (folded.next(), folded.next()) {
        (Some(first), _) if first.is_alphanumeric() => Between::Letter,
        (Some(only), None) if only != c => Between::Is(only),
        _ => kept,
    }
}

/// Whether this character surely parts words, so that nothing behind it belongs to the word before.
pub(crate) fn parts_words(c: char) -> bool {
    match plain(c) {
        Some(Plain::Other(_)) => true,
        Some(_) => false,
        None => is_picture(c),
    }
}

/// The script of what follows this place, of the first letter that only one script has, if there is
/// one nearby; and how many words there are of both scripts: not two words run
/// together, the second of which begins with a capital.
pub(crate) fn script_after(original: &str, at: usize) -> (Script, u32) {
    let (mut script, mut mixed) = (Script::None, 0);
    let (mut last, mut counted) = (None, false);
    for c in original[at..].chars().take(40) {
        let letter = match plain(c) {
            Some(Plain::Letter(letter)) => Some(letter),
            _ => None,
        };
        let changed = last.zip(letter).is_some_and(|(a, b)| is_cyrillic(a) != is_cyrillic(b));
        mixed += u32::from(changed && !counted && c.is_lowercase());
        counted = letter.is_some() && (counted || changed && c.is_lowercase());
        if let (Script::None, Some(letter)) = (script, letter) {
            script = match letter {
                _ if is_surely_cyrillic(letter) => Script::Cyrillic,
                _ if is_surely_latin(letter) => Script::Latin,
                _ => Script::None,
            };
        }
        last = letter;
    }
    (script, mixed)
}

/// The letter that this character stands for by itself, folded.
pub(crate) fn single_letter(c: char) -> Option<char> {
    match plain(c) {
        Some(Plain::Letter(letter)) => return Some(letter),
        Some(_) => return None,
        None => {}
    }
    let mut folded = fold(c);
    match (folded.next(), folded.next()) {
        (Some(letter), None) if letter.is_alphabetic() => Some(letter),
        _ => None,
    }
}

impl Gathered {
    /// Collects the word that begins at `from`; gives where it ends.
    pub(crate) fn gather(&mut self, original: &str, from: usize) -> usize {
        self.pieces.clear();
        self.hidden = false;
        let mut marks = 0;
        let mut at = from;
        let mut after_regional = false;
        while let Some(c) = original[at..].chars().next() {
            let to = at + c.len_utf8();
            let rest = &original[to..];
            let (from, piece_end) = (at as u32, to as u32);
            let is_mark = plain(c).is_none() && is_combining_mark(c);
            marks = if is_mark { marks + 1 } else { 0 };
            match plain(c) {
                Some(Plain::Letter(c) | Plain::Digit(c)) => self.push(c, from, piece_end),
                Some(Plain::Nothing) => {
                    let after_letter =
                        self.pieces.last().is_some_and(|last| last.c.is_alphabetic());
                    let inside = after_letter && rest.starts_with(char::is_alphanumeric);
                    self.hidden |= inside && c != '\u{ad}';
                }
                Some(Plain::Other(c)) if self.is_inside(rest) && is_apostrophe(c) => {}
                Some(Plain::Other(c)) if self.is_inside(rest) && is_letter_like(c, rest) => {
                    self.push(c, from, piece_end);
                }
                Some(Plain::Other(_)) => break,
                None if is_mark => self.mark(c, piece_end, marks),
                // A flag ends a word; the last two letters of a word in such letters are no flag.
                None if is_regional(c) && !after_regional && regionals(&original[at..]).1 => break,
                None if matches!(c, 'ß' | 'ẞ') => {
                    self.push('s', from, piece_end);
                    self.push('s', from, piece_end);
                }
                None if !self.push_folded(c, from, piece_end) => break,
                None => {}
            }
            after_regional = is_regional(c);
            at = to;
        }
        at
    }

    fn is_inside(&self, rest: &str) -> bool {
        let rest = rest.trim_start_matches(|c| plain(c) == Some(Plain::Nothing));
        self.pieces.last().is_some_and(|last| !last.c.is_ascii_digit())
            && rest.starts_with(|next: char| next.is_alphabetic() || next == '$')
    }

    fn push(&mut self, c: char, from: u32, to: u32) {
        self.pieces.push(Piece { c, from, to });
    }

    /// Pushes what a character folds to; `false` when that is no letter or digit.
    fn push_folded(&mut self, c: char, from: u32, to: u32) -> bool {
        let mut pushed = false;
        for folded in fold(c).take_while(|folded| folded.is_alphanumeric()) {
            self.push(folded, from, to);
            pushed = true;
        }
        self.hidden |= pushed && is_styled(c);
        pushed
    }

    /// A mark that stands over the letter before it. Й and ї come apart in some texts; all else is
    /// accent or disguise.
    fn mark(&mut self, mark: char, to: u32, nth: u32) {
        let Some(last) = self.pieces.last_mut() else { return };
        last.to = to;
        match (last.c, mark) {
            ('и', '\u{306}') => last.c = 'й',
            ('і', '\u{308}') => last.c = 'ї',
            ('у', '\u{306}') => last.c = 'ў',
            // A line through a letter, or a second mark on it, is no accent.
            (c, '\u{334}'..='\u{338}' | '\u{20d0}'..='\u{20f0}') => {
                self.hidden |= c.is_alphabetic();
            }
            _ => self.hidden |= nth > 1,
        }
    }
}

/// A character composed by NFKC, in lower case, accents off.
fn fold(c: char) -> impl Iterator<Item = char> {
    let own = styled_beyond_nfkc(c);
    let picture = is_picture(c) || matches!(c, '™' | '℠' | '℡' | '№');
    let composed = (!picture).then(|| own.unwrap_or(c).nfkc().flat_map(char::to_lowercase));
    let composed = composed.into_iter().flatten().flat_map(|c| match plain(c) {
        Some(Plain::Letter(c) | Plain::Digit(c) | Plain::Other(c)) => Some(c),
        Some(Plain::Nothing) => None,
        None => bare(c),
    });
    composed.chain(picture.then_some(c))
}

/// The letter under its accents.
fn bare(c: char) -> Option<char> {
    if is_combining_mark(c) {
        return None;
    }
    let base = if c.is_alphabetic() { c.nfd().next().unwrap_or(c) } else { c };
    match plain(base) {
        Some(Plain::Letter(letter)) => Some(letter),
        _ => Some(base),
    }
}

/// Emoji and other pictures: nothing to compose in them.
fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{245f}' | '\u{2500}'..='\u{2bff}' | '\u{1f000}'..='\u{1f0ff}'
        | '\u{1f18e}' | '\u{1f191}'..='\u{1f1ad}' | '\u{1f200}'..='\u{1faff}')
}

/// Letters in circles and squares that NFKC leaves alone, and regional indicators.
fn styled_beyond_nfkc(c: char) -> Option<char> {
    let base = match c {
        '\u{1f150}'..='\u{1f169}' => 0x1f150,
        '\u{1f170}'..='\u{1f189}' => 0x1f170,
        '\u{1f1e6}'..='\u{1f1ff}' => 0x1f1e6,
        _ => return None,
    };
    char::from_u32(u32::from('a') + (c as u32 - base))
}

/// Letters of mathematical, circled, squared and wide alphabets, and regional indicators.
fn is_styled(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7cb}' | '\u{249c}'..='\u{24e9}' | '\u{ff21}'..='\u{ff5a}'
        | '\u{1f110}'..='\u{1f1ff}')
}

fn is_regional(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

/// Flags that ads carry. Letters that spell only these are flags, not a word.
const FLAGS: &[&str] = &[
    "ua", "pl", "de", "cz", "sk", "ro", "md", "ru", "by", "bg", "hu", "at", "ch", "it", "es", "pt",
    "fr", "be", "nl", "lu", "gb", "ie", "us", "ca", "tr", "ae", "qa", "sa", "kw", "bh", "om", "il",
    "gr", "cy", "mt", "hr", "si", "rs", "me", "mk", "al", "ba", "xk", "lt", "lv", "ee", "fi", "se",
    "no", "dk", "is", "eu", "ge", "am", "az", "kz", "uz", "kg", "tj", "tm", "cn", "hk", "jp", "kr",
    "th", "vn", "in", "mx", "br", "au", "eg", "ma", "tn", "za",
];

/// The regional indicators at the beginning of `rest`: their length in bytes, and whether they are
/// flags (one pair always is one).
fn regionals(rest: &str) -> (usize, bool) {
    let letters: String = rest
        .chars()
        .take(64)
        .take_while(|c| is_regional(*c))
        .filter_map(styled_beyond_nfkc)
        .collect();
    let pairs = letters.as_bytes().chunks(2);
    let all_flags = pairs.clone().all(|pair| FLAGS.iter().any(|flag| flag.as_bytes() == pair));
    (letters.len() * '\u{1f1e6}'.len_utf8(), letters.len() == 2 || all_flags)
}

/// `@` and `$` stand for letters between letters, unless this is an address.
fn is_letter_like(c: char, rest: &str) -> bool {
    match c {
        '@' => {
            let chunk = rest.split(char::is_whitespace).next().unwrap_or_default();
            let chunk = &chunk[..chunk.floor_char_boundary(64)];
            !chunk.trim_end_matches(['.', '!', '?', '…']).contains('.')
        }
        '$' => true,
        _ => false,
    }
}
