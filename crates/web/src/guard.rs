//! The one door: who asks, whether they may, and whether the form is ours. A route that is not in
//! the table of rights is refused, whatever stands behind it.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Sha256;
use jiff::Timestamp;

use crate::accounts::{Account, Scope};
use crate::app::App;
use crate::headers::Frames;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::rights::{Access, Right, right_of};
use crate::session::Session;
use crate::visit::Visit;
use crate::{headers, layout, random_word, upload};

/// Longest form, in bytes.
pub(crate) const LONGEST_FORM: usize = 256 * 1024;

struct Caller {
    account: Account,
    session: Option<Session>,
    new_cookie: Option<String>,
    scopes: Option<Vec<Scope>>,
}

/// Lets a request through, or answers it.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let now = app.clock.now();
    let is_api = request.uri().path().starts_with("/api/");
    let guest = guest_cookie(&app, request.headers());
    let mut visit = Visit {
        lang: language(&request),
        csrf: guest.clone().unwrap_or_default(),
        now,
        origin: origin(&app, request.headers()).unwrap_or_default(),
        path: request.uri().path().to_owned(),
        person: None,
        session: None,
    };
    let caller = caller(&app, request.headers(), is_api, now);
    if let Some(caller) = &caller {
        visit.lang = asked_language(&request).unwrap_or(caller.account.language);
        visit.person = Some(caller.account.clone());
        visit.session = caller.session.clone();
        visit.csrf =
            caller.session.as_ref().map(|session| session.csrf.clone()).unwrap_or_default();
    }
    let new_guest =
        (caller.is_none() && guest.is_none() && !is_api).then(|| random_word(&*app.random));
    if let Some(new) = &new_guest {
        visit.csrf.clone_from(new);
    }
    let mut response = match admit(&app, request, &visit, caller.as_ref(), guest.as_deref()).await {
        Ok(mut request) => {
            request.extensions_mut().insert(visit.clone());
            next.run(request).await
        }
        Err(response) => *response,
    };
    let refusal = response.extensions_mut().remove::<Refusal>().or_else(|| unreadable(&response));
    if let Some(refusal) = refusal {
        response =
            if is_api { refused_api(&refusal) } else { layout::refused(&app, &visit, &refusal) };
    }
    let frames = response.extensions_mut().remove::<Frames>();
    headers::add(response.headers_mut(), frames.as_ref());
    let new_cookie = caller.and_then(|caller| caller.new_cookie);
    let has_own = response.headers().contains_key(header::SET_COOKIE);
    if let Some(cookie) = new_cookie.filter(|_| !has_own) {
        headers::set_cookie(response.headers_mut(), headers::SESSION, &cookie, app.over_tls);
    }
    if let Some(guest) = new_guest.filter(|_| !has_own) {
        headers::set_cookie(response.headers_mut(), headers::GUEST, &guest, app.over_tls);
    }
    response
}

/// Whether the request may go on to its page.
async fn admit(
    app: &App,
    request: Request,
    visit: &Visit,
    caller: Option<&Caller>,
    guest: Option<&str>,
) -> Result<Request, Box<Response>> {
    let refuse = |refusal: Refusal| Box::new(refusal.into_response());
    if visit.origin.is_empty() {
        return Err(refuse(Refusal::new(StatusCode::MISDIRECTED_REQUEST, "problem.host")));
    }
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let right = path.and_then(|path| right_of(request.method(), &path));
    let Some(right) = right else {
        return Err(refuse(Refusal::not_found()));
    };
    if !is_allowed(right, caller) {
        let is_page = !visit.path.starts_with("/api/");
        if caller.is_none() && is_page && request.method() == Method::GET {
            return Err(Box::new(Redirect::to("/login").into_response()));
        }
        let no_caller = Refusal::new(StatusCode::UNAUTHORIZED, "problem.log-in");
        return Err(refuse(if caller.is_none() { no_caller } else { Refusal::forbidden() }));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let by_browser = caller.is_none_or(|caller| caller.session.is_some());
    if !changes || !by_browser {
        return Ok(request);
    }
    let secret = if caller.is_some() { Some(visit.csrf.as_str()) } else { guest };
    let has_files = right.takes_files && upload::is_upload(&request);
    form_is_ours(app, request, secret, has_files).await.map_err(refuse)
}

fn is_allowed(right: &Right, caller: Option<&Caller>) -> bool {
    if right.access == Access::Everyone {
        return true;
    }
    let Some(caller) = caller else { return false };
    let by_role = match right.access {
        Access::Everyone | Access::SignedIn => true,
        Access::Roles(roles) => caller.account.has_any(roles),
    };
    by_role
        && match (&caller.scopes, right.scope) {
            (None, _) => true,
            (Some(scopes), Some(scope)) => scopes.contains(&scope),
            // A key opens nothing but the API.
            (Some(_), None) => false,
        }
}

/// Who asks: by the session's cookie or, for the API alone, by a key.
fn caller(app: &App, headers: &HeaderMap, is_api: bool, now: Timestamp) -> Option<Caller> {
    let book = app.accounts.book().ok()?;
    if is_api && let Some(value) = headers.get(header::AUTHORIZATION) {
        let key = value.to_str().ok()?.strip_prefix("Bearer ")?;
        let digest = Sha256::of(key.trim().as_bytes());
        return book.accounts.into_iter().filter(Account::is_open).find_map(|account| {
            let token = account.tokens.iter().find(|token| token.digest == digest)?;
            let scopes = Some(token.scopes.clone());
            Some(Caller { account, session: None, new_cookie: None, scopes })
        });
    }
    let cookie = headers::cookie(headers, headers::SESSION, app.over_tls)?;
    let (session, new_cookie) = app.sessions.of(cookie, &*app.random, now)?;
    let account = book.find(&session.login).filter(|account| account.is_open())?.clone();
    Some(Caller { account, session: Some(session), new_cookie, scopes: None })
}

fn guest_cookie(app: &App, headers: &HeaderMap) -> Option<String> {
    headers::cookie(headers, headers::GUEST, app.over_tls)
        .filter(|value| value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(ToOwned::to_owned)
}

fn language(request: &Request) -> Language {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok()).and_then(Language::accepted);
    asked_language(request).or(accepted).unwrap_or_default()
}

fn asked_language(request: &Request) -> Option<Language> {
    let query = request.uri().query()?;
    query.split('&').find_map(|pair| Language::from_code(pair.strip_prefix("lang=")?))
}

/// The origin by which the app was reached, if it is one of its own: a page elsewhere whose name is
/// made to point at this machine must not read our pages.
fn origin(app: &App, headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_it = |origin: &&String| origin.split_once("://").is_some_and(|(_, known)| known == host);
    if let Some(origin) = app.origins.iter().find(is_it) {
        return Some(origin.clone());
    }
    // Listening on all addresses, without a public one: an address is no name that could be turned.
    let is_address =
        host.parse::<std::net::SocketAddr>().is_ok() || host.parse::<std::net::IpAddr>().is_ok();
    let is_ours = is_address && app.origins.iter().any(|origin| origin == "*");
    is_ours.then(|| format!("http://{host}"))
}

/// Whether a form comes from a page of ours: the browser says so, and it carries the secret.
async fn form_is_ours(
    app: &App,
    request: Request,
    secret: Option<&str>,
    has_files: bool,
) -> Result<Request, Refusal> {
    let foreign = Refusal::new(StatusCode::FORBIDDEN, "problem.foreign-form");
    let headers = request.headers();
    let said = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return Err(foreign);
    }
    let host = said(header::HOST).unwrap_or_default();
    let from_host = |origin: &str| {
        app.origins.iter().any(|known| known == origin)
            || origin.strip_prefix("http://") == Some(host)
    };
    if said(header::ORIGIN).is_some_and(|origin| !from_host(origin)) {
        return Err(foreign);
    }
    if has_files {
        // Too large to be read here: whoever takes it looks for the secret before anything else.
        return Ok(request);
    }
    let is_form = said(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.split(';').next() == Some("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "problem.form"));
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_FORM)
        .await
        .map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "problem.too-large"))?;
    if !carries(&body, secret.ok_or_else(|| foreign.clone())?) {
        return Err(foreign);
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// Compared by digest, so that the time it takes tells nothing. The secret is plain hex digits and
/// needs no decoding.
fn carries(body: &Bytes, secret: &str) -> bool {
    let given = body.split(|b| *b == b'&').find_map(|pair| pair.strip_prefix(b"csrf="));
    !secret.is_empty()
        && given.is_some_and(|given| Sha256::of(given) == Sha256::of(secret.as_bytes()))
}

/// A request that did not read far enough to reach its page: refused in words of the library, which
/// neither readers nor programs are meant to see.
fn unreadable(response: &Response) -> Option<Refusal> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let refused = response.status().is_client_error() && is_plain;
    refused.then(|| Refusal::new(response.status(), "problem.form"))
}

fn refused_api(refusal: &Refusal) -> Response {
    let error = Language::En.with(refusal.key, &[("detail", &refusal.detail)]);
    (refusal.status, axum::Json(serde_json::json!({ "error": error }))).into_response()
}
