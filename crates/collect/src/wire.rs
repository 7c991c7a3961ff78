//! One exchange with a server: what is sent, what comes back, and what that means.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use domain::{CaptureRole, Header, Peer, Problem};
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::tls::TlsInfo;
use tokio::time::Instant;
use url::Url;

use crate::api_key::Keys;
use crate::fetch_outcome::{BROKEN_ENCODING, TIMEOUT, TOO_LARGE, UNKNOWN_ENCODING};
use crate::guard::Resolver;
use crate::room::{Room, Rooms, SMALL};
use crate::wire_error::problem_of;
use crate::{PoliteSettings, Validators};

/// How long a connection is kept for the host's next turn. Hundreds of hosts are asked in a row, and
/// each connection is an open file.
const IDLE_CONNECTION: Duration = Duration::from_secs(5);
const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// Servers choose by it; what we cannot look at is not asked for.
const ACCEPT_IMAGE: &str = "image/jpeg,image/png,image/webp,image/gif";
const ACCEPT_STYLESHEET: &str = "text/css";
/// Most room that is taken at once for a body that is not small: desks may allow far larger ones.
const MOST_AT_ONCE: usize = 8 * 1024 * 1024;
/// No host makes us wait longer than a day by a mistyped header.
const LONGEST_RETRY_AFTER: u64 = 24 * 60 * 60;
/// A smaller number of seconds is no time since 1970.
const FIRST_SECOND_OF_2001: i64 = 978_307_200;

/// An answer as received.
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Vec<u8>,
    pub(crate) peer: Peer,
    pub(crate) room: Option<Room>,
}

/// How much of a body is read.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// What is larger is refused.
    Whole(usize),
    /// What is larger is cut off.
    Beginning(usize),
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Where a redirect leads.
    pub(crate) fn redirect_target(&self, url: &Url) -> Option<Url> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let mut target = url.join(self.header("location")?).ok()?;
        target.set_fragment(None);
        Some(target)
    }

    /// How long the host asks us to stay away: `Retry-After` in seconds or as a date.
    pub(crate) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        if self.status != 429 && self.status < 500 {
            return None;
        }
        let value = self.header("retry-after")?.trim();
        let seconds = value.parse::<u64>().ok().or_else(|| {
            let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
            u64::try_from(now.duration_until(date).as_secs()).ok()
        })?;
        Some(Duration::from_secs(seconds.min(LONGEST_RETRY_AFTER)))
    }

    /// How long the host's budget for us is spent: `X-RateLimit-Remaining` is 0 until
    /// `X-RateLimit-Reset`, which servers write as a time, as seconds since 1970, or as seconds from
    /// now. The names without `X-` are the same.
    pub(crate) fn rate_limit(&self, now: Timestamp) -> Option<Duration> {
        let either =
            |plain: &str, old: &str| self.header(plain).or_else(|| self.header(old)).map(str::trim);
        let remaining = either("ratelimit-remaining", "x-ratelimit-remaining")?;
        // Some count in parts: `0.0`.
        if remaining.split('.').next()?.parse::<u64>().ok()? > 0 {
            return None;
        }
        let reset = either("ratelimit-reset", "x-ratelimit-reset")?;
        let until = |time: Timestamp| u64::try_from(now.duration_until(time).as_secs()).ok();
        let seconds = match reset.parse::<i64>() {
            Ok(since_1970) if since_1970 >= FIRST_SECOND_OF_2001 => {
                until(Timestamp::from_second(since_1970).ok()?)
            }
            Ok(from_now) => u64::try_from(from_now).ok(),
            Err(_) => until(reset.parse().ok()?),
        };
        Some(Duration::from_secs(seconds?.min(LONGEST_RETRY_AFTER)))
    }

    /// The body with gzip off, when it is on. What unpacks without end is refused; what is not
    /// small when it is unpacked waits for room first.
    pub(crate) async fn decoded(
        &mut self,
        url: &Url,
        largest: usize,
        rooms: &Rooms,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let encoding = self.header("content-encoding").unwrap_or_default().trim();
        match encoding.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" if self.body.is_empty() => Ok(None),
            "gzip" | "x-gzip" => {
                if self.room.is_none() && self.unzipped_size(SMALL) > SMALL {
                    rooms.enter(&mut self.room).await;
                }
                self.unzipped(url, largest).map(Some)
            }
            other => {
                let other: String = other.chars().take(40).collect();
                let detail = format!("its body is packed as `{other}`, which was not asked for");
                Err(Problem::new(UNKNOWN_ENCODING, url.as_str(), detail))
            }
        }
    }

    /// How large the body is with gzip off, as far as it can be unpacked; more than `most` is not told
    /// apart. Looked at piece by piece, so that the look takes no memory.
    fn unzipped_size(&self, most: usize) -> usize {
        let mut unpacker = MultiGzDecoder::new(self.body.as_slice()).take(most as u64 + 1);
        let (mut size, mut piece) = (0, [0; 16 * 1024]);
        while let Ok(read @ 1..) = unpacker.read(&mut piece) {
            size += read;
        }
        size
    }

    fn unzipped(&self, url: &Url, largest: usize) -> Result<Vec<u8>, Problem> {
        // What unpacks without end takes no memory either.
        let size = self.unzipped_size(largest);
        if size > largest {
            let detail = format!("its body unpacks to more than {largest} bytes");
            return Err(Problem::new(TOO_LARGE, url.as_str(), detail));
        }
        let mut plain = Vec::with_capacity(size);
        let unpacked = MultiGzDecoder::new(self.body.as_slice()).read_to_end(&mut plain);
        unpacked.map_err(|error| {
            let detail = format!("its body does not unpack: {error}");
            Problem::new(BROKEN_ENCODING, url.as_str(), detail)
        })?;
        Ok(plain)
    }
}

/// Connects to what the guard lets through, and to nothing else.
pub(crate) fn http_client(settings: &PoliteSettings, public_only: bool) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(settings.connect_timeout)
        .no_proxy()
        .referer(false)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(IDLE_CONNECTION)
        .tls_info(true)
        .dns_resolver(Arc::new(Resolver::of_system(public_only)))
}

/// What we send: who we are, what we take, and what we have already.
pub(crate) fn request_headers(
    url: &Url,
    user_agent: &str,
    known: &Validators,
    role: CaptureRole,
) -> Vec<Header> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let mut headers = vec![
        header("host", &format!("{}{port}", url.host_str().unwrap_or_default())),
        header("user-agent", user_agent),
        header("accept", accepted(role)),
        header("accept-encoding", "gzip"),
    ];
    headers.extend(known.etag.iter().map(|etag| header("if-none-match", etag)));
    headers.extend(known.last_modified.iter().map(|date| header("if-modified-since", date)));
    // A validator that came with control characters is not sent back.
    headers.retain(|(_, value)| HeaderValue::from_str(value).is_ok());
    headers
}

fn accepted(role: CaptureRole) -> &'static str {
    match role {
        CaptureRole::Page | CaptureRole::Robots => ACCEPT,
        CaptureRole::Image => ACCEPT_IMAGE,
        CaptureRole::Stylesheet => ACCEPT_STYLESHEET,
    }
}

/// How long an answer may take, all its parts together. Waiting for room of ours does not count.
struct Patience {
    left: Duration,
}

impl Patience {
    async fn wait<T>(
        &mut self,
        url: &Url,
        part: impl Future<Output = reqwest::Result<T>>,
    ) -> Result<T, Problem> {
        let started = Instant::now();
        let came = tokio::time::timeout(self.left, part).await;
        self.left = self.left.saturating_sub(started.elapsed());
        let late = |_| Problem::new(TIMEOUT, url.as_str(), "the answer took too long");
        came.map_err(late)?.map_err(|error| problem_of(error, url))
    }
}

/// Sends a GET, with the keys that are kept nowhere, and reads the answer up to the limit: neither
/// the stated length nor the end of the stream can be relied on.
pub(crate) async fn exchange(
    client: &reqwest::Client,
    url: &Url,
    headers: &[Header],
    keys: &Keys,
    limit: Limit,
    timeout: Duration,
    rooms: &Rooms,
) -> Result<Received, Problem> {
    let mut patience = Patience { left: timeout };
    let mut sent = header_map(headers);
    sent.extend(keys.headers());
    let request = client.get(keys.dialled(url)).headers(sent);
    let mut response = patience.wait(url, request.send()).await?;
    let stated = response.content_length().and_then(|length| usize::try_from(length).ok());
    let Received { status, headers, mut body, peer, mut room } = head_of(&response);
    while let Some(piece) = patience.wait(url, response.chunk()).await? {
        match limit {
            Limit::Whole(largest) if body.len() + piece.len() > largest => {
                let detail = format!("its body is larger than {largest} bytes");
                return Err(Problem::new(TOO_LARGE, url.as_str(), detail));
            }
            Limit::Whole(largest) if body.len() + piece.len() > SMALL => {
                rooms.enter(&mut room).await;
                if body.capacity() - body.len() < piece.len() {
                    // In few steps: what is not written to is not memory yet, and small ones would leave
                    // the smaller before them behind in it.
                    let stated = stated.unwrap_or(largest).min(largest).saturating_sub(body.len());
                    body.reserve_exact(stated.min(MOST_AT_ONCE).max(piece.len()));
                }
            }
            Limit::Beginning(enough) if body.len() + piece.len() >= enough => {
                body.extend_from_slice(&piece[..enough - body.len()]);
                break;
            }
            _ => {}
        }
        body.extend_from_slice(&piece);
    }
    body.shrink_to_fit();
    Ok(Received { status, headers, body, peer, room })
}

/// An answer of which nothing but the head has come.
pub(crate) fn head_of(response: &reqwest::Response) -> Received {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
    let status = response.status().as_u16();
    let peer = peer_of(response);
    Received { status, headers: headers.collect(), body: Vec::new(), peer, room: None }
}

fn peer_of(response: &reqwest::Response) -> Peer {
    let tls = response.extensions().get::<TlsInfo>();
    Peer {
        address: response.remote_addr().map(|address| address.ip()),
        certificate: tls.and_then(TlsInfo::peer_certificate).map(<[u8]>::to_vec),
    }
}

/// The HTTP library writes `Host` by itself, in the way of the protocol that is spoken.
pub(crate) fn header_map(headers: &[Header]) -> HeaderMap {
    let ours = headers.iter().filter(|(name, _)| name != "host").filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    ours.collect()
}
