//! One word at a time: which script it is meant in, what hides in it.

use crate::letters::{
    is_cyrillic, is_surely_cyrillic, is_surely_latin, leet_cyrillic, leet_latin, to_cyrillic,
    to_latin,
};

/// A folded character with the original bytes that it came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) c: char,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The script that a word is meant in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Script {
    #[default]
    None,
    Cyrillic,
    Latin,
}

/// Shortest word of look-alikes alone that its neighbours may turn into their script; English has
/// too many short ones.
const SHORTEST_ALL_ALIKE: usize = 4;

/// Undoes the disguises of a word in place; tells its script and whether there were any.
/// `before` is the script of the word before it.
pub(crate) fn undisguise(word: &mut Vec<Piece>, before: Script) -> (Script, bool) {
    let script = script_of(word, before);
    let mut disguised = swap_letters(word, script);
    disguised |= digits_to_letters(word, script);
    disguised |= squeeze(word);
    (script, disguised)
}

fn script_of(word: &[Piece], before: Script) -> Script {
    let count = |is: fn(char) -> bool| word.iter().filter(|piece| is(piece.c)).count();
    let (cyrillic, latin) = (count(is_surely_cyrillic), count(is_surely_latin));
    match cyrillic.cmp(&latin) {
        std::cmp::Ordering::Greater => return Script::Cyrillic,
        std::cmp::Ordering::Less => return Script::Latin,
        std::cmp::Ordering::Equal => {}
    }
    let (cyrillic, latin) = (count(is_cyrillic), count(|c| c.is_ascii_lowercase()));
    match (cyrillic, latin) {
        (0, 0) => Script::None,
        (_, 0) => Script::Cyrillic,
        // All its letters look alike: in a Cyrillic text it is meant Cyrillic, if it is no short
        // English word. `mac`, `pc` and the like stay.
        (0, _)
            if before == Script::Cyrillic
                && word.len() >= SHORTEST_ALL_ALIKE
                && word.iter().all(|piece| to_cyrillic(piece.c).is_some()) =>
        {
            Script::Cyrillic
        }
        (0, _) => Script::Latin,
        (cyrillic, latin) if cyrillic >= latin => Script::Cyrillic,
        _ => Script::Latin,
    }
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

/// Digits and marks between letters become letters: `п4спорт`, `esc0rt`. At the border of a word
/// they stay: `mp3`, `18+`.
fn digits_to_letters(word: &mut [Piece], script: Script) -> bool {
    let leet = match script {
        Script::Cyrillic => leet_cyrillic,
        Script::Latin => leet_latin,
        Script::None => return false,
    };
    let letters = word.iter().filter(|piece| piece.c.is_alphabetic()).count();
    // `a1b2c3` is a code, not a word.
    if letters < 3 || letters < (word.len() - letters) * 2 {
        return false;
    }
    let mut turned = false;
    for at in 1..word.len().saturating_sub(1) {
        let between = word[at - 1].c.is_alphabetic() && word[at + 1].c.is_alphabetic();
        if between && let Some(letter) = leet(word[at].c) {
            word[at].c = letter;
            turned = true;
        }
    }
    turned
}

/// Three and more of the same letter become one: `паспорррт`.
fn squeeze(word: &mut Vec<Piece>) -> bool {
    let before = word.len();
    let mut squeezed: Vec<Piece> = Vec::with_capacity(before);
    let mut at = 0;
    while at < word.len() {
        let same = word[at..].iter().take_while(|piece| piece.c == word[at].c).count();
        if same >= 3 && word[at].c.is_alphabetic() {
            squeezed.push(Piece { to: word[at + same - 1].to, ..word[at] });
        } else {
            squeezed.extend_from_slice(&word[at..at + same]);
        }
        at += same;
    }
    let changed = squeezed.len() != before;
    *word = squeezed;
    changed
}
