//! Every reader of files against bytes that nobody would write, and against its own seeds with some
//! bytes changed. The seeds are the beginnings for fuzz targets.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::desk::{Imported, gzip, import, read};

/// A kind, the address and type of its captures, and the folder of its seeds.
const READERS: [(&str, &str, &str); 6] = [
    ("warc", "file:///a.warc#record=1", "application/warc"),
    ("wacz", "file:///a.wacz#archive/a.warc&record=1", "application/warc"),
    ("html", "file:///a.html", "text/html"),
    ("mhtml", "file:///a.mhtml", "multipart/related"),
    ("telegram-export", "file:///a.json#chat=1&rows=1-2&line=6", "application/x-telegram-export"),
    ("tip", "file:///tip/0123456789abcdef", "text/plain; charset=utf-8"),
];

fn seed_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/seeds"))
}

/// The seeds of a kind, by name.
fn seeds(kind: &str) -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<_> = std::fs::read_dir(seed_folder().join(kind))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())
        })
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{kind} has no seeds");
    seeds
}

static SEEDS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let kinds = READERS.iter().map(|(kind, _, _)| *kind).filter(|kind| *kind != "tip");
    kinds.flat_map(|kind| seeds(kind).into_iter().map(move |(_, bytes)| (kind, bytes))).collect()
});

fn import_now(kind: &str, bytes: &[u8]) -> Imported {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.file");
    std::fs::write(&path, bytes).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(import(kind, &path, &[]))
}

fn read_as_everything(bytes: &[u8]) {
    for (kind, address, content_type) in READERS {
        read(kind, address, content_type, bytes);
    }
}

#[test]
fn every_seed_is_read() {
    for (kind, _, _) in READERS.iter().filter(|(kind, _, _)| *kind != "tip") {
        for (name, bytes) in seeds(kind) {
            let imported = import_now(kind, &bytes);
            assert_eq!(imported.incomplete, None, "{kind}/{name}");
            assert!(!imported.postings.is_empty(), "{kind}/{name}: {:?}", imported.row_problems);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_bytes_are_imported_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        reader in 0..READERS.len() - 1,
    ) {
        import_now(READERS[reader].0, &bytes);
        read_as_everything(&bytes);
    }

    #[test]
    fn changed_seeds_are_imported_or_refused(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..10),
        cut in any::<prop::sample::Index>(),
        twice in any::<bool>(),
    ) {
        let (kind, bytes) = &SEEDS[seed.index(SEEDS.len())];
        let mut bytes = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if twice {
            let half = cut.index(bytes.len());
            let again = bytes[half..].to_vec();
            bytes.extend(again);
        } else {
            bytes.truncate(cut.index(bytes.len()));
        }
        import_now(kind, &bytes);
        read_as_everything(&bytes);
    }
}

/// A file that unpacks to very much more than it is.
fn bomb(megabytes: usize) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let piece = vec![b' '; 1 << 20];
    for _ in 0..megabytes {
        packer.write_all(&piece).unwrap();
    }
    packer.finish().unwrap()
}

#[test]
fn bombs_are_given_up() {
    // More than a saved page may have, in 300 kilobytes.
    let problem = import_now("mhtml", &bomb(65)).incomplete.unwrap();
    assert_eq!(problem.outcome.name, "file.too-large");
    let packed = bomb(20);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n";
    let length = head.len() + packed.len();
    let record = format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://b.example/\r\nContent-Type: application/http\r\nContent-Length: {length}\r\n\r\n{head}"
    );
    let record = [record.as_bytes(), &packed, b"\r\n\r\n"].concat();
    let imported = import_now("warc", &record);
    // What a body unpacks to is capped like a page; behind the cap it is read as the bytes it is.
    assert_eq!(imported.postings.len(), 0, "{:?}", imported.tally);

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let best = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    zip.start_file("datapackage.json", best).unwrap();
    for _ in 0..66 {
        zip.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    assert!(zip.len() < 1 << 20);
    let problem = import_now("wacz", &zip).incomplete.unwrap();
    assert_eq!(problem.outcome.name, "file.not-wacz");
}

#[test]
fn deep_nesting_is_refused_everywhere() {
    let html = format!("<html>{}<p>words and more words</p>", "<div>".repeat(100_000));
    let json = format!(
        "{{\"name\":\"a\",\"type\":\"public_channel\",\"id\":1,\"messages\":[{{\"id\":1,\"text\":{}1{}}}]}}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let boundary = |depth: usize| {
        (0..depth)
            .map(|n| format!("Content-Type: multipart/related; boundary=b{n}\r\n\r\n--b{n}\r\n"))
            .collect::<String>()
    };
    let mail = format!(
        "{}Content-Type: text/html\r\n\r\n<p>words and more words here</p>",
        boundary(5_000)
    );
    for (kind, bytes) in [("html", html), ("telegram-export", json), ("mhtml", mail)] {
        let imported = import_now(kind, bytes.as_bytes());
        let met = imported.postings.len()
            + imported.row_problems.len()
            + usize::from(imported.incomplete.is_some());
        assert!(met > 0, "{kind}");
    }
    let empty = import_now("warc", &gzip(b"")).incomplete.unwrap();
    assert!(empty.detail.contains("is no WARC file: it is empty"), "{empty}");
}
