//! What a fit learns of how words lie is what a text is told by.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

use rules::eval::{Judged, Labelled, fit_stems};
use rules::{Assessor, RuleSet, Subject};
use text::Folded;

const NO_STEMS: &str = "language: uk\nnever: []\nbias: 0\nstems: |\n  слово 1 0\n";
const TENOR: [(&str, &str); 1] = [("indicator: retention", "{any: [tenor: recruiting]}")];
/// No two share their first four letters.
const WORDS: [&str; 14] = [
    "вокзал",
    "гроші",
    "двері",
    "зелень",
    "ключі",
    "кімната",
    "ліжко",
    "машина",
    "неділя",
    "область",
    "поле",
    "ранок",
    "сорочка",
    "телефон",
];

/// Two sentences, both of which begin with the one word and hold the other, amid words in any order.
fn text(begins: &str, holds: &str, seed: usize) -> String {
    let mut words = WORDS.to_vec();
    let mut random = seed;
    for at in (1..words.len()).rev() {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        words.swap(at, (random >> 33) % (at + 1));
    }
    let (first, second) = words.split_at(WORDS.len() / 2);
    let sentence = |words: &[&str]| {
        format!("{begins} {} {holds} {}.", words[..3].join(" "), words[3..].join(" "))
    };
    format!("{} {}", sentence(first), sentence(second))
}

fn judged(rule_set: &RuleSet, text: String, lead: bool) -> Judged {
    let folded = Folded::new(&text);
    let subject = Subject { title: None, text: (&text, &folded), contacts: &[] };
    let assessment = Assessor::new(rule_set).assess(&subject, Some(domain::Language::Uk));
    let (id, language) = (text.clone(), Some(domain::Language::Uk));
    let (title, indicators, scenario) = (None, None, None);
    Judged {
        posting: Labelled { id, language, title, text, lead, indicators, scenario },
        assessment,
    }
}

/// What a line of `stems.yaml` gives a stem in points.
fn points_of(yaml: &str, stem: &str) -> f64 {
    let line = yaml.lines().find_map(|line| line.strip_prefix(&format!("  {stem} ")));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn texts_of_the_same_words_are_told_by_how_their_sentences_begin() {
    const CALL: (&str, &str) = ("приїжджай", "бачили");
    const TALE: (&str, &str) = ("бачили", "приїжджай");
    let other = sample::rule_set("uk", "{any: [слово]}");
    let met: Vec<Judged> = (0..300)
        .flat_map(|seed| [(CALL, true, 2 * seed), (TALE, false, 2 * seed + 1)])
        .map(|((begins, holds), lead, seed)| judged(&other, text(begins, holds, seed), lead))
        .collect();
    let met: Vec<&Judged> = met.iter().collect();
    let fit = fit_stems(domain::Language::Uk, NO_STEMS, &other, &met).unwrap();
    assert!(points_of(&fit.yaml, ". приї") > 0.1, "{}", fit.yaml);
    assert!(points_of(&fit.yaml, ". бачи") < -0.1, "{}", fit.yaml);
    assert!(points_of(&fit.yaml, "приї").abs() < 0.1, "{}", fit.yaml);
    let fitted = sample::rule_set_beside("uk", &TENOR, &[("uk/stems.yaml", &fit.yaml)]);
    let told = (1_000..1_050).flat_map(|seed| {
        let is_told = |text: String| !sample::quotes(&fitted, &text).0.is_empty();
        [is_told(text(CALL.0, CALL.1, seed)), !is_told(text(TALE.0, TALE.1, seed))]
    });
    let right = told.filter(|is_right| *is_right).count();
    assert!(right >= 90, "{right} of 100");
}

#[test]
fn borders_of_sentences_speak_where_they_are() {
    let quoted = |speaks: &str, text: &str| {
        let known = WORDS.iter().map(|word| (&word[..8], 0));
        let mut stems: Vec<(&str, u32)> = known.chain([("приї", 0), (speaks, 9)]).collect();
        stems.sort_unstable();
        let lines = stems.iter().map(|(stem, points)| format!("  {stem} 1 {points}\n"));
        let stems = format!("language: uk\nbias: 0\nstems: |\n{}", lines.collect::<String>());
        let rule_set = sample::rule_set_beside("uk", &TENOR, &[("uk/stems.yaml", &stems)]);
        sample::quotes(&rule_set, text).0
    };
    let all = WORDS.join(" ");
    let begins = ". приї";
    assert_eq!(quoted(begins, &format!("Приїжджай {all}.")), "Приїжджай");
    assert_eq!(quoted(begins, &format!("{all}. Приїжджай!")), "Приїжджай");
    assert_eq!(quoted(begins, &format!("{all} приїжджай.")), "");
    let ends = "приї .";
    assert_eq!(quoted(ends, &format!("Приїжджай {all}.")), "");
    assert_eq!(quoted(ends, &format!("Приїжджай! {all}.")), "Приїжджай");
    assert_eq!(quoted(ends, &format!("{all} приїжджай")), "приїжджай");
}
