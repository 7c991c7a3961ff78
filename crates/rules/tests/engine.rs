//! What phrases, conditions and negators match: one invented rule at a time, loaded from a folder.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use rules::{Assessor, RuleSet, Subject};
use text::Folded;

const INDICATORS: &str = "
indicators:
  - {id: retention, title: t, dimension: coercion-at-destination, strength: strong, source: s, definition: d, why: w}
mitigations:
  - {id: news, title: t, why: w}
";

const WEIGHTS: &str = "
bias: -4.0
strength: {strong: 4.2, medium: 1.7, weak: 0.6}
indicators: {}
further_share: 0.15
dimension_bonus: 0.5
weak_cap: 1.5
mitigations: {news: -4.5}
negated: -0.2
slope: 1.0
";

const WORDS: &str = "
language: uk
lists:
  negation: [не, ніколи, без жодн*]
  negation_exceptions: [не проблема, не тільки, (все|завжди) не просто]
  keeper: [координатор*, роботодав*, старш* зміни]
  nested: ['@keeper', адмін*]
";

/// A rule set with one rule, whose `match` is this YAML (flow style).
fn rule_set(condition: &str) -> RuleSet {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("uk")).unwrap();
    let rule = format!(
        "topic: documents
language: uk
rules:
  - id: uk.documents.kept
    name: Documents stay with the employer
    indicator: retention
    status: test
    version: 1
    match: {condition}
    why: w
    known_gaps: g
    triage: [q]
    examples: [{{text: t}}]
    counter_examples: [{{text: t, because: b}}]
"
    );
    for (name, content) in [
        ("indicators.yaml", INDICATORS),
        ("weights.yaml", WEIGHTS),
        ("uk/words.yaml", WORDS),
        ("uk/documents.yaml", &rule),
    ] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let loaded = RuleSet::load(folder.path()).unwrap();
    assert_eq!(loaded.problems, [], "in {condition}");
    loaded.rule_set.unwrap()
}

/// What the rule quotes in this text, and what it quotes as negated, each joined with ` | `.
fn quotes(rule_set: &RuleSet, title: Option<&str>, text: &str) -> (String, String) {
    let (folded_title, folded) = (title.map(Folded::new), Folded::new(text));
    let subject =
        Subject { title: title.zip(folded_title.as_ref()), text: (text, &folded), contacts: &[] };
    let assessment = Assessor::new(rule_set).assess(&subject, None);
    let joined = |findings: &[domain::Finding]| {
        let spans = findings.iter().flat_map(domain::Finding::spans);
        spans.map(|span| span.quote.as_str()).collect::<Vec<_>>().join(" | ")
    };
    (joined(&assessment.findings), joined(&assessment.mitigations))
}

/// Each text with what is quoted from it; nothing if the rule stays silent.
fn check(condition: &str, texts: &[(&str, &str)]) {
    let rule_set = rule_set(condition);
    for (text, expected) in texts {
        assert_eq!(quotes(&rule_set, None, text).0, *expected, "{condition} on `{text}`");
    }
}

#[test]
fn words_match_whole_and_stems_match_beginnings() {
    check(
        "{any: ['паспорт у нас', віза*]}",
        &[
            ("Твій Паспорт у НАС лежить", "Паспорт у НАС"),
            ("паспорти у нас", ""),
            ("візами, віза", "візами | віза"),
            ("провіза", ""),
            ("паспорт, у (нас)", "паспорт, у (нас"),
        ],
    );
}

#[test]
fn disguised_words_match_and_are_quoted_as_written() {
    check(
        "{any: ['паспорт* у нас']}",
        &[
            ("Пacпopти у нас", "Пacпopти у нас"),
            ("п\u{200b}аспорт у нас", "п\u{200b}аспорт у нас"),
            ("п а с п о р т у нас", ""),
            ("П.А.С.П.О.Р.Т у нас", "П.А.С.П.О.Р.Т у нас"),
        ],
    );
}

#[test]
fn gaps_are_bounded_and_as_narrow_as_can_be() {
    check(
        "{any: ['паспорт* ..2 (у|в) нас?']}",
        &[
            ("паспорт в нас", "паспорт в нас"),
            ("паспорт потім завжди в", "паспорт потім завжди в"),
            ("паспорт потім завжди лежить в", ""),
            ("паспорт у сейфі у нас", "паспорт у"),
        ],
    );
    check(
        "{any: ['(наш*)? ..2 паспорт* ..2 (#1-9)?']}",
        &[
            ("є наш дуже гарний паспорт", "наш дуже гарний паспорт"),
            ("є паспорт лежить", "паспорт"),
            ("паспорт на 5 днів", "паспорт"),
        ],
    );
}

#[test]
fn nothing_matches_across_a_sentence() {
    check(
        "{any: ['паспорт* ..3 нас']}",
        &[("Є паспорт. У нас добре", ""), ("Паспорт у нас.", "Паспорт у нас")],
    );
}

#[test]
fn groups_nest_and_branches_are_sequences() {
    check(
        "{any: ['(паспорт*|(карт* (ід|айді)|посвідчення особи)) (у|в) нас']}",
        &[
            ("карту айді в нас", "карту айді в нас"),
            ("посвідчення особи у нас", "посвідчення особи у нас"),
            ("карту в нас", ""),
        ],
    );
}

#[test]
fn lists_hold_sequences_and_other_lists() {
    check(
        "{any: ['паспорт* ..1 @nested']}",
        &[
            ("паспорт у координатора", "паспорт у координатора"),
            ("паспорт у старшого зміни", "паспорт у старшого зміни"),
            ("паспорт у старшого", ""),
            ("паспорт в адміна", "паспорт в адміна"),
        ],
    );
}

#[test]
fn numbers_are_compared_not_spelt() {
    check(
        "{any: ['дівчата #18-25', 'ціна # євро', 'зміна #24']}",
        &[
            ("дівчата 18", "дівчата 18"),
            ("дівчата 26", ""),
            ("дівчата 025", "дівчата 025"),
            ("ціна 99999999999999999999999 євро", "ціна 99999999999999999999999 євро"),
            ("зміна 24год", "зміна 24"),
            ("зміна 12", ""),
        ],
    );
}

#[test]
fn trailing_optional_words_are_taken_in() {
    check(
        "{any: ['паспорт* забира* (на роботі)? сьогодні?']}",
        &[
            ("паспорт забираємо на роботі сьогодні", "паспорт забираємо на роботі сьогодні"),
            ("паспорт забираємо сьогодні", "паспорт забираємо сьогодні"),
            ("паспорт забираємо потім", "паспорт забираємо"),
        ],
    );
}

#[test]
fn regexes_run_on_folded_text() {
    check(
        r"{any: [{regex: '\bпаспорт\w* на \d+ дн'}]}",
        &[("ПАСПOРТИ на 12 днів", "ПАСПOРТИ на 12 дн"), ("паспорт на день", "")],
    );
}

#[test]
fn unless_looks_at_the_sentence_of_the_match() {
    check(
        "{any: ['паспорт* у нас'], unless: [копі*, '(у|в) полі*']}",
        &[
            ("Копія: паспорт у нас", ""),
            ("Копія. Паспорт у нас", "Паспорт у нас"),
            ("Паспорт у нас, не в поліції", ""),
        ],
    );
}

#[test]
fn all_parts_are_looked_for_where_within_says() {
    check(
        "{any: ['паспорт* у нас'], all: [робот*, житло]}",
        &[
            ("Робота, житло, паспорт у нас", "Робота | житло | паспорт у нас"),
            ("Робота. Житло, паспорт у нас", ""),
        ],
    );
    check(
        "{any: ['паспорт* у нас'], all: [робот*], within: posting}",
        &[("Робота. Житло. Паспорт у нас", "Робота | Паспорт у нас"), ("Паспорт у нас", "")],
    );
    check(
        "{any: ['паспорт* у нас'], all: [робот*, житло], within: 6}",
        &[
            ("Робота. Житло. Ще паспорт у нас", "Робота | Житло | паспорт у нас"),
            ("Робота. Житло. Ще паспорт є у нас", ""),
            ("Робота і своє житло. Паспорт у нас", ""),
            ("Паспорт у нас, є робота, житло", "Паспорт у нас | робота | житло"),
        ],
    );
}

#[test]
fn title_and_text_are_both_read() {
    let within_sentence = rule_set("{any: ['паспорт* у нас'], all: [робот*]}");
    let within_posting = rule_set("{any: ['паспорт* у нас'], all: [робот*], within: posting}");
    let (title, text) = (Some("Робота в Польщі"), "Паспорт у нас");
    assert_eq!(quotes(&within_sentence, title, text).0, "");
    assert_eq!(quotes(&within_posting, title, text).0, "Робота | Паспорт у нас");
    assert_eq!(
        quotes(&within_sentence, Some("Паспорт"), "у нас робота").0,
        "",
        "no match across fields"
    );
}

#[test]
fn a_negator_before_the_match_switches_it_off_and_is_shown() {
    let rule_set = rule_set("{any: ['(забира*|зберіга*) ..1 паспорт*']}");
    for (text, found, negated) in [
        ("Ми не забираємо паспорт", "", "не забираємо паспорт"),
        ("Ніколи ні в кого не забираємо паспорт", "", "не забираємо паспорт"),
        ("Ми забираємо паспорт", "забираємо паспорт", ""),
        ("Не хвилюйся й просто так легко забираємо паспорт", "забираємо паспорт", ""),
        ("Не зараз. Забираємо паспорт", "Забираємо паспорт", ""),
        ("Не проблема, забираємо паспорт", "забираємо паспорт", ""),
        ("Завжди не просто забираємо паспорт", "забираємо паспорт", ""),
        ("Без жодних умов забираємо паспорт", "", "Без жодних умов забираємо паспорт"),
        (
            "Не забираємо паспорт. Потім забираємо паспорт",
            "забираємо паспорт",
            "Не забираємо паспорт",
        ),
    ] {
        assert_eq!(quotes(&rule_set, None, text), (found.into(), negated.into()), "{text}");
    }
}

#[test]
fn a_negator_in_a_gap_switches_the_match_off_too() {
    let rule_set = rule_set("{any: ['паспорт* ..3 (залиша*|не віддаємо)']}");
    for (text, found, negated) in [
        ("паспорт потім залишається", "паспорт потім залишається", ""),
        ("паспорт не залишається", "", "паспорт не залишається"),
        ("паспорт ніколи вже залишається", "", "паспорт ніколи вже залишається"),
        ("паспорт не віддаємо", "паспорт не віддаємо", ""),
        ("паспорт не тільки залишається", "паспорт не тільки залишається", ""),
    ] {
        assert_eq!(quotes(&rule_set, None, text), (found.into(), negated.into()), "{text}");
    }
}

#[test]
fn all_places_of_a_rule_make_one_finding_of_up_to_five_spans() {
    let rule_set = rule_set("{any: [віза*, 'віза готова']}");
    assert_eq!(
        quotes(&rule_set, None, "віза готова").0,
        "віза готова",
        "the wider place is quoted"
    );
    let (found, _) = quotes(&rule_set, None, &"Є віза. ".repeat(50));
    assert_eq!(found, ["віза"; 5].join(" | "));
    let text = "віза";
    let folded = Folded::new(text);
    let subject = Subject { title: None, text: (text, &folded), contacts: &[] };
    let assessment = Assessor::new(&rule_set).assess(&subject, None);
    assert_eq!(assessment.findings.len(), 1);
    assert_eq!((assessment.findings[0].points, assessment.score.value()), (4.2, 55));
}
