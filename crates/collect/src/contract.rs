//! What a collector is: two functions in one file. `fetch` goes to the source through [`Scan`],
//! which keeps every capture before the collector may look at it. `read` is pure: a capture in,
//! postings or named problems out, so that a page that changed is mended with a saved page and no
//! network, and the index can be rebuilt from the captures alone.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::{Capture, CaptureRole, HostStanding, Outcome, Posting, PostingId, Problem, Source};
use url::Url;

use crate::{ApiKey, LiveStream, Room, Scan};

/// A kind of source.
#[async_trait]
pub trait Collector: Send + Sync {
    /// The name used as `kind` in `sources.toml`.
    fn kind(&self) -> &'static str;

    /// Walks the source from `scan.checkpoint` on, getting pages with [`Scan::get`], and moves
    /// `scan.checkpoint`. A page that fails is a counted problem and no reason to stop; an `Err`
    /// means that the walk is incomplete, and the checkpoint stays where it was.
    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError>;

    /// The API keys that this kind needs, by the names that the API knows them by.
    fn keys(&self) -> &'static [&'static str] {
        &[]
    }

    /// What is wrong with the settings of a source of this kind, in one sentence; asked when it is
    /// added and when the desk's settings are read, so that nobody waits for a scan to learn it.
    fn refusal(&self, _source: &Source) -> Option<String> {
        None
    }

    /// The address at which a posting that was read out of `page` is asked for again: one whose answer
    /// this collector reads, and that shows the posting if it is still there. Pure.
    fn again(&self, _posting: &Posting, page: &str) -> String {
        page.to_owned()
    }

    /// The public place of this kind that a link leads into, by the address that a source of it has;
    /// `None` where the link does not tell of any. Pure.
    fn place(&self, _link: &Url) -> Option<String> {
        None
    }

    /// Reads the postings out of a capture. Pure, never panics, whatever the bytes.
    fn read(&self, source: &Source, capture: &Capture) -> Reading;
}

/// What was read out of one capture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Postings in the order of the page. `contacts` are left empty; they are found later.
    pub postings: Vec<Posting>,
    /// Items that could not be read, each with a name.
    pub problems: Vec<Problem>,
    /// Postings that the page would show if they were still there. Those that were never seen are no
    /// loss.
    pub gone: Vec<PostingId>,
}

impl Reading {
    /// Nothing but one problem.
    pub fn failed(problem: Problem) -> Self {
        Self { problems: vec![problem], ..Self::default() }
    }
}

/// Why a walk could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The capture could not be kept: disk full, folder not writable. Nothing can go on.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The source could not be walked to the end; what was kept stays, the checkpoint does not move.
    #[error("{0}")]
    Incomplete(Problem),
}

/// The desk could not keep a capture.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep a capture: {0}")]
pub struct KeepError(pub String);

/// Where captures go. When `keep` returns, the capture is on disk and synced.
#[async_trait]
pub trait CaptureSink: Send {
    /// Keeps a capture. `Ok(true)`: it is new. `Ok(false)`: the last capture of this address holds
    /// the same payload, and nothing was written.
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError>;

    /// Which of these postings were read before and are still there, as far as is known. Whoever keeps
    /// nothing knows none.
    async fn known(&mut self, postings: &[PostingId]) -> Result<BTreeSet<PostingId>, KeepError> {
        let _ = postings;
        Ok(BTreeSet::new())
    }
}

const NO_LISTENING: Outcome = Outcome::fault("stream.not-opened");

/// What to ask a server for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Absolute http or https address.
    pub url: String,
    /// From the last answer, for a conditional GET.
    pub validators: Validators,
    /// API keys that go with it, by name: what they are is known to the client alone, and stands in
    /// no capture, log or message.
    pub keys: Vec<ApiKey>,
    /// An answer that is no page is handed over as well, with the refusal.
    pub with_refused: bool,
    /// What it is asked for as. A picture or stylesheet is refused when it is none, or too large for one.
    pub role: CaptureRole,
}

/// What a server said about the version of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, as it came.
    pub etag: Option<String>,
    /// `Last-Modified`, as it came.
    pub last_modified: Option<String>,
}

/// What came of a request.
#[derive(Debug, PartialEq)]
pub enum Fetched {
    /// An answer with a body and status 200 to 299.
    Answer(Box<Capture>),
    /// The same, and large: nobody else has its room in memory until it is dropped.
    LargeAnswer(Box<Capture>, Room),
    /// 304: as we have it.
    NotModified,
}

/// Why nothing was fetched.
#[derive(Debug, PartialEq)]
pub struct FetchRefusal {
    /// Its outcome says whether a rule of ours did it.
    pub problem: Problem,
    /// What the server answered in the place of a page, where the request wants it.
    pub answer: Option<Box<Fetched>>,
}

impl From<Problem> for FetchRefusal {
    fn from(problem: Problem) -> Self {
        Self { problem, answer: None }
    }
}

/// The way to the web. [`crate::PoliteClient`] is the only one that dials out; tests and saved
/// pages stand in for it.
#[async_trait]
pub trait Web: Send + Sync {
    /// Fetches one page under the source's rules. `robots` collects robots.txt answers that were
    /// fetched on the way, to be kept as evidence before the page.
    async fn get(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal>;

    /// Opens a connection over which a server sends messages, under the same rules.
    async fn listen(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Box<dyn LiveStream>, FetchRefusal> {
        let _ = (source, robots);
        let detail = "nothing is listened to from here";
        Err(Problem::new(NO_LISTENING, &request.url, detail).into())
    }

    /// How we stand with each host that was asked, for the next run to know.
    fn standings(&self) -> Vec<HostStanding> {
        Vec::new()
    }

    /// Takes over from an earlier run how we stood with hosts.
    fn take_over(&self, standings: Vec<HostStanding>) {
        drop(standings);
    }
}
