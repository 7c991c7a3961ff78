//! Parquet files (<https://parquet.apache.org/docs/file-format/>): tables packed by column. Such a
//! file cannot be cut between rows, so its rows are kept as JSON, one a line, each cell as text.

use std::collections::BTreeMap;
use std::io::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, Problem, Source};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};

use crate::csv_columns::{Columns, no_column};
use crate::file_opening::{self, FileName};
use crate::file_parts::{self, LONGEST_ROW, NextRow, PartForm, RowReader};
use crate::{Collector, Reading, Scan, ScanError};

const NOT_PARQUET: Outcome = Outcome::fault("file.not-parquet");
const NOT_JSON: Outcome = Outcome::fault("row.not-json");

/// Reads Parquet files, with a map from posting fields to columns as for CSV.
pub(crate) struct ParquetFile {
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Collector for ParquetFile {
    fn kind(&self) -> &'static str {
        "parquet"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let (name, file) = file_opening::open_bytes(scan.source)?;
        let no_table = |what: String| {
            name.problem(NOT_PARQUET, format_args!("is no whole Parquet file: {what}"))
        };
        let table = unbroken(|| SerializedFileReader::new(file.into_inner()))
            .map_err(|broken| no_table(broken.to_string()))?
            .map_err(|error| no_table(error.to_string()))?;
        let schema = table.metadata().file_metadata().schema();
        let names: Vec<_> = schema.get_fields().iter().map(|field| field.name().into()).collect();
        Columns::find(scan.source, &names)
            .map_err(|missing| ScanError::Incomplete(no_column(&name, &missing, &names)))?;
        let content_type = "application/x-ndjson".to_owned();
        let form = PartForm { header: Vec::new(), content_type, list: String::new() };
        let mut rows = TableRows { rows: table.into_iter(), row: 1 };
        file_parts::keep_all(scan, &*self.clock, &name, &mut rows, &form).await
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let mut reading = Reading::default();
        for (row, place, line) in file_parts::lines_of(capture) {
            let posting = serde_json::from_slice::<BTreeMap<String, String>>(line)
                .map_err(|_| Problem::new(NOT_JSON, &place, "the line is no row of a table"))
                .and_then(|cells| {
                    let (names, cells): (Vec<_>, Vec<_>) = cells.into_iter().unzip();
                    let columns = Columns::find(source, &names).map_err(|missing| {
                        no_column(&FileName::of_capture(capture), &missing, &names)
                    })?;
                    columns.row(&cells).posting(source, capture, &place, row)
                });
            match posting {
                Ok(posting) => reading.postings.push(posting),
                Err(problem) => reading.problems.push(problem),
            }
        }
        reading
    }
}

/// The rows of a table.
struct TableRows {
    rows: RowIter<'static>,
    row: u64,
}

impl RowReader for TableRows {
    fn next_row(&mut self, line: &mut Vec<u8>) -> std::io::Result<NextRow> {
        let Some(row) = unbroken(|| self.rows.next())? else { return Ok(NextRow::End) };
        self.row += 1;
        let start = line.len();
        serde_json::to_writer(&mut *line, &cells(&row.map_err(Error::other)?))?;
        line.push(b'\n');
        if line.len() - start <= LONGEST_ROW {
            return Ok(NextRow::Row);
        }
        line.truncate(start);
        Ok(NextRow::TooLong)
    }

    fn line(&self) -> u64 {
        self.row
    }

    fn rows_are_lines(&self) -> bool {
        true
    }
}

/// Asks the library, which panics at some files whose parts do not fit together.
fn unbroken<T>(ask: impl FnOnce() -> T) -> std::io::Result<T> {
    catch_unwind(AssertUnwindSafe(ask)).map_err(|_| Error::other("its parts do not fit together"))
}

/// Each cell as CSV would have it; none of a row is left out, so that all rows have the same columns.
fn cells(row: &Row) -> BTreeMap<&str, String> {
    row.get_column_iter().map(|(name, cell)| (name.as_str(), text(cell))).collect()
}

fn text(cell: &Field) -> String {
    let stated = |time: Result<Timestamp, jiff::Error>| time.map(|time| time.to_string());
    match cell {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Date(days) => {
            let span = Span::new().try_days(*days);
            let day = span.and_then(|span| Date::constant(1970, 1, 1).checked_add(span));
            day.map(|day| day.to_string()).unwrap_or_default()
        }
        Field::TimestampMillis(time) => {
            stated(Timestamp::from_millisecond(*time)).unwrap_or_default()
        }
        Field::TimestampMicros(time) => {
            stated(Timestamp::from_microsecond(*time)).unwrap_or_default()
        }
        other => other.to_string(),
    }
}
