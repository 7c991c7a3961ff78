//! Which tokens are over a file: for a person who looks at it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use domain::Sha256;
use jiff::Timestamp;

use super::{merkle, read_record, token};
use crate::EvidenceError;

/// A token over a file, and when its authority says that it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The token's name in `time/`.
    pub token: String,
    /// As the authority wrote it: UTC, `YYYYMMDDhhmmss[.f]Z` (RFC 3161, section 2.4.2).
    pub time: String,
}

/// The tokens over a thing (by [`Leaf::what`](super::Leaf::what)) that has this digest and was kept at
/// this time, as far as they lead from it to their root; none when it waits for one. A record or
/// token that cannot be read proves nothing, and `evidence verify` names it. Whether an authority's
/// signature holds is not looked at: `openssl ts -verify` tells.
pub fn stamps(
    desk: &Path,
    what: &str,
    sha256: &Sha256,
    kept_at: Timestamp,
) -> Result<Vec<Stamp>, EvidenceError> {
    let dir = desk.join("time");
    let names = names_in(&dir)?;
    // A record's name begins with the second in which it was gathered.
    let earliest = kept_at.strftime("%Y%m%dT%H%M%SZ").to_string();
    for name in names.iter().filter(|name| **name >= earliest) {
        let Some(stem) = name.strip_suffix(".json") else { continue };
        let Ok(record) = read_record(&dir.join(name)) else { continue };
        let leads = |leaf: &super::Leaf| {
            leaf.what == what
                && leaf.sha256 == *sha256
                && merkle::root_of(leaf.sha256, &leaf.way) == record.root
        };
        if !record.leaves.iter().any(leads) {
            continue;
        }
        let mut stamps = Vec::new();
        for name in names.iter().filter(|name| name.starts_with(stem) && name.ends_with(".tsr")) {
            let Ok(bytes) = fs::read(dir.join(name)) else { continue };
            if let Ok(time) = token::granted_time(&bytes, &record.root, None) {
                stamps.push(Stamp { token: name.clone(), time });
            }
        }
        return Ok(stamps);
    }
    Ok(Vec::new())
}

/// The names in a folder, in their order; none when it is not there.
fn names_in(dir: &Path) -> Result<Vec<String>, EvidenceError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(EvidenceError::file("read", dir)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(EvidenceError::file("read", dir))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}
