//! The other origin: captured pages and pictures are shown from an address of their own, in a frame
//! of the evidence page. No cookie of the app is set or read there, no script runs, and nothing is
//! loaded. It answers one sort of address: a link that the app gave to somebody who is logged in, good
//! for some minutes and for that one sight.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::{LeadId, Sha256};
use jiff::{SignedDuration, Timestamp};
use pipeline::{Pictures, Sight};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::listen::Patience;
use crate::rights::REVIEWERS;
use crate::visit::Person;
use crate::{Randomness, random_word};

/// A link is good for so long: until the frame has loaded.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(2);

/// Where evidence is shown.
#[derive(Debug)]
pub(crate) struct EvidenceOrigin {
    /// The port on this machine.
    port: u16,
    /// The address by which people reach it, where it is not this machine's own.
    url: Option<String>,
    /// What each link is for, by the digest of its secret.
    links: Mutex<BTreeMap<[u8; 32], Link>>,
}

/// What a link shows, and to whom.
#[derive(Clone, Debug)]
struct Link {
    seen: Seen,
    login: String,
    /// The secret of the session's forms, by which the session is known.
    csrf: String,
    /// The app's own origin, which alone may frame it.
    app: String,
    until: Timestamp,
}

/// Something to be seen of a lead.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) lead: LeadId,
    /// The number of its evidence.
    pub(crate) number: usize,
    pub(crate) sight: Sight,
    pub(crate) pictures: Pictures,
}

impl EvidenceOrigin {
    /// Listening at this address, and reached by that one.
    pub(crate) fn at(address: SocketAddr, url: Option<String>) -> Self {
        let ip = address.ip();
        let own = (!ip.is_loopback() && !ip.is_unspecified()).then(|| format!("http://{address}"));
        Self { port: address.port(), url: url.or(own), links: Mutex::default() }
    }

    /// The origin for somebody who reaches the app by this one; `None` where they could not reach it.
    /// On this machine it goes by the name that the app does not go by: browsers send cookies to every
    /// port of a name.
    pub(crate) fn beside(&self, app: &str) -> Option<String> {
        if let Some(url) = &self.url {
            return Some(url.clone());
        }
        let host = app.strip_prefix("http://")?.rsplit_once(':')?.0;
        match host {
            "localhost" => Some(format!("http://127.0.0.1:{}", self.port)),
            "127.0.0.1" | "[::1]" => Some(format!("http://localhost:{}", self.port)),
            _ => None,
        }
    }

    /// A link for a person who reached the app by its address: its origin, and the whole address.
    /// The view is in the custody log by then.
    pub(crate) fn link(
        &self,
        person: &Person,
        seen: Seen,
        random: &dyn Randomness,
    ) -> Option<(String, String)> {
        let (visit, secret) = (&person.visit, random_word(random));
        let origin = self.beside(&visit.origin)?;
        let link = Link {
            seen,
            login: person.account.login.clone(),
            csrf: visit.csrf.clone(),
            app: visit.origin.clone(),
            until: visit.now.checked_add(GOOD_FOR).ok()?,
        };
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, link| link.until > visit.now);
        links.insert(digest(&secret), link);
        let address = format!("{origin}/{secret}");
        Some((origin, address))
    }

    fn find(&self, secret: &str, now: Timestamp) -> Option<Link> {
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.get(&digest(secret)).filter(|link| link.until > now).cloned()
    }

    /// A name that is made to point at this machine is none of ours.
    fn is_own(&self, host: &str) -> bool {
        let own = |name: &str| host.strip_prefix(name) == Some(&format!(":{}", self.port));
        ["localhost", "127.0.0.1", "[::1]"].into_iter().any(own)
            || self.url.as_deref().and_then(|url| url.split_once("://")).map(|(_, own)| own)
                == Some(host)
    }
}

fn digest(secret: &str) -> [u8; 32] {
    *Sha256::of(secret.as_bytes()).as_bytes()
}

/// What is answered there.
pub(crate) fn router(app: App, patience: Patience) -> Router {
    Router::new()
        .route("/{secret}", get(show))
        .fallback(|| async { nothing() })
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, patience.answer))
        .layer(CatchPanicLayer::new())
        .with_state(app)
}

/// `GET /{secret}`: in a frame of the app, or not at all.
async fn show(State(app): State<App>, Path(secret): Path<String>, headers: HeaderMap) -> Response {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_framed = said("sec-fetch-dest").is_none_or(|what| what == "iframe");
    let is_ours = said("host").is_some_and(|host| app.evidence.is_own(host));
    let now = app.clock.now();
    let link = app.evidence.find(&secret, now).filter(|link| may_still(&app, link, now));
    let Some(link) = link.filter(|_| is_framed && is_ours) else { return nothing() };
    let (vault, seen) = (app.vault.clone(), link.seen);
    let shown = app.read(move |index| {
        let lead = pipeline::existing(index, &seen.lead)?;
        let view = pipeline::evidence_view(index, &vault, &lead, seen.number)?;
        Ok(view.map(|view| view.shown(seen.sight, seen.pictures)).transpose()?.flatten())
    });
    match shown.await {
        Ok(Some(page)) => answer(StatusCode::OK, page.html, Some(&link.app)),
        _ => nothing(),
    }
}

/// Whoever was logged out, shut out or lost the role meanwhile sees nothing more.
fn may_still(app: &App, link: &Link, now: Timestamp) -> bool {
    let book = app.accounts.book();
    let may = book.is_ok_and(|book| {
        book.find(&link.login)
            .is_some_and(|account| account.is_open() && account.has_any(REVIEWERS))
    });
    may && app.sessions.is_good(&link.csrf, now)
}

fn nothing() -> Response {
    answer(StatusCode::NOT_FOUND, "<!doctype html><title>404</title>\u{25a2} 404".to_owned(), None)
}

const FIXED: [(HeaderName, &str); 10] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
    (HeaderName::from_static("origin-agent-cluster"), "?1"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), autoplay=(), fullscreen=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// With a policy of its own: an origin that nobody shares, nothing that runs, nothing that is loaded,
/// sent or led to; styles, pictures and fonts only as the page carries them.
fn answer(status: StatusCode, html: String, framed_by: Option<&str>) -> Response {
    let policy = format!(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors {}",
        framed_by.unwrap_or("'none'")
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    match HeaderValue::from_str(&policy) {
        Ok(policy) => {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
            response
        }
        // Never without.
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_this_machine_evidence_goes_by_the_other_name() {
        let here = EvidenceOrigin::at("127.0.0.1:8401".parse().unwrap(), None);
        for (app, evidence) in [
            ("http://127.0.0.1:8400", Some("http://localhost:8401")),
            ("http://[::1]:8400", Some("http://localhost:8401")),
            ("http://localhost:8400", Some("http://127.0.0.1:8401")),
            // From elsewhere it could not be reached, or not safely.
            ("https://desk.example.org", None),
            ("http://192.168.1.5:8400", None),
        ] {
            assert_eq!(here.beside(app).as_deref(), evidence, "{app}");
        }
        assert!(here.is_own("localhost:8401") && here.is_own("127.0.0.1:8401"));
        for host in
            ["localhost:8400", "evil.example:8401", "localhost:8401.evil.example", "localhost", ""]
        {
            assert!(!here.is_own(host), "{host}");
        }
    }

    #[test]
    fn behind_a_proxy_it_has_a_name_of_its_own() {
        let url = "https://evidence.example.org".to_owned();
        let there = EvidenceOrigin::at("127.0.0.1:8401".parse().unwrap(), Some(url.clone()));
        assert_eq!(there.beside("https://desk.example.org"), Some(url));
        assert!(there.is_own("evidence.example.org") && !there.is_own("desk.example.org"));
        let own = EvidenceOrigin::at("192.168.1.5:8401".parse().unwrap(), None);
        assert_eq!(
            own.beside("http://192.168.1.5:8400").as_deref(),
            Some("http://192.168.1.5:8401")
        );
    }
}
