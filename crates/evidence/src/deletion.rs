//! What is deleted when its time is past, and what stands in its place.

use domain::{CaptureId, LeadId, PostingId, Sha256, SourceId, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Event, EvidenceError};

/// Something that was deleted: what, and why. Who and when are the entry's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// What is gone.
    pub deleted: Deleted,
    /// The lines of the log that were shortened for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ShortLine>,
    /// Why.
    pub because: Because,
}

/// What is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Deleted {
    /// A capture: its bytes, and its address in the log.
    Capture {
        /// Which capture.
        capture: CaptureId,
        /// Over the body as received.
        payload: Sha256,
        /// Over its records in the WARC file, as they were.
        record: Sha256,
    },
    /// Postings of a capture that stays for others.
    Postings {
        /// Which capture.
        capture: CaptureId,
        /// What is not read out of it any more.
        postings: Vec<PostingId>,
    },
    /// The snapshot of a posting.
    Snapshot {
        /// Its name in `snapshots/`.
        file: String,
        /// Over the file, as it was.
        sha256: Sha256,
    },
    /// What people wrote about a lead.
    Words,
    /// How far a source had been read at some time: by the addresses of its postings, it may be.
    Positions {
        /// Which source.
        source: SourceId,
    },
    /// Who sent a tip.
    Sender {
        /// The tip.
        posting: PostingId,
        /// The records' names in `tips/`.
        files: Vec<String>,
    },
    /// What a crash had left half written and was set aside: no evidence.
    LeftOver {
        /// Its name, from the desk's folder.
        file: String,
    },
    /// A packet that lay in the desk's folder.
    Packet {
        /// Its name in `data/packets/`.
        file: String,
        /// Over the file, as it was.
        sha256: Sha256,
    },
}

/// A line of the log that was shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShortLine {
    /// The number of its entry.
    pub entry: u64,
    /// The hash of that entry, which it keeps.
    pub hash: Sha256,
    /// Over the line that stands there now, up to `,"short":`.
    pub line: Sha256,
}

/// Why something was deleted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Because {
    /// The setting in `fusion.toml`: `retention.clear_days`.
    pub rule: String,
    /// Its value: for so many days it was kept.
    pub days: u32,
    /// From when on they count.
    pub since: Timestamp,
    /// The lead that it belonged to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadId>,
    /// What was decided about that lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// What stands in an entry's line once these are gone.
pub(crate) fn shortened(event: &Event, gone: &[&Deleted]) -> Result<Event, EvidenceError> {
    let captures = gone.iter().any(|gone| matches!(gone, Deleted::Capture { .. }));
    let mut event = event.clone();
    if let (Event::Capture { without, .. }, false) = (&mut event, captures) {
        for gone in gone {
            if let Deleted::Postings { postings, .. } = gone {
                without.extend(postings.iter().cloned());
            }
        }
        without.sort();
        without.dedup();
        return Ok(event);
    }
    let short = match event {
        Event::Capture {
            capture,
            source,
            role,
            fetched_at,
            payload,
            file,
            offset,
            length,
            record,
            ..
        } => Event::DeletedCapture {
            capture,
            source,
            role,
            fetched_at,
            payload,
            file,
            offset,
            length,
            record,
        },
        Event::Snapshot { lead, snapshot } => Event::DeletedSnapshot { lead, snapshot },
        Event::Note { lead, .. } => words("note", vec![lead], None),
        Event::Decision { lead, verdict, .. } => words("decision", vec![lead], Some(verdict)),
        Event::Merge { leads, .. } => words("merge", leads, None),
        Event::Split { leads, .. } => words("split", leads, None),
        Event::Reveal { lead, .. } => words("reveal", vec![lead], None),
        Event::Receipt { lead, .. } => words("receipt", vec![lead], None),
        Event::Hold { lead, .. } => words("hold", vec![lead], None),
        Event::HoldLifted { lead, .. } => words("hold_lifted", vec![lead], None),
        Event::CommonKey { .. } => words("common_key", Vec::new(), None),
        Event::Image { lead, .. } => words("image", vec![lead], None),
        Event::Stylesheet { lead, .. } => words("stylesheet", vec![lead], None),
        Event::Checkpoint { .. } => words("checkpoint", Vec::new(), None),
        short @ (Event::DeletedCapture { .. }
        | Event::DeletedSnapshot { .. }
        | Event::DeletedWords { .. }) => short,
        _ => {
            let what = "a shortened line in place of an event that keeps its words".to_owned();
            return Err(EvidenceError::Refused { what });
        }
    };
    Ok(short)
}

fn words(was: &str, leads: Vec<LeadId>, verdict: Option<Verdict>) -> Event {
    Event::DeletedWords { was: was.to_owned(), leads, verdict }
}
