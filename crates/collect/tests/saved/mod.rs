//! Saved pages as captures, a web that answers with them, and the reference data.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use async_trait::async_trait;
use collect::{
    CaptureSink, Collector, FetchRefusal, Fetched, KeepError, Reading, Request, Scan, ScanError,
    Web,
};
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Checkpoint, Header, Outcome, Problem, Sha256,
    Source, SourceId, Tally,
};

/// The server did not answer in time.
pub const TIMEOUT: Outcome = Outcome::fault("fetch.timeout");
/// As many pages as the day allows were fetched.
pub const BUDGET: Outcome = Outcome::intended("fetch.budget");
const NOT_FOUND: Outcome = Outcome::fault("fetch.not-found");

/// A source of this kind at this address.
pub fn source(kind: &str, url: &str) -> Source {
    Source::new(SourceId::new("test").unwrap(), kind, url, "invented page")
}

/// What a server at `url` would have sent.
pub fn capture(url: &str, content_type: Option<&str>, body: impl Into<Vec<u8>>) -> Capture {
    let body = body.into();
    let fetched_at: jiff::Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let sha256 = Sha256::of(&body);
    let source = SourceId::new("test").unwrap();
    let header = content_type.map(|kind| ("Content-Type".to_owned(), kind.to_owned()));
    Capture {
        id: CaptureId::derive(&source, url, fetched_at, &sha256),
        source,
        role: CaptureRole::Page,
        method: CaptureMethod::Http,
        url: url.to_owned(),
        redirects: Vec::new(),
        fetched_at,
        status: 200,
        request_headers: Vec::new(),
        response_headers: header.into_iter().collect(),
        body,
        sha256,
        decoded: None,
        peer: domain::Peer::default(),
    }
}

/// What the collector reads out of the body.
pub fn read(
    collector: &dyn Collector,
    url: &str,
    content_type: Option<&str>,
    body: impl Into<Vec<u8>>,
) -> Reading {
    collector.read(&source(collector.kind(), url), &capture(url, content_type, body))
}

/// A saved page of `tests/pages`.
pub fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// A site on paper: pages by address, some of which fail, and the desk that keeps what was fetched.
#[derive(Default)]
pub struct PaperSite {
    pages: BTreeMap<String, String>,
    /// Headers that go with a page.
    headers: BTreeMap<String, Vec<Header>>,
    failing: BTreeMap<String, Outcome>,
    /// Answer conditional requests: the `ETag` of a page is its digest.
    pub validates: bool,
    asked: Mutex<Vec<String>>,
    kept: BTreeMap<String, Sha256>,
    /// What the last walk counted.
    pub tally: Tally,
}

impl PaperSite {
    pub fn put(&mut self, url: &str, page: impl Into<String>) {
        self.failing.remove(url);
        self.pages.insert(url.to_owned(), page.into());
    }

    /// A page as it was put.
    pub fn page(&self, url: &str) -> String {
        self.pages[url].clone()
    }

    /// Sends this header with the page.
    pub fn say(&mut self, url: &str, name: &str, value: &str) {
        self.headers.entry(url.to_owned()).or_default().push((name.to_owned(), value.to_owned()));
    }

    pub fn fail(&mut self, url: &str, outcome: Outcome) {
        self.failing.insert(url.to_owned(), outcome);
    }

    /// Walks the source from the checkpoint on; moves it if the walk was completed. Gives the
    /// addresses that were asked for, in order, without `prefix`.
    pub async fn walk(
        &mut self,
        collector: &dyn Collector,
        source: &Source,
        checkpoint: &mut Checkpoint,
        prefix: &str,
    ) -> Result<Vec<String>, ScanError> {
        let mut kept = Kept(std::mem::take(&mut self.kept));
        let mut scan = Scan::new(source, checkpoint.clone(), self, &mut kept);
        let ended = collector.fetch(&mut scan).await;
        let (after, tally) = (scan.checkpoint, scan.tally);
        self.kept = kept.0;
        self.tally = tally;
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        ended?;
        *checkpoint = after;
        Ok(asked.iter().map(|url| url.strip_prefix(prefix).unwrap_or(url).to_owned()).collect())
    }
}

#[async_trait]
impl Web for PaperSite {
    async fn get(
        &self,
        _: &Source,
        request: &Request,
        _: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        let url = &request.url;
        self.asked.lock().unwrap().push(url.clone());
        let refuse = |outcome| FetchRefusal::from(Problem::new(outcome, url, "no answer"));
        if let Some(outcome) = self.failing.get(url) {
            return Err(refuse(*outcome));
        }
        let page = self.pages.get(url).ok_or_else(|| refuse(NOT_FOUND))?;
        let mut answer = capture(url, Some("text/html; charset=utf-8"), page.as_str());
        answer.response_headers.extend(self.headers.get(url).into_iter().flatten().cloned());
        if self.validates {
            let etag = answer.sha256.to_hex();
            if request.validators.etag.as_ref() == Some(&etag) {
                return Ok(Fetched::NotModified);
            }
            answer.response_headers.push(("ETag".to_owned(), etag));
        }
        Ok(Fetched::Answer(Box::new(answer)))
    }
}

struct Kept(BTreeMap<String, Sha256>);

#[async_trait]
impl CaptureSink for Kept {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        Ok(self.0.insert(capture.url.clone(), capture.sha256) != Some(capture.sha256))
    }
}

/// The folder of reference data, if this machine has it.
pub fn reference_data() -> Option<PathBuf> {
    let folder = std::env::var_os("FUSION_REFERENCE_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no reference data at {folder:?}");
    eprintln!("skipped: no reference data at {}", folder.display());
    None
}

/// All files under a folder, sorted.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}
