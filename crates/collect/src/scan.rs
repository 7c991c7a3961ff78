//! One walk over one source: what a collector is given to fetch with.

use std::collections::BTreeSet;

use domain::{
    Capture, CaptureRole, Checkpoint, Outcome, PagePart, PostingId, Problem, Source, Tally,
};

use crate::{
    ApiKey, CaptureSink, FetchRefusal, Fetched, KeepError, KeyPlace, LiveStream, Request, Room,
    Validators, Web,
};

/// One walk over one source.
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

/// What a server answered in the place of a page, kept like one.
#[derive(Clone, Debug, PartialEq)]
pub struct Instead {
    /// The answer.
    pub capture: Box<Capture>,
    /// The last capture of this address has other bytes.
    pub is_new: bool,
}

/// How many problems of a walk are kept by name.
const MOST_PROBLEMS: usize = 1000;

const FETCHED: Outcome = Outcome::done("fetch.new");
const NOT_MODIFIED: Outcome = Outcome::intended("fetch.not-modified");
const SAME_BYTES: Outcome = Outcome::intended("fetch.same-bytes");
const ROBOTS: Outcome = Outcome::done("fetch.robots-txt");
const INSTEAD: Outcome = Outcome::done("fetch.kept-instead");

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
        Ok(self.ask(url, false, CaptureRole::Page).await?.0)
    }

    /// Gets a part of a page in the same way; what is none of its kind counts as failed.
    pub async fn get_part(&mut self, url: &str, part: PagePart) -> Result<Page, KeepError> {
        let role = match part {
            PagePart::Image => CaptureRole::Image,
            PagePart::Stylesheet => CaptureRole::Stylesheet,
        };
        Ok(self.ask(url, false, role).await?.0)
    }

    /// The same for a page that was there before: what the server answers in its place, of whatever
    /// status, is kept too.
    pub async fn get_again(&mut self, url: &str) -> Result<(Page, Option<Instead>), KeepError> {
        self.ask(url, true, CaptureRole::Page).await
    }

    async fn ask(
        &mut self,
        url: &str,
        with_refused: bool,
        role: CaptureRole,
    ) -> Result<(Page, Option<Instead>), KeepError> {
        let validators = Validators {
            etag: self.checkpoint.get(&format!("etag {url}")).map(str::to_owned),
            last_modified: self.checkpoint.get(&format!("last-modified {url}")).map(str::to_owned),
        };
        let keys = self.keys.clone();
        let request = Request { url: url.to_owned(), validators, keys, with_refused, role };
        let mut robots = Vec::new();
        // Given back before the next is asked for: who holds none waits for none.
        self.room = None;
        let fetched = self.web.get(self.source, &request, &mut robots).await;
        self.keep_robots(&robots).await?;
        match fetched {
            Ok(fetched) => match self.taken(fetched) {
                Some(capture) => Ok((self.kept(url, capture).await?, None)),
                None => {
                    self.tally.count(NOT_MODIFIED);
                    Ok((Page::Unchanged(None), None))
                }
            },
            Err(FetchRefusal { problem, answer }) => {
                let instead = match answer.and_then(|answer| self.taken(*answer)) {
                    Some(capture) => Some(self.kept_instead(capture).await?),
                    None => None,
                };
                self.fail(problem.clone());
                Ok((Page::Failed(problem), instead))
            }
        }
    }

    /// The capture of an answer, whose room is held until the next is asked for.
    fn taken(&mut self, fetched: Fetched) -> Option<Box<Capture>> {
        match fetched {
            Fetched::NotModified => None,
            Fetched::Answer(capture) => Some(capture),
            Fetched::LargeAnswer(capture, room) => {
                self.room = Some(room);
                Some(capture)
            }
        }
    }

    async fn kept_instead(&mut self, capture: Box<Capture>) -> Result<Instead, KeepError> {
        let is_new = self.sink.keep(&capture).await?;
        self.tally.count(if is_new { INSTEAD } else { SAME_BYTES });
        Ok(Instead { capture, is_new })
    }

    /// Opens a connection over which the server sends messages; what keeps us from it is counted and
    /// noted.
    pub async fn listen(
        &mut self,
        url: &str,
    ) -> Result<Result<Box<dyn LiveStream>, Problem>, KeepError> {
        let request = Request { url: url.to_owned(), ..Request::default() };
        let mut robots = Vec::new();
        let opened = self.web.listen(self.source, &request, &mut robots).await;
        self.keep_robots(&robots).await?;
        Ok(opened.map_err(|FetchRefusal { problem, .. }| {
            self.fail(problem.clone());
            problem
        }))
    }

    async fn keep_robots(&mut self, robots: &[Capture]) -> Result<(), KeepError> {
        for capture in robots {
            self.tally.count(ROBOTS);
            self.sink.keep(capture).await?;
        }
        Ok(())
    }

    async fn kept(&mut self, url: &str, capture: Box<Capture>) -> Result<Page, KeepError> {
        let new = self.sink.keep(&capture).await?;
        self.note_validators(url, &capture);
        self.tally.count(if new { FETCHED } else { SAME_BYTES });
        Ok(if new { Page::New(capture) } else { Page::Unchanged(Some(capture)) })
    }

    /// Which of these postings were read before and are still there.
    pub async fn known(&mut self, ids: &[PostingId]) -> Result<BTreeSet<PostingId>, KeepError> {
        self.sink.known(ids).await
    }

    /// Keeps a capture that the collector put together itself: a part of an imported file, or of what a
    /// server sent.
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
