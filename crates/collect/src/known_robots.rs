//! The robots.txt of each host: asked for once a day, kept as evidence, obeyed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use domain::{Capture, CaptureId, CaptureRole, Outcome, Problem, Source, SourceId};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use url::Url;

use crate::Validators;
use crate::api_key::Keys;
use crate::fetch_outcome::{
    BUDGET, CONNECT, DNS, PRIVATE_ADDRESS, RESTING, RETRY_LATER, ROBOTS_DISALLOW,
    ROBOTS_UNREACHABLE, TLS,
};
use crate::polite_client::{PoliteClient, authority};
use crate::robots::{LARGEST, Robots};
use crate::wire::{Limit, request_headers};

/// How long a robots.txt holds (RFC 9309, 2.4).
const HOLDS: SignedDuration = SignedDuration::from_hours(24);
/// How long a host whose robots.txt could not be had is left alone: every page of it would run
/// into the same wall.
const FAILURE_HOLDS: SignedDuration = SignedDuration::from_hours(1);
/// RFC 9309, 2.3.1.2.
const MOST_REDIRECTS: usize = 5;

/// By authority, and by whether private addresses may be asked; a second asker waits for the first
/// one's answer.
#[derive(Default)]
pub(crate) struct KnownRobots {
    hosts: Mutex<HashMap<(String, bool), Arc<Mutex<Option<Known>>>>>,
}

struct Known {
    /// Whether the capture holds rules, or why nothing may be fetched. They are read each time:
    /// half a megabyte of rules is ten times as much when it is read, for each host.
    has_rules: Result<bool, Problem>,
    asked_at: Timestamp,
    /// As received; each source that relies on it keeps a copy as evidence.
    capture: Option<Capture>,
    given_to: BTreeSet<SourceId>,
}

impl Known {
    fn holds(&self, now: Timestamp) -> bool {
        let holds = if self.has_rules.is_ok() { HOLDS } else { FAILURE_HOLDS };
        (SignedDuration::ZERO..holds).contains(&now.duration_since(self.asked_at))
    }
}

impl PoliteClient {
    /// Gives the pause that the host's robots.txt asks for, or says why the page is not fetched.
    pub(crate) async fn ask_robots(
        &self,
        source: &Source,
        url: &Url,
        captures: &mut Vec<Capture>,
    ) -> Result<Duration, Problem> {
        let key = (authority(url), source.allow_private);
        let known = self.robots.hosts.lock().await.entry(key).or_default().clone();
        let mut known = known.lock().await;
        let now = self.clock.now();
        if !known.as_ref().is_some_and(|known| known.holds(now)) {
            let mut capture = None;
            let has_rules = self.fetch_robots(source, url, &mut capture).await;
            // That we do not ask says nothing about the host's file.
            let ours =
                |problem: &Problem| [BUDGET, RETRY_LATER, RESTING].contains(&problem.outcome);
            if let Err(problem) = &has_rules
                && ours(problem)
            {
                return Err(at(url, problem));
            }
            *known = Some(Known { has_rules, asked_at: now, capture, given_to: BTreeSet::new() });
        }
        let Some(known) = known.as_mut() else { return Ok(Duration::ZERO) };
        if known.given_to.insert(source.id.clone()) {
            captures.extend(known.capture.as_ref().map(|capture| for_source(capture, source)));
        }
        let has_rules = known.has_rules.as_ref().map_err(|problem| at(url, problem))?;
        let file = known.capture.as_ref().filter(|_| *has_rules);
        let robots = file.map(|file| Robots::parse(file.content())).unwrap_or_default();
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        if robots.allows(&format!("{}{query}", url.path())) {
            return Ok(Duration::from_secs_f64(robots.delay_seconds.unwrap_or(0.0)));
        }
        let detail = "the site's robots.txt asks us not to";
        Err(Problem::new(ROBOTS_DISALLOW, url.as_str(), detail))
    }

    /// 2xx is read, 4xx allows everything, all else nothing (RFC 9309, 2.3.1). 429 is no "there is
    /// none": the host has had enough of us.
    async fn fetch_robots(
        &self,
        source: &Source,
        page: &Url,
        capture: &mut Option<Capture>,
    ) -> Result<bool, Problem> {
        let unreachable = |url: &Url, why: &str| unreachable(url, why);
        let mut url =
            page.join("/robots.txt").map_err(|error| unreachable(page, &error.to_string()))?;
        for _ in 0..=MOST_REDIRECTS {
            let mut headers = request_headers(
                &url,
                &self.settings.user_agent,
                &Validators::default(),
                CaptureRole::Robots,
            );
            // The beginning of a packed file cannot be told from a broken one.
            headers.retain(|(name, _)| name != "accept-encoding");
            let limit = Limit::Beginning(LARGEST);
            let received = self
                .send(source, &url, &headers, &Keys::default(), limit, Duration::ZERO)
                .await
                .map_err(|problem| as_seen_from_page(&url, problem))?;
            if let Some(next) = received.redirect_target(&url) {
                url = self.address(next.as_str(), source)?;
                continue;
            }
            let status = received.status;
            let kept = self
                .capture(source, CaptureRole::Robots, &url, Vec::new(), headers, received)
                .await;
            let (kept, _) = kept.map_err(|problem| unreachable(&url, &problem.detail))?;
            let answer = match status {
                200..=299 => Ok(true),
                429 => Err(unreachable(&url, "status 429")),
                400..=499 => Ok(false),
                _ => Err(unreachable(&url, &format!("status {status}"))),
            };
            *capture = Some(kept);
            return answer;
        }
        // Five redirects and no file: as if there were none (RFC 9309, 2.3.1.2).
        Ok(false)
    }
}

/// A host that cannot be reached at all is told as such, since the page would run into the same.
fn as_seen_from_page(url: &Url, problem: Problem) -> Problem {
    let told: [Outcome; 7] = [DNS, CONNECT, TLS, PRIVATE_ADDRESS, BUDGET, RETRY_LATER, RESTING];
    if told.contains(&problem.outcome) { problem } else { unreachable(url, &problem.detail) }
}

fn unreachable(url: &Url, why: &str) -> Problem {
    let detail = format!("without the site's robots.txt nothing is fetched there: {why}");
    Problem::new(ROBOTS_UNREACHABLE, url.as_str(), detail)
}

/// The same problem, of this page.
fn at(page: &Url, problem: &Problem) -> Problem {
    Problem { place: page.to_string(), ..problem.clone() }
}

/// The same answer, kept for another source.
fn for_source(capture: &Capture, source: &Source) -> Capture {
    let id = CaptureId::derive(&source.id, &capture.url, capture.fetched_at, &capture.sha256);
    Capture { id, source: source.id.clone(), ..capture.clone() }
}
