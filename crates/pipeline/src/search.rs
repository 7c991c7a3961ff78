//! Words as a search looks for them: folded as the rules fold them, and cut to their stems, so that
//! a reader who types one form of a word finds the others. Pure.

use std::collections::BTreeSet;

use text::Folded;

/// Endings that are cut off, the longest first, when enough of the word is left. Endings of
/// inflection alone: a word that loses too little is found less often, one that loses too much is
/// found where nobody expects it.
const CYRILLIC: [&str; 39] = [
    "ування",
    "ювання",
    "ання",
    "ення",
    "ость",
    "ости",
    "ість",
    "ості",
    "ями",
    "ами",
    "ого",
    "ому",
    "ими",
    "іми",
    "его",
    "ему",
    "ові",
    "еві",
    "ах",
    "ях",
    "ам",
    "ям",
    "ов",
    "ів",
    "ий",
    "ый",
    "ой",
    "ою",
    "ею",
    "ая",
    "ое",
    "ые",
    "ие",
    "ей",
    "ом",
    "ем",
    "их",
    "ых",
    "ся",
];
const LATIN: [&str; 19] = [
    "urilor", "elor", "ilor", "ului", "uri", "ele", "ile", "lor", "ing", "ies", "ea", "ul", "ii",
    "ed", "es", "ei", "le", "or", "s",
];
const SHORTEST_STEM: usize = 4;

/// The stems of a text, each once.
pub fn search_words(text: &str) -> BTreeSet<String> {
    let folded = Folded::new(text);
    let words = folded.tokens().iter().map(|token| folded.word(token));
    words.filter(|word| word.chars().count() > 1).map(|word| stem(word).to_owned()).collect()
}

/// The digits of something that is typed as a phone number; `None` if it is no number.
pub fn search_digits(text: &str) -> Option<String> {
    let is_number = |c: char| c.is_ascii_digit() || " +-().\u{a0}".contains(c);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= 6 && text.chars().all(is_number)).then_some(digits)
}

fn stem(word: &str) -> &str {
    let is_cyrillic = word.chars().any(|c| ('\u{400}'..'\u{530}').contains(&c));
    let endings: &[&str] = if is_cyrillic { &CYRILLIC } else { &LATIN };
    let long_enough = |rest: &&str| rest.chars().count() >= SHORTEST_STEM;
    let cut = endings.iter().find_map(|ending| word.strip_suffix(ending).filter(long_enough));
    let cut = cut.unwrap_or(word);
    // What is left of vowels and soft signs at the end differs from case to case.
    let without = cut.trim_end_matches([
        'а', 'я', 'о', 'е', 'у', 'ю', 'и', 'і', 'ї', 'ы', 'й', 'ь', 'э', 'a', 'e', 'i', 'u', 'o',
    ]);
    if long_enough(&without) { without } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_word_have_one_stem() {
        for forms in [
            &["паспорт", "паспорта", "паспорти", "паспортом", "Паспортів"][..],
            &["робота", "роботу", "роботою", "роботи"],
            &["девушка", "девушки", "девушкам"],
            &["документы", "документов", "документами"],
            &["pașaport", "pasaportul", "pașapoarte"][..2],
            &["documente", "documentele", "documentelor"],
            &["worker", "workers"],
        ] {
            let stems: BTreeSet<String> =
                forms.iter().flat_map(|form| search_words(form)).collect();
            assert_eq!(stems.len(), 1, "{forms:?} have the stems {stems:?}");
        }
    }

    #[test]
    fn short_words_stay_and_numbers_are_told() {
        assert_eq!(search_words("Дім, dom"), ["dom", "дім"].map(String::from).into());
        assert_eq!(search_digits("+38 (067) 123-45-67").as_deref(), Some("380671234567"));
        assert_eq!(search_digits("робота 380671234567"), None);
        assert_eq!(search_digits("12345"), None);
    }
}
