//! Web archives of other programs.

use std::io::Write as _;

use domain::PostingKind;
use flate2::Compression;
use sha2::{Digest as _, Sha256};

use crate::desk::{Imported, gzip, import, import_bytes, named, reference_data};

const AD: &str = "<html lang=uk><title>Склад</title><nav>Меню</nav><p>Пакувальниці на склад, житло безкоштовно.</p>";

/// A record, with the digests that its writer would state.
fn record(fields: &str, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.1\r\nWARC-Date: 2026-10-01T09:30:00Z\r\n{fields}Content-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn response(url: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let fields = format!(
        "WARC-Type: response\r\nWARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\n"
    );
    let block = [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat();
    record(&fields, &block)
}

fn page(url: &str) -> Vec<u8> {
    response(url, "200 OK\r\nContent-Type: text/html", AD.as_bytes())
}

/// Done, intended and fault, each `name times`.
fn counts(imported: &Imported) -> String {
    let counts = imported.tally.iter().map(|(outcome, times)| format!("{outcome} {times}"));
    counts.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn a_record_with_a_page_is_a_capture_and_the_page_is_read_as_it_stood() {
    let url = "https://board.example/ad/1";
    let file = [
        record("WARC-Type: warcinfo\r\n", b"software: invented\r\n"),
        page(url),
        response(url, "200 OK\r\nContent-Type: image/png", b"\x89PNG"),
        response(url, "404 Not Found\r\nContent-Type: text/html", AD.as_bytes()),
        record("WARC-Type: revisit\r\n", b""),
    ];
    let members: Vec<u8> = file.iter().flat_map(|record| gzip(record)).collect();
    for (name, bytes) in [
        ("crawl.warc", file.concat()),
        ("crawl.warc.gz", members),
        ("crawl.warc.gz", gzip(&file.concat())),
    ] {
        let imported = import_bytes(name, bytes, &[]).await;
        assert_eq!(imported.incomplete, None);
        assert_eq!(
            counts(&imported),
            "fetch.new 1, record.no-page 2, record.revisit 1, record.status-not-ok 1"
        );
        assert_eq!(imported.captures[0].url, format!("file:///{name}#record=2"));
        assert_eq!(imported.captures[0].body, file[1][..file[1].len() - 4], "as it stood");
        let [posting] = imported.postings.as_slice() else { panic!("{:?}", imported.row_problems) };
        assert_eq!(posting.text, "Пакувальниці на склад, житло безкоштовно.");
        assert_eq!((posting.url.as_deref(), posting.title.as_deref()), (Some(url), Some("Склад")));
        assert_eq!(posting.saved_at.unwrap().to_string(), "2026-10-01T09:30:00Z");
        assert_eq!((posting.kind, posting.row), (PostingKind::SocialPost, None));
    }
}

#[tokio::test]
async fn a_page_that_a_collector_knows_is_the_collectors() {
    let body = b"<p>known-to-a-collector: Packers wanted</p>";
    let file = response("https://board.example/1", "200 OK\r\nContent-Type: text/html", body);
    let imported = import_bytes("a.warc", file, &[]).await;
    assert_eq!(imported.texts(), ["Packers wanted"]);
    assert_eq!(imported.postings[0].kind, PostingKind::JobAd);
    assert!(imported.postings[0].saved_at.is_some());
}

#[tokio::test]
async fn chunks_and_packing_are_taken_off() {
    let body = AD.as_bytes();
    let chunked = |body: &[u8]| {
        let (one, two) = body.split_at(30);
        let chunk =
            |piece: &[u8]| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        [chunk(one), chunk(two), b"0\r\n\r\n".to_vec()].concat()
    };
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(body).unwrap();
    for (headers, body) in [
        ("Transfer-Encoding: chunked", chunked(body)),
        ("Content-Encoding: gzip", gzip(body)),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", chunked(&gzip(body))),
        ("Content-Encoding: deflate", zlib.finish().unwrap()),
        // Archives keep the header and take the encoding off.
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", body.to_vec()),
        ("Content-Encoding: br", body.to_vec()),
    ] {
        let head = format!("200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{headers}");
        let file = response("https://board.example/1", &head, &body);
        let imported = import_bytes("a.warc", file, &[]).await;
        assert_eq!(imported.texts(), ["Пакувальниці на склад, житло безкоштовно."], "{headers}");
    }
}

#[tokio::test]
async fn a_record_with_a_wrong_digest_is_named_and_not_read() {
    let block = [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", AD.as_bytes()].concat();
    let hex =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let fields = "WARC-Type: response\r\nWARC-Target-URI: https://b.example/1\r\nContent-Type: application/http\r\n";
    for (digest, postings) in [
        (format!("WARC-Block-Digest: sha256:{}\r\n", hex(&block)), 1),
        (format!("WARC-Block-Digest: sha256:{}\r\n", hex(b"other")), 0),
        (format!("WARC-Payload-Digest: sha256:{}\r\n", hex(AD.as_bytes())), 1),
        (format!("WARC-Payload-Digest: sha256:{}\r\n", hex(b"other")), 0),
        ("WARC-Block-Digest: md5:00\r\n".to_owned(), 1),
        (
            format!(
                "WARC-Block-Digest: sha256:{}\r\nWARC-Payload-Digest: sha256:{}\r\n",
                hex(b"other"),
                hex(AD.as_bytes())
            ),
            1,
        ),
    ] {
        let file = record(&format!("{fields}{digest}"), &block);
        let imported = import_bytes("a.warc", file, &[]).await;
        assert_eq!(imported.postings.len(), postings, "{digest}");
        assert_eq!(imported.tally.of("record.wrong-digest"), 1 - postings as u64, "{digest}");
    }
}

#[tokio::test]
async fn a_broken_record_is_named_and_the_rest_is_read() {
    let mut broken = gzip(&page("https://b.example/2"));
    let middle = broken.len() / 2;
    broken[middle..middle + 9].fill(0xaa);
    let cut = &gzip(&page("https://b.example/4"))[..60];
    let file =
        [&gzip(&page("https://b.example/1")), &broken, &gzip(&page("https://b.example/3")), cut];
    let imported = import_bytes("a.warc.gz", file.concat(), &[]).await;
    let urls: Vec<_> = imported.postings.iter().filter_map(|p| p.url.as_deref()).collect();
    assert_eq!(urls, ["https://b.example/1", "https://b.example/3"]);
    let problems: Vec<_> = imported.problems.iter().map(named).collect();
    let places = ["file:///a.warc.gz#record=2", "file:///a.warc.gz#record=4"];
    assert_eq!(problems, places.map(|place| format!("record.broken at {place}")));
}

#[tokio::test]
async fn a_film_that_is_too_large_is_no_fault_and_a_page_is_one() {
    let large = vec![b'x'; 17 * 1024 * 1024];
    let file = [
        response("https://b.example/1", "200 OK\r\nContent-Type: video/mp4", &large),
        response("https://b.example/2", "200 OK\r\nContent-Type: text/html", &large),
        page("https://b.example/3"),
    ];
    let imported = import_bytes("a.warc", file.concat(), &[]).await;
    assert_eq!(counts(&imported), "fetch.new 1, record.no-page 1, record.too-large 1");
}

#[tokio::test]
async fn what_is_no_web_archive_is_told_in_one_sentence() {
    for (name, bytes, sentence) in [
        ("a.warc", &b"filedesc://a.arc 127.0.0.1\n"[..], "a.warc is no WARC file"),
        ("a.warc.gz", b"\x1f\x8b\x08\0no gzip", "a.warc.gz is no WARC file"),
        ("a.wacz", b"PK\x03\x04nothing", "a.wacz is no WACZ file"),
        ("a.wacz", b"", "a.wacz is no WACZ file"),
    ] {
        let problem = import_bytes(name, bytes, &[]).await.incomplete.unwrap();
        assert!(problem.detail.starts_with(sentence), "{}", problem.detail);
    }
}

/// A WACZ with these parts; the manifest has their digests, with the last letter of some changed.
fn wacz(parts: &[(&str, &[u8])], wrong: &[&str], unlisted: &[&str]) -> Vec<u8> {
    let hash = |bytes: &[u8]| {
        let digest = Sha256::digest(bytes);
        format!("sha256:{}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    };
    let listed: Vec<_> = parts
        .iter()
        .filter(|(path, _)| !unlisted.contains(path))
        .map(|(path, bytes)| {
            let bytes: &[u8] = if wrong.contains(path) { b"other" } else { bytes };
            serde_json::json!({"path": path, "hash": hash(bytes)})
        })
        .collect();
    let package = serde_json::json!({"profile": "data-package", "resources": listed}).to_string();
    let stated = if wrong.contains(&"datapackage.json") { b"other" } else { package.as_bytes() };
    let digest = serde_json::json!({"path": "datapackage.json", "hash": hash(stated)}).to_string();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let own =
        [("datapackage.json", package.as_bytes()), ("datapackage-digest.json", digest.as_bytes())];
    for (path, bytes) in parts.iter().chain(&own) {
        zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const WARC: &str = "archive/data.warc.gz";
const PAGES: &str = "pages/pages.jsonl";

#[tokio::test]
async fn a_wacz_is_read_and_its_pages_are_accounted_for() {
    let warc = gzip(&page("https://b.example/1"));
    let pages = "{\"format\":\"json-pages-1.0\"}\n{\"url\":\"https://b.example/1\"}\n{\"url\":\"https://b.example/2\"}\n{id}\n";
    let file = wacz(&[(WARC, &warc), (PAGES, pages.as_bytes())], &[], &[]);
    let imported = import_bytes("a.wacz", file, &[]).await;
    assert_eq!(imported.captures[0].url, format!("file:///a.wacz#{WARC}&record=1"));
    assert_eq!(imported.postings[0].url.as_deref(), Some("https://b.example/1"));
    let problems: Vec<_> = imported.problems.iter().map(named).collect();
    assert_eq!(
        problems,
        [
            format!("wacz.page-list-broken at file:///a.wacz#{PAGES} line 4"),
            "wacz.page-missing at https://b.example/2".to_owned()
        ]
    );
}

#[tokio::test]
async fn a_part_that_is_not_as_the_manifest_says_is_named_and_not_read() {
    let warc = gzip(&page("https://b.example/1"));
    let parts = [(WARC, warc.as_slice()), (PAGES, b"{\"format\":\"json-pages-1.0\"}\n")];
    for (wrong, unlisted, expected, postings) in [
        (&[][..], &[][..], "", 1),
        (&[WARC], &[], "wacz.wrong-digest at file:///a.wacz#archive/data.warc.gz", 0),
        (&["datapackage.json"], &[], "wacz.wrong-digest at file:///a.wacz#datapackage.json", 1),
        (&[], &[WARC], "wacz.part-unlisted at file:///a.wacz#archive/data.warc.gz", 0),
    ] {
        let imported = import_bytes("a.wacz", wacz(&parts, wrong, unlisted), &[]).await;
        let problems: Vec<_> = imported.problems.iter().map(named).collect();
        assert_eq!((problems.join(", ").as_str(), imported.postings.len()), (expected, postings));
    }
}

/// What the files of warcio and py-wacz must give, by what those projects' own tests say of them.
/// Where we differ from them the reason stands beside it.
const EXPECTED: [(&str, &str); 20] = [
    ("warcio/example.warc", "fetch.new 1, record.no-page 4, record.revisit 1"),
    ("warcio/example.warc.gz", "fetch.new 1, record.no-page 4, record.revisit 1"),
    // One member for all records: warcio asks for the file to be packed anew, since it cannot seek
    // in it. We read from the beginning to the end.
    ("warcio/example-bad-non-chunked.warc.gz", "fetch.new 1, record.no-page 4, record.revisit 1"),
    (
        "warcio/example-bad.warc.gz.bad",
        "fetch.new 1, record.no-page 3, record.revisit 1, record.status-not-ok 1",
    ),
    // Requests alone, one with a wrong digest: a request holds no page, so it is not asked for its
    // digest.
    ("warcio/example-digest.warc", "record.no-page 4"),
    ("warcio/example-iana.org-chunked.warc", "fetch.new 1, record.no-page 2"),
    ("warcio/example-resource.warc.gz", "fetch.new 1, record.no-page 2"),
    ("warcio/example-space-in-target-uri.warc.gz", "record.no-page 2"),
    // The length is too short by some bytes: both digests fail, and what is left over is no record.
    ("warcio/example-trunc.warc", "record.no-page 3, record.broken 1, record.wrong-digest 1"),
    ("warcio/example-wget-bad-target-uri.warc.gz", "fetch.new 1, record.no-page 5"),
    // A member ends in the middle of a record: warcio loses the rest of the file, we do not. The
    // digest of its block is that of another block; its page has the digest that it states.
    ("warcio/example-wrong-chunks.warc.gz", "fetch.new 1, record.no-page 1"),
    ("warcio/post-test.warc.gz", "fetch.new 3, record.no-page 3"),
    // ARC, which is older than WARC, is not read.
    ("warcio/example.arc", "file.not-warc"),
    ("warcio/example.arc.gz", "file.not-warc"),
    ("warcio/bad.arc", "file.not-warc"),
    ("warcio/example-space-in-url.arc", "file.not-warc"),
    ("wacz/example-resource.warc.gz", "fetch.new 1, record.no-page 1, record.revisit 1"),
    ("wacz/example-warcinfo-metadata.warc", "fetch.new 1, record.no-page 3"),
    ("wacz/valid_signed_example_1.wacz", "fetch.new 1, record.no-page 2, record.status-not-ok 1"),
    ("wacz/valid_example_1.wacz", "fetch.new 1, record.no-page 3"),
];

#[tokio::test]
async fn files_of_other_programs_are_all_read_or_refused_as_they_should_be() {
    let Some(data) = reference_data() else { return };
    let data = data.join("warc");
    let mut wrong = Vec::new();
    for (file, expected) in EXPECTED {
        let kind = if file.ends_with(".wacz") { "wacz" } else { "warc" };
        let imported = import(kind, &data.join(file), &[]).await;
        let found = match &imported.incomplete {
            Some(problem) => problem.outcome.name.to_owned(),
            None => counts(&imported),
        };
        if found != expected {
            wrong.push(format!("{file}: {found}, expected {expected}; {:?}", imported.problems));
        }
        for posting in &imported.postings {
            assert!(
                posting.text.contains("domain") || posting.text.contains("IANA"),
                "{posting:?}"
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Its manifest lists a part that is not there, with a digest of another sort.
    let invalid = import("wacz", &data.join("wacz/invalid_example_1.wacz"), &[]).await;
    let problems: Vec<_> = invalid.problems.iter().map(named).collect();
    assert_eq!(
        problems,
        ["wacz.part-missing at file:///invalid_example_1.wacz#data/indexes/index.cdx.gz"]
    );

    let mut named: Vec<_> = EXPECTED.iter().map(|(file, _)| (*file).to_owned()).collect();
    named.push("wacz/invalid_example_1.wacz".to_owned());
    for folder in ["warcio", "wacz"] {
        for file in std::fs::read_dir(data.join(folder)).unwrap() {
            let name = format!("{folder}/{}", file.unwrap().file_name().to_string_lossy());
            assert!(named.contains(&name) || name.ends_with(".jsonl"), "{name} is not looked at");
        }
    }
}
