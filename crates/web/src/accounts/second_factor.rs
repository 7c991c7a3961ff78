//! The second factor: time-based one-time passwords (RFC 6238), SHA-1, 6 digits, 30 seconds, as
//! every authenticator app has them.

use jiff::Timestamp;
use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Secret, Totp};

use crate::{Randomness, WebError};

/// A new secret of 160 bits, in base 32.
pub(crate) fn new_secret(random: &dyn Randomness) -> String {
    let mut bytes = [0; 20];
    random.fill(&mut bytes);
    Secret::from(bytes.to_vec()).to_base32()
}

fn totp(secret: &str, login: &str, desk: &str) -> Result<Totp, WebError> {
    let refused = |what: &dyn std::fmt::Display| {
        WebError::Refused(format!("the second factor of `{login}` cannot be used: {what}"))
    };
    let secret = Secret::try_from_base32(secret).map_err(|error| refused(&error))?;
    let plain = |text: &str| text.replace(':', " ");
    Builder::new()
        .with_secret(secret)
        .with_account_name(plain(login))
        .with_issuer(Some(plain(desk)))
        .build()
        .map_err(|error| refused(&error))
}

/// The step that a code belongs to, when it is right now or was within the last half minute and
/// its step comes after the last one that was used: a code counts once.
pub(crate) fn step_of(code: &str, secret: &str, last: u64, now: Timestamp) -> Option<u64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let totp = totp(secret, "somebody", "fusion").ok()?;
    let seconds = u64::try_from(now.as_second()).ok()?;
    totp.check(&digits, seconds).filter(|step| *step > last)
}

/// The code of this moment; what an authenticator app shows.
pub fn code(secret: &str, now: Timestamp) -> Option<String> {
    let totp = totp(secret, "somebody", "fusion").ok()?;
    Some(totp.generate(u64::try_from(now.as_second()).ok()?).to_string())
}

/// The secret as a picture for an authenticator app's camera: an SVG drawing.
pub(crate) fn picture(secret: &str, login: &str, desk: &str) -> Result<String, WebError> {
    let url = totp(secret, login, desk)?.to_url().map_err(|error| {
        WebError::Refused(format!("the second factor of `{login}` cannot be shown: {error}"))
    })?;
    let code = QrCode::new(url.as_bytes())
        .map_err(|error| WebError::Refused(format!("the QR code cannot be drawn: {error}")))?;
    let drawing = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    // The prologue belongs into a file of its own, not into a page.
    let start = drawing.find("<svg").unwrap_or(0);
    Ok(drawing[start..].to_owned())
}
