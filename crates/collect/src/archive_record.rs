//! A record of a web archive: whether it holds a page, and the page in it. The capture of a record
//! is the record as it stood in the file, so that what the archive says of itself (address, time,
//! digests) is evidence along with the page.

use std::io::Read as _;

use domain::{Capture, Header, Outcome, Peer, Problem};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use jiff::Timestamp;
use warc::{DigestCheck, HttpHead, WarcReader, WarcRecord, check_digest, parse_head};

/// What a record is kept as.
pub(crate) const RECORD_TYPE: &str = "application/warc";
/// The largest block of a record that is read; the polite client's pages are smaller.
pub(crate) const LARGEST_BLOCK: u64 = 16 * 1024 * 1024;

const REVISIT: Outcome = Outcome::intended("record.revisit");
const NO_PAGE: Outcome = Outcome::intended("record.no-page");
const NO_ANSWER: Outcome = Outcome::intended("record.status-not-ok");
const WRONG_DIGEST: Outcome = Outcome::fault("record.wrong-digest");
const NO_ADDRESS: Outcome = Outcome::fault("record.no-address");
const BROKEN: Outcome = Outcome::fault("record.broken");

/// A page in a record.
struct PageIn {
    url: String,
    status: u16,
    headers: Vec<Header>,
    /// Where the body begins in the block.
    body: usize,
}

/// Whether a page can be read out of a record. `Err` says why not; its class says whether that is
/// a fault. Only a whole record is held against its digests.
pub(crate) fn holds_page(record: &WarcRecord, place: &str, whole: bool) -> Result<(), Problem> {
    let page = page_in(record, place)?;
    if whole {
        check_digests(record, &page, place)?;
    }
    Ok(())
}

/// The page of a capture that is a record, as a capture to be read, and when the archive says that
/// it was saved.
pub(crate) fn page_of(capture: &Capture) -> Result<(Capture, Option<Timestamp>), Problem> {
    let broken = |what: String| Problem::new(BROKEN, &capture.url, what);
    let mut records = WarcReader::new(capture.content(), LARGEST_BLOCK)
        .map_err(|error| broken(error.to_string()))?;
    let record = records.next().ok_or_else(|| broken("it is empty".to_owned()))?;
    let record = record.map_err(|problem| broken(problem.what))?;
    let page = page_in(&record, &capture.url)?;
    let saved_at = record.field("WARC-Date").and_then(archive_time);
    let body = &record.block[page.body..];
    let content = content_of(&page, body);
    let read = Capture {
        url: page.url,
        status: page.status,
        response_headers: page.headers,
        body: Vec::new(),
        decoded: Some(content),
        id: capture.id.clone(),
        source: capture.source.clone(),
        role: capture.role,
        method: capture.method,
        redirects: Vec::new(),
        fetched_at: capture.fetched_at,
        request_headers: Vec::new(),
        sha256: capture.sha256,
        peer: Peer::default(),
    };
    Ok((read, saved_at))
}

fn page_in(record: &WarcRecord, place: &str) -> Result<PageIn, Problem> {
    let no_page = |what: String| Problem::new(NO_PAGE, place, what);
    let content_type = record.field("Content-Type").unwrap_or_default();
    let is_http = content_type.to_ascii_lowercase().starts_with("application/http");
    let (status, headers, body) = match (record.kind(), is_http) {
        ("revisit", _) => {
            let detail = "the archive says that the page was as before";
            return Err(Problem::new(REVISIT, place, detail));
        }
        ("response", true) => {
            let HttpHead { status, headers, body } = parse_head(&record.block)
                .ok_or_else(|| Problem::new(BROKEN, place, "its answer has no end of headers"))?;
            (status, headers, body)
        }
        ("resource", _) => (200, vec![("Content-Type".to_owned(), content_type.to_owned())], 0),
        (kind, _) => return Err(no_page(format!("a record of type `{}`", shortened(kind)))),
    };
    if !(200..300).contains(&status) {
        let detail = format!("the server answered {status}");
        return Err(Problem::new(NO_ANSWER, place, detail));
    }
    let kind = header(&headers, "content-type").unwrap_or_default();
    if !may_hold_postings(kind, &record.block[body..]) {
        return Err(no_page(format!("its content is `{}`", shortened(kind))));
    }
    let url = address(record)
        .ok_or_else(|| Problem::new(NO_ADDRESS, place, "it states no address of a page"))?;
    Ok(PageIn { url, status, headers, body })
}

/// `WARC-Target-URI`; some writers put it between angle brackets, some leave blanks in it.
pub(crate) fn address(record: &WarcRecord) -> Option<String> {
    let stated = record.field("WARC-Target-URI")?.trim();
    let stated = stated.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(stated);
    let url = url::Url::parse(stated).ok()?;
    (!url.cannot_be_a_base()).then(|| url.into())
}

/// HTML, XML, JSON, by the type that is stated, else by the first letter.
fn may_hold_postings(content_type: &str, body: &[u8]) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "" | "application/octet-stream" | "text/plain" => {
            let start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
            start.starts_with(b"<") || start.starts_with(b"{\"")
        }
        "image/svg+xml" | "application/manifest+json" => false,
        kind => {
            ["html", "xml", "json"].iter().any(|word| {
                let (_, subtype) = kind.split_once('/').unwrap_or(("", kind));
                subtype.split(['+', '.', '-']).any(|part| part == *word)
            }) || kind == "application/xhtml+xml"
        }
    }
}

/// The page's own digest has the last word, since programs that write an archive anew change the
/// headers beside it; where none is stated, that of the whole block counts.
fn check_digests(record: &WarcRecord, page: &PageIn, place: &str) -> Result<(), Problem> {
    let wrong = |what: &str| {
        let detail = format!("its {what} does not have the digest that it states; it is not read");
        Err(Problem::new(WRONG_DIGEST, place, detail))
    };
    match record.field("WARC-Payload-Digest").map(|stated| page_digest(stated, record, page)) {
        Some(DigestCheck::Right) => return Ok(()),
        Some(DigestCheck::Wrong) => return wrong("page"),
        Some(DigestCheck::Unknown) | None => {}
    }
    match record.field("WARC-Block-Digest").map(|stated| check_digest(stated, &record.block)) {
        Some(DigestCheck::Wrong) => wrong("block"),
        Some(DigestCheck::Right | DigestCheck::Unknown) | None => Ok(()),
    }
}

/// Over the body as it was sent, with its chunks put together, or unpacked: programs differ.
fn page_digest(stated: &str, record: &WarcRecord, page: &PageIn) -> DigestCheck {
    let body = &record.block[page.body..];
    let sent = check_digest(stated, body);
    let is_right = |bytes: &[u8]| check_digest(stated, bytes) == DigestCheck::Right;
    if sent == DigestCheck::Wrong
        && (is_right(&content_of(page, body)) || without_chunks(body).is_some_and(|b| is_right(&b)))
    {
        return DigestCheck::Right;
    }
    sent
}

/// The body with chunks put together and packing off. Archives often keep the header and not the
/// encoding: what does not unpack is taken as it is.
fn content_of(page: &PageIn, body: &[u8]) -> Vec<u8> {
    let is_chunked = header(&page.headers, "transfer-encoding")
        .is_some_and(|encoding| encoding.to_ascii_lowercase().contains("chunked"));
    let body = match is_chunked.then(|| without_chunks(body)).flatten() {
        Some(joined) => joined,
        None => body.to_vec(),
    };
    let packed = header(&page.headers, "content-encoding").unwrap_or_default();
    let unpacked = match packed.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => unpack(MultiGzDecoder::new(body.as_slice())),
        // Meant as zlib, written by some servers without its frame.
        "deflate" => unpack(ZlibDecoder::new(body.as_slice()))
            .or_else(|| unpack(DeflateDecoder::new(body.as_slice()))),
        "br" => unpack(brotli_decompressor::Decompressor::new(body.as_slice(), 4096)),
        _ => None,
    };
    unpacked.unwrap_or(body)
}

/// `None` if it does not unpack, or unpacks to more than is read of a page.
fn unpack(packed: impl std::io::Read) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    packed.take(LARGEST_BLOCK + 1).read_to_end(&mut plain).ok()?;
    (plain.len() as u64 <= LARGEST_BLOCK).then_some(plain)
}

/// Chunks put together (RFC 9112, section 7.1). `None` when there are none.
fn without_chunks(body: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let end = rest.iter().take(1024).position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let length = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        rest = &rest[end + 1..];
        if length == 0 {
            return Some(joined);
        }
        // A body that was cut off ends within a chunk.
        let chunk = &rest[..length.min(rest.len())];
        joined.extend_from_slice(chunk);
        rest = &rest[chunk.len()..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
    Some(joined)
}

/// `2017-03-06T04:03:53Z`; WARC 1.1 allows less, down to the year.
fn archive_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let full = "0000-01-01T00:00:00Z";
    if text.len() < full.len() && text.is_ascii() {
        let padded =
            format!("{}{}", text.trim_end_matches('Z'), &full[text.trim_end_matches('Z').len()..]);
        return padded.parse().ok();
    }
    text.parse().ok()
}

fn header<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
    let found = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn shortened(words: &str) -> String {
    words.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_by_type_and_by_their_first_letter() {
        for (kind, body, expected) in [
            ("text/html; charset=utf-8", "", true),
            ("application/xhtml+xml", "", true),
            ("application/rss+xml", "", true),
            ("application/ld+json", "", true),
            ("application/json", "", true),
            ("text/xml", "", true),
            ("", " <!doctype html>", true),
            ("text/plain", "{\"a\":1}", true),
            ("text/plain", "User-agent: *", false),
            ("image/svg+xml", "<svg>", false),
            ("text/css", "<", false),
            ("application/javascript", "", false),
            ("image/jpeg", "<", false),
        ] {
            assert_eq!(may_hold_postings(kind, body.as_bytes()), expected, "{kind} {body}");
        }
    }

    #[test]
    fn chunks_are_put_together_and_what_has_none_is_said_to_have_none() {
        assert_eq!(without_chunks(b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n").unwrap(), b"abcde");
        assert_eq!(without_chunks(b"5\r\nab").unwrap(), b"ab");
        assert_eq!(without_chunks(b"<html>\n"), None);
        assert_eq!(without_chunks(b"ffffffffffffffff\r\nab").unwrap(), b"ab");
    }

    #[test]
    fn a_time_may_be_short() {
        for (text, expected) in [
            ("2017-03-06T04:03:53Z", "2017-03-06T04:03:53Z"),
            ("2017-03-06T04:03:53.5Z", "2017-03-06T04:03:53.5Z"),
            ("2017-03-06", "2017-03-06T00:00:00Z"),
            ("2017", "2017-01-01T00:00:00Z"),
        ] {
            assert_eq!(archive_time(text).map(|time| time.to_string()).as_deref(), Some(expected));
        }
        assert!(
            ["", "yesterday", "2017-13", "ї"]
                .iter()
                .all(|text| { archive_time(text).is_none() || text.is_empty() })
        );
    }
}
