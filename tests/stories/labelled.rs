//! How well the rules do on the labelled postings. The floors are a little under what was reached:
//! a change of rules that loses ground says so here, and moves them on purpose or not at all.

use serde_json::Value;

use crate::desk::{fusion, repository};

/// Part, language, least precision, least recall.
const FLOORS: [(&str, &str, f64, f64); 12] = [
    ("tune", "uk", 0.95, 0.93),
    ("tune", "ru", 0.95, 0.93),
    ("tune", "ro", 0.95, 0.93),
    ("tune", "en", 0.95, 0.93),
    ("test", "uk", 0.78, 0.62),
    ("test", "ru", 0.80, 0.62),
    ("test", "ro", 0.77, 0.58),
    ("test", "en", 0.75, 0.52),
    ("blind", "uk", 0.90, 0.95),
    ("blind", "ru", 0.90, 0.85),
    ("blind", "ro", 0.80, 0.85),
    ("blind", "en", 0.88, 0.82),
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
