//! The only code that dials out. It asks robots.txt first, waits its turn, refuses private
//! addresses, follows redirects by itself so that each hop is looked at, and caps size and time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::{Capture, CaptureId, CaptureMethod, CaptureRole, Clock, Header, Outcome, Problem, Sha256, Source, SourceId};
use jiff::Timestamp;
use tokio::sync::Mutex;
use url::Url;

use crate::guard::{self, PrivateAddress, PublicOnly};
use crate::robots::{self, Robots};
use crate::turns::{NoTurn, Turns};
use crate::wire::{self, Received};
use crate::{FetchRefusal, Fetched, Request, Web};

const MOST_REDIRECTS: usize = 5;
/// How long a robots.txt holds (RFC 9309, 2.4).
const ROBOTS_HOLDS: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

const ROBOTS_DISALLOW: Outcome = Outcome::intended("fetch.robots-disallow");
const ROBOTS_UNREACHABLE: Outcome = Outcome::fault("fetch.robots-unreachable");
const BUDGET: Outcome = Outcome::intended("fetch.budget");
const BACKOFF: Outcome = Outcome::intended("fetch.retry-later");
const BAD_URL: Outcome = Outcome::fault("fetch.bad-url");
const PRIVATE: Outcome = Outcome::fault("fetch.private-address");
const REDIRECT_LOOP: Outcome = Outcome::fault("fetch.redirect-loop");

/// How the client behaves.
#[derive(Clone, Debug)]
pub struct PoliteSettings {
    /// Sent with every request; names a person to write to.
    pub user_agent: String,
    /// Least pause between two requests to a host, unless the source says otherwise.
    pub min_delay: Duration,
    /// Most requests to a host in one run.
    pub max_requests_per_host: u32,
    /// Largest body, as received and with its encoding off.
    pub max_body_bytes: usize,
    /// Longest wait for a whole answer.
    pub timeout: Duration,
}

impl PoliteSettings {
    /// The defaults, with the desk's contact address.
    pub fn with_contact(contact: &str) -> Self {
        let contact: String = contact.chars().filter(|c| c.is_ascii_graphic()).collect();
        let contact = if contact.contains("://") { contact } else { format!("mailto:{contact}") };
        Self {
            user_agent: format!("FusionCenter/{} (+{contact})", env!("CARGO_PKG_VERSION")),
            min_delay: Duration::from_secs(2),
            max_requests_per_host: 500,
            max_body_bytes: 8 * 1024 * 1024,
            timeout: Duration::from_secs(30),
        }
    }
}

/// The client could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ClientError(#[from] reqwest::Error);

/// A polite way to the web.
pub struct PoliteClient {
    settings: PoliteSettings,
    clock: Arc<dyn Clock>,
    /// Reaches public addresses alone.
    guarded: reqwest::Client,
    /// For sources that say `allow_private`.
    open: reqwest::Client,
    turns: Turns,
    /// By authority; a second asker waits for the first one's answer.
    robots: Mutex<HashMap<String, Arc<Mutex<Option<KnownRobots>>>>>,
}

struct KnownRobots {
    rules: Robots,
    reachable: bool,
    asked_at: Timestamp,
    /// As received; each source that relies on it keeps a copy as evidence.
    capture: Option<Capture>,
    given_to: BTreeSet<SourceId>,
}

type Refused<T> = Result<T, Problem>;

impl PoliteClient {
    /// A client that behaves so. The clock dates captures.
    pub fn new(settings: PoliteSettings, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        let builder = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(settings.timeout.min(Duration::from_secs(10)))
                .timeout(settings.timeout)
                .no_proxy()
                .referer(false)
                .pool_max_idle_per_host(1)
        };
        let guarded = builder().dns_resolver(Arc::new(PublicOnly)).build()?;
        let open = builder().build()?;
        Ok(Self { settings, clock, guarded, open, turns: Turns::default(), robots: Mutex::default() })
    }

    /// Follows redirects, each hop under robots.txt, guard and budget.
    async fn follow(
        &self,
        source: &Source,
        request: &Request,
        robots: &mut Vec<Capture>,
    ) -> Refused<Fetched> {
        let mut url = self.address(&request.url, source)?;
        let mut redirects: Vec<String> = Vec::new();
        loop {
            let delay = self.ask_robots(source, &url, robots).await?;
            let validators = if redirects.is_empty() { Some(&request.validators) } else { None };
            let mut headers = wire::request_headers(&self.settings.user_agent, validators);
            let received = self.send(source, &url, &headers, delay).await?;
            if received.status == 304 {
                return Ok(Fetched::NotModified);
            }
            let Some(next) = wire::redirect_target(&received, &url) else {
                wire::check_status(&received, &url)?;
                let capture = self.capture(source, CaptureRole::Page, &url, redirects, std::mem::take(&mut headers), received)?;
                return Ok(Fetched::Answer(Box::new(capture)));
            };
            if redirects.len() >= MOST_REDIRECTS || next == url || redirects.iter().any(|seen| *seen == next.as_str()) {
                return Err(Problem::new(REDIRECT_LOOP, request.url.as_str(), "its redirects lead nowhere"));
            }
            redirects.push(url.to_string());
            url = self.address(next.as_str(), source)?;
        }
    }

    /// An address that may be dialled for this source.
    fn address(&self, address: &str, source: &Source) -> Refused<Url> {
        let bad = |what: &str| Problem::new(BAD_URL, address, what);
        let mut url = Url::parse(address).map_err(|error| bad(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(bad("only http and https addresses are fetched"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("an address with a user name in it is a log-in; only public pages are fetched"));
        }
        url.set_fragment(None);
        if !source.allow_private {
            guard::check_literal(&url).map_err(|error| Problem::new(PRIVATE, address, error.to_string()))?;
        }
        Ok(url)
    }

    /// Gives the pause that the host's robots.txt asks for, or says why the page is not fetched.
    async fn ask_robots(
        &self,
        source: &Source,
        url: &Url,
        captures: &mut Vec<Capture>,
    ) -> Refused<Option<Duration>> {
        let authority = authority(url);
        let known = self.robots.lock().await.entry(authority).or_default().clone();
        let mut known = known.lock().await;
        let now = self.clock.now();
        let fresh = known.as_ref().is_some_and(|robots| now.duration_since(robots.asked_at) < ROBOTS_HOLDS);
        if !fresh {
            let (rules, reachable, capture) = self.fetch_robots(source, url).await?;
            *known = Some(KnownRobots { rules, reachable, asked_at: now, capture, given_to: BTreeSet::new() });
        }
        let Some(robots) = known.as_mut() else { return Ok(None) };
        if robots.given_to.insert(source.id.clone()) {
            captures.extend(robots.capture.as_ref().map(|capture| for_source(capture, source)));
        }
        let path = url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        if robots.rules.allows(&path) {
            return Ok(robots.rules.delay_seconds.map(Duration::from_secs_f64));
        }
        Err(if robots.reachable {
            Problem::new(ROBOTS_DISALLOW, url.as_str(), "the site's robots.txt asks us not to")
        } else {
            Problem::new(ROBOTS_UNREACHABLE, url.as_str(), "the site's robots.txt could not be had, so nothing is fetched there")
        })
    }

    /// 2xx is read, 4xx allows everything, all else nothing (RFC 9309, 2.3.1).
    async fn fetch_robots(
        &self,
        source: &Source,
        page: &Url,
    ) -> Refused<(Robots, bool, Option<Capture>)> {
        let unreachable = || (Robots::disallow_all(), false, None);
        let Ok(mut url) = page.join("/robots.txt") else { return Ok(unreachable()) };
        for _ in 0..=MOST_REDIRECTS {
            let headers = wire::request_headers(&self.settings.user_agent, None);
            let received = match self.send(source, &url, &headers, None).await {
                Ok(received) => received,
                // What the page itself would run into is told as such.
                Err(problem) if problem.outcome.name != "fetch.timeout" => return Err(problem),
                Err(_) => return Ok(unreachable()),
            };
            if let Some(next) = wire::redirect_target(&received, &url) {
                url = self.address(next.as_str(), source)?;
                continue;
            }
            let status = received.status;
            let capture = self.capture(source, CaptureRole::Robots, &url, Vec::new(), headers, received)?;
            let rules = match status {
                200..=299 => (Robots::parse(&capture.content()[..capture.content().len().min(robots::LARGEST)]), true),
                400..=499 => (Robots::default(), true),
                _ => (Robots::disallow_all(), false),
            };
            return Ok((rules.0, rules.1, Some(capture)));
        }
        // Five redirects and no file: as if there were none (RFC 9309, 2.3.1.2).
        Ok((Robots::default(), true, None))
    }

    /// One request, in turn; tried once more when the server stumbles.
    async fn send(
        &self,
        source: &Source,
        url: &Url,
        headers: &[Header],
        delay: Option<Duration>,
    ) -> Refused<Received> {
        let own = source.min_delay_ms.map_or(self.settings.min_delay, Duration::from_millis);
        let pause = own.max(delay.unwrap_or_default());
        let client = if source.allow_private { &self.open } else { &self.guarded };
        for attempt in 0..2 {
            let turn = self.turns.take(&authority(url), self.settings.max_requests_per_host).await;
            let mut turn = turn.map_err(|why| match why {
                NoTurn::Budget => Problem::new(BUDGET, url.as_str(), "the budget of requests to this host is spent"),
                NoTurn::Backoff => Problem::new(BACKOFF, url.as_str(), "the host asked us to come back later"),
            })?;
            let received = wire::exchange(client, url, headers, self.settings.max_body_bytes).await;
            turn.pause(pause);
            match received {
                Ok(received) => {
                    if let Some(wait) = wire::retry_after(&received, self.clock.now()) {
                        turn.pause(wait);
                    }
                    if received.status >= 500 && attempt == 0 {
                        continue;
                    }
                    return Ok(received);
                }
                Err(problem) => return Err(problem),
            }
        }
        Err(Problem::new(wire::SERVER_ERROR, url.as_str(), "the server stumbled twice"))
    }

    fn capture(
        &self,
        source: &Source,
        role: CaptureRole,
        url: &Url,
        redirects: Vec<String>,
        request_headers: Vec<Header>,
        received: Received,
    ) -> Refused<Capture> {
        let decoded = wire::decoded(&received, url, self.settings.max_body_bytes)?;
        let fetched_at = self.clock.now();
        let sha256 = Sha256::of(&received.body);
        Ok(Capture {
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
        })
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
        self.follow(source, request, robots).await.map_err(FetchRefusal)
    }
}

/// The same answer, kept for another source.
fn for_source(capture: &Capture, source: &Source) -> Capture {
    let id = CaptureId::derive(&source.id, &capture.url, capture.fetched_at, &capture.sha256);
    Capture { id, source: source.id.clone(), ..capture.clone() }
}

/// Host and port: what a robots.txt and a turn belong to.
fn authority(url: &Url) -> String {
    format!("{}://{}:{}", url.scheme(), url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// What went wrong on the way, told from the error chain.
pub(crate) fn of_error(error: &reqwest::Error, url: &Url) -> Problem {
    let mut chain = vec![error.to_string()];
    let mut cause = std::error::Error::source(error);
    let mut private = None;
    while let Some(inner) = cause {
        private = private.or_else(|| inner.downcast_ref::<PrivateAddress>().map(ToString::to_string));
        chain.push(inner.to_string());
        cause = inner.source();
    }
    let last = chain.last().cloned().unwrap_or_default();
    let says = |words: &[&str]| chain.iter().any(|text| words.iter().any(|word| text.to_lowercase().contains(word)));
    let name = if let Some(private) = private {
        return Problem::new(PRIVATE, url.as_str(), private);
    } else if error.is_timeout() {
        Outcome::fault("fetch.timeout")
    } else if says(&["dns", "lookup", "resolve"]) {
        Outcome::fault("fetch.dns")
    } else if says(&["certificate", "tls", "handshake"]) {
        Outcome::fault("fetch.tls")
    } else if error.is_connect() {
        Outcome::fault("fetch.connect")
    } else {
        Outcome::fault("fetch.broken-off")
    };
    Problem::new(name, url.as_str(), last)
}
