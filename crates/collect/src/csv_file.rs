//! CSV files, with a map from posting fields to columns.

use std::sync::Arc;

use async_trait::async_trait;
use csv::ByteRecord;
use domain::{Capture, Clock, Outcome, Problem, RowPlace, Source};
use encoding_rs::{Encoding, UTF_8};

use crate::csv_columns::{Columns, no_column};
use crate::csv_rows::{CsvRows, delimiter_of};
use crate::file_opening::{self, FileName};
use crate::file_parts::{self, NextRow, PartForm, RowReader};
use crate::{Collector, Reading, Scan, ScanError};

const EMPTY: Outcome = Outcome::fault("file.empty");
const LONG_HEADER: Outcome = Outcome::fault("file.binary");
const NOT_UTF8: Outcome = Outcome::fault("row.not-utf8");
const NOT_CSV: Outcome = Outcome::fault("row.not-csv");

/// Reads CSV files: comma, semicolon or tab, in any encoding that the first 64 KiB tell.
pub(crate) struct CsvFile {
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Collector for CsvFile {
    fn kind(&self) -> &'static str {
        "csv"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let file = file_opening::open(scan.source)?;
        let mut rows = CsvRows::new(file.reader, delimiter_of(&file.head));
        let mut header = Vec::new();
        match rows.next_row(&mut header).map_err(|error| file.name.broken_off(&error))? {
            NextRow::Row => {}
            NextRow::End => {
                let detail = format!("{} is empty", file.name);
                scan.fail(Problem::new(EMPTY, file.name.address(), detail));
                return Ok(());
            }
            NextRow::TooLong => {
                let detail = format!("{} is no CSV: its first line has no end", file.name);
                let problem = Problem::new(LONG_HEADER, file.name.address(), detail);
                return Err(ScanError::Incomplete(problem));
            }
        }
        let names = header_names(&header, file.encoding);
        Columns::find(scan.source, &names)
            .map_err(|missing| no_column(&file.name, &missing, &names))
            .map_err(ScanError::Incomplete)?;
        if !header.ends_with(b"\n") && !header.ends_with(b"\r") {
            header.push(b'\n');
        }
        let content_type = format!("text/csv; charset={}", file.encoding.name());
        let form = PartForm { header, content_type, list: String::new() };
        file_parts::keep_all(scan, &*self.clock, &file.name, &mut rows, &form).await
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let (file, first_line) = file_parts::place_of(capture);
        let content = capture.content();
        let encoding = encoding_of(capture);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter_of(content))
            .has_headers(false)
            .flexible(true)
            .from_reader(content);
        let mut record = ByteRecord::new();
        // Memory is the only thing that reading bytes from memory can want for.
        if !reader.read_byte_record(&mut record).unwrap_or(false) {
            return Reading::default();
        }
        let names = decoded(&record, encoding).0;
        let columns = match Columns::find(source, &names) {
            Ok(columns) => columns,
            Err(missing) => {
                return Reading::failed(no_column(
                    &FileName::of_capture(capture),
                    &missing,
                    &names,
                ));
            }
        };
        let mut reading = Reading::default();
        let mut lines = LineCount { content, counted_to: 0, line: 0 };
        let header = reader.position().byte();
        let header_lines = lines.before_record_at(header);
        let byte = |at: u64| usize::try_from(at).map_or(content.len(), |at| at.min(content.len()));
        loop {
            let start = reader.position().byte();
            let more = reader.read_byte_record(&mut record);
            if let Ok(false) = more {
                return reading;
            }
            let line = first_line + lines.before_record_at(start) - header_lines;
            let place = format!("{file} line {line}");
            let end = byte(reader.position().byte());
            let row = RowPlace { header: byte(header), start: byte(start), end, line };
            let posting = if more.is_err() {
                Err(Problem::new(NOT_CSV, &place, "the row cannot be taken apart"))
            } else {
                let (cells, had_errors) = decoded(&record, encoding);
                if had_errors && encoding == UTF_8 {
                    Err(Problem::new(NOT_UTF8, &place, "the row is not UTF-8"))
                } else {
                    columns.row(&cells).posting(source, capture, &place, row)
                }
            };
            match posting {
                Ok(posting) => reading.postings.push(posting),
                Err(problem) => reading.problems.push(problem),
            }
        }
    }
}

/// As the import found it; a capture from elsewhere is taken as UTF-8.
fn encoding_of(capture: &Capture) -> &'static Encoding {
    let content_type = capture.header("content-type").unwrap_or_default();
    let label = content_type.split_once("charset=").map_or("utf-8", |(_, label)| label);
    Encoding::for_label(label.as_bytes()).unwrap_or(UTF_8)
}

fn header_names(header: &[u8], encoding: &'static Encoding) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter_of(header))
        .has_headers(false)
        .from_reader(header);
    let mut record = ByteRecord::new();
    let _ = reader.read_byte_record(&mut record);
    decoded(&record, encoding).0
}

/// The cells as text, and whether any bytes made no sense.
fn decoded(record: &ByteRecord, encoding: &'static Encoding) -> (Vec<String>, bool) {
    let mut had_errors = false;
    let cells = record.iter().map(|cell| {
        let (text, errors) = encoding.decode_with_bom_removal(cell);
        had_errors |= errors;
        text.into_owned()
    });
    let cells = cells.collect();
    (cells, had_errors)
}

/// Counts line ends once, from the beginning on.
struct LineCount<'a> {
    content: &'a [u8],
    counted_to: usize,
    line: u64,
}

impl LineCount<'_> {
    /// How many lines end before the record that begins at or after this byte; empty lines may lie
    /// between the two.
    fn before_record_at(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(self.content.len());
        while let Some(next) = self.content.get(self.counted_to) {
            if self.counted_to >= byte && !b"\r\n".contains(next) {
                break;
            }
            self.line += u64::from(*next == b'\n');
            self.counted_to += 1;
        }
        self.line
    }
}
