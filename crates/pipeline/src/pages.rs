//! Pages that somebody saved go to the collector that knows their form, as if it had fetched them.

use collect::{Collector, Reading};
use domain::{Capture, Source};
use url::Url;

/// The collectors of pages, those of jobs first.
pub(crate) struct PageReaders {
    readers: Vec<Box<dyn Collector>>,
}

impl PageReaders {
    pub(crate) fn new() -> Self {
        let mut readers = collect_jobs::collectors();
        readers.extend(collect_social::collectors());
        Self { readers }
    }

    /// What the collector reads that finds the most in it; the first of equals. Without postings
    /// when none knows the page.
    pub(crate) fn read(&self, source: &Source, page: &Capture) -> Reading {
        let form = Form::of(page);
        let readers = self.readers.iter().filter(|reader| form.may_be(reader.kind()));
        let mut best = Reading::default();
        for reader in readers {
            let reading = reader.read(source, page);
            if reading.postings.len() > best.postings.len() {
                best = reading;
            }
        }
        best
    }
}

/// What the first letters say, since types are often wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Telegram,
    Html,
    Xml,
    Json,
    Other,
}

impl Form {
    fn of(page: &Capture) -> Self {
        let decoded = collect::decode(page.content(), page.header("content-type"));
        let start = decoded.text.trim_start();
        let head = start[..start.floor_char_boundary(2048)].to_ascii_lowercase();
        let host = Url::parse(&page.url).ok().and_then(|url| Some(url.host_str()?.to_owned()));
        let is_feed = ["<rss", "<feed", "<rdf:rdf"].iter().any(|tag| head.contains(tag));
        if head.starts_with(['{', '[']) {
            Self::Json
        } else if head.starts_with('<') && is_feed && !head.contains("<html") {
            Self::Xml
        } else if matches!(host.as_deref(), Some("t.me" | "telegram.me")) {
            Self::Telegram
        } else if head.contains('<') {
            Self::Html
        } else {
            Self::Other
        }
    }

    /// Whether a collector of this kind could know it. A collector that is not named here reads
    /// what an interface for programs answers, which is JSON.
    fn may_be(self, kind: &str) -> bool {
        match kind {
            "job-page" => self == Self::Html,
            "telegram" => self == Self::Telegram,
            "feed" => matches!(self, Self::Xml | Self::Json),
            // Lists of addresses are no postings; what a stream's collector is given as a page is what
            // another one reads.
            "sitemap" | "jetstream" => false,
            _ => self == Self::Json,
        }
    }
}
