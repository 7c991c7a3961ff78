//! Whatever is done to a packet is found, and the file named. Each case and its outcome is printed.

use std::io::Write as _;
use std::path::Path;

use domain::Sha256;
use packet::{ReportLanguage, Variant, VerifyReport};

use crate::sample::{SampleDesk, files};

const FOLDER: &str = "packet-l-0123456789abcdef01234567";
const MANIFEST: &str = "manifest-sha256.txt";
const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

type Files = Vec<(String, Vec<u8>)>;

/// Puts files into a ZIP again and seals it, as a careful forger would.
fn sealed(path: &Path, files: &Files) {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(format!("{FOLDER}/{name}"), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.set_comment("0".repeat(64)).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    let body = bytes.len() - 64;
    let seal = Sha256::of(&bytes[..body]).to_hex();
    bytes[body..].copy_from_slice(seal.as_bytes());
    std::fs::write(path, bytes).unwrap();
}

/// Writes both manifests anew, so that every digest agrees with what is there.
fn with_new_manifests(mut files: Files) -> Files {
    for (manifest, of_payload) in [(MANIFEST, true), (TAG_MANIFEST, false)] {
        let listed = |name: &str| match of_payload {
            true => name.starts_with("data/"),
            false => !name.starts_with("data/") && !name.starts_with(TAG_MANIFEST),
        };
        let lines: String = files
            .iter()
            .filter(|(name, _)| listed(name))
            .map(|(name, bytes)| format!("{}  {name}\n", Sha256::of(bytes).to_hex()))
            .collect();
        let place = files.iter_mut().find(|(name, _)| name == manifest);
        if let Some((_, bytes)) = place {
            *bytes = lines.into_bytes();
        }
    }
    files
}

struct Table {
    rows: Vec<String>,
    wrong: Vec<String>,
}

impl Table {
    /// The outcome must name one of these files.
    fn case(&mut self, what: &str, file: &str, report: &VerifyReport, names: &[&str]) {
        let named =
            report.faults.iter().find(|fault| names.iter().any(|name| fault.file.ends_with(name)));
        let outcome = match named {
            Some(fault) => format!("found: {fault}"),
            None => format!("NOT FOUND: {:?}", report.faults),
        };
        let row = format!("{what:<34} {file:<74} {outcome}");
        if named.is_none() {
            self.wrong.push(row.clone());
        }
        self.rows.push(row);
    }
}

#[test]
fn everything_done_to_a_packet_is_found_and_named() {
    let desk = SampleDesk::new();
    let key = desk.key();
    let mut handover = desk.handover(ReportLanguage::Ro, Variant::Full);
    handover.key = Some(&key);
    let packet = desk.build(&handover, "a.zip");
    let public = key.public_text();
    let whole = files(&packet);
    let forged = desk.dir().join("forged.zip");
    let mut table = Table { rows: Vec::new(), wrong: Vec::new() };
    let check = |files: &Files| {
        sealed(&forged, files);
        packet::verify_with(&forged, Some(&public)).unwrap()
    };
    assert!(check(&whole).faults.is_empty(), "the forger's tools themselves are noticed");

    for (index, (name, bytes)) in whole.iter().enumerate() {
        let changed = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut files = whole.clone();
            change(&mut files[index].1);
            files
        };
        let signed_by = format!("{name}.minisig");
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let files = changed(&|bytes| bytes[at] ^= 1);
            let what = format!("byte {at} flipped");
            // A list that was changed is named, or what it lists.
            table.case(&what, name, &check(&files), &[name, MANIFEST, TAG_MANIFEST, &signed_by]);
        }
        let cut = changed(&|bytes| bytes.truncate(bytes.len() / 2));
        table.case("cut in half", name, &check(&cut), &[name, MANIFEST, TAG_MANIFEST]);
        let mut removed = whole.clone();
        removed.remove(index);
        table.case("removed", name, &check(&removed), &[name]);
        let other = &whole[(index + 1) % whole.len()].1;
        if other != bytes {
            let swapped = changed(&|bytes| bytes.clone_from(other));
            let names = [name.as_str(), MANIFEST, TAG_MANIFEST];
            table.case("another file's bytes", name, &check(&swapped), &names);
        }
        if name.starts_with("data/") {
            // The signature alone stands between this forger and the reader.
            let files = with_new_manifests(changed(&|bytes| bytes.push(b' ')));
            let names = ["manifest-sha256.txt.minisig"];
            table.case("changed, manifests made anew", name, &check(&files), &names);
        }
    }
    let mut added = whole.clone();
    added.push(("data/added.txt".to_owned(), b"x".to_vec()));
    table.case("added", "data/added.txt", &check(&added), &["added.txt"]);
    let files = with_new_manifests(added);
    let names = ["manifest-sha256.txt.minisig"];
    table.case("added, manifests made anew", "data/added.txt", &check(&files), &names);
    let bare: Files = whole
        .iter()
        .filter(|(name, _)| !name.ends_with(".minisig") && !name.ends_with(".pub"))
        .cloned()
        .collect();
    let files = with_new_manifests(bare);
    table.case("signatures taken away", "desk-key.pub", &check(&files), &["desk-key.pub"]);

    raw(&packet, &forged, &public, &mut table);
    println!("{}", table.rows.join("\n"));
    println!("{} cases, {} not found", table.rows.len(), table.wrong.len());
    assert!(table.rows.len() > 100, "{}", table.rows.len());
    assert!(table.wrong.is_empty(), "{}", table.wrong.join("\n"));
}

/// The ZIP itself, without any repair: bytes flipped all over, and its end cut off.
fn raw(packet: &Path, forged: &Path, key: &str, table: &mut Table) {
    let whole = std::fs::read(packet).unwrap();
    let step = whole.len() / 97;
    for at in (0..whole.len()).step_by(step) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        std::fs::write(forged, bytes).unwrap();
        let report = packet::verify_with(forged, Some(key)).unwrap();
        table.case("raw byte flipped", &format!("forged.zip, byte {at}"), &report, &["forged.zip"]);
    }
    for length in [0, 1, 63, 64, 65, whole.len() / 2, whole.len() - 1] {
        std::fs::write(forged, &whole[..length]).unwrap();
        let report = packet::verify_with(forged, Some(key)).unwrap();
        table.case("cut off", &format!("forged.zip, {length} bytes"), &report, &["forged.zip"]);
    }
}
