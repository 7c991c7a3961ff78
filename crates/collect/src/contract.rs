//! What a collector is: two functions in one file. `fetch` goes to the source through [`Scan`],
//! which keeps every capture before the collector may look at it. `read` is pure: a capture in,
//! postings or named problems out, so that a page that changed is mended with a saved page and no
//! network, and the index can be rebuilt from the captures alone.

use async_trait::async_trait;
use domain::{
    Capture, Checkpoint, HostStanding, Outcome, Posting, PostingId, Problem, Source, Tally,
};

use crate::{ApiKey, KeyPlace, Room};

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
}

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

/// Why nothing was fetched; the problem's outcome says whether a rule of ours did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRefusal(pub Problem);

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

    /// How we stand with each host that was asked, for the next run to know.
    fn standings(&self) -> Vec<HostStanding> {
        Vec::new()
    }

    /// Takes over from an earlier run how we stood with hosts.
    fn take_over(&self, standings: Vec<HostStanding>) {
        drop(standings);
    }
}

/// One walk over one source: what a collector is given.
pub struct Scan<'a> {
    /// The source that is walked.
    pub source: &'a Source,
    /// Where the last walk ended; the collector moves it.
    pub checkpoint: Checkpoint,
    /// What came of each request.
    pub tally: Tally,
    /// The requests that failed, named; the first thousand.
    pub problems: Vec<Problem>,
    /// API keys that go with every request of the walk.
    pub keys: Vec<ApiKey>,
    web: &'a dyn Web,
    sink: &'a mut dyn CaptureSink,
    /// That of the page that was got last.
    room: Option<Room>,
}

/// What came of [`Scan::get`].
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// Kept; look at it.
    New(Box<Capture>),
    /// The server or the bytes say that it is as it was. The capture is there when the server sent
    /// the same bytes again.
    Unchanged(Option<Box<Capture>>),
    /// Counted and noted; go on with the next.
    Failed(Problem),
}

/// How many problems of a walk are kept by name.
const MOST_PROBLEMS: usize = 1000;

const FETCHED: Outcome = Outcome::done("fetch.new");
const NOT_MODIFIED: Outcome = Outcome::intended("fetch.not-modified");
const SAME_BYTES: Outcome = Outcome::intended("fetch.same-bytes");
const ROBOTS: Outcome = Outcome::done("fetch.robots-txt");

impl<'a> Scan<'a> {
    /// A walk that starts at `checkpoint`.
    pub fn new(
        source: &'a Source,
        checkpoint: Checkpoint,
        web: &'a dyn Web,
        sink: &'a mut dyn CaptureSink,
    ) -> Self {
        let (tally, problems, keys) = (Tally::default(), Vec::new(), Vec::new());
        Self { source, checkpoint, tally, problems, keys, web, sink, room: None }
    }

    /// Sends the keys of these names that the source names, as parameters of every request from now on.
    pub fn send_keys_in_query(&mut self, names: &[&str]) {
        for name in names {
            if let Some(variable) = self.source.keys.get(*name) {
                let place = KeyPlace::Query((*name).to_owned());
                self.keys.push(ApiKey { place, variable: variable.clone() });
            }
        }
    }

    /// Gets a page: asks conditionally when the checkpoint knows a version of it, keeps what came
    /// (and the robots.txt that allowed it) before handing it out, and notes its validators in the
    /// checkpoint.
    pub async fn get(&mut self, url: &str) -> Result<Page, KeepError> {
        let validators = Validators {
            etag: self.checkpoint.get(&format!("etag {url}")).map(str::to_owned),
            last_modified: self.checkpoint.get(&format!("last-modified {url}")).map(str::to_owned),
        };
        let request = Request { url: url.to_owned(), validators, keys: self.keys.clone() };
        let mut robots = Vec::new();
        // Given back before the next is asked for: who holds none waits for none.
        self.room = None;
        let fetched = self.web.get(self.source, &request, &mut robots).await;
        for capture in &robots {
            self.tally.count(ROBOTS);
            self.sink.keep(capture).await?;
        }
        match fetched {
            Ok(Fetched::NotModified) => {
                self.tally.count(NOT_MODIFIED);
                Ok(Page::Unchanged(None))
            }
            Ok(Fetched::Answer(capture)) => self.kept(url, capture).await,
            Ok(Fetched::LargeAnswer(capture, room)) => {
                self.room = Some(room);
                self.kept(url, capture).await
            }
            Err(FetchRefusal(problem)) => {
                self.fail(problem.clone());
                Ok(Page::Failed(problem))
            }
        }
    }

    async fn kept(&mut self, url: &str, capture: Box<Capture>) -> Result<Page, KeepError> {
        let new = self.sink.keep(&capture).await?;
        self.note_validators(url, &capture);
        self.tally.count(if new { FETCHED } else { SAME_BYTES });
        Ok(if new { Page::New(capture) } else { Page::Unchanged(Some(capture)) })
    }

    /// Keeps a capture that did not come from the web, such as a part of an imported file.
    pub async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        let new = self.sink.keep(capture).await?;
        self.tally.count(if new { FETCHED } else { SAME_BYTES });
        Ok(new)
    }

    /// A walk within this one, over a file of its folder: it keeps where this one keeps, and counts
    /// for itself.
    pub(crate) fn within<'b>(&'b mut self, source: &'b Source) -> Scan<'b> {
        Scan::new(source, Checkpoint::default(), self.web, self.sink)
    }

    /// Counts and notes a problem of the walk. All are counted, the first thousand are noted: a file
    /// of a million broken records must not fill the memory with its complaints.
    pub fn fail(&mut self, problem: Problem) {
        self.tally.count(problem.outcome);
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn note_validators(&mut self, url: &str, capture: &Capture) {
        for (name, header) in [("etag", "etag"), ("last-modified", "last-modified")] {
            let position = format!("{name} {url}");
            match capture.header(header) {
                Some(value) => self.checkpoint.set(position, value),
                None => {
                    self.checkpoint.positions.remove(&position);
                }
            }
        }
    }
}
