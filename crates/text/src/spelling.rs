//! Spelling after reading by ear: soft signs that most leave out in Latin letters, and beginnings of
//! words that are written otherwise than they sound.

use crate::words::Piece;

/// Mends a word that was read letter by letter.
pub(crate) fn mend(word: &mut Vec<Piece>, is_uk: bool) {
    soften_middle(word);
    soften_end(word, is_uk);
    mend_beginning(word, is_uk);
}

/// Letters together that have a soft sign between them in nearly all words: `normalno`, `ranshe`.
fn soften_middle(word: &mut Vec<Piece>) {
    for at in (1..word.len().saturating_sub(1)).rev() {
        let is_soft = match (word[at - 1].c, word[at].c, word[at + 1].c) {
            ('а' | 'е' | 'и' | 'і', 'л', 'н' | 'ш') | ('о', 'л', 'ш') => true,
            ('е', 'л', 'с') => word.get(at + 2).is_some_and(|piece| piece.c == 'т'),
            ('а' | 'е', 'н', 'ш') => true,
            (_, 'ш', 'с') => word.get(at + 2).is_some_and(|piece| piece.c == 'я'),
            _ => false,
        };
        if is_soft {
            let before = word[at];
            word.insert(at + 1, Piece { c: 'ь', ..before });
        }
    }
}

/// Endings that are soft in writing: `otrabotaesh`, `nadezhnost`, `rabotat`; `misiats`, `budut`.
fn soften_end(word: &mut Vec<Piece>, is_uk: bool) {
    const RUSSIAN: &[&str] = &["еш", "иш", "аш", "ост", "тел", "ат", "тес"];
    const UKRAINIAN: &[&str] = &["яц", "ец", "ют", "ут", "ят", "іст"];
    let ends = if is_uk { UKRAINIAN } else { RUSSIAN };
    let ends_with = |end: &&str| {
        let length = end.chars().count();
        word.len() > length + 1
            && end.chars().eq(word[word.len() - length..].iter().map(|piece| piece.c))
    };
    if ends.iter().any(ends_with)
        && let Some(last) = word.last().copied()
    {
        word.push(Piece { c: 'ь', ..last });
    }
}

/// Beginnings that reading by ear gets wrong, and what they are.
fn mend_beginning(word: &mut Vec<Piece>, is_uk: bool) {
    const RUSSIAN: &[(&str, &str)] = &[
        ("денг", "деньг"),
        ("полш", "польш"),
        ("щет", "счет"),
        ("ращет", "расчет"),
        ("поето", "поэто"),
        ("аеропорт", "аэропорт"),
        ("детм", "детьм"),
        ("возм", "возьм"),
        ("здес", "здесь"),
        ("сеичас", "сейчас"),
        ("наид", "найд"),
        ("обявл", "объявл"),
        ("обясн", "объясн"),
        ("подем", "подъем"),
        ("толк", "тольк"),
        ("сколк", "скольк"),
        ("семя", "семья"),
        ("семю", "семью"),
        ("очен", "очень"),
        ("нелз", "нельз"),
        ("ето", "это"),
        ("ета", "эта"),
        ("ети", "эти"),
        ("ету", "эту"),
        ("ескорт", "эскорт"),
        ("екон", "экон"),
        ("елит", "элит"),
        ("обьяв", "объяв"),
        ("украйн", "украин"),
    ];
    const UKRAINIAN: &[(&str, &str)] = &[
        ("денг", "деньг"),
        ("полщ", "польщ"),
        ("тілк", "тільк"),
        ("скілк", "скільк"),
        ("украйн", "україн"),
        ("ето", "это"),
    ];
    let list = if is_uk { UKRAINIAN } else { RUSSIAN };
    let begins = |wrong: &str| {
        let mut letters = word.iter().map(|piece| piece.c);
        wrong.chars().all(|c| letters.next() == Some(c))
    };
    let Some((wrong, right)) = list.iter().find(|(wrong, _)| begins(wrong)) else { return };
    let replaced = wrong.chars().count();
    let places: Vec<Piece> = word[..replaced].to_vec();
    let pieces = right.chars().enumerate();
    let pieces = pieces.map(|(at, c)| Piece { c, ..places[at.min(replaced - 1)] });
    word.splice(..replaced, pieces);
}
