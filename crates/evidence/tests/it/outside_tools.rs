//! What we write is checked by the tools that others use: `warcio`, `wacz` and `cdxj-indexer`
//! (PyPI: warcio, wacz).

use base64::Engine as _;
use domain::Peer;

use crate::deletions::with_deletions;
use crate::sample::{Desk, filled, packed_page, page, robots, rows};
use crate::tools::{runs, tool};

#[test]
fn warcio_finds_every_digest_right() {
    let Some(warcio) = tool("warcio") else { return };
    let desk = filled(Desk::new());
    let captures = desk.path().join("captures");
    let said = runs(&warcio, &["check", "-v", "20261123-000001.warc.gz"], &captures);
    // One warcinfo; three records for each of three pages, two for the file.
    assert_eq!(said.matches("digest pass").count(), 12, "{said}");
    assert_eq!(said.matches("offset").count(), 12, "{said}");
}

#[test]
fn warcio_finds_every_digest_right_where_a_tombstone_stands() {
    let Some(warcio) = tool("warcio") else { return };
    let desk = with_deletions(filled(Desk::new()));
    let captures = desk.path().join("captures");
    let said = runs(&warcio, &["check", "-v", "20261123-000001.warc.gz"], &captures);
    // The three records of a page are one now.
    assert_eq!(said.matches("digest pass").count(), 10, "{said}");
    assert_eq!(said.matches("offset").count(), 10, "{said}");
}

#[test]
fn wacz_finds_snapshots_of_pages_and_files_valid() {
    let Some(wacz) = tool("wacz") else { return };
    let mut desk = Desk::new();
    let robots = robots("https://jobs.example/robots.txt", "2026-11-23T10:00:00Z");
    let file = rows("file:///оголошення 1.csv#rows=1-2", "2026-11-23T10:00:02Z", b"id,text\n1,a\n");
    for captures in [vec![packed_page(), robots], vec![file]] {
        let snapshot = desk.snapshot(&captures);
        let said = runs(&wacz, &["validate", "-f", &snapshot.file], &desk.path().join("snapshots"));
        assert!(said.contains("the passed WACZ is valid"), "{said}");
    }
}

/// Who answered can be told by others: the certificate lies in the snapshot as it came.
#[test]
fn openssl_reads_the_certificate_of_the_server_out_of_a_snapshot() {
    let Some(openssl) = tool("openssl") else { return };
    let pem = include_str!("../../../collect/tests/saved/self-signed.pem");
    let (certificate, _) = pem.split_once("-----END CERTIFICATE-----").unwrap();
    let (_, certificate) = certificate.split_once("-----BEGIN CERTIFICATE-----").unwrap();
    let certificate: String = certificate.split_whitespace().collect();
    let certificate = base64::prelude::BASE64_STANDARD.decode(certificate).unwrap();
    let mut page = packed_page();
    page.peer = Peer { address: "192.0.2.7".parse().ok(), certificate: Some(certificate) };
    let mut desk = Desk::new();
    let snapshot = desk.snapshot(&[page]);
    let wacz = std::fs::File::open(desk.path().join("snapshots").join(snapshot.file)).unwrap();
    let mut zip = zip::ZipArchive::new(wacz).unwrap();
    let records = std::io::BufReader::new(zip.by_name("archive/data.warc.gz").unwrap());
    let records = warc::WarcReader::new(records, 1 << 20).unwrap().map(Result::unwrap);
    let records: Vec<_> = records.collect();
    let is = |field: &str, value: &str| {
        records.iter().find(|record| record.field(field) == Some(value)).unwrap()
    };
    assert_eq!(is("WARC-IP-Address", "192.0.2.7").kind(), "response");
    std::fs::write(
        desk.path().join("server.der"),
        &is("Content-Type", "application/pkix-cert").block,
    )
    .unwrap();
    let asked = ["x509", "-inform", "der", "-in", "server.der", "-noout", "-subject"];
    let said = runs(&openssl, &asked, desk.path());
    assert!(said.contains("invented.example"), "{said}");
}

/// The index of a snapshot is the one that the usual indexer makes of the same file.
#[test]
fn cdxj_indexer_makes_the_same_index() {
    let Some(indexer) = tool("cdxj-indexer") else { return };
    let at = "2026-11-23T10:00:00Z";
    let captures = [
        packed_page(),
        robots("https://jobs.example/robots.txt", at),
        page("http://WWW.Jobs.example:8080/S/Chan/?before=20&After=7&x", at, b"<p>x</p>"),
        page("https://www2.xn--e1afmkfd.example/%D1%88?", at, b"y"),
        page("http://127.0.0.1:3000/", at, b"z"),
        rows("file:///оголошення 1.csv#rows=1-2", at, b"id,text\n1,a\n"),
    ];
    let mut desk = Desk::new();
    let snapshot = desk.snapshot(&captures);
    let wacz = std::fs::File::open(desk.path().join("snapshots").join(snapshot.file)).unwrap();
    let mut zip = zip::ZipArchive::new(wacz).unwrap();
    zip.extract(desk.path().join("unpacked")).unwrap();
    let theirs = runs(&indexer, &["--sort", "data.warc.gz"], &desk.path().join("unpacked/archive"));
    let ours = std::fs::read_to_string(desk.path().join("unpacked/indexes/index.cdx")).unwrap();
    let lines = |index: &str| -> Vec<(String, serde_json::Value)> {
        let split = |line: &str| {
            let (key, fields) = line.split_at(line.find('{').unwrap());
            (key.to_owned(), serde_json::from_str(fields).unwrap())
        };
        index.lines().map(split).collect()
    };
    assert_eq!(lines(&ours), lines(&theirs));
}
