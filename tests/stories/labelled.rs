//! How well the rules do on the labelled postings. The floors are a little under what was reached:
//! a change of rules that loses ground says so here, and moves them on purpose or not at all.

use serde_json::Value;

use crate::desk::{fusion, repository};

/// Part, language, least precision, least recall.
const FLOORS: [(&str, &str, f64, f64); 43] = [
    ("tune", "uk", 0.99, 0.99),
    ("tune", "ru", 0.99, 0.98),
    ("tune", "ro", 0.98, 0.99),
    ("tune", "en", 0.99, 0.99),
    ("test", "uk", 0.92, 0.95),
    ("test", "ru", 0.89, 0.94),
    ("test", "ro", 0.94, 0.96),
    ("test", "en", 0.95, 0.96),
    ("blind", "uk", 0.99, 0.99),
    ("blind", "ru", 0.99, 0.99),
    ("blind", "ro", 0.99, 0.99),
    ("blind", "en", 0.99, 0.99),
    ("second", "uk", 0.94, 0.90),
    ("second", "ru", 0.99, 0.97),
    ("second", "ro", 0.99, 0.94),
    ("second", "en", 0.90, 0.90),
    ("third", "uk", 0.98, 0.97),
    ("third", "ru", 0.95, 0.95),
    ("third", "ro", 0.93, 0.97),
    ("stems", "uk", 0.99, 0.98),
    ("stems", "ru", 0.98, 0.98),
    ("stems", "ro", 0.99, 0.98),
    ("stems", "en", 0.99, 0.98),
    ("fourth", "uk", 0.94, 0.93),
    ("fourth", "ru", 0.91, 0.93),
    ("fourth", "ro", 0.96, 0.88),
    ("fourth", "en", 0.90, 0.95),
    ("fifth", "uk", 0.98, 0.92),
    ("fifth", "ru", 0.96, 0.91),
    ("fifth", "ro", 0.95, 0.88),
    ("fifth", "en", 0.96, 0.92),
    ("sixth", "uk", 0.95, 0.93),
    ("sixth", "ru", 0.93, 0.92),
    ("sixth", "ro", 0.97, 0.95),
    ("sixth", "en", 0.95, 0.97),
    ("seventh", "uk", 0.97, 0.96),
    ("seventh", "ru", 0.93, 0.96),
    ("seventh", "ro", 0.97, 0.95),
    ("seventh", "en", 0.98, 0.94),
    ("eighth", "uk", 0.92, 0.84),
    ("eighth", "ru", 0.90, 0.88),
    ("eighth", "ro", 0.91, 0.90),
    ("eighth", "en", 0.91, 0.79),
];

#[test]
fn each_part_of_the_labelled_postings_stays_above_its_floor() {
    let files: Vec<String> = FLOORS
        .iter()
        .map(|(part, language, ..)| {
            let file = repository().join(format!("fixtures/labelled/{language}.{part}.ndjson"));
            file.to_str().unwrap().to_owned()
        })
        .collect();
    let mut args = vec!["--format", "json", "eval"];
    args.extend(files.iter().map(String::as_str));
    let report = fusion(&args).ended(0).json();
    let all = report["figures"].as_array().unwrap();
    let mut below = Vec::new();
    for ((part, language, precision, recall), file) in FLOORS.iter().zip(&files) {
        let figures = all.iter().find(|of| of["file"] == **file).unwrap();
        let value = |name: &str| figures[name]["value"].as_f64().unwrap();
        eprintln!(
            "{part} {language}: {} postings, precision {:.3}, recall {:.3}, AUC {:.3}",
            figures["postings"],
            value("precision"),
            value("recall"),
            value("auc")
        );
        if value("precision") < *precision || value("recall") < *recall {
            below.push(format!("{part} {language}: {}", brief(figures)));
        }
    }
    assert!(below.is_empty(), "below their floors:\n{}", below.join("\n"));
}

fn brief(figures: &Value) -> String {
    format!("precision {}, recall {}", figures["precision"]["value"], figures["recall"]["value"])
}
