//! A process that dies with the store open.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use store::{MemoryStore, Opened, SledStore, Store};

use crate::samples::{dump, entry};

const DIR: &str = "STORE_TEST_DIR";
const FROM: &str = "STORE_TEST_FROM";

/// No test: what the killed process does. It says which entries are acknowledged.
#[test]
#[ignore = "run by the tests that kill it"]
fn commits_entries_until_it_is_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let from = std::env::var(FROM).unwrap().parse().unwrap();
    let (store, _) = SledStore::open(Path::new(&dir)).unwrap();
    assert_eq!(store.applied().unwrap() + 1, from);
    for n in from.. {
        if n % 7 == 0 {
            store.commit(&entry(n)).unwrap();
            // Not println: the test harness would catch it.
            writeln!(std::io::stdout(), "acknowledged {n}").unwrap();
        } else {
            store.commit_relaxed(&entry(n)).unwrap();
        }
    }
}

/// Lets another process fold entries into the store in `dir`, from the one after `applied` on, and
/// kills it after so many acknowledgements; gives the last entry acknowledged.
pub(crate) fn killed_after(dir: &Path, applied: u64, acknowledgements: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::commits_entries_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .env(FROM, (applied + 1).to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let acknowledged = read_acknowledgements(&mut child, acknowledgements);
    child.kill().unwrap();
    child.wait().unwrap();
    acknowledged
}

fn read_acknowledgements(child: &mut Child, wanted: usize) -> u64 {
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut numbers = said.filter_map(|line| {
        line.unwrap().rsplit_once("acknowledged ").map(|(_, n)| n.parse().unwrap())
    });
    numbers.nth(wanted - 1).expect("the process died by itself")
}

#[test]
fn after_kill_9_what_was_acknowledged_is_there_and_nothing_is_half() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("store");
    let memory = MemoryStore::new();
    let mut applied = 0;
    for acknowledgements in [1, 3, 2, 9] {
        let acknowledged = killed_after(&dir, applied, acknowledgements);
        let (store, opened) = SledStore::open(&dir).unwrap();
        assert_eq!(opened, Opened::Recovered);
        let now = store.applied().unwrap();
        assert!(
            now >= acknowledged,
            "entry {acknowledged} was acknowledged, {now} is the last there"
        );
        for n in applied + 1..=now {
            memory.commit(&entry(n)).unwrap();
        }
        assert!(dump(&store) == dump(&memory), "the store is not what entries 1 to {now} make");
        applied = now;
        // The next round starts on a store that was closed in order, or on one that was not.
        if acknowledgements % 2 == 0 {
            store.close().unwrap();
        } else {
            drop(store);
        }
    }
}
