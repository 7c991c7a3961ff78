//! An outside authority says when the evidence was there at the latest. The authority here is made
//! with openssl and answers on loopback.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use sha2::Digest as _;

use crate::authority::{Authority, desk_with_authorities, led};
use crate::desk::Desk;

const AD: &str = "Дівчата 18-25, документи не потрібні. Паспорт залишається у координатора, дорогу відпрацюєте. Виїзд сьогодні. +380671234567";

fn desk_with_authority(authority: &Authority) -> Desk {
    desk_with_authorities(&[authority])
}

fn import(desk: &Desk, id: &str) {
    let row = json!({"id": id, "text": format!("{AD} {id}"), "region": "UA"});
    desk.import(&format!("{id}.ndjson"), format!("{row}\n").as_bytes(), &[]).ended(0);
}

fn tokens(desk: &Desk, ending: &str) -> Vec<PathBuf> {
    crate::desk::files_of(&desk.dir().join("time"), ending)
}

#[test]
fn an_authority_s_token_proves_each_file_alone_and_openssl_says_so() {
    let Some(authority) = Authority::start() else { return };
    let desk = desk_with_authority(&authority);
    (1..=5).for_each(|n| import(&desk, &n.to_string()));
    let said = desk.fusion(&["--format", "json", "evidence", "stamp"]).ended(0).json();
    assert_eq!(said["gathered"], 11, "five captures, five snapshots and the head: {said}");
    desk.fusion(&["evidence", "stamp"]).ended(0);
    let (records, answers) = (tokens(&desk, ".json"), tokens(&desk, ".tsr"));
    let record: Value = serde_json::from_slice(&std::fs::read(&records[0]).unwrap()).unwrap();
    let root = record["root"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
    assert!(authority.verify(&root, &answers[0]));
    assert!(!authority.verify(&root.replace(['0', '1'], "2"), &answers[0]), "another root");
    let mut snapshots = 0;
    for leaf in record["leaves"].as_array().unwrap() {
        let what = leaf["what"].as_str().unwrap();
        if what.starts_with("snapshots/") {
            snapshots += 1;
            let file = std::fs::read(desk.dir().join(what)).unwrap();
            assert_eq!(led(leaf, &sha2::Sha256::digest(file)), root);
            assert_ne!(led(leaf, &sha2::Sha256::digest(b"another")), root);
            let another = domain::Sha256::of(b"another");
            let digest = serde_json::from_value(leaf["sha256"].clone()).unwrap();
            let of =
                |digest| evidence::stamps(&desk.dir(), what, digest, jiff::Timestamp::UNIX_EPOCH);
            let stamps = of(&digest).unwrap();
            assert_eq!(stamps.len(), 1);
            assert!(answers[0].ends_with(&stamps[0].token) && stamps[0].time.ends_with('Z'));
            assert_eq!(of(&another).unwrap(), [], "no token is over that");
            // What cannot be read proves nothing, and keeps nobody from looking at the evidence.
            let whole = std::fs::read(&records[0]).unwrap();
            std::fs::write(&records[0], &whole[..whole.len() / 2]).unwrap();
            assert_eq!(of(&digest).unwrap(), []);
            std::fs::write(&records[0], whole).unwrap();
        }
    }
    assert_eq!(snapshots, 5);
    desk.fusion(&["evidence", "verify"]).ended(0);

    // A packet takes the proof along.
    let lead = desk.top_lead();
    let decide = ["queue", "decide", &lead, "--verdict", "escalate", "--reason", "x", "--by", "A"];
    desk.fusion(&decide).ended(0);
    let packet = desk.beside("p.zip");
    desk.fusion(&["packet", "build", &lead, "--by", "B", "-o", packet.to_str().unwrap()]).ended(0);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&packet).unwrap()).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let name = names.iter().find(|name| name.contains("/data/time/") && name.ends_with(".json"));
    let proof: Value = serde_json::from_reader(zip.by_name(name.unwrap()).unwrap()).unwrap();
    let folder = names[0].split('/').next().unwrap();
    let mut evidence = Vec::new();
    let file = format!("{folder}/{}", proof["file"].as_str().unwrap());
    zip.by_name(&file).unwrap().read_to_end(&mut evidence).unwrap();
    let token = format!("{folder}/data/time/{}", proof["token"].as_str().unwrap());
    let mut bytes = Vec::new();
    zip.by_name(&token).unwrap().read_to_end(&mut bytes).unwrap();
    std::fs::write(desk.beside("token.tsr"), bytes).unwrap();
    let root = led(&proof, &sha2::Sha256::digest(&evidence));
    assert!(authority.verify(&root, &desk.beside("token.tsr")));
}

#[test]
fn an_authority_that_is_down_is_shown_and_what_waits_is_asked_for_again() {
    let Some(authority) = Authority::start() else { return };
    let desk = desk_with_authority(&authority);
    import(&desk, "1");
    authority.up.store(false, Ordering::SeqCst);
    let said = desk.fusion(&["evidence", "stamp"]).ended(1);
    assert!(said.out.contains("503") && said.out.contains("wait; run it again"), "{}", said.out);
    assert!(tokens(&desk, "").is_empty(), "nothing half done is kept");
    import(&desk, "2");
    authority.up.store(true, Ordering::SeqCst);
    let said = desk.fusion(&["--format", "json", "evidence", "stamp"]).ended(0).json();
    assert!(said["gathered"].as_u64().unwrap() >= 5, "the first ones too: {said}");
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn an_authority_that_was_down_gives_its_token_over_all_that_another_has_already() {
    let (Some(first), Some(second)) = (Authority::start(), Authority::start()) else { return };
    let desk = desk_with_authorities(&[&first, &second]);
    import(&desk, "1");
    second.up.store(false, Ordering::SeqCst);
    let said = desk.fusion(&["--format", "json", "evidence", "stamp"]).ended(1).json();
    assert_eq!(said["tokens"][0][0], first.address, "{said}");
    assert_eq!((&said["failed"][0][0], &said["waiting"]), (&json!(second.address), &json!(3)));
    let shown = desk.fusion(&["doctor"]);
    let waits =
        format!("3 files and entries wait for {}, which has never answered", second.address);
    assert!(shown.out.contains(&waits), "{}", shown.out);
    import(&desk, "2");
    second.up.store(true, Ordering::SeqCst);
    desk.fusion(&["evidence", "stamp"]).ended(0);
    let whose = |answer: &PathBuf| {
        // TIME-ROOT-ANSWER.tsr is over the root of TIME-ROOT.json.
        let name = answer.file_name().unwrap().to_str().unwrap();
        let record = answer.with_file_name(format!("{}.json", name.rsplit_once('-').unwrap().0));
        let record: Value = serde_json::from_slice(&std::fs::read(record).unwrap()).unwrap();
        let root = record["root"].as_str().unwrap().trim_start_matches("sha256:");
        [&first, &second].iter().position(|authority| authority.verify(root, answer)).unwrap()
    };
    let mut by: Vec<usize> = tokens(&desk, ".tsr").iter().map(whose).collect();
    by.sort_unstable();
    assert_eq!(by, [0, 0, 1], "the first has answered twice, the second once over all of it");
    let said = desk.fusion(&["--format", "json", "evidence", "stamp"]).ended(0).json();
    assert_eq!((&said["gathered"], tokens(&desk, ".tsr").len()), (&json!(0), 3), "{said}");
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn the_scheduler_asks_for_trusted_time_by_itself() {
    let Some(authority) = Authority::start() else { return };
    let desk = desk_with_authority(&authority);
    import(&desk, "1");
    let mut watching = desk
        .command(&["scan", "--due", "--watch"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while tokens(&desk, ".tsr").is_empty() {
        assert!(watching.try_wait().unwrap().is_none(), "it ended without a token");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    std::fs::write(desk.dir().join("STOP"), "").unwrap();
    assert!(watching.wait().unwrap().success());
    let shown = desk.fusion(&["doctor"]);
    assert!(shown.out.contains(&format!("{}, which answered last on", authority.address)));
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn asking_for_time_that_is_killed_anywhere_leaves_nothing_half_done() {
    let Some(authority) = Authority::start() else { return };
    let desk = desk_with_authority(&authority);
    let mut half_done = 0;
    for round in 0..14_u64 {
        import(&desk, &round.to_string());
        let started = std::time::Instant::now();
        let mut child = desk
            .command(&["evidence", "stamp"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Until its files are there, and a moment more: between the two, or before the log knows.
        let before = tokens(&desk, "").len();
        let at_once = round % 7 == 0;
        while !at_once && child.try_wait().unwrap().is_none() && tokens(&desk, "").len() == before {
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_micros(if at_once {
            30_000
        } else {
            round * 150
        }));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(started.elapsed().as_secs() < 30);
        let said = desk.fusion(&["evidence", "verify"]);
        for fault in said.out.lines().filter(|line| line.starts_with("FAULT ")) {
            half_done += 1;
            assert!(fault.contains("time/") && fault.contains("if a crash left it"), "{fault}");
        }
        desk.fusion(&["queue", "list"]).ended(0);
        desk.fusion(&["evidence", "verify"]).ended(0);
    }
    println!("{half_done} files were half done");
    // And the moment itself: its files are there, and the log does not know of them. On a slow machine
    // none of the rounds may have come to its end.
    import(&desk, "undisturbed");
    desk.fusion(&["evidence", "stamp"]).ended(0);
    let token = tokens(&desk, ".tsr").remove(0);
    std::fs::copy(&token, token.with_file_name("20260101T000000Z-00000000-00000000.tsr")).unwrap();
    let said = desk.fusion(&["evidence", "verify"]).ended(1);
    assert!(said.out.contains("20260101T000000Z") && said.out.contains("if a crash left it"));
    std::fs::remove_file(desk.dir().join("store/store.json")).unwrap();
    desk.fusion(&["queue", "list"]).ended(0);
    desk.fusion(&["evidence", "verify"]).ended(0);
    desk.fusion(&["evidence", "stamp"]).ended(0);
    let said = desk.fusion(&["--format", "json", "evidence", "stamp"]).ended(0).json();
    assert_eq!(said["gathered"], 0, "all of it has a token: {said}");
    desk.fusion(&["evidence", "verify"]).ended(0);
}

#[test]
fn a_token_or_record_that_was_touched_is_named() {
    let Some(authority) = Authority::start() else { return };
    let desk = desk_with_authority(&authority);
    import(&desk, "1");
    desk.fusion(&["evidence", "stamp"]).ended(0);
    for file in tokens(&desk, "") {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let whole = std::fs::read(&file).unwrap();
        for at in [0, whole.len() / 2, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&file, bytes).unwrap();
            let said = desk.fusion(&["evidence", "verify"]).ended(1);
            assert!(said.out.contains(&format!("time/{name}")), "{}", said.out);
        }
        std::fs::remove_file(&file).unwrap();
        let said = desk.fusion(&["evidence", "verify"]).ended(1);
        assert!(said.out.contains(&format!("time/{name}")), "{}", said.out);
        std::fs::write(&file, whole).unwrap();
    }
    std::fs::write(desk.dir().join("time/extra.tsr"), b"x").unwrap();
    let said = desk.fusion(&["evidence", "verify"]).ended(1);
    assert!(said.out.contains("time/extra.tsr"), "{}", said.out);
}

#[test]
fn a_desk_without_an_authority_says_how_to_set_one() {
    Desk::new().fusion(&["evidence", "stamp"]).refused(&["[time] authorities"]);
}
