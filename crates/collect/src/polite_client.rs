//! The only code that dials out. It asks robots.txt first, waits its turn, refuses private
//! addresses, follows redirects by itself so that each hop is looked at, and caps size and time.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{
    Capture, CaptureId, CaptureMethod, CaptureRole, Clock, Header, HostStanding, Problem, Sha256,
    Source,
};
use jiff::Timestamp;
use url::Url;

use crate::api_key::Keys;
use crate::fetch_outcome::{
    BAD_URL, BUDGET, PRIVATE_ADDRESS, REDIRECT_LOOP, RESTING, RETRY_LATER, TIMEOUT, check_role,
    check_status, is_of_the_host,
};
use crate::guard;
use crate::known_robots::KnownRobots;
use crate::room::{Room, Rooms};
use crate::turns::{
    FAILURES_BEFORE_REST, HostTurn, LONGEST_WAIT, NoTurn, TIMEOUTS_BEFORE_REST, Turns,
};
use crate::wire::{self, Limit, Received, request_headers};
use crate::{
    ClientError, FetchRefusal, Fetched, KeyRing, LiveStream, PoliteSettings, Request, Web,
};

/// Longest address that is asked for; browsers and servers stop at the same order.
const LONGEST_ADDRESS: usize = 8 * 1024;
/// The largest picture or stylesheet that is taken, in bytes.
const LARGEST_PART: usize = 8 * 1024 * 1024;
/// How many pauses a host is left alone that says 429 and not for how long.
const PAUSES_AFTER_429: u32 = 10;

/// A polite way to the web.
pub struct PoliteClient {
    pub(crate) settings: PoliteSettings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) robots: KnownRobots,
    /// Reaches public addresses alone.
    guarded: reqwest::Client,
    /// For sources that say `allow_private`. A client of its own, so that no connection that was
    /// opened for them is used for others.
    open: reqwest::Client,
    turns: Turns,
    rooms: Rooms,
    keys: KeyRing,
}

impl PoliteClient {
    /// A client that behaves so. The clock dates captures and counts days. No proxy of the
    /// environment is used: it would resolve names where the guard cannot see.
    pub fn new(settings: PoliteSettings, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        if !settings.user_agent.contains("(+") {
            return Err(ClientError::NoContact(settings.user_agent));
        }
        let client = |public_only| wire::http_client(&settings, public_only).build();
        let (guarded, open) = (client(true)?, client(false)?);
        let (robots, turns) = (KnownRobots::default(), Turns::default());
        let rooms = Rooms::new(settings.large_answers);
        let keys: KeyRing = Box::new(|_| None);
        Ok(Self { settings, clock, robots, guarded, open, turns, rooms, keys })
    }

    /// The client that finds API keys here. It has none otherwise.
    #[must_use]
    pub fn with_keys(self, keys: KeyRing) -> Self {
        Self { keys, ..self }
    }

    /// Follows redirects, each hop under robots.txt, guard and budget.
    async fn follow(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        let mut source = Cow::Borrowed(source);
        let mut url = self.address(&request.url, &source)?;
        let keys = Keys::look_up(&request.keys, &url, source.allow_private, &self.keys)?;
        // A key is for the server that it was given for, and for no other that it sends us to.
        let (keys_for, no_keys) = (url.origin(), Keys::default());
        let mut redirects: Vec<String> = Vec::new();
        loop {
            let crawl_delay = self.ask_robots(&source, &url, robots).await?;
            let agent = &self.settings.user_agent;
            let headers = request_headers(&url, agent, &request.validators, request.role);
            let limit = Limit::Whole(self.largest(request.role));
            let keys = if url.origin() == keys_for { &keys } else { &no_keys };
            let mut received = self.send(&source, &url, &headers, keys, limit, crawl_delay).await?;
            if !keys.is_empty() {
                let largest = self.settings.max_body_bytes;
                let decoded = received.decoded(&url, largest, &self.rooms).await?;
                keys.check_answer(&received, decoded.as_deref(), &url)?;
            }
            if received.status == 304 {
                return Ok(Fetched::NotModified);
            }
            let Some(next) = received.redirect_target(&url) else {
                let refused = check_status(received.status, url.as_str()).err();
                if let (Some(problem), false) = (&refused, request.with_refused) {
                    return Err(problem.clone().into());
                }
                let answer = self
                    .capture(&source, request.role, &url, redirects, headers, received)
                    .await
                    .and_then(|(capture, room)| {
                        check_role(&capture)?;
                        Ok(match room {
                            Some(room) => Fetched::LargeAnswer(Box::new(capture), room),
                            None => Fetched::Answer(Box::new(capture)),
                        })
                    });
                return match refused {
                    None => Ok(answer?),
                    // That there is no page is the news, also where what came cannot be read.
                    Some(problem) => {
                        Err(FetchRefusal { problem, answer: answer.ok().map(Box::new) })
                    }
                };
            };
            redirects.push(url.to_string());
            let again = redirects.iter().any(|seen| seen == next.as_str());
            if again || redirects.len() > self.settings.max_redirects {
                let detail = format!("{} redirects lead nowhere", redirects.len());
                return Err(Problem::new(REDIRECT_LOOP, &request.url, detail).into());
            }
            // A source that may be on a private network is trusted with the way of its own pages, and
            // not with that of whatever a posting shows.
            if !matches!(request.role, CaptureRole::Page) && next.origin() != url.origin() {
                source.to_mut().allow_private = false;
            }
            url = self.address(next.as_str(), &source)?;
        }
    }

    fn largest(&self, role: CaptureRole) -> usize {
        match role {
            CaptureRole::Image | CaptureRole::Stylesheet => {
                self.settings.max_body_bytes.min(LARGEST_PART)
            }
            CaptureRole::Page | CaptureRole::Robots => self.settings.max_body_bytes,
        }
    }

    /// An address that may be dialled for this source.
    pub(crate) fn address(&self, address: &str, source: &Source) -> Result<Url, Problem> {
        let bad = |what: &str| {
            let shown: String = address.chars().take(200).collect();
            Problem::new(BAD_URL, shown, what)
        };
        if address.len() > LONGEST_ADDRESS {
            return Err(bad("the address is longer than any server takes"));
        }
        let mut url = Url::parse(address).map_err(|error| bad(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(bad("only http and https addresses are fetched"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad(
                "a user name in an address is a log-in; only public pages are fetched",
            ));
        }
        url.set_fragment(None);
        if !source.allow_private {
            guard::check_literal(&url)
                .map_err(|error| Problem::new(PRIVATE_ADDRESS, address, error.to_string()))?;
        }
        Ok(url)
    }

    /// One request, in turn; tried once more when the server stumbles.
    pub(crate) async fn send(
        &self,
        source: &Source,
        url: &Url,
        headers: &[Header],
        keys: &Keys,
        limit: Limit,
        crawl_delay: Duration,
    ) -> Result<Received, Problem> {
        let pause = self.pause(source, crawl_delay);
        match self.send_once(source, url, headers, keys, limit, pause).await? {
            (received, wait) if received.status >= 500 && wait <= LONGEST_WAIT => {
                // The first answer is the better news when there is no second turn.
                let again = self.send_once(source, url, headers, keys, limit, pause).await;
                match again {
                    Ok((received, _)) => Ok(received),
                    Err(problem) if [BUDGET, RESTING].contains(&problem.outcome) => Ok(received),
                    Err(problem) => Err(problem),
                }
            }
            (received, _) => Ok(received),
        }
    }

    /// Gives the answer, and how long the host asks us to stay away.
    async fn send_once(
        &self,
        source: &Source,
        url: &Url,
        headers: &[Header],
        keys: &Keys,
        limit: Limit,
        pause: Duration,
    ) -> Result<(Received, Duration), Problem> {
        let mut turn = self.turn(url, pause).await?;
        let client = if source.allow_private { &self.open } else { &self.guarded };
        let timeout = self.settings.timeout;
        let received =
            wire::exchange(client, url, headers, keys, limit, timeout, &self.rooms).await;
        turn.answered();
        let wait = self.note(&mut turn, url, pause, &received);
        Ok((received?, wait))
    }

    /// Waits for the turn at the host of this address.
    pub(crate) async fn turn(&self, url: &Url, pause: Duration) -> Result<HostTurn, Problem> {
        let most = self.settings.max_requests_per_host;
        let turn = self.turns.take(&authority(url), most, pause, self.clock.now()).await;
        turn.map_err(|why| {
            let (outcome, detail) = match why {
                NoTurn::Budget => (BUDGET, "today's budget of requests to this host is spent"),
                NoTurn::Backoff => (RETRY_LATER, "the host asked us to come back later"),
                NoTurn::Resting => (RESTING, "the host failed again and again and is left to rest"),
            };
            Problem::new(outcome, url.as_str(), detail)
        })
    }

    /// Notes what an answer says of its host; gives how long that asks us to stay away.
    pub(crate) fn note(
        &self,
        turn: &mut HostTurn,
        url: &Url,
        pause: Duration,
        received: &Result<Received, Problem>,
    ) -> Duration {
        let now = self.clock.now();
        match received {
            Ok(received) if received.status < 500 && received.status != 429 => turn.succeeded(),
            // What is wrong with the body of a page is not the host's being down.
            Err(problem) if !is_of_the_host(problem.outcome) => turn.succeeded(),
            Err(problem) if problem.outcome == TIMEOUT => {
                turn.failed(pause, jitter(url, now), TIMEOUTS_BEFORE_REST);
            }
            _ => turn.failed(pause, jitter(url, now), FAILURES_BEFORE_REST),
        }
        let Ok(received) = received else { return Duration::ZERO };
        let unsaid = if received.status == 429 { pause * PAUSES_AFTER_429 } else { Duration::ZERO };
        let told = received.retry_after(now).max(received.rate_limit(now));
        let wait = told.unwrap_or(unsaid);
        turn.stay_away(wait);
        wait
    }

    /// The least pause between two requests to this host.
    pub(crate) fn pause(&self, source: &Source, crawl_delay: Duration) -> Duration {
        let own = source.min_delay_ms.map_or(self.settings.min_delay, Duration::from_millis);
        own.max(crawl_delay)
    }

    pub(crate) async fn capture(
        &self,
        source: &Source,
        role: CaptureRole,
        url: &Url,
        redirects: Vec<String>,
        request_headers: Vec<Header>,
        mut received: Received,
    ) -> Result<(Capture, Option<Room>), Problem> {
        let largest = self.settings.max_body_bytes;
        let decoded = received.decoded(url, largest, &self.rooms).await?;
        let fetched_at = self.clock.now();
        let sha256 = Sha256::of(&received.body);
        let capture = Capture {
            id: CaptureId::derive(&source.id, url.as_str(), fetched_at, &sha256),
            source: source.id.clone(),
            role,
            method: CaptureMethod::Http,
            url: url.to_string(),
            redirects,
            fetched_at,
            status: received.status,
            request_headers,
            response_headers: received.headers,
            body: received.body,
            sha256,
            decoded,
            peer: received.peer,
        };
        Ok((capture, received.room))
    }
}

#[async_trait]
impl Web for PoliteClient {
    async fn get(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Fetched, FetchRefusal> {
        self.follow(source, request, robots).await
    }

    async fn listen(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Box<dyn LiveStream>, FetchRefusal> {
        match self.open_stream(source, request, robots).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(problem) => Err(problem.into()),
        }
    }

    fn standings(&self) -> Vec<HostStanding> {
        self.turns.standings(self.clock.now())
    }

    fn take_over(&self, standings: Vec<HostStanding>) {
        self.turns.take_over(standings, self.clock.now());
    }
}

/// Between 0 and 1, different from address to address and from time to time, so that scanners that
/// were sent away together do not come back together.
pub(crate) fn jitter(url: &Url, now: Timestamp) -> f64 {
    let digest = Sha256::of_parts([url.as_str().as_bytes(), now.to_string().as_bytes()]);
    f64::from(digest.as_bytes()[0]) / 255.0
}

/// Scheme, host and port: what a robots.txt and a turn belong to.
pub(crate) fn authority(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
#[path = "client_tests/mod.rs"]
mod tests;

#[cfg(test)]
#[path = "hostile_tests.rs"]
mod hostile;
