//! Reads again what an entry of the log lists, and holds it against the entry.

use std::io::{self, BufReader, Cursor, Read as _, Seek as _, SeekFrom};

use domain::{CaptureId, Sha256};

use crate::at_rest::Vault;
use crate::durable::PIECE;
use crate::entry::Entry;
use crate::event::Event;
use crate::inventory::SpanReader;
use crate::tombstone::tombstone;
use crate::wacz_read::agrees_with_itself;
use crate::{capture_records, durable, time};

/// A snapshot of no more bytes is held in memory while it is checked.
const MOST_HELD: u64 = 4 * 1024 * 1024;

/// How deep verification looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// At each byte: the digests that the custody log states of captures and snapshots, and those that a
    /// snapshot's own manifest states of its parts. Where the first agrees, what lies inside is what was
    /// written.
    #[default]
    Digests,
    /// Captures are unpacked too, and held against the digests of their records and the rest of their
    /// entry. Finds also an entry whose writer knew the digest of a capture and lied of the rest.
    Contents,
}

/// What came of reading.
pub(crate) enum Reading {
    /// A capture, or the tombstone in its place.
    Capture(Result<(), String>),
    /// A whole snapshot: its digest, and what is not as its own manifest says.
    Snapshot(io::Result<(Sha256, Option<String>)>),
    /// A token of trusted time and its record: the files that do not agree, each with a sentence.
    Time(Vec<(String, String)>),
    /// An earlier run has read it, and nobody has written to its file since.
    Earlier,
    /// The file is not there.
    Missing,
    /// The entry lists nothing that is to be read.
    Nothing,
}

/// Reads evidence of one desk, piece by piece; keeps the file open that it read last.
pub(crate) struct Reader {
    vault: Vault,
    depth: Depth,
    spans: SpanReader,
    piece: Vec<u8>,
    /// A snapshot, where it is not large: it is read once and hashed twice.
    held: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(vault: &Vault, depth: Depth) -> Self {
        let spans = SpanReader::new(vault);
        let (piece, held) = (vec![0; PIECE], Vec::new());
        Self { vault: vault.clone(), depth, spans, piece, held }
    }

    pub(crate) fn read(&mut self, entry: &Entry) -> Reading {
        match &entry.event {
            Event::Capture { file, offset, length, record, .. } => {
                Reading::Capture(self.capture(entry, file, *offset, *length, record))
            }
            Event::DeletedCapture { capture, fetched_at, file, offset, length, .. } => {
                let stone = tombstone(capture, *fetched_at, *length);
                let span = self.spans.read(file, *offset, *length).map_err(unreadable);
                let is_it = span.map(|span| stone.as_deref() == Some(span));
                Reading::Capture(is_it.and_then(|is_it| {
                    is_it.then_some(()).ok_or_else(|| {
                        let seq = entry.seq;
                        format!("it should be the tombstone of the capture of entry {seq}")
                    })
                }))
            }
            Event::Snapshot { snapshot, .. } => Reading::Snapshot(self.snapshot(&snapshot.file)),
            Event::Timestamp { .. } => {
                Reading::Time(time::faults_of(self.vault.desk(), &entry.event))
            }
            _ => Reading::Nothing,
        }
    }

    fn capture(
        &mut self,
        entry: &Entry,
        file: &str,
        offset: u64,
        length: u64,
        record: &Sha256,
    ) -> Result<(), String> {
        if !is_named_by_what_it_says(&entry.event) {
            return Err(another(entry.seq));
        }
        let states = |read: u64, digest: Sha256| {
            let seq = entry.seq;
            (digest == *record).then_some(()).ok_or_else(|| {
                format!("{read} bytes have digest {digest}, entry {seq} states {record}")
            })
        };
        match self.depth {
            Depth::Digests => {
                let digest = self.spans.digest(file, offset, length, &mut self.piece);
                let (read, digest) = digest.map_err(unreadable)?;
                states(read, digest)
            }
            Depth::Contents => {
                let span = self.spans.read(file, offset, length).map_err(unreadable)?;
                states(span.len() as u64, Sha256::of(span))?;
                is_what_it_says(entry, span)
            }
        }
    }

    fn snapshot(&mut self, name: &str) -> io::Result<(Sha256, Option<String>)> {
        let mut file = self.vault.open_file(&format!("snapshots/{name}"))?;
        self.held.clear();
        (&mut file).take(MOST_HELD + 1).read_to_end(&mut self.held)?;
        if self.held.len() as u64 <= MOST_HELD {
            let digest = Sha256::of(&self.held);
            let inside = agrees_with_itself(Cursor::new(&self.held), &mut self.piece);
            return Ok((digest, inside.err()));
        }
        file.seek(SeekFrom::Start(0))?;
        let digest = durable::digest_in(&mut file, &mut self.piece)?;
        let inside = agrees_with_itself(BufReader::new(file), &mut self.piece);
        Ok((digest, inside.err()))
    }
}

/// What is to be said of a snapshot that has this digest, and of which this is known to be another
/// inside; `None` if it is as the log states.
pub(crate) fn fault_of_snapshot(
    stated: Sha256,
    digest: Sha256,
    inside: Option<&str>,
) -> Option<String> {
    let taken = format!("it is not as it was taken: its digest should be {stated}");
    match inside {
        None if digest == stated => None,
        None => Some(taken),
        Some(inside) if digest == stated => {
            Some(format!("it does not agree with its own manifest: {inside}"))
        }
        Some(inside) => Some(format!("{taken}; {inside}")),
    }
}

fn unreadable(error: io::Error) -> String {
    format!("it cannot be read: {error}")
}

fn another(seq: u64) -> String {
    format!("it holds another capture than entry {seq} says")
}

/// Whether the entry of a capture has the id that belongs to the rest of it.
fn is_named_by_what_it_says(event: &Event) -> bool {
    let Event::Capture { capture, source, url, fetched_at, payload, .. } = event else {
        return true;
    };
    *capture == CaptureId::derive(source, url, *fetched_at, payload)
}

/// Unpacks a capture and holds it against its entry.
fn is_what_it_says(entry: &Entry, span: &[u8]) -> Result<(), String> {
    let Event::Capture { capture: id, source, role, url, fetched_at, payload, .. } = &entry.event
    else {
        return Ok(());
    };
    let capture = capture_records::read_capture(span)?;
    let is_it = (&capture.id, &capture.source, &capture.url) == (id, source, url)
        && (capture.role, capture.fetched_at) == (*role, *fetched_at)
        && capture.sha256 == *payload;
    is_it.then_some(()).ok_or_else(|| another(entry.seq))
}
