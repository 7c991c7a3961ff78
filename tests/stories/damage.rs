//! One changed byte anywhere is found and named; a damaged index is set aside and made anew.

use std::path::Path;

use serde_json::{Value, json};

use crate::desk::{Desk, fusion};

const ADS: [&str; 3] = [
    "Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні, документи не потрібні",
    "Pașaportul rămâne la manager, fete 18-25, fără acte, plecare azi, biletul se scade din salariu",
    "Your passport stays with the boss, girls 18-25, no documents needed, leave tonight",
];

fn desk_with_leads() -> Desk {
    let desk = Desk::new();
    let rows: String = ADS
        .iter()
        .enumerate()
        .map(|(number, text)| format!("{}\n", json!({"id": number.to_string(), "text": text})))
        .collect();
    desk.import("ads.ndjson", rows.as_bytes(), &[]).ended(0);
    assert_eq!(desk.queue().len(), ADS.len());
    desk
}

/// Flips one bit of a file, runs `check`, and mends the file.
fn with_flipped_byte(file: &Path, at: usize, check: impl FnOnce()) {
    let whole = std::fs::read(file).unwrap();
    let mut flipped = whole.clone();
    flipped[at] ^= 0x10;
    std::fs::write(file, &flipped).unwrap();
    check();
    std::fs::write(file, &whole).unwrap();
}

/// About `count` places of a file, its first and last byte among them.
fn places(length: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |n| n * (length - 1) / (count - 1).max(1))
}

#[test]
fn a_flipped_byte_in_the_evidence_is_found_and_its_file_named() {
    let desk = desk_with_leads();
    desk.fusion(&["evidence", "verify"]).ended(0);
    for file in desk.evidence_files() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let length = std::fs::metadata(&file).unwrap().len() as usize;
        for at in places(length, 12) {
            with_flipped_byte(&file, at, || {
                let said = desk.fusion(&["evidence", "verify"]).ended(1);
                assert!(said.out.contains(name), "byte {at} of {name}:\n{}", said.out);
            });
        }
    }
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn a_flipped_byte_in_a_packet_is_found() {
    let desk = desk_with_leads();
    let lead = desk.top_lead();
    let packet = desk.beside("packet.zip");
    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "r", "--by", "A"];
    desk.fusion(&decide).ended(0);
    let path = packet.to_str().unwrap();
    desk.fusion(&["packet", "build", &lead, "-o", path, "--by", "B"]).ended(0);
    let length = std::fs::metadata(&packet).unwrap().len() as usize;
    for at in places(length, 150) {
        with_flipped_byte(&packet, at, || {
            let said = fusion(&["packet", "verify", path]).ended(1);
            assert!(said.out.contains("packet.zip"), "byte {at}:\n{}", said.out);
        });
    }
    let whole = std::fs::read(&packet).unwrap();
    for end in places(whole.len(), 20) {
        std::fs::write(&packet, &whole[..end]).unwrap();
        fusion(&["packet", "verify", path]).ended(1);
    }
    std::fs::write(&packet, &whole).unwrap();
    fusion(&["packet", "verify", path]).ended(0);
}

#[test]
fn a_rebuilt_index_gives_the_same_queue() {
    let desk = desk_with_leads();
    let lead = desk.top_lead();
    desk.fusion(&["queue", "claim", &lead, "--by", "Olena"]).ended(0);
    let other = desk.queue()[1]["lead"]["id"].as_str().unwrap().to_owned();
    let decide =
        ["queue", "decide", &other, "--verdict", "monitor", "--reason", "wait", "--by", "Olena"];
    desk.fusion(&decide).ended(0);
    let list = ["--format", "json", "queue", "list", "--status", "all"];
    let before = desk.fusion(&list).ended(0).out;
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.fusion(&list).ended(0).out, before);
}

/// The damages that were seen to make the database come up empty, panic or refuse.
const DAMAGES: &[(&str, fn(&Path))] = &[
    ("db cut to half", |store| cut(&store.join("db"), 2)),
    ("db cut to a tenth", |store| cut(&store.join("db"), 10)),
    ("db emptied", |store| std::fs::write(store.join("db"), b"").unwrap()),
    ("4 KB zeroed in db", |store| zero(&store.join("db"))),
    ("snapshot emptied", |store| each_snapshot(store, |path| std::fs::write(path, b"").unwrap())),
    ("snapshot cut", |store| each_snapshot(store, |path| cut(path, 2))),
    ("snapshot removed", |store| each_snapshot(store, |path| std::fs::remove_file(path).unwrap())),
    ("conf removed", |store| std::fs::remove_file(store.join("conf")).unwrap()),
    ("all removed", |store| std::fs::remove_dir_all(store).unwrap()),
];

fn cut(file: &Path, parts: u64) {
    let length = std::fs::metadata(file).unwrap().len();
    std::fs::File::options().write(true).open(file).unwrap().set_len(length / parts).unwrap();
}

/// Zeroes 4 KB in the middle of what was written; the database keeps empty room at its end.
fn zero(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let start = (written / 2).saturating_sub(2048);
    bytes[start..(start + 4096).min(written)].fill(0);
    std::fs::write(file, bytes).unwrap();
}

fn each_snapshot(store: &Path, damage: impl Fn(&Path)) {
    for entry in std::fs::read_dir(store).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("snap.") {
            damage(&path);
        }
    }
}

#[test]
fn a_damaged_index_is_noticed_and_the_queue_is_as_before() {
    let desk = desk_with_leads();
    let lead = desk.top_lead();
    desk.fusion(&["queue", "claim", &lead, "--by", "Olena"]).ended(0);
    let before: Vec<Value> = desk.queue();
    for (name, damage) in DAMAGES {
        damage(&desk.dir().join("store"));
        let said = desk.fusion(&["queue", "list"]).ended(0);
        assert!(
            said.err.contains("note: the index was"),
            "{name} went by without a word: {}",
            said.err
        );
        assert!(!said.err.contains("panicked"), "{name}: {}", said.err);
        assert_eq!(desk.queue(), before, "{name}");
        desk.fusion(&["evidence", "verify"]).ended(0);
    }
}

#[test]
fn a_verification_tells_its_progress_when_asked_and_goes_on_only_with_what_it_can_trust() {
    let desk = desk_with_leads();
    let quiet = desk.fusion(&["evidence", "verify"]).ended(0);
    assert_eq!(quiet.err, "", "progress where nobody looks");
    let told = desk.fusion(&["evidence", "verify", "--progress"]).ended(0);
    assert!(told.err.contains("verifying 100 %"), "{}", told.err);
    assert_eq!(told.out, quiet.out);
    // A mark that is none, and one of another log: everything is read.
    let mark = desk.dir().join("verify.mark");
    let hash = "0".repeat(64);
    let other = format!(
        "{{\"format\":1,\"began_at\":\"2099-01-01T00:00:00Z\",\"entry\":3,\"hash\":\"sha256:{hash}\",\"faulty\":[]}}"
    );
    for bytes in [b"\xff\xfe".as_slice(), other.as_bytes()] {
        std::fs::write(&mark, bytes).unwrap();
        let said = desk.fusion(&["evidence", "verify", "--resume"]).ended(0);
        assert!(said.out.contains("everything was read in this run"), "{}", said.out);
        assert!(!mark.exists(), "a run that is over leaves no mark");
    }
}
