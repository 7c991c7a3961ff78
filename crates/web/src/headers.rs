//! What every answer carries, and cookies.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Nothing but our own script, style and pictures; no frame, no plug-in, no form to elsewhere, and
/// nothing inline: markup that slipped through would still do nothing.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'";

/// Said by a page that frames something of this other origin.
#[derive(Clone, Debug)]
pub(crate) struct Frames(pub(crate) String);

const FIXED: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

/// Adds the headers that every answer carries. Pages are kept by nobody on the way, and not by the
/// browser either: the office computer may be somebody else's tomorrow.
pub(crate) fn add(headers: &mut HeaderMap, frames: Option<&Frames>) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(Frames(origin)) = frames
        && let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; frame-src {origin}"))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The session's cookie.
pub(crate) const SESSION: &str = "fusion_session";
/// Ties forms of people who are not logged in to their browser.
pub(crate) const GUEST: &str = "fusion_guest";

/// The value of a cookie. A name that comes twice counts as absent: somebody may have planted one.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str, over_tls: bool) -> Option<&'h str> {
    let name = full_name(name, over_tls);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut found = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let value = found.next()?;
    found.next().is_none().then_some(value)
}

/// A cookie that no script reads and no other site sends along. With an empty value it is taken
/// away.
pub(crate) fn set_cookie(headers: &mut HeaderMap, name: &str, value: &str, over_tls: bool) {
    let name = full_name(name, over_tls);
    let secure = if over_tls { "; Secure" } else { "" };
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Browsers let nobody but this very host set a `__Host-` cookie.
fn full_name(name: &str, over_tls: bool) -> String {
    if over_tls { format!("__Host-{name}") } else { name.to_owned() }
}
