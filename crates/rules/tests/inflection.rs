//! `віз~`: a stem and the endings of its language, as the built-in word lists have them.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

/// Which of these words the phrase matches.
fn matched<'w>(language: &str, phrase: &str, words: &'w str) -> Vec<&'w str> {
    let rules = sample::rule_set(language, &format!("{{any: [\"{phrase}\"]}}"));
    words.split(' ').filter(|word| !sample::quotes(&rules, word).0.is_empty()).collect()
}

fn matches(language: &str, phrase: &str, words: &str, others: &str) {
    let all = format!("{words} {others}");
    let of_all = matched(language, phrase, &all);
    assert_eq!(of_all.join(" "), words, "{language} {phrase}");
}

#[test]
fn ukrainian_words_bend_and_their_neighbours_are_left_alone() {
    matches("uk", "віз~noun", "віза візи візу візою візах", "візок візит візити візитка візник");
    matches(
        "uk",
        "паспорт~",
        "паспорт паспорта паспортом паспорти паспортів",
        "паспортний паспортист",
    );
    matches("uk", "сім'~", "сім'я сім'ю сім'єю", "сімка сімнадцять");
    matches(
        "uk",
        "забира~",
        "забираю забираємо забирають забирали забирати забираються",
        "забирання",
    );
    matches("uk", "молод~adjective", "молода молодих молодої молодим", "молодість молодик");
    matches("uk", "плат~verb", "платить платимо платять платили", "плата платник");
}

#[test]
fn russian_words_bend() {
    matches("ru", "виз~noun", "виза визы визу визой визами", "визит визитка визовый");
    matches("ru", "паспорт~", "паспорт паспорта паспорту паспортов", "паспортный паспортист");
    matches("ru", "забира~", "забираем забирают забирали забираться", "забирание");
    matches("ru", "девушк~", "девушка девушки девушкам девушкой", "девушкин");
}

#[test]
fn romanian_words_bend_with_and_without_diacritics() {
    matches(
        "ro",
        "contract~noun",
        "contract contractul contractului contracte contractele",
        "contractant contractare",
    );
    matches("ro", "pașapoart~", "pasapoarte pașapoartele PAȘAPOARTELOR", "pasaport");
    matches("ro", "lucr~verb", "lucrez lucrăm lucrați lucrează lucrând", "lucru lucrător");
}

#[test]
fn english_words_bend() {
    matches("en", "passport~", "passport passports passport's", "passportless");
    matches("en", "agenc~", "agency agencies", "agencia");
    matches("en", "keep~", "keep keeps keeping", "keeper");
}

#[test]
fn two_pieces_in_either_order_are_found_in_both() {
    let rules = sample::rule_set("uk", "{any: ['паспорт~ <..2> забира~ (у нас)?']}");
    let quoted = |text| sample::quotes(&rules, text).0;
    assert_eq!(quoted("Паспорти ми забираємо"), "Паспорти ми забираємо");
    assert_eq!(quoted("забираємо всі паспорти у нас"), "забираємо всі паспорти у нас");
    assert_eq!(quoted("забираємо вас усіх разом, паспорти теж"), "");
}
