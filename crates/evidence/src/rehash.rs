//! Reads the evidence of a desk again, part by part, while it is at work: for bytes that rot.

use std::fs::File;
use std::path::Path;

use domain::Sha256;

use crate::EvidenceError;
use crate::custody_read::entries;
use crate::durable::digest_of;
use crate::entry::Entry;
use crate::event::Event;
use crate::inventory::SpanReader;
use crate::verify::Fault;
use crate::verify_capture::agrees;

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
pub fn rehash(desk: &Path, after: u64, most_bytes: u64) -> Result<Rehashed, EvidenceError> {
    let mut part = Rehashed { entry: after, ..Rehashed::default() };
    let mut spans = SpanReader::new(desk.join("captures"));
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
        part.read(desk, &mut spans, &entry);
        part.entry = entry.seq;
        if part.bytes >= most_bytes {
            return Ok(part);
        }
    }
    part.is_end = true;
    Ok(part)
}

impl Rehashed {
    fn read(&mut self, desk: &Path, spans: &mut SpanReader, entry: &Entry) {
        let (name, place, outcome) = match &entry.event {
            Event::Capture { file, offset, length, .. }
            | Event::DeletedCapture { file, offset, length, .. } => {
                let read = spans.read(file, *offset, *length);
                let outcome = read.map_err(|error| format!("it cannot be read: {error}"));
                let outcome = outcome.and_then(|span| agrees(entry, span));
                self.bytes += length;
                (format!("captures/{file}"), format!("byte {offset}"), outcome)
            }
            Event::Snapshot { snapshot, .. } => {
                let name = format!("snapshots/{}", snapshot.file);
                let outcome = self.snapshot(&desk.join(&name), snapshot.sha256);
                (name, "the whole file".to_owned(), outcome)
            }
            _ => return,
        };
        self.files += 1;
        if let Err(what) = outcome {
            self.faults.push(Fault { file: name, place, what });
        }
    }

    fn snapshot(&mut self, path: &Path, stated: Sha256) -> Result<(), String> {
        let read = File::open(path).and_then(|mut file| {
            self.bytes += file.metadata()?.len();
            digest_of(&mut file)
        });
        match read {
            Ok(digest) if digest == stated => Ok(()),
            Ok(_) => Err(format!("it is not as it was taken: its digest should be {stated}")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err("it is missing".to_owned())
            }
            Err(error) => Err(format!("it cannot be read: {error}")),
        }
    }
}
