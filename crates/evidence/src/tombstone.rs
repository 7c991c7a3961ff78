//! What stands in a WARC file in place of a capture that was deleted: one record of exactly the bytes
//! that the capture's records took, so that every other capture lies where its entry says.
//!
//! It is a `metadata` record in a gzip member of its own, whose block is one line and zeros. The
//! member is not compressed (RFC 1951, stored blocks), since only so its length can be chosen; the
//! zeros are not written to the disk where the file system can do without them.

use domain::{CaptureId, Sha256};
use jiff::Timestamp;

use crate::gzip_member;
use crate::warc_write::record_id;

/// The most that a stored block holds.
const BLOCK: usize = 65_535;
/// A stored block's head.
const BLOCK_HEAD: usize = 5;
/// Head and end of a gzip member.
const MEMBER: usize = gzip_member::HEAD.len() + gzip_member::END;
/// What disks are written in.
const PAGE: usize = 4096;

/// The tombstone of a capture whose records had this length; `None` if that is too short for one.
pub(crate) fn tombstone(
    capture: &CaptureId,
    fetched_at: Timestamp,
    length: u64,
) -> Option<Vec<u8>> {
    let length = usize::try_from(length).ok()?;
    let room = length.checked_sub(MEMBER)?;
    // As few blocks as hold the rest.
    let blocks = room.div_ceil(BLOCK + BLOCK_HEAD).max(1);
    let record = record(capture, fetched_at, room.checked_sub(blocks * BLOCK_HEAD)?)?;
    let mut member = Vec::with_capacity(length);
    member.extend_from_slice(&gzip_member::HEAD);
    let mut rest = record.as_slice();
    for block in 1..=blocks {
        let (stored, after) = rest.split_at(rest.len().min(BLOCK));
        let size = u16::try_from(stored.len()).ok()?;
        member.push(u8::from(block == blocks));
        member.extend_from_slice(&size.to_le_bytes());
        member.extend_from_slice(&(!size).to_le_bytes());
        member.extend_from_slice(stored);
        rest = after;
    }
    let mut crc = flate2::Crc::new();
    crc.update(&record);
    member.extend_from_slice(&gzip_member::end(&crc));
    Some(member)
}

/// A record of exactly this length.
fn record(capture: &CaptureId, fetched_at: Timestamp, length: usize) -> Option<Vec<u8>> {
    let line = format!("{capture} was deleted when its time was past; the custody log says why\n");
    let header = |digest: &Sha256, block: usize| {
        // The length has leading zeros, so that it takes the same room whatever it is.
        format!(
            "WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: {}\r\nWARC-Date: {fetched_at}\r\n\
             WARC-Block-Digest: {digest}\r\nContent-Type: text/plain\r\n\
             Content-Length: {block:010}\r\n\r\n",
            record_id(&["tombstone", capture.as_str()])
        )
    };
    let head = header(&Sha256::of(b""), 0).len();
    let mut block = vec![0; length.checked_sub(head + 4)?];
    block.get_mut(..line.len())?.copy_from_slice(line.as_bytes());
    let mut record = header(&Sha256::of(&block), block.len()).into_bytes();
    record.append(&mut block);
    record.extend_from_slice(b"\r\n\r\n");
    Some(record)
}

/// A stretch of what is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sparse<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// So many zeros, whole pages of the disk: a file need not keep them to be as long.
    Zeros(u64),
}

/// Bytes that are to be written from this place on, with the pages of zeros among them.
pub(crate) fn sparse(at: u64, bytes: &[u8]) -> Vec<Sparse<'_>> {
    // Up to where a page begins, then page by page.
    let first = (PAGE - (at % PAGE as u64) as usize).min(bytes.len());
    let (start, pages) = bytes.split_at(first);
    let mut parts = vec![Sparse::Bytes(start)];
    for page in pages.chunks(PAGE) {
        if page.len() < PAGE || page.iter().any(|byte| *byte != 0) {
            parts.push(Sparse::Bytes(page));
        } else if let Some(Sparse::Zeros(count)) = parts.last_mut() {
            *count += PAGE as u64;
        } else {
            parts.push(Sparse::Zeros(PAGE as u64));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use warc::WarcReader;

    use super::*;

    fn of_length(length: u64) -> Option<Vec<u8>> {
        let capture = CaptureId::new("c-0123456789abcdef01234567").unwrap();
        tombstone(&capture, "2026-11-23T10:00:00.123456789Z".parse().unwrap(), length)
    }

    fn is_whole(length: u64) {
        let member = of_length(length).unwrap_or_else(|| panic!("{length} is too short"));
        assert_eq!(member.len() as u64, length);
        let mut plain = Vec::new();
        GzDecoder::new(member.as_slice()).read_to_end(&mut plain).unwrap();
        let mut records = WarcReader::new(member.as_slice(), 1 << 30).unwrap();
        let record = records.next().unwrap().unwrap();
        assert_eq!(record.kind(), "metadata");
        let digest = Sha256::of(&record.block).to_string();
        assert_eq!(record.field("WARC-Block-Digest"), Some(digest.as_str()));
        assert!(record.block.starts_with(b"c-0123456789abcdef01234567 was deleted"));
        assert!(records.next().is_none());
    }

    #[test]
    fn a_tombstone_has_any_length_from_the_shortest_on() {
        let shortest = (0..1000).find(|length| of_length(*length).is_some()).unwrap();
        assert!(shortest < 500, "{shortest} bytes");
        let around = |middle: u64| middle - 20..middle + 20;
        (shortest..shortest + 200)
            .chain(around(65_535))
            .chain(around(2 * 65_540))
            .chain([1_000_000])
            .for_each(is_whole);
    }

    #[test]
    fn sparse_parts_are_the_bytes_that_were_given() {
        let bytes = of_length(300_000).unwrap();
        for before in [0, 1, 4095, 4096, 10_000] {
            let mut at = before;
            let mut whole = Vec::new();
            for part in sparse(before, &bytes) {
                match part {
                    Sparse::Bytes(bytes) => whole.extend_from_slice(bytes),
                    Sparse::Zeros(count) => {
                        assert_eq!((at % PAGE as u64, count % PAGE as u64), (0, 0));
                        whole.resize(whole.len() + count as usize, 0);
                    }
                }
                at = before + whole.len() as u64;
            }
            assert_eq!(whole, bytes);
        }
    }

    proptest! {
        #[test]
        fn other_lengths_too(length in 500_u64..400_000) {
            is_whole(length);
        }
    }
}
