//! One exchange with a server: what is sent, what comes back, and what that means.

use std::io::Read as _;
use std::time::Duration;

use domain::{Header, Outcome, Problem};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::Validators;
use crate::polite_client::of_error;

pub(crate) const SERVER_ERROR: Outcome = Outcome::fault("fetch.server-error");
const TOO_LARGE: Outcome = Outcome::fault("fetch.too-large");
const UNKNOWN_ENCODING: Outcome = Outcome::fault("fetch.unknown-encoding");
const BROKEN_ENCODING: Outcome = Outcome::fault("fetch.broken-encoding");
const NOT_FOUND: Outcome = Outcome::fault("fetch.not-found");
const FORBIDDEN: Outcome = Outcome::fault("fetch.forbidden");
const TOO_MANY: Outcome = Outcome::fault("fetch.too-many");
const STATUS: Outcome = Outcome::fault("fetch.unexpected-status");

/// An answer as received.
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What we send: who we are, what we take, and what we have already.
pub(crate) fn request_headers(user_agent: &str, known: Option<&Validators>) -> Vec<Header> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![
        header("user-agent", user_agent),
        header("accept", "text/html,application/xhtml+xml,application/xml,application/rss+xml,application/atom+xml,application/json;q=0.9,*/*;q=0.5"),
        header("accept-encoding", "gzip"),
    ];
    if let Some(known) = known {
        headers.extend(known.etag.iter().map(|etag| header("if-none-match", etag)));
        headers.extend(known.last_modified.iter().map(|date| header("if-modified-since", date)));
    }
    headers
}

/// Sends a GET and reads the answer, no more than `largest` bytes of it: neither the stated length
/// nor the end of the stream can be relied on.
pub(crate) async fn exchange(
    client: &reqwest::Client,
    url: &Url,
    headers: &[Header],
    largest: usize,
) -> Result<Received, Problem> {
    let broken = |error: reqwest::Error| of_error(&error.without_url(), url);
    let mut response = client.get(url.clone()).headers(header_map(headers)).send().await.map_err(broken)?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(broken)? {
        if body.len() + piece.len() > largest {
            return Err(Problem::new(TOO_LARGE, url.as_str(), format!("its body is larger than {largest} bytes")));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Received { status, headers, body })
}

fn header_map(headers: &[Header]) -> HeaderMap {
    let valid = headers.iter().filter_map(|(name, value)| {
        // A validator that came with control characters is not sent back.
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
    });
    valid.collect()
}

/// Where a redirect leads.
pub(crate) fn redirect_target(received: &Received, url: &Url) -> Option<Url> {
    if !matches!(received.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let mut target = url.join(received.header("location")?).ok()?;
    target.set_fragment(None);
    Some(target)
}

/// Names every status but 2xx.
pub(crate) fn check_status(received: &Received, url: &Url) -> Result<(), Problem> {
    let (outcome, what) = match received.status {
        200..=299 => return Ok(()),
        404 | 410 => (NOT_FOUND, "the page is gone"),
        401 | 403 | 407 | 451 => (FORBIDDEN, "the page is not public; we do not try another way"),
        429 => (TOO_MANY, "the host has had too many requests"),
        500.. => (SERVER_ERROR, "the server stumbled"),
        _ => (STATUS, "the server gave no page"),
    };
    Err(Problem::new(outcome, url.as_str(), format!("{what} (status {})", received.status)))
}

/// How long the host asks us to stay away: `Retry-After` in seconds or as a date.
pub(crate) fn retry_after(received: &Received, now: Timestamp) -> Option<Duration> {
    if received.status != 429 && received.status < 500 {
        return None;
    }
    let value = received.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds.min(86_400)));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let seconds = now.duration_until(date).as_secs();
    (seconds > 0).then(|| Duration::from_secs(seconds.unsigned_abs().min(86_400)))
}

/// The body with gzip off, when it is on. What unpacks without end is refused.
pub(crate) fn decoded(received: &Received, url: &Url, largest: usize) -> Result<Option<Vec<u8>>, Problem> {
    let encoding = received.header("content-encoding").unwrap_or("identity").trim().to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => {
            let mut plain = Vec::new();
            let unpacked = MultiGzDecoder::new(received.body.as_slice()).take(largest as u64 + 1).read_to_end(&mut plain);
            if plain.len() > largest {
                return Err(Problem::new(TOO_LARGE, url.as_str(), format!("its body unpacks to more than {largest} bytes")));
            }
            match unpacked {
                Ok(_) => Ok(Some(plain)),
                Err(error) => Err(Problem::new(BROKEN_ENCODING, url.as_str(), format!("its body does not unpack: {error}"))),
            }
        }
        other => {
            let other: String = other.chars().take(40).collect();
            Err(Problem::new(UNKNOWN_ENCODING, url.as_str(), format!("its body is packed as `{other}`, which was not asked for")))
        }
    }
}
