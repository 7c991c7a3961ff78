//! Verification goes through the log in batches of lines. What stands for itself is done on all cores:
//! a line and its hash, the bytes that it lists and their digest. What hangs on the order of the log is
//! done after that, line by line.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use rayon::prelude::*;

use crate::EvidenceError;
use crate::custody_read::read_line;
use crate::entry::Entry;
use crate::reading::{Reader, Reading};
use crate::verify::Verification;
use crate::verify_listed::Plan;

/// A batch has no more lines, and is ended by the line that makes it longer than this.
const LINES: usize = 2048;
const LINE_BYTES: usize = 4 * 1024 * 1024;
/// So much evidence is read before somebody is told how far it has come.
const EVIDENCE_BYTES: u64 = 32 * 1024 * 1024;
/// So many entries at least are read by one reader, one after another.
const READ_BY_ONE: usize = 8;

/// A line of a segment, as it lies there.
pub(crate) struct Line {
    /// In the segment, from 1.
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) terminated: bool,
}

impl Line {
    pub(crate) fn place(&self) -> String {
        format!("line {}", self.number)
    }
}

/// The lines after these, and whether they end the segment.
pub(crate) fn next_lines(
    from: &mut BufReader<File>,
    mut number: u64,
) -> (Vec<Line>, Option<io::Result<()>>) {
    let (mut lines, mut taken) = (Vec::new(), 0);
    while lines.len() < LINES && taken < LINE_BYTES {
        let mut bytes = Vec::new();
        match read_line(from, &mut bytes) {
            Ok(Some(terminated)) => {
                number += 1;
                taken += bytes.len();
                lines.push(Line { number, bytes, terminated });
            }
            Ok(None) => return (lines, Some(Ok(()))),
            Err(error) => return (lines, Some(Err(error))),
        }
    }
    (lines, None)
}

/// What the lines say.
pub(crate) fn parsed(lines: &[Line], path: &Path) -> Vec<Result<Entry, EvidenceError>> {
    let parse = |line: &Line| Entry::parse(&line.bytes, path, &line.place());
    lines.par_iter().map(parse).collect()
}

impl Verification<'_> {
    /// Reads what entries list, so many of them that progress can be told, and gives what came of it:
    /// for as many of them as it read.
    pub(crate) fn readings(&mut self, entries: &[Result<Entry, EvidenceError>]) -> Vec<Reading> {
        let (mut plans, mut bytes) = (Vec::new(), 0);
        for entry in entries {
            let plan = entry.as_ref().map_or(Plan::Nothing, |entry| self.plan(entry));
            bytes += plan.bytes();
            plans.push((plan, entry));
            if bytes >= EVIDENCE_BYTES {
                break;
            }
        }
        let (vault, depth) = (self.files.vault(), self.depth);
        let carry_out = |reader: &mut Reader, (plan, entry): &(Plan, &Result<Entry, _>)| match entry
        {
            Ok(entry) => plan.carry_out(reader, entry),
            Err(_) => Reading::Nothing,
        };
        // What lies beside one another in a file is read by one reader.
        let plans = plans.par_iter().with_min_len(READ_BY_ONE);
        plans.map_init(|| Reader::new(vault, depth), carry_out).collect()
    }
}
