//! `fusion eval`: how well the rules do on postings that people have judged.

use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use crate::desk::{Desk, Said, fusion};

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

/// Offers, and honest ads that share a sign with them.
fn enough_to_fit_to() -> Vec<String> {
    let lines = (0..40).flat_map(|number| {
        let offer = format!("{OFFER} Виїзд завтра, місць {number}.");
        let honest = format!("Праця за кордоном, житло надаємо безкоштовно. Місць: {number}.");
        [
            labelled(&format!("lead-{number}"), &offer, "lead"),
            labelled(&format!("honest-{number}"), &honest, "ordinary"),
        ]
    });
    lines.collect()
}

#[test]
fn fitted_numbers_are_shown_as_a_change_and_written_when_asked() {
    let labels = Labels::new();
    let file = labels.file("a.ndjson", &enough_to_fit_to());
    let desk = Desk::new();
    let weights = desk.dir().join("rules/weights.yaml");
    let before = std::fs::read_to_string(&weights).unwrap();
    let fit = |options: &[&str]| {
        let mut args = vec!["eval", file.to_str().unwrap(), "--fit"];
        args.extend(options);
        desk.fusion(&args).ended(0)
    };
    let shown = fit(&[]).out;
    assert!(
        shown.contains("held out") && shown.contains("\n+") && shown.contains("\n-"),
        "{shown}"
    );
    assert_eq!(std::fs::read_to_string(&weights).unwrap(), before);
    assert_eq!(fit(&[]).out, shown, "the same postings give the same numbers");
    fit(&["--write"]);
    let after = std::fs::read_to_string(&weights).unwrap();
    assert_ne!(after, before);
    let comments = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(comments(&after), comments(&before));
    desk.fusion(&["rules", "check"]).ended(0);
}

#[test]
fn too_few_labels_are_not_fitted_to_and_the_built_in_pack_is_not_written() {
    let labels = Labels::new();
    let few = labels.file("few.ndjson", &[labelled("a", OFFER, "lead")]);
    eval(&["--fit"], &[&few]).refused(&["too little to fit to"]);
    let file = labels.file("a.ndjson", &enough_to_fit_to());
    eval(&["--fit", "--write"], &[&file]).refused(&["built-in", "--rules"]);
}
