//! How well the rules do on the labelled postings. The floors are a little under what was reached:
//! a change of rules that loses ground says so here, and moves them on purpose or not at all.

use serde_json::Value;

use crate::desk::{fusion, repository};

/// Part, language, least precision, least recall.
const FLOORS: [(&str, &str, f64, f64); 19] = [
    ("tune", "uk", 0.95, 0.95),
    ("tune", "ru", 0.95, 0.95),
    ("tune", "ro", 0.95, 0.95),
    ("tune", "en", 0.95, 0.95),
    ("test", "uk", 0.81, 0.75),
    ("test", "ru", 0.81, 0.74),
    ("test", "ro", 0.80, 0.71),
    ("test", "en", 0.82, 0.67),
    ("blind", "uk", 0.93, 0.96),
    ("blind", "ru", 0.92, 0.92),
    ("blind", "ro", 0.81, 0.92),
    ("blind", "en", 0.92, 0.95),
    ("second", "uk", 0.87, 0.67),
    ("second", "ru", 0.87, 0.71),
    ("second", "ro", 0.92, 0.60),
    ("second", "en", 0.71, 0.51),
    ("third", "uk", 0.85, 0.74),
    ("third", "ru", 0.75, 0.84),
    ("third", "ro", 0.82, 0.68),
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
