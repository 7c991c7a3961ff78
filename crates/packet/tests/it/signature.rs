//! A packet says who made it, in a form that stock tools check, and is opened by whom it was
//! encrypted for alone.

use packet::{Recipient, ReportLanguage, Variant};

use crate::sample::{SampleDesk, files, text_of};
use crate::tools::{fails, runs, tool};

const MANIFESTS: [&str; 2] = ["manifest-sha256.txt", "tagmanifest-sha256.txt"];

fn signed(desk: &SampleDesk, name: &str) -> std::path::PathBuf {
    let key = desk.key();
    let mut handover = desk.handover(ReportLanguage::Uk, Variant::Full);
    handover.key = Some(&key);
    desk.build(&handover, name)
}

#[test]
fn minisign_checks_both_manifests() {
    let Some(minisign) = tool("minisign") else { return };
    let desk = SampleDesk::new();
    let packet = signed(&desk, "s.zip");
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files(&packet) {
        if !name.contains('/') {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
    }
    for manifest in MANIFESTS {
        let args = ["-V", "-p", "desk-key.pub", "-m", manifest];
        let said = runs(&minisign, &args, folder.path());
        assert!(said.contains("verified") && said.contains("packet l-0123456789ab"), "{said}");
        std::fs::write(folder.path().join(manifest), b"something else").unwrap();
        fails(&minisign, &args, folder.path());
    }
}

#[test]
fn the_signer_is_told_and_another_key_is_a_fault() {
    let desk = SampleDesk::new();
    let packet = signed(&desk, "s.zip");
    let (key, other) = (desk.key(), evidence::DeskKey::open(&desk.dir().join("other")).unwrap());
    let report = packet::verify_with(&packet, Some(&key.public_text())).unwrap();
    assert_eq!((report.faults.len(), report.signed_by), (0, Some(key.id())), "{:?}", report.notes);
    let report = packet::verify_with(&packet, Some(&other.public_text())).unwrap();
    let faulty: Vec<&str> = report.faults.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(
        faulty,
        ["desk-key.pub", "manifest-sha256.txt.minisig", "tagmanifest-sha256.txt.minisig"]
    );
    assert_eq!(report.signed_by, None);
    let unsigned = desk.build(&desk.handover(ReportLanguage::Uk, Variant::Full), "u.zip");
    let report = packet::verify(&unsigned).unwrap();
    assert!(report.faults.is_empty() && report.notes[0].contains("not signed"));
    let report = packet::verify_with(&unsigned, Some(&key.public_text())).unwrap();
    assert_eq!(report.faults[0].file, "desk-key.pub", "asked for a signature, there is none");
}

#[test]
fn age_opens_what_was_encrypted_for_its_key_and_nobody_else_does() {
    let (Some(age), Some(keygen)) = (tool("age"), tool("age-keygen")) else { return };
    let desk = SampleDesk::new();
    let mut keys = Vec::new();
    for name in ["police.key", "prosecutor.key", "stranger.key"] {
        let said = runs(&keygen, &["-o", name], desk.dir());
        keys.push(said.trim().rsplit(' ').next().unwrap().to_owned());
    }
    let recipients: Vec<Recipient> = keys[..2].iter().map(|key| key.parse().unwrap()).collect();
    let place = desk.dir().join("e.zip");
    let handover = desk.handover(ReportLanguage::Uk, Variant::Full);
    let built = packet::build_for(&desk.request(), &handover, &desk.vault(), &place).unwrap();
    let plain = built.sha256;
    let (path, digest) = built.hand_out_to(&recipients).unwrap();
    assert_eq!(path, desk.dir().join("e.zip.age"));
    assert_eq!(digest, domain::Sha256::of(&std::fs::read(&path).unwrap()));
    assert!(!place.exists() && !desk.dir().join("e.zip.part").exists(), "the plain packet stays");
    for name in ["police.key", "prosecutor.key"] {
        runs(&age, &["-d", "-i", name, "-o", "opened.zip", "e.zip.age"], desk.dir());
        let opened = std::fs::read(desk.dir().join("opened.zip")).unwrap();
        assert_eq!(domain::Sha256::of(&opened), plain);
        assert!(packet::verify(&desk.dir().join("opened.zip")).unwrap().faults.is_empty());
    }
    fails(&age, &["-d", "-i", "stranger.key", "-o", "no.zip", "e.zip.age"], desk.dir());
    let error = packet::verify(&path).unwrap_err().to_string();
    assert!(error.contains("age -d"), "{error}");
}

#[test]
fn what_is_no_public_key_is_refused_in_words() {
    let refused = |text: &str| text.parse::<Recipient>().unwrap_err();
    assert!(refused("AGE-SECRET-KEY-1QQQ").contains("secret key"));
    assert!(refused("hello").contains("age1..."));
}

/// The page names each command in each language, and the commands are those that were tried above.
#[test]
fn the_page_on_checking_is_there_in_four_languages() {
    let desk = SampleDesk::new();
    let packet = signed(&desk, "s.zip");
    for name in
        ["how-to-check.txt", "how-to-check.uk.txt", "how-to-check.ru.txt", "how-to-check.ro.txt"]
    {
        let page = text_of(&packet, name);
        for command in [
            "head -c -64 PACKET.zip | sha256sum",
            "tail -c 64 PACKET.zip",
            "sha256sum -c manifest-sha256.txt",
            "sha256sum -c tagmanifest-sha256.txt",
            "minisign -V -p desk-key.pub -m manifest-sha256.txt",
            "minisign -V -p desk-key.pub -m tagmanifest-sha256.txt",
            "printf \"$(echo 01LEFTRIGHT | sed 's/../\\\\x&/g')\" | sha256sum",
            "openssl ts -verify -digest ROOT",
            "cd packet-l-0123456789abcdef01234567",
        ] {
            assert!(page.contains(command), "{name}: {command}");
        }
    }
}
