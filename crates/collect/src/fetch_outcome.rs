//! The names under which requests that came to nothing are counted.

use domain::{Capture, CaptureRole, Outcome, Problem};

use crate::picture_kind;

pub(crate) const BAD_URL: Outcome = Outcome::fault("fetch.bad-url");
pub(crate) const PRIVATE_ADDRESS: Outcome = Outcome::fault("fetch.private-address");
pub(crate) const ROBOTS_DISALLOW: Outcome = Outcome::intended("fetch.robots-disallow");
pub(crate) const ROBOTS_UNREACHABLE: Outcome = Outcome::fault("fetch.robots-unreachable");
pub(crate) const BUDGET: Outcome = Outcome::intended("fetch.budget");
/// The host said when to come back, and that is not soon.
pub(crate) const RETRY_LATER: Outcome = Outcome::intended("fetch.retry-later");
/// The host failed again and again, and nothing is asked of it for a while.
pub(crate) const RESTING: Outcome = Outcome::intended("fetch.host-resting");

pub(crate) const DNS: Outcome = Outcome::fault("fetch.dns");
pub(crate) const CONNECT: Outcome = Outcome::fault("fetch.connect");
pub(crate) const TLS: Outcome = Outcome::fault("fetch.tls");
pub(crate) const TIMEOUT: Outcome = Outcome::fault("fetch.timeout");
/// The connection ended in the midst of the answer, or what came is no HTTP.
pub(crate) const BROKEN_OFF: Outcome = Outcome::fault("fetch.broken-off");
pub(crate) const TOO_LARGE: Outcome = Outcome::fault("fetch.too-large");
pub(crate) const UNKNOWN_ENCODING: Outcome = Outcome::fault("fetch.unknown-encoding");
/// The body is not in the content encoding that it claims.
pub(crate) const BROKEN_ENCODING: Outcome = Outcome::fault("fetch.broken-encoding");
pub(crate) const REDIRECT_LOOP: Outcome = Outcome::fault("fetch.redirect-loop");

/// The server answers and opens no stream.
pub(crate) const NO_STREAM: Outcome = Outcome::fault("stream.not-opened");
/// What the server sends is no WebSocket, or no UTF-8.
pub(crate) const BROKEN_STREAM: Outcome = Outcome::fault("stream.broken");
/// The server said good-bye.
pub(crate) const STREAM_CLOSED: Outcome = Outcome::intended("stream.closed");

/// What stands at a picture's address is none that we know.
const NO_IMAGE: Outcome = Outcome::fault("fetch.no-image");
/// What stands at a stylesheet's address does not say that it is one.
const NO_STYLESHEET: Outcome = Outcome::fault("fetch.no-stylesheet");
const NOT_FOUND: Outcome = Outcome::fault("fetch.not-found");
const FORBIDDEN: Outcome = Outcome::fault("fetch.forbidden");
const TOO_MANY: Outcome = Outcome::fault("fetch.too-many");
const SERVER_ERROR: Outcome = Outcome::fault("fetch.server-error");
const UNEXPECTED_STATUS: Outcome = Outcome::fault("fetch.unexpected-status");

/// Whether a request that came to nothing says that its host is down, rather than its page wrong.
pub(crate) fn is_of_the_host(outcome: Outcome) -> bool {
    [DNS, CONNECT, TLS, TIMEOUT, BROKEN_OFF].contains(&outcome)
}

/// Names every status but 2xx.
pub(crate) fn check_status(status: u16, url: &str) -> Result<(), Problem> {
    let (outcome, what) = match status {
        200..=299 => return Ok(()),
        404 | 410 => (NOT_FOUND, "the page is gone"),
        401 | 402 | 403 | 407 | 451 => {
            (FORBIDDEN, "the page is not public, and we do not try another way")
        }
        429 => (TOO_MANY, "the host has had too many requests"),
        500..=599 => (SERVER_ERROR, "the server stumbled"),
        _ => (UNEXPECTED_STATUS, "the server gave no page"),
    };
    Err(Problem::new(outcome, url, format!("{what} (status {status})")))
}

/// Refuses what was asked for as a part of a page and is none. A picture is one by its first bytes,
/// whatever a server calls it: neither a page that asks for a log-in nor a drawing that could hold
/// scripts. A stylesheet is one by its name, as for browsers.
pub(crate) fn check_role(answer: &Capture) -> Result<(), Problem> {
    let (is_one, outcome, what) = match answer.role {
        CaptureRole::Page | CaptureRole::Robots => return Ok(()),
        CaptureRole::Image => {
            let is_one = picture_kind(answer.content()).is_some();
            (is_one, NO_IMAGE, "what came is no PNG, JPEG, WebP or GIF")
        }
        CaptureRole::Stylesheet => {
            let kind = answer.header("content-type").unwrap_or_default();
            let is_one = kind.trim().to_ascii_lowercase().starts_with("text/css");
            (is_one, NO_STYLESHEET, "what came is not called text/css")
        }
    };
    if is_one { Ok(()) } else { Err(Problem::new(outcome, &answer.url, what)) }
}
