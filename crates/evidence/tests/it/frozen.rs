//! Stored formats stay readable for good: a desk of each earlier version, as it was written then.

use std::path::{Path, PathBuf};

use domain::{Found, ImageHash, LeadId};
use evidence::{CaptureArchive, CustodyLog, Event};

use crate::deletions::with_deletions;
use crate::sample::{
    Desk, copy_desk, files, filled, image_of, posting_of, sample_captures, verify,
};

fn frozen(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/frozen/v{version}"))
}

#[test]
fn desks_of_all_versions_are_verified_read_and_gone_on_with() {
    // Version 2 knows walks; version 3 merges, splits, withdrawals, approvals, handovers, receipts.
    for (version, entries) in [(1, 12), (2, 13), (3, 21)] {
        is_verified_read_and_gone_on_with(&frozen(version), entries);
    }
}

fn is_verified_read_and_gone_on_with(desk: &Path, entries: u64) {
    let report = verify(desk);
    assert_eq!(report.faults, []);
    assert_eq!((report.entries, report.captures, report.snapshots), (entries, 4, 1));

    let mut read = Vec::new();
    for entry in evidence::entries(&desk.join("custody"), 0).unwrap() {
        if let Event::Capture { file, offset, length, .. } = entry.unwrap().event {
            read.push(CaptureArchive::read(&desk.join("captures"), &file, offset, length).unwrap());
        }
    }
    assert_eq!(read, sample_captures());

    let copy = copy_desk(desk);
    let (log, recovery) = CustodyLog::open(&copy.path().join("custody")).unwrap();
    assert_eq!((log.head().0, recovery.notes.len()), (entries, 0));
}

/// Version 4 knows holds, deletions, and the shortened lines that these leave.
#[test]
fn a_desk_on_which_things_were_deleted_is_verified_and_gone_on_with() {
    let report = verify(&frozen(4));
    assert_eq!(report.faults, []);
    assert_eq!((report.entries, report.captures, report.deleted), (29, 3, 4));
    let copy = copy_desk(&frozen(4));
    let (log, recovery) = CustodyLog::open(&copy.path().join("custody")).unwrap();
    assert_eq!((log.head().0, recovery.notes.len()), (29, 0));
}

/// Version 5 knows revisits.
#[test]
fn a_desk_on_which_pages_were_asked_for_again_is_verified_and_gone_on_with() {
    let report = verify(&frozen(5));
    assert_eq!(report.faults, []);
    let entries = evidence::entries(&frozen(5).join("custody"), 0).unwrap();
    let found = entries.filter_map(|entry| match entry.unwrap().event {
        Event::Revisit { found, .. } => Some(found),
        _ => None,
    });
    assert_eq!(found.collect::<Vec<_>>(), [Found::Changed, Found::Gone]);
    let copy = copy_desk(&frozen(5));
    let (log, recovery) = CustodyLog::open(&copy.path().join("custody")).unwrap();
    assert_eq!((log.head().0, recovery.notes.len()), (report.entries, 0));
}

/// Version 6 knows pictures of postings, and that one was deleted.
#[test]
fn a_desk_that_fetched_pictures_of_postings_is_verified_and_gone_on_with() {
    let report = verify(&frozen(6));
    assert_eq!(report.faults, []);
    let entries = evidence::entries(&frozen(6).join("custody"), 0).unwrap();
    let shown = entries.filter_map(|entry| match entry.unwrap().event {
        Event::Image { number, why, look, .. } => Some((number, why, look.is_some())),
        _ => None,
    });
    let missing = Some("fetch.not-found".to_owned());
    assert_eq!(shown.collect::<Vec<_>>(), [(1, None, true), (2, missing, false)]);
    let copy = copy_desk(&frozen(6));
    let (log, recovery) = CustodyLog::open(&copy.path().join("custody")).unwrap();
    assert_eq!((log.head().0, recovery.notes.len()), (report.entries, 0));
}

/// Makes the sample of the present version when it is missing. Samples are never made anew.
#[test]
#[ignore = "run by hand when a format gets a new version"]
fn freeze_the_present_version() {
    let to = frozen(6);
    assert!(!to.exists(), "{} is there, and stays as it is", to.display());
    let mut desk = filled(Desk::new());
    let posting = posting_of(&sample_captures()[3]);
    let lead = LeadId::founded_by(&posting.id);
    let image = image_of(&posting);
    let sha256 = Some(image.sha256);
    let look = Some(ImageHash::from_bytes([0x5a; 32]));
    let capture = Some(image.id.clone());
    desk.keep(&image);
    let missing = Some("fetch.not-found".to_owned());
    for (number, capture, why, sha256, look) in
        [(1, capture, None, sha256, look), (2, None, missing, None, None)]
    {
        let (lead, id, page) = (lead.clone(), posting.id.clone(), posting.capture.clone());
        let event = Event::Image { lead, posting: id, page, number, capture, why, sha256, look };
        desk.record("fusion", event);
    }
    let desk = with_deletions(desk);
    for file in files(desk.path()) {
        std::fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        std::fs::copy(desk.path().join(&file), to.join(&file)).unwrap();
    }
}
