//! Reads the evidence of a desk again, part by part, while it is at work: for bytes that rot.

use std::io::ErrorKind;
use std::path::Path;

use crate::EvidenceError;
use crate::at_rest::Vault;
use crate::custody_read::entries;
use crate::entry::Entry;
use crate::event::Event;
use crate::reading::{Depth, Reader, Reading, fault_of_snapshot};
use crate::verify::Fault;

/// What came of one part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehashed {
    /// The last entry whose evidence was read.
    pub entry: u64,
    /// That was the last of the log.
    pub is_end: bool,
    /// Captures and snapshots that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is not as it was written.
    pub faults: Vec<Fault>,
}

/// Reads the captures and snapshots that the log lists after this entry, until so many bytes are
/// read or the log ends. The log's own chain is followed on the way. Nothing may be written to the
/// desk meanwhile; between two parts everything may.
pub fn rehash(vault: &Vault, after: u64, most_bytes: u64) -> Result<Rehashed, EvidenceError> {
    let mut part = Rehashed { entry: after, ..Rehashed::default() };
    let desk = vault.desk();
    let mut reader = Reader::new(vault, Depth::Digests);
    for entry in entries(&desk.join("custody"), after)? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(EvidenceError::Damaged { path, place, what }) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                part.faults.push(Fault { file: format!("custody/{name}"), place, what });
                break;
            }
            Err(error) => return Err(error),
        };
        part.read(desk, &mut reader, &entry);
        part.entry = entry.seq;
        if part.bytes >= most_bytes {
            return Ok(part);
        }
    }
    part.is_end = true;
    Ok(part)
}

impl Rehashed {
    fn read(&mut self, desk: &Path, reader: &mut Reader, entry: &Entry) {
        let (name, place, what) = match &entry.event {
            Event::Capture { file, offset, length, .. }
            | Event::DeletedCapture { file, offset, length, .. } => {
                let Reading::Capture(read) = reader.read(entry) else { return };
                self.bytes += length;
                (format!("captures/{file}"), format!("byte {offset}"), read.err())
            }
            Event::Snapshot { snapshot, .. } => {
                let Reading::Snapshot(read) = reader.read(entry) else { return };
                let name = format!("snapshots/{}", snapshot.file);
                self.bytes += std::fs::metadata(desk.join(&name)).map_or(0, |file| file.len());
                let what = match read {
                    Ok((digest, inside)) => {
                        fault_of_snapshot(snapshot.sha256, digest, inside.as_deref())
                    }
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        Some("it is missing".to_owned())
                    }
                    Err(error) => Some(format!("it cannot be read: {error}")),
                };
                (name, "the whole file".to_owned(), what)
            }
            _ => return,
        };
        self.files += 1;
        self.faults.extend(what.map(|what| Fault { file: name, place, what }));
    }
}
