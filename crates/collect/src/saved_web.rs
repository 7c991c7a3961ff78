use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Header, Outcome, Problem, Sha256, Source,
};
use jiff::Timestamp;

use crate::fetch_outcome::check_status;
use crate::{FetchRefusal, Fetched, Request, Web};

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

    /// Saves an answer with any status and headers.
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

#[async_trait]
impl Web for SavedWeb {
    async fn get(
        &self,
        source: &Source,
        request: &Request,
        _robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        let missing =
            || FetchRefusal(Problem::new(NOT_SAVED, &request.url, "no such page was saved"));
        let (status, headers, body) = self.pages.get(&request.url).ok_or_else(missing)?;
        if *status == 304 {
            return Ok(Fetched::NotModified);
        }
        check_status(*status, &request.url).map_err(FetchRefusal)?;
        let sha256 = Sha256::of(body);
        Ok(Fetched::Answer(Box::new(Capture {
            id: CaptureId::derive(&source.id, &request.url, self.fetched_at, &sha256),
            source: source.id.clone(),
            role: CaptureRole::Page,
            method: CaptureMethod::Http,
            url: request.url.clone(),
            redirects: Vec::new(),
            fetched_at: self.fetched_at,
            status: *status,
            request_headers: Vec::new(),
            response_headers: headers.clone(),
            body: body.clone(),
            sha256,
            decoded: None,
        })))
    }
}
