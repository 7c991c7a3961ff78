//! Changes and writes that a kill or a damaged file cuts short.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

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
