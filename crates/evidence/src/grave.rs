//! Deleting captures out of a WARC file: the file is written anew with tombstones in their place.

use std::io::{self, ErrorKind, Seek as _, SeekFrom};

use domain::CaptureId;
use jiff::Timestamp;

use crate::EvidenceError;
use crate::at_rest::Vault;
use crate::tombstone::{Sparse, sparse, tombstone};

/// Where a capture lay that is deleted.
#[derive(Clone, Debug)]
pub(crate) struct Grave {
    pub(crate) capture: CaptureId,
    pub(crate) fetched_at: Timestamp,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// Writes the file anew. The graves are in the order of the file.
pub(crate) fn bury(vault: &Vault, place: &str, graves: &[Grave]) -> Result<(), EvidenceError> {
    let path = vault.desk().join(place);
    let unreadable = |error| vault.unreadable(place, "its start", error);
    let mut from = vault.open_file(place).map_err(unreadable)?;
    let size = from.length().map_err(unreadable)?;
    vault.write_anew(place, None, |to| {
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::InvalidData => vault.unreadable(place, "a capture that stays", error),
            _ => EvidenceError::file("write", &path)(error),
        };
        let mut at = 0;
        for grave in graves {
            let end = grave.offset.saturating_add(grave.length);
            if grave.offset < at || end > size {
                continue;
            }
            let stone = tombstone(&grave.capture, grave.fetched_at, grave.length);
            let stone = stone.ok_or_else(|| EvidenceError::Refused {
                what: format!(
                    "a tombstone for capture {} in {} bytes: it is too short",
                    grave.capture, grave.length
                ),
            })?;
            to.copy(&mut from, grave.offset - at).map_err(failed)?;
            for part in sparse(grave.offset, &stone) {
                let put = match part {
                    Sparse::Bytes(bytes) => to.put(bytes),
                    Sparse::Zeros(count) => to.put_zeros(count),
                };
                put.map_err(failed)?;
            }
            from.seek(SeekFrom::Start(end)).map_err(unreadable)?;
            at = end;
        }
        to.copy(&mut from, size - at).map_err(failed)
    })
}
