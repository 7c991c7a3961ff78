//! For whom something is encrypted: keys of age (<https://age-encryption.org/v1>), so that a
//! recipient opens it with a stock tool.

use std::io::{self, Read, Write};
use std::str::FromStr;

/// A recipient's public key, `age1...`.
#[derive(Clone)]
pub struct Recipient {
    key: age::x25519::Recipient,
}

impl From<age::x25519::Recipient> for Recipient {
    fn from(key: age::x25519::Recipient) -> Self {
        Self { key }
    }
}

impl FromStr for Recipient {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err("this is a secret key: use the public one, which begins with age1, and \
                        make a new pair if this was shown to anybody"
                .to_owned());
        }
        let key = text.trim().parse();
        let key = key.map_err(|error| format!("no public key of age (age1...): {error}"))?;
        Ok(Self { key })
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.key.fmt(f)
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipient({self})")
    }
}

/// Encrypts all that can be read for all of these, as an age file.
pub fn encrypt_for(
    recipients: &[Recipient],
    plain: &mut impl Read,
    encrypted: &mut impl Write,
) -> io::Result<()> {
    let keys = recipients.iter().map(|recipient| &recipient.key as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(keys)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
    let mut sealed = encryptor.wrap_output(encrypted)?;
    io::copy(plain, &mut sealed)?;
    sealed.finish()?;
    Ok(())
}
