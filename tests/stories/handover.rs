//! Two persons hand a lead over, on the desk's terms, and the log tells all of it.

use serde_json::{Value, json};

use crate::desk::{Desk, fusion};

const AD: &str = "Дівчата 18-25 на роботу в Туреччину, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні. +380671234567";

fn decided(settings: &str) -> (Desk, String) {
    let desk = Desk::new();
    let path = desk.dir().join("fusion.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let kept = text.split("[packet]").next().unwrap();
    std::fs::write(&path, format!("{kept}[packet]\n{settings}\n")).unwrap();
    let row = json!({"id": "1", "text": AD, "region": "UA"});
    desk.import("ads.ndjson", format!("{row}\n").as_bytes(), &[]).ended(0);
    let lead = desk.top_lead();
    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "passport"];
    desk.fusion(&[&decide[..], &["--by", "Olena"]].concat()).ended(0);
    (desk, lead)
}

fn events(desk: &Desk) -> Vec<(String, String)> {
    let log = std::fs::read_to_string(desk.dir().join("custody/log-000001.ndjson")).unwrap();
    log.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            (word(&line["event"]["event"]), word(&line["actor"]))
        })
        .collect()
}

fn last(desk: &Desk, count: usize) -> Vec<(String, String)> {
    let events = events(desk);
    events[events.len() - count..].to_vec()
}

fn pair(event: &str, actor: &str) -> (String, String) {
    (event.to_owned(), actor.to_owned())
}

#[test]
fn the_approval_stands_in_the_log_before_the_export() {
    let (desk, lead) = decided("");
    desk.fusion(&["packet", "approve", &lead, "--by", "Ion"]).ended(0);
    desk.fusion(&["packet", "build", &lead, "--by", "ion ", "--approved-by", "Ion"])
        .refused(&["two persons"]);
    desk.fusion(&["packet", "build", &lead, "--by", "Mihai"]).ended(0);
    assert_eq!(last(&desk, 2), [pair("approval", "Ion"), pair("export", "Mihai")]);
    // Without an approval of their own, the word of whoever builds is noted as such.
    let (desk, lead) = decided("");
    desk.fusion(&["packet", "build", &lead, "--by", "Mihai"]).ended(0);
    assert_eq!(last(&desk, 2), [pair("approval", "Olena"), pair("export", "Mihai")]);
    let log = std::fs::read_to_string(desk.dir().join("custody/log-000001.ndjson")).unwrap();
    assert!(log.contains("\"on_word_of\":\"Mihai\""));
}

#[test]
fn a_desk_can_ask_that_the_second_person_says_it_themselves() {
    let (desk, lead) = decided("explicit_approval = true");
    let build = ["packet", "build", &lead, "--by", "Mihai"];
    desk.fusion(&build).refused(&["packet approve"]);
    desk.fusion(&[&build[..], &["--approved-by", "Olena"]].concat()).refused(&["packet approve"]);
    desk.fusion(&["packet", "approve", &lead, "--by", "Mihai"]).ended(0);
    desk.fusion(&build).refused(&["packet approve"]);
    desk.fusion(&["packet", "approve", &lead, "--by", "Olena"]).ended(0);
    desk.fusion(&build).ended(0);
    // A new decision takes the approval back.
    let again = ["queue", "decide", &lead, "--verdict", "refer", "--reason", "hotline"];
    desk.fusion(&[&again[..], &["--by", "Olena"]].concat()).ended(0);
    desk.fusion(&build).refused(&["packet approve"]);
}

#[test]
fn an_undecided_lead_cannot_be_approved() {
    let desk = Desk::new();
    let row = json!({"id": "1", "text": AD, "region": "UA"});
    desk.import("ads.ndjson", format!("{row}\n").as_bytes(), &[]).ended(0);
    let lead = desk.top_lead();
    desk.fusion(&["packet", "approve", &lead, "--by", "Ion"]).refused(&["not decided"]);
}

#[test]
fn the_desks_terms_and_the_commands_stand_in_the_packet() {
    let (desk, lead) = decided(
        "language = \"ro\"\ngrading = \"3x5x2\"\ntlp = \"RED\"\nroutes = [\"Unitatea Exemplu\"]",
    );
    let packet = desk.beside("p.zip");
    let build =
        ["packet", "build", &lead, "--by", "Mihai", "--redacted", "-o", packet.to_str().unwrap()];
    desk.fusion(&[&build[..], &["--source-grade", "F"]].concat()).refused(&["3x5x2", "1, 2, 3"]);
    desk.fusion(&[&build[..], &["--source-grade", "2", "--information-grade", "d"]].concat())
        .ended(0);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&packet).unwrap()).unwrap();
    let mut report = String::new();
    let name = format!("packet-{lead}/data/report.html");
    std::io::Read::read_to_string(&mut zip.by_name(&name).unwrap(), &mut report).unwrap();
    for words in ["<html lang=\"ro\">", "TLP:RED", "Unitatea Exemplu", "2 (neverificată)"] {
        assert!(report.contains(words), "{words}");
    }
    assert!(!report.contains("671234567"), "the number is masked");
    let said = fusion(&["packet", "verify", packet.to_str().unwrap()]).ended(0);
    assert!(said.out.contains("Signed by the desk key"), "{}", said.out);
    let key = desk.beside("desk.pub");
    std::fs::write(&key, desk.fusion(&["packet", "key"]).ended(0).out).unwrap();
    fusion(&["packet", "verify", packet.to_str().unwrap(), "--key", key.to_str().unwrap()])
        .ended(0);
}

#[test]
fn a_mistake_in_the_cover_sheet_says_where_it_is() {
    let (desk, lead) = decided("");
    let cover = desk.beside("cover.toml");
    std::fs::write(&cover, "summary = \"x\"\nsumary = \"y\"\n").unwrap();
    let build = ["packet", "build", &lead, "--by", "Mihai", "--cover", cover.to_str().unwrap()];
    desk.fusion(&build).refused(&["cover.toml:2", "sumary"]);
}

#[test]
fn a_packet_for_recipients_leaves_no_plain_one_and_its_receipt_is_noted() {
    let (desk, lead) = decided("");
    let to = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let packet = desk.beside("p.zip");
    let place = packet.to_str().unwrap();
    let build = ["packet", "build", &lead, "--by", "Mihai", "-o", place, "--to"];
    desk.fusion(&[&build[..], &["age1nonsense"]].concat()).ended(2);
    desk.fusion(&[&build[..], &[to]].concat()).ended(0);
    let sent = desk.beside("p.zip.age");
    assert!(sent.exists() && !packet.exists());
    assert_eq!(
        last(&desk, 3),
        [pair("approval", "Olena"), pair("export", "Mihai"), pair("handover", "Mihai")]
    );
    fusion(&["packet", "verify", sent.to_str().unwrap()]).refused(&["age -d"]);
    let receipt = ["packet", "receipt", &lead, "--from", "Unit 7", "--by", "Mihai", "--packet"];
    desk.fusion(&[&receipt[..], &[sent.to_str().unwrap()]].concat()).ended(0);
    assert_eq!(last(&desk, 1), [pair("receipt", "Mihai")]);
    let other = desk.beside("other.bin");
    std::fs::write(&other, b"never sent").unwrap();
    desk.fusion(&[&receipt[..], &[other.to_str().unwrap()]].concat())
        .refused(&["ever left the desk"]);
    desk.fusion(&["evidence", "verify"]).ended(0);
}
