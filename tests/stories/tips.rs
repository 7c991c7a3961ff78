//! What people hand in: what becomes of the words, and of who sent them.

use std::path::Path;

use serde_json::Value;

use crate::desk::{Desk, fusion, fusion_fed};

const WORDS: &str =
    "Сестра їде в Туреччину, паспорт забирає координатор, дорогу відпрацює. Дзвонив +380671234567";
const SENDER: &str = "Ганна Вигадана";
const ORGANISATION: &str = "Invented shelter 7";
const REACH: &str = "hanna@shelter.example";
const CONSENT: &str = "only the centre may know my name";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n invented picture";

fn form() -> String {
    format!(
        "Fusion tip\nLink: https://board.example/ad/1\nЗнімок: shot.png\nFrom: {SENDER}\n\
         Organisation: {ORGANISATION}\nReach me: {REACH}\nConsent: {CONSENT}\nText: {WORDS}\n"
    )
}

/// Every file below a folder that holds these bytes.
fn files_with(folder: &Path, words: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let mut plain = Vec::new();
            let mut unpacker = flate2::read::MultiGzDecoder::new(bytes.as_slice());
            let _ = std::io::Read::read_to_end(&mut unpacker, &mut plain);
            let holds = |bytes: &[u8]| bytes.windows(words.len()).any(|window| window == words);
            if holds(&bytes) || holds(&plain) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

fn hand_in_form(desk: &Desk) -> Value {
    std::fs::write(desk.beside("tip.txt"), form()).unwrap();
    std::fs::write(desk.beside("shot.png"), PNG).unwrap();
    let path = desk.beside("tip.txt");
    desk.fusion(&["--format", "json", "tip", path.to_str().unwrap(), "--by", "Olena"])
        .ended(0)
        .json()
}

#[test]
fn a_tip_on_standard_input_stands_on_the_queue_whatever_the_rules_say() {
    let desk = Desk::new();
    let args = ["--desk", desk.dir().to_str().unwrap().to_owned().leak(), "tip", "--by", "Olena"];
    let said = fusion_fed(&args, "Somebody asked about this number: +380 50 111 22 33".as_bytes())
        .ended(0);
    assert!(said.out.starts_with("Taken in as l-"), "{}", said.out);
    let queue = desk.queue();
    assert_eq!(queue.len(), 1);
    let posting = &queue[0]["posting"]["posting"];
    assert_eq!((&posting["kind"], &posting["source"]), (&Value::from("tip"), &Value::from("tips")));
    assert_eq!(posting["contacts"][0]["value"], "+380501112233");
    assert_eq!(queue[0]["lead"]["snapshots"].as_array().unwrap().len(), 1);

    let again = fusion_fed(&args, "Somebody asked about this number: +380 50 111 22 33".as_bytes())
        .ended(0);
    assert!(again.out.starts_with("This tip was handed in before: l-"), "{}", again.out);
    assert_eq!(desk.queue().len(), 1);
    desk.fusion(&["store", "rebuild"]).ended(0);
    assert_eq!(desk.queue(), queue, "the index is made anew from the log");
}

#[test]
fn what_a_tip_shares_with_a_lead_is_said_at_once() {
    let desk = Desk::new();
    let row = format!("{}\n", serde_json::json!({"id": "1", "text": WORDS, "region": "UA"}));
    desk.import("ads.ndjson", row.as_bytes(), &[]).ended(0);
    let path = desk.beside("tip.txt");
    std::fs::write(&path, "Людина питає про номер 067 123-45-67").unwrap();
    let args = ["tip", path.to_str().unwrap(), "--region", "UA", "--by", "Olena"];
    let said = desk.fusion(&args).ended(0);
    // It is of the same hand, and so in the same lead by now.
    let lead = desk.top_lead();
    assert!(said.out.contains(&format!("+380671234567 was seen in lead {lead}.")), "{}", said.out);
    std::fs::write(&path, WORDS).unwrap();
    let said = desk.fusion(&args).ended(0);
    let lead = desk.top_lead();
    assert!(
        said.out.contains(&format!("The same words were seen in lead {lead}.")),
        "{}",
        said.out
    );
}

/// In all that the commands print for people; gives what is shown then.
fn what_it_says_is_masked_until_somebody_says_why(desk: &Desk, lead: &str) -> String {
    let whole =
        desk.fusion(&["--format", "json", "queue", "show", lead, "--by", "A"]).ended(0).json();
    let text = whole["postings"][0]["posting"]["text"].as_str().unwrap().to_owned();
    let words: Vec<&str> = text.lines().map(str::trim).filter(|line| line.len() > 12).collect();
    assert!(!words.is_empty());
    for command in [
        &["queue", "list"][..],
        &["queue", "show", lead],
        &["lead", "list"],
        &["lead", "show", lead],
    ] {
        let said = desk.fusion(command).ended(0).out;
        for word in &words {
            assert!(!said.contains(word), "{command:?}: {said}");
        }
    }
    let show = ["queue", "show", lead, "--by", "Olena"];
    desk.fusion(&[&show[..], &["--reveal", " "]].concat()).refused(&["reason"]);
    let said = desk.fusion(&[&show[..], &["--reveal", "call back tonight"]].concat()).ended(0).out;
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
    let log = std::fs::read_to_string(desk.dir().join("custody/log-000001.ndjson")).unwrap();
    assert!(log.contains("call back tonight"));
    said
}

#[test]
fn who_sent_a_tip_is_kept_apart_and_stands_in_no_evidence_log_or_packet() {
    let desk = Desk::new();
    let receipt = hand_in_form(&desk);
    assert_eq!((&receipt["sender_kept"], &receipt["screenshots"]), (&true.into(), &1.into()));
    let lead = receipt["lead"].as_str().unwrap().to_owned();
    let said = desk.fusion(&["-vv", "queue", "show", &lead, "--by", "Olena"]).ended(0);
    for words in [SENDER, ORGANISATION, REACH, CONSENT] {
        assert!(!said.out.contains(words) && !said.err.contains(words), "{words}");
    }
    let revealed = what_it_says_is_masked_until_somebody_says_why(&desk, &lead);
    assert!(revealed.contains("https://board.example/ad/1"), "{revealed}");
    desk.fusion(&[
        "queue",
        "decide",
        &lead,
        "--verdict",
        "escalate",
        "--reason",
        "r",
        "--by",
        "Olena",
    ])
    .ended(0);
    let packet = desk.beside("packets");
    std::fs::create_dir(&packet).unwrap();
    let out = packet.join("out.zip");
    desk.fusion(&["packet", "build", &lead, "-o", out.to_str().unwrap(), "--by", "Mihai"]).ended(0);

    // The packet is opened, and so is the snapshot in it.
    let opened = desk.beside("opened");
    let unzip = |file: &Path, to: &Path| {
        let mut zip = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
        zip.extract(to).unwrap();
    };
    unzip(&out, &opened);
    let evidence = opened.join(format!("packet-{lead}/data/evidence"));
    for (number, snapshot) in std::fs::read_dir(&evidence).unwrap().enumerate() {
        unzip(&snapshot.unwrap().path(), &desk.beside(&format!("opened/snapshot-{number}")));
    }
    for words in [SENDER, ORGANISATION, REACH, CONSENT] {
        assert_eq!(files_with(&opened, words.as_bytes()), [""; 0], "{words}");
        let in_desk = files_with(&desk.dir(), words.as_bytes());
        assert_eq!(in_desk.len(), 1, "{words} stands in {in_desk:?}");
        assert!(in_desk[0].ends_with("-1.json"), "{in_desk:?}");
    }
    assert!(!files_with(&opened, b"invented picture").is_empty(), "the screenshot is evidence");

    // The sender's record is the desk owner's alone, and goes into a backup.
    let record = std::fs::read_dir(desk.dir().join("tips")).unwrap().next().unwrap().unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(record.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let backup = desk.beside("backup");
    desk.fusion(&["store", "backup", backup.to_str().unwrap()]).ended(0);
    assert!(backup.join("tips").join(record.file_name()).is_file());
    desk.fusion(&["evidence", "verify"]).ended(0);
    // It can be erased without breaking anything.
    std::fs::remove_file(record.path()).unwrap();
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn a_wrong_tip_is_refused_in_one_sentence_and_nothing_of_it_is_kept() {
    let desk = Desk::new();
    let path = desk.beside("tip.txt");
    for (content, args, words) in [
        ("", vec![], "empty"),
        ("Fusion tip\nPhone:\n", vec![], "empty"),
        ("Fusion tip\nFrom: A\nText: x", vec![], "Consent"),
        ("words", vec!["--from", "A"], "Consent"),
        ("Fusion tip\nwords", vec![], "line 2 of the tip"),
        ("Fusion tip\nScreenshot: none.png\nText: x", vec![], "none.png"),
        ("words", vec!["--screenshot", path.to_str().unwrap()], "no picture"),
    ] {
        std::fs::write(&path, content).unwrap();
        let mut all = vec!["tip", path.to_str().unwrap(), "--by", "Olena"];
        all.extend(args);
        desk.fusion(&all).refused(&[words]);
    }
    desk.fusion(&["tip", "no-such-file", "--by", "Olena"]).refused(&["cannot read no-such-file"]);
    desk.fusion(&["tip", path.to_str().unwrap(), "--by", "fusion"]).refused(&["who are you"]);
    assert!(desk.queue().is_empty() && !desk.dir().join("tips").exists());
    let picture = desk.beside("picture.txt");
    std::fs::write(&picture, b"\xff\xd8\xff\xe0").unwrap();
    desk.fusion(&["tip", picture.to_str().unwrap(), "--by", "O"])
        .refused(&["hand a picture in as its screenshot"]);
}

#[test]
fn the_empty_form_is_printed_to_be_filled_in() {
    let form = fusion(&["tip", "--form"]).ended(0).out;
    assert!(form.starts_with("Fusion tip\n") && form.trim_end().ends_with("Text:"), "{form}");
    let filled = format!("{}{WORDS}\n", form.trim_end());
    let desk = Desk::new();
    let path = desk.beside("tip.txt");
    std::fs::write(&path, filled).unwrap();
    desk.fusion(&["tip", path.to_str().unwrap(), "--by", "Olena"]).ended(0);
    assert_eq!(desk.queue()[0]["posting"]["posting"]["text"], WORDS);
}
