//! Setting aside what a crash left behind the last capture that the custody log lists.

use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};

use domain::Sha256;

use super::sealed_file::Kept;
use super::vault::Vault;
use crate::captures::{CAPTURES, UNACKNOWLEDGED};
use crate::{EvidenceError, durable};

impl Vault {
    /// Whether a file is there up to this byte.
    pub(crate) fn reaches(&self, place: &str, end: u64) -> Result<bool, EvidenceError> {
        match self.open_file(place).and_then(|file| file.length()) {
            Ok(length) => Ok(length >= end),
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(false),
            Err(error) => Err(EvidenceError::file("read", self.desk().join(place))(error)),
        }
    }

    /// Moves what a file of the archive holds from `start` on into a file of `unacknowledged/`, and cuts
    /// it off. Gives a sentence that says so, if there was anything. Safe to be interrupted anywhere and
    /// done again.
    pub(crate) fn set_aside(
        &self,
        file: &str,
        start: u64,
    ) -> Result<Option<String>, EvidenceError> {
        let place = format!("{CAPTURES}/{file}");
        let path = self.desk().join(&place);
        let kept = match self.open_file(&place) {
            Ok(kept) => kept,
            // A head that is torn, of a file that holds nothing yet.
            Err(error) if error.kind() == ErrorKind::InvalidData && start == 0 => {
                return Ok(Some(format!("{}: {error}; no custody entry lists it", path.display())));
            }
            Err(error) => return Err(self.unreadable(&place, "its start", error)),
        };
        let aside = self.desk().join(CAPTURES).join(UNACKNOWLEDGED);
        let note = |bytes: u64, kept: &str| {
            format!(
                "{} ended with {bytes} bytes that no custody entry lists; they are kept in {} and are \
                 collected again",
                path.display(),
                aside.join(kept).display()
            )
        };
        let length = kept.length().map_err(EvidenceError::file("read", &path))?;
        match kept {
            Kept::Plain(_) if length <= start => Ok(None),
            Kept::Plain(_) if !self.seals() => {
                let kept = durable::set_aside_tail(&path, start, &aside)?;
                Ok(Some(note(length - start, &kept)))
            }
            kept => {
                let torn = kept.torn();
                if length <= start && torn == 0 {
                    return Ok(None);
                }
                let tail = tail(kept, start).map_err(EvidenceError::file("read", &path))?;
                let name = format!("{file}.{start}.{}", &Sha256::of(&tail).to_hex()[..8]);
                if !tail.is_empty() {
                    durable::make_dir(&aside)?;
                    self.put(&format!("{CAPTURES}/{UNACKNOWLEDGED}/{name}"), &tail)?;
                }
                self.cut(&place, start)?;
                if tail.is_empty() {
                    return Ok(Some(format!(
                        "{} ended with a piece that was never encrypted to its end; it is cut off, and \
                         collected again",
                        path.display()
                    )));
                }
                Ok(Some(note(tail.len() as u64, &name)))
            }
        }
    }

    /// Cuts a file off where the plain one has this length.
    fn cut(&self, place: &str, end: u64) -> Result<(), EvidenceError> {
        let path = self.desk().join(place);
        let failed = || EvidenceError::file("write", &path);
        let mut kept =
            self.open_file(place).map_err(|error| self.unreadable(place, "its end", error))?;
        let length = match &kept {
            Kept::Plain(_) => Some(end),
            Kept::Sealed(sealed) => sealed.index.boundary(end),
        };
        let Some(length) = length else {
            // Inside of what was encrypted together.
            return self
                .write_anew(place, None, |inlet| inlet.copy(&mut kept, end).map_err(failed()));
        };
        let file = std::fs::File::options().write(true).open(&path);
        let file = file.map_err(EvidenceError::file("open", &path))?;
        file.set_len(length).and_then(|()| file.sync_all()).map_err(failed())
    }
}

/// What a file holds from here on, up to the first piece that does not open: that was never whole.
fn tail(mut kept: Kept, start: u64) -> io::Result<Vec<u8>> {
    let mut tail = Vec::new();
    kept.seek(SeekFrom::Start(start))?;
    match kept.read_to_end(&mut tail) {
        Ok(_) => Ok(tail),
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(tail),
        Err(error) => Err(error),
    }
}
