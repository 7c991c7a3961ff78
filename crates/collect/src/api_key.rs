//! API keys: named by the environment variable that holds them, put into a request in the moment it
//! is dialled, and kept out of everything that is written.

use domain::{Header, Outcome, Problem};
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use crate::wire::Received;

const NO_KEY: Outcome = Outcome::fault("fetch.no-key");
const KEY_IN_THE_CLEAR: Outcome = Outcome::fault("fetch.key-in-the-clear");
const KEY_REFUSED: Outcome = Outcome::fault("fetch.key-refused");
const KEY_ECHOED: Outcome = Outcome::fault("fetch.key-echoed");

/// Shorter texts stand in answers by chance; they are no keys.
const SHORTEST: usize = 8;

/// A key that goes with a request: where it stands in it, and the NAME of the environment variable
/// that holds it. Its value is known to the client alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Where the API expects it.
    pub place: KeyPlace,
    /// The name of the environment variable.
    pub variable: String,
}

/// Where a key stands in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In this parameter of the query.
    Query(String),
    /// In this header.
    Header(String),
}

/// Looks a key up by the name of its environment variable.
pub type KeyRing = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The keys of one request, with their values. It has no `Debug`, and is let go of with the request.
#[derive(Default)]
pub(crate) struct Keys(Vec<(KeyPlace, String)>);

impl Keys {
    /// Looks the keys of a request to this address up. A key is sent over an encrypted connection, or
    /// to a server in the desk's own network.
    pub(crate) fn look_up(
        keys: &[ApiKey],
        url: &Url,
        allow_private: bool,
        ring: &KeyRing,
    ) -> Result<Self, Problem> {
        if !keys.is_empty() && url.scheme() != "https" && !allow_private {
            let detail = "an API key is not sent over a connection that others can read; use https";
            return Err(Problem::new(KEY_IN_THE_CLEAR, url.as_str(), detail));
        }
        let mut found = Vec::new();
        for ApiKey { place, variable } in keys {
            let unusable = |what: &str| {
                let detail = format!("the environment variable `{variable}` {what}");
                Problem::new(NO_KEY, url.as_str(), detail)
            };
            let value = ring(variable).unwrap_or_default().trim().to_owned();
            if value.is_empty() {
                return Err(unusable("is not set; let it hold the API key"));
            }
            if value.len() < SHORTEST || HeaderValue::from_str(&value).is_err() {
                return Err(unusable("holds no API key: it is too short, or has odd characters"));
            }
            found.push((place.clone(), value));
        }
        Ok(Self(found))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The address to dial.
    pub(crate) fn dialled(&self, url: &Url) -> Url {
        let mut dialled = url.clone();
        for (place, value) in &self.0 {
            if let KeyPlace::Query(name) = place {
                dialled.query_pairs_mut().append_pair(name, value);
            }
        }
        dialled
    }

    /// The headers to send beside those that are kept.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.0.iter().filter_map(|(place, value)| {
            let KeyPlace::Header(name) = place else { return None };
            let mut value = HeaderValue::from_str(value).ok()?;
            value.set_sensitive(true);
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
        })
    }

    /// Names an answer that turns the key away, and one that repeats it: that would be kept, and the
    /// key with it.
    pub(crate) fn check_answer(
        &self,
        received: &Received,
        decoded: Option<&[u8]>,
        url: &Url,
    ) -> Result<(), Problem> {
        if self.is_empty() {
            return Ok(());
        }
        if self.is_told_by(received, decoded) {
            let detail = "the answer repeats the API key, and so is not kept";
            return Err(Problem::new(KEY_ECHOED, url.as_str(), detail));
        }
        if matches!(received.status, 401 | 403) {
            let detail = format!("the API does not accept the key (status {})", received.status);
            return Err(Problem::new(KEY_REFUSED, url.as_str(), detail));
        }
        Ok(())
    }

    fn is_told_by(&self, received: &Received, decoded: Option<&[u8]>) -> bool {
        let said = |text: &[u8]| self.0.iter().any(|(_, key)| holds(text, key));
        let in_header = |(name, value): &Header| said(name.as_bytes()) || said(value.as_bytes());
        received.headers.iter().any(in_header) || said(&received.body) || decoded.is_some_and(said)
    }
}

/// Whether a text holds the key, as it is or as it stands in an address.
fn holds(text: &[u8], key: &str) -> bool {
    let encoded: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    [key, &encoded].iter().any(|form| {
        text.windows(form.len()).any(|window| window.eq_ignore_ascii_case(form.as_bytes()))
    })
}

#[cfg(test)]
#[path = "api_key_tests.rs"]
mod tests;
