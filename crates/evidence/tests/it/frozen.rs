//! Stored formats stay readable for good: a desk of each earlier version, as it was written then.

use std::path::{Path, PathBuf};

use domain::{Capture, CaptureRole, Found, LeadId};
use evidence::{AtRestChange, CaptureArchive, CustodyLog, Depth, Event, Vault};

use crate::sample::{
    Desk, copy_desk, files, filled, headers, page, posting_of, sample_captures, vault, verify,
    verify_vault,
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
            read.push(CaptureArchive::read(&vault(desk), &file, offset, length).unwrap());
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

/// Version 7 knows that a desk is encrypted; the form of sealed files and of the keyring is the first.
#[test]
fn an_encrypted_desk_is_verified_read_and_gone_on_with() {
    let copy = copy_desk(&frozen(7));
    let key = frozen(7).with_extension("key");
    let vault = Vault::open(copy.path(), Some(&key)).unwrap();
    let report = verify_vault(&vault, Depth::Contents);
    assert_eq!(report.faults, []);
    assert_eq!((report.entries, report.captures, report.snapshots), (22, 4, 1));
    let mut read = Vec::new();
    let mut changes = Vec::new();
    for entry in evidence::entries(&copy.path().join("custody"), 0).unwrap() {
        match entry.unwrap().event {
            Event::Capture { file, offset, length, .. } => {
                read.push(CaptureArchive::read(&vault, &file, offset, length).unwrap());
            }
            Event::AtRest { change, keys } => changes.push((change, keys)),
            _ => {}
        }
    }
    assert_eq!(read, sample_captures());
    assert_eq!(changes, [(AtRestChange::Encrypt, vault.names().to_vec())]);
    let mut desk = Desk::of(copy, vault);
    desk.keep(&page("https://jobs.example/next", "2026-11-23T11:00:00Z", b"the next page"));
    desk.log.seal().unwrap();
    assert_eq!(crate::sample::files(&desk.path().join("captures")).len(), 1);
    assert_eq!(desk.verify().faults, []);
}

/// Version 8 knows stylesheets of postings' pages.
#[test]
fn a_desk_that_fetched_stylesheets_is_verified_and_gone_on_with() {
    let report = verify(&frozen(8));
    assert_eq!(report.faults, []);
    let entries = evidence::entries(&frozen(8).join("custody"), 0).unwrap();
    let fetched = entries.filter_map(|entry| match entry.unwrap().event {
        Event::Stylesheet { number, capture, why, .. } => Some((number, capture, why)),
        _ => None,
    });
    let missing = Some("fetch.not-found".to_owned());
    assert_eq!(fetched.collect::<Vec<_>>(), [(1, Some(sheet().id), None), (2, None, missing)]);
    let copy = copy_desk(&frozen(8));
    let (log, recovery) = CustodyLog::open(&copy.path().join("custody")).unwrap();
    assert_eq!((log.head().0, recovery.notes.len()), (report.entries, 0));
}

fn sheet() -> Capture {
    let mut sheet = page("https://jobs.example/a.css", "2026-11-23T10:00:08Z", b".ad{color:red}");
    sheet.role = CaptureRole::Stylesheet;
    sheet.response_headers = headers(&[("content-type", "text/css")]);
    sheet
}

/// Makes the sample of the present version when it is missing. Samples are never made anew.
#[test]
#[ignore = "run by hand when a format gets a new version"]
fn freeze_the_present_version() {
    let to = frozen(8);
    assert!(!to.exists(), "{} is there, and stays as it is", to.display());
    let mut desk = filled(Desk::new());
    desk.keep(&sheet());
    let page = sample_captures().remove(1);
    let posting = posting_of(&page);
    let (lead, page) = (LeadId::founded_by(&posting.id), page.id);
    let missing = Some("fetch.not-found".to_owned());
    for (number, capture, why) in [(1, Some(sheet().id), None), (2, None, missing)] {
        let (lead, posting, page) = (lead.clone(), posting.id.clone(), page.clone());
        desk.record("fusion", Event::Stylesheet { lead, posting, page, number, capture, why });
    }
    desk.log.seal().unwrap();
    for file in files(desk.path()) {
        std::fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        std::fs::copy(desk.path().join(&file), to.join(&file)).unwrap();
    }
}
