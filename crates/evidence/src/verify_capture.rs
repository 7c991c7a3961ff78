//! Verification of one capture, or of the tombstone in its place.

use domain::{CaptureId, Sha256};

use crate::capture_records;
use crate::entry::Entry;
use crate::event::Event;
use crate::tombstone::tombstone;

/// Holds the bytes that an entry lists against it.
pub(crate) fn agrees(entry: &Entry, span: &[u8]) -> Result<(), String> {
    let (seq, length) = (entry.seq, span.len());
    match &entry.event {
        Event::Capture { capture: id, source, role, url, fetched_at, payload, record, .. } => {
            let digest = Sha256::of(span);
            if digest != *record {
                let what =
                    format!("{length} bytes have digest {digest}, entry {seq} states {record}");
                return Err(what);
            }
            let capture = capture_records::read_capture(span)?;
            let is_it = (&capture.id, &capture.source, &capture.url) == (id, source, url)
                && (capture.role, capture.fetched_at) == (*role, *fetched_at)
                && capture.sha256 == *payload
                && *id == CaptureId::derive(source, url, *fetched_at, payload);
            is_it
                .then_some(())
                .ok_or_else(|| format!("it holds another capture than entry {seq} says"))
        }
        Event::DeletedCapture { capture, fetched_at, .. } => {
            let stone = tombstone(capture, *fetched_at, length as u64);
            (stone.as_deref() == Some(span))
                .then_some(())
                .ok_or_else(|| format!("it should be the tombstone of the capture of entry {seq}"))
        }
        _ => Ok(()),
    }
}
