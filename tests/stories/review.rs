//! From an imported file to a packet, with the people in between.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::desk::{Desk, SampleSites, fusion};

const AD: &str = "Дівчата 18-25 на роботу в Туреччину, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні. +380671234567";

/// A desk with one suspicious ad, another that shares its number, and an ordinary one.
fn desk_with_ads() -> Desk {
    let desk = Desk::new();
    let rows = [
        json!({"id": "1", "text": AD, "region": "UA"}),
        json!({"id": "2", "text": "Пекарня шукає помічника, офіційне оформлення, графік 5/2. Дзвоніть 0501112233", "region": "UA"}),
        json!({"id": "3", "title": "Робота", "text": "Беремо дівчат без документів, паспорт здаєте хазяїну на зберігання, телефон теж забираємо. Пишіть на вайбер 067 123 45 67", "region": "UA"}),
    ];
    let file: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let said = desk.import("ads.ndjson", file.as_bytes(), &[]).ended(0);
    assert!(said.out.contains("3 postings read: 2 flagged, 1 clear"), "{}", said.out);
    desk
}

#[test]
fn a_person_decides_and_a_second_one_builds_the_packet() {
    let desk = desk_with_ads();
    let lead = desk.top_lead();
    let packet = desk.beside("out.zip");
    let build = |by: &str| {
        desk.fusion(&["packet", "build", &lead, "-o", packet.to_str().unwrap(), "--by", by])
    };

    build("Liaison").refused(&["not decided"]);
    desk.fusion(&["queue", "claim", &lead, "--by", "Olena"]).ended(0);
    desk.fusion(&["queue", "claim", &lead, "--by", "Mihai"]).refused(&["claimed by Olena"]);
    desk.fusion(&[
        "queue",
        "decide",
        &lead,
        "--verdict",
        "dismiss",
        "--reason",
        "x",
        "--by",
        "Mihai",
    ])
    .refused(&["claimed by Olena"]);
    desk.fusion(&[
        "queue",
        "decide",
        &lead,
        "--verdict",
        "escalate",
        "--reason",
        "  ",
        "--by",
        "Olena",
    ])
    .refused(&["reason"]);
    let decide = [
        "queue",
        "decide",
        &lead,
        "--verdict",
        "escalate",
        "--reason",
        "passport is kept",
        "--by",
        "Olena",
    ];
    desk.fusion(&decide).ended(0);

    build("olena ").refused(&["two persons"]);
    assert!(!packet.exists(), "a refused export left a file");
    build("Liaison").ended(0);
    fusion(&["packet", "verify", packet.to_str().unwrap()]).ended(0);
}

/// The file that an ad was imported from holds other people's ads, which are nobody's business.
#[test]
fn a_packet_holds_nothing_of_the_other_rows_of_its_file() {
    let desk = desk_with_ads();
    for row in desk.queue() {
        let lead = row["lead"]["id"].as_str().unwrap();
        let decide = ["queue", "decide", lead, "--verdict", "escalate", "--reason", "passport"];
        desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
        let packet = desk.beside("out.zip");
        let _ = std::fs::remove_file(&packet);
        let build = ["packet", "build", lead, "--by", "Mihai", "-o", packet.to_str().unwrap()];
        desk.fusion(&build).ended(0);
        let texts = texts_in(&std::fs::read(&packet).unwrap());
        let has = |words: &str| texts.iter().any(|text| text.contains(words));
        assert!(!has("Пекарня"), "the ordinary ad");
        assert!(has("Дівчата 18-25") && has("телефон теж забираємо"), "both ads of the lead");
        let row_itself = texts.iter().any(|text| text.contains("\"region\":\"UA\""));
        assert!(row_itself, "the row as it stood in the file");
    }
}

/// All files of a ZIP, and of ZIPs and gzipped files in it.
fn texts_in(zip: &[u8]) -> Vec<String> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut texts = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let name = file.name().unwrap().to_string();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name.ends_with(".wacz") {
            texts.extend(texts_in(&bytes));
        } else if name.ends_with(".gz") {
            let mut plain = String::new();
            flate2::read::MultiGzDecoder::new(&*bytes).read_to_string(&mut plain).unwrap();
            texts.push(plain);
        } else {
            // The PDF report is no text; what it must not tell is tested in `packet`.
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    texts
}

#[test]
fn every_act_on_a_lead_is_in_the_custody_log() {
    let desk = desk_with_ads();
    let lead = desk.top_lead();
    for args in [
        vec!["queue", "show", &lead],
        vec!["queue", "claim", &lead],
        vec!["queue", "release", &lead],
        vec!["queue", "decide", &lead, "--verdict", "refer", "--reason", "hotline"],
    ] {
        desk.fusion(&[&args[..], &["--by", "Olena"]].concat()).ended(0);
    }
    desk.fusion(&["packet", "build", &lead, "--by", "Mihai"]).ended(0);

    let mut log = String::new();
    for file in desk.evidence_files() {
        if file.extension().is_some_and(|ending| ending == "ndjson") {
            log += &std::fs::read_to_string(file).unwrap();
        }
    }
    let entries: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let acts: Vec<(&str, &str)> = entries
        .iter()
        .filter(|entry| entry["event"]["lead"] == lead && entry["actor"] != "fusion")
        .map(|entry| (entry["actor"].as_str().unwrap(), entry["event"]["event"].as_str().unwrap()))
        .collect();
    let expected = [
        ("Olena", "view"),
        ("Olena", "claim"),
        ("Olena", "release"),
        ("Olena", "decision"),
        ("Olena", "approval"),
        ("Mihai", "export"),
    ];
    assert_eq!(acts, expected);
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn a_lead_shows_its_reasons_in_quotes_and_by_which_number_its_ads_are_tied() {
    let desk = desk_with_ads();
    let lead = desk.top_lead();
    let view = desk.fusion(&["--format", "json", "queue", "show", &lead]).ended(0).json();
    assert_eq!(view["links"], json!([]));
    let tie = &view["ties"][0];
    assert_eq!((&tie["value"], &tie["weak"]), (&json!("+380671234567"), &Value::Null));
    let quotes: std::collections::BTreeSet<&str> =
        ["here", "there"].iter().map(|end| tie[end]["quote"].as_str().unwrap()).collect();
    assert_eq!(quotes, ["+380671234567", "067 123 45 67"].into());
    assert_eq!(view["postings"].as_array().unwrap().len(), 2);
    for posting in view["postings"].as_array().unwrap() {
        for finding in posting["assessment"]["findings"].as_array().unwrap() {
            for span in finding["spans"].as_array().unwrap() {
                let field = span["field"].as_str().unwrap();
                let original = posting["posting"][field].as_str().unwrap();
                let place = span["start"].as_u64().unwrap() as usize
                    ..span["end"].as_u64().unwrap() as usize;
                assert_eq!(&original[place], span["quote"].as_str().unwrap());
            }
        }
    }
}

#[test]
fn importing_the_same_file_again_changes_nothing() {
    let desk = desk_with_ads();
    let before = desk.queue();
    let path = desk.beside("ads.ndjson");
    let said = desk.fusion(&["import", path.to_str().unwrap()]).ended(0);
    assert!(said.out.contains("0 flagged, 0 clear"), "{}", said.out);
    assert_eq!(desk.queue(), before);
}

#[test]
fn no_words_of_a_posting_are_in_the_program_log() {
    let desk = Desk::new();
    let row = json!({"id": "1", "text": AD, "author": "Beispielname"});
    std::fs::write(desk.beside("ads.ndjson"), format!("{row}\nno json with geheimwort\n")).unwrap();
    let path = desk.beside("ads.ndjson");
    let imported = desk.fusion(&["-vvv", "import", path.to_str().unwrap()]).ended(0);
    let sites = SampleSites::start();
    let visitor = Desk::with_sources_of(&sites);
    let scanned = visitor.fusion(&["-vvv", "scan"]).ended(0);
    for word in [
        "Паспорт",
        "671234567",
        "Beispielname",
        "geheimwort",
        "паспорт",
        "pașaport",
        "robota_koord",
    ] {
        for log in [&imported.err, &scanned.err] {
            assert!(!log.contains(word), "`{word}` is in the log: {log}");
        }
    }
}

#[test]
fn one_process_owns_a_desk() {
    let desk = Desk::new();
    let lock = std::fs::File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(desk.dir().join("desk.lock"))
        .unwrap();
    lock.lock().unwrap();
    desk.fusion(&["queue", "list"]).refused(&["in use"]);
    lock.unlock().unwrap();
    desk.fusion(&["queue", "list"]).ended(0);
}
