//! One word at a time: which script it is meant in, what hides in it.

use crate::fold::TokenKind;
use crate::letters::{
    is_cyrillic, is_surely_cyrillic, is_surely_latin, is_vowel, leet_cyrillic, leet_latin,
    to_cyrillic, to_latin,
};

/// A folded character with the original bytes that it came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) c: char,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Piece {
    /// The kind of token that this is part of, if of any.
    pub(crate) fn kind(self) -> Option<TokenKind> {
        match self.c {
            c if c.is_ascii_digit() => Some(TokenKind::Number),
            c if c.is_alphanumeric() => Some(TokenKind::Word),
            _ => None,
        }
    }
}

/// The scripts around a word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Around {
    pub(crate) before: Script,
    pub(crate) after: Script,
    /// Of nearly all words so far.
    pub(crate) main: Script,
    /// Somebody mixes letters here: several words so far, or right behind, are of both
    /// scripts.
    pub(crate) mixing: bool,
}

/// The script that a word is meant in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Script {
    #[default]
    None,
    Cyrillic,
    Latin,
}

/// Shortest word of look-alikes alone that its neighbours may turn into their script; there are too
/// many short ones in both.
pub(crate) const SHORTEST_ALL_ALIKE: usize = 4;

/// Latin words of look-alikes alone that ads in Cyrillic are full of.
const LATIN_ALL_THE_SAME: &[&str] = &[
    "taxi", "tiktok", "team", "time", "item", "make", "meet", "camp", "compact", "ajax", "exit",
    "pick", "capex", "opex",
];

/// What was found about a word, and undone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Undone {
    pub(crate) script: Script,
    /// More than case and accents was changed.
    pub(crate) disguised: bool,
    /// A letter repeated three times and more now stands once.
    pub(crate) stretched: bool,
    /// It went from one script to the other and back: two words run together go once.
    pub(crate) mixed: bool,
}

/// Undoes the disguises of a word in place.
pub(crate) fn undisguise(word: &mut Vec<Piece>, around: Around) -> Undone {
    // Before the letters are counted, and after: look-alikes may be stretched in turn.
    let mut stretched = squeeze(word);
    let script = script_of(word, around);
    let is_change = |pair: &&[Piece]| is_cyrillic(pair[0].c) != is_cyrillic(pair[1].c);
    let mixed = word.windows(2).filter(is_change).nth(1).is_some();
    let mut disguised = swap_letters(word, script);
    disguised |= digits_to_letters(word, script);
    stretched |= squeeze(word);
    Undone { script, disguised: disguised | stretched, stretched, mixed }
}

/// Where two words of different scripts were run together (`LinuxАдміністратор`): the script changes
/// just once, and each part has letters that only its own script has, or a capitalised word begins
/// there (`ITБазові`).
pub(crate) fn border(word: &[Piece], original: &str) -> Option<usize> {
    if word.iter().any(|piece| !piece.c.is_alphabetic()) {
        return None;
    }
    let is_border = |at: &usize| is_cyrillic(word[at - 1].c) != is_cyrillic(word[*at].c);
    let mut borders = (1..word.len()).filter(is_border);
    let border = borders.next().filter(|_| borders.next().is_none())?;
    let is_sure = |piece: &Piece| is_surely_cyrillic(piece.c) || is_surely_latin(piece.c);
    let (left, right) = word.split_at(border);
    let is_upper = |piece: &Piece| {
        original[piece.from as usize..].chars().next().is_some_and(char::is_uppercase)
    };
    let capitalised = || {
        let first_two = right.first().zip(right.get(1));
        left.len() > 1 && first_two.is_some_and(|(first, next)| is_upper(first) && !is_upper(next))
    };
    let is_border = left.iter().any(is_sure) && right.iter().any(is_sure) || capitalised();
    is_border.then_some(border)
}

fn script_of(word: &[Piece], around: Around) -> Script {
    let Around { before, after, .. } = around;
    let count = |is: fn(char) -> bool| word.iter().filter(|piece| is(piece.c)).count();
    let (cyrillic, latin) = (count(is_surely_cyrillic), count(is_surely_latin));
    match cyrillic.cmp(&latin) {
        std::cmp::Ordering::Greater => return Script::Cyrillic,
        std::cmp::Ordering::Less => return Script::Latin,
        std::cmp::Ordering::Equal => {}
    }
    let sure = cyrillic > 0;
    let (cyrillic, latin) = (count(is_cyrillic), count(|c| c.is_ascii_lowercase()));
    match (cyrillic, latin) {
        (0, 0) => Script::None,
        (0, _) if is_meant_cyrillic(word, around) => Script::Cyrillic,
        (0, _) => Script::Latin,
        (_, 0) if is_meant_latin(word, around) => Script::Latin,
        (_, 0) => Script::Cyrillic,
        // Of both scripts, and every letter of it looks alike: as its neighbours are.
        _ if !sure && before != Script::None && [before, Script::None].contains(&after) => before,
        _ if !sure && before == Script::None && after != Script::None => after,
        _ if !sure && cyrillic == latin => before,
        (cyrillic, latin) if cyrillic >= latin => Script::Cyrillic,
        _ => Script::Latin,
    }
}

/// A word in Latin letters that all look Cyrillic, amid Cyrillic words.
fn is_meant_cyrillic(word: &[Piece], around: Around) -> bool {
    let Around { before, after, mixing, .. } = around;
    let neighbours = match before {
        Script::Cyrillic => true,
        Script::Latin => false,
        Script::None => after == Script::Cyrillic,
    };
    let all_alike = || word.iter().all(|piece| to_cyrillic(piece.c).is_some());
    // In lower case b and h look like no Cyrillic letter, and English is full of them.
    let looks_latin = || word.iter().any(|piece| matches!(piece.c, 'b' | 'h' | 'j'));
    let named = || {
        let spelt = |name: &&&str| name.chars().eq(word.iter().map(|piece| piece.c));
        LATIN_ALL_THE_SAME.iter().find(spelt).is_some()
    };
    // `i`, `a`, `o`, `c`, `y`: the one-letter words of Cyrillic texts, typed on a Latin keyboard.
    let one_letter = || word.len() == 1 && after == Script::Cyrillic && !looks_latin();
    let long = || word.len() >= SHORTEST_ALL_ALIKE && !looks_latin() && !named();
    let hidden = || mixing && after != Script::Latin && !named();
    neighbours && all_alike() && (one_letter() || long() || hidden())
}

/// A word in Cyrillic letters that all look Latin, between Latin words. More is asked here, since
/// names and addresses in Latin are common in Cyrillic texts, and the reverse is not.
fn is_meant_latin(word: &[Piece], around: Around) -> bool {
    let Around { before, after, main, mixing } = around;
    let neighbours = match (before, after) {
        (Script::Latin, Script::Latin) => word.len() >= SHORTEST_ALL_ALIKE || main == Script::Latin,
        (Script::Latin, Script::None) => main == Script::Latin,
        (Script::None, Script::Latin) => mixing,
        _ => false,
    };
    (neighbours || mixing && before == Script::Latin && after != Script::Cyrillic)
        && word.iter().all(|piece| to_latin(piece.c).is_some())
}

fn swap_letters(word: &mut [Piece], script: Script) -> bool {
    let swap = match script {
        Script::Cyrillic => to_cyrillic,
        Script::Latin => to_latin,
        Script::None => return false,
    };
    let mut swapped = false;
    for piece in word.iter_mut() {
        if let Some(letter) = swap(piece.c)
            && letter != piece.c
        {
            piece.c = letter;
            swapped = true;
        }
    }
    swapped
}

/// Digits and marks between letters become letters: `п4спорт`, `esc0rt`. At the end of a word they
/// stay: `mp3`, `18+`; at its beginning one or two are known: `3арплата`, `6ез`.
fn digits_to_letters(word: &mut [Piece], script: Script) -> bool {
    let leet = match script {
        Script::Cyrillic => leet_cyrillic,
        Script::Latin => leet_latin,
        Script::None => return false,
    };
    let mut turned = first_digit(word, script);
    let letters = word.iter().filter(|piece| piece.c.is_alphabetic()).count();
    // `a1b2c3` is a code, not a word; of the short ones only `y0u` and its like are none.
    let is_short = matches!(word, [_, Piece { c: '0' | '3' | '4' | '@', .. }, _]);
    let digits = word.len() - letters;
    let is_code = match script {
        Script::Cyrillic => letters <= digits,
        _ => letters * 2 < digits * 3,
    };
    if digits == 0 || letters < if is_short { 2 } else { 3 } || is_code {
        return turned;
    }
    for at in 1..word.len().saturating_sub(1) {
        let (before, after) = (word[at - 1].c, word[at + 1].c);
        // Two in a row are a number, save the same twice in a Latin word: `b00king`, `pa$$port`.
        let twice = script == Script::Latin && after == word[at].c && word.len() > 4;
        let after = if twice { word.get(at + 2).map_or(' ', |piece| piece.c) } else { after };
        if before.is_alphabetic()
            && after.is_alphabetic()
            && let Some(letter) = leet(word[at].c, is_vowel(before) || is_vowel(after))
        {
            if twice {
                word[at + 1].c = letter;
            }
            word[at].c = letter;
            turned = true;
        }
    }
    turned
}

/// `3аробіток`, `6ез`: a first digit that no number would have before such letters.
fn first_digit(word: &mut [Piece], script: Script) -> bool {
    let long = word.len() > 4;
    let [first, second, third, ..] = word else { return false };
    let letter = match (first.c, second.c, third.c) {
        _ if script != Script::Cyrillic => return false,
        ('3', 'а', third) if third.is_alphabetic() && long => 'з',
        ('6', 'е', 'з' | 'с') => 'б',
        _ => return false,
    };
    first.c = letter;
    true
}

/// Three and more of the same letter become one: `паспорррт`. A word of one letter alone stays:
/// `www`, `xxx`.
fn squeeze(word: &mut Vec<Piece>) -> bool {
    let first = word.first().map(|piece| piece.c);
    if word.iter().all(|piece| Some(piece.c) == first) {
        return false;
    }
    let (mut kept, mut at) = (0, 0);
    while at < word.len() {
        let piece = word[at];
        let same = word[at..].iter().take_while(|other| other.c == piece.c).count();
        if same >= 3 && piece.c.is_alphabetic() {
            word[kept] = Piece { to: word[at + same - 1].to, ..piece };
            kept += 1;
        } else {
            word.copy_within(at..at + same, kept);
            kept += same;
        }
        at += same;
    }
    let changed = kept != word.len();
    word.truncate(kept);
    changed
}
