use analytics::{AnalyticsError, Hit, HuntCounts, hunt};
use domain::{Language, RuleId};
use rules::{Hunt, Quarry};

use super::year::{Kept, arrival, kept};

fn hunted(kept: &Kept, quarry: Quarry<'_>, since: Option<&str>) -> (HuntCounts, Vec<Hit>) {
    let quarry = Hunt::new(None, quarry).unwrap();
    assert!(quarry.alone.is_some(), "{:?}", quarry.problems);
    let since = since.map(|at| at.parse().unwrap());
    let mut hits = Vec::new();
    let counts = hunt(&kept.archive, &quarry, since, 2, &mut |hit| {
        hits.push(hit.clone());
        Ok::<_, AnalyticsError>(())
    });
    (counts.unwrap(), hits)
}

fn three() -> Kept {
    kept(vec![
        arrival(1, at("2026-03-01"), "Житло є. Паспорти здаєте старшому на вокзалі.", "а"),
        arrival(2, at("2026-03-20"), "Пacпopти тримаємо в сейфі, так надійніше.", "б"),
        arrival(3, at("2026-03-21"), "Паспорт завжди лишається у вас.", "в"),
    ])
}

fn at(day: &str) -> jiff::Timestamp {
    format!("{day}T10:00:00Z").parse().unwrap()
}

#[test]
fn a_phrase_finds_every_place_disguised_ones_too_and_quotes_it() {
    let (counts, hits) =
        hunted(&three(), Quarry::Phrase("паспорт* ..2 (здаєте|тримаємо)", None), None);
    assert_eq!((counts.read, counts.hits), (3, 2));
    let quotes: Vec<&str> = hits.iter().map(|hit| hit.found[0].spans[0].quote.as_str()).collect();
    assert_eq!(quotes, ["Паспорти здаєте", "Пacпopти тримаємо"]);
    assert!(hits.iter().all(|hit| hit.new_score.is_none()));
}

#[test]
fn a_phrase_has_the_endings_of_its_language() {
    let (counts, _) = hunted(&three(), Quarry::Phrase("вокзал~", Some(Language::Uk)), None);
    assert_eq!(counts.hits, 1);
    let without = Hunt::new(None, Quarry::Phrase("вокзал~", None)).unwrap();
    assert!(without.alone.is_none() && !without.problems.is_empty());
}

#[test]
fn only_what_was_captured_since_then_is_looked_at() {
    let (counts, hits) =
        hunted(&three(), Quarry::Phrase("паспорт*", None), Some("2026-03-20T00:00:00Z"));
    assert_eq!((counts.read, hits.len()), (2, 2));
}

#[test]
fn a_rule_of_the_pack_is_hunted_by_its_id() {
    let id = RuleId::new("uk.documents.kept").unwrap();
    let (counts, hits) = hunted(&three(), Quarry::Rule(&id), None);
    assert!(counts.hits >= 1, "{counts:?}");
    assert!(hits.iter().all(|hit| hit.found.iter().all(|found| found.rule == id.as_str())));
    assert!(hits.iter().all(|hit| hit.new_score.is_some()));
    let none = Hunt::new(None, Quarry::Rule(&RuleId::new("uk.nothing.here").unwrap())).unwrap();
    assert!(none.alone.is_none());
}

#[test]
fn a_rule_that_asks_for_contacts_is_shown_them() {
    let kept = kept(vec![
        arrival(1, at("2026-03-01"), "Робота за кордоном, пиши @robota_euro", "а"),
        arrival(2, at("2026-03-02"), "Вакансія, телефон 067 123 45 67 або @robota_office", "б"),
    ]);
    let id = RuleId::new("any.contact.messenger-accounts").unwrap();
    let (counts, hits) = hunted(&kept, Quarry::Rule(&id), None);
    assert_eq!((counts.read, counts.hits), (2, 1));
    let mut quotes = hits[0].found[0].spans.iter().map(|span| span.quote.as_str());
    assert!(quotes.any(|quote| quote == "@robota_euro"), "{:?}", hits[0].found);
    let asks = |quarry| Hunt::new(None, quarry).unwrap().alone.unwrap().asks_for_contacts();
    assert!(asks(Quarry::Rule(&id)) && !asks(Quarry::Phrase("паспорт*", None)));
}

const NEW_RULE: &str = "topic: station
language: uk
rules:
  - id: uk.station.elder
    name: Papers are handed to an elder at the station
    indicator: document-retention
    status: draft
    version: 1
    match:
      any: [\"паспорт* ..2 старш*\"]
    why: Whoever holds the papers decides who leaves.
    known_gaps: Misses other words for elder.
    triage: [Who is the elder?]
    examples:
      - text: Паспорти здаєте старшому.
    counter_examples:
      - text: Старший зустріне на вокзалі.
        because: no papers
";

#[test]
fn a_draft_rule_in_a_file_says_what_it_would_newly_flag() {
    let (counts, hits) = hunted(&three(), Quarry::File(NEW_RULE.as_bytes()), None);
    assert_eq!((counts.hits, counts.flagged_already, counts.newly_flagged), (1, 0, 1));
    assert_eq!(hits[0].found[0].rule, "uk.station.elder");
    assert_eq!(hits[0].found[0].spans[0].quote, "Паспорти здаєте старшому");
}

#[test]
fn a_faulty_rule_file_is_not_hunted_with() {
    let broken = NEW_RULE.replace("паспорт* ..2 старш*", "паспорт* ..9 (старш*");
    let hunt = Hunt::new(None, Quarry::File(broken.as_bytes())).unwrap();
    assert!(hunt.alone.is_none());
    assert!(hunt.problems.iter().any(|problem| problem.line > 1), "{:?}", hunt.problems);
    for nonsense in [&b"\xff\xfe\x00"[..], b"", b"rules: 5", b"topic: x\nlanguage: uk\nrules: []"] {
        assert!(Hunt::new(None, Quarry::File(nonsense)).unwrap().alone.is_none());
    }
}
