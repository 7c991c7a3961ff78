//! Files that are broken somewhere: what is named, and what is read all the same.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use warc::WarcReader;

const CAP: u64 = 1 << 20;

fn record(content: &str) -> Vec<u8> {
    let length = content.len();
    format!("WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: {length}\r\n\r\n{content}\r\n\r\n")
        .into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// Blocks of the records, and a sentence in place of each broken one.
fn read(file: &[u8]) -> Vec<String> {
    let records = WarcReader::new(file, CAP).unwrap().unpacking_at_most(200);
    let words = records.map(|record| match record {
        Ok(record) => String::from_utf8_lossy(&record.block).into_owned(),
        Err(problem) => problem.to_string(),
    });
    words.collect()
}

#[test]
fn behind_a_broken_gzip_member_reading_goes_on() {
    let mut broken = gzip(&record(&"two ".repeat(100)));
    let middle = broken.len() / 2;
    broken[middle..middle + 8].fill(0x55);
    let file = [gzip(&record("one")), broken, gzip(&record("three"))].concat();
    let read = read(&file);
    assert_eq!((read.len(), read[0].as_str(), read[2].as_str()), (3, "one", "three"), "{read:?}");
    assert!(read[1].starts_with("record 2: "), "{read:?}");
}

#[test]
fn bytes_between_members_cost_no_record() {
    let file = [gzip(&record("one")), b"\0\0junk\x1f".to_vec(), gzip(&record("two"))].concat();
    let read = read(&file);
    assert_eq!((read.len(), read[0].as_str(), read[2].as_str()), (3, "one", "two"), "{read:?}");
}

#[test]
fn behind_a_broken_record_reading_goes_on_in_plain_files_and_in_one_gzip_for_all() {
    let mut middle = record("two");
    middle.drain(10..12); // the end of its first line
    let file = [record("one"), middle, record("three")].concat();
    for file in [gzip(&file), file] {
        let read = read(&file);
        assert_eq!((read.len(), read[0].as_str(), read[2].as_str()), (3, "one", "three"));
    }
}

#[test]
fn what_is_no_warc_file_is_said_once() {
    for file in
        [&b"PK\x03\x04 WARC/1.0\nWARC/1.0\r\n"[..], b"filedesc://a.arc\n", b"\x1f\x8b", b"\x1f"]
    {
        assert_eq!(read(file).len(), 1, "{file:?}");
    }
    assert!(read(b"").is_empty() && read(b"\r\n\r\n").is_empty());
}

#[test]
fn a_file_that_is_broken_all_over_is_given_up() {
    let file = "WARC/1.0\r\nno field\r\n".repeat(5000);
    let read = read(file.as_bytes());
    assert_eq!(read.len(), 1000);
    assert!(read[999].ends_with("the rest is not read"), "{}", read[999]);
}

#[test]
fn a_file_that_unpacks_without_end_is_given_up() {
    let zeros = vec![0; 1 << 20];
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    let length = 70_u64 << 20;
    write!(packer, "WARC/1.0\r\nContent-Length: {length}\r\n\r\n").unwrap();
    for _ in 0..70 {
        packer.write_all(&zeros).unwrap();
    }
    let bomb = packer.finish().unwrap();
    assert!(bomb.len() < 330_000);
    let mut records = WarcReader::new(bomb.as_slice(), CAP).unwrap().unpacking_at_most(200);
    let problem = records.next().unwrap().unwrap_err();
    assert!(problem.what.contains("unpacks to far more"), "{problem}");
    assert!(records.next().is_none());
}

#[test]
fn a_record_that_is_too_large_shows_how_it_begins() {
    let large = record(&"x".repeat(2 << 20));
    let file = [large, record("next")].concat();
    let mut records = WarcReader::new(file.as_slice(), CAP).unwrap();
    let problem = records.next().unwrap().unwrap_err();
    assert_eq!(problem.too_large.unwrap().block.len(), 16 * 1024);
    assert_eq!(records.next().unwrap().unwrap().block, b"next");
}

#[test]
fn head_and_block_together_are_the_record_as_it_stood() {
    let file = record("one");
    let record = WarcReader::new(file.as_slice(), CAP).unwrap().next().unwrap().unwrap();
    assert_eq!([record.head, record.block].concat(), file[..file.len() - 4]);
}

proptest! {
    /// Whatever bytes lie between two whole members.
    #[test]
    fn a_whole_member_behind_broken_bytes_is_read(junk in prop::collection::vec(any::<u8>(), 0..300)) {
        let file = [gzip(&record("one")), junk, gzip(&record("last one"))].concat();
        let read = read(&file);
        prop_assert_eq!(read[0].as_str(), "one");
        prop_assert_eq!(read.last().unwrap().as_str(), "last one");
    }

    #[test]
    fn any_gzip_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&[&[0x1f, 0x8b, 8, 0][..], &bytes].concat());
        read(&gzip(&[b"WARC/1.0\r\n", bytes.as_slice()].concat()));
    }
}
