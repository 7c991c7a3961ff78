//! A picture read back out of the snapshot that it was kept in.

use std::io::BufReader;

use warc::WarcReader;
use zip::ZipArchive;

use super::MOST_BYTES;
use crate::EvidenceError;
use crate::at_rest::{SNAPSHOTS, Vault};
use crate::wacz::{VIEW, WARC_PATH};

/// The picture of its page that a snapshot holds; `None` if no browser took one.
pub fn picture_in(vault: &Vault, snapshot: &str) -> Result<Option<Vec<u8>>, EvidenceError> {
    let path = vault.desk().join(SNAPSHOTS).join(snapshot);
    let damaged = |what: String| EvidenceError::damaged(&path, "its archive", what);
    let file = vault.open_snapshot(snapshot)?;
    let mut zip =
        ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(error.to_string()))?;
    let warc = zip.by_name(WARC_PATH).map_err(|error| damaged(error.to_string()))?;
    let records = WarcReader::new(BufReader::new(warc), MOST_BYTES)
        .map_err(|error| damaged(error.to_string()))?;
    let view = format!("urn:{VIEW}:");
    for record in records {
        let record = record.map_err(|problem| damaged(problem.what))?;
        if record.field("WARC-Target-URI").is_some_and(|target| target.starts_with(&view)) {
            return Ok(Some(record.block));
        }
    }
    Ok(None)
}
