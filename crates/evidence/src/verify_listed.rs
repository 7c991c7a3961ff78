//! Verification of the captures and snapshots that the log lists: what is to be read, and what is to be
//! said of it.

use domain::Snapshot;

use crate::entry::Entry;
use crate::event::Event;
use crate::reading::{Reader, Reading, fault_of_snapshot};
use crate::verify::Verification;

/// What is to be done for an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    /// So many bytes are to be read.
    Read(u64),
    /// An earlier run has read them.
    Earlier,
    /// They are not there.
    Missing,
    /// It lists nothing, or nothing that could be read.
    Nothing,
}

impl Plan {
    /// Does it; on any thread.
    pub(crate) fn carry_out(self, reader: &mut Reader, entry: &Entry) -> Reading {
        match self {
            Self::Read(_) => reader.read(entry),
            Self::Earlier => Reading::Earlier,
            Self::Missing => Reading::Missing,
            Self::Nothing => Reading::Nothing,
        }
    }

    pub(crate) fn bytes(self) -> u64 {
        if let Self::Read(bytes) = self { bytes } else { 0 }
    }
}

impl Verification<'_> {
    /// What is to be done for this entry, those before it being planned.
    pub(crate) fn plan(&mut self, entry: &Entry) -> Plan {
        let (folder, file, bytes) = match &entry.event {
            Event::Capture { file, offset, length, .. }
            | Event::DeletedCapture { file, offset, length, .. } => {
                let size = self.files.size("captures", file);
                if size.is_none_or(|size| offset.saturating_add(*length) > size) {
                    return Plan::Nothing;
                }
                ("captures", file, *length)
            }
            Event::Snapshot { snapshot, .. } => {
                let file = &snapshot.file;
                if self.snapshots.contains_key(file) {
                    return Plan::Nothing;
                }
                self.snapshots.insert(file.clone(), None);
                match self.files.size("snapshots", file) {
                    Some(size) => ("snapshots", file, size),
                    None => return Plan::Missing,
                }
            }
            Event::Timestamp { .. } => return Plan::Read(0),
            _ => return Plan::Nothing,
        };
        if self.earlier.has_read(self.files, entry.seq, (folder, file), bytes) {
            Plan::Earlier
        } else {
            Plan::Read(bytes)
        }
    }

    pub(crate) fn capture(
        &mut self,
        seq: u64,
        (file, offset, length): (&str, u64, u64),
        reading: Reading,
    ) {
        let before = self.ends.insert(file.to_owned(), offset.saturating_add(length));
        let Some(size) = self.files.size("captures", file) else {
            // Said once for the file, not for each of its captures.
            if before.is_none() {
                self.fault("captures", file, "its start", "the file is missing");
            }
            return;
        };
        let start = before.unwrap_or(0);
        let what = match reading {
            _ if start != offset => {
                Some(format!("entry {seq} lists bytes from {offset}, it should from {start}"))
            }
            _ if offset.saturating_add(length) > size => {
                Some(format!("the file ends at {size}, inside the capture of entry {seq}"))
            }
            Reading::Capture(read) => {
                self.advance(length);
                read.err()
            }
            _ => {
                self.advance(length);
                None
            }
        };
        if let Some(what) = what {
            self.fault("captures", file, format!("byte {offset}"), what);
        }
    }

    pub(crate) fn snapshot(&mut self, snapshot: &Snapshot, reading: Reading) {
        self.report.snapshots += 1;
        let (file, stated) = (&snapshot.file, snapshot.sha256);
        if matches!(reading, Reading::Earlier | Reading::Snapshot(_)) {
            self.advance(self.files.size("snapshots", file).unwrap_or(0));
        }
        let (digest, inside) = match reading {
            Reading::Earlier => (Some(stated), None),
            Reading::Snapshot(Ok((digest, inside))) => (Some(digest), inside),
            Reading::Snapshot(Err(error)) => {
                self.fault("snapshots", file, "its start", format!("it cannot be read: {error}"));
                (None, None)
            }
            Reading::Missing => {
                self.missing("snapshots", file);
                (None, None)
            }
            // An entry before this one lists the same file.
            _ => (self.snapshots.get(file).copied().flatten(), None),
        };
        self.snapshots.insert(file.clone(), digest);
        let what = digest.and_then(|digest| fault_of_snapshot(stated, digest, inside.as_deref()));
        if let Some(what) = what {
            self.fault("snapshots", file, "the whole file", what);
        }
    }
}
