//! Files taken in parts: whole rows, a thousand at most, so that a file of any size passes through
//! little memory and each part is a capture of its own.

use domain::{Capture, Clock, Outcome, Problem, RowPlace};
use url::Url;

use crate::file_capture::capture_of_file;
use crate::file_opening::FileName;
use crate::{Scan, ScanError};

/// Most rows of a part.
const MOST_ROWS: u64 = 1000;
/// Most bytes of a part, without the header lines that each part of a CSV file begins with.
const MOST_BYTES: usize = 1024 * 1024;
/// Longest row; a posting is a few kilobytes.
pub(crate) const LONGEST_ROW: usize = MOST_BYTES;

const TOO_LONG: Outcome = Outcome::fault("row.too-long");
const NO_ROWS: Outcome = Outcome::fault("file.empty");

/// What comes next in a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NextRow {
    /// A row with its line break, appended to the buffer.
    Row,
    /// A row longer than [`LONGEST_ROW`]; passed over.
    TooLong,
    /// No more rows.
    End,
}

/// A file as rows.
pub(crate) trait RowReader: Send {
    /// Appends the next row to `row`.
    fn next_row(&mut self, row: &mut Vec<u8>) -> std::io::Result<NextRow>;

    /// The line of the file in which the next row begins, from 1.
    fn line(&self) -> u64;

    /// Whether a row's line follows from its number. It does not where rows span lines; then parts
    /// carry the line of their first row as well.
    fn rows_are_lines(&self) -> bool;
}

/// How all parts of a file begin and what they are.
pub(crate) struct PartForm {
    pub(crate) header: Vec<u8>,
    pub(crate) content_type: String,
    /// What the rows are counted in, such as `chat=12&`, when a file holds several lists of rows.
    pub(crate) list: String,
}

/// Keeps a whole file in parts. A row that is too long is counted and ends its part, so that the
/// rows of a part follow one another.
pub(crate) async fn keep_all(
    scan: &mut Scan<'_>,
    clock: &dyn Clock,
    name: &FileName,
    rows: &mut dyn RowReader,
    form: &PartForm,
) -> Result<(), ScanError> {
    let mut next_number = 1;
    let mut part = Part::starting(next_number, rows.line());
    let mut row = Vec::new();
    loop {
        row.clear();
        let line = rows.line();
        let next = rows.next_row(&mut row);
        let numbered_by_line = rows.rows_are_lines();
        let next = match next {
            Ok(next) => next,
            Err(error) => {
                // What was read before the file broke off is kept.
                part.keep(scan, clock, name, form, numbered_by_line).await?;
                return Err(name.broken_off(&error));
            }
        };
        let is_full = part.rows == MOST_ROWS || part.body.len() + row.len() > MOST_BYTES;
        if next != NextRow::Row || is_full {
            part.keep(scan, clock, name, form, numbered_by_line).await?;
            part = Part::starting(next_number, line);
        }
        match next {
            NextRow::Row => {
                part.body.extend_from_slice(&row);
                part.rows += 1;
                next_number += 1;
            }
            NextRow::TooLong => {
                let place = format!("{} line {line}", name.address());
                let detail = format!("the row is longer than {LONGEST_ROW} bytes");
                scan.fail(Problem::new(TOO_LONG, place, detail));
                next_number += 1;
                part = Part::starting(next_number, rows.line());
            }
            NextRow::End if next_number == 1 && form.list.is_empty() => {
                let detail = format!("{name} has no rows");
                scan.fail(Problem::new(NO_ROWS, name.address(), detail));
                return Ok(());
            }
            NextRow::End => return Ok(()),
        }
    }
}

/// Rows that follow one another.
struct Part {
    first_row: u64,
    first_line: u64,
    rows: u64,
    body: Vec<u8>,
}

impl Part {
    fn starting(first_row: u64, first_line: u64) -> Self {
        Self { first_row, first_line, rows: 0, body: Vec::new() }
    }

    async fn keep(
        self,
        scan: &mut Scan<'_>,
        clock: &dyn Clock,
        name: &FileName,
        form: &PartForm,
        numbered_by_line: bool,
    ) -> Result<(), ScanError> {
        if self.rows == 0 {
            return Ok(());
        }
        let last_row = self.first_row + self.rows - 1;
        let mut url = format!("{}#{}rows={}-{last_row}", name.address(), form.list, self.first_row);
        if !numbered_by_line {
            url.push_str(&format!("&line={}", self.first_line));
        }
        let body = [form.header.as_slice(), &self.body].concat();
        let capture = capture_of_file(scan.source, url, clock.now(), &form.content_type, body);
        scan.keep(&capture).await?;
        Ok(())
    }
}

/// Where a part stood: the file's address, and the line that its first row began in.
pub(crate) fn place_of(capture: &Capture) -> (String, u64) {
    let Ok(mut url) = Url::parse(&capture.url) else { return (capture.url.clone(), 1) };
    let fragment = url.fragment().unwrap_or_default();
    let number = |name: &str| {
        let value = fragment.split('&').find_map(|part| part.strip_prefix(name))?;
        value.split('-').next()?.parse().ok()
    };
    let first = number("line=").or_else(|| number("rows=")).unwrap_or(1);
    url.set_fragment(None);
    (url.into(), first)
}

/// The lines of a part whose rows are lines, blank ones left out: where each stands, the place that
/// a problem names, and the bytes without blanks around them.
pub fn lines_of(capture: &Capture) -> impl Iterator<Item = (RowPlace, String, &[u8])> {
    let (file, first) = place_of(capture);
    let mut end = 0;
    let lines = capture.content().split_inclusive(|byte| *byte == b'\n');
    (first..).zip(lines).filter_map(move |(number, line)| {
        let row = RowPlace { header: 0, start: end, end: end + line.len(), line: number };
        end = row.end;
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        (!line.is_empty()).then(|| (row, format!("{file} line {number}"), line))
    })
}
