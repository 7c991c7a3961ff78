//! One changed byte anywhere is found, and the file is named.

use std::fs;
use std::path::Path;

use domain::CaptureId;
use evidence::{CustodyLog, Entry, Event, VerifyReport};
use tempfile::TempDir;

use crate::sample::{Desk, copy_desk, files, filled, verify};

fn names(report: &VerifyReport, file: &Path) -> bool {
    report.faults.iter().any(|fault| Path::new(&fault.file) == file)
}

#[test]
fn an_untouched_desk_has_no_fault() {
    for desk in [filled(Desk::new()), filled(Desk::of_small_files())] {
        let mut seen = (0, 0);
        let report =
            evidence::verify(desk.path(), &mut |done, total| seen = (done, total)).unwrap();
        assert_eq!((report.entries, report.captures, report.snapshots), (21, 4, 1));
        assert_eq!((report.faults.len(), report.notes.len()), (0, 0));
        let sizes = files(desk.path())
            .into_iter()
            .map(|file| fs::metadata(desk.path().join(file)).unwrap().len());
        assert_eq!(seen, (report.bytes, report.bytes));
        assert_eq!(report.bytes, sizes.sum::<u64>());
    }
}

#[test]
fn an_empty_folder_is_a_desk_without_faults() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(verify(dir.path()), VerifyReport::default());
}

/// Flips a bit of the bytes at these places of each file, one at a time.
fn every_flip_is_found(desk: &Desk, places: impl Fn(&Path, usize) -> bool) {
    for file in files(desk.path()) {
        let path = desk.path().join(&file);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).filter(|at| places(&file, *at)) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, changed).unwrap();
            assert!(names(&desk.verify(), &file), "byte {at} of {}", file.display());
        }
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(desk.verify().faults, []);
}

#[test]
fn every_flipped_byte_is_found_and_its_file_named() {
    let mut desk = Desk::new();
    let page = crate::sample::page("https://jobs.example/1", "2026-11-23T09:00:00Z", b"one");
    desk.keep(&page);
    desk.snapshot(&[page]);
    desk.log.seal().unwrap();
    every_flip_is_found(&desk, |file, at| !file.starts_with("snapshots") || at % 9 == 0);
}

#[test]
fn flipped_bytes_are_found_on_a_desk_of_many_files() {
    every_flip_is_found(&filled(Desk::of_small_files()), |_, at| at % 41 == 0);
}

#[test]
fn a_file_cut_short_anywhere_is_named() {
    let desk = filled(Desk::of_small_files());
    for file in files(desk.path()) {
        let path = desk.path().join(&file);
        let whole = fs::read(&path).unwrap();
        for length in (0..whole.len()).step_by(61).chain([whole.len() - 1]) {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(names(&desk.verify(), &file), "{} cut to {length}", file.display());
        }
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_log_cut_at_a_line_is_named() {
    let desk = filled(Desk::new());
    let file = Path::new("custody/log-000001.ndjson");
    let whole = fs::read_to_string(desk.path().join(file)).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for keep in 0..lines.len() {
        fs::write(desk.path().join(file), lines[..keep].concat()).unwrap();
        assert!(names(&desk.verify(), file), "cut after line {keep}");
    }
    for gone in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(gone);
        fs::write(desk.path().join(file), without.concat()).unwrap();
        assert!(names(&desk.verify(), file), "without line {}", gone + 1);
    }
}

#[test]
fn a_removed_file_is_named() {
    let desk = filled(Desk::of_small_files());
    for file in files(desk.path()) {
        let copy = copy_desk(desk.path());
        fs::remove_file(copy.path().join(&file)).unwrap();
        assert!(names(&verify(copy.path()), &file), "{}", file.display());
    }
}

#[test]
fn an_added_file_is_named() {
    let desk = filled(Desk::new());
    for file in [
        "captures/20261124-000001.warc.gz",
        "captures/more/20261123-000001.warc.gz",
        "captures/readme.txt",
        "snapshots/p-1-c-1.wacz",
        "custody/log-000002.ndjson",
        "custody/log-1.ndjson",
        "custody/other.json",
    ] {
        let copy = copy_desk(desk.path());
        let path = copy.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "anything").unwrap();
        assert!(names(&verify(copy.path()), Path::new(file)), "{file}");
    }
}

#[test]
fn two_files_that_changed_places_are_both_named() {
    let mut desk = Desk::of_small_files();
    let other = crate::sample::page("https://jobs.example/other", "2026-11-23T09:00:00Z", b"other");
    desk.keep(&other);
    desk.snapshot(&[other]);
    let desk = filled(desk);
    for folder in ["captures", "snapshots", "custody"] {
        let pair: Vec<_> = files(&desk.path().join(folder))
            .into_iter()
            .filter(|file| !file.ends_with("head.json"))
            .take(2)
            .collect();
        let copy = copy_desk(desk.path());
        let [a, b] = [0, 1].map(|n| copy.path().join(folder).join(&pair[n]));
        fs::rename(&a, copy.path().join("aside")).unwrap();
        fs::rename(&b, &a).unwrap();
        fs::rename(copy.path().join("aside"), &b).unwrap();
        let report = verify(copy.path());
        for file in pair {
            assert!(names(&report, &Path::new(folder).join(&file)), "{folder}/{}", file.display());
        }
    }
}

#[test]
fn bytes_added_at_an_end_are_named() {
    let desk = filled(Desk::new());
    for file in files(desk.path()) {
        let copy = copy_desk(desk.path());
        let mut whole = fs::read(copy.path().join(&file)).unwrap();
        whole.push(b'\n');
        fs::write(copy.path().join(&file), whole).unwrap();
        assert!(names(&verify(copy.path()), &file), "{}", file.display());
    }
}

/// An entry that was changed and given its right hash again no longer fits the next one.
#[test]
fn an_entry_that_was_rewritten_is_betrayed_by_the_next() {
    let desk = filled(Desk::new());
    let segment = desk.path().join("custody/log-000001.ndjson");
    let whole = fs::read_to_string(&segment).unwrap();
    let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
    let (hashed, _) = lines[10].rsplit_once(",\"hash\":").unwrap();
    let hashed = hashed.replace("same phone", "other text");
    lines[10] = format!("{hashed},\"hash\":\"{}\"}}", domain::Sha256::of(hashed.as_bytes()));
    fs::write(&segment, lines.join("\n") + "\n").unwrap();
    let faults = desk.verify().faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0].place, "line 12");
}

/// Writes the whole log anew, with right hashes throughout; gives its folder.
fn rewritten(desk: &Desk, change: impl Fn(&mut String, &mut Event) -> bool) -> TempDir {
    let forged = tempfile::tempdir().unwrap();
    let (mut log, _) = CustodyLog::open(forged.path()).unwrap();
    for entry in evidence::entries(&desk.path().join("custody"), 0).unwrap() {
        let Entry { time, mut actor, mut event, .. } = entry.unwrap();
        if change(&mut actor, &mut event) {
            log.append(time, &actor, vec![event]).unwrap();
        }
    }
    log.seal().unwrap();
    forged
}

/// Whoever writes the log anew still has the sealed head against him.
#[test]
fn a_log_written_anew_does_not_agree_with_its_seal() {
    let desk = filled(Desk::new());
    let forged = rewritten(&desk, |actor, _| {
        *actor = actor.replace("Olena K.", "Somebody else");
        true
    });
    let segment = Path::new("custody/log-000001.ndjson");
    fs::copy(forged.path().join("log-000001.ndjson"), desk.path().join(segment)).unwrap();
    assert!(names(&desk.verify(), segment));
    assert!(names(&desk.verify(), Path::new("custody/head.json")));
    let error = CustodyLog::open(&desk.path().join("custody")).unwrap_err().to_string();
    assert!(error.contains("another hash than when it was sealed"), "{error}");
}

/// And with the seal made anew as well, the captures.
#[test]
fn a_log_that_conceals_or_renames_a_capture_does_not_agree_with_the_archive() {
    let archive = Path::new("captures/20261123-000001.warc.gz");
    let concealed = |_: &mut String, event: &mut Event| !matches!(event, Event::Capture { url, .. } if url.contains("/ad/7"));
    let renamed = |_: &mut String, event: &mut Event| {
        if let Event::Capture { url, .. } = event {
            *url = url.replace("/ad/7", "/ad/9");
        }
        true
    };
    let forgeries: [&dyn Fn(&mut String, &mut Event) -> bool; 2] = [&concealed, &renamed];
    for forgery in forgeries {
        let desk = filled(Desk::new());
        let forged = rewritten(&desk, forgery);
        for file in ["log-000001.ndjson", "head.json"] {
            fs::copy(forged.path().join(file), desk.path().join("custody").join(file)).unwrap();
        }
        let report = desk.verify();
        assert!(names(&report, archive), "{:?}", report.faults);
    }
}

/// Whoever makes log, ids and seal anew, and has no key that signs, is found out by what he described.
#[test]
fn a_log_that_says_another_address_of_a_capture_is_betrayed_by_its_contents() {
    let desk = filled(Desk::new());
    let forged = rewritten(&desk, |_, event| {
        if let Event::Capture { capture, source, url, fetched_at, payload, .. } = event {
            *url = url.replace("/ad/7", "/ad/9");
            *capture = CaptureId::derive(source, url, *fetched_at, payload);
        }
        true
    });
    for file in ["log-000001.ndjson", "head.json"] {
        fs::copy(forged.path().join(file), desk.path().join("custody").join(file)).unwrap();
    }
    assert_eq!(desk.verify().faults, [], "every byte is one that the log states");
    let report = desk.look_into();
    assert!(names(&report, Path::new("captures/20261123-000001.warc.gz")), "{:?}", report.faults);
    assert!(report.faults[0].what.starts_with("it holds another capture than entry"));
}

#[test]
fn a_snapshot_that_was_changed_says_what_in_it_is_another() {
    let desk = filled(Desk::new());
    assert_eq!(desk.look_into().faults, []);
    let file = files(&desk.path().join("snapshots")).remove(0);
    let path = desk.path().join("snapshots").join(file);
    let whole = fs::read(&path).unwrap();
    let said_of = |part: &[u8]| {
        let at = whole.windows(part.len()).position(|window| window == part).unwrap();
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        let faults = desk.verify().faults;
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults[0].what.clone()
    };
    let of_the_archive = said_of(b"\x1f\x8b");
    assert!(of_the_archive.contains("; archive/data.warc.gz"), "{of_the_archive}");
    let of_the_manifest = said_of(b"\"profile\"");
    assert!(of_the_manifest.contains("; datapackage.json"), "{of_the_manifest}");
}

/// A snapshot that was wrong when it was taken has the digest that the log states.
#[test]
fn a_snapshot_that_never_agreed_with_its_own_manifest_is_found() {
    let mut desk = Desk::new();
    let page = crate::sample::page("https://jobs.example/1", "2026-11-23T09:00:00Z", b"one");
    desk.keep(&page);
    let mut snapshot = desk.snapshot(&[page]);
    let path = desk.path().join("snapshots").join(&snapshot.file);
    let mut wrong = fs::read(&path).unwrap();
    let at = wrong.windows(2).position(|window| window == b"\x1f\x8b").unwrap();
    wrong[at] ^= 1;
    snapshot.file = format!("wrong-{}", snapshot.file);
    snapshot.sha256 = domain::Sha256::of(&wrong);
    fs::write(desk.path().join("snapshots").join(&snapshot.file), wrong).unwrap();
    let lead = domain::LeadId::founded_by(&snapshot.posting);
    desk.record("fusion", Event::Snapshot { lead, snapshot });
    desk.log.seal().unwrap();
    let faults = desk.verify().faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].what.starts_with("it does not agree with its own manifest: archive/"));
}

#[test]
fn what_a_crash_left_and_was_set_aside_is_a_note_and_no_fault() {
    let desk = filled(Desk::new());
    for file in ["captures/unacknowledged/x", "custody/torn/y", "snapshots/z.wacz.part"] {
        let path = desk.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "left over").unwrap();
    }
    let report = desk.verify();
    assert_eq!(report.faults, []);
    assert_eq!(report.notes.len(), 3);
    assert!(
        report.notes[0].starts_with("captures/unacknowledged/x: 9 bytes"),
        "{:?}",
        report.notes
    );
}
