//! Scans by timer, a stop file, and what the program says of its sources' health.

use std::process::Stdio;

use crate::desk::{Desk, SampleSites};

#[test]
fn a_timer_walks_each_source_once_a_turn_and_a_stop_file_ends_it_all() {
    let sites = SampleSites::start();
    let desk = Desk::with_sources_of(&sites);
    let first = desk.fusion(&["--format", "json", "scan", "--due"]).ended(0).json();
    let sources = first["sources"].as_array().unwrap().len();
    assert!(sources > 2, "{first}");
    let second = desk.fusion(&["--format", "json", "scan", "--due"]).ended(0).json();
    assert_eq!(second["sources"].as_array().unwrap().len(), 0, "walked again in the same turn");

    let health = desk.fusion(&["--format", "ndjson", "source", "health"]).ended(0).lines();
    assert_eq!(health.len(), sources);
    assert!(health.iter().all(|row| row["state"] == "well"), "{health:?}");
    assert!(health.iter().any(|row| row["health"]["new"].as_u64().unwrap() > 0), "{health:?}");

    // Slowed down, a scan would take minutes; the stop file breaks it off.
    let config = desk.dir().join("fusion.toml");
    let slow = std::fs::read_to_string(&config)
        .unwrap()
        .replace("min_delay_ms = 2000", "min_delay_ms = 90000");
    std::fs::write(&config, slow).unwrap();
    let sources_file = desk.dir().join("sources.toml");
    let own = std::fs::read_to_string(&sources_file).unwrap();
    let slow: Vec<&str> = own.lines().filter(|line| !line.starts_with("min_delay_ms")).collect();
    std::fs::write(&sources_file, slow.join("\n")).unwrap();
    let scan = desk
        .command(&["--format", "json", "scan"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::fs::write(desk.dir().join("STOP"), "").unwrap();
    let output = scan.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let refused = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("source.stopped") || refused.contains("STOP is there"),
        "{said}{refused}"
    );
    desk.fusion(&["scan"]).refused(&["STOP is there", "remove it"]);

    std::fs::remove_file(desk.dir().join("STOP")).unwrap();
    desk.fusion(&["evidence", "verify"]).ended(0);
    let queue = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
}

#[test]
fn a_source_that_cannot_be_reached_any_more_needs_a_look() {
    let desk = Desk::new();
    let add =
        ["source", "add", "--id", "gone", "--kind", "feed", "--allow-private", "--basis", "public"];
    desk.fusion(
        &[
            &add[..],
            &[
                "--url",
                "http://127.0.0.1:9/feed",
                "--schedule",
                "0 6 * * 1",
                "--time-zone",
                "Europe/Kyiv",
            ],
        ]
        .concat(),
    )
    .ended(0);
    let said = desk.fusion(&["source", "health"]).ended(0).out;
    assert!(said.contains("never walked"), "{said}");
    desk.fusion(&["scan", "--due"]).ended(0);
    let said = desk.fusion(&["source", "health"]).ended(1).out;
    assert!(said.contains("source.failing"), "{said}");
}

#[test]
fn a_schedule_that_cannot_be_read_is_refused_with_the_source() {
    let desk = Desk::new();
    let add = ["source", "add", "--id", "board", "--kind", "feed", "--url", "https://a.example"];
    let odd = ["--basis", "public", "--schedule", "61 * * * *"];
    desk.fusion(&[&add[..], &odd].concat()).refused(&["source `board`", "61 * * * *"]);
    desk.fusion(&["source", "health"]).ended(0);
    for (schedule, zone, words) in
        [("daily", "Europe/Kyiv", "`daily`"), ("0 6 * * *", "Kyiv", "`Kyiv`")]
    {
        let source = format!(
            "[[source]]\nid = \"board\"\nkind = \"feed\"\nurl = \"https://a.example\"\nbasis = \"b\"\n\
             schedule = \"{schedule}\"\ntime_zone = \"{zone}\"\n"
        );
        std::fs::write(desk.dir().join("sources.toml"), source).unwrap();
        desk.fusion(&["scan", "--due"]).refused(&["source `board`", words]);
    }
}
