//! How well the rules do on the labelled postings. The floors are a little under what was reached:
//! a change of rules that loses ground says so here, and moves them on purpose or not at all.

use serde_json::Value;

use crate::desk::{fusion, repository};

/// Part, language, least precision, least recall.
const FLOORS: [(&str, &str, f64, f64); 27] = [
    ("tune", "uk", 0.96, 0.96),
    ("tune", "ru", 0.96, 0.96),
    ("tune", "ro", 0.96, 0.96),
    ("tune", "en", 0.97, 0.96),
    ("test", "uk", 0.83, 0.87),
    ("test", "ru", 0.89, 0.81),
    ("test", "ro", 0.87, 0.87),
    ("test", "en", 0.88, 0.72),
    ("blind", "uk", 0.97, 0.97),
    ("blind", "ru", 0.97, 0.97),
    ("blind", "ro", 0.97, 0.93),
    ("blind", "en", 0.97, 0.97),
    ("second", "uk", 0.86, 0.74),
    ("second", "ru", 0.91, 0.79),
    ("second", "ro", 0.97, 0.77),
    ("second", "en", 0.80, 0.65),
    ("third", "uk", 0.92, 0.89),
    ("third", "ru", 0.83, 0.85),
    ("third", "ro", 0.89, 0.73),
    ("stems", "uk", 0.95, 0.88),
    ("stems", "ru", 0.94, 0.81),
    ("stems", "ro", 0.94, 0.80),
    ("stems", "en", 0.91, 0.77),
    ("fourth", "uk", 0.82, 0.87),
    ("fourth", "ru", 0.81, 0.81),
    ("fourth", "ro", 0.89, 0.69),
    ("fourth", "en", 0.83, 0.81),
];

#[test]
fn each_part_of_the_labelled_postings_stays_above_its_floor() {
    let mut below = Vec::new();
    for (part, language, precision, recall) in FLOORS {
        let file = repository().join(format!("fixtures/labelled/{language}.{part}.ndjson"));
        let report = fusion(&["--format", "json", "eval", file.to_str().unwrap()]).ended(0).json();
        let figures = &report["figures"][0];
        let value = |name: &str| figures[name]["value"].as_f64().unwrap();
        eprintln!(
            "{part} {language}: {} postings, precision {:.3}, recall {:.3}, AUC {:.3}",
            figures["postings"],
            value("precision"),
            value("recall"),
            value("auc")
        );
        if value("precision") < precision || value("recall") < recall {
            below.push(format!("{part} {language}: {}", brief(figures)));
        }
    }
    assert!(below.is_empty(), "below their floors:\n{}", below.join("\n"));
}

fn brief(figures: &Value) -> String {
    format!("precision {}, recall {}", figures["precision"]["value"], figures["recall"]["value"])
}
