//! The archive: every wording of every posting that was read, flagged or not, with its assessment,
//! as Parquet files by day.
//!
//! It is a view of the custody log and the captures, like the index: it remembers the last entry
//! that it holds, takes in what came since, and can be thrown away at any time. Any program that
//! reads Parquet reads it.

mod columns;
mod known;
mod part;
mod upgrade;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::{Assessment, Posting, Sha256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use self::columns::{APART, Column};
use self::known::Known;
pub(crate) use self::part::{Lists, Part, Words, one_word};
use crate::AnalyticsError;

/// The version of the files' columns.
pub(crate) const FORMAT: u64 = 2;
/// The earliest that is read; see [`upgrade`].
const EARLIEST: u64 = 1;
/// Rows of a file, at most. What is read at a time is one file.
const MOST_ROWS: usize = 65_536;
/// Text of a file in bytes, at most, save that one row more may go in.
const MOST_BYTES: usize = 48 << 20;
/// Postings that are taken in at a time, and their text in bytes: what memory holds of them.
const POSTINGS_AT_A_TIME: usize = 20_000;
const BYTES_AT_A_TIME: usize = 32 << 20;

const HEAD: &str = "head.json";

/// A posting as it was read out of a capture, with what the rules said of it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The custody log's entry of the capture.
    pub entry: u64,
    /// The posting, its contacts filled in.
    pub posting: Posting,
    /// Its assessment.
    pub assessment: Assessment,
}

/// How much an archive holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Extent {
    /// Files.
    pub files: usize,
    /// Wordings of postings.
    pub rows: usize,
    /// Bytes on disk.
    pub bytes: u64,
}

/// The archive of a desk.
#[derive(Debug)]
pub struct Archive {
    dir: PathBuf,
    applied: u64,
    /// Files of an earlier format may be among its files.
    has_earlier: bool,
    /// What the files hold, since something was first taken in.
    known: Option<Known>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u64,
    applied: u64,
    /// Files of an earlier format may be among them: they are being rewritten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_earlier: bool,
}

/// A row that is on its way into the archive.
struct Row {
    arrival: Arrival,
    marks: Marks,
    /// Another wording of the same posting is in the archive already.
    edited: bool,
}

/// What a row is told apart by: the posting, and the posting in this wording.
#[derive(Clone, Copy)]
struct Marks {
    posting: u64,
    wording: u64,
}

impl Marks {
    fn of(posting: &Posting) -> Self {
        let id = posting.id.as_str().as_bytes();
        let content = posting.content_digest();
        Self { posting: half(&[id]), wording: half(&[id, content.as_bytes()]) }
    }
}

/// Eight bytes of a digest: of ten million rows, two share them by chance once in 300,000 archives.
fn half(parts: &[&[u8]]) -> u64 {
    let digest = Sha256::of_parts(parts.iter().copied());
    let (first, _) = digest.as_bytes().split_first_chunk().expect("a digest has 32 bytes");
    u64::from_be_bytes(*first)
}

impl Archive {
    /// Opens the archive in this folder, or begins one. One of an earlier format is read as it is,
    /// and its files are rewritten when something is next taken in.
    pub fn open(dir: &Path) -> Result<Self, AnalyticsError> {
        let path = dir.join(HEAD);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self {
                    dir: dir.to_owned(),
                    applied: 0,
                    has_earlier: false,
                    known: None,
                });
            }
            Err(error) => return Err(AnalyticsError::file("read", path)(error)),
        };
        // A head that says nothing costs a pass over the log and no more.
        let unsaid = Head { format: FORMAT, applied: 0, has_earlier: true };
        let head = serde_json::from_str(&text).unwrap_or(unsaid);
        if head.format > FORMAT {
            return Err(AnalyticsError::Newer { path, format: head.format });
        }
        let has_earlier = head.has_earlier || head.format < FORMAT;
        let mut archive =
            Self { dir: dir.to_owned(), applied: head.applied, has_earlier, known: None };
        if head.format < EARLIEST {
            archive.discard()?;
        }
        Ok(archive)
    }

    /// The number of the last entry of the custody log that the archive holds; 0 before the first.
    pub fn applied(&self) -> u64 {
        self.applied
    }

    /// Empties the archive.
    pub fn discard(&mut self) -> Result<(), AnalyticsError> {
        // The head first: without it, files that stay behind in a crash are found again as rows
        // that are there already.
        for path in std::iter::once(self.dir.join(HEAD)).chain(self.files()?) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(AnalyticsError::file("remove", path)(error));
                }
                _ => {}
            }
        }
        (self.applied, self.has_earlier, self.known) = (0, false, None);
        Ok(())
    }

    /// Takes in what was read up to entry `applied`, in the log's order. Wordings that are there
    /// already are passed over, so that doing it twice, or again after a crash anywhere, is the
    /// same as once. Gives how many were new.
    pub fn take_in(
        &mut self,
        arrivals: Vec<Arrival>,
        applied: u64,
    ) -> Result<usize, AnalyticsError> {
        self.upgrade()?;
        let rows = self.unknown(arrivals)?;
        let new = rows.len();
        // Put back when all is written: what failed halfway is asked of the files again.
        let known = self.known.take();
        let mut days: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            let day = day_of(row.arrival.posting.captured_at);
            days.entry(day).or_default().push(row);
        }
        if new > 0 {
            fs::create_dir_all(&self.dir).map_err(AnalyticsError::file("make", &self.dir))?;
        }
        for (day, rows) in days {
            self.add(&day, rows)?;
        }
        if new > 0 || applied > self.applied {
            self.put_head(applied, self.has_earlier)?;
        }
        self.known = known;
        Ok(new)
    }

    /// Takes in what a desk has read, capture by capture with the number of its entry, until the
    /// custody log's entry `last`. `told` hears of each entry that is in.
    pub fn take_in_all<E: From<AnalyticsError>>(
        &mut self,
        read: impl Iterator<Item = Result<(u64, Vec<(Posting, Assessment)>), E>>,
        last: u64,
        told: &mut dyn FnMut(u64),
    ) -> Result<(), E> {
        let (mut arrivals, mut bytes, mut before) = (Vec::new(), 0, self.applied);
        for capture in read {
            let (entry, postings) = capture?;
            // An entry is taken in whole: what the archive says it holds, it holds.
            if arrivals.len() >= POSTINGS_AT_A_TIME || bytes >= BYTES_AT_A_TIME {
                self.take_in(std::mem::take(&mut arrivals), before)?;
                bytes = 0;
                told(before);
            }
            before = entry;
            for (posting, assessment) in postings {
                bytes += posting.text.len();
                arrivals.push(Arrival { entry, posting, assessment });
            }
        }
        self.take_in(arrivals, last)?;
        Ok(())
    }

    fn put_head(&mut self, applied: u64, has_earlier: bool) -> Result<(), AnalyticsError> {
        fs::create_dir_all(&self.dir).map_err(AnalyticsError::file("make", &self.dir))?;
        let head = Head { format: FORMAT, applied, has_earlier };
        let head = serde_json::to_vec(&head).expect("numbers serialise");
        evidence::replace_file(&self.dir.join(HEAD), &head)?;
        (self.applied, self.has_earlier) = (applied, has_earlier);
        Ok(())
    }

    /// The arrivals whose wording is not in the archive.
    fn unknown(&mut self, arrivals: Vec<Arrival>) -> Result<Vec<Row>, AnalyticsError> {
        if arrivals.is_empty() {
            return Ok(Vec::new());
        }
        let mut known = match self.known.take() {
            Some(known) => known,
            None => Known::read(&self.files()?)?,
        };
        let mut rows = Vec::new();
        for arrival in arrivals {
            let marks = Marks::of(&arrival.posting);
            if let Some(edited) = known.add(marks) {
                rows.push(Row { arrival, marks, edited });
            }
        }
        self.known = Some(known);
        Ok(rows)
    }

    /// Adds rows to a day: to its last file while that is small, else to new ones.
    fn add(&self, day: &str, rows: Vec<Row>) -> Result<(), AnalyticsError> {
        let last = self.files()?.into_iter().rfind(|path| day_and_number(path).0 == day);
        let mut number = last.as_deref().map_or(0, |path| day_and_number(path).1);
        let mut begun = match &last {
            Some(path) => Some(Part::read_whole(path)?).filter(|part| {
                part.height() < MOST_ROWS && part.frame.estimated_size() < MOST_BYTES
            }),
            None => None,
        };
        if begun.is_none() {
            number += 1;
        }
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let there = begun.as_ref().map_or(0, Part::height);
            let mut bytes = begun.as_ref().map_or(0, |part| part.frame.estimated_size());
            let mut taken = Vec::new();
            while there + taken.len() < MOST_ROWS && bytes < MOST_BYTES {
                let Some(row) = rows.next() else { break };
                bytes += row.arrival.posting.text.len() + 1_000;
                taken.push(row);
            }
            let mut frame = columns::frame_of(&taken)?;
            if let Some(begun) = begun.take() {
                frame = begun.frame.vstack(&frame)?;
            }
            let path = self.dir.join(format!("{day}-{number:06}.parquet"));
            part::write(&path, frame)?;
            number += 1;
        }
        Ok(())
    }

    /// The archive's files, by day and number.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>, AnalyticsError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(AnalyticsError::file("list", &self.dir)(error)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(AnalyticsError::file("list", &self.dir))?.path();
            if path.extension().is_some_and(|ending| ending == "parquet") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// The files that may hold something captured at `since` or later.
    pub(crate) fn files_since(
        &self,
        since: Option<Timestamp>,
    ) -> Result<Vec<PathBuf>, AnalyticsError> {
        let mut files = self.files()?;
        if let Some(since) = since {
            let day = day_of(since);
            files.retain(|path| day_and_number(path).0 >= day.as_str());
        }
        Ok(files)
    }

    /// How much it holds.
    pub fn extent(&self) -> Result<Extent, AnalyticsError> {
        let mut extent = Extent::default();
        for file in self.files()? {
            extent.files += 1;
            extent.rows += part::rows_of(&file)?;
            extent.bytes += fs::metadata(&file).map_err(AnalyticsError::file("read", &file))?.len();
        }
        Ok(extent)
    }
}

/// `20261123`, UTC. Years that do not have four digits all go under day 0.
fn day_of(at: Timestamp) -> String {
    let day = at.strftime("%Y%m%d").to_string();
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) { day } else { "00000000".into() }
}

fn day_and_number(path: &Path) -> (&str, u32) {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let (day, number) = name.split_once('-').unwrap_or((name, "0"));
    (day, number.parse().unwrap_or(0))
}
