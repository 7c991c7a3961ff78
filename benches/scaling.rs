//! What a posting costs as the pack grows: the same postings under 100, 1,000 and 10,000 phrases.
//!
//! `cargo bench -p cli --bench scaling` prints the table. The phrases are made of words that stand in
//! the postings, each with a word that stands in none, as nearly all phrases of a pack are on nearly
//! all postings: near, and not met.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

const ROUNDS: usize = 3;
const POSTINGS: usize = 20_000;
const PHRASES_OF_A_RULE: usize = 20;

fn main() {
    // Test runners ask benches for their list of tests; there are none.
    if std::env::args().any(|arg| arg == "--list" || arg == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let corpus = folder.path().join("postings.ndjson");
    let none = folder.path().join("none.ndjson");
    let texts = texts();
    write_corpus(&corpus, &texts);
    fs::write(&none, "").expect("a writable folder");
    report("phrases   start, ms   posting, µs");
    for phrases in [100, 1_000, 10_000] {
        let rules = folder.path().join(format!("rules-{phrases}"));
        write_pack(&rules, &words_of(&texts), phrases);
        let start = seconds(&rules, &none);
        let posting = (seconds(&rules, &corpus) - start) / POSTINGS as f64;
        report(&format!("{phrases:>7} {:>11.0} {:>13.1}", start * 1e3, posting * 1e6));
    }
}

/// The median time of one thread.
fn seconds(rules: &Path, corpus: &Path) -> f64 {
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let status = Command::new(env!("CARGO_BIN_EXE_fusion"))
                .env_remove("FUSION_DESK")
                .args(["-q", "assess", "--threads", "1", "--rules"])
                .args([rules, corpus])
                .stdout(Stdio::null())
                .status()
                .expect("fusion runs");
            assert!(status.success());
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[ROUNDS / 2]
}

fn texts() -> Vec<String> {
    let samples = include_str!("../fixtures/demo/postings.ndjson").lines();
    let samples = samples.map(|line| -> Value { serde_json::from_str(line).expect("NDJSON") });
    samples.map(|sample| sample["text"].as_str().unwrap_or("").to_owned()).collect()
}

fn write_corpus(path: &Path, texts: &[String]) {
    let mut lines = String::new();
    for (number, text) in (0..POSTINGS).zip(texts.iter().cycle()) {
        let line = json!({"id": number.to_string(), "text": format!("{text} №{number}")});
        let _ = writeln!(lines, "{line}");
    }
    fs::write(path, lines).expect("a writable folder");
}

/// Words of the postings that a phrase may hold.
fn words_of(texts: &[String]) -> Vec<String> {
    let words = texts.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_lowercase()));
    let words: BTreeSet<String> = words.filter(|word| word.len() >= 4).map(str::to_owned).collect();
    words.into_iter().collect()
}

/// A pack with so many phrases; what is not rules is the built-in pack's.
fn write_pack(folder: &Path, words: &[String], phrases: usize) {
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    fs::create_dir_all(folder.join("en")).expect("a writable folder");
    for name in ["indicators.yaml", "weights.yaml", "wages.yaml", "en/words.yaml"] {
        fs::copy(built_in.join(name), folder.join(name)).expect("the pack has it");
    }
    let mut file = String::from("topic: scaling\nlanguage: en\nrules:\n");
    for first in (0..phrases).step_by(PHRASES_OF_A_RULE) {
        let phrase = |number: usize| {
            format!("{} ..3 {}", words[number % words.len()], word_of_nobody(number))
        };
        let _ = write!(
            file,
            "  - id: en.scaling.rule-{first}\n    name: Words of the bench\n    indicator: \
             photo-request\n    status: test\n    version: 1\n    why: It is measured.\n    \
             known_gaps: All.\n    triage: [\"None.\"]\n    examples:\n      - text: \"{}\"\n    \
             counter_examples:\n      - text: \"Hello.\"\n        because: nothing is said\n    \
             match:\n      any:\n",
            phrase(first).replace(" ..3", "")
        );
        for number in first..(first + PHRASES_OF_A_RULE).min(phrases) {
            let _ = writeln!(file, "        - \"{}\"", phrase(number));
        }
    }
    fs::write(folder.join("en/scaling.yaml"), file).expect("a writable folder");
}

/// A word for each number, which no language has.
fn word_of_nobody(number: usize) -> String {
    let letter = |place: u32| char::from(b'a' + (number / 26usize.pow(place) % 26) as u8);
    format!("qx{}{}{}", letter(0), letter(1), letter(2))
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn report(line: &str) {
    println!("{line}");
}
