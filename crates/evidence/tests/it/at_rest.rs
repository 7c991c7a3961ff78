//! An encrypted desk: nothing of a page can be read on the disk, everything else is as on a plain one,
//! and what is changed on the way to and fro stops anywhere without harm.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
fn another_key_opens_the_desk_and_no_evidence_is_written() {
    let (key, next, recovery) = (Outside::new(), Outside::new(), Outside::new());
    let desk = filled(key.desk());
    let before = contents(desk.path());
    let names = [next.names.clone(), recovery.names.clone()].concat();
    drop(key.vault(desk.path()).opened_by(names.clone()).unwrap());
    assert_eq!(contents(desk.path()), before);
    for good in [&next, &recovery] {
        assert_eq!(verify_vault(&good.vault(desk.path()), Depth::Digests).faults, []);
    }
    let error = Vault::open(desk.path(), Some(&key.path)).unwrap_err().to_string();
    let words = [&names[0], &names[1], &key.names[0], key.path.to_str().unwrap()];
    assert!(words.iter().all(|word| error.contains(*word)), "{error}");
}

#[test]
fn whoever_has_no_key_is_told_which_it_is() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let said = |key: Option<&Path>| Vault::open(desk.path(), key).unwrap_err().to_string();
    let needed = said(None);
    assert!(needed.contains(&key.names[0]) && needed.contains("FUSION_EVIDENCE_KEY"), "{needed}");
    let elsewhere = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = elsewhere.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let secret = fs::read_to_string(&key.path).unwrap();
    let secret = secret.lines().last().unwrap();
    for (path, words) in [
        (elsewhere.path().join("nowhere"), "cannot read the key"),
        (file("empty", "# a comment\n\n"), "holds no key"),
        (file("public", &key.names[0]), "line 1 of"),
        (file("torn", &secret[..40]), "AGE-SECRET-KEY-1..., as age-keygen writes it"),
        (file("locked", "age-encryption.org/v1\n-> scrypt"), "locked with a passphrase"),
    ] {
        let error = said(Some(&path));
        assert!(error.contains(words) && !error.contains('\n'), "{error}");
        assert!(!error.contains(&secret[20..40]), "a secret is repeated");
    }
    // A file of age-keygen with more than one key.
    let more = file("more", &format!("# created: 2026\n{}\n{secret}\n", other_secret()));
    Vault::open(desk.path(), Some(&more)).unwrap();
}

fn other_secret() -> String {
    let other = fs::read_to_string(Outside::new().path).unwrap();
    other.lines().last().unwrap().to_owned()
}

#[test]
fn a_key_in_the_desk_s_folder_is_refused_by_whatever_name() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let inside = desk.path().join("keys/mine");
    fs::copy(&key.path, &inside).unwrap();
    let mut ways = vec![inside.clone(), desk.path().join("custody/../keys/mine")];
    #[cfg(unix)]
    {
        let link = key.path.with_file_name("link");
        std::os::unix::fs::symlink(&inside, &link).unwrap();
        ways.push(link);
    }
    for way in ways {
        let error = Vault::open(desk.path(), Some(&way)).unwrap_err().to_string();
        assert!(error.contains("lies in the desk's folder"), "{error}");
    }
    let error = EvidenceKey::make(&desk.path().join("new.key"), desk.path()).unwrap_err();
    assert!(error.to_string().contains("lies in the desk's folder"), "{error}");
    assert!(!desk.path().join("new.key").exists());
    let error = EvidenceKey::make(&key.path, desk.path()).unwrap_err();
    assert!(error.to_string().contains("is there already"), "{error}");
}

/// Everything that is not the keyring's own secret can be read and written by who has the folder.
#[test]
fn a_keyring_that_somebody_else_wrote_is_refused() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let path = desk.path().join("keys/at-rest.json");
    let text = fs::read_to_string(&path).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
    // Anybody can encrypt data keys for a public key.
    let theirs = tempfile::tempdir().unwrap();
    drop(vault(theirs.path()).sealing_for(key.names.clone()).unwrap());
    let theirs = fs::read_to_string(theirs.path().join("keys/at-rest.json")).unwrap();
    let theirs: serde_json::Value = serde_json::from_str(&theirs).unwrap();
    let changed = |name: &str, value: serde_json::Value| {
        let mut changed = whole.clone();
        changed[name] = value;
        serde_json::to_string_pretty(&changed).unwrap()
    };
    let half = &text[..text.len() / 2];
    for forged in [
        changed("seals_with", serde_json::Value::Null),
        changed("seals_with", "0123456789abcdef".into()),
        changed("for", serde_json::json!([])),
        changed("locked", theirs["locked"].clone()),
        changed("locked", "".into()),
        changed("tag", theirs["tag"].clone()),
        half.to_owned(),
        String::new(),
    ] {
        fs::write(&path, &forged).unwrap();
        let error = Vault::open(desk.path(), Some(&key.path)).unwrap_err().to_string();
        assert!(error.contains("is not as it was written"), "{error}");
    }
    fs::write(&path, changed("format", 2.into())).unwrap();
    let error = Vault::open(desk.path(), Some(&key.path)).unwrap_err().to_string();
    assert!(error.contains("newer fusion (format 2)"), "{error}");
    // Without it nothing opens, and all of it is named.
    fs::remove_file(&path).unwrap();
    let report = verify_vault(&vault(desk.path()), Depth::Digests);
    for (file, _) in contents(desk.path()) {
        let named = report.faults.iter().find(|fault| Path::new(&fault.file) == file);
        assert!(named.unwrap().what.contains("keys/at-rest.json"), "{:?}", report.faults);
    }
    let standing = AtRest::of(desk.path()).unwrap().unwrap();
    assert_eq!((standing.keys.len(), standing.waiting), (0, 2));
}

fn is_named(desk: &Desk, file: &Path) -> bool {
    desk.verify().faults.iter().any(|fault| Path::new(&fault.file) == file)
}

#[test]
fn every_flipped_byte_and_every_cut_is_found_and_its_file_named() {
    let key = Outside::new();
    let mut desk = key.desk();
    let one = page("https://jobs.example/1", "2026-11-23T09:00:00Z", b"one");
    desk.keep(&one);
    desk.snapshot(std::slice::from_ref(&one));
    desk.keep(&page("https://jobs.example/2", "2026-11-23T09:00:01Z", b"two"));
    desk.log.seal().unwrap();
    for (file, whole) in contents(desk.path()) {
        let path = desk.path().join(&file);
        // All that says where things lie; of what is encrypted, and opens as a whole, some.
        for at in (0..130).chain((130..whole.len()).step_by(29)) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, changed).unwrap();
            assert!(is_named(&desk, &file), "byte {at} of {}", file.display());
        }
        for length in (0..whole.len()).step_by(61).chain([whole.len() - 1]) {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(is_named(&desk, &file), "{} cut to {length}", file.display());
        }
        fs::write(&path, [whole.as_slice(), b"more"].concat()).unwrap();
        assert!(is_named(&desk, &file), "bytes behind {}", file.display());
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(desk.verify().faults, []);
}

#[test]
fn files_and_pieces_that_changed_places_are_named() {
    let key = Outside::new();
    let desk = key.encrypted();
    let all = contents(desk.path());
    assert!(all.len() > 2);
    for (a, b) in all.iter().zip(&all[1..]) {
        fs::write(desk.path().join(&a.0), &b.1).unwrap();
        assert!(is_named(&desk, &a.0), "{} in the place of {}", b.0.display(), a.0.display());
        fs::write(desk.path().join(&a.0), &a.1).unwrap();
    }
    // The frames of one file, among each other.
    let mut desk = key.desk();
    for (number, second) in [(1, "00"), (2, "01")] {
        let at = format!("2026-11-23T09:00:{second}Z");
        desk.keep(&page(&format!("https://jobs.example/{number}"), &at, b"one"));
    }
    desk.log.seal().unwrap();
    let (file, whole) = contents(desk.path()).remove(0);
    let entries = evidence::entries(&desk.path().join("custody"), 0).unwrap();
    let lengths = entries.filter_map(|entry| match entry.unwrap().event {
        Event::Capture { length, .. } => Some(40 + length as usize),
        _ => None,
    });
    let lengths: Vec<usize> = lengths.collect();
    let (head, frames) = whole.split_at(80);
    let (first, second) = frames.split_at(lengths[0]);
    assert_eq!(second.len(), lengths[1], "a capture has its own frame");
    fs::write(desk.path().join(&file), [head, second, first].concat()).unwrap();
    assert!(is_named(&desk, &file));
}

/// Plain bytes that somebody puts in the place of encrypted ones have to be the right ones.
#[test]
fn a_forged_plain_file_is_named() {
    let key = Outside::new();
    let desk = filled(key.desk());
    let mut other = Desk::new();
    let forged = page("https://jobs.example/forged", "2026-11-23T09:00:00Z", b"forged");
    other.keep(&forged);
    let (_, bytes) = contents(other.path()).remove(0);
    let (file, _) = contents(desk.path()).remove(0);
    fs::write(desk.path().join(&file), bytes).unwrap();
    assert!(is_named(&desk, &file));
}

/// Ends the change after so many files, as a kill would.
fn cut_short(vault: &Vault, after: usize) {
    let mut told = 0;
    let killed = catch_unwind(AssertUnwindSafe(|| {
        vault.reseal(&mut |_, _| {
            assert!(told < after, "killed");
            told += 1;
        })
    }));
    assert!(killed.is_err());
}

#[test]
fn a_change_that_is_cut_short_anywhere_is_gone_on_with() {
    std::panic::set_hook(Box::new(|_| ()));
    let key = Outside::new();
    let plain = filled(Desk::of_small_files());
    let sealed = key.encrypted();
    let encrypting = |desk: &Path| vault(desk).sealing_for(key.names.clone()).unwrap();
    let renewing = |desk: &Path| key.vault(desk).sealing_anew().unwrap();
    let decrypting = |desk: &Path| key.vault(desk).sealing_nothing().unwrap();
    let changes: [(&Desk, &dyn Fn(&Path) -> Vault); 3] =
        [(&plain, &encrypting), (&sealed, &renewing), (&sealed, &decrypting)];
    for (from, change) in changes {
        for after in 0..files(from.path()).len() {
            let copy = copy_desk(from.path());
            cut_short(&change(copy.path()), after);
            // A file that was being written when the kill came.
            let half = copy.path().join("captures/20261123-000001.warc.gz.part");
            fs::write(&half, "half written").unwrap();

            // It reads, verifies and is written to as ever.
            let desk = Desk::of(copy, key.vault(from_copy(&half)));
            assert_eq!(captures_of(&desk), sample_captures());
            assert_eq!(desk.verify().faults, []);
            let Desk { dir, vault: halfway, mut log, mut archive } = desk;
            let next = page("https://jobs.example/next", "2026-11-23T11:00:00Z", b"the next page");
            let stored = archive.append(&next).unwrap();
            let event = crate::sample::capture_event(&next, &stored);
            log.append(crate::sample::time(crate::sample::NOW), "fusion", vec![event]).unwrap();
            log.seal().unwrap();
            assert_eq!(verify_vault(&halfway, Depth::Contents).faults, []);

            // And the second run brings it to its end.
            key.vault(dir.path()).reseal(&mut |_, _| ()).unwrap();
            let there = AtRest::of(dir.path()).unwrap();
            assert!(there.is_none_or(|there| there.waiting == 0 && there.seals));
            assert!(!half.exists());
            let after = Vault::open(dir.path(), Some(&key.path)).unwrap();
            assert_eq!(verify_vault(&after, Depth::Contents).faults, []);
            let sealed = after.seals();
            assert!(contents(dir.path()).iter().all(|(_, bytes)| tells(bytes) != sealed));
        }
    }
}

/// The desk that a file of its captures lies in.
fn from_copy(file: &Path) -> &Path {
    file.parent().unwrap().parent().unwrap()
}

/// What does not open any more is left as it lies, named, and keeps its key.
#[test]
fn a_damaged_file_is_no_reason_to_lose_it() {
    let key = Outside::new();
    let desk = key.encrypted();
    let (file, mut bytes) = contents(desk.path()).remove(1);
    let whole = bytes.clone();
    bytes[100] ^= 1;
    fs::write(desk.path().join(&file), &bytes).unwrap();
    let renewed = key.vault(desk.path()).sealing_anew().unwrap();
    let report = renewed.reseal(&mut |_, _| ()).unwrap();
    assert_eq!(report.faults.len(), 1, "{report:?}");
    assert_eq!(Path::new(&report.faults[0].file), file);
    assert_eq!(fs::read(desk.path().join(&file)).unwrap(), bytes);
    // Restored, it opens and is brought after the others.
    fs::write(desk.path().join(&file), whole).unwrap();
    let vault = key.vault(desk.path());
    assert!(vault.is_between_keys());
    assert_eq!(vault.reseal(&mut |_, _| ()).unwrap().files, 1);
    assert!(!key.vault(desk.path()).is_between_keys());
    assert_eq!(verify_vault(&key.vault(desk.path()), Depth::Contents).faults, []);
}

#[test]
fn a_write_that_is_torn_at_any_byte_is_set_aside_and_nothing_acknowledged_is_lost() {
    let key = Outside::new();
    let mut desk = filled(key.desk());
    let file = "captures/20261123-000001.warc.gz";
    let before = fs::metadata(desk.path().join(file)).unwrap().len();
    let pages = [1, 2].map(|number| {
        page(&format!("https://jobs.example/last/{number}"), "2026-11-23T10:30:00Z", b"torn")
    });
    let stored = desk.archive.append_batch(&[&pages[0], &pages[1]]).unwrap();
    let first = before + 40 + stored[0].length;
    let after = fs::metadata(desk.path().join(file)).unwrap().len();
    for length in (before..=after).filter(|at| (at - before).is_multiple_of(17) || after - at < 3) {
        let copy = copy_desk(desk.path());
        let torn = fs::File::options().write(true).open(copy.path().join(file)).unwrap();
        torn.set_len(length).unwrap();
        let vault = key.vault(copy.path());
        let end = evidence::last_captures(&copy.path().join("custody"), 1).unwrap().end;
        let (mut archive, recovery) = CaptureArchive::open(&vault, end).unwrap();
        assert_eq!(recovery.notes.len(), usize::from(length > before), "{length}");
        let (mut log, _) = CustodyLog::open(&copy.path().join("custody")).unwrap();
        let next = page("https://jobs.example/next", "2026-11-23T11:00:00Z", b"the next page");
        let stored = archive.append(&next).unwrap();
        assert_eq!(format!("captures/{}", stored.file), file, "captures go on where they were");
        let event = crate::sample::capture_event(&next, &stored);
        log.append(crate::sample::time(crate::sample::NOW), "fusion", vec![event]).unwrap();
        log.seal().unwrap();
        assert_eq!(verify_vault(&vault, Depth::Contents).faults, []);
        assert!(!contents(copy.path()).iter().any(|(_, bytes)| tells(bytes)));
        // What was whole is kept, and only the desk's key opens it.
        let aside = copy.path().join("captures/unacknowledged");
        let kept = if aside.is_dir() { crate::sample::files(&aside).len() } else { 0 };
        assert_eq!(kept, usize::from(length >= first), "{length}");
    }
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
