//! Packets are built the same twice, and whatever is done to one is found and named, also when the
//! seal over the whole file was made right again.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;

use domain::{Decision, Lead, LeadId, PostingId, Score, Sha256, Verdict};
use packet::{PacketRequest, VerifyReport};

/// A decided lead without postings: enough for the container and the manifests.
fn lead() -> Lead {
    let posting: PostingId = "p-0123456789abcdef01234567".parse().unwrap();
    let id = LeadId::founded_by(&posting);
    let score = Score::from_probability(0.9);
    let decision = Decision {
        by: "Olena <b>Example</b>".to_owned(),
        at: "2026-11-02T09:00:00Z".parse().unwrap(),
        verdict: Verdict::Escalate,
        reason: "<script>alert(1)</script>".to_owned(),
        lead: id,
        postings: Vec::new(),
    };
    Lead {
        postings: Vec::new(),
        decisions: vec![decision],
        ..Lead::new(posting, score, "2026-11-02T08:00:00Z".parse().unwrap())
    }
}

fn build(desk: &Path, name: &str) -> std::path::PathBuf {
    let lead = lead();
    let request = PacketRequest {
        desk: "Test desk",
        lead: &lead,
        postings: &[],
        links: &[],
        indicators: &BTreeMap::new(),
        rule_set: Sha256::of(b"rules"),
        prepared_by: "Mihai Example",
        approved_by: "Olena Example",
        built_at: "2026-11-02T10:00:00Z".parse().unwrap(),
    };
    let vault = evidence::Vault::open(desk, None).unwrap();
    packet::build(&request, &vault, &desk.join(name)).unwrap().hand_out().unwrap()
}

fn desk() -> tempfile::TempDir {
    let desk = tempfile::tempdir().unwrap();
    evidence::CustodyLog::open(&desk.path().join("custody")).unwrap();
    desk
}

/// The files of a packet, in order.
fn files(packet: &Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(packet).unwrap()).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// Puts files into a ZIP again and seals it as a careful forger would.
fn forge(packet: &Path, files: &[(String, Vec<u8>)]) -> VerifyReport {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.set_comment("0".repeat(64)).unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    let body = bytes.len() - 64;
    let seal = Sha256::of(&bytes[..body]).to_hex();
    bytes[body..].copy_from_slice(seal.as_bytes());
    std::fs::write(packet, bytes).unwrap();
    packet::verify(packet).unwrap()
}

#[track_caller]
fn names(report: &VerifyReport, file: &str) {
    assert!(report.faults.iter().any(|fault| fault.file.contains(file)), "{file}: {report:?}");
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    let desk = desk();
    let (first, second) = (build(desk.path(), "a.zip"), build(desk.path(), "b.zip"));
    assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
    let report = packet::verify(&first).unwrap();
    assert!(report.faults.is_empty(), "{report:?}");
}

#[test]
fn a_forged_packet_is_found_and_the_file_named() {
    let desk = desk();
    let packet = build(desk.path(), "a.zip");
    let whole = files(&packet);
    let forged = desk.path().join("forged.zip");
    assert!(forge(&forged, &whole).faults.is_empty(), "the forger's tools themselves are noticed");
    for index in 0..whole.len() {
        let name = whole[index].0.rsplit('/').next().unwrap().to_owned();
        let mut changed = whole.clone();
        changed[index].1.push(b' ');
        assert!(!forge(&forged, &changed).faults.is_empty(), "{name} with a byte more");

        let mut fewer = whole.clone();
        fewer.remove(index);
        names(&forge(&forged, &fewer), &name);

        if index > 0 {
            let mut swapped = whole.clone();
            let other = swapped[index - 1].1.clone();
            swapped[index].1 = other;
            assert!(
                !forge(&forged, &swapped).faults.is_empty(),
                "{name} with its neighbour's bytes"
            );
        }
    }
    let mut more = whole.clone();
    more.push((whole[0].0.replace("data/", "data/extra-"), b"x".to_vec()));
    names(&forge(&forged, &more), "extra-");
}

#[test]
fn what_is_no_packet_is_said_to_be_none() {
    let desk = desk();
    let file = desk.path().join("x.zip");
    for bytes in [
        &b""[..],
        b"PK",
        &[0; 200],
        b"hello hello hello hello hello hello hello hello hello hello hello hello",
    ] {
        std::fs::write(&file, bytes).unwrap();
        names(&packet::verify(&file).unwrap(), "x.zip");
    }
    assert!(packet::verify(&desk.path().join("missing.zip")).is_err());
}

#[test]
fn what_people_wrote_stays_text_in_the_report() {
    let desk = desk();
    let packet = build(desk.path(), "a.zip");
    let report =
        files(&packet).into_iter().find(|(name, _)| name.ends_with("report.html")).unwrap();
    let html = String::from_utf8(report.1).unwrap();
    assert!(!html.contains("<script>") && !html.contains("<b>Example"), "{html}");
    assert!(html.contains("&lt;script&gt;"));
}
