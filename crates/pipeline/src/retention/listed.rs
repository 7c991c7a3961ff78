//! The captures of pages and pictures as the log lists them, and which postings each shows.

use std::collections::BTreeMap;

use collect::{TIP_KIND, attached_to};
use domain::{CaptureRole, PostingId, Source, SourceId};
use evidence::{CaptureArchive, Entry, Event, EvidenceError};
use jiff::Timestamp;

use super::{deleted_of, tip_of, without_deleted};
use crate::{Desk, PipelineError};

/// A capture of a page as the log lists it, to be read when somebody asks.
pub(super) struct Listed<'a> {
    pub(super) desk: &'a Desk,
    pub(super) entry: &'a Entry,
    /// As it was defined when the capture was kept.
    source: Option<&'a Source>,
    pub(super) fetched_at: Timestamp,
    role: CaptureRole,
    file: &'a str,
    offset: u64,
    pub(super) length: u64,
}

impl Listed<'_> {
    /// The postings that it shows or proves to be gone. `None` when nobody can say, since it is
    /// damaged or of a kind that no collector reads any more.
    pub(super) fn postings(&self) -> Result<Option<Vec<PostingId>>, PipelineError> {
        if self.role != CaptureRole::Page {
            // Which postings show a picture is for the log to say.
            return Ok(Some(Vec::new()));
        }
        let Some(source) = self.source else { return Ok(None) };
        let capture =
            match CaptureArchive::read(&self.desk.vault, self.file, self.offset, self.length) {
                Ok(capture) => capture,
                Err(EvidenceError::Damaged { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
        let mut postings = Vec::new();
        if source.kind.0 == TIP_KIND
            && let Some(tip) = tip_of(&capture)
        {
            postings.push(PostingId::derive(&source.id, tip));
        }
        postings.extend(attached_to(&capture));
        let Some(reading) = self.desk.collectors.read(source, &capture) else { return Ok(None) };
        let reading = without_deleted(reading, deleted_of(self.entry));
        postings.extend(reading.postings.into_iter().map(|posting| posting.id));
        postings.extend(reading.gone);
        postings.sort();
        postings.dedup();
        Ok(Some(postings))
    }
}

/// Goes through the captures of pages and pictures, in the order of the log.
pub(super) fn each_capture(
    desk: &Desk,
    look: &mut dyn FnMut(&Listed<'_>) -> Result<(), PipelineError>,
) -> Result<(), PipelineError> {
    let mut sources: BTreeMap<SourceId, Source> = BTreeMap::new();
    for entry in evidence::entries(&desk.dir.join("custody"), 0)? {
        let entry = entry?;
        match &entry.event {
            Event::Source { source } => {
                sources.insert(source.id.clone(), (**source).clone());
            }
            Event::Capture { source, role, fetched_at, file, offset, length, .. }
                if *role != CaptureRole::Robots =>
            {
                look(&Listed {
                    desk,
                    entry: &entry,
                    source: sources.get(source),
                    fetched_at: *fetched_at,
                    role: *role,
                    file,
                    offset: *offset,
                    length: *length,
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}
