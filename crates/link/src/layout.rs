//! What a translation leaves as it was: numbers and signs stand in the same order in any language.

use std::collections::BTreeSet;
use std::ops::Range;

use domain::Posting;
use text::{Folded, TokenKind};

/// Fewest numbers and signs that make a layout recognisable, fewest different ones, and fewest
/// numbers.
const FEWEST: usize = 7;
const FEWEST_DIFFERENT: usize = 5;
const FEWEST_NUMBERS: usize = 3;
/// Most that are looked at.
const MOST: usize = 200;

/// The numbers and pictographs of a posting in their order, contacts left out: a digest, which the
/// same ad in other languages shares. `None` for texts with too few of them to tell.
pub(crate) fn layout(posting: &Posting, body: &Folded) -> Option<String> {
    let contacts: Vec<Range<usize>> =
        posting.contacts.iter().map(|contact| contact.span.start..contact.span.end).collect();
    let is_contact = |at: usize| contacts.iter().any(|contact| contact.contains(&at));
    let mut marks = numbers(&posting.text, body);
    let count = marks.iter().filter(|(at, _)| !is_contact(*at)).count();
    marks.extend(pictographs(&posting.text));
    marks.retain(|(at, _)| !is_contact(*at));
    marks.sort();
    let marks: Vec<String> = marks.into_iter().take(MOST).map(|(_, mark)| mark).collect();
    let different: BTreeSet<&String> = marks.iter().collect();
    let is_telling =
        marks.len() >= FEWEST && different.len() >= FEWEST_DIFFERENT && count >= FEWEST_NUMBERS;
    is_telling.then(|| domain::Sha256::of(marks.join(" ").as_bytes()).to_hex()[..32].to_owned())
}

/// Each number with its place. Languages part thousands by other signs: 1 500, 1.500 and 1,500 are
/// one number.
fn numbers(text: &str, body: &Folded) -> Vec<(usize, String)> {
    let mut numbers: Vec<(usize, String)> = Vec::new();
    let mut end = usize::MAX;
    for token in body.tokens().iter().filter(|token| token.kind == TokenKind::Number) {
        let digits = body.word(token);
        let between = text.get(end..token.from as usize);
        let continues = between
            .is_some_and(|between| [" ", "\u{a0}", "\u{202f}", ".", ",", "'"].contains(&between));
        match numbers.last_mut() {
            Some((_, number)) if continues && digits.len() == 3 && number.len() <= 3 => {
                number.push_str(digits);
            }
            _ => numbers.push((token.from as usize, digits.to_owned())),
        }
        end = token.to as usize;
    }
    numbers
}

/// Each run of the same pictograph with its place.
fn pictographs(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut before = None;
    for (at, sign) in text.char_indices() {
        // Joiners, shades of skin and requests for colour are the keyboard's, not the author's.
        if matches!(sign, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') {
            continue;
        }
        let is_pictograph = matches!(sign, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
        if is_pictograph && before != Some(sign) {
            found.push((at, sign.to_string()));
        }
        before = Some(sign);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::sample;

    fn of(text: &str) -> Option<String> {
        let mut posting = sample("a", "1", text, jiff::Timestamp::UNIX_EPOCH);
        posting.contacts = text::contacts(domain::Field::Text, text, None);
        layout(&posting, &Folded::new(text))
    }

    const ENGLISH: &str = "🔥 Hostesses wanted, 18-27 y.o.! 💶 Pay 2,500 EUR a month ✈️ leaving on 14.06, \
        🏠 flat for 2, shifts of 8 hours 📲 +380 67 123 45 67";

    #[test]
    fn a_translation_has_the_layout_of_its_original() {
        let english = of(ENGLISH).unwrap();
        for translation in [
            "🔥 Шукаємо хостес, 18-27 років! 💶 Оплата 2 500 євро на місяць ✈ виїзд 14.06, 🏠 квартира \
             на 2, зміни по 8 годин 📲 пишіть @olena_koord",
            "🔥 Требуются хостес, от 18 до 27 лет! 💶 Зарплата 2500 евро в месяц ✈️ выезд 14.06, 🏠 \
             квартира на 2, смены по 8 часов 📲 +380 50 765 43 21",
            "🔥 Căutăm hostese, 18-27 ani! 💶 Salariu 2.500 euro pe lună ✈️ plecare pe 14.06, 🏠 \
             apartament pentru 2, ture de 8 ore 📲 scrie pe telegram @koord_ana",
        ] {
            assert_eq!(of(translation).as_ref(), Some(&english), "{translation}");
        }
    }

    #[test]
    fn other_numbers_are_another_layout_and_few_are_none() {
        assert_ne!(of(&ENGLISH.replace("2,500", "3,000")), of(ENGLISH));
        assert_ne!(of(&ENGLISH.replace("🏠", "🏢")), of(ENGLISH));
        for text in
            ["", "Work abroad, 18-27, 2,500 EUR", "5 5 5 5 5 5 5 5", "🔥💶✈️🏠📲🔥💶✈️🏠 now"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
