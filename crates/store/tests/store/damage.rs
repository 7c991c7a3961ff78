//! Files of the index are cut, blanked, emptied, removed and changed, after it was closed in order
//! and after its process was killed. The database library by itself opens some of these as a smaller
//! or empty database, and panics on others.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use store::{Change, MemoryStore, Opened, SledStore, Store, StoreError};

use crate::kill::killed_after;
use crate::samples::{copy_folder, dump, entry, loaded};

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// One thing done to the folder. `false`: there is nothing here to do it to.
type Damage = fn(&Path) -> bool;

const DAMAGES: [(&str, Damage); 19] = [
    ("nothing", |_| true),
    ("db cut by 1 byte", |dir| cut(&dir.join("db"), 1)),
    ("db cut by 4 KB", |dir| cut(&dir.join("db"), 4 * KB)),
    ("db cut by 100 KB", |dir| cut(&dir.join("db"), 100 * KB)),
    ("db cut by 1 MB", |dir| cut(&dir.join("db"), MB)),
    ("db cut by 5 MB", |dir| cut(&dir.join("db"), 5 * MB)),
    ("db emptied", |dir| cut(&dir.join("db"), u64::MAX)),
    ("db removed", |dir| fs::remove_file(dir.join("db")).is_ok()),
    ("4 KB of db zeroed in the first segment", |dir| zero(&dir.join("db"), 0.01)),
    ("4 KB of db zeroed in the middle", |dir| zero(&dir.join("db"), 0.5)),
    ("4 KB of db zeroed near the end", |dir| zero(&dir.join("db"), 0.9)),
    ("one byte of db flipped", |dir| flip(&dir.join("db"), 0.4)),
    ("snap emptied", |dir| snap(dir).is_some_and(|snap| cut(&snap, u64::MAX))),
    ("snap cut by 16 bytes", |dir| snap(dir).is_some_and(|snap| cut(&snap, 16))),
    ("snap removed", |dir| snap(dir).is_some_and(|snap| fs::remove_file(snap).is_ok())),
    ("conf removed", |dir| fs::remove_file(dir.join("conf")).is_ok()),
    ("store.json removed", |dir| fs::remove_file(dir.join("store.json")).is_ok()),
    ("store.json garbled", |dir| fs::write(dir.join("store.json"), "{\"form").is_ok()),
    ("one byte of store.json flipped", |dir| flip(&dir.join("store.json"), 0.5)),
];

fn cut(path: &Path, by: u64) -> bool {
    let file = File::options().write(true).open(path).unwrap();
    let len = file.metadata().unwrap().len();
    file.set_len(len.saturating_sub(by)).unwrap();
    len > by || by == u64::MAX
}

fn zero(path: &Path, place: f64) -> bool {
    let mut file = File::options().write(true).open(path).unwrap();
    let offset = (file.metadata().unwrap().len() as f64 * place) as u64 / 4096 * 4096;
    file.seek(SeekFrom::Start(offset)).unwrap();
    file.write_all(&[0; 4096]).unwrap();
    true
}

fn flip(path: &Path, place: f64) -> bool {
    let mut bytes = Vec::new();
    File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
    let byte = (bytes.len() as f64 * place) as usize;
    bytes[byte] ^= 1;
    fs::write(path, bytes).unwrap();
    true
}

fn snap(dir: &Path) -> Option<PathBuf> {
    let mut names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    names.find(|path| path.file_name().unwrap().to_string_lossy().starts_with("snap."))
}

/// The damaged store is set aside, or holds all that it held.
fn check_every_damage(whole: &Path, must_hold: u64) {
    let size = fs::metadata(whole.join("db")).unwrap().len();
    assert!(size > 5 * MB, "the database is too small to cut 5 MB off: {size} bytes");
    let mut folded = BTreeMap::new();
    for (name, damage) in DAMAGES {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("store");
        copy_folder(whole, &dir);
        if !damage(&dir) {
            eprintln!("{name}: nothing here to do it to");
            continue;
        }
        let (store, opened) = SledStore::open(&dir).unwrap();
        let applied = store.applied().unwrap();
        eprintln!("{name}: {opened:?}, {applied} entries");
        if let Opened::SetAside { kept_at, reason } = opened {
            assert_ne!(name, "nothing", "{reason}");
            assert_eq!(applied, 0);
            assert_eq!(kept_at, temp.path().join("store.damaged-1"));
            assert!(kept_at.is_dir() && !reason.is_empty());
        } else {
            assert!(applied >= must_hold, "{name}: {applied} entries instead of {must_hold}");
            let whole = folded.entry(applied).or_insert_with_key(dump_of);
            assert!(dump(&store) == *whole, "{name}: not what {applied} entries make");
        }
        // Whatever it was: it takes the next entries, and is whole from now on.
        store.commit(&entry(applied + 1)).unwrap();
        store.close().unwrap();
        let (store, opened) = SledStore::open(&dir).unwrap();
        assert_eq!((opened, store.applied().unwrap()), (Opened::AsLeft, applied + 1), "{name}");
    }
}

/// What the entries up to this one make.
fn dump_of(last: &u64) -> String {
    let memory = MemoryStore::new();
    for n in 1..=*last {
        memory.commit(&entry(n)).unwrap();
    }
    dump(&memory)
}

#[test]
fn a_store_closed_in_order_and_then_damaged_is_whole_or_set_aside() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("whole");
    loaded(&dir, 450).close().unwrap();
    check_every_damage(&dir, 450);
}

#[test]
fn a_store_opened_twice_and_then_damaged_is_whole_or_set_aside() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("whole");
    loaded(&dir, 450).close().unwrap();
    let (store, _) = SledStore::open(&dir).unwrap();
    store.commit(&entry(451)).unwrap();
    store.close().unwrap();
    check_every_damage(&dir, 451);
}

#[test]
fn a_store_of_a_killed_process_and_then_damaged_is_whole_or_set_aside() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("whole");
    let acknowledged = killed_after(&dir, 0, 64);
    check_every_damage(&dir, acknowledged);
}

#[test]
fn a_summary_torn_by_a_hard_stop_is_done_without() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    loaded(&dir, 30).close().unwrap();
    SledStore::open(&dir).unwrap().0.close().unwrap();
    assert!(cut(&snap(&dir).expect("the second opening writes a summary"), u64::MAX));
    let (store, opened) = SledStore::open(&dir).unwrap();
    assert_eq!((opened, store.applied().unwrap()), (Opened::Recovered, 30));
}

#[test]
fn a_store_damaged_while_it_is_open_says_so_and_is_set_aside_next_time() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    loaded(&dir, 100).close().unwrap();
    let (store, _) = SledStore::open(&dir).unwrap();
    let db = dir.join("db");
    fs::write(&db, vec![0; fs::metadata(&db).unwrap().len() as usize]).unwrap();

    let error = store.dump(&mut Vec::new()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    // From then on it answers nothing: half of its answers might be wrong.
    assert!(matches!(store.applied(), Err(StoreError::Damaged { .. })));
    assert!(matches!(store.commit(&entry(101)), Err(StoreError::Damaged { .. })));
    assert!(matches!(store.close(), Err(StoreError::Damaged { .. })));

    let (store, opened) = SledStore::open(&dir).unwrap();
    assert!(matches!(opened, Opened::SetAside { .. }), "{opened:?}");
    assert_eq!(store.applied().unwrap(), 0);
}

#[test]
fn damaged_stores_are_kept_side_by_side() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    for n in 1..=2 {
        loaded(&dir, 1).close().unwrap();
        fs::remove_file(dir.join("store.json")).unwrap();
        let (_, opened) = SledStore::open(&dir).unwrap();
        let kept = temp.path().join(format!("store.damaged-{n}"));
        assert!(
            matches!(&opened, Opened::SetAside { kept_at, .. } if *kept_at == kept),
            "{opened:?}"
        );
        assert!(kept.join("db").is_file());
    }
}

#[test]
fn a_view_comes_back_with_its_index_and_goes_when_that_is_another() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    let leave = |store: &SledStore| {
        fs::write(store.view_file().unwrap(), "of entry 12").unwrap();
        fs::write(dir.join("view.part"), "half").unwrap();
    };
    let is_there = || dir.join("view").exists();

    let store = loaded(&dir, 12);
    leave(&store);
    store.close().unwrap();
    let (store, opened) = SledStore::open(&dir).unwrap();
    assert_eq!((opened, is_there()), (Opened::AsLeft, true));

    store.empty().unwrap();
    assert!(!is_there(), "an index that was emptied has a view");
    leave(&store);
    let store = store.compact().unwrap();
    assert!(!is_there(), "the files are others, and the view is there");
    leave(&store);
    drop(store);
    let (store, _) = SledStore::discard_and_open(&dir).unwrap();
    assert!(!is_there(), "an index made anew has the view of the old one");
    drop(store);

    killed_after(&dir, 0, 3);
    fs::write(dir.join("view"), "of before the crash").unwrap();
    let (_store, opened) = SledStore::open(&dir).unwrap();
    assert_eq!((opened, is_there()), (Opened::Recovered, false));
}

#[test]
fn a_store_can_be_opened_once_at_a_time() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    let (store, _) = SledStore::open(&dir).unwrap();
    let second = SledStore::open(&dir).map(drop).unwrap_err();
    assert!(matches!(second, StoreError::InUse(_)), "{second}");
    assert!(SledStore::discard_and_open(&dir).is_err());
    store.close().unwrap();
    SledStore::open(&dir).unwrap();
}

#[test]
fn a_store_of_a_later_program_is_left_as_it_is() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    loaded(&dir, 1).close().unwrap();
    fs::write(dir.join("store.json"), r#"{"format":10,"something":"else"}"#).unwrap();
    let refused = SledStore::open(&dir).map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::TooNew { found: 10, known: 9, .. }), "{refused}");
    assert!(dir.join("db").is_file());
    // Who wants it anew all the same can have it.
    let (store, _) = SledStore::discard_and_open(&dir).unwrap();
    assert_eq!(store.applied().unwrap(), 0);
}

#[test]
fn a_swap_cut_short_is_put_right() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    loaded(&dir, 5).close().unwrap();
    copy_folder(&dir, &temp.path().join("store.checking"));
    fs::rename(&dir, temp.path().join("store.replaced")).unwrap();
    let (store, opened) = SledStore::open(&dir).unwrap();
    assert_eq!((opened, store.applied().unwrap()), (Opened::AsLeft, 5));
    assert!(!temp.path().join("store.checking").exists());
    assert!(!temp.path().join("store.replaced").exists());
}

#[test]
fn making_anew_keeps_the_old_one_until_the_new_one_is_closed() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    loaded(&dir, 5).close().unwrap();
    let (store, opened) = SledStore::discard_and_open(&dir).unwrap();
    assert_eq!((opened, store.applied().unwrap()), (Opened::Fresh, 0));
    assert!(temp.path().join("store.before-rebuild").join("db").is_file());
    store.commit(&entry(1)).unwrap();
    store.close().unwrap();
    assert!(!temp.path().join("store.before-rebuild").exists());
    assert_eq!(SledStore::open(&dir).unwrap().0.applied().unwrap(), 1);
}

#[test]
fn compacting_gives_space_back_and_loses_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    let store = loaded(&dir, 60);
    // The same leads again and again, as when people work on them: old values pile up.
    for round in 0..20 {
        for n in 1..=60 {
            let mut changed = entry(n);
            changed.applied = None;
            for change in &mut changed.changes {
                if let Change::PutLead(lead) = change {
                    lead.claimed_by = Some(format!("Example {round}"));
                }
            }
            store.commit_relaxed(&changed).unwrap();
        }
    }
    store.sync().unwrap();
    let before = dump(&store);
    let size = |dir: &Path| fs::metadata(dir.join("db")).unwrap().len();
    let size_before = size(&dir);
    let store = store.compact().unwrap();
    assert!(dump(&store) == before, "compacting changed the content");
    store.close().unwrap();
    assert!(size(&dir) < size_before, "{} bytes came of {size_before}", size(&dir));
    let (store, opened) = SledStore::open(&dir).unwrap();
    assert_eq!(opened, Opened::AsLeft);
    assert!(dump(&store) == before, "the compacted store does not read back");
}
