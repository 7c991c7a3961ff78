use std::error::Error;

use domain::{Outcome, Problem};
use url::Url;

use crate::fetch_outcome::{BROKEN_OFF, CONNECT, DNS, PRIVATE_ADDRESS, TIMEOUT, TLS, TOO_LARGE};
use crate::guard::{NoSuchHost, PrivateAddress};

/// What went wrong on the way, told from the chain of causes.
pub(crate) fn problem_of(error: reqwest::Error, url: &Url) -> Problem {
    let error = error.without_url();
    let mut causes: Vec<&(dyn Error + 'static)> = vec![&error];
    let mut next = error.source();
    while let Some(cause) = next {
        causes.push(cause);
        next = cause.source();
    }
    let outcome = outcome_of(&error, &causes, url);
    // The last cause says it best; those above it say "error sending request".
    let detail = causes.last().map(ToString::to_string).unwrap_or_default();
    Problem::new(outcome, url.as_str(), detail)
}

fn outcome_of(error: &reqwest::Error, causes: &[&(dyn Error + 'static)], url: &Url) -> Outcome {
    if causes.iter().any(|cause| cause.is::<PrivateAddress>()) {
        return PRIVATE_ADDRESS;
    }
    if causes.iter().any(|cause| cause.is::<NoSuchHost>()) {
        return DNS;
    }
    if error.is_timeout() {
        return TIMEOUT;
    }
    let handshake = causes.iter().any(|cause| is_of_handshake(*cause));
    if error.is_connect() {
        return if handshake && url.scheme() == "https" { TLS } else { CONNECT };
    }
    // The HTTP library's error has no type that we could ask; a test holds the words.
    let says = |words| causes.iter().any(|cause| cause.to_string().contains(words));
    if says("too large") { TOO_LARGE } else { BROKEN_OFF }
}

/// The TLS library speaks through I/O errors of two kinds: a message that it does not like, and a
/// server that hangs up in the midst of the handshake. They come wrapped in I/O errors that say
/// nothing, whose `source` skips what they wrap.
fn is_of_handshake(cause: &(dyn Error + 'static)) -> bool {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    let mut next = cause.downcast_ref::<std::io::Error>();
    while let Some(error) = next {
        if matches!(error.kind(), InvalidData | UnexpectedEof) {
            return true;
        }
        next = error.get_ref().and_then(|inner| inner.downcast_ref());
    }
    false
}
