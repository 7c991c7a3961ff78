//! Deleting captures out of a WARC file: the file is written anew with tombstones in their place.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use domain::CaptureId;
use jiff::Timestamp;

use crate::tombstone::{tombstone, write_sparsely};
use crate::{EvidenceError, durable};

/// Where a capture lay that is deleted.
#[derive(Clone, Debug)]
pub(crate) struct Grave {
    pub(crate) capture: CaptureId,
    pub(crate) fetched_at: Timestamp,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// Writes the file anew. The graves are in the order of the file.
pub(crate) fn bury(path: &Path, graves: &[Grave]) -> Result<(), EvidenceError> {
    let failed = || EvidenceError::file("read", path);
    let mut from = File::open(path).map_err(failed())?;
    let size = from.metadata().map_err(failed())?.len();
    durable::write_anew(path, |to| {
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
            copy(&mut from, to, grave.offset - at).map_err(EvidenceError::file("write", path))?;
            write_sparsely(to, grave.offset, &stone).map_err(EvidenceError::file("write", path))?;
            from.seek(SeekFrom::Start(end)).map_err(failed())?;
            at = end;
        }
        copy(&mut from, to, size - at).map_err(EvidenceError::file("write", path))
    })
}

fn copy(from: &mut File, to: &mut File, length: u64) -> io::Result<()> {
    let copied = io::copy(&mut from.take(length), to)?;
    if copied == length {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"))
}
