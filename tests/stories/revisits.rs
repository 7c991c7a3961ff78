//! A flagged posting is asked for again: what changed, what is gone, and how everybody learns of it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::desk::Desk;

#[path = "../../crates/pipeline/src/revisit/site.rs"]
pub mod site;

use site::Site;

const WORDS: &str = "Робота в Туреччині. Паспорт забирає координатор, дорогу відпрацюєте.";

/// A page of a job board with the words and a contact of its own.
fn job(number: u32, words: &str) -> String {
    let posting = json!({
        "@context": "https://schema.org", "@type": "JobPosting", "title": format!("Робота {number}"),
        "identifier": number.to_string(),
        "description": format!("{words} Дзвоніть +38067123{:04}", 4500 + number),
    });
    format!("<html><script type=\"application/ld+json\">{posting}</script></html>")
}

/// A desk with a board of so many jobs.
fn board(jobs: u32) -> (Site, Desk) {
    let site = Site::start();
    site.put("/robots.txt", "text/plain", "User-agent: *\nAllow: /\n");
    let links: String = (1..=jobs).map(|n| format!("<a href=\"/ad/{n}\">{n}</a>")).collect();
    site.put("/jobs", "text/html", format!("<html>{links}</html>"));
    (1..=jobs).for_each(|n| site.put(&format!("/ad/{n}"), "text/html", job(n, WORDS)));
    let desk = Desk::new();
    let source = format!(
        "[[source]]\nid = \"board\"\nkind = \"job-page\"\nurl = \"{}/jobs\"\nfollow = \"/ad/\"\n\
         basis = \"invented\"\nallow_private = true\nmin_delay_ms = 0\n",
        site.base
    );
    std::fs::write(desk.dir().join("sources.toml"), source).unwrap();
    desk.fusion(&["scan"]).ended(0);
    site.asked();
    (site, desk)
}

/// How often each outcome of a revisit was counted.
fn again(desk: &Desk) -> BTreeMap<String, u64> {
    let said = desk.fusion(&["--format", "json", "scan", "--again"]).ended(0).json();
    let outcomes = said["outcomes"].as_object().unwrap().iter();
    let named = outcomes.filter_map(|(name, count)| {
        Some((name.strip_prefix("revisit.")?.to_owned(), count.as_u64().unwrap()))
    });
    named.collect()
}

fn of(name: &str, count: u64) -> BTreeMap<String, u64> {
    BTreeMap::from([(name.to_owned(), count)])
}

#[test]
fn what_became_of_a_page_is_told_wherever_the_lead_is_shown() {
    let (site, desk) = board(1);
    let lead = desk.top_lead();
    assert_eq!(again(&desk), of("unchanged", 1));
    assert_eq!(site.asked(), ["/ad/1 304"]);
    site.put(
        "/ad/1",
        "text/html",
        job(1, "Житло на місці, виїзду з об'єкта немає, паспорт у нас."),
    );
    assert_eq!(again(&desk), of("changed", 1));
    site.answer_with("/ad/1", 404);
    let said = desk.fusion(&["scan", "--again"]).ended(0).out;
    assert!(said.contains("1 posting asked for again: 1 gone"), "{said}");
    assert!(said.contains("it is gone at its source; what was captured is kept"), "{said}");
    site.put("/robots.txt", "text/plain", "User-agent: *\nDisallow: /ad\n");
    site.asked();
    assert_eq!(again(&desk), of("refused", 1));
    assert_eq!(site.asked(), Vec::<String>::new());

    for show in [["queue", "show"], ["lead", "show"]] {
        let said = desk.fusion(&[&show[..], &[&lead, "--by", "Olena"]].concat()).ended(0).out;
        for words in [
            "is there, unchanged",
            "is there with other words, which are frozen again",
            "is GONE at its source; what was captured is kept (fetch.not-found)",
            "was not asked for, by a rule of ours or the host's wish (fetch.robots-disallow)",
        ] {
            assert!(said.contains(words), "`{words}` is not in: {said}");
        }
    }
    // The page, its other words, and what the server answered in its place.
    assert_eq!(desk.lead(&lead)["lead"]["snapshots"].as_array().unwrap().len(), 3);

    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "passport"];
    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    desk.fusion(&["packet", "approve", &lead, "--by", "Ion"]).ended(0);
    let packet = desk.beside("packet.zip");
    let build = ["packet", "build", &lead, "--by", "Mihai", "--output", packet.to_str().unwrap()];
    desk.fusion(&build).ended(0);
    let report = part(&packet, "data/report.html");
    for words in ["Asked for again: gone at its source", "may be all that is left of it"] {
        assert!(report.contains(words), "`{words}` is not in the report");
    }
    let custody = part(&packet, "data/custody.ndjson");
    assert!(custody.contains("\"event\":\"revisit\""), "{custody}");
    desk.fusion(&["packet", "verify", packet.to_str().unwrap()]).ended(0);
    desk.fusion(&["evidence", "verify"]).ended(0);
}

fn part(packet: &std::path::Path, name: &str) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(packet).unwrap()).unwrap();
    let at = (0..zip.len())
        .find(|at| zip.by_index(*at).unwrap().name().unwrap().ends_with(name))
        .unwrap();
    let mut text = String::new();
    zip.by_index(at).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// For each posting, how often it was frozen and how often it was said to have changed.
fn frozen_and_changed(desk: &Desk) -> BTreeMap<String, (u32, u32)> {
    let log = std::fs::read_to_string(desk.dir().join("custody/log-000001.ndjson")).unwrap();
    let mut counts: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for line in log.lines() {
        let event = serde_json::from_str::<Value>(line).unwrap()["event"].clone();
        let posting = |value: &Value| value.as_str().unwrap().to_owned();
        if event["event"] == "snapshot" {
            counts.entry(posting(&event["snapshot"]["posting"])).or_default().0 += 1;
        } else if event["event"] == "revisit" && event["found"] == "changed" {
            counts.entry(posting(&event["posting"])).or_default().1 += 1;
        }
    }
    counts
}

#[test]
fn killed_anywhere_it_freezes_and_tells_each_change_once() {
    const JOBS: u32 = 12;
    let (site, desk) = board(JOBS);
    // Slow enough that a kill falls between two pages.
    let sources = desk.dir().join("sources.toml");
    let text = std::fs::read_to_string(&sources).unwrap();
    std::fs::write(&sources, text.replace("min_delay_ms = 0", "min_delay_ms = 150")).unwrap();
    for n in 1..=JOBS {
        site.put(&format!("/ad/{n}"), "text/html", job(n, "Паспорт у нас, виїзду немає."));
    }
    let null = std::process::Stdio::null;
    for round in 0..6_u32 {
        let mut child =
            desk.command(&["scan", "--again"]).stdout(null()).stderr(null()).spawn().unwrap();
        // The kill comes so many pages after the first one, wherever that finds the program.
        let pages = (round as usize * 5) % 8 + 1;
        while site.asked_so_far() < pages && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(3));
        }
        std::thread::sleep(Duration::from_millis(u64::from(round) * 13 % 40));
        let _ = child.kill();
        child.wait().unwrap();
        site.asked();
    }
    again(&desk);
    let counts = frozen_and_changed(&desk);
    assert_eq!(counts.len(), JOBS as usize);
    assert!(counts.values().all(|counts| *counts == (2, 1)), "{counts:?}");
    desk.fusion(&["evidence", "verify"]).ended(0);
    let queue = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
}
