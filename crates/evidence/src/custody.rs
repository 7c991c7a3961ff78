//! The custody log: append-only, hash-chained, in segments.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::Sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::custody_read::{
    LINE_BYTES, LinesBackwards, entries, first_seq, last_entry, segment_name, segments,
};
use crate::durable::{self, AppendFile};
use crate::entry::{self, Entry};
use crate::event::Event;
use crate::shortened::{self, Cut};
use crate::{EvidenceError, Recovery};

/// A segment that is this long gets no further entry.
const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// Number and hash of the last entry when the log was last sealed.
pub(crate) const HEAD: &str = "head.json";
/// Where torn lines are kept.
pub(crate) const TORN: &str = "torn";

/// The log, open for writing. One process has it at a time; the desk's lock sees to that.
#[derive(Debug)]
pub struct CustodyLog {
    dir: PathBuf,
    segment_bytes: u64,
    /// Number and file of the last segment; `None` before the first entry.
    segment: Option<(u64, AppendFile)>,
    head: Head,
    sealed: Option<Head>,
}

/// What `head.json` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) format: u64,
    /// The last entry; 0 if there is none.
    pub(crate) seq: u64,
    pub(crate) hash: Sha256,
    /// The segment that holds it; 0 if there is none.
    pub(crate) segment: u64,
}

impl Head {
    pub(crate) fn at(seq: u64, hash: Sha256, segment: u64) -> Self {
        Self { format: 1, seq, hash, segment }
    }

    /// Before the first entry.
    pub(crate) fn none() -> Self {
        Self::at(0, entry::no_entry(), 0)
    }

    /// The one way of writing it, so that any changed byte shows.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let Self { format, seq, hash, segment } = self;
        format!("{{\"format\":{format},\"seq\":{seq},\"hash\":\"{hash}\",\"segment\":{segment}}}\n")
            .into_bytes()
    }

    /// `None` if there is no file.
    fn read(dir: &Path) -> Result<Option<Self>, EvidenceError> {
        let path = dir.join(HEAD);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| EvidenceError::damaged(&path, "its start", error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EvidenceError::file("read", &path)(error)),
        }
    }
}

impl CustodyLog {
    /// Opens the log in this folder, and makes it if there is none. A last line that was torn by a
    /// crash is moved to `torn/`; it was never acknowledged. A last line that only lacks its
    /// newline gets it.
    pub fn open(dir: &Path) -> Result<(Self, Recovery), EvidenceError> {
        durable::make_dir(dir)?;
        let mut recovery = Recovery::default();
        let segments = segments(dir)?;
        if let Some((_, last)) = segments.last() {
            mend_tail(last, dir, &mut recovery)?;
        }
        let head = match last_entry(&segments)? {
            Some((segment, entry)) => Head::at(entry.seq, entry.hash, segment),
            None => Head::none(),
        };
        let sealed = Head::read(dir)?;
        match sealed {
            Some(sealed) => check_sealed(dir, &segments, head, sealed)?,
            None if head.seq > 0 => recovery.notes.push(format!(
                "{} is missing; it is made anew, and an end of the log that was cut off before \
                 cannot be noticed by it",
                dir.join(HEAD).display()
            )),
            None => {}
        }
        let segment = match segments.last() {
            Some((number, path)) => Some((*number, AppendFile::open(path)?)),
            None => None,
        };
        let mut log =
            Self { dir: dir.to_owned(), segment_bytes: SEGMENT_BYTES, segment, head, sealed };
        if log.sealed.is_none() {
            log.seal()?;
        }
        Ok((log, recovery))
    }

    /// Starts a new segment at another length than 64 MiB.
    pub fn with_segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Writes entries at the end of the log. When this returns they are on disk and synced; on
    /// error none of them is in the log.
    pub fn append(
        &mut self,
        time: Timestamp,
        actor: &str,
        events: Vec<Event>,
    ) -> Result<Vec<Entry>, EvidenceError> {
        self.append_together(time, events.into_iter().map(|event| (actor, event)))
    }

    /// The same for what several people did at once: one sync for all of it.
    pub fn append_together<'a>(
        &mut self,
        time: Timestamp,
        acts: impl ExactSizeIterator<Item = (&'a str, Event)>,
    ) -> Result<Vec<Entry>, EvidenceError> {
        let mut head = self.head;
        let mut lines = Vec::new();
        let mut entries = Vec::with_capacity(acts.len());
        for (actor, event) in acts {
            let entry = Entry::new(head.seq + 1, time, actor, event, head.hash)?;
            if entry.line().len() as u64 >= LINE_BYTES {
                let what =
                    format!("a custody entry of {} bytes: it is too long", entry.line().len());
                return Err(EvidenceError::Refused { what });
            }
            head = Head::at(entry.seq, entry.hash, 0);
            lines.extend_from_slice(entry.line().as_bytes());
            lines.push(b'\n');
            entries.push(entry);
        }
        if !entries.is_empty() {
            let (segment, file) = self.segment()?;
            file.append(&lines)?;
            self.head = Head { segment: *segment, ..head };
        }
        Ok(entries)
    }

    /// Number and hash of the last entry; 0 and zeros when there is none.
    pub fn head(&self) -> (u64, Sha256) {
        (self.head.seq, self.head.hash)
    }

    /// Writes the head beside the log, so that cutting off its end is noticed. To be called at the
    /// end of each command.
    pub fn seal(&mut self) -> Result<(), EvidenceError> {
        if self.sealed != Some(self.head) {
            durable::replace(&self.dir.join(HEAD), &self.head.to_bytes())?;
            self.sealed = Some(self.head);
        }
        Ok(())
    }

    /// Shortens these lines, so many segments written anew as hold one of them. Done again, it is the
    /// same as once.
    pub(crate) fn shorten(&mut self, cuts: &BTreeMap<u64, Cut<'_>>) -> Result<(), EvidenceError> {
        let segments = segments(&self.dir)?;
        let mut firsts = Vec::with_capacity(segments.len());
        for (_, path) in &segments {
            // A segment that is empty holds nothing to be shortened.
            firsts.push(first_seq(path)?.unwrap_or(u64::MAX));
        }
        for (index, (number, path)) in segments.iter().enumerate() {
            let next = firsts[index + 1..].iter().find(|first| **first < u64::MAX);
            let range = firsts[index]..next.copied().unwrap_or(u64::MAX);
            if range.is_empty() || cuts.range(range).next().is_none() {
                continue;
            }
            shortened::shorten(path, cuts)?;
            if let Some((current, file)) = &mut self.segment
                && current == number
            {
                // It is another file by now, of the same name.
                *file = AppendFile::open(path)?;
            }
        }
        Ok(())
    }

    /// The segment that takes the next entry.
    fn segment(&mut self) -> Result<&mut (u64, AppendFile), EvidenceError> {
        let next = match &self.segment {
            Some((_, file)) if file.len() < self.segment_bytes => None,
            Some((number, _)) => Some(number + 1),
            None => Some(1),
        };
        if let Some(number) = next {
            let file = AppendFile::create(&self.dir.join(segment_name(number)))?;
            self.segment = Some((number, file));
        }
        Ok(self.segment.as_mut().expect("it was just made if there was none"))
    }
}

/// What a crash left at the end of the last segment. Only the end can be half written: a line
/// without its newline, or blocks of zeros where the disk had the new length already and not the
/// bytes. Anything else that does not agree is damage, and left for `verify` to name.
fn mend_tail(path: &Path, dir: &Path, recovery: &mut Recovery) -> Result<(), EvidenceError> {
    let mut lines = LinesBackwards::open(path)?;
    let length = lines.length();
    let mut keep = length;
    while let Some(line) = lines.next()? {
        let unfinished = keep == length && !line.terminated;
        if unfinished && Entry::parse(&line.bytes, path, "its end").is_ok() {
            AppendFile::open(path)?.append(b"\n")?;
            recovery.notes.push(format!("{} lacked its last newline", path.display()));
            return Ok(());
        }
        if !unfinished && !line.bytes.contains(&0) {
            break;
        }
        keep = line.start;
    }
    if keep < length {
        let name = durable::set_aside_tail(path, keep, &dir.join(TORN))?;
        recovery.notes.push(format!(
            "{} ended with {} bytes of an entry that was never acknowledged; they are kept in {}",
            path.display(),
            length - keep,
            dir.join(TORN).join(name).display()
        ));
    }
    Ok(())
}

/// The log must reach at least as far as it did when it was last sealed, by the same entry.
fn check_sealed(
    dir: &Path,
    segments: &[(u64, PathBuf)],
    head: Head,
    sealed: Head,
) -> Result<(), EvidenceError> {
    if sealed.format > 1 {
        return Err(EvidenceError::Newer { path: dir.join(HEAD), format: sealed.format });
    }
    if sealed.seq > head.seq {
        let last = segments.last().map_or(dir, |(_, path)| path);
        let what = format!(
            "the log ends with entry {} and had {} when it was last sealed; restore its folder \
             from a backup",
            head.seq, sealed.seq
        );
        return Err(EvidenceError::damaged(last, "its end", what));
    }
    let hash = if sealed.seq == head.seq {
        head.hash
    } else if sealed.seq == 0 {
        entry::no_entry()
    } else {
        match entries(dir, sealed.seq - 1)?.next() {
            Some(entry) => entry?.hash,
            None => entry::no_entry(),
        }
    };
    if hash != sealed.hash {
        let what =
            format!("entry {} of the log has another hash than when it was sealed", sealed.seq);
        return Err(EvidenceError::damaged(&dir.join(HEAD), "its hash", what));
    }
    Ok(())
}
