//! `fusion eval`: how well the rules do on postings that people have judged.

use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use crate::desk::{Said, fusion};

const OFFER: &str = "Паспорт залишається у координатора, дорогу відпрацюєте.";
const WARNING: &str = "Поліція попереджає: не віддавайте паспорт роботодавцю.";

/// Files of labelled lines, in a folder of their own.
struct Labels {
    folder: TempDir,
}

impl Labels {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, lines: &[String]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, lines.join("\n")).unwrap();
        path
    }
}

fn labelled(id: &str, text: &str, label: &str) -> String {
    let indicators = if label == "lead" { vec!["document-retention"] } else { vec![] };
    json!({"id": id, "lang": "uk", "text": text, "label": label, "indicators": indicators,
        "scenario": id, "unknown": 1})
    .to_string()
}

fn eval(options: &[&str], files: &[&PathBuf]) -> Said {
    let mut args = vec!["eval"];
    args.extend(files.iter().map(|file| file.to_str().unwrap()));
    args.extend(options);
    fusion(&args)
}

#[test]
fn figures_are_given_for_each_file_and_for_all() {
    let labels = Labels::new();
    let good = labels
        .file("good.ndjson", &[labelled("a", OFFER, "lead"), labelled("b", WARNING, "ordinary")]);
    let hard = labels.file("hard.ndjson", &[labelled("c", "Добрий день", "lead")]);
    let report = eval(&["--format", "json"], &[&good, &hard]).ended(0).json();
    let rows = report["figures"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!(rows[0]["recall"]["value"], 1.0);
    assert_eq!(rows[0]["precision"]["value"], 1.0);
    assert_eq!(rows[1]["recall"]["value"], 0.0);
    assert_eq!((&rows[2]["file"], &rows[2]["recall"]["value"]), (&json!(null), &json!(0.5)));
    let of_all = report["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["file"].is_null() && row["indicator"] == "document-retention");
    let of_all = of_all.unwrap();
    assert_eq!((&of_all["expected"], &of_all["found"]), (&json!(2), &json!(1)));
    let again = eval(&["--format", "json"], &[&good, &hard]).ended(0).json();
    assert_eq!(report, again);
}

#[test]
fn mistakes_are_listed_without_their_words_unless_asked() {
    let labels = Labels::new();
    let file = labels.file(
        "a.ndjson",
        &[
            labelled("missed-one", "Добрий день усім", "lead"),
            labelled("wrong-one", OFFER, "ordinary"),
        ],
    );
    let said = eval(&["--mistakes"], &[&file]).ended(0).out;
    assert!(said.contains("missed: missed-one") && said.contains("wrongly flagged: wrong-one"));
    assert!(said.contains("not found: document-retention"));
    assert!(!said.contains("Добрий") && !said.contains("координатора"), "{said}");
    let said = eval(&["--mistakes", "--show-text"], &[&file]).ended(0).out;
    assert!(said.contains("Добрий") && said.contains("координатора"), "{said}");
}

#[test]
fn a_bad_line_is_told_and_a_wrong_file_is_refused() {
    let labels = Labels::new();
    let half = labels.file("half.ndjson", &["{\"text\":1}".into(), labelled("a", OFFER, "lead")]);
    let said = eval(&[], &[&half]).ended(0);
    assert!(said.err.contains("half.ndjson:1:"), "{}", said.err);
    let wrong = labels.file("notes.txt", &["just words".to_owned()]);
    eval(&[], &[&wrong]).refused(&["no labelled posting", "notes.txt", "label"]);
    let missing = labels.folder.path().join("missing.ndjson");
    eval(&[], &[&missing]).refused(&["missing.ndjson"]);
}
