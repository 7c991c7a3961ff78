//! Reading WARC files of others, and whatever else claims to be one.

use std::fs;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::LazyLock;

use evidence::{CaptureArchive, WarcReader};
use proptest::prelude::*;

use crate::sample::{page, sample_captures, vault};

const CAP: u64 = 1 << 20;

fn reference_data() -> Option<PathBuf> {
    let dir = std::env::var_os("FUSION_REFERENCE_DATA")
        .map(PathBuf::from)
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data").into());
    if dir.is_dir() {
        return Some(dir);
    }
    assert_ne!(
        std::env::var("CI").as_deref(),
        Ok("true"),
        "no reference data at {}",
        dir.display()
    );
    eprintln!("skipped: no reference data at {}", dir.display());
    None
}

/// Kinds of the records that can be read, and the problem that ended the reading, if any.
fn read(bytes: &[u8]) -> (Vec<String>, Option<String>) {
    let mut kinds = Vec::new();
    let mut problem = None;
    for record in WarcReader::new(bytes, CAP).unwrap() {
        match record {
            Ok(record) => kinds.push(record.kind().to_owned()),
            Err(error) => problem = Some(error.to_string()),
        }
    }
    (kinds, problem)
}

#[test]
fn files_of_other_tools_are_read_and_what_is_none_is_said_to_be() {
    let Some(data) = reference_data() else { return };
    let mut counts = [0, 0];
    for folder in ["warc/warcio", "warc/wacz"] {
        for file in fs::read_dir(data.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let (kinds, problem) = read(&fs::read(&path).unwrap());
            let is_warc = name.ends_with(".warc") || name.ends_with(".warc.gz");
            if is_warc && !name.contains("trunc") {
                assert!(problem.is_none() && !kinds.is_empty(), "{name}: {problem:?}");
                counts[0] += 1;
            } else if [".arc", ".arc.gz", ".jsonl", ".wacz"].iter().any(|end| name.ends_with(end)) {
                assert!(problem.is_some() && kinds.is_empty(), "{name}: {kinds:?}");
                counts[1] += 1;
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 5), "too few files: {counts:?}");
}

#[test]
fn a_record_that_is_too_large_is_passed_over() {
    let record = |length: usize| {
        format!(
            "WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: {length}\r\n\r\n{}\r\n\r\n",
            "x".repeat(length)
        )
    };
    let file = [record(3), record(100), record(4)].concat();
    let records: Vec<_> = WarcReader::new(file.as_bytes(), 50).unwrap().collect();
    assert_eq!(records.len(), 3);
    assert_eq!(records[0].as_ref().unwrap().block, b"xxx");
    assert_eq!(records[1].as_ref().unwrap_err().record, 2);
    assert_eq!(records[2].as_ref().unwrap().block, b"xxxx");
}

#[test]
fn a_header_without_end_is_given_up() {
    let endless = std::io::Read::chain(&b"WARC/1.1\r\n"[..], std::io::repeat(b'a'));
    let problem =
        WarcReader::new(BufReader::new(endless), CAP).unwrap().next().unwrap().unwrap_err();
    assert!(problem.what.contains("too long"), "{problem}");
}

static SAMPLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let (mut archive, _) = CaptureArchive::open(&vault(dir.path()), None).unwrap();
    let captures = sample_captures();
    let stored = archive.append_batch(&captures.iter().collect::<Vec<_>>()).unwrap();
    fs::read(dir.path().join("captures").join(&stored[0].file)).unwrap()
});

fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(gzip), &mut plain).unwrap();
    plain
}

/// A file that could stand in an archive, with these bytes in it, is read without a panic.
fn read_as_capture(bytes: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    let name = "20261123-000001.warc.gz";
    fs::create_dir(dir.path().join("captures")).unwrap();
    fs::write(dir.path().join("captures").join(name), bytes).unwrap();
    let _ = CaptureArchive::read(&vault(dir.path()), name, 0, bytes.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
        read(&[b"WARC/1.1\r\n", bytes.as_slice()].concat());
        read_as_capture(&bytes);
    }

    #[test]
    fn mutated_records_are_read_without_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        packed in any::<bool>(),
    ) {
        let mut bytes = if packed { SAMPLE.clone() } else { unpacked(&SAMPLE) };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read(&bytes);
        read_as_capture(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        read(&bytes);
        read_as_capture(&bytes);
    }
}

#[test]
fn a_capture_read_at_a_wrong_place_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut archive, _) = CaptureArchive::open(&vault(dir.path()), None).unwrap();
    let at =
        archive.append(&page("https://jobs.example/1", "2026-11-23T10:00:00Z", b"one")).unwrap();
    for (offset, length) in
        [(1, at.length - 1), (0, at.length - 1), (0, at.length + 1), (at.length, 1), (0, 0)]
    {
        let read = CaptureArchive::read(&vault(dir.path()), &at.file, offset, length);
        assert!(read.is_err(), "{offset}+{length}");
    }
}
