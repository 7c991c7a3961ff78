//! Asks a time-stamping authority (RFC 3161 over HTTP). Not a page that is collected, so robots.txt
//! has no say; the guard against private addresses has, and size and time are capped.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::guard::{self, Resolver};
use crate::wire_error::problem_of;

/// No token is larger.
const LARGEST_ANSWER: usize = 256 * 1024;
const LONGEST: Duration = Duration::from_secs(30);

/// Sends a query to the authority at this address; gives its answer as it came, or one sentence.
pub async fn ask_authority(
    address: &str,
    query: Vec<u8>,
    allow_private: bool,
) -> Result<Vec<u8>, String> {
    let url = Url::parse(address).map_err(|error| format!("{address} is no address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("{address}: only http and https addresses are asked"));
    }
    if !allow_private {
        guard::check_literal(&url).map_err(|error| error.to_string())?;
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(LONGEST)
        .no_proxy()
        .dns_resolver(Arc::new(Resolver::of_system(!allow_private)))
        .build()
        .map_err(|error| error.to_string())?;
    let said = |error: reqwest::Error| problem_of(error, &url).detail;
    let request = client
        .post(url.clone())
        .header("content-type", "application/timestamp-query")
        .header("accept", "application/timestamp-reply")
        .body(query);
    let mut answer = request.send().await.map_err(said)?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(format!("it answered with status {}", answer.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(said)? {
        if body.len() + piece.len() > LARGEST_ANSWER {
            return Err(format!("its answer is larger than {LARGEST_ANSWER} bytes"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
