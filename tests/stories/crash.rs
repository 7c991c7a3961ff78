//! `kill -9` at any moment of a scan, and the next start is as if nothing had happened.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::desk::{Desk, SampleSites, labelled_postings, repository};
use crate::kinds::{KINDS, KindSites, texts};

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

/// A file of so many rows, pages or messages, some of which are leads.
fn drop_of(kind: &str) -> Vec<u8> {
    let rows = texts().into_iter().take(60).enumerate();
    let page = |text: &str| format!("<html><head><title>Offer</title></head><p>{text}</p></html>");
    let seed = |name: &str| std::fs::read(repository().join("fuzz/seeds").join(name)).unwrap();
    match kind {
        "parquet" => seed("parquet/duckdb.parquet"),
        "wacz" => seed("wacz/small.wacz"),
        "html" => page(&texts()[0]).into_bytes(),
        "mhtml" => format!(
            "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://a.example/1\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/related; type=\"text/html\"; boundary=\"B\"\r\n\r\n--B\r\nContent-Type: \
             text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-Location: \
             https://a.example/1\r\n\r\n{}\r\n--B--\r\n",
            page(&texts()[0])
        )
        .into_bytes(),
        "warc" => rows.fold(Vec::new(), |mut file, (id, text)| {
            let block =
                format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{}", page(&text));
            let head = format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/{id}\r\nWARC-Date: \
                 2026-10-01T09:30:00Z\r\nContent-Type: application/http; msgtype=response\r\n\
                 Content-Length: {}\r\n\r\n",
                block.len()
            );
            file.extend_from_slice(format!("{head}{block}\r\n\r\n").as_bytes());
            file
        }),
        "json" => {
            let messages: Vec<Value> = rows
                .map(|(id, text)| {
                    serde_json::json!({"id": id, "type": "message", "date_unixtime": "1772359200",
                        "from": "Offers", "text": text})
                })
                .collect();
            let messages = Value::from(messages);
            format!(r#"{{"name": "Offers", "type": "public_channel", "id": 12, "messages": {messages}}}"#)
                .into_bytes()
        }
        "csv" => {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["id", "text"]).unwrap();
            rows.for_each(|(id, text)| writer.write_record([&id.to_string(), &text]).unwrap());
            writer.into_inner().unwrap()
        }
        _ => rows.fold(Vec::new(), |mut lines, (id, text)| {
            let line = serde_json::json!({"id": id.to_string(), "text": text});
            lines.extend_from_slice(format!("{line}\n").as_bytes());
            lines
        }),
    }
}

fn start(desk: &Desk, args: &[&str]) -> std::process::Child {
    let null = std::process::Stdio::null;
    desk.command(args).stdout(null()).stderr(null()).spawn().unwrap()
}

fn kill(mut child: std::process::Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_walk_of_any_kind_that_is_killed_is_taken_up_again() {
    let sites = KindSites::start();
    // The same files for both desks, since a source's definition has its file's path.
    let drops = tempfile::tempdir().unwrap();
    let files = ["ndjson", "csv", "parquet", "html", "mhtml", "warc", "wacz", "json"].map(|kind| {
        let file = drops.path().join(format!("drop.{kind}"));
        std::fs::write(&file, drop_of(kind)).unwrap();
        file.to_str().unwrap().to_owned()
    });
    let drop = tempfile::tempdir().unwrap();
    for kind in ["ndjson", "html", "warc", "json"] {
        let file = drop.path().join(format!("drop.{kind}"));
        std::fs::write(&file, drop_of(kind)).unwrap();
        // Long ago, so that the walk takes it for finished.
        let open = std::fs::File::options().write(true).open(&file).unwrap();
        open.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    let new_desk = || {
        let desk = Desk::new();
        let folder = format!(
            "[[source]]\nid = \"folder\"\nkind = \"folder\"\nurl = \"{}\"\nbasis = \"invented\"\n",
            drop.path().display()
        );
        std::fs::write(desk.dir().join("sources.toml"), sites.sources() + &folder).unwrap();
        desk
    };
    let (calm, disturbed) = (new_desk(), new_desk());
    let said = calm.fusion(&["--format", "json", "scan"]).ended(0).json();
    for source in said["sources"].as_array().unwrap() {
        let outcomes = source["outcomes"].to_string();
        let fine = outcomes.contains("posting.flagged") && !outcomes.contains("\"fault\"");
        assert!(fine, "{source}");
    }
    let imports = files.each_ref().map(|file| {
        let started = std::time::Instant::now();
        calm.fusion(&["import", file]).ended(0);
        (file, started.elapsed())
    });
    let expected = kept(&calm);

    for (kind, _, requests) in KINDS {
        // In the midst of a request, and a little after an answer: while it is kept and read. Where one
        // request is all, nothing is there to be lost before its answer.
        let moments = [(requests.min(2), None), (requests, Some(20 * requests as u64 % 60))];
        for (number, after) in moments.into_iter().skip(usize::from(requests == 1)) {
            sites.hold(number);
            let child = start(&disturbed, &["scan", "--source", kind]);
            sites.wait_for(number);
            if let Some(milliseconds) = after {
                sites.let_go();
                std::thread::sleep(Duration::from_millis(milliseconds));
            }
            kill(child);
            sites.let_go();
        }
    }
    for milliseconds in [150, 400, 900] {
        let child = start(&disturbed, &["scan", "--source", "folder"]);
        std::thread::sleep(Duration::from_millis(milliseconds));
        kill(child);
    }
    for (file, whole) in imports {
        let child = start(&disturbed, &["import", file]);
        std::thread::sleep(whole.mul_f64(0.7));
        kill(child);
        disturbed.fusion(&["import", file]).ended(0);
    }
    disturbed.fusion(&["scan"]).ended(0);
    assert_eq!(kept(&disturbed), expected);
    disturbed.fusion(&["evidence", "verify"]).ended(0);
    let queue = disturbed.queue();
    disturbed.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(disturbed.queue(), queue);
}

/// The key stands in the log before its first entry, so that a first session without an end is told
/// from one whose signature somebody took away.
#[test]
fn a_first_session_that_was_killed_is_no_fault_and_a_key_that_was_taken_away_is() {
    let desk = Desk::new();
    let path = desk.beside("postings.ndjson");
    let lines: Vec<String> = labelled_postings().iter().map(Value::to_string).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let mut child = desk
        .command(&["import", path.to_str().unwrap()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let log = desk.dir().join("custody/log-000001.ndjson");
    while std::fs::metadata(&log).map_or(0, |log| log.len()) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "the import was over before it was killed");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    desk.fusion(&["packet", "key"]).ended(0);
    desk.fusion(&["evidence", "verify"]).ended(0);
    for name in ["head.signed", "desk.pub"] {
        std::fs::remove_file(desk.dir().join("custody").join(name)).unwrap();
        let said = desk.fusion(&["evidence", "verify"]).ended(1);
        assert!(said.out.contains("desk.pub"), "{}", said.out);
    }
}
