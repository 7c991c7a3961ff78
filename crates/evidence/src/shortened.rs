//! Lines of the custody log that were shortened, since what they said had to be deleted. Such a line
//! keeps number, time, person, `prev` and `hash` as they were, so that the chain stays whole; its own
//! bytes are under `short`:
//!
//! ```text
//! {"format":4,"seq":7,...,"event":{...},"prev":"sha256:...","short":"sha256:...","hash":"sha256:..."}
//! ```
//!
//! By itself that proves nothing: anybody can write it. A later entry, a deletion, states the same
//! `short`; a shortened line that no deletion speaks of is a fault.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::Path;

use domain::Sha256;

use crate::custody_read::read_line;
use crate::deletion::{self, Deleted, ShortLine};
use crate::entry::{Entry, stated_seq};
use crate::{EvidenceError, durable};

const KEY: &str = ",\"short\":\"";
/// `,"short":"`, `sha256:` and 64 digits, `"`.
const PART: usize = KEY.len() + 71 + 1;

/// What comes between a shortened line and its hash, and the digest in it.
pub(crate) fn mark(line: &str) -> (String, Sha256) {
    let digest = Sha256::of(line.as_bytes());
    (format!("{KEY}{digest}\""), digest)
}

/// The digest that a line has, without its hash, if it is a shortened one that is whole.
pub(crate) fn digest_of(hashed: &str) -> Option<Sha256> {
    let (line, rest) = hashed.split_at_checked(hashed.len().checked_sub(PART)?)?;
    let (mark, digest) = mark(line);
    (rest == mark).then_some(digest)
}

/// What is to become of an entry's line.
#[derive(Debug, Default)]
pub(crate) struct Cut<'a> {
    /// What is gone of it.
    pub(crate) gone: Vec<&'a Deleted>,
    /// Over the line that is to stand there.
    pub(crate) line: Option<Sha256>,
}

impl Entry {
    /// The line that stands here once these are gone.
    pub fn short_line(&self, gone: &[&Deleted]) -> Result<ShortLine, EvidenceError> {
        let short = self.shortened(deletion::shortened(&self.event, gone)?)?.short;
        let line = short.expect("a shortened line has its digest");
        Ok(ShortLine { entry: self.seq, hash: self.hash, line })
    }

    /// Whether what this line said was deleted, as a whole or in part.
    pub fn is_short(&self) -> bool {
        self.short.is_some()
    }
}

/// Writes a segment anew with the lines shortened that are to be. Done again, it is the same as once.
pub(crate) fn shorten(path: &Path, cuts: &BTreeMap<u64, Cut<'_>>) -> Result<(), EvidenceError> {
    let mut lines = BufReader::with_capacity(
        256 * 1024,
        File::open(path).map_err(EvidenceError::file("open", path))?,
    );
    durable::write_anew(path, |to| {
        let mut to = BufWriter::with_capacity(256 * 1024, to);
        let mut line = Vec::new();
        while let Some(terminated) =
            read_line(&mut lines, &mut line).map_err(EvidenceError::file("read", path))?
        {
            let cut = stated_seq(&line).and_then(|seq| cuts.get(&seq));
            if let Some(cut) = cut {
                line = shorter(&line, cut, path)?;
            }
            let end: &[u8] = if terminated { b"\n" } else { b"" };
            [&line, end]
                .into_iter()
                .try_for_each(|part| to.write_all(part))
                .map_err(EvidenceError::file("write", path))?;
        }
        to.flush().map_err(EvidenceError::file("write", path))
    })
}

fn shorter(line: &[u8], cut: &Cut<'_>, path: &Path) -> Result<Vec<u8>, EvidenceError> {
    let entry = Entry::parse(line, path, "a line to be shortened")?;
    if entry.short.is_some() && entry.short == cut.line {
        return Ok(line.to_vec());
    }
    let short = entry.shortened(deletion::shortened(&entry.event, &cut.gone)?)?;
    if short.short != cut.line {
        let error = io::Error::other(format!("entry {} is not as it was planned for", entry.seq));
        return Err(EvidenceError::file("shorten", path)(error));
    }
    Ok(short.line().as_bytes().to_vec())
}
