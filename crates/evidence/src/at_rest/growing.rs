//! A file of the desk that grows at its end, sealed or not.

use super::form::{FileKey, Head};
use crate::EvidenceError;
use crate::durable::AppendFile;

/// The file, open for writing.
#[derive(Debug)]
pub(crate) struct Growing {
    file: AppendFile,
    sealing: Option<Sealing>,
}

#[derive(Debug)]
struct Sealing {
    key: FileKey,
    /// Length of the plain file.
    length: u64,
    /// Written before the first frame.
    head: Option<Head>,
}

impl Growing {
    /// A file that is new.
    pub(super) fn new(file: AppendFile, sealing: Option<(Head, FileKey)>) -> Self {
        let sealing = sealing.map(|(head, key)| Sealing { key, length: 0, head: Some(head) });
        Self { file, sealing }
    }

    /// A sealed file that is there.
    pub(super) fn going_on(file: AppendFile, key: FileKey, length: u64) -> Self {
        Self { file, sealing: Some(Sealing { key, length, head: None }) }
    }

    /// Its plain length in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.sealing.as_ref().map_or_else(|| self.file.len(), |sealing| sealing.length)
    }

    /// Appends these parts and syncs once. Each is sealed by itself, so that the file can be cut off
    /// behind any of them. On error nothing of it stays.
    pub(crate) fn append<'a>(
        &mut self,
        parts: impl Iterator<Item = &'a [u8]>,
        all: &[u8],
    ) -> Result<(), EvidenceError> {
        let Some(sealing) = &mut self.sealing else { return self.file.append(all).map(drop) };
        let head = sealing.head.map(Head::to_bytes);
        let mut bytes = head.map(Vec::from).unwrap_or_default();
        let mut length = sealing.length;
        for part in parts {
            let sealed = sealing.key.seal(length, part, &mut bytes);
            sealed.map_err(|error| self.file.failed(error))?;
            length += part.len() as u64;
        }
        self.file.append(&bytes)?;
        (sealing.length, sealing.head) = (length, None);
        Ok(())
    }
}
