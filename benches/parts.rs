//! What the parts of an assessment cost beside each other: folding, language, contacts, rules.
//!
//! `cargo bench -p pipeline --bench parts` measures on the invented postings of `fixtures/`, on one
//! thread; `-- FILE` on the postings of a file of JSON lines.

use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::{Contact, Field};
use rules::{Assessor, RuleSet, Subject};
use text::Folded;

const ROUNDS: usize = 7;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // Test runners ask benches for their list of tests; there are none.
    if args.iter().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    let given: Vec<PathBuf> =
        args.iter().filter(|arg| !arg.starts_with("--")).map(PathBuf::from).collect();
    let texts = texts(if given.is_empty() { fixtures() } else { given });
    let rule_set = RuleSet::builtin().expect("the built-in pack is sound");
    let mut assessor = Assessor::new(&rule_set);

    let folded: Vec<Folded> = texts.iter().map(|text| Folded::new(text)).collect();
    let contacts: Vec<Vec<Contact>> =
        texts.iter().map(|text| text::contacts(Field::Text, text, None)).collect();
    let mut buffer = Folded::default();
    let parts = [
        ("folding", median(|| texts.iter().for_each(|text| buffer.refold(black_box(text))))),
        (
            "language",
            median(|| {
                for folded in &folded {
                    black_box(text::language(folded, None));
                }
            }),
        ),
        (
            "contacts",
            median(|| {
                for text in &texts {
                    black_box(text::contacts(Field::Text, text, None));
                }
            }),
        ),
        (
            "rules, numbers, weighing",
            median(|| {
                for ((text, folded), contacts) in texts.iter().zip(&folded).zip(&contacts) {
                    let subject = Subject { title: None, text: (text, folded), contacts };
                    black_box(assessor.assess(&subject, None));
                }
            }),
        ),
    ];
    let bytes: usize = texts.iter().map(String::len).sum();
    let all: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{} texts, {bytes} bytes, median of {ROUNDS}", texts.len());
    for (part, seconds) in parts {
        let each = seconds * 1e6 / texts.len() as f64;
        let share = 100.0 * seconds / all;
        let _ = writeln!(out, "{part:<26}{each:>8.1} us a text{share:>7.1} %");
    }
}

/// The invented postings of the repository.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let folders = ["labelled", "ordinary", "demo"];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).expect("fixtures are there"))
        .map(|entry| entry.expect("a folder can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ndjson"))
        .collect();
    files.sort();
    files
}

fn texts(files: Vec<PathBuf>) -> Vec<String> {
    let mut texts = Vec::new();
    for file in files {
        let lines = std::fs::read_to_string(&file).expect("the file of postings can be read");
        for line in lines.lines() {
            let posting: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
            texts.extend(posting["text"].as_str().map(str::to_owned));
        }
    }
    texts
}

/// Seconds of the middle one of several rounds.
fn median(mut work: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[ROUNDS / 2]
}
