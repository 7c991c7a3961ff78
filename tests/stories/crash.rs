//! `kill -9` at any moment of a scan, and the next start is as if nothing had happened.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::desk::{Desk, SampleSites};

/// What two desks must agree in, whatever happened on the way: which postings are on which leads
/// with what score, which bytes were captured from where, and what the custody log says of them.
#[derive(Debug, PartialEq)]
struct Kept {
    leads: BTreeSet<String>,
    captures: BTreeSet<String>,
    log: BTreeSet<String>,
}

fn kept(desk: &Desk) -> Kept {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut leads = BTreeSet::new();
    for row in desk.queue() {
        let findings = &row["posting"]["assessment"]["findings"];
        leads.insert(format!("{} {} {findings}", row["lead"]["id"], row["lead"]["score"]));
    }
    let mut captures = BTreeSet::new();
    let mut log = BTreeSet::new();
    for file in desk.evidence_files() {
        if file.extension().is_none_or(|ending| ending != "ndjson") {
            continue;
        }
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            let event = &entry["event"];
            // A walk that was cut short is told by none; the one that went on has less to tell.
            if event["event"] == "walk" {
                continue;
            }
            // Times, and what follows from them (ids and places of captures), differ between runs.
            let said = match event["event"].as_str().unwrap() {
                "capture" => {
                    let said = format!(
                        "{} {} {}",
                        text(&event["source"]),
                        text(&event["url"]),
                        text(&event["payload"])
                    );
                    assert!(captures.insert(said.clone()), "captured twice: {said}");
                    said
                }
                "snapshot" => {
                    format!("{} {}", text(&event["lead"]), text(&event["snapshot"]["posting"]))
                }
                _ => event.to_string(),
            };
            let fresh = log.insert(format!("{} {said}", event["event"]));
            assert!(fresh, "logged twice: {said}");
        }
    }
    Kept { leads, captures, log }
}

#[test]
fn a_scan_that_is_killed_anywhere_ends_as_an_undisturbed_one() {
    let rounds: u64 =
        std::env::var("FUSION_KILL_ROUNDS").ok().map_or(8, |rounds| rounds.parse().unwrap());
    let sites = SampleSites::start();
    let calm = Desk::with_sources_of(&sites);
    let started = std::time::Instant::now();
    calm.fusion(&["scan"]).ended(0);
    let whole = started.elapsed();
    let expected = kept(&calm);
    assert!(expected.leads.len() > 10, "{expected:?}");

    // Several kills on one desk, a fresh desk now and then: recovery from recovery, and from scratch.
    let mut disturbed = Desk::with_sources_of(&sites);
    for round in 0..rounds {
        // Spread over the length of a whole scan; 0.618 keeps the moments apart from each other.
        let share = (round as f64 * 0.618_034).fract() * 0.9 + 0.05;
        let mut child = disturbed
            .command(&["scan"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole.mul_f64(share).max(Duration::from_millis(5)));
        // SIGKILL on Unix: nothing in the process runs any more.
        child.kill().unwrap();
        child.wait().unwrap();
        if round % 5 == 4 {
            disturbed.fusion(&["scan"]).ended(0);
            assert_eq!(kept(&disturbed), expected, "after round {round}");
            disturbed = Desk::with_sources_of(&sites);
        }
    }
    disturbed.fusion(&["scan"]).ended(0);
    assert_eq!(kept(&disturbed), expected);
    disturbed.fusion(&["evidence", "verify"]).ended(0);
    let said = disturbed.fusion(&["scan"]).ended(0);
    assert!(said.out.contains("0 flagged, 0 clear"), "{}", said.out);
}
