//! Verification that was cut short is gone on with, and a desk at work is read again in parts.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use evidence::{Depth, VerifyMark, VerifyReport, rehash};
use jiff::Timestamp;

use crate::sample::{Desk, copy_desk, filled, time, vault, verify};

/// When the first run begins: after all files were written, whenever this is run.
fn later() -> Timestamp {
    time("2099-01-01T00:00:00Z")
}

/// The marks that a whole run is at, one after another.
fn marks(desk: &Path) -> Vec<VerifyMark> {
    let mut marks = Vec::new();
    let mut note = |_, _, mark: &VerifyMark| marks.push(mark.clone());
    evidence::verify_from(&vault(desk), Depth::Digests, None, later(), &mut note).unwrap();
    marks.dedup();
    marks
}

fn go_on(desk: &Path, mark: &VerifyMark) -> VerifyReport {
    let mark = VerifyMark::read(&mark.to_bytes()).unwrap();
    evidence::verify_from(&vault(desk), Depth::Digests, Some(&mark), later(), &mut |_, _, _| ())
        .unwrap()
}

fn all_but_what_was_read_earlier(mut report: VerifyReport) -> VerifyReport {
    report.earlier = None;
    report
}

/// Flips a bit and leaves the file's time as it was.
fn flip(path: &Path, at: u64) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = fs::read(path).unwrap();
    bytes[at as usize] ^= 1;
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

fn captures_of(desk: &Path) -> PathBuf {
    fs::read_dir(desk.join("captures")).unwrap().next().unwrap().unwrap().path()
}

#[test]
fn from_wherever_it_was_cut_short_it_finds_what_a_whole_run_finds() {
    for is_damaged in [false, true] {
        let desk = filled(Desk::new());
        let snapshot =
            fs::read_dir(desk.path().join("snapshots")).unwrap().next().unwrap().unwrap();
        if is_damaged {
            flip(&captures_of(desk.path()), 40);
            flip(&snapshot.path(), 100);
        }
        let whole = verify(desk.path());
        assert_eq!(whole.faults.is_empty(), !is_damaged);
        let marks = marks(desk.path());
        assert!(marks.len() > 4, "{marks:?}");
        let mut most = 0;
        for mark in &marks {
            let report = go_on(desk.path(), mark);
            most = most.max(report.earlier.map_or(0, |earlier| earlier.files));
            assert_eq!(all_but_what_was_read_earlier(report), whole, "{mark:?}");
        }
        // All captures and the snapshot but those with faults, or behind the last mark.
        assert!(most >= if is_damaged { 3 } else { 4 }, "nothing was left out: {most}");
    }
}

#[test]
fn what_was_read_is_read_again_when_its_file_was_written_to_since() {
    let desk = filled(Desk::new());
    let mark = marks(desk.path()).pop().unwrap();
    let captures = captures_of(desk.path());
    flip(&captures, 40);
    assert_eq!(go_on(desk.path(), &mark).faults, [], "a whole run alone sees bytes that rotted");
    assert_ne!(verify(desk.path()).faults, []);
    let file = fs::File::options().write(true).open(&captures).unwrap();
    let after = Duration::from_secs(later().as_second() as u64 + 600);
    file.set_modified(SystemTime::UNIX_EPOCH + after).unwrap();
    assert_ne!(go_on(desk.path(), &mark).faults, []);
}

#[test]
fn a_mark_of_another_log_or_none_at_all_counts_for_nothing() {
    let desk = filled(Desk::new());
    let mut other = Desk::new();
    other.keep(&crate::sample::page("https://jobs.example/1", "2026-11-23T09:00:00Z", b"one"));
    other.log.seal().unwrap();
    let mark = marks(other.path()).pop().unwrap();
    let report = go_on(desk.path(), &mark);
    assert_eq!((report.earlier, report.faults.len()), (None, 0));
    for bytes in [&b""[..], b"{}", b"{\"format\":2}", b"\xff"] {
        assert_eq!(VerifyMark::read(bytes), None);
    }
}

#[test]
fn what_was_read_but_not_looked_into_is_looked_into_by_a_run_that_is_asked_to() {
    let desk = filled(Desk::new());
    let mark = marks(desk.path()).pop().unwrap();
    let go_on = |depth, mark: &VerifyMark| {
        let mut last = mark.clone();
        let mut note = |_, _, mark: &VerifyMark| last = mark.clone();
        let report =
            evidence::verify_from(&desk.vault, depth, Some(mark), later(), &mut note).unwrap();
        (report.earlier.map(|earlier| earlier.files), last)
    };
    let (earlier, deep) = go_on(Depth::Contents, &mark);
    assert_eq!(earlier, None);
    let deep = VerifyMark::read(&deep.to_bytes()).unwrap();
    assert_eq!(go_on(Depth::Contents, &deep).0, Some(5));
    assert_eq!(go_on(Depth::Digests, &deep).0, Some(5));
}

#[test]
fn read_again_in_parts_it_is_all_read_once_and_each_fault_is_named() {
    let whole = |desk: &Path, most_bytes: u64| {
        let (mut entry, mut files, mut bytes, mut faults) = (0, 0, 0, Vec::new());
        for _ in 0..100 {
            let part = rehash(&vault(desk), entry, most_bytes).unwrap();
            (entry, files, bytes) = (part.entry, files + part.files, bytes + part.bytes);
            faults.extend(part.faults);
            if part.is_end {
                return (entry, files, bytes, faults);
            }
        }
        panic!("no end");
    };
    let desk = filled(Desk::new());
    let at_once = whole(desk.path(), u64::MAX);
    assert_eq!((at_once.0, at_once.1, at_once.3.len()), (21, 5, 0));
    for most_bytes in [1, 700, 5000] {
        assert_eq!(whole(desk.path(), most_bytes), at_once);
    }
    let copy = copy_desk(desk.path());
    let snapshot = fs::read_dir(copy.path().join("snapshots")).unwrap().next().unwrap().unwrap();
    flip(&captures_of(copy.path()), 40);
    fs::remove_file(snapshot.path()).unwrap();
    let (_, files, _, faults) = whole(copy.path(), 700);
    let named: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!((files, named.len()), (5, 2), "{named:?}");
    assert!(named.iter().any(|fault| fault.starts_with("captures/")), "{named:?}");
    assert!(named.iter().any(|fault| fault.ends_with("it is missing")), "{named:?}");
    // A line of the log that was changed ends the round, and is named.
    let log = desk.path().join("custody/log-000001.ndjson");
    flip(&log, 300);
    let (.., faults) = whole(desk.path(), 700);
    assert!(faults.iter().any(|fault| fault.file.starts_with("custody/log-")), "{faults:?}");
}
