//! Passwords: Argon2id (RFC 9106) with the second recommended set of parameters of OWASP, 19 MiB
//! and 2 passes.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use crate::{Randomness, WebError};

/// Fewest characters. Length is what counts (NIST SP 800-63B); nothing else is asked of it.
pub(crate) const SHORTEST: usize = 12;
/// More is no password but an attempt to keep us busy.
const LONGEST: usize = 200;

/// Of a password that nobody has: verified when there is no such account, so that an answer takes
/// as long as if there were.
pub(crate) struct Nobody(String);

impl Nobody {
    pub(crate) fn new(random: &dyn Randomness) -> Result<Self, WebError> {
        hash(&crate::random_word(random), random).map(Self)
    }
}

/// Whether a new password can be used; otherwise the key of the message that says why not.
pub(crate) fn complaint(password: &str, login: &str) -> Option<&'static str> {
    let letters = password.chars().count();
    if letters < SHORTEST {
        return Some("welcome.too-short");
    }
    if letters > LONGEST {
        return Some("welcome.too-long");
    }
    let distinct: std::collections::BTreeSet<char> = password.to_lowercase().chars().collect();
    if distinct.len() < 5 || password.to_lowercase().contains(login) {
        return Some("welcome.too-simple");
    }
    None
}

/// The password as it is kept.
pub(crate) fn hash(password: &str, random: &dyn Randomness) -> Result<String, WebError> {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| WebError::Refused(format!("the password cannot be kept: {error}")))
}

/// Whether the password is the one that was kept. Takes as long when there is none.
pub(crate) fn is_right(password: &str, kept: Option<&str>, nobody: &Nobody) -> bool {
    let against = kept.unwrap_or(&nobody.0);
    let password = if password.len() > LONGEST * 4 { "" } else { password };
    let Ok(hash) = PasswordHash::new(against) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && kept.is_some()
}
