//! Reads WARC files, ours and others': plain or gzip, versions 1.0 and 1.1, line ends of either
//! kind. Bounded in memory, never panics, whatever the bytes.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// The longest header of a record; longer ones are no honest header.
const HEADER_BYTES: u64 = 64 * 1024;

/// A record as it was read. Field names are to be compared without case: [`WarcRecord::field`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarcRecord {
    /// `WARC/1.1`
    pub version: String,
    /// The named fields, in order.
    pub fields: Vec<(String, String)>,
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
}

impl fmt::Display for WarcProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}: {}", self.record, self.what)
    }
}

/// The records of a WARC file, one in memory at a time. A record that is too large is a problem
/// and passed over; after any other problem nothing more can be read.
pub struct WarcReader<R> {
    input: Input<R>,
    block_bytes: u64,
    record: u64,
    ended: bool,
}

impl<R: BufRead> WarcReader<R> {
    /// Reads from `input`; blocks of more than `block_bytes` are not taken into memory.
    pub fn new(mut input: R, block_bytes: u64) -> io::Result<Self> {
        let gzip = input.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let input = if gzip {
            Input::Gzip(Box::new(BufReader::new(MultiGzDecoder::new(input))))
        } else {
            Input::Plain(input)
        };
        Ok(Self { input, block_bytes, record: 0, ended: false })
    }

    fn step(&mut self) -> Result<Option<WarcRecord>, Stop> {
        let Some((version, fields)) = self.header()? else { return Ok(None) };
        let mut record = WarcRecord { version, fields, block: Vec::new() };
        let length = record.field("Content-Length").and_then(|value| value.parse::<u64>().ok());
        let length = length.ok_or("it states no length")?;
        if length > self.block_bytes {
            let skipped = io::copy(&mut (&mut self.input).take(length), &mut io::sink())?;
            if skipped < length {
                return Err("the file ends inside it".into());
            }
            let what = format!(
                "its block has {length} bytes, more than {} are not read",
                self.block_bytes
            );
            return Err(Stop { what, passed_over: true });
        }
        (&mut self.input).take(length).read_to_end(&mut record.block)?;
        if (record.block.len() as u64) < length {
            return Err("the file ends inside it".into());
        }
        Ok(Some(record))
    }

    /// Version and fields; `None` at the end of the file.
    fn header(&mut self) -> Result<Option<(String, Vec<(String, String)>)>, Stop> {
        let mut left = HEADER_BYTES;
        let mut version = String::new();
        // Blank lines end the record before; some writers leave more or fewer than two.
        while version.is_empty() {
            match self.line(&mut left)? {
                Some(line) => version = line,
                None => return Ok(None),
            }
        }
        self.record += 1;
        if !version.starts_with("WARC/1.") {
            return Err("it does not begin with `WARC/1.`".into());
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        loop {
            let line = self.line(&mut left)?.ok_or("the file ends inside its header")?;
            if line.is_empty() {
                return Ok(Some((version, fields)));
            }
            match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
                (true, Some((_, value)), _) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (false, _, Some((name, value))) => {
                    fields.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                _ => return Err("a line of its header is no field".into()),
            }
        }
    }

    /// A line without its end; `None` at the end of the file.
    fn line(&mut self, left: &mut u64) -> Result<Option<String>, Stop> {
        let mut line = Vec::new();
        let read = (&mut self.input).take(*left).read_until(b'\n', &mut line)? as u64;
        if read == *left {
            return Err("its header is too long".into());
        }
        *left -= read;
        if read == 0 {
            return Ok(None);
        }
        while line.last().is_some_and(|byte| b"\r\n".contains(byte)) {
            line.pop();
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
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
            Err(stop) => {
                self.ended = !stop.passed_over;
                Some(Err(WarcProblem { record: self.record.max(1), what: stop.what }))
            }
        }
    }
}

/// Why a record was not read.
struct Stop {
    what: String,
    passed_over: bool,
}

impl From<&str> for Stop {
    fn from(what: &str) -> Self {
        Self { what: what.to_owned(), passed_over: false }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self { what: error.to_string(), passed_over: false }
    }
}

enum Input<R> {
    Plain(R),
    Gzip(Box<BufReader<MultiGzDecoder<R>>>),
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
