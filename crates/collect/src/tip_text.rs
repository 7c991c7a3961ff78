use async_trait::async_trait;
use domain::{
    Attachment, Capture, Language, Outcome, Posting, PostingId, PostingKind, Problem, Region,
    Sha256, Source,
};
use jiff::Timestamp;

use crate::file_capture::capture_of_file;
use crate::{Collector, Reading, Scan, ScanError, picture_kind};

/// The kind of the source that tips are kept under.
pub const TIP_KIND: &str = "tip";

const HANDED_IN: Outcome = Outcome::intended("source.handed-in");
const TEXT: &str = "text/plain; charset=utf-8";
const LANGUAGE: &str = "Content-Language";
const REGION: &str = "Fusion-Region";

/// Tips: what people hand in one by one. Its captures are made when somebody does.
pub(crate) struct TipText;

#[async_trait]
impl Collector for TipText {
    fn kind(&self) -> &'static str {
        TIP_KIND
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let detail = "tips are handed in with `fusion tip`; there is nothing to walk";
        Err(ScanError::Incomplete(Problem::new(HANDED_IN, scan.source.id.as_str(), detail)))
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        // Files that people add to a lead are looked at, and never read.
        if attached_to(capture).is_some() {
            return Reading::default();
        }
        // A screenshot is kept beside its tip and holds no words that we read.
        if capture.header("content-type").is_some_and(|kind| kind.starts_with("image/")) {
            return Reading::default();
        }
        let text = String::from_utf8_lossy(capture.content()).into_owned();
        let title = text.trim().is_empty().then(|| "Screenshots without words".to_owned());
        let key = capture.url.rsplit('/').next().unwrap_or_default();
        let language = capture.header(LANGUAGE).and_then(Language::from_code);
        let posting = Posting {
            title,
            language: language.or(source.language),
            region: capture.header(REGION).and_then(Region::new).or(source.region),
            ..Posting::read(source, capture, PostingKind::Tip, key, text)
        };
        Reading { postings: vec![posting], ..Reading::default() }
    }
}

/// The address of a tip, from what it says and shows: the same tip has the same address.
pub fn tip_address(text: &str, screenshots: &[Sha256]) -> String {
    let shown = screenshots.iter().map(|digest| digest.as_bytes().as_slice());
    let digest = Sha256::of_parts(std::iter::once(text.as_bytes()).chain(shown));
    format!("file:///tip/{}", &digest.to_hex()[..16])
}

const ATTACHMENT: &str = "file:///attachment/";
const NAME: &str = "Fusion-Name";

/// The address of a file that somebody added to a posting's lead.
pub fn attachment_address(posting: &PostingId, number: u32) -> String {
    format!("{ATTACHMENT}{posting}/{number}")
}

/// The posting that a file was added to; `None` of captures that are none.
pub fn attached_to(capture: &Capture) -> Option<PostingId> {
    let posting = capture.url.strip_prefix(ATTACHMENT)?.split('/').next()?;
    PostingId::new(posting).ok()
}

/// The capture of a file that somebody added.
pub fn attachment_capture(
    source: &Source,
    attachment: &Attachment,
    taken_at: Timestamp,
    body: Vec<u8>,
) -> Capture {
    let address = attachment_address(&attachment.posting, attachment.number);
    let kind = picture_kind(&body).unwrap_or("application/octet-stream");
    let mut capture = capture_of_file(source, address, taken_at, kind, body);
    capture.response_headers.push((NAME.to_owned(), attachment.name.clone()));
    capture
}

/// The capture of a tip's words, or of a screenshot of it when `content_type` is that of a picture.
pub fn tip_capture(
    source: &Source,
    address: String,
    taken_at: Timestamp,
    content_type: Option<&str>,
    body: Vec<u8>,
    language: Option<Language>,
    region: Option<Region>,
) -> Capture {
    let mut capture =
        capture_of_file(source, address, taken_at, content_type.unwrap_or(TEXT), body);
    let mut header = |name: &str, value: String| {
        capture.response_headers.push((name.to_owned(), value));
    };
    if let Some(language) = language {
        header(LANGUAGE, language.code().to_owned());
    }
    if let Some(region) = region {
        header(REGION, region.to_string());
    }
    capture
}
