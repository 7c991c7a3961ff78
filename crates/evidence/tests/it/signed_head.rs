//! The end of the log under the desk's key.

use std::fs;

use evidence::{CustodyLog, DeskKey, Event};

use crate::sample::{Desk, filled, time, verify};

fn signed() -> Desk {
    let desk = filled(Desk::new());
    let key = DeskKey::open(&desk.path().join("keys")).unwrap();
    evidence::sign_head(&desk.path().join("custody"), &key, desk.log.head()).unwrap();
    desk
}

#[test]
fn a_signed_log_has_no_fault_and_may_go_on() {
    let mut desk = signed();
    assert_eq!(desk.verify().faults, []);
    let lead = "l-0123456789abcdef01234567".parse().unwrap();
    desk.record("Olena K.", Event::View { lead });
    desk.log.seal().unwrap();
    assert_eq!(desk.verify().faults, [], "entries after the signed one are signed next time");
}

/// Who can write to the folder can make every hash anew, but not the signature.
#[test]
fn a_log_that_was_written_anew_is_found_by_the_signature() {
    let desk = signed();
    let custody = desk.path().join("custody");
    let mut events = Vec::new();
    for entry in evidence::entries(&custody, 0).unwrap() {
        let entry = entry.unwrap();
        let event = match entry.event {
            Event::Note { lead, .. } => Event::Note { lead, text: "nothing".into() },
            event => event,
        };
        events.push((entry.time, entry.actor, event));
    }
    fs::remove_file(custody.join("log-000001.ndjson")).unwrap();
    fs::remove_file(custody.join("head.json")).unwrap();
    let (mut log, _) = CustodyLog::open(&custody).unwrap();
    for (time, actor, event) in events {
        log.append(time, &actor, vec![event]).unwrap();
    }
    log.seal().unwrap();
    let report = verify(desk.path());
    assert_eq!(report.faults.len(), 1, "{:?}", report.faults);
    assert!(report.faults[0].to_string().contains("the desk's key signed"), "{:?}", report.faults);
}

#[test]
fn a_log_cut_off_before_the_signed_entry_is_found() {
    let desk = signed();
    let custody = desk.path().join("custody");
    let log = custody.join("log-000001.ndjson");
    let text = fs::read_to_string(&log).unwrap();
    let kept: String = text.lines().take(5).map(|line| format!("{line}\n")).collect();
    fs::write(&log, kept).unwrap();
    fs::remove_file(custody.join("head.json")).unwrap();
    let (mut log, _) = CustodyLog::open(&custody).unwrap();
    let lead = "l-0123456789abcdef01234567".parse().unwrap();
    log.append(time("2026-11-24T00:00:00Z"), "X", vec![Event::View { lead }]).unwrap();
    log.seal().unwrap();
    let named = verify(desk.path()).faults;
    assert!(named.iter().any(|fault| fault.file == "custody/head.signed"), "{named:?}");
}

#[test]
fn every_flipped_byte_of_signature_and_key_is_found_and_named() {
    let desk = signed();
    for name in ["head.signed", "desk.pub"] {
        let path = desk.path().join("custody").join(name);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 7);
            fs::write(&path, bytes).unwrap();
            let faults = desk.verify().faults;
            let named = faults.iter().any(|fault| fault.file == format!("custody/{name}"));
            assert!(named, "byte {at} of {name}");
        }
        fs::remove_file(&path).unwrap();
        assert!(!desk.verify().faults.is_empty(), "{name} removed");
        fs::write(&path, whole).unwrap();
    }
    assert_eq!(desk.verify().faults, []);
}

/// Signature and key are two files. Cut short anywhere between them, with the first key or a new one,
/// the desk has no fault, and its next session leaves nothing over.
#[test]
fn who_is_cut_short_while_signing_under_a_new_key_has_no_fault() {
    let desk = signed();
    let custody = desk.path().join("custody");
    let read = |name: &str| fs::read(custody.join(name)).unwrap();
    let old = [read("head.signed"), read("desk.pub")];
    let keys = desk.path().join("keys");
    for name in ["desk.key", "desk.pub"] {
        fs::remove_file(keys.join(name)).unwrap();
    }
    let key = DeskKey::open(&keys).unwrap();
    evidence::sign_head(&custody, &key, desk.log.head()).unwrap();
    let new = [read("head.signed"), read("desk.pub")];
    let files = |signed: Option<&[u8]>, public: Option<&[u8]>, next: Option<&[u8]>| {
        let all = [("head.signed", signed), ("desk.pub", public), ("head.signed.next", next)];
        for (name, bytes) in all {
            let _ = fs::remove_file(custody.join(name));
            if let Some(bytes) = bytes {
                fs::write(custody.join(name), bytes).unwrap();
            }
        }
    };
    let [old_signed, old_key] = [Some(&old[0][..]), Some(&old[1][..])];
    let [new_signed, new_key] = [Some(&new[0][..]), Some(&new[1][..])];
    for (case, signed, public, next) in [
        ("first key, written", None, new_key, new_signed),
        ("new key, written", old_signed, new_key, new_signed),
        ("both there", new_signed, new_key, new_signed),
    ] {
        files(signed, public, next);
        assert_eq!(desk.verify().faults, [], "{case}");
        evidence::sign_head(&custody, &key, desk.log.head()).unwrap();
        assert!(!custody.join("head.signed.next").exists(), "{case}");
        assert_eq!(desk.verify().faults, [], "{case}, once more");
    }
    // What is no such moment is found.
    for (case, signed, public, next) in [
        ("signature gone", None, new_key, None),
        ("key gone", new_signed, None, None),
        ("both gone", None, None, new_signed),
        ("another's next", None, old_key, new_signed),
        ("old signature", old_signed, new_key, old_signed),
    ] {
        files(signed, public, next);
        assert!(!desk.verify().faults.is_empty(), "{case}");
    }
}
