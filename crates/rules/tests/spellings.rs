//! The built-in pack on mixed languages and on Cyrillic languages in Latin letters.

#![allow(clippy::unwrap_used, reason = "tests")]

use domain::Assessment;
use rules::{Assessor, RuleSet, Subject};
use text::Folded;

fn assess(rules: &RuleSet, text: &str) -> Assessment {
    let folded = Folded::new(text);
    let subject = Subject { title: None, text: (text, &folded), contacts: &[] };
    Assessor::new(rules).assess(&subject, text::language(&folded, None))
}

#[test]
fn offers_in_latin_letters_are_found_and_quoted_as_typed() {
    let rules = RuleSet::builtin().unwrap();
    for (text, quote) in [
        (
            "Rabota v Polshe dlya devushek. Pasport hranitsya u koordinatora do kontsa kontrakta, dengi potom",
            "Pasport hranitsya u koordinatora",
        ),
        (
            "Xoroshaja rabota v Evrope! Zarplata srazu. Pasport otdaesh starshemu, dengi poluchish posle sezona",
            "Pasport otdaesh starshemu",
        ),
        (
            "Robota v Polshchi, zhytlo bezkoshtovno. Pasport zberihaietsia u koordynatora do kintsia",
            "Pasport zberihaietsia u koordynatora",
        ),
    ] {
        let assessment = assess(&rules, text);
        assert!(assessment.score.value() >= 40, "{text}: {:?}", assessment.findings);
        let mut quotes = assessment.findings.iter().flat_map(|finding| finding.spans());
        assert!(quotes.any(|span| span.quote.contains(quote)), "{text}: {:?}", assessment.findings);
    }
}

#[test]
fn a_denial_in_latin_letters_or_in_the_other_language_is_a_denial() {
    let rules = RuleSet::builtin().unwrap();
    for text in [
        "Rabota v Polshe dlya devushek, pasport nikogda ne zabiraem, dengi kazhdyy den",
        "Робота в Польщі, паспорт никогда не забираємо",
        "Работа в Польше, паспорт ніколи не забираем",
    ] {
        let assessment = assess(&rules, text);
        let found = assessment.findings.iter().map(|finding| finding.indicator.as_str());
        assert!(!found.collect::<Vec<_>>().contains(&"document-retention"), "{text}");
    }
}
