//! MHTML (RFC 2557): a page with its pictures as one mail message, as Chromium and Internet Explorer
//! save it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, Problem, Source};
use jiff::Timestamp;
use mail_parser::{MessageParser, MessagePart, MimeHeaders as _, PartType};

use crate::file_capture::capture_of_file;
use crate::file_opening;
use crate::html_file::web_address;
use crate::saved_page::{PageReader, read_saved};
use crate::{Collector, Reading, Scan, ScanError};

const NO_PAGE: Outcome = Outcome::fault("file.not-mhtml");
/// Names and values of parts beside the pages themselves are of no use to us; this many parts are
/// looked at for the page.
const MOST_PARTS: usize = 10_000;

/// Pages that were saved as MHTML.
pub(crate) struct MhtmlFile {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pages: PageReader,
}

#[async_trait]
impl Collector for MhtmlFile {
    fn kind(&self) -> &'static str {
        "mhtml"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let (name, bytes) = file_opening::whole(scan.source)?;
        let now = self.clock.now();
        let capture = capture_of_file(scan.source, name.address(), now, "multipart/related", bytes);
        scan.keep(&capture).await?;
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        match page_of(capture) {
            Some((page, saved_at)) => read_saved(source, &page, saved_at, &self.pages),
            None => {
                let detail = "found no HTML page among its parts; is it saved as MHTML?";
                Reading::failed(Problem::new(NO_PAGE, &capture.url, detail))
            }
        }
    }
}

/// The page that the others are parts of, and when it was saved.
pub(crate) fn page_of(capture: &Capture) -> Option<(Capture, Option<Timestamp>)> {
    let message = MessageParser::default().parse(capture.content())?;
    let start = message.content_type().and_then(|kind| kind.attribute("start"));
    let start = start.map(|id| id.trim_matches(['<', '>', ' ']));
    let pages =
        || message.parts.iter().take(MOST_PARTS).filter_map(|part| Some((part, html_of(part)?)));
    let (part, html) = pages()
        .find(|(part, _)| start.is_some() && part.content_id() == start)
        .or_else(|| pages().next())?;
    let header = message.header("Snapshot-Content-Location").and_then(|value| value.as_text());
    let addresses = [header, part.content_location(), message.content_location()];
    let url = addresses.into_iter().flatten().find_map(web_address);
    let saved_at = message.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok());
    let page = Capture {
        url: url.unwrap_or_else(|| capture.url.clone()),
        response_headers: vec![("Content-Type".to_owned(), html.content_type.to_owned())],
        decoded: Some(html.bytes),
        body: Vec::new(),
        ..capture.clone()
    };
    Some((page, saved_at))
}

/// The pictures that were saved with the page, by the addresses and names that it has for them.
pub(crate) fn parts_of(capture: &Capture) -> BTreeMap<String, Vec<u8>> {
    let message = MessageParser::default().parse(capture.content());
    let mut parts = BTreeMap::new();
    for part in message.iter().flat_map(|message| &message.parts).take(MOST_PARTS) {
        let bytes = part.contents();
        if crate::picture_kind(bytes).is_none() {
            continue;
        }
        let names = [
            part.content_location().map(str::to_owned),
            part.content_id().map(|id| format!("cid:{id}")),
        ];
        for name in names.into_iter().flatten() {
            parts.entry(name).or_insert_with(|| bytes.to_vec());
        }
    }
    parts
}

struct HtmlPart {
    content_type: &'static str,
    bytes: Vec<u8>,
}

/// A part's page. The library has read text by the part's charset; of XHTML it has the bytes.
fn html_of(part: &MessagePart<'_>) -> Option<HtmlPart> {
    match &part.body {
        PartType::Html(text) => Some(HtmlPart {
            content_type: "text/html; charset=utf-8",
            bytes: text.as_bytes().to_vec(),
        }),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            let kind = part.content_type()?;
            let is_html = kind.subtype().is_some_and(|subtype| subtype.contains("html"));
            is_html.then(|| HtmlPart { content_type: "text/html", bytes: bytes.to_vec() })
        }
        PartType::Text(_) | PartType::Message(_) | PartType::Multipart(_) => None,
    }
}
