//! An encrypted desk: nothing of a page can be read on the disk, everything else is as on a plain one,
//! and what is changed on the way to and fro stops anywhere without harm.

mod cut_short;
mod keys;
mod tampering;

use std::fs;
use std::path::{Path, PathBuf};

use evidence::{AtRest, CaptureArchive, CustodyLog, Depth, Event, EvidenceKey, Vault};
use tempfile::TempDir;

use crate::deletions::with_deletions;
use crate::sample::{
    Desk, copy_desk, filled, open_vault, page, sample_captures, vault, verify_vault,
};

/// A key outside of desks.
struct Outside {
    _dir: TempDir,
    path: PathBuf,
    names: Vec<String>,
}

impl Outside {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("desk.key");
        let elsewhere = tempfile::tempdir().unwrap();
        let names = EvidenceKey::make(&path, elsewhere.path()).unwrap().names();
        Self { _dir: dir, path, names }
    }

    fn vault(&self, desk: &Path) -> Vault {
        Vault::open(desk, Some(&self.path)).unwrap()
    }

    /// A new desk that is encrypted from the beginning.
    fn desk(&self) -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let vault = vault(dir.path()).sealing_for(self.names.clone()).unwrap();
        Desk::of(dir, vault)
    }

    /// A plain desk of small files, encrypted.
    fn encrypted(&self) -> Desk {
        let desk = filled(Desk::of_small_files());
        drop(vault(desk.path()).sealing_for(self.names.clone()).unwrap());
        let Desk { dir, .. } = desk;
        self.vault(dir.path()).reseal(&mut |_, _| ()).unwrap();
        let vault = self.vault(dir.path());
        Desk::of(dir, vault)
    }
}

/// The files of captures and snapshots.
fn files(desk: &Path) -> Vec<PathBuf> {
    let of = |folder: &str| {
        let dir = desk.join(folder);
        let files = if dir.is_dir() { crate::sample::files(&dir) } else { Vec::new() };
        files.into_iter().map(|file| Path::new(folder).join(file)).collect::<Vec<_>>()
    };
    [of("captures"), of("snapshots")].concat()
}

fn contents(desk: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = files(desk).into_iter();
    files.map(|file| (file.clone(), fs::read(desk.join(file)).unwrap())).collect()
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// What a reader of the folder could look for.
fn tells(bytes: &[u8]) -> bool {
    let words = ["паспорт", "jobs.example", "WARC/1.1", "Kitchen", "datapackage", "WACZ"];
    let packed: &[u8] = b"\x1f\x8b\x08\x00";
    words.iter().any(|words| holds(bytes, words.as_bytes())) || holds(bytes, packed)
}

fn captures_of(desk: &Desk) -> Vec<domain::Capture> {
    let entries = evidence::entries(&desk.path().join("custody"), 0).unwrap();
    let read = entries.filter_map(|entry| match entry.unwrap().event {
        Event::Capture { file, offset, length, .. } => {
            Some(CaptureArchive::read(&desk.vault, &file, offset, length).unwrap())
        }
        _ => None,
    });
    read.collect()
}

#[test]
fn no_word_is_on_the_disk_and_the_log_is_the_one_of_a_plain_desk() {
    let plain = filled(Desk::new());
    let key = Outside::new();
    let desk = filled(key.desk());
    assert!(contents(plain.path()).iter().all(|(_, bytes)| tells(bytes)));
    assert!(!contents(desk.path()).iter().any(|(_, bytes)| tells(bytes)));
    assert_eq!(captures_of(&desk), sample_captures());
    let log = |desk: &Path| fs::read(desk.join("custody/log-000001.ndjson")).unwrap();
    assert_eq!(log(desk.path()), log(plain.path()));
    for depth in [Depth::Digests, Depth::Contents] {
        let report = verify_vault(&desk.vault, depth);
        assert_eq!((report.captures, report.snapshots, report.faults.len()), (4, 1, 0));
    }
    let rehashed = evidence::rehash(&desk.vault, 0, u64::MAX).unwrap();
    assert_eq!((rehashed.files, rehashed.faults.len()), (5, 0));
    let snapshot = crate::sample::files(&plain.path().join("snapshots")).remove(0);
    let taken = desk.vault.read_snapshot(snapshot.to_str().unwrap()).unwrap();
    assert_eq!(taken, fs::read(plain.path().join("snapshots").join(snapshot)).unwrap());
}

#[test]
fn what_is_encrypted_renewed_and_decrypted_is_the_same_again() {
    let key = Outside::new();
    let desk = filled(Desk::of_small_files());
    let before = contents(desk.path());
    let Desk { dir, .. } = desk;
    let verified = |vault: &Vault| assert_eq!(verify_vault(vault, Depth::Contents).faults, []);
    let count = before.len() as u64;

    drop(vault(dir.path()).sealing_for(key.names.clone()).unwrap());
    assert_eq!(AtRest::of(dir.path()).unwrap().unwrap().waiting, count);
    let report = key.vault(dir.path()).reseal(&mut |_, _| ()).unwrap();
    assert_eq!((report.files, report.faults.len()), (count, 0));
    verified(&key.vault(dir.path()));
    let sealed = contents(dir.path());
    assert!(!sealed.iter().any(|(_, bytes)| tells(bytes)));

    let renewed = key.vault(dir.path()).sealing_anew().unwrap();
    assert!(renewed.is_between_keys());
    assert_eq!(renewed.reseal(&mut |_, _| ()).unwrap().files, count);
    assert!(!key.vault(dir.path()).is_between_keys(), "the old data key is given up");
    assert!(contents(dir.path()).iter().zip(&sealed).all(|(new, old)| new != old));
    verified(&key.vault(dir.path()));
    let standing = AtRest::of(dir.path()).unwrap().unwrap();
    assert_eq!((standing.keys, standing.seals, standing.waiting), (key.names.clone(), true, 0));

    let opened = key.vault(dir.path()).sealing_nothing().unwrap();
    opened.reseal(&mut |_, _| ()).unwrap();
    assert_eq!(contents(dir.path()), before);
    assert_eq!(AtRest::of(dir.path()).unwrap(), None);
    verified(&vault(dir.path()));
}

#[test]
fn tombstones_stand_on_an_encrypted_desk_and_take_no_room() {
    let key = Outside::new();
    let plain = with_deletions(filled(Desk::new()));
    let desk = with_deletions(filled(key.desk()));
    let (report, as_plain) = (desk.verify(), plain.verify());
    assert_eq!(report.faults, []);
    assert_eq!((report.captures, report.deleted), (as_plain.captures, as_plain.deleted));

    let mut desk = key.desk();
    let noise = (0..28_000_u32).map(|n| *domain::Sha256::of(&n.to_le_bytes()).as_bytes());
    let noise = noise.collect::<Vec<_>>().concat();
    let large = page("https://jobs.example/large", "2026-11-23T10:00:00Z", &noise);
    desk.keep(&large);
    let size = |desk: &Desk| fs::metadata(desk.path().join(&files(desk.path())[0])).unwrap().len();
    let before = size(&desk);
    let entry =
        evidence::entries(&desk.path().join("custody"), 0).unwrap().next().unwrap().unwrap();
    let deleted = evidence::Deleted::Capture {
        capture: large.id.clone(),
        payload: large.sha256,
        record: match &entry.event {
            Event::Capture { record, .. } => *record,
            _ => unreachable!("a capture was kept"),
        },
    };
    let because = evidence::Because {
        rule: "retention.clear_days".into(),
        days: 90,
        since: large.fetched_at,
        lead: None,
        verdict: None,
    };
    let lines = vec![entry.short_line(&[&deleted]).unwrap()];
    let deletion = evidence::Deletion { deleted, lines, because };
    desk.record("fusion", Event::Deletion(Box::new(deletion)));
    let dir = desk.path().to_owned();
    evidence::carry_out_deletions(&dir, 0, &mut desk.log, &mut desk.archive).unwrap();
    desk.log.seal().unwrap();
    assert!(size(&desk) * 10 < before, "{} of {before} bytes", size(&desk));
    // Captures go on in the same file, and all of it verifies.
    let Desk { dir, vault, .. } = desk;
    let (log, archive) = open_vault(&vault);
    let mut desk = Desk { dir, vault, log, archive };
    desk.keep(&page("https://jobs.example/next", "2026-11-23T11:00:00Z", b"next"));
    desk.log.seal().unwrap();
    assert_eq!(files(desk.path()).len(), 1);
    assert_eq!(desk.verify().faults, []);
}
