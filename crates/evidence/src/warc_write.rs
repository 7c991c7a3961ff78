//! Writes WARC 1.1 records (ISO 28500:2017), each its own gzip member, so that any of them can be
//! taken out by offset and length. Nothing in it is random: the same record gives the same bytes.

use std::cell::RefCell;
use std::io::Write;

use domain::Sha256;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use jiff::Timestamp;
use sha2::Digest as _;

use crate::gzip_member;

thread_local! {
    /// What the library works with takes longer to make than most records to pack.
    static DEFLATER: RefCell<DeflateEncoder<Vec<u8>>> =
        RefCell::new(DeflateEncoder::new(Vec::new(), Compression::default()));
}

/// Appends a gzip member of these parts, one after the other.
fn append_member(parts: &[&[u8]], out: &mut Vec<u8>) {
    let mut sum = Crc::new();
    let deflated = DEFLATER.with_borrow_mut(|deflater| {
        for part in parts {
            sum.update(part);
            deflater.write_all(part).expect("memory takes all that is written");
        }
        deflater.reset(Vec::new()).expect("memory takes all that is written")
    });
    out.extend(gzip_member::HEAD);
    out.extend(deflated);
    out.extend(gzip_member::end(&sum));
}

/// A record to be written.
pub(crate) struct NewRecord<'a> {
    /// `WARC-Type`.
    pub(crate) kind: &'static str,
    /// `WARC-Record-ID`, from [`record_id`].
    pub(crate) id: String,
    /// `WARC-Date`.
    pub(crate) date: Timestamp,
    /// `WARC-Target-URI`, from [`target_uri`].
    pub(crate) target: Option<&'a str>,
    /// Other named fields, such as `WARC-Concurrent-To`.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// Type of the block.
    pub(crate) content_type: String,
    /// The block; its parts one after the other.
    pub(crate) block: [&'a [u8]; 2],
    /// Over the payload, where the block has one.
    pub(crate) payload: Option<Sha256>,
}

impl NewRecord<'_> {
    /// Appends the record to `out`; gives its offset and length there.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> (u64, u64) {
        let offset = out.len() as u64;
        let header = self.header();
        append_member(&[header.as_bytes(), self.block[0], self.block[1], b"\r\n\r\n"], out);
        (offset, out.len() as u64 - offset)
    }

    fn header(&self) -> String {
        let mut digest = sha2::Sha256::new();
        self.block.iter().for_each(|part| digest.update(part));
        let digest = Sha256::from_bytes(digest.finalize().into());
        let length: usize = self.block.iter().map(|part| part.len()).sum();

        let mut header = String::from("WARC/1.1\r\n");
        let mut field = |name: &str, value: &str| {
            header.push_str(&format!("{name}: {value}\r\n"));
        };
        field("WARC-Type", self.kind);
        field("WARC-Record-ID", &self.id);
        field("WARC-Date", &self.date.to_string());
        if let Some(target) = self.target {
            field("WARC-Target-URI", target);
        }
        for (name, value) in &self.fields {
            field(name, value);
        }
        // Digests in hex, as `sha256sum` prints them; the standard leaves the form open, and the
        // usual readers take both this and base 32.
        field("WARC-Block-Digest", &digest.to_string());
        if let Some(payload) = self.payload {
            field("WARC-Payload-Digest", &payload.to_string());
        }
        field("Content-Type", &self.content_type);
        field("Content-Length", &length.to_string());
        header.push_str("\r\n");
        header
    }
}

/// An id made from what the record is: a UUID of version 8 (RFC 9562) from a SHA-256.
pub(crate) fn record_id(parts: &[&str]) -> String {
    let digest = Sha256::of_parts(parts.iter().map(|part| part.as_bytes()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = domain::hex(&bytes);
    let (a, rest) = hex.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    format!("<urn:uuid:{a}-{b}-{c}-{d}-{e}>")
}

/// An address in the form that a header line and an index can hold: what is no plain ASCII, or
/// would end the field, is percent-encoded.
pub(crate) fn target_uri(url: &str) -> String {
    url.bytes().fold(String::with_capacity(url.len()), |mut uri, byte| {
        match byte {
            b'!'..=b'~' if !b"<>\"\\^`{|}".contains(&byte) => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
        uri
    })
}

/// A value in one header line: line breaks and other control characters become spaces.
pub(crate) fn one_line(value: &str) -> String {
    value.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}
