use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use domain::LeadId;
use evidence::{CustodyLog, Entry, Event, EvidenceError};

use crate::sample::{Desk, NOW, filled, page, robots, time};

fn note(text: &str) -> Event {
    Event::Note { lead: LeadId::new("l-000000000000000000000001").unwrap(), text: text.into() }
}

fn read(custody: &Path, after: u64) -> Vec<Entry> {
    evidence::entries(custody, after).unwrap().map(Result::unwrap).collect()
}

#[test]
fn entries_come_back_in_order_from_any_point_across_segments() {
    let desk = filled(Desk::of_small_files());
    let custody = desk.path().join("custody");
    let all = read(&custody, 0);
    assert!(fs::read_dir(&custody).unwrap().count() > 3, "the story needs several segments");
    assert_eq!((all.len() as u64, all.last().unwrap().hash), desk.log.head());
    for after in 0..=all.len() + 1 {
        assert_eq!(read(&custody, after as u64), all.get(after..).unwrap_or_default());
    }
}

#[test]
fn an_opened_log_goes_on_where_it_ended() {
    let desk = filled(Desk::of_small_files());
    let custody = desk.path().join("custody");
    let before = read(&custody, 0);
    let (mut log, recovery) = CustodyLog::open(&custody).unwrap();
    assert!(recovery.notes.is_empty(), "{:?}", recovery.notes);
    assert_eq!(log.head(), desk.log.head());
    let added = log.append(time(NOW), "Ion P.", vec![note("one"), note("two")]).unwrap();
    assert!(log.append(time(NOW), "Ion P.", Vec::new()).unwrap().is_empty());
    assert_eq!(read(&custody, 0), [before, added].concat());
}

#[test]
fn the_last_captures_are_found_from_the_end() {
    let mut desk = Desk::of_small_files();
    let custody = desk.path().join("custody");
    assert_eq!(evidence::last_captures(&custody, 1).unwrap(), Default::default());
    let pages = [
        page("https://jobs.example/1", "2026-11-23T10:00:00Z", b"one"),
        page("https://jobs.example/2", "2026-11-23T10:00:01Z", b"two"),
    ];
    pages.iter().for_each(|page| desk.keep(page));
    desk.keep(&robots("https://jobs.example/robots.txt", "2026-11-23T10:00:02Z"));
    for number in 0..20 {
        desk.record(
            "Ion P.",
            note(&format!("{number} \"event\":{{\"event\":\"capture\" {}", "x".repeat(300))),
        );
    }
    let last = evidence::last_captures(&custody, 1).unwrap();
    let lengths = crate::sample::files(&desk.path().join("captures"));
    let (file, end) = last.end.clone().unwrap();
    assert_eq!(Path::new(&file), lengths.last().unwrap());
    assert_eq!(end, fs::metadata(desk.path().join("captures").join(file)).unwrap().len());
    let ids = |last: evidence::LastCaptures| -> Vec<_> {
        let pages = last.pages.into_iter().map(|entry| match entry.event {
            Event::Capture { capture, .. } => capture,
            other => panic!("no capture: {other:?}"),
        });
        pages.collect()
    };
    assert_eq!(ids(last), [pages[1].id.clone()]);
    let all = evidence::last_captures(&custody, 9).unwrap();
    assert_eq!(ids(all), [pages[0].id.clone(), pages[1].id.clone()]);
}

#[test]
fn long_lines_are_read_backwards_whole() {
    let mut desk = Desk::new();
    for length in [10, 70_000, 65_535, 200_000, 1] {
        desk.record("Ion P.", note(&"ї".repeat(length)));
    }
    let (log, _) = CustodyLog::open(&desk.path().join("custody")).unwrap();
    assert_eq!(log.head(), desk.log.head());
    assert_eq!(read(&desk.path().join("custody"), 4).len(), 1);
}

#[test]
fn a_log_whose_end_was_cut_off_is_not_opened_and_says_what_to_do() {
    let desk = filled(Desk::new());
    let segment = desk.path().join("custody/log-000001.ndjson");
    let lines = fs::read_to_string(&segment).unwrap();
    let shorter: String = lines.split_inclusive('\n').take(5).collect();
    fs::write(&segment, shorter).unwrap();
    let error = CustodyLog::open(&desk.path().join("custody")).unwrap_err().to_string();
    assert!(error.contains("ends with entry 5") && error.contains("backup"), "{error}");
}

#[test]
fn reading_stops_at_a_changed_entry_and_names_its_line() {
    let desk = filled(Desk::new());
    let segment = desk.path().join("custody/log-000001.ndjson");
    let changed = fs::read_to_string(&segment).unwrap().replace("same phone", "same phona");
    fs::write(&segment, changed).unwrap();
    let mut entries = evidence::entries(&desk.path().join("custody"), 0).unwrap();
    let error = entries.find_map(Result::err).unwrap();
    assert!(
        matches!(&error, EvidenceError::Damaged { place, .. } if place == "line 11"),
        "{error}"
    );
    assert!(entries.next().is_none());
}

/// The check by hand that the crate's documentation shows.
#[test]
#[cfg(unix)]
fn a_line_is_checked_with_sed_and_sha256sum() {
    let desk = filled(Desk::new());
    let entries = read(&desk.path().join("custody"), 0);
    for entry in &entries {
        let check = format!(
            "sed -n {}p log-000001.ndjson | sed 's/,\"hash\":\"sha256:[0-9a-f]*\"}}$//' | tr -d '\\n' | sha256sum",
            entry.seq
        );
        let output = Command::new("sh")
            .args(["-c", &check])
            .current_dir(desk.path().join("custody"))
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.trim_end_matches(['\n', ' ', '-']), entry.hash.to_hex());
    }
}

/// A real full disk: the shell forbids files beyond a size, so that a write ends half way.
#[test]
#[cfg(unix)]
fn a_full_disk_leaves_the_log_and_the_archive_as_they_were() {
    let desk = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact custody::writes_until_the_disk_is_full --ignored --nocapture";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .arg(exe)
        .env("EVIDENCE_FULL_DISK", desk.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().map(|mut stdin| stdin.flush());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");

    // What was acknowledged is there, and nothing else: the raw check finds no half line.
    let report = crate::sample::verify(desk.path());
    assert_eq!(report.faults, []);
    assert!(said.contains(&format!("acknowledged {}", report.entries)), "{said}");
}

#[test]
#[ignore = "run by the story of the full disk, in a process with a limit"]
fn writes_until_the_disk_is_full() {
    let dir = std::path::PathBuf::from(std::env::var_os("EVIDENCE_FULL_DISK").unwrap());
    let (mut log, mut archive) = crate::sample::open(&dir);
    let mut failures = (0, 0);
    for number in 0..200_u32 {
        let noise: Vec<u8> =
            (0..900_u32).map(|n| ((n + number).wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let page = page(&format!("https://jobs.example/{number}"), "2026-11-23T10:00:00Z", &noise);
        match archive.append(&page) {
            Ok(stored) => {
                let event = crate::sample::capture_event(&page, &stored);
                log.append(time(NOW), "fusion", vec![event]).unwrap();
            }
            Err(error) => {
                assert!(error.to_string().starts_with("cannot write "), "{error}");
                failures.0 += 1;
            }
        }
    }
    for _ in 0..200 {
        if let Err(error) = log.append(time(NOW), "fusion", vec![note(&"x".repeat(900))]) {
            assert!(error.to_string().starts_with("cannot write "), "{error}");
            failures.1 += 1;
        }
    }
    assert!(failures.0 > 10 && failures.1 > 10, "the disk was never full: {failures:?}");
    log.append(time(NOW), "fusion", vec![note("x")]).ok();
    log.seal().unwrap();
    eprintln!("acknowledged {}", log.head().0);
}
