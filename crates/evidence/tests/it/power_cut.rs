//! A power cut or a kill at any byte of the last write: opening recovers by itself, what was
//! acknowledged is there, and the next capture goes in as if nothing had been.

use std::fs;
use std::path::Path;

use evidence::{CaptureArchive, CustodyLog, Entry};

use crate::sample::{Desk, copy_desk, filled, open, page, vault, verify};

fn entries(desk: &Path) -> Vec<Entry> {
    evidence::entries(&desk.join("custody"), 0).unwrap().map(Result::unwrap).collect()
}

/// Opens as the pipeline does, goes on, and checks that all is well afterwards.
fn recovers(desk: &Path, acknowledged: &[Entry]) -> Vec<String> {
    let (mut log, mut notes) = CustodyLog::open(&desk.join("custody")).unwrap();
    let found = entries(desk);
    assert!(found.starts_with(acknowledged), "an acknowledged entry is gone");
    let end = evidence::last_captures(&desk.join("custody"), 1).unwrap().end;
    let (mut archive, more) = CaptureArchive::open(&vault(desk), end).unwrap();
    notes.notes.extend(more.notes);

    let next = page("https://jobs.example/next", "2026-11-23T11:00:00Z", b"the next page");
    let stored = archive.append(&next).unwrap();
    let event = crate::sample::capture_event(&next, &stored);
    log.append(crate::sample::time(crate::sample::NOW), "fusion", vec![event]).unwrap();
    log.seal().unwrap();
    let report = verify(desk);
    assert_eq!(report.faults, []);
    assert_eq!(report.entries, found.len() as u64 + 1);
    notes.notes
}

/// Both ends byte by byte, between them every 23rd: each round syncs a dozen files.
fn lengths(before: u64, after: u64) -> impl Iterator<Item = u64> {
    (before..=after)
        .filter(move |at| (at - before).is_multiple_of(23) || at - before < 3 || after - at < 4)
}

#[test]
fn a_custody_line_cut_at_any_byte_is_set_aside_or_completed() {
    let mut desk = filled(Desk::new());
    let acknowledged = entries(desk.path());
    let segment = "custody/log-000001.ndjson";
    let before = fs::metadata(desk.path().join(segment)).unwrap().len();
    desk.keep(&page("https://jobs.example/last", "2026-11-23T10:30:00Z", b"the last page"));
    let after = fs::metadata(desk.path().join(segment)).unwrap().len();
    for length in lengths(before, after) {
        let cut = copy_desk(desk.path());
        fs::File::options()
            .write(true)
            .open(cut.path().join(segment))
            .unwrap()
            .set_len(length)
            .unwrap();
        let notes = recovers(cut.path(), &acknowledged);
        let whole = entries(cut.path()).len() - 1 > acknowledged.len();
        assert_eq!(whole, length + 1 >= after, "cut at {length} of {before}..{after}");
        // A torn line and the bytes of its capture are both kept; nothing is thrown away.
        let torn = length > before && !whole;
        assert_eq!(cut.path().join("custody/torn").is_dir(), torn);
        assert_eq!(cut.path().join("captures/unacknowledged").is_dir(), !whole);
        let expected = usize::from(torn) + usize::from(!whole) + usize::from(length + 1 == after);
        assert_eq!(notes.len(), expected, "{notes:?}");
    }
}

#[test]
fn a_capture_cut_at_any_byte_before_its_entry_was_written_is_set_aside() {
    let mut desk = filled(Desk::new());
    let acknowledged = entries(desk.path());
    let archive = desk.path().join("captures/20261123-000001.warc.gz");
    let before = fs::metadata(&archive).unwrap().len();
    let last = page("https://jobs.example/last", "2026-11-23T10:30:00Z", b"the last page");
    desk.archive.append(&last).unwrap();
    let after = fs::metadata(&archive).unwrap().len();
    for length in lengths(before, after) {
        let cut = copy_desk(desk.path());
        let archive = cut.path().join("captures/20261123-000001.warc.gz");
        fs::File::options().write(true).open(&archive).unwrap().set_len(length).unwrap();
        let notes = recovers(cut.path(), &acknowledged);
        assert_eq!(notes.len(), usize::from(length > before));
        let kept: u64 = crate::sample::files(&cut.path().join("captures"))
            .iter()
            .filter(|file| file.starts_with("unacknowledged"))
            .map(|file| fs::metadata(cut.path().join("captures").join(file)).unwrap().len())
            .sum();
        assert_eq!(kept, length - before);
    }
}

#[test]
fn a_new_file_of_the_archive_without_an_entry_is_set_aside_whole() {
    let mut desk = filled(Desk::new());
    let acknowledged = entries(desk.path());
    desk.archive
        .append(&page("https://jobs.example/x", "2026-11-24T10:00:00Z", b"next day"))
        .unwrap();
    let cut = copy_desk(desk.path());
    assert_eq!(recovers(cut.path(), &acknowledged).len(), 1);
    assert!(!cut.path().join("captures/20261124-000001.warc.gz").exists());
    // The very first capture of a desk, without any entry.
    let mut fresh = Desk::new();
    fresh.archive.append(&page("https://jobs.example/x", "2026-11-24T10:00:00Z", b"x")).unwrap();
    assert_eq!(recovers(fresh.path(), &[]).len(), 1);
}

/// Some file systems give a file its new length before its bytes: zeros stand there.
#[test]
fn blocks_of_zeros_at_the_end_are_taken_for_torn() {
    let desk = filled(Desk::new());
    let acknowledged = entries(desk.path());
    let segment = desk.path().join("custody/log-000001.ndjson");
    let whole = fs::read(&segment).unwrap();
    for tail in [&b"\0\0\0\0"[..], b"\0\0\0\n", b"\0\0\n\0\0\n", b"\0\0\n{\"format\":1,\"seq\""] {
        let cut = copy_desk(desk.path());
        fs::write(cut.path().join("custody/log-000001.ndjson"), [&whole, tail].concat()).unwrap();
        assert_eq!(recovers(cut.path(), &acknowledged).len(), 1);
        assert!(cut.path().join("custody/torn").is_dir());
    }
}

#[test]
fn a_new_segment_with_nothing_or_a_torn_first_line_is_gone_on_with() {
    for first in [&b""[..], b"{\"format\":1,\"se"] {
        let desk = filled(Desk::of_small_files());
        let acknowledged = entries(desk.path());
        let last = crate::sample::files(&desk.path().join("custody"))
            .iter()
            .filter(|name| name.to_str().unwrap().starts_with("log-"))
            .count();
        let next = desk.path().join(format!("custody/log-{:06}.ndjson", last + 1));
        fs::write(&next, first).unwrap();
        recovers(desk.path(), &acknowledged);
        assert!(fs::metadata(&next).unwrap().len() > 0, "the next entry went elsewhere");
        assert_eq!(
            evidence::entries(&desk.path().join("custody"), acknowledged.len() as u64)
                .unwrap()
                .count(),
            1
        );
    }
}

/// Damage of bytes that were acknowledged is not mended by opening: it stays for `verify` to name.
#[test]
fn a_shortened_archive_is_left_as_it_is_and_captures_go_on_in_a_new_file() {
    let desk = filled(Desk::new());
    let path = desk.path().join("captures/20261123-000001.warc.gz");
    let length = fs::metadata(&path).unwrap().len() - 1;
    fs::File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
    let (mut log, mut archive) = open(desk.path());
    let next = page("https://jobs.example/next", "2026-11-23T11:00:00Z", b"the next page");
    let stored = archive.append(&next).unwrap();
    assert_eq!(stored.file, "20261123-000002.warc.gz");
    let event = crate::sample::capture_event(&next, &stored);
    log.append(crate::sample::time(crate::sample::NOW), "fusion", vec![event]).unwrap();
    log.seal().unwrap();
    let faults = verify(desk.path()).faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].file, "captures/20261123-000001.warc.gz");
}
