//! Has every file lie as files are written now: sealed with the present data key, or not at all. One
//! file after another is written anew, read back, and put in place; whatever ends it, each file is the
//! old one or the new one, and the next run goes on.

use std::io::{self, ErrorKind, Read};

use domain::Sha256;
use serde::Serialize;
use sha2::Digest as _;

use super::SNAPSHOTS;
use super::keyring::{FILE, Keyring};
use super::sealed_file::Kept;
use super::vault::{Lies, Vault};
use crate::captures::{CAPTURES, FileName};
use crate::inventory::{is_part, list};
use crate::{EvidenceError, Fault, durable};

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resealed {
    /// Files that were written anew.
    pub files: u64,
    /// Their bytes, as they were given.
    pub bytes: u64,
    /// Files that lie as before, since what is encrypted there does not open. The data key that they need
    /// is kept.
    pub faults: Vec<Fault>,
}

impl Vault {
    /// Has every file of captures and snapshots lie as files are written now, and gives up the data keys
    /// that none of them needs any more. `progress` is told how many bytes of how many are done. Nobody
    /// else may write to the desk meanwhile.
    pub fn reseal(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Resealed, EvidenceError> {
        let mut report = Resealed::default();
        let Some(keys) = self.keys() else { return Ok(report) };
        let wanted = keys.sealing().map_or(Lies::Plain, |key| Lies::Sealed(key.id()));
        let mut waiting = Vec::new();
        for (place, size) in self.files()? {
            if is_part(&place) {
                // Half written, it counts as nothing, and would stay as it is.
                durable::remove(&self.desk().join(&place))?;
            } else if self.lies(&place)? != wanted {
                waiting.push((place, size));
            }
        }
        let total = waiting.iter().map(|(_, size)| size).sum();
        let mut done = 0;
        progress(done, total);
        for (place, size) in waiting {
            match self.rewrite(&place) {
                Ok(bytes) => {
                    report.files += 1;
                    report.bytes += bytes;
                }
                Err(EvidenceError::Damaged { place: at, what, .. }) => {
                    report.faults.push(Fault { file: place, place: at, what });
                }
                Err(error) => return Err(error),
            }
            done += size;
            progress(done, total);
        }
        if report.faults.is_empty() {
            self.give_up_earlier_keys(keys)?;
        }
        Ok(report)
    }

    fn give_up_earlier_keys(&self, keys: &Keyring) -> Result<(), EvidenceError> {
        match keys.sealing() {
            None => durable::remove(&self.desk().join(FILE)),
            Some(_) if keys.has_earlier_keys() => {
                keys.copy().without_earlier_keys().write(self.desk())
            }
            Some(_) => Ok(()),
        }
    }

    /// All files that are sealed in an encrypted desk, by place and size.
    pub(super) fn files(&self) -> Result<Vec<(String, u64)>, EvidenceError> {
        let mut files = Vec::new();
        for folder in [CAPTURES, SNAPSHOTS] {
            list(&self.desk().join(folder), &format!("{folder}/"), &mut files)?;
        }
        files.sort();
        Ok(files)
    }

    /// Writes a file as it is written now; gives its plain length.
    fn rewrite(&self, place: &str) -> Result<u64, EvidenceError> {
        let unreadable = |error| self.unreadable(place, "its start", error);
        let from = self.open_file(place).map_err(unreadable)?;
        let length = from.length().map_err(unreadable)?;
        if from.torn() > 0 {
            let what = format!("what is encrypted from byte {length} on was changed");
            return Err(unreadable(io::Error::new(ErrorKind::InvalidData, what)));
        }
        let grows =
            place.strip_prefix("captures/").is_some_and(|name| FileName::parse(name).is_some());
        let digest = std::cell::Cell::new(None);
        self.write_and_check(
            place,
            Some(length).filter(|_| !grows),
            |inlet| {
                let mut from = Hashing { from, hasher: sha2::Sha256::new() };
                let copied = inlet.copy(&mut from, length);
                copied.map_err(|error| match error.kind() {
                    ErrorKind::InvalidData => unreadable(error),
                    _ => EvidenceError::file("write", self.desk().join(place))(error),
                })?;
                digest.set(Some(Sha256::from_bytes(from.hasher.finalize().into())));
                Ok(())
            },
            |part| {
                let written =
                    self.open_at(part, place).and_then(|mut kept| durable::digest_of(&mut kept));
                match written {
                    Ok(written) if Some(written) == digest.get() => Ok(()),
                    _ => Err(EvidenceError::file("write", part)(io::Error::other(
                        "it does not read back as it was written",
                    ))),
                }
            },
        )?;
        Ok(length)
    }
}

/// Hashes what is read through it.
struct Hashing {
    from: Kept,
    hasher: sha2::Sha256,
}

impl Read for Hashing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.hasher.update(&into[..read]);
        Ok(read)
    }
}
