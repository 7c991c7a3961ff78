//! Kinds of sources: the collector walks, keeps and reads, as in a scan.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use collect::{
    CaptureSink, FetchRefusal, Fetched, KeepError, LiveStream, Request, SavedWeb, Scan, Web,
};
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Checkpoint, FixedClock, Outcome, Peer, Problem,
    Selectors, Sha256, Source, SourceId, Wanted,
};
use jiff::Timestamp;
use pipeline::Collectors;

/// How often the web answers before its pages are gone: enough for a reader to meet its own bytes
/// again as the next page.
const ANSWERS: usize = 3;

static COLLECTORS: LazyLock<Collectors> =
    LazyLock::new(|| Collectors::new(Arc::new(FixedClock(Timestamp::UNIX_EPOCH))));

pub(crate) fn page(kind: &str, url: &str, bytes: &[u8]) {
    walk(&source(kind, url), bytes);
}

/// The bytes as a file of this name.
pub(crate) fn file(kind: &str, name: &str, bytes: &[u8]) {
    crate::files::in_folder(|folder| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a writable folder");
        walk(&source(kind, &path.to_string_lossy()), &[]);
    });
}

/// The bytes as a page in a watched folder, where it has lain since the day before the clock began.
pub(crate) fn folder(bytes: &[u8]) {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    crate::files::in_folder(|folder| {
        let path = folder.join("page.html");
        std::fs::write(&path, bytes).expect("a writable folder");
        let file = std::fs::File::options().write(true).open(&path).expect("it was just written");
        file.set_modified(SystemTime::UNIX_EPOCH - DAY).expect("it is ours");
        walk(&source("folder", &folder.to_string_lossy()), &[]);
    });
}

/// The bytes as a tip that somebody hands in.
pub(crate) fn tip(bytes: &[u8]) {
    let Ok(form) = collect::read_tip(bytes) else { return };
    let source = source(collect::TIP_KIND, "tips");
    let words = form.posting_text();
    let address = collect::tip_address(&words, &[]);
    let (now, words) = (Timestamp::UNIX_EPOCH, words.into_bytes());
    let capture = collect::tip_capture(&source, address, now, None, words, None, None);
    let collector = COLLECTORS.of(&source.kind).expect("the kind is in the table");
    collector.read(&source, &capture);
}

/// The first line is the path that is asked for.
pub(crate) fn robots(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let path = format!("/{}", String::from_utf8_lossy(&bytes[..end]));
    collect::robots_allow(&bytes[end..], &path);
}

/// The bytes as a captured page that somebody looks at.
pub(crate) fn inert(bytes: &[u8]) {
    for kind in ["text/html", "multipart/related"] {
        let page = capture(&source("html", "page.html"), "file:///page.html", kind, bytes);
        for address in collect::stylesheets(&page) {
            assert!(address.starts_with("http"), "{address} is no address of the web");
        }
        let Ok(Some(shown)) = collect::inert_page(&page, BTreeMap::new(), collect::Pictures::Clear)
        else {
            continue;
        };
        // What stands in styles is nobody's element.
        for part in shown.html.split("<style>") {
            let markup = part.split_once("</style>").map_or(part, |(_, markup)| markup);
            for alive in
                ["<script", "<iframe", "<link", "<form", "<svg", "<base", " href=\"", " src=\"h"]
            {
                assert!(!markup.contains(alive), "{alive} is alive");
            }
        }
    }
}

fn walk(source: &Source, bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without a driver");
    let collector = COLLECTORS.of(&source.kind).expect("the kind is in the table");
    let web = Echo { bytes, left: AtomicUsize::new(ANSWERS) };
    let mut kept = Kept(Vec::new());
    let mut scan = Scan::new(source, Checkpoint::default(), &web, &mut kept);
    // Whether it came to its end is its own business.
    let _ = runtime.block_on(collector.fetch(&mut scan));
    for capture in &kept.0 {
        let reading = collector.read(source, capture);
        for posting in &reading.postings {
            text::contacts(domain::Field::Text, &posting.text, None);
        }
    }
}

fn source(kind: &str, url: &str) -> Source {
    let id = SourceId::new("fuzz").expect("an id");
    let css = |selector: &str| Some(selector.to_owned());
    let selectors = Selectors {
        link: css("a"),
        title: css("h1, h2"),
        text: css("p, li, td"),
        pay: css("b"),
        date: css("time"),
        ..Selectors::default()
    };
    let key = |name: &str| (name.to_owned(), "FUSION_FUZZ_KEY".to_owned());
    // A single letter is in most that a fuzzer makes up.
    let wanted = Wanted { words: vec!["a".to_owned()], ..Wanted::default() };
    Source {
        wanted: Box::new(if kind == "jetstream" { wanted } else { Wanted::default() }),
        max_pages: Some(ANSWERS),
        follow: Some(".".to_owned()),
        selectors: Box::new(if kind == "page" { selectors } else { Selectors::default() }),
        keys: ["app_id", "app_key", "access_token"].map(key).into(),
        ..Source::new(id, kind, url, "invented")
    }
}

fn capture(source: &Source, url: &str, kind: &str, bytes: &[u8]) -> Capture {
    let (sha256, fetched_at) = (Sha256::of(bytes), Timestamp::UNIX_EPOCH);
    Capture {
        id: CaptureId::derive(&source.id, url, fetched_at, &sha256),
        source: source.id.clone(),
        role: CaptureRole::Page,
        method: CaptureMethod::Http,
        url: url.to_owned(),
        redirects: Vec::new(),
        fetched_at,
        status: 200,
        request_headers: Vec::new(),
        response_headers: vec![("Content-Type".to_owned(), kind.to_owned())],
        body: bytes.to_vec(),
        sha256,
        decoded: None,
        peer: Peer::default(),
    }
}

/// Answers every address with the same bytes.
struct Echo<'a> {
    bytes: &'a [u8],
    left: AtomicUsize,
}

#[async_trait]
impl Web for Echo<'_> {
    async fn get(
        &self,
        source: &Source,
        request: &Request,
        _robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        self.one_more(request)?;
        let answer = capture(source, &request.url, "", self.bytes);
        Ok(Fetched::Answer(Box::new(Capture { response_headers: Vec::new(), ..answer })))
    }

    /// Each line is a message.
    async fn listen(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Box<dyn LiveStream>, FetchRefusal> {
        self.one_more(request)?;
        let web = SavedWeb::at(Timestamp::UNIX_EPOCH);
        web.with_answer(&request.url, 101, Vec::new(), self.bytes)
            .listen(source, request, robots)
            .await
    }
}

impl Echo<'_> {
    fn one_more(&self, request: &Request) -> Result<(), FetchRefusal> {
        let left = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_ok() {
            return Ok(());
        }
        let gone = Outcome::fault("fetch.not-found");
        Err(Problem::new(gone, &request.url, "the page is gone").into())
    }
}

struct Kept(Vec<Capture>);

#[async_trait]
impl CaptureSink for Kept {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        self.0.push(capture.clone());
        Ok(true)
    }
}
