//! A store as an earlier version of the program left it.

use std::fs;
use std::path::{Path, PathBuf};

use store::{Opened, SledStore, Store};

use crate::samples::{copy_folder, dump, loaded};

fn frozen() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen")
}

#[test]
fn a_store_of_format_1_opens_and_holds_what_it_held() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    copy_folder(&frozen().join("v1"), &dir);
    let (store, opened) = SledStore::open(&dir).unwrap();
    assert_eq!((opened, store.applied().unwrap()), (Opened::AsLeft, 12));
    assert_eq!(dump(&store), fs::read_to_string(frozen().join("v1.ndjson")).unwrap());
}

/// Made `tests/frozen/v1`. To be run again, with another name, for the next format alone.
#[test]
#[ignore = "writes the frozen store"]
fn freezes_a_store() {
    let dir = frozen().join("v1");
    assert!(!dir.exists(), "{} is frozen", dir.display());
    let store = loaded(&dir, 12);
    fs::write(frozen().join("v1.ndjson"), dump(&store)).unwrap();
    store.close().unwrap();
    fs::remove_file(frozen().join("v1.lock")).unwrap();
}
