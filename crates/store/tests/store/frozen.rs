//! A store as an earlier version of the program left it.

use std::fs;
use std::path::{Path, PathBuf};

use store::{Opened, SledStore, Store};

use crate::samples::{copy_folder, dump, loaded};

fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen")
}

#[test]
fn a_store_of_format_9_opens_and_holds_what_it_held() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    copy_folder(&frozen().join("v9"), &dir);
    let (store, opened) = SledStore::open(&dir).unwrap();
    assert_eq!((opened, store.applied().unwrap()), (Opened::AsLeft, 12));
    assert_eq!(dump(&store), fs::read_to_string(frozen().join("v9.ndjson")).unwrap());
}

/// Format 1 had an entry for each seen posting, and memory that grew with them; format 2 knew no
/// walks; in format 3 every flagged posting was a lead of its own, and there were no leases and hosts;
/// in format 4 a lead did not say in which languages, of which signs and between which countries it is;
/// in format 5 a decision that was taken back still held its postings together, and nothing said which
/// entry had changed a lead last; format 6 was not packed; format 7 knew neither layouts nor the addresses
/// of posts; format 8 no stylesheets.
#[test]
fn a_store_of_an_earlier_format_is_kept_until_a_new_one_is_made_from_the_log() {
    for format in [1, 2, 3, 4, 5, 6, 7, 8] {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("store");
        copy_folder(&frozen().join(format!("v{format}")), &dir);
        let (store, opened) = SledStore::open(&dir).unwrap();
        assert_eq!((opened, store.applied().unwrap()), (Opened::Outdated { format }, 0));
        assert!(temp.path().join("store.before-rebuild/store.json").is_file());
        store.close().unwrap();
        assert!(!temp.path().join("store.before-rebuild").exists());
    }
}

/// Made `tests/frozen/v9`. To be run again, with another name, for the next format alone.
#[test]
#[ignore = "writes the frozen store"]
fn freezes_a_store() {
    let dir = frozen().join("v9");
    assert!(!dir.exists(), "{} is frozen", dir.display());
    let store = loaded(&dir, 12);
    fs::write(frozen().join("v9.ndjson"), dump(&store)).unwrap();
    store.close().unwrap();
    fs::remove_file(frozen().join("v9.lock")).unwrap();
}
