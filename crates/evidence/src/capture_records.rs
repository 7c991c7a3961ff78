//! A capture as WARC records, and back. What came over HTTP is a `response`, a `request` and a
//! `metadata` record; what came from a file is a `resource` and a `metadata` record. The metadata
//! holds what WARC has no field for, so that exactly the capture that was kept is read back. The
//! certificate of a server that was asked over TLS is a second `metadata` record, of its own type.

use std::io::Read;

use domain::{Capture, CaptureId, CaptureMethod, CaptureRole, Header, Peer, Sha256, SourceId};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use warc::{WarcReader, WarcRecord, parse_head};

use crate::extract::ExtractOf;
use crate::http_block::{request_block, response_head};
use crate::warc_write::{NewRecord, one_line, record_id, target_uri};

/// The largest body that is kept or read back.
pub(crate) const BODY_BYTES: u64 = 256 * 1024 * 1024;
/// The most that a compressed body is unpacked to.
const DECODED_BYTES: u64 = 64 * 1024 * 1024;
const FIELDS: &str = "application/warc-fields";
/// An X.509 certificate in DER (RFC 2585).
const CERTIFICATE: &str = "application/pkix-cert";
const FORMAT: u64 = 2;
/// Of a capture without a certificate, which programs of before those were kept can read.
const FORMAT_WITHOUT: u64 = 1;
const CAPTURE_FIELD: &str = "fusion-capture";
const ADDRESS_FIELD: &str = "WARC-IP-Address";

/// The `fusion-capture` line of the metadata record.
#[derive(Serialize, Deserialize)]
struct CaptureFields {
    format: u64,
    capture: CaptureId,
    source: SourceId,
    role: CaptureRole,
    method: CaptureMethod,
    url: String,
    fetched_at: Timestamp,
    status: u16,
    redirects: Vec<String>,
    /// Only where the record's block cannot hold them as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_headers: Option<Vec<Header>>,
    /// Likewise: `Transfer-Encoding`, or a length that was missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response_headers: Option<Vec<Header>>,
    /// Which bytes of another capture this one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extract_of: Option<ExtractOf>,
}

/// Where the record of the page itself lies in the bytes written: what an index points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageRecord {
    pub(crate) target: String,
    pub(crate) mime: String,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// Writes the first record of a file, which says what made it.
pub(crate) fn write_warcinfo(file: &str, date: Timestamp, description: &str, out: &mut Vec<u8>) {
    let block = format!(
        "software: fusion {}\r\n\
         format: WARC File Format 1.1\r\n\
         conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n\
         robots: obey\r\n\
         description: {}\r\n",
        env!("CARGO_PKG_VERSION"),
        one_line(description)
    );
    let record = NewRecord {
        kind: "warcinfo",
        id: record_id(&["warcinfo", file, &date.to_string()]),
        date,
        target: None,
        fields: vec![("WARC-Filename", file.to_owned())],
        content_type: FIELDS.to_owned(),
        block: [block.as_bytes(), b""],
        payload: None,
    };
    record.write(out);
}

/// Appends the records of a capture.
pub(crate) fn write_capture(capture: &Capture, out: &mut Vec<u8>) -> PageRecord {
    write_extract(capture, None, out)
}

/// The same, for one that may be part of another.
pub(crate) fn write_extract(
    capture: &Capture,
    extract_of: Option<&ExtractOf>,
    out: &mut Vec<u8>,
) -> PageRecord {
    let target = target_uri(&capture.url);
    let id = |kind: &str| record_id(&[kind, capture.id.as_str()]);
    let record = |kind: &'static str, content_type: &str| NewRecord {
        kind,
        id: id(kind),
        date: capture.fetched_at,
        target: Some(&target),
        fields: Vec::new(),
        content_type: content_type.to_owned(),
        block: [b"", b""],
        payload: None,
    };
    let mut fields = fields_of(capture);
    fields.extract_of = extract_of.cloned();
    let content_type = one_line(capture.header("content-type").unwrap_or_default());
    let page;
    let (offset, length) = match capture.method {
        CaptureMethod::Http => {
            page = id("response");
            let head = response_head(capture.status, &capture.response_headers, &capture.body);
            keep_unless_read_back(&mut fields.response_headers, &head);
            let mut response = record("response", "application/http; msgtype=response");
            response.fields.push(("WARC-Concurrent-To", id("request")));
            let address = capture.peer.address;
            response.fields.extend(address.map(|address| (ADDRESS_FIELD, address.to_string())));
            response.block = [&head, &capture.body];
            response.payload = Some(capture.sha256);
            let place = response.write(out);

            let block = request_block(&capture.url, &capture.request_headers);
            keep_unless_read_back(&mut fields.request_headers, &block);
            let mut request = record("request", "application/http; msgtype=request");
            request.fields.push(("WARC-Concurrent-To", page.clone()));
            request.block = [&block, b""];
            request.write(out);
            place
        }
        CaptureMethod::File => {
            page = id("resource");
            let octets = "application/octet-stream";
            let given = if content_type.trim().is_empty() { octets } else { content_type.trim() };
            fields.response_headers.take_if(|headers| *headers == resource_headers(given));
            fields.request_headers.take_if(|headers| headers.is_empty());
            let mut resource = record("resource", given);
            resource.block = [&capture.body, b""];
            resource.payload = Some(capture.sha256);
            resource.write(out)
        }
    };
    let mut metadata = record("metadata", FIELDS);
    metadata.fields.push(("WARC-Refers-To", page.clone()));
    let block = metadata_block(&fields);
    metadata.block = [&block, b""];
    metadata.write(out);
    if let Some(certificate) = &capture.peer.certificate {
        let mut shown = record("metadata", CERTIFICATE);
        shown.id = id("certificate");
        shown.fields.push(("WARC-Refers-To", page));
        shown.block = [certificate, b""];
        shown.write(out);
    }
    let mime = content_type.split([';', ' ']).next().unwrap_or_default().to_owned();
    PageRecord { target, mime, offset, length }
}

/// The records of a capture, packed once for all the files that they stand in: the same capture gives
/// the same bytes.
pub(crate) struct Packed {
    bytes: Vec<u8>,
    page: PageRecord,
}

impl Packed {
    pub(crate) fn of(capture: &Capture) -> Self {
        let mut bytes = Vec::new();
        let page = write_capture(capture, &mut bytes);
        Self { bytes, page }
    }

    /// Appends them, as [`write_capture`] does.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> PageRecord {
        let offset = out.len() as u64 + self.page.offset;
        out.extend_from_slice(&self.bytes);
        PageRecord { offset, ..self.page.clone() }
    }
}

/// Something that was made of a page, as a `resource` record.
pub(crate) struct View<'a> {
    pub(crate) target: &'a str,
    pub(crate) mime: &'a str,
    pub(crate) bytes: &'a [u8],
    pub(crate) at: Timestamp,
}

impl View<'_> {
    /// Appends the record; gives its offset and length.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> (u64, u64) {
        let digest = Sha256::of(self.bytes);
        let record = NewRecord {
            kind: "resource",
            id: record_id(&["view", self.target, &self.at.to_string(), &digest.to_string()]),
            date: self.at,
            target: Some(self.target),
            fields: Vec::new(),
            content_type: self.mime.to_owned(),
            block: [self.bytes, b""],
            payload: Some(digest),
        };
        record.write(out)
    }
}

/// Reads a capture back from its records. Digests and id are checked; the error says what does not
/// agree.
pub(crate) fn read_capture(span: &[u8]) -> Result<Capture, String> {
    let records =
        WarcReader::new(span, BODY_BYTES + 64 * 1024).map_err(|error| error.to_string())?;
    let (mut page, mut request, mut fields, mut certificate) = (None, None, None, None);
    for record in records {
        let record = record.map_err(|problem| problem.to_string())?;
        check_block(&record)?;
        match record.kind() {
            "response" | "resource" => page = Some(record),
            "request" => request = Some(record),
            "metadata" if record.field("Content-Type") == Some(CERTIFICATE) => {
                certificate = Some(record.block);
            }
            "metadata" => fields = Some(parse_fields(&record)?),
            _ => {}
        }
    }
    let fields = fields.ok_or("there is no metadata record of a capture")?;
    let page = page.ok_or("there is no response or resource record")?;
    let capture = assemble(fields, page, request, certificate)?;
    let derived =
        CaptureId::derive(&capture.source, &capture.url, capture.fetched_at, &capture.sha256);
    if derived != capture.id {
        return Err(format!("its id is {}, by what it holds it is {derived}", capture.id));
    }
    Ok(capture)
}

fn assemble(
    fields: CaptureFields,
    page: WarcRecord,
    request: Option<WarcRecord>,
    certificate: Option<Vec<u8>>,
) -> Result<Capture, String> {
    let address = page.field(ADDRESS_FIELD).map(str::parse).transpose();
    let address = address.map_err(|_| format!("its {ADDRESS_FIELD} is none"))?;
    let payload = page.field("WARC-Payload-Digest").map(str::to_owned);
    let (read_headers, body) = match fields.method {
        CaptureMethod::Http => {
            let head = parse_head(&page.block).ok_or("the response has no end of its headers")?;
            let mut body = page.block;
            body.drain(..head.body);
            (head.headers, body)
        }
        CaptureMethod::File => {
            let content_type = page.field("Content-Type").unwrap_or_default();
            (resource_headers(content_type), page.block)
        }
    };
    let sha256 = Sha256::of(&body);
    if payload != Some(sha256.to_string()) {
        return Err(format!("the payload's digest is {sha256}, the record states another"));
    }
    let sent = request.and_then(|record| parse_head(&record.block)).unwrap_or_default();
    let response_headers = fields.response_headers.unwrap_or(read_headers);
    let decoded = decoded(&response_headers, &body);
    Ok(Capture {
        id: fields.capture,
        source: fields.source,
        role: fields.role,
        method: fields.method,
        url: fields.url,
        redirects: fields.redirects,
        fetched_at: fields.fetched_at,
        status: fields.status,
        request_headers: fields.request_headers.unwrap_or(sent.headers),
        response_headers,
        body,
        sha256,
        decoded,
        peer: Peer { address, certificate },
    })
}

fn fields_of(capture: &Capture) -> CaptureFields {
    CaptureFields {
        format: if capture.peer.certificate.is_some() { FORMAT } else { FORMAT_WITHOUT },
        capture: capture.id.clone(),
        source: capture.source.clone(),
        role: capture.role,
        method: capture.method,
        url: capture.url.clone(),
        fetched_at: capture.fetched_at,
        status: capture.status,
        redirects: capture.redirects.clone(),
        request_headers: Some(capture.request_headers.clone()),
        response_headers: Some(capture.response_headers.clone()),
        extract_of: None,
    }
}

/// Drops the headers from the metadata when the block tells them exactly.
fn keep_unless_read_back(headers: &mut Option<Vec<Header>>, block: &[u8]) {
    let read_back = parse_head(block).map(|head| head.headers);
    if *headers == read_back {
        *headers = None;
    }
}

fn resource_headers(content_type: &str) -> Vec<Header> {
    vec![("Content-Type".to_owned(), content_type.to_owned())]
}

fn metadata_block(fields: &CaptureFields) -> Vec<u8> {
    let json = serde_json::to_string(fields).expect("names, texts and numbers have a JSON form");
    format!("{CAPTURE_FIELD}: {json}\r\n").into_bytes()
}

fn parse_fields(metadata: &WarcRecord) -> Result<CaptureFields, String> {
    let block = std::str::from_utf8(&metadata.block).map_err(|_| "the metadata is no UTF-8")?;
    let mut lines = block.lines().filter_map(|line| line.split_once(':'));
    let (_, json) = lines
        .find(|(name, _)| *name == CAPTURE_FIELD)
        .ok_or("the metadata record describes no capture")?;
    let fields: CaptureFields = serde_json::from_str(json)
        .map_err(|error| format!("the metadata cannot be read: {error}"))?;
    if fields.format > FORMAT {
        return Err(format!("it was written by a newer fusion (format {})", fields.format));
    }
    Ok(fields)
}

fn check_block(record: &WarcRecord) -> Result<(), String> {
    let digest = Sha256::of(&record.block).to_string();
    match record.field("WARC-Block-Digest") {
        Some(stated) if stated == digest => Ok(()),
        _ => {
            Err(format!("the {} record's block does not have the digest it states", record.kind()))
        }
    }
}

/// The body with gzip off, as the client handed it to the collectors.
fn decoded(headers: &[Header], body: &[u8]) -> Option<Vec<u8>> {
    let (_, encoding) =
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-encoding"))?;
    if !["gzip", "x-gzip"].iter().any(|gzip| encoding.trim().eq_ignore_ascii_case(gzip)) {
        return None;
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(body).take(DECODED_BYTES + 1).read_to_end(&mut plain).ok()?;
    (plain.len() as u64 <= DECODED_BYTES).then_some(plain)
}
