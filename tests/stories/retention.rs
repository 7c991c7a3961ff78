//! What becomes of evidence when its time is past: gone everywhere, and the rest proves itself.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::desk::{Desk, collect_files};

const PHONE: &str = "+380671234567";
const FLAGGED: &str =
    "Сестра їде в Туреччину, паспорт забирає координатор, дорогу відпрацює. Дзвонив +380671234567";
const OTHER: &str =
    "Паспорт залишається у координатора до кінця сезону, ізумрудна теплиця, +380509998877";
const CLEAR: &str = "Gardener wanted near the river, contract, bluekettle, call +380501112233";

fn rows(rows: &[(&str, &str)]) -> Vec<u8> {
    let row =
        |(id, text): &(&str, &str)| json!({"id": id, "text": text, "region": "UA"}).to_string();
    rows.iter().map(|given| row(given) + "\n").collect::<String>().into_bytes()
}

/// Writes these settings over those that a new desk has.
fn set(desk: &Desk, settings: &[(&str, u32)]) {
    let path = desk.dir().join("fusion.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (name, days) in settings {
        let lines = text.lines().map(|line| {
            if line.starts_with(&format!("{name} = ")) {
                format!("{name} = {days}")
            } else {
                line.to_owned()
            }
        });
        text = lines.collect::<Vec<_>>().join("\n") + "\n";
    }
    std::fs::write(path, text).unwrap();
}

/// The files of a desk's folder, other than its rules, that hold one of these words: as they are,
/// unpacked, or in a part of a ZIP file.
fn files_with(desk: &Desk, words: &[&str]) -> Vec<String> {
    let holds = |bytes: &[u8]| {
        words.iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
    };
    let mut files = Vec::new();
    collect_files(&desk.dir(), &mut files);
    files.retain(|file| !file.starts_with(desk.dir().join("rules")));
    let found = files.into_iter().filter(|file| {
        let bytes = std::fs::read(file).unwrap();
        holds(&bytes)
            || holds(&unpacked(&bytes))
            || zip_parts(file).iter().any(|part| holds(part) || holds(&unpacked(part)))
    });
    found.map(|file| file.strip_prefix(desk.dir()).unwrap().display().to_string()).collect()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let _ = flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain);
    plain
}

fn zip_parts(file: &Path) -> Vec<Vec<u8>> {
    let Ok(mut zip) = zip::ZipArchive::new(std::fs::File::open(file).unwrap()) else {
        return Vec::new();
    };
    let parts = (0..zip.len()).map(|part| {
        let mut bytes = Vec::new();
        zip.by_index(part).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    });
    parts.collect()
}

fn lead_with(desk: &Desk, words: &str) -> String {
    let is_it = |row: &&Value| row["posting"]["posting"]["text"].as_str().unwrap().contains(words);
    let queue = desk.queue();
    queue.iter().find(is_it).unwrap()["lead"]["id"].as_str().unwrap().to_owned()
}

fn decide(desk: &Desk, lead: &str, verdict: &str, reason: &str) {
    desk.fusion(&[
        "queue",
        "decide",
        lead,
        "--verdict",
        verdict,
        "--reason",
        reason,
        "--by",
        "Olena",
    ])
    .ended(0);
}

fn run(desk: &Desk) -> Value {
    desk.fusion(&["--format", "json", "retention", "run", "--by", "Olena"]).ended(0).json()
}

fn verifies(desk: &Desk) -> Value {
    desk.fusion(&["--format", "json", "evidence", "verify"]).ended(0).json()
}

/// The queue is what the log says.
fn is_rebuilt_the_same(desk: &Desk) {
    let queue = desk.queue();
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue);
}

#[test]
fn a_dismissed_lead_goes_everywhere_and_the_rest_stays_and_proves_itself() {
    let desk = Desk::new();
    desk.import("one.ndjson", &rows(&[("1", FLAGGED)]), &[]).ended(0);
    desk.import("two.ndjson", &rows(&[("2", OTHER)]), &[]).ended(0);
    let lead = lead_with(&desk, "Туреччину");
    desk.fusion(&["lead", "note", &lead, "call +380671234567 back", "--by", "Olena"]).ended(0);
    desk.fusion(&["hunt", "паспорт"]).ended(0);
    decide(&desk, &lead, "dismiss", "his sister is Туреччину bound, and well");
    set(&desk, &[("dismissed_days", 0)]);
    assert!(files_with(&desk, &["Туреччину", PHONE]).len() >= 4);

    let listed =
        desk.fusion(&["--format", "json", "retention", "run", "--dry-run"]).ended(0).json();
    assert_eq!((&listed["dry_run"], &listed["total"]["captures"]), (&json!(true), &json!(1)));
    assert!(files_with(&desk, &["Туреччину", PHONE]).len() >= 4, "a dry run deletes nothing");

    let done = run(&desk);
    assert_eq!(done["rows"], listed["rows"]);
    let row = &done["rows"][0];
    assert_eq!(row["rule"], "retention.dismissed_days");
    let counts =
        ["leads", "captures", "snapshots", "words"].map(|what| row[what].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1, 2]);
    assert_eq!(files_with(&desk, &["Туреччину", PHONE, "671234567"]), Vec::<String>::new());

    assert_eq!(desk.flagged_texts(), [OTHER]);
    let hunt = desk.fusion(&["hunt", "паспорт"]).ended(0);
    assert!(hunt.out.contains("1 of 1 wordings"), "{}", hunt.out);
    let report = verifies(&desk);
    assert_eq!((&report["captures"], &report["snapshots"]), (&json!(1), &json!(1)));
    assert_eq!(report["deleted"], 4);
    is_rebuilt_the_same(&desk);
    assert_eq!(run(&desk)["rows"], json!([]), "it is gone already");
}

#[test]
fn who_when_what_and_why_stand_in_the_log() {
    let desk = Desk::new();
    desk.import("one.ndjson", &rows(&[("1", FLAGGED)]), &[]).ended(0);
    let lead = desk.top_lead();
    decide(&desk, &lead, "dismiss", "no");
    set(&desk, &[("dismissed_days", 0)]);
    run(&desk);
    let log = std::fs::read_to_string(desk.dir().join("custody/log-000001.ndjson")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let deletions: Vec<&Value> =
        lines.iter().filter(|line| line["event"]["event"] == "deletion").collect();
    let what = deletions.iter().map(|line| line["event"]["deleted"]["what"].as_str().unwrap());
    assert_eq!(what.collect::<Vec<_>>(), ["capture", "snapshot", "words"]);
    for deletion in deletions {
        let because = &deletion["event"]["because"];
        assert_eq!(deletion["actor"], "Olena");
        assert_eq!(
            (&because["rule"], &because["days"]),
            (&json!("retention.dismissed_days"), &json!(0))
        );
        assert_eq!((&because["lead"], &because["verdict"]), (&json!(lead), &json!("dismiss")));
        // What hash: of the entry that was shortened, and of the line in its place.
        let short = &deletion["event"]["lines"][0];
        let line = &lines[short["entry"].as_u64().unwrap() as usize - 1];
        assert_eq!((&line["hash"], &line["short"]), (&short["hash"], &short["line"]));
    }
}

#[test]
fn a_timer_without_an_account_runs_it_in_the_programs_name() {
    let desk = Desk::new();
    desk.import("one.ndjson", &rows(&[("1", CLEAR)]), &[]).ended(0);
    set(&desk, &[("clear_days", 0)]);
    let mut timer = desk.command(&["retention", "run"]);
    assert!(timer.env_remove("USER").env_remove("LOGNAME").status().unwrap().success());
    let log = std::fs::read_to_string(desk.dir().join("custody/log-000001.ndjson")).unwrap();
    let mut deletions =
        log.lines().filter(|line| line.contains("\"event\":\"deletion\"")).peekable();
    assert!(deletions.peek().is_some());
    assert!(deletions.all(|line| line.contains("\"actor\":\"fusion\"")), "{log}");
}

/// A page of several postings stays for those that stay; the others are not read out of it again.
#[test]
fn a_posting_on_a_page_that_stays_is_gone_from_index_and_archive() {
    let desk = Desk::new();
    desk.import("all.ndjson", &rows(&[("1", FLAGGED), ("2", OTHER), ("3", CLEAR)]), &[]).ended(0);
    desk.fusion(&["hunt", "паспорт"]).ended(0);
    let lead = lead_with(&desk, "Туреччину");
    decide(&desk, &lead, "dismiss", "no");
    set(&desk, &[("dismissed_days", 0), ("clear_days", 0)]);
    let done = run(&desk);
    let count = |what: &str| done["total"][what].as_u64().unwrap();
    assert_eq!((count("captures"), count("postings"), count("snapshots")), (0, 2, 1));
    assert_eq!(
        files_with(&desk, &["Туреччину", "bluekettle"]),
        ["captures/".to_owned() + &warc(&desk)]
    );
    assert_eq!(desk.flagged_texts(), [OTHER]);
    verifies(&desk);
    is_rebuilt_the_same(&desk);
    let hunt = desk.fusion(&["hunt", "bluekettle"]).ended(0);
    assert!(hunt.out.contains("0 of 1 wordings"), "{}", hunt.out);
    assert_eq!(run(&desk)["rows"], json!([]), "it is gone already");

    // When the last of them may go, the page goes.
    decide(&desk, &lead_with(&desk, "ізумрудна"), "dismiss", "no");
    assert_eq!(run(&desk)["total"]["captures"], 1);
    assert_eq!(files_with(&desk, &["Туреччину", "bluekettle", "ізумрудна"]), Vec::<String>::new());
    assert_eq!(verifies(&desk)["captures"], 0);
    assert_eq!(desk.queue(), Vec::<Value>::new());
    is_rebuilt_the_same(&desk);
    // And the desk goes on.
    desk.import("more.ndjson", &rows(&[("4", FLAGGED)]), &[]).ended(0);
    assert_eq!(desk.queue().len(), 1);
    verifies(&desk);
}

fn warc(desk: &Desk) -> String {
    let file = std::fs::read_dir(desk.dir().join("captures")).unwrap().next().unwrap();
    file.unwrap().file_name().into_string().unwrap()
}

#[test]
fn who_sent_a_tip_and_its_pictures_go_with_it() {
    let desk = Desk::new();
    let form = "Fusion tip\nScreenshot: shot.png\nFrom: Ганна Вигадана\nConsent: centre only\n\
                Text: Людина питає про номер +380671234567\n";
    std::fs::write(desk.beside("tip.txt"), form).unwrap();
    std::fs::write(desk.beside("shot.png"), b"\x89PNG\r\n\x1a\n invented picture").unwrap();
    desk.fusion(&["tip", desk.beside("tip.txt").to_str().unwrap(), "--by", "Ion"]).ended(0);
    let gone = ["Ганна", "671234567", "invented picture"];
    set(&desk, &[("clear_days", 0)]);
    assert_eq!(run(&desk)["rows"], json!([]), "a tip is a lead, and nobody has decided");
    decide(&desk, &desk.top_lead(), "refer", "to the hotline");
    set(&desk, &[("referred_days", 0)]);
    let done = run(&desk);
    let count = |what: &str| done["total"][what].as_u64().unwrap();
    assert_eq!((count("captures"), count("senders")), (2, 1));
    assert_eq!(files_with(&desk, &gone), Vec::<String>::new());
    verifies(&desk);
}

#[test]
fn a_packet_in_the_desks_folder_goes_with_its_lead() {
    let desk = Desk::new();
    desk.import("one.ndjson", &rows(&[("1", FLAGGED)]), &[]).ended(0);
    let lead = desk.top_lead();
    decide(&desk, &lead, "escalate", "to the police");
    let build = ["packet", "build", &lead, "--by", "Ion", "--approved-by", "Olena"];
    desk.fusion(&build).ended(0);
    let packet = desk.dir().join(format!("data/packets/{lead}.zip"));
    assert!(packet.is_file());
    assert_eq!(run(&desk)["rows"], json!([]), "for ten years");
    set(&desk, &[("escalated_days", 0)]);
    assert_eq!(run(&desk)["total"]["packets"], 1);
    assert!(!packet.exists());
    assert_eq!(files_with(&desk, &["Туреччину"]), Vec::<String>::new());
    verifies(&desk);
}

#[test]
fn what_is_open_claimed_or_on_hold_stays() {
    let desk = Desk::new();
    desk.import("one.ndjson", &rows(&[("1", FLAGGED)]), &[]).ended(0);
    let lead = desk.top_lead();
    let all = ["clear_days", "dismissed_days", "monitored_days", "escalated_days", "referred_days"];
    set(&desk, &all.map(|name| (name, 0)));
    assert_eq!(run(&desk)["rows"], json!([]), "it is open");
    decide(&desk, &lead, "dismiss", "no");
    desk.fusion(&["retention", "hold", &lead, "--by", "Olena", "--reason", " "])
        .refused(&["reason"]);
    desk.fusion(&["retention", "hold", &lead, "--by", "Olena", "--reason", "order 7"]).ended(0);
    let done = run(&desk);
    assert_eq!((&done["rows"], &done["on_hold"]), (&json!([]), &json!(1)));
    let holds = desk.fusion(&["--format", "json", "retention", "list"]).ended(0).json();
    assert_eq!((&holds[0]["lead"], &holds[0]["reason"]), (&json!(lead), &json!("order 7")));
    is_rebuilt_the_same(&desk);

    desk.fusion(&["queue", "claim", &lead, "--by", "Ion"]).ended(0);
    desk.fusion(&["retention", "release", &lead, "--by", "Olena", "--reason", "over"]).ended(0);
    desk.fusion(&["retention", "release", &lead, "--by", "Olena", "--reason", "over"])
        .refused(&["not on hold"]);
    assert_eq!(run(&desk)["rows"], json!([]), "Ion is at it");
    desk.fusion(&["queue", "release", &lead, "--by", "Ion"]).ended(0);
    assert_eq!(run(&desk)["total"]["leads"], 1);
    desk.fusion(&["retention", "hold", &lead, "--by", "O", "--reason", "x"]).refused(&["no lead"]);
    verifies(&desk);
}

#[test]
fn without_a_deletion_in_the_log_what_is_missing_is_a_fault() {
    let desk = Desk::new();
    desk.import("one.ndjson", &rows(&[("1", FLAGGED)]), &[]).ended(0);
    let path = desk.dir().join("captures").join(warc(&desk));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, vec![0; bytes.len()]).unwrap();
    desk.fusion(&["evidence", "verify"]).ended(1);
    std::fs::remove_file(&path).unwrap();
    desk.fusion(&["evidence", "verify"]).ended(1);
}

/// Ordinary ads show that a number is everybody's. When they are gone, it must tie no more than
/// before: else a decision about one lead would fall on another.
#[test]
fn a_common_number_stays_common_when_those_who_showed_it_are_gone() {
    let desk = Desk::new();
    let words = [
        "cook", "driver", "tailor", "welder", "baker", "nurse", "mason", "hall", "garden", "river",
        "contract", "monthly", "evening", "weekend", "uniform", "canteen", "bicycle", "parking",
        "training", "holiday", "kitchen", "storage", "machine", "timber", "window", "ceramic",
        "orchard", "harbour", "library", "museum", "railway", "station", "theatre", "village",
    ];
    let ads: Vec<(String, String)> = (0..60_usize)
        .map(|n| {
            let word = |at: usize| words[(n * 17 + at * (n % 29 + 1) + at * at) % words.len()];
            let text = (0..14).map(word).collect::<Vec<_>>().join(" ");
            (n.to_string(), format!("{text}, call +380441112233"))
        })
        .collect();
    let ads: Vec<(&str, &str)> =
        ads.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    desk.import("ordinary.ndjson", &rows(&ads), &[]).ended(0);
    let flagged = [
        ("a", "Паспорт забирає координатор, дорогу відпрацює, Туреччина, +380441112233"),
        ("b", "We keep your passport until the debt for the flight is worked off, +380441112233"),
    ];
    desk.import("flagged.ndjson", &rows(&flagged), &[]).ended(0);
    let leads = |desk: &Desk| {
        let queue = desk.queue();
        queue.iter().map(|row| row["lead"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = leads(&desk);
    let (a, b) = (lead_with(&desk, "координатор"), lead_with(&desk, "your passport"));
    assert_ne!(a, b, "the number ties nothing");
    set(&desk, &[("clear_days", 0)]);
    assert_eq!(run(&desk)["total"]["captures"], 1, "the file of those who showed it");
    assert_eq!(leads(&desk), before);
    is_rebuilt_the_same(&desk);
    verifies(&desk);
}

#[test]
fn a_setting_that_cannot_be_is_named() {
    let desk = Desk::new();
    let path = desk.dir().join("fusion.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("clear_days = 90", "clear_days = -1")).unwrap();
    desk.fusion(&["retention", "run", "--dry-run"]).refused(&["fusion.toml:", "-1"]);
}
