//! How far a verification had come, so that one that was cut short can be gone on with.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

use domain::Sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::EvidenceError;
use crate::custody_read::entries;
use crate::inventory::Inventory;
use crate::reading::Depth;

const FORMAT: u32 = 1;

/// A place in a verification: all that the log lists up to an entry has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyMark {
    format: u32,
    /// UTC, when the verification began; of one that was gone on with, the first.
    pub began_at: Timestamp,
    /// The entry.
    pub entry: u64,
    hash: Sha256,
    /// Entries whose evidence had faults: it is read again, so that each fault is named again.
    faulty: Vec<u64>,
    /// Captures and snapshots were looked into. Left out where they were not, as marks of earlier
    /// programs have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    contents: bool,
}

impl VerifyMark {
    /// Nothing has been read.
    pub fn start(began_at: Timestamp, depth: Depth) -> Self {
        let (hash, contents) = (Sha256::from_bytes([0; 32]), depth == Depth::Contents);
        Self { format: FORMAT, began_at, entry: 0, hash, faulty: Vec::new(), contents }
    }

    /// How deep that run has looked.
    pub(crate) fn depth(&self) -> Depth {
        if self.contents { Depth::Contents } else { Depth::Digests }
    }

    /// Reads a mark; `None` of bytes that are none, or of a later form.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mark: Self = serde_json::from_slice(bytes).ok()?;
        (mark.format == FORMAT).then_some(mark)
    }

    /// The bytes that are read by [`VerifyMark::read`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    pub(crate) fn move_to(&mut self, entry: u64, hash: Sha256, has_faults: bool) {
        if entry > self.entry {
            (self.entry, self.hash) = (entry, hash);
        }
        if has_faults && self.faulty.last() != Some(&entry) && !self.faulty.contains(&entry) {
            self.faulty.push(entry);
        }
    }

    /// Whether the log of this desk has the entry that the mark is at.
    fn is_of(&self, desk: &Path) -> bool {
        let Some(before) = self.entry.checked_sub(1) else { return false };
        let found = entries(&desk.join("custody"), before).ok().and_then(|mut all| all.next());
        found.is_some_and(|found| found.is_ok_and(|entry| entry.hash == self.hash))
    }
}

/// What an earlier run has read and this one does not read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReadEarlier {
    /// UTC, when that run began.
    pub began_at: Timestamp,
    /// Captures and snapshots.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Decides what need not be read again.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    mark: Option<VerifyMark>,
    /// Whether a file was written since that run began.
    written: BTreeMap<String, bool>,
    files: u64,
    bytes: u64,
}

impl Earlier {
    /// Takes a mark for what it is worth: one that is not of this desk's log counts for nothing.
    pub(crate) fn of(desk: &Path, mark: Option<&VerifyMark>) -> Result<Self, EvidenceError> {
        let mark = mark.filter(|mark| mark.is_of(desk)).cloned();
        Ok(Self { mark, ..Self::default() })
    }

    pub(crate) fn mark(&self) -> Option<&VerifyMark> {
        self.mark.as_ref()
    }

    /// Whether the earlier run has read what this entry lists in this file, found it as it was
    /// written, and nobody has written to the file since. Counts what need not be read.
    pub(crate) fn has_read(
        &mut self,
        files: &Inventory,
        entry: u64,
        (folder, file): (&str, &str),
        bytes: u64,
    ) -> bool {
        let Some(mark) = &self.mark else { return false };
        if entry > mark.entry || mark.faulty.contains(&entry) {
            return false;
        }
        let began_at = mark.began_at.as_millisecond();
        let path = files.path(folder, file);
        let written = self.written.entry(format!("{folder}/{file}")).or_insert_with(|| {
            let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified());
            let since_1970 = modified.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            let written_at = since_1970.and_then(|at| i64::try_from(at.as_millis()).ok());
            written_at.is_none_or(|written_at| written_at >= began_at)
        });
        if *written {
            return false;
        }
        self.files += 1;
        self.bytes += bytes;
        true
    }

    pub(crate) fn report(&self) -> Option<ReadEarlier> {
        let mark = self.mark.as_ref()?;
        Some(ReadEarlier { began_at: mark.began_at, files: self.files, bytes: self.bytes })
    }
}
