//! Records, one after another.

use std::fmt;
use std::io::{self, BufRead, Read};

use crate::members::Members;

/// The longest header of a record; longer ones are no honest header.
const HEADER_BYTES: u64 = 64 * 1024;
/// So much of a block that is too large is read all the same, to tell what it is.
const BEGINNING: u64 = 16 * 1024;
/// How far the next record is looked for behind a broken one.
const SOUGHT: u64 = 256 * 1024 * 1024;
/// After so many broken places a file is given up.
const MOST_BROKEN: u32 = 1000;

/// A record as it was read. Field names are to be compared without case: [`WarcRecord::field`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarcRecord {
    /// `WARC/1.1`
    pub version: String,
    /// The named fields, in order.
    pub fields: Vec<(String, String)>,
    /// Version and fields as they stood in the file, with the empty line behind them.
    pub head: Vec<u8>,
    /// The content block.
    pub block: Vec<u8>,
}

impl WarcRecord {
    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// `WARC-Type`, empty if it is missing.
    pub fn kind(&self) -> &str {
        self.field("WARC-Type").unwrap_or_default()
    }
}

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarcProblem {
    /// Its number in the file, from 1.
    pub record: u64,
    /// What is wrong with it.
    pub what: String,
    /// The record with the beginning of its block alone, when all that is wrong is its size.
    pub too_large: Option<Box<WarcRecord>>,
}

impl fmt::Display for WarcProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}: {}", self.record, self.what)
    }
}

impl std::error::Error for WarcProblem {}

/// The records of a WARC file, one in memory at a time. A record that is too large is a problem
/// and passed over; behind one that is broken, reading goes on with the next that can be found.
/// Where the first is no record, nothing is looked for: the file is something else.
pub struct WarcReader<R> {
    input: Input<R>,
    block_bytes: u64,
    record: u64,
    broken: u32,
    /// Some record began as one does.
    is_warc: bool,
    ended: bool,
    /// The first line of a record that was found behind a broken one.
    version: Option<Vec<u8>>,
}

impl<R: BufRead> WarcReader<R> {
    /// Reads from `input`; blocks of more than `block_bytes` are not taken into memory.
    pub fn new(mut input: R, block_bytes: u64) -> io::Result<Self> {
        let gzip = input.fill_buf()?.first() == Some(&0x1f);
        let input =
            if gzip { Input::Gzip(Box::new(Members::new(input))) } else { Input::Plain(input) };
        Ok(Self {
            input,
            block_bytes,
            record: 0,
            broken: 0,
            is_warc: false,
            ended: false,
            version: None,
        })
    }

    /// Gives up a file whose gzip members unpack to more than `times` their size in all, 64 MiB
    /// being free: memory is bounded in any case, this bounds the time.
    pub fn unpacking_at_most(mut self, times: u64) -> Self {
        if let Input::Gzip(members) = &mut self.input {
            members.set_most_times(times);
        }
        self
    }

    fn step(&mut self) -> Result<Option<WarcRecord>, Stop> {
        let Some(mut record) = self.header()? else { return Ok(None) };
        let length = record.field("Content-Length").and_then(|value| value.parse::<u64>().ok());
        let length = length.ok_or("it states no length")?;
        let wanted = if length > self.block_bytes { BEGINNING.min(length) } else { length };
        (&mut self.input).take(wanted).read_to_end(&mut record.block)?;
        if (record.block.len() as u64) < wanted {
            return Err("the file ends inside it".into());
        }
        if length > self.block_bytes {
            let left = length - wanted;
            if io::copy(&mut (&mut self.input).take(left), &mut io::sink())? < left {
                return Err("the file ends inside it".into());
            }
            let what = format!(
                "its block has {length} bytes, more than {} are not read",
                self.block_bytes
            );
            return Err(Stop { what, too_large: Some(Box::new(record)) });
        }
        Ok(Some(record))
    }

    /// Looks for the first line of the next record. `false`: there is none.
    fn resume(&mut self) -> bool {
        loop {
            match self.next_version_line() {
                Ok(found) => {
                    self.version = found;
                    return self.version.is_some();
                }
                Err(_) => match &mut self.input {
                    Input::Gzip(members) => match members.resume() {
                        Ok(true) => {}
                        Ok(false) | Err(_) => return false,
                    },
                    Input::Plain(_) => return false,
                },
            }
        }
    }

    fn next_version_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut within = (&mut self.input).take(SOUGHT);
        loop {
            line.clear();
            if (&mut within).take(64).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            if line.starts_with(b"WARC/1.") && line.ends_with(b"\n") {
                return Ok(Some(line));
            }
            if !line.ends_with(b"\n") {
                within.skip_until(b'\n')?;
            }
        }
    }

    /// A record without its block; `None` at the end of the file.
    fn header(&mut self) -> Result<Option<WarcRecord>, Stop> {
        let mut head = Vec::new();
        let mut version = String::new();
        if let Some(found) = self.version.take() {
            head = found;
            version = String::from_utf8_lossy(head.trim_ascii_end()).into_owned();
        }
        // Blank lines end the record before; some writers leave more or fewer than two.
        while version.is_empty() {
            head.clear();
            match self.line(&mut head)? {
                Some(line) => version = line,
                None => return Ok(None),
            }
        }
        self.record += 1;
        if !version.starts_with("WARC/1.") {
            return Err("it does not begin with `WARC/1.`".into());
        }
        self.is_warc = true;
        let mut record = WarcRecord { version, ..WarcRecord::default() };
        loop {
            let line = self.line(&mut head)?.ok_or("the file ends inside its header")?;
            if line.is_empty() {
                record.head = head;
                return Ok(Some(record));
            }
            match (line.starts_with([' ', '\t']), record.fields.last_mut(), line.split_once(':')) {
                (true, Some((_, value)), _) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (false, _, Some((name, value))) => {
                    record.fields.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => return Err("a line of its header is no field".into()),
            }
        }
    }

    /// Appends a line to the header and gives it without its end; `None` at the end of the file.
    fn line(&mut self, head: &mut Vec<u8>) -> Result<Option<String>, Stop> {
        let left = HEADER_BYTES.saturating_sub(head.len() as u64);
        let start = head.len();
        let read = (&mut self.input).take(left).read_until(b'\n', head)? as u64;
        if read == left {
            return Err("its header is too long".into());
        }
        if read == 0 {
            return Ok(None);
        }
        let mut line = &head[start..];
        while let Some((b'\r' | b'\n', rest)) = line.split_last() {
            line = rest;
        }
        Ok(Some(String::from_utf8_lossy(line).into_owned()))
    }
}

impl<R: BufRead> Iterator for WarcReader<R> {
    type Item = Result<WarcRecord, WarcProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.step() {
            Ok(Some(record)) => Some(Ok(record)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(Stop { what, too_large }) => {
                let record = self.record.max(1);
                let mut what = what;
                if too_large.is_none() {
                    self.broken += 1;
                    if self.broken == MOST_BROKEN {
                        what.push_str("; so much of the file is broken that the rest is not read");
                    }
                    self.ended = !self.is_warc || self.broken == MOST_BROKEN || !self.resume();
                }
                Some(Err(WarcProblem { record, what, too_large }))
            }
        }
    }
}

/// Why a record was not read.
struct Stop {
    what: String,
    too_large: Option<Box<WarcRecord>>,
}

impl From<&str> for Stop {
    fn from(what: &str) -> Self {
        Self { what: what.to_owned(), too_large: None }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self { what: error.to_string(), too_large: None }
    }
}

enum Input<R> {
    Plain(R),
    Gzip(Box<Members<R>>),
}

impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(input) => input.read(into),
            Self::Gzip(input) => input.read(into),
        }
    }
}

impl<R: BufRead> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(input) => input.fill_buf(),
            Self::Gzip(input) => input.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Self::Plain(input) => input.consume(amount),
            Self::Gzip(input) => input.consume(amount),
        }
    }
}
