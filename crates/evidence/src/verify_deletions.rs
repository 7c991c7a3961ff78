//! Verification of what was deleted: a line is shortened only when a deletion says so, and what a
//! deletion says is gone.

use std::collections::BTreeMap;

use domain::Sha256;

use crate::custody_read::segment_name;
use crate::deletion::{Deleted, Deletion};
use crate::entry::Entry;
use crate::event::Event;
use crate::verify::Verification;

const CRASH: &str = "if a crash came between, the next command deletes it";

/// The shortened lines that were met, by entry. Memory grows with their number, some 100 bytes each.
#[derive(Debug, Default)]
pub(crate) struct Shortened(BTreeMap<u64, ShortenedLine>);

#[derive(Debug)]
struct ShortenedLine {
    segment: u64,
    hash: Sha256,
    line: Sha256,
    /// The last deletion that speaks of it states the line as it is.
    is_founded: bool,
}

impl Verification<'_> {
    /// Takes note of a shortened line.
    pub(crate) fn note_short(&mut self, entry: &Entry) {
        let says_so = matches!(
            entry.event,
            Event::DeletedCapture { .. }
                | Event::DeletedSnapshot { .. }
                | Event::DeletedWords { .. }
        );
        if let Some(line) = entry.short {
            self.report.deleted += u64::from(says_so);
            let (segment, hash) = (self.segment, entry.hash);
            let short = ShortenedLine { segment, hash, line, is_founded: false };
            self.shortened.0.insert(entry.seq, short);
        } else if says_so {
            let what =
                format!("entry {} speaks of something deleted in a line that is not", entry.seq);
            self.fault_of_entry(self.segment, entry.seq, what);
        }
    }

    /// Holds a deletion against the lines and files that it names.
    pub(crate) fn deletion(&mut self, entry: &Entry, deletion: &Deletion) {
        for short in &deletion.lines {
            match self.shortened.0.get_mut(&short.entry) {
                Some(line) => {
                    line.is_founded = (line.line, line.hash) == (short.line, short.hash);
                }
                None => {
                    let what = format!(
                        "entry {} says that entry {} is shortened, and it is not; {CRASH}",
                        entry.seq, short.entry
                    );
                    self.fault_of_entry(self.segment, entry.seq, what);
                }
            }
        }
        if let Deleted::Snapshot { file, .. } = &deletion.deleted
            && self.files.size("snapshots", file).is_some()
        {
            let what =
                format!("it is there still, and entry {} says it was deleted; {CRASH}", entry.seq);
            self.fault("snapshots", file, "the whole file", what);
        }
    }

    /// Lines that are shorter than the log accounts for.
    pub(crate) fn unfounded(&mut self) {
        let lines = std::mem::take(&mut self.shortened.0);
        for (seq, line) in lines.into_iter().filter(|(_, line)| !line.is_founded) {
            let what = format!("entry {seq} is shortened, and no deletion in the log says so");
            self.fault_of_entry(line.segment, seq, what);
        }
    }

    fn fault_of_entry(&mut self, segment: u64, seq: u64, what: String) {
        self.fault("custody", &segment_name(segment), format!("entry {seq}"), what);
    }
}
