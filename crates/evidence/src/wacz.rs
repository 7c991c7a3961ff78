//! WACZ 1.1.1 (<https://specs.webrecorder.net/wacz/1.1.1/>): a ZIP with a WARC file, an index of
//! it, the list of its pages, and a manifest with the hash of each part. Players such as
//! ReplayWeb.page show it. Our own `posting.json` and `assessment.json` lie in `fusion/`, since
//! the folders of the standard take no other files.

use std::io::{Cursor, Write};

use domain::{Assessment, Capture, CaptureMethod, Posting, Sha256};
use jiff::Timestamp;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use crate::capture_records::{write_capture, write_warcinfo};
use crate::surt::surt;

pub(crate) const ENDING: &str = "wacz";
const WARC: &str = "data.warc.gz";

/// What a snapshot is made of.
pub(crate) struct Wacz<'a> {
    pub(crate) posting: &'a Posting,
    pub(crate) assessment: &'a Assessment,
    pub(crate) captures: &'a [Capture],
    pub(crate) taken_at: Timestamp,
    pub(crate) software: &'a str,
}

struct Part {
    path: String,
    bytes: Vec<u8>,
}

impl Wacz<'_> {
    /// The whole file.
    pub(crate) fn to_bytes(&self) -> ZipResult<Vec<u8>> {
        let (warc, index) = self.archive();
        let mut parts = vec![
            Part { path: format!("archive/{WARC}"), bytes: warc },
            Part { path: "indexes/index.cdx".into(), bytes: index },
            Part { path: "pages/pages.jsonl".into(), bytes: self.pages() },
            Part { path: "fusion/posting.json".into(), bytes: pretty(&json!(self.posting)) },
            Part { path: "fusion/assessment.json".into(), bytes: pretty(&json!(self.assessment)) },
        ];
        let package = pretty(&self.package(&parts));
        let digest =
            json!({ "path": "datapackage.json", "hash": Sha256::of(&package).to_string() });
        parts.push(Part { path: "datapackage.json".into(), bytes: package });
        parts.push(Part { path: "datapackage-digest.json".into(), bytes: pretty(&digest) });
        zipped(&parts)
    }

    /// The WARC file and its index.
    fn archive(&self) -> (Vec<u8>, Vec<u8>) {
        let mut warc = Vec::new();
        let description = format!("evidence of posting {}", self.posting.id);
        write_warcinfo(WARC, self.taken_at, &description, &mut warc);
        let mut lines: Vec<String> = self
            .captures
            .iter()
            .map(|capture| {
                let page = write_capture(capture, &mut warc);
                let mut fields = json!({ "url": page.target, "mime": page.mime });
                if capture.method == CaptureMethod::Http {
                    fields["status"] = json!(capture.status.to_string());
                }
                fields["digest"] = json!(capture.sha256.to_string());
                fields["length"] = json!(page.length.to_string());
                fields["offset"] = json!(page.offset.to_string());
                fields["filename"] = json!(WARC);
                let time = capture.fetched_at.strftime("%Y%m%d%H%M%S");
                format!("{} {time} {fields}\n", surt(&page.target))
            })
            .collect();
        // Sorted by byte, so that a reader can search it by halves.
        lines.sort();
        lines.dedup();
        (warc, lines.concat().into_bytes())
    }

    fn pages(&self) -> Vec<u8> {
        let header = json!({ "format": "json-pages-1.0", "id": "pages", "title": "All pages", "hasText": true });
        let mut lines = format!("{header}\n");
        if let Some(page) = self.page() {
            let line = json!({
                "id": page.id,
                "url": crate::warc_write::target_uri(&page.url),
                "ts": seconds(page.fetched_at),
                "title": self.title(),
                "text": self.posting.text,
            });
            lines.push_str(&format!("{line}\n"));
        }
        lines.into_bytes()
    }

    fn package(&self, parts: &[Part]) -> Value {
        let resources: Vec<Value> = parts
            .iter()
            .map(|part| {
                json!({
                    "name": part.path.rsplit('/').next(),
                    "path": part.path,
                    "hash": Sha256::of(&part.bytes).to_string(),
                    "bytes": part.bytes.len(),
                })
            })
            .collect();
        let mut package = json!({
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "title": self.title(),
            "description": format!(
                "Evidence of posting {}, read out of capture {}. A flag is a reason to look and no \
                 accusation.",
                self.posting.id, self.posting.capture
            ),
            "created": seconds(self.taken_at),
            "software": self.software,
            "resources": resources,
        });
        if let Some(page) = self.page() {
            package["mainPageUrl"] = json!(crate::warc_write::target_uri(&page.url));
            package["mainPageDate"] = json!(seconds(page.fetched_at));
        }
        package
    }

    fn page(&self) -> Option<&Capture> {
        self.captures.iter().find(|capture| capture.id == self.posting.capture)
    }

    fn title(&self) -> String {
        match self.posting.title.as_deref() {
            Some(title) if !title.trim().is_empty() => title.to_owned(),
            _ => format!("Posting {}", self.posting.id),
        }
    }
}

/// Without fractions, as the index has it: a player looks a page up by both.
fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// Parts as they are, in their order, with the format's own zero for a time.
fn zipped(parts: &[Part]) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        zip.start_file(part.path.as_str(), options)?;
        zip.write_all(&part.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
