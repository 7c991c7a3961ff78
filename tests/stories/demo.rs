//! The first command of the README.

use serde_json::Value;

use crate::desk::{Desk, SampleSites, fusion};

#[test]
fn the_demo_shows_the_whole_flow_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo");
    let said = fusion(&["demo", "--no-serve", "--dir", dir.to_str().unwrap()]).ended(0);
    for words in [
        "== First scan",
        "fetch.robots-disallow",
        "fetch.not-found",
        "== Second scan: nothing new",
        "== The review queue",
        "document-retention",
        "«",
        "== A person decides",
        "== The packet",
        "0 faults",
        "== Where everything lies",
    ] {
        assert!(said.out.contains(words), "`{words}` is not in:\n{}", said.out);
    }
    assert!(dir.join("data/packets").read_dir().unwrap().count() == 1);
}

#[test]
fn the_queue_of_the_demo_is_what_a_reviewer_would_pick() {
    let samples: Vec<Value> = include_str!("../../fixtures/demo/postings.ndjson")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let sites = SampleSites::start();
    let desk = Desk::with_sources_of(&sites);
    desk.fusion(&["scan"]).ended(0);
    let queue: Vec<String> = desk.flagged_texts().iter().map(|text| words(text)).collect();
    let (mut missed, mut ordinary) = (Vec::new(), Vec::new());
    for sample in &samples {
        let text = words(sample["text"].as_str().unwrap());
        let flagged = queue.iter().any(|flagged| flagged.contains(&text));
        match (sample["lead"] == true, flagged) {
            (true, false) => missed.push(text),
            (false, true) => ordinary.push(text),
            _ => {}
        }
    }
    assert!(ordinary.is_empty(), "ordinary postings on the queue:\n{}", ordinary.join("\n"));
    // The rules' authors never saw these postings; one in eight may escape them.
    let leads = samples.iter().filter(|sample| sample["lead"] == true).count();
    assert!(missed.len() * 8 <= leads, "not on the queue:\n{}", missed.join("\n"));
}

/// Letters alone: line breaks and mark-up come and go on the way through a page.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[test]
fn a_source_is_tested_without_a_trace() {
    let sites = SampleSites::start();
    let desk = Desk::with_sources_of(&sites);
    let before = desk.evidence_files().len();
    let sources = desk.fusion(&["--format", "json", "source", "list"]).ended(0).json();
    for source in sources.as_array().unwrap() {
        let url = source["url"].as_str().unwrap();
        if url.ends_with("/board") {
            continue;
        }
        let args = ["--format", "json", "source", "test", url, "--allow-private"];
        let probe = desk.fusion(&args).ended(0).json();
        assert_eq!(probe["kind"], source["kind"], "{url}");
        assert!(probe["postings"].as_array().unwrap().len() > 10, "{url}");
        desk.fusion(&["source", "test", url]).refused(&["private"]);
    }
    assert_eq!(desk.evidence_files().len(), before);
}
