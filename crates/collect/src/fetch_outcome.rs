//! The names under which failed requests are counted. `docs/sources.md` explains them to analysts.

use domain::{Outcome, Problem};

use crate::FetchRefusal;

pub(crate) const BAD_URL: Outcome = Outcome::fault("fetch.bad-url");
pub(crate) const PRIVATE_ADDRESS: Outcome = Outcome::fault("fetch.private-address");
pub(crate) const ROBOTS_DISALLOW: Outcome = Outcome::intended("fetch.robots-disallow");
pub(crate) const ROBOTS_UNREACHABLE: Outcome = Outcome::fault("fetch.robots-unreachable");
pub(crate) const BUDGET: Outcome = Outcome::intended("fetch.budget");
/// The host said when to come back, and that is not soon.
pub(crate) const RETRY_AFTER: Outcome = Outcome::intended("fetch.retry-after");

pub(crate) const DNS: Outcome = Outcome::fault("fetch.dns");
pub(crate) const CONNECT: Outcome = Outcome::fault("fetch.connect");
pub(crate) const TLS: Outcome = Outcome::fault("fetch.tls");
pub(crate) const TIMEOUT: Outcome = Outcome::fault("fetch.timeout");
/// The connection ended in the middle of the answer.
pub(crate) const CUT_OFF: Outcome = Outcome::fault("fetch.cut-off");
/// The answer is no HTTP.
pub(crate) const BAD_HTTP: Outcome = Outcome::fault("fetch.bad-http");
pub(crate) const TOO_LARGE: Outcome = Outcome::fault("fetch.too-large");
pub(crate) const UNKNOWN_ENCODING: Outcome = Outcome::fault("fetch.unknown-encoding");
/// The body is not in the content encoding that it claims.
pub(crate) const BAD_ENCODING: Outcome = Outcome::fault("fetch.bad-encoding");
pub(crate) const REDIRECT_LOOP: Outcome = Outcome::fault("fetch.redirect-loop");
/// A redirect that does not say where to.
pub(crate) const BAD_REDIRECT: Outcome = Outcome::fault("fetch.bad-redirect");

pub(crate) const NOT_FOUND: Outcome = Outcome::fault("fetch.not-found");
pub(crate) const FORBIDDEN: Outcome = Outcome::fault("fetch.forbidden");
pub(crate) const TOO_MANY: Outcome = Outcome::fault("fetch.too-many");
pub(crate) const SERVER_ERROR: Outcome = Outcome::fault("fetch.server-error");
/// Any other status that is no answer.
pub(crate) const STATUS: Outcome = Outcome::fault("fetch.status");

/// A request that came to nothing.
pub(crate) fn refusal(
    outcome: Outcome,
    url: impl Into<String>,
    detail: impl Into<String>,
) -> FetchRefusal {
    FetchRefusal(Problem::new(outcome, url, detail))
}

/// What a status that is no answer is counted as.
pub(crate) fn refused_status(url: &str, status: u16) -> FetchRefusal {
    let (outcome, meaning) = match status {
        404 | 410 => (NOT_FOUND, "the page is gone"),
        401 | 402 | 403 | 407 | 451 => {
            (FORBIDDEN, "the page is not open to everybody, and we do not try to get round that")
        }
        429 => (TOO_MANY, "the host says that we ask too often"),
        500..600 => (SERVER_ERROR, "the server failed"),
        _ => (STATUS, "no answer that can be used"),
    };
    refusal(outcome, url, format!("status {status}: {meaning}"))
}
