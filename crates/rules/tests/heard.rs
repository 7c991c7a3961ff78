//! What leads that show a sign have in common is what the sign is heard by.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

use domain::Language;
use rules::eval::{Judged, Labelled, StemsFit, fit_stems};
use rules::{Assessor, RuleSet, Subject};
use text::Folded;

const NO_STEMS: &str = "language: uk\nnever: [жін]\nbias: 0\nstems: |\n  слово 1 0\n";
const HEARD: [(&str, &str); 1] = [("indicator: retention", "{any: [tenor: retention]}")];
/// No two share their first four letters.
const OFFER: [&str; 6] = ["вокзал", "гроші", "двері", "зелень", "ключі", "кімната"];
const TALK: [&str; 6] = ["ліжко", "машина", "неділя", "область", "поле", "ранок"];
const SHOWN: [&str; 3] = ["сорочка", "телефон", "жінка"];
const NOT_SHOWN: [&str; 3] = ["цибуля", "шафа", "яблуко"];

/// The words in an order that depends on the seed.
fn text(words: [&[&str]; 2], seed: usize) -> String {
    let mut words: Vec<&str> = words.concat().into_iter().cycle().take(18).collect();
    let mut random = seed;
    for at in (1..words.len()).rev() {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        words.swap(at, (random >> 33) % (at + 1));
    }
    words.join(" ")
}

fn judged(rule_set: &RuleSet, text: String, lead: bool, shows: bool) -> Judged {
    let folded = Folded::new(&text);
    let subject = Subject { title: None, text: (&text, &folded), contacts: &[] };
    let assessment = Assessor::new(rule_set).assess(&subject, Some(Language::Uk));
    let (id, language, title) = (text.clone(), Some(Language::Uk), None);
    let indicators = Some(if shows { vec!["retention".to_owned()] } else { Vec::new() });
    let posting = Labelled { id, language, title, text, lead, indicators, scenario: None };
    Judged { posting, assessment }
}

/// Rules of which one asks for the sign, and before the fit hears nothing.
fn deaf() -> RuleSet {
    sample::rule_set_beside("uk", &HEARD, &[("uk/stems.yaml", NO_STEMS)])
}

fn fit() -> StemsFit {
    let deaf = deaf();
    let kinds = [
        ([&OFFER[..], &SHOWN], true, true),
        ([&OFFER, &NOT_SHOWN], true, false),
        ([&TALK, &SHOWN], false, false),
        ([&TALK, &NOT_SHOWN], false, false),
    ];
    let met: Vec<Judged> = (0..400)
        .map(|seed| {
            let (words, lead, shows) = kinds[seed % kinds.len()];
            judged(&deaf, text(words, seed), lead, shows)
        })
        .collect();
    let met: Vec<&Judged> = met.iter().collect();
    fit_stems(Language::Uk, NO_STEMS, &deaf, &met).unwrap()
}

#[test]
fn a_sign_is_heard_in_offers_with_the_words_of_its_leads_and_in_no_talk_of_them() {
    let fit = fit();
    let [sign] = &fit.signs[..] else { panic!("{:?}", fit.signs) };
    assert_eq!((sign.indicator.as_str(), sign.leads), ("retention", 100));
    assert!(sign.held_out.is_some_and(|(precision, recall)| precision >= 0.7 && recall > 0.9));
    let files = [("uk/stems.yaml", fit.yaml.as_str()), ("uk/signs.yaml", &fit.signs_yaml)];
    let fitted = sample::rule_set_beside("uk", &HEARD, &files);
    for seed in 1_000..1_050 {
        let quoted = |words| sample::quotes(&fitted, &text(words, seed)).0;
        let shown = quoted([&OFFER, &SHOWN]);
        assert!(shown.contains("сорочка") || shown.contains("телефон"), "{shown}");
        assert!(!shown.contains("жінка"), "who somebody is must not speak: {shown}");
        assert_eq!(quoted([&OFFER, &NOT_SHOWN]), "");
        assert_eq!(quoted([&TALK, &SHOWN]), "");
    }
}

#[test]
fn a_sign_that_words_do_not_tell_is_not_written() {
    let deaf = deaf();
    let met: Vec<Judged> = (0..400)
        .map(|seed| {
            let words = if seed % 2 == 0 { &OFFER[..] } else { &TALK };
            // Shown by one lead in three, whatever its words.
            judged(&deaf, text([words, &SHOWN], seed), seed % 2 == 0, seed % 3 == 0)
        })
        .collect();
    let met: Vec<&Judged> = met.iter().collect();
    let fit = fit_stems(Language::Uk, NO_STEMS, &deaf, &met).unwrap();
    assert_eq!(fit.signs[0].held_out, None);
    assert!(fit.signs_yaml.ends_with("\nsigns: {}\n"), "{}", fit.signs_yaml);
    let others = sample::rule_set("uk", "{any: [слово]}");
    let fit = fit_stems(Language::Uk, NO_STEMS, &others, &met).unwrap();
    assert!(fit.signs.is_empty(), "no rule asks for one");
}

#[test]
fn signs_without_stems_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in RuleSet::builtin_files() {
        if path != "en/stems.yaml" {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let loaded = RuleSet::load(folder.path()).unwrap();
    let told: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    let is_told = |line: &&String| line.contains("signs.yaml") && line.contains("stems.yaml");
    assert_eq!(told.iter().filter(is_told).count(), 1, "{told:?}");
}

#[test]
fn a_sign_that_a_phrase_says_or_denies_is_not_told_once_more() {
    let fit = fit();
    let files = [("uk/stems.yaml", fit.yaml.as_str()), ("uk/signs.yaml", &fit.signs_yaml)];
    let rules = [HEARD[0], ("indicator: retention", "{any: [беремо паспорт]}")];
    let fitted = sample::rule_set_beside("uk", &rules, &files);
    let offer = text([&OFFER, &SHOWN], 1_000);
    assert_ne!(sample::quotes(&fitted, &offer).0, "");
    assert_eq!(sample::quotes(&fitted, &format!("{offer}. Беремо паспорт")).0, "");
    assert_eq!(sample::quotes(&fitted, &format!("{offer}. Не беремо паспорт")).0, "");
}
