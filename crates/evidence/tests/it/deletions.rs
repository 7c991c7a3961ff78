//! What is deleted when its time is past is gone, and all else is as it was.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use domain::{KeyUse, LeadId, LinkKey, LinkKind, PostingId};
use evidence::{Because, CaptureArchive, Deleted, Deletion, Entry, Event, carry_out_deletions};

use crate::sample::{Desk, NOW, copy_desk, files, filled, open, time, verify};

/// A word of the page, its snapshot and its URL; one of a note.
const GONE: [&str; 4] = ["координатор", "ad/7", "same phone", "Теплиця"];

fn entries(desk: &Path) -> Vec<Entry> {
    evidence::entries(&desk.join("custody"), 0).unwrap().map(Result::unwrap).collect()
}

/// The deletions of the page of ad 7, its snapshot, and what was written about its lead.
fn deletions(desk: &Path) -> Vec<Event> {
    let because = Because {
        rule: "retention.dismissed_days".into(),
        days: 180,
        since: time(NOW),
        lead: None,
        verdict: None,
    };
    let mut events = Vec::new();
    for entry in entries(desk) {
        let deleted = match &entry.event {
            Event::Capture { capture, payload, record, url, .. } if url.contains("/ad/7") => {
                Deleted::Capture { capture: capture.clone(), payload: *payload, record: *record }
            }
            Event::Capture { capture, url, .. } if url.contains("csv") => Deleted::Postings {
                capture: capture.clone(),
                postings: vec![PostingId::new("p-0123456789abcdef01234567").unwrap()],
            },
            Event::Snapshot { snapshot, .. } => {
                Deleted::Snapshot { file: snapshot.file.clone(), sha256: snapshot.sha256 }
            }
            Event::Note { .. } => Deleted::Words,
            Event::Checkpoint { source, .. } => Deleted::Positions { source: source.clone() },
            _ => continue,
        };
        let lines = vec![entry.short_line(&[&deleted]).unwrap()];
        let deletion = Deletion { deleted, lines, because: because.clone() };
        events.push(Event::Deletion(Box::new(deletion)));
    }
    events
}

/// The desk with a hold and the deletions in its log, and nothing gone yet.
fn with_deletions_in_its_log(mut desk: Desk) -> Desk {
    let posting = PostingId::new("p-0123456789abcdef01234567").unwrap();
    let (lead, postings) = (LeadId::founded_by(&posting), vec![posting]);
    let reason = "order 7/26".to_owned();
    let hold =
        Event::Hold { lead: lead.clone(), postings: postings.clone(), reason: reason.clone() };
    desk.record("Olena K.", hold);
    let posting = postings[0].clone();
    desk.record("Olena K.", Event::HoldLifted { lead, postings, reason });
    let phone = LinkKey { kind: LinkKind::Contact, value: "+380000000001".into() };
    let used = KeyUse { ordinary: (1..30).collect(), ..KeyUse::default() };
    let common = Event::CommonKey { posting, kind: phone.kind, key: phone.digest(), used };
    desk.record("Olena K.", common);
    for deletion in deletions(desk.path()) {
        desk.record("Olena K.", deletion);
    }
    desk.log.seal().unwrap();
    desk
}

fn carry_out(desk: &mut Desk) {
    let dir = desk.dir.path().to_owned();
    carry_out_deletions(&dir, 0, &mut desk.log, &mut desk.archive).unwrap();
}

pub(crate) fn with_deletions(desk: Desk) -> Desk {
    let mut desk = with_deletions_in_its_log(desk);
    carry_out(&mut desk);
    desk
}

/// The files that hold one of these words, unpacked or not.
fn files_with(dir: &Path, words: &[&str]) -> Vec<String> {
    let holds = |bytes: &[u8]| {
        words.iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
    };
    let mut found = Vec::new();
    for file in files(dir) {
        let bytes = fs::read(dir.join(&file)).unwrap();
        let mut plain = Vec::new();
        let _ = flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain);
        if holds(&bytes) || holds(&plain) {
            found.push(file.display().to_string());
        }
    }
    found
}

#[test]
fn what_was_deleted_is_nowhere_and_the_rest_verifies_and_is_gone_on_with() {
    for desk in [filled(Desk::new()), filled(Desk::of_small_files())] {
        assert!(files_with(desk.path(), &GONE).len() > 2);
        let before = entries(desk.path());
        let mut desk = with_deletions(desk);
        // The decision and the ruling of the sample say other things, and stay.
        assert_eq!(files_with(desk.path(), &GONE[1..]), Vec::<String>::new());
        let report = desk.verify();
        assert_eq!(report.faults, []);
        assert_eq!((report.captures, report.snapshots, report.deleted), (3, 0, 4));
        let after = entries(desk.path());
        assert!(before.iter().zip(&after).all(|(b, a)| (b.seq, b.hash) == (a.seq, a.hash)));
        for entry in &after {
            if let Event::Capture { capture, file, offset, length, .. } = &entry.event {
                let read = CaptureArchive::read(&desk.vault, file, *offset, *length).unwrap();
                assert_eq!(read.id, *capture);
            }
        }
        let page = crate::sample::page("https://jobs.example/9", "2026-11-23T11:00:00Z", b"nine");
        desk.keep(&page);
        drop(open(desk.path()));
        desk.log.seal().unwrap();
        assert_eq!(desk.verify().faults, []);
    }
}

/// Of each file either what it was before or what it is after, in every mixture.
#[test]
fn a_crash_anywhere_in_between_is_made_good_by_doing_it_again() {
    let logged = with_deletions_in_its_log(filled(Desk::of_small_files()));
    let done = copy_desk(logged.path());
    let carry_out_at = |desk: &Path| {
        let (mut log, mut archive) = open(desk);
        carry_out_deletions(desk, 0, &mut log, &mut archive).unwrap();
    };
    carry_out_at(done.path());
    let contents = |desk: &Path| -> Vec<_> {
        let read = |file| (fs::read(desk.join(&file)).unwrap(), file);
        files(desk).into_iter().map(read).collect()
    };
    let changed: Vec<_> = files(logged.path())
        .into_iter()
        .filter(|file| {
            fs::read(logged.path().join(file)).ok() != fs::read(done.path().join(file)).ok()
        })
        .collect();
    assert!(changed.len() > 3, "{changed:?}");
    for mixture in 0..1_u32 << changed.len() {
        let desk = copy_desk(logged.path());
        for (_, file) in changed.iter().enumerate().filter(|(bit, _)| mixture & (1 << bit) != 0) {
            match fs::read(done.path().join(file)) {
                Ok(bytes) => fs::write(desk.path().join(file), bytes).unwrap(),
                Err(_) => fs::remove_file(desk.path().join(file)).unwrap(),
            }
        }
        fs::write(desk.path().join("captures/20261123-000001.warc.gz.part"), "half").unwrap();
        carry_out_at(desk.path());
        let left = desk.path().join("captures/20261123-000001.warc.gz.part");
        if left.exists() {
            fs::remove_file(left).unwrap();
        }
        assert!(contents(desk.path()) == contents(done.path()), "mixture {mixture:b}");
    }
}

fn faults(desk: &Path) -> String {
    verify(desk).faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_tombstone_or_a_shortened_line_that_no_deletion_speaks_of_is_a_fault() {
    let desk = filled(Desk::new());
    let done = copy_desk(desk.path());
    let (mut log, mut archive) = open(done.path());
    log.append(time(NOW), "X", deletions(desk.path())).unwrap();
    carry_out_deletions(done.path(), 0, &mut log, &mut archive).unwrap();

    let (warc, segment) = ("captures/20261123-000001.warc.gz", "custody/log-000001.ndjson");
    let whole = fs::read_to_string(desk.path().join(segment)).unwrap();
    let short = fs::read_to_string(done.path().join(segment)).unwrap();
    let lines = whole.lines().count();

    // The tombstone alone.
    let forged = copy_desk(desk.path());
    fs::copy(done.path().join(warc), forged.path().join(warc)).unwrap();
    let said = faults(forged.path());
    assert!(said.contains(warc) && said.contains("entry 3 states"), "{said}");

    // And the shortened lines with it.
    let without_deletions: String =
        short.lines().take(lines).flat_map(|line| [line, "\n"]).collect();
    fs::write(forged.path().join(segment), without_deletions).unwrap();
    let said = faults(forged.path());
    assert!(said.contains("entry 3 is shortened, and no deletion in the log says so"), "{said}");

    // A line that was shortened in another way than the deletion says.
    let mut other: Vec<String> = short.lines().map(str::to_owned).collect();
    let note = other.iter().position(|line| line.contains("\"was\":\"note\"")).unwrap();
    let (line, rest) = other[note].split_once(",\"short\":").unwrap();
    let line = line.replace("\"was\":\"note\"", "\"was\":\"decision\"");
    let (_, hash) = rest.split_once(',').unwrap();
    other[note] = format!("{line},\"short\":\"{}\",{hash}", domain::Sha256::of(line.as_bytes()));
    let forged = copy_desk(done.path());
    fs::write(forged.path().join(segment), other.join("\n") + "\n").unwrap();
    let said = faults(forged.path());
    let place = format!("entry {} is shortened, and no deletion", note + 1);
    assert!(said.contains(&place), "{said}");

    // A line that was put back.
    let mut back: Vec<&str> = short.lines().collect();
    back[2] = whole.lines().nth(2).unwrap();
    fs::write(forged.path().join(segment), back.join("\n") + "\n").unwrap();
    let said = faults(forged.path());
    assert!(said.contains("says that entry 3 is shortened, and it is not"), "{said}");
}

#[test]
fn a_flipped_byte_is_found_among_tombstones_and_shortened_lines() {
    let desk = with_deletions(filled(Desk::of_small_files()));
    for file in files(desk.path()) {
        let path = desk.path().join(&file);
        let whole = fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(23) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, changed).unwrap();
            let said = faults(desk.path());
            assert!(said.contains(&file.display().to_string()), "byte {at} of {}", file.display());
        }
        fs::write(&path, whole).unwrap();
    }
}
