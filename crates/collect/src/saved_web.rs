use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Header, Outcome, Problem, Sha256, Source,
};
use jiff::Timestamp;

use crate::{FetchRefusal, Fetched, Request, Web};

const NOT_SAVED: Outcome = Outcome::fault("fetch.not-saved");

/// A web of saved pages: for tests, for imports (which need no web), and for mending a collector
/// with the page that it stumbled over. Dials nothing.
#[derive(Debug, Default)]
pub struct SavedWeb {
    pages: BTreeMap<String, SavedPage>,
    fetched_at: Timestamp,
    asked: Mutex<Vec<String>>,
}

#[derive(Debug)]
struct SavedPage {
    status: u16,
    headers: Vec<Header>,
    body: Vec<u8>,
}

impl SavedWeb {
    /// A web without pages, in which it is always this time. (`default()` lives in 1970.)
    pub fn new(fetched_at: Timestamp) -> Self {
        Self { fetched_at, ..Self::default() }
    }

    /// Saves what a server answers at this address. The body is as a reader wants it: content
    /// encoding off.
    pub fn put(
        &mut self,
        url: impl Into<String>,
        status: u16,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let page = SavedPage { status, headers: headers.collect(), body: body.into() };
        self.pages.insert(url.into(), page);
    }

    /// The addresses that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Web for SavedWeb {
    /// A page with status 2xx is an answer, 304 if its `ETag` is the one asked for; any other
    /// status is refused as by the polite client. A page that was not saved is
    /// `fetch.not-saved`.
    async fn get(
        &self,
        source: &Source,
        request: &Request,
        _robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        let url = &request.url;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(url.clone());
        let Some(page) = self.pages.get(url) else {
            let detail = "no page was saved for this address";
            return Err(FetchRefusal(Problem::new(NOT_SAVED, url, detail)));
        };
        if !(200..300).contains(&page.status) {
            return Err(crate::fetch_outcome::refused_status(url, page.status));
        }
        let etag = page.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("etag"));
        if etag.is_some_and(|(_, etag)| request.validators.etag.as_ref() == Some(etag)) {
            return Ok(Fetched::NotModified);
        }
        let sha256 = Sha256::of(&page.body);
        Ok(Fetched::Answer(Box::new(Capture {
            id: CaptureId::derive(&source.id, url, self.fetched_at, &sha256),
            source: source.id.clone(),
            role: CaptureRole::Page,
            method: CaptureMethod::Http,
            url: url.clone(),
            redirects: Vec::new(),
            fetched_at: self.fetched_at,
            status: page.status,
            request_headers: Vec::new(),
            response_headers: page.headers.clone(),
            body: page.body.clone(),
            sha256,
            decoded: None,
        })))
    }
}
