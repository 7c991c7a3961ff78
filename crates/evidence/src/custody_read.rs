//! Reading the custody log: forwards from any entry, and backwards from its end. Both keep one
//! line in memory.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use domain::{CaptureRole, Sha256};

use crate::EvidenceError;
use crate::entry::{self, Entry};
use crate::event::Event;

/// No line is longer, so no reader needs more memory for one.
pub(crate) const LINE_BYTES: u64 = 64 * 1024 * 1024;
/// How much is read at once going backwards; more only for a line that is longer.
const PIECE: u64 = 64 * 1024;

/// The entries after number `after`, in order, one in memory at a time. Each line's hash and its
/// link to the line before are checked on the way; the first that does not agree ends the walk.
pub fn entries(
    custody_dir: &Path,
    after: u64,
) -> Result<impl Iterator<Item = Result<Entry, EvidenceError>> + use<>, EvidenceError> {
    let mut segments = segments(custody_dir)?;
    let mut skip = 0;
    for (index, (_, path)) in segments.iter().enumerate().skip(1) {
        // A segment may be empty: its first entry was torn.
        if first_seq(path)?.is_some_and(|seq| seq <= after.saturating_add(1)) {
            skip = index;
        }
    }
    segments.drain(..skip);
    let before = (after == 0).then(entry::no_entry);
    Ok(Entries { after, segments: segments.into_iter(), open: None, before, ended: false })
}

/// What the log says of captures at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LastCaptures {
    /// WARC file and end of the last capture of any role: how far the captures are acknowledged.
    pub end: Option<(String, u64)>,
    /// The entries of the last captures that were pages, in the order of the log.
    pub pages: Vec<Entry>,
}

/// Finds the last captures, so many pages among them, reading the log from its end backwards.
pub fn last_captures(custody_dir: &Path, pages: usize) -> Result<LastCaptures, EvidenceError> {
    let mut last = LastCaptures::default();
    for (_, path) in segments(custody_dir)?.iter().rev() {
        let mut lines = LinesBackwards::open(path)?;
        while let Some(line) = lines.next()? {
            if !entry::states_capture(&line.bytes) {
                continue;
            }
            let entry = Entry::parse(&line.bytes, path, &format!("byte {}", line.start))?;
            let (Event::Capture { role, file, offset, length, .. }
            | Event::DeletedCapture { role, file, offset, length, .. }) = &entry.event
            else {
                continue;
            };
            last.end.get_or_insert_with(|| (file.clone(), offset.saturating_add(*length)));
            let is_there = matches!(entry.event, Event::Capture { .. });
            if is_there && *role == CaptureRole::Page {
                last.pages.insert(0, entry);
            }
            if last.pages.len() >= pages {
                return Ok(last);
            }
        }
    }
    Ok(last)
}

/// The last entry of the log, with the number of its segment.
pub(crate) fn last_entry(
    segments: &[(u64, PathBuf)],
) -> Result<Option<(u64, Entry)>, EvidenceError> {
    for (number, path) in segments.iter().rev() {
        if let Some(line) = LinesBackwards::open(path)?.next()? {
            let entry = Entry::parse(&line.bytes, path, &format!("byte {}", line.start))?;
            return Ok(Some((*number, entry)));
        }
    }
    Ok(None)
}

/// The segments of a log in order, each with its number. No folder, no segments.
pub(crate) fn segments(dir: &Path) -> Result<Vec<(u64, PathBuf)>, EvidenceError> {
    let mut segments = Vec::new();
    let files = match fs::read_dir(dir) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(segments),
        Err(error) => return Err(EvidenceError::file("read", dir)(error)),
    };
    for file in files {
        let file = file.map_err(EvidenceError::file("read", dir))?;
        if let Some(number) = file.file_name().to_str().and_then(segment_number) {
            segments.push((number, file.path()));
        }
    }
    segments.sort();
    Ok(segments)
}

/// `log-000001.ndjson`
pub(crate) fn segment_name(number: u64) -> String {
    format!("log-{number:06}.ndjson")
}

/// The number of a segment's file name; `None` if it is none.
pub(crate) fn segment_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix("log-")?.strip_suffix(".ndjson")?.parse().ok()?;
    (number > 0 && segment_name(number) == name).then_some(number)
}

/// Reads the next line into `line`, without its newline, and tells whether it had one. `None` at
/// the end. A line beyond [`LINE_BYTES`] comes in pieces, which no check of a line will pass.
pub(crate) fn read_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    if from.take(LINE_BYTES).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let terminated = line.last() == Some(&b'\n');
    if terminated {
        line.pop();
    }
    Ok(Some(terminated))
}

pub(crate) fn first_seq(path: &Path) -> Result<Option<u64>, EvidenceError> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(64).read_to_end(&mut start))
        .map_err(EvidenceError::file("read", path))?;
    Ok(entry::stated_seq(&start))
}

struct Entries {
    after: u64,
    segments: std::vec::IntoIter<(u64, PathBuf)>,
    open: Option<OpenSegment>,
    /// Hash of the entry before the next one, once it is known.
    before: Option<Sha256>,
    ended: bool,
}

struct OpenSegment {
    path: PathBuf,
    lines: BufReader<File>,
    line: u64,
}

impl Entries {
    fn step(&mut self) -> Result<Option<Entry>, EvidenceError> {
        let mut line = Vec::new();
        loop {
            let Some(open) = &mut self.open else {
                let Some((_, path)) = self.segments.next() else { return Ok(None) };
                let file = File::open(&path).map_err(EvidenceError::file("open", &path))?;
                let lines = BufReader::with_capacity(256 * 1024, file);
                self.open = Some(OpenSegment { path, lines, line: 0 });
                continue;
            };
            let read = read_line(&mut open.lines, &mut line);
            if read.map_err(EvidenceError::file("read", &open.path))?.is_none() {
                self.open = None;
                continue;
            }
            open.line += 1;
            if entry::stated_seq(&line).is_some_and(|seq| seq <= self.after) {
                self.before = entry::stated_hash(&line);
                continue;
            }
            let place = format!("line {}", open.line);
            let entry = Entry::parse(&line, &open.path, &place)?;
            let follows = self.before.is_none_or(|before| before == entry.prev);
            if entry.seq != self.after.saturating_add(1) || !follows {
                let what = format!("entry {} does not follow entry {}", entry.seq, self.after);
                return Err(EvidenceError::damaged(&open.path, place, what));
            }
            self.after = entry.seq;
            self.before = Some(entry.hash);
            return Ok(Some(entry));
        }
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, EvidenceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let step = self.step().transpose();
        self.ended = !matches!(step, Some(Ok(_)));
        step
    }
}

/// One line, read backwards.
pub(crate) struct Line {
    /// Offset of its first byte.
    pub(crate) start: u64,
    /// Without the newline.
    pub(crate) bytes: Vec<u8>,
    /// Whether a newline ended it.
    pub(crate) terminated: bool,
}

/// The lines of a file, the last one first.
pub(crate) struct LinesBackwards {
    path: PathBuf,
    file: File,
    length: u64,
    /// Offset of the first byte in `unread`; what lies before is not read yet.
    start: u64,
    unread: Vec<u8>,
}

impl LinesBackwards {
    pub(crate) fn open(path: &Path) -> Result<Self, EvidenceError> {
        let file = File::open(path).map_err(EvidenceError::file("open", path))?;
        let length = file.metadata().map_err(EvidenceError::file("read", path))?.len();
        Ok(Self { path: path.to_owned(), file, length, start: length, unread: Vec::new() })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn next(&mut self) -> Result<Option<Line>, EvidenceError> {
        if self.unread.is_empty() && !self.read_more()? {
            return Ok(None);
        }
        let terminated = self.unread.last() == Some(&b'\n');
        if terminated {
            self.unread.pop();
        }
        loop {
            let newline = self.unread.iter().rposition(|byte| *byte == b'\n');
            if let Some(newline) = newline {
                let bytes = self.unread.split_off(newline + 1);
                return Ok(Some(Line {
                    start: self.start + newline as u64 + 1,
                    bytes,
                    terminated,
                }));
            }
            if !self.read_more()? {
                let bytes = std::mem::take(&mut self.unread);
                return Ok(Some(Line { start: 0, bytes, terminated }));
            }
        }
    }

    /// Puts the piece before `start` in front of `unread`; false at the start of the file.
    fn read_more(&mut self) -> Result<bool, EvidenceError> {
        // At least as much again as is there: a long line is not copied once for each piece.
        let length = PIECE.max(self.unread.len() as u64).min(self.start);
        if length == 0 {
            return Ok(false);
        }
        let start = self.start - length;
        let mut piece = vec![0; length as usize];
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.read_exact(&mut piece))
            .map_err(EvidenceError::file("read", &self.path))?;
        piece.append(&mut self.unread);
        self.unread = piece;
        self.start = start;
        Ok(true)
    }
}
