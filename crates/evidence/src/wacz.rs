//! WACZ 1.1.1 (<https://specs.webrecorder.net/wacz/1.1.1/>): a ZIP with a WARC file, an index of
//! it, the list of its pages, and a manifest with the hash of each part. Players such as
//! ReplayWeb.page show it. Our own `posting.json` and `assessment.json` lie in `fusion/`, since
//! the folders of the standard take no other files.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use domain::{Assessment, Capture, CaptureId, CaptureMethod, Posting, Sha256};
use jiff::Timestamp;
use serde::Serialize;
use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use crate::capture_records::{Packed, View, write_extract, write_warcinfo};
use crate::extract::ExtractOf;
use crate::picture::{Made, Mark, Picture};
use crate::surt::surt;
use crate::warc_write::target_uri;

pub(crate) const ENDING: &str = "wacz";
const WARC: &str = "data.warc.gz";
/// Where that lies in the file.
pub(crate) const WARC_PATH: &str = "archive/data.warc.gz";
/// How a picture was made, and what is marked on it.
pub(crate) const PICTURE: &str = "fusion/picture.json";

/// What a snapshot is made of.
pub(crate) struct Wacz<'a> {
    pub(crate) posting: &'a Posting,
    pub(crate) assessment: &'a Assessment,
    /// Where the posting was read: the whole page, or its row in a file.
    pub(crate) page: &'a Capture,
    /// What it is cut out of, when it is a row.
    pub(crate) page_of: Option<&'a ExtractOf>,
    /// What belongs to the page, such as the robots.txt that allowed it.
    pub(crate) beside: &'a [Capture],
    pub(crate) taken_at: Timestamp,
    pub(crate) software: &'a str,
    /// How a browser showed the page, if one did.
    pub(crate) picture: Option<&'a Picture>,
    /// Where on that the words stand that rules found.
    pub(crate) marks: &'a [Mark],
    /// Captures whose records are packed already.
    pub(crate) packed: Option<&'a BTreeMap<CaptureId, Packed>>,
    /// Whether the page is what came in the place of the posting's, and does not show it.
    pub(crate) is_instead: bool,
}

impl<'a> Wacz<'a> {
    /// Of the whole page of a posting, which no browser showed.
    pub(crate) fn of_page(
        (posting, assessment): (&'a Posting, &'a Assessment),
        page: &'a Capture,
        beside: &'a [Capture],
        taken_at: Timestamp,
        software: &'a str,
    ) -> Self {
        Self {
            posting,
            assessment,
            page,
            page_of: None,
            beside,
            taken_at,
            software,
            picture: None,
            marks: &[],
            packed: None,
            is_instead: false,
        }
    }
}

struct Part {
    path: &'static str,
    bytes: Vec<u8>,
}

// The JSON is written from structs, so that its order of keys is fixed here and nowhere else.

#[derive(Serialize)]
struct IndexFields<'a> {
    url: &'a str,
    mime: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    digest: Sha256,
    length: String,
    offset: String,
    filename: &'a str,
}

#[derive(Serialize)]
struct PagesHeader {
    format: &'static str,
    id: &'static str,
    title: &'static str,
    #[serde(rename = "hasText")]
    has_text: bool,
}

#[derive(Serialize)]
struct PageLine<'a> {
    id: &'a str,
    url: &'a str,
    ts: &'a str,
    title: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Package<'a> {
    profile: &'static str,
    wacz_version: &'static str,
    title: &'a str,
    description: String,
    created: String,
    software: &'a str,
    #[serde(rename = "mainPageUrl")]
    main_page_url: &'a str,
    #[serde(rename = "mainPageDate")]
    main_page_date: &'a str,
    resources: Vec<Resource<'a>>,
}

#[derive(Serialize)]
struct Resource<'a> {
    name: &'a str,
    path: &'a str,
    hash: Sha256,
    bytes: usize,
}

#[derive(Serialize)]
struct PackageDigest {
    path: &'static str,
    hash: Sha256,
}

#[derive(Serialize)]
struct Pictured<'a> {
    #[serde(flatten)]
    made: &'a Made,
    marks: &'a [Mark],
}

impl Wacz<'_> {
    /// The whole file.
    pub(crate) fn to_bytes(&self) -> ZipResult<Vec<u8>> {
        let (warc, index) = self.archive();
        let url = target_uri(&self.page.url);
        let time = seconds(self.page.fetched_at);
        let title = match self.posting.title.as_deref() {
            Some(title) if !title.trim().is_empty() => title.to_owned(),
            _ => format!("Posting {}", self.posting.id),
        };
        let header = PagesHeader {
            format: "json-pages-1.0",
            id: "pages",
            title: "All pages",
            has_text: true,
        };
        let page = PageLine {
            id: self.page.id.as_str(),
            url: &url,
            ts: &time,
            title: &title,
            text: if self.is_instead { "" } else { &self.posting.text },
        };
        let mut pages = format!("{}\n{}\n", line(&header), line(&page));
        let (view, view_title) = (view_of(VIEW, &url), format!("{title} (as a browser showed it)"));
        if self.picture.is_some() {
            let (url, ts) = (view.as_str(), seconds(self.taken_at));
            let page = PageLine { id: "view", url, ts: &ts, title: &view_title, text: "" };
            pages.push_str(&(line(&page) + "\n"));
        }
        let pages = pages.into_bytes();
        let mut parts = vec![
            Part { path: WARC_PATH, bytes: warc },
            Part { path: "indexes/index.cdx", bytes: index },
            Part { path: "pages/pages.jsonl", bytes: pages },
            Part { path: "fusion/posting.json", bytes: pretty(self.posting) },
            Part { path: "fusion/assessment.json", bytes: pretty(self.assessment) },
        ];
        if let Some(picture) = self.picture {
            let made = Pictured { made: &picture.made, marks: self.marks };
            parts.push(Part { path: PICTURE, bytes: pretty(&made) });
        }
        let package = pretty(&Package {
            profile: "data-package",
            wacz_version: "1.1.1",
            title: &title,
            description: self.description(),
            created: seconds(self.taken_at),
            software: self.software,
            main_page_url: &url,
            main_page_date: &time,
            resources: parts.iter().map(resource).collect(),
        });
        let digest = PackageDigest { path: "datapackage.json", hash: Sha256::of(&package) };
        parts.push(Part { path: "datapackage.json", bytes: package });
        parts.push(Part { path: "datapackage-digest.json", bytes: pretty(&digest) });
        zipped(&parts)
    }

    fn description(&self) -> String {
        let (posting, capture) = (&self.posting.id, &self.posting.capture);
        let what = if self.is_instead {
            format!(
                "What came in the place of posting {posting} when its page was asked for again. \
                 The posting had been read out of capture {capture}."
            )
        } else {
            let read = if self.page_of.is_some() { "a row cut out of" } else { "read out of" };
            format!("Evidence of posting {posting}, {read} capture {capture}.")
        };
        format!("{what} A flag is a reason to look and no accusation.")
    }

    /// The WARC file and its index.
    fn archive(&self) -> (Vec<u8>, Vec<u8>) {
        let mut warc = Vec::new();
        let description = format!("evidence of posting {}", self.posting.id);
        write_warcinfo(WARC, self.taken_at, &description, &mut warc);
        let mut lines = Vec::new();
        let beside = self.beside.iter().map(|capture| (capture, None));
        for (capture, extract_of) in std::iter::once((self.page, self.page_of)).chain(beside) {
            let record = match self.packed.and_then(|packed| packed.get(&capture.id)) {
                Some(packed) => packed.write(&mut warc),
                None => write_extract(capture, extract_of, &mut warc),
            };
            let is_http = capture.method == CaptureMethod::Http;
            let fields = IndexFields {
                url: &record.target,
                mime: &record.mime,
                status: is_http.then(|| capture.status.to_string()),
                digest: capture.sha256,
                length: record.length.to_string(),
                offset: record.offset.to_string(),
                filename: WARC,
            };
            let time = capture.fetched_at.strftime("%Y%m%d%H%M%S");
            lines.push(format!("{} {time} {}\n", surt(&record.target), line(&fields)));
        }
        for (prefix, mime, bytes) in self.views() {
            let target = view_of(prefix, &target_uri(&self.page.url));
            let view = View { target: &target, mime, bytes, at: self.taken_at };
            let (offset, length) = view.write(&mut warc);
            let fields = IndexFields {
                url: &target,
                mime,
                status: None,
                digest: Sha256::of(bytes),
                length: length.to_string(),
                offset: offset.to_string(),
                filename: WARC,
            };
            let time = self.taken_at.strftime("%Y%m%d%H%M%S");
            lines.push(format!("{} {time} {}\n", surt(&target), line(&fields)));
        }
        // Sorted by byte, so that a reader can search it by halves.
        lines.sort();
        (warc, lines.concat().into_bytes())
    }
}

/// What the address of a page's picture begins with, and that of the HTML that was shown. Crawlers
/// name what they made of a page in this way.
pub(crate) const VIEW: &str = "view";
const DOM: &str = "dom";

fn view_of(prefix: &str, url: &str) -> String {
    format!("urn:{prefix}:{url}")
}

impl Wacz<'_> {
    /// What a browser made of the page: prefix of its address, type, bytes.
    fn views(&self) -> Vec<(&'static str, &'static str, &[u8])> {
        let Some(picture) = self.picture else { return Vec::new() };
        vec![(VIEW, "image/png", &picture.png), (DOM, "text/html", picture.html.as_bytes())]
    }
}

fn resource(part: &Part) -> Resource<'_> {
    Resource {
        name: part.path.rsplit('/').next().unwrap_or(part.path),
        path: part.path,
        hash: Sha256::of(&part.bytes),
        bytes: part.bytes.len(),
    }
}

/// Without fractions, as the index has it: a player looks a page up by both.
fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("names, texts and numbers have a JSON form")
}

fn pretty(value: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_string_pretty(value);
    (json.expect("names, texts and numbers have a JSON form") + "\n").into_bytes()
}

/// Parts as they are, in their order, with the format's own zero for a time.
fn zipped(parts: &[Part]) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        zip.start_file(part.path, options)?;
        zip.write_all(&part.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}
