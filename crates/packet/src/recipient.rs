//! A packet that only its recipients open.

use std::fs::File;
use std::path::{Path, PathBuf};

use domain::Sha256;
use evidence::Recipient;

use crate::PacketError;
use crate::container::digest_of;

/// Encrypts a file for all of these; gives the digest of what was written. A half-written file is
/// never in place.
pub(crate) fn encrypt(
    plain: &Path,
    recipients: &[Recipient],
    place: &Path,
) -> Result<Sha256, PacketError> {
    if recipients.is_empty() {
        return Err(PacketError::Encrypt("nobody is named who could open it".to_owned()));
    }
    let mut part = place.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = (|| {
        let mut file =
            File::options().create(true).truncate(true).read(true).write(true).open(&part)?;
        evidence::encrypt_for(recipients, &mut File::open(plain)?, &mut file)?;
        file.sync_all()?;
        let length = file.metadata()?.len();
        digest_of(&mut file, length)
    })();
    let digest = written.map_err(PacketError::file("write", &part))?;
    std::fs::rename(&part, place).map_err(PacketError::file("write", place))?;
    Ok(digest)
}
