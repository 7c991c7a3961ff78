//! What warnings silence, and where words must stand: invented rules, one offer and one mitigation.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

const OFFER: &str = "{any: ['паспорт* ..2 у нас', 'знімемо дорогу з зарплати']}";

/// What is found, and what is silenced, by the offer's rule; `silences` as in YAML.
fn found(silences: &str, mitigation: &str, text: &str) -> (String, String) {
    let warning = format!("mitigation: news\n    silences: {silences}");
    let rules = [("indicator: retention", OFFER), (warning.as_str(), mitigation)];
    sample::quotes(&sample::rule_set_of("uk", &rules), text)
}

#[test]
fn a_warning_silences_what_it_quotes_and_nothing_else() {
    let silences = |text| found("[quotations]", "{any: [обережно]}", text);
    let both = |found: &str, silenced: &str| (found.to_owned(), silenced.to_owned());
    assert_eq!(
        silences("Обережно! Пишуть: «Паспорт буде у нас, знімемо дорогу з зарплати». Не їдьте."),
        both("", "Паспорт буде у нас | знімемо дорогу з зарплати")
    );
    assert_eq!(
        silences("Обережно, не спізнюйтесь. Паспорт буде у нас, вакансія «хостес»."),
        both("Паспорт буде у нас", "")
    );
    assert_eq!(silences("«Паспорт буде у нас» - так і пишуть."), both("Паспорт буде у нас", ""));
    assert_eq!(
        silences("«Обережно, шахраї. Паспорт буде у нас»"),
        both("Паспорт буде у нас", ""),
        "who quotes the warning too does not warn"
    );
    assert_eq!(
        silences("Обережно!\n> Паспорт буде у нас\nОсь так."),
        both("", "Паспорт буде у нас")
    );
}

#[test]
fn a_warning_silences_its_own_sentence() {
    let silences = |text| found("[sentence]", "{any: [обережно]}", text);
    let (found, silenced) = silences("Обережно з тими, де паспорт у нас. А паспорт буде у нас.");
    assert_eq!((found.as_str(), silenced.as_str()), ("паспорт буде у нас", "паспорт у нас"));
}

#[test]
fn unless_reaches_as_far_as_it_says() {
    let near = "слово паспорт один два";
    let far = "слово паспорт один два три чотири. Слово ні п'ять копія";
    for (within, found_near, found_far) in [
        ("", false, true),
        (", unless_within: posting", false, false),
        (", unless_within: 4", false, true),
        (", unless_within: 2", true, true),
    ] {
        let condition = format!("{{any: ['слово паспорт'], unless: [два, копія]{within}}}");
        let rules = sample::rule_set("uk", &condition);
        let found = |text: &str| !sample::quotes(&rules, text).0.is_empty();
        assert_eq!(found(near), found_near, "{within}");
        assert_eq!(found(&far.replace(" два", "")), found_far, "{within}");
    }
}

#[test]
fn words_of_a_question_are_told_from_the_same_words_elsewhere() {
    let rules = sample::rule_set("uk", "{any: ['забирають паспорт'], inside: question}");
    let found = |text| sample::quotes(&rules, text).0;
    assert_eq!(found("Там забирають паспорт, це нормально?"), "забирають паспорт");
    assert_eq!(found("Там забирають паспорт. Чому?"), "");
    assert_eq!(found("Питаєте? Так, забирають паспорт"), "");
    assert_eq!(found("А там забирають паспорт"), "");
    let rules = sample::rule_set("uk", "{any: ['забирають паспорт'], inside: quotation}");
    let found = |text| sample::quotes(&rules, text).0;
    assert_eq!(found("Кажуть: \"забирають паспорт\" і забирають паспорт"), "забирають паспорт");
    assert_eq!(found("забирають паспорт"), "");
}

#[test]
fn what_a_warning_quotes_does_not_undo_it() {
    let silences = |text| {
        found("[quotations]", "{any: [обережно], unless: [пишіть], unless_within: posting}", text).1
    };
    assert_eq!(silences("Обережно: «паспорт у нас, пишіть»"), "паспорт у нас");
    assert_eq!(silences("Обережно: «паспорт у нас». Пишіть"), "");
}
