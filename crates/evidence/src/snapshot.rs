//! A snapshot: the evidence of one flagged posting, in one file that needs nothing else.

use std::fs;
use std::path::Path;

use domain::{Assessment, Capture, Posting, Sha256};
use jiff::Timestamp;

use crate::wacz::{self, Wacz};
use crate::{EvidenceError, durable, extract};

/// Freezes a posting with its page, and what belongs to the page, such as the robots.txt that
/// allowed it, into a WACZ file in `dir`. Of a page of rows it holds the posting's row alone. Gives
/// its name and digest.
///
/// The same input gives the same bytes, so that a snapshot that a crash kept out of the custody log
/// is taken again without leaving a second file. A file of that name with other bytes is never
/// overwritten; the new one gets a number.
pub fn take_snapshot(
    dir: &Path,
    posting: &Posting,
    assessment: &Assessment,
    page: &Capture,
    beside: &[Capture],
    taken_at: Timestamp,
    software: &str,
) -> Result<(String, Sha256), EvidenceError> {
    let refused = |what: String| EvidenceError::Refused { what };
    if page.id != posting.capture {
        let what = format!("a snapshot of posting {}: {} is not its page", posting.id, page.id);
        return Err(refused(what));
    }
    let extract = match posting.row {
        None => None,
        Some(row) => Some(extract::cut(page, row).ok_or_else(|| {
            refused(format!("a snapshot of posting {}: its page has no such row", posting.id))
        })?),
    };
    let (page, page_of) = match &extract {
        Some((row, of)) => (row, Some(of)),
        None => (page, None),
    };
    let bytes = Wacz { posting, assessment, page, page_of, beside, taken_at, software }
        .to_bytes()
        .map_err(|error| refused(format!("a snapshot of posting {}: {error}", posting.id)))?;
    let digest = Sha256::of(&bytes);
    durable::make_dir(dir)?;
    for number in 1_u32.. {
        let name = file_name(posting, number);
        let path = dir.join(&name);
        match fs::read(&path) {
            Ok(there) if there == bytes => return Ok((name, digest)),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                durable::replace(&path, &bytes)?;
                return Ok((name, digest));
            }
            Err(error) => return Err(EvidenceError::file("read", &path)(error)),
        }
    }
    Err(refused(format!("a snapshot of posting {}: all its names are taken", posting.id)))
}

fn file_name(posting: &Posting, number: u32) -> String {
    let (id, capture) = (&posting.id, &posting.capture);
    match number {
        1 => format!("{id}-{capture}.{}", wacz::ENDING),
        _ => format!("{id}-{capture}-{number}.{}", wacz::ENDING),
    }
}
