//! For whom a packet is encrypted: keys of age (<https://age-encryption.org/v1>), so that a
//! recipient opens it with a stock tool.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use domain::Sha256;

use crate::PacketError;
use crate::container::digest_of;

/// A recipient's public key, `age1...`.
#[derive(Clone)]
pub struct Recipient {
    key: age::x25519::Recipient,
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

/// Encrypts a file for all of these; gives the digest of what was written. A half-written file is
/// never in place.
pub(crate) fn encrypt(
    plain: &Path,
    recipients: &[Recipient],
    place: &Path,
) -> Result<Sha256, PacketError> {
    let keys = recipients.iter().map(|recipient| &recipient.key as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(keys)
        .map_err(|error| PacketError::Encrypt(error.to_string()))?;
    let mut part = place.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = (|| {
        let file =
            File::options().create(true).truncate(true).read(true).write(true).open(&part)?;
        let mut sealed = encryptor.wrap_output(&file)?;
        io::copy(&mut File::open(plain)?, &mut sealed)?;
        sealed.finish()?;
        file.sync_all()?;
        let mut file = file;
        let length = file.metadata()?.len();
        digest_of(&mut file, length)
    })();
    let digest = written.map_err(PacketError::file("write", &part))?;
    std::fs::rename(&part, place).map_err(PacketError::file("write", place))?;
    Ok(digest)
}
