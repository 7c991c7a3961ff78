use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use async_trait::async_trait;
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Header, Outcome, Peer, Problem, Sha256, Source,
};
use jiff::Timestamp;

use crate::fetch_outcome::{STREAM_CLOSED, check_status};
use crate::{FetchRefusal, Fetched, Heard, LiveStream, Request, Web};

const NOT_SAVED: Outcome = Outcome::fault("fetch.not-saved");

/// A web of saved pages: answers from memory and never dials out. A collector whose site has changed
/// is mended with it.
#[derive(Clone, Debug, Default)]
pub struct SavedWeb {
    pages: BTreeMap<String, (u16, Vec<Header>, Vec<u8>)>,
    fetched_at: Timestamp,
}

impl SavedWeb {
    /// An empty web, whose answers come at this time.
    pub fn at(fetched_at: Timestamp) -> Self {
        Self { pages: BTreeMap::new(), fetched_at }
    }

    /// Saves a page.
    #[must_use]
    pub fn with(mut self, url: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        self.pages.insert(url.to_owned(), (200, headers, body.into()));
        self
    }

    /// Saves an answer with any status and headers. One with status 101 is a stream: each line of its
    /// body is a message, and then it ends.
    #[must_use]
    pub fn with_answer(
        mut self,
        url: &str,
        status: u16,
        headers: Vec<Header>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        self.pages.insert(url.to_owned(), (status, headers, body.into()));
        self
    }
}

impl SavedWeb {
    fn page(&self, request: &Request) -> Result<&(u16, Vec<Header>, Vec<u8>), FetchRefusal> {
        let missing =
            || FetchRefusal::from(Problem::new(NOT_SAVED, &request.url, "no such page was saved"));
        self.pages.get(&request.url).ok_or_else(missing)
    }

    fn capture(
        &self,
        source: &Source,
        url: &str,
        status: u16,
        headers: &[Header],
        body: &[u8],
    ) -> Capture {
        let sha256 = Sha256::of(body);
        Capture {
            id: CaptureId::derive(&source.id, url, self.fetched_at, &sha256),
            source: source.id.clone(),
            role: CaptureRole::Page,
            method: CaptureMethod::Http,
            url: url.to_owned(),
            redirects: Vec::new(),
            fetched_at: self.fetched_at,
            status,
            request_headers: Vec::new(),
            response_headers: headers.to_vec(),
            body: body.to_vec(),
            sha256,
            decoded: None,
            peer: Peer::default(),
        }
    }
}

#[async_trait]
impl Web for SavedWeb {
    async fn get(
        &self,
        source: &Source,
        request: &Request,
        _robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        let (status, headers, body) = self.page(request)?;
        if *status == 304 {
            return Ok(Fetched::NotModified);
        }
        check_status(*status, &request.url)?;
        let capture = self.capture(source, &request.url, *status, headers, body);
        Ok(Fetched::Answer(Box::new(capture)))
    }

    async fn listen(
        &self,
        source: &Source,
        request: &Request,
        _robots: &mut Vec<Capture>,
    ) -> Result<Box<dyn LiveStream>, FetchRefusal> {
        let (status, headers, body) = self.page(request)?;
        if *status != 101 {
            check_status(*status, &request.url)?;
        }
        let messages = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let messages = messages.map(<[u8]>::to_vec).collect();
        let head = self.capture(source, &request.url, *status, headers, &[]);
        Ok(Box::new(SavedStream { head, messages }))
    }
}

/// Messages that were saved.
struct SavedStream {
    /// The capture of its answer, without messages.
    head: Capture,
    messages: VecDeque<Vec<u8>>,
}

#[async_trait]
impl LiveStream for SavedStream {
    async fn next(&mut self, _patience: Duration) -> Heard {
        match self.messages.pop_front().map(String::from_utf8) {
            Some(Ok(text)) => Heard::Text(text),
            Some(Err(_)) => Heard::Bytes,
            None => Heard::Ended(Problem::new(STREAM_CLOSED, &self.head.url, "that is all")),
        }
    }

    fn now(&self) -> Timestamp {
        self.head.fetched_at
    }

    fn capture(&self, part: &str, lines: Vec<u8>) -> Capture {
        let (url, sha256) = (format!("{}#{part}", self.head.url), Sha256::of(&lines));
        let id = CaptureId::derive(&self.head.source, &url, self.head.fetched_at, &sha256);
        Capture { id, url, sha256, body: lines, ..self.head.clone() }
    }

    async fn hang_up(&mut self) {}
}
