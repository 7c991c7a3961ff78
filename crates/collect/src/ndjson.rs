//! NDJSON files: one posting a line, in the form that `fusion assess` takes too.

use std::io::{BufRead, Read as _};
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, Problem, Source};
use serde::Deserialize;
use serde_json::Value;

use crate::file_opening;
use crate::file_parts::{self, LONGEST_ROW, NextRow, PartForm, RowReader};
use crate::row::Row;
use crate::{Collector, Reading, Scan, ScanError};

const NOT_JSON: Outcome = Outcome::fault("row.not-json");
const NOT_UTF8: Outcome = Outcome::fault("row.not-utf8");
const JSON_ARRAY: Outcome = Outcome::fault("file.json-array");

/// Reads NDJSON files.
pub(crate) struct Ndjson {
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Collector for Ndjson {
    fn kind(&self) -> &'static str {
        "ndjson"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let file = file_opening::open(scan.source)?;
        let start = file.head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.head);
        if start.trim_ascii_start().starts_with(b"[") {
            let detail = format!("{} is one JSON array; NDJSON has one object a line", file.name);
            let problem = Problem::new(JSON_ARRAY, file.name.address(), detail);
            return Err(ScanError::Incomplete(problem));
        }
        let content_type = "application/x-ndjson".to_owned();
        let form = PartForm { header: Vec::new(), content_type, list: String::new() };
        let mut lines = Lines { reader: file.reader, line: 1 };
        file_parts::keep_all(scan, &*self.clock, &file.name, &mut lines, &form).await
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let mut reading = Reading::default();
        for (row, place, line) in file_parts::lines_of(capture) {
            match parse(line, &place).and_then(|read| read.posting(source, capture, &place, row)) {
                Ok(posting) => reading.postings.push(posting),
                Err(problem) => reading.problems.push(problem),
            }
        }
        reading
    }
}

/// A line as it stands in the file. Values of a wrong type are passed over like unknown keys,
/// save that a number will do for an id.
#[derive(Deserialize)]
struct Line {
    id: Option<Value>,
    text: Option<Value>,
    title: Option<Value>,
    lang: Option<Value>,
    kind: Option<Value>,
    url: Option<Value>,
    author: Option<Value>,
    employer: Option<Value>,
    published_at: Option<Value>,
    region: Option<Value>,
}

fn parse(line: &[u8], place: &str) -> Result<Row, Problem> {
    let text = std::str::from_utf8(line)
        .map_err(|_| Problem::new(NOT_UTF8, place, "the line is not UTF-8"))?;
    // A list of values would be taken for the fields in their order.
    let is_object = text.starts_with('{');
    let line = serde_json::from_str::<Line>(text).map_err(|error| {
        // The library's own words may quote the line; its class and column do not.
        let (class, column) = (error.classify(), error.column());
        format!("the line is no posting in JSON: {class:?} error at column {column}")
    });
    let line = line.and_then(|line| {
        if is_object { Ok(line) } else { Err("the line is no JSON object".to_owned()) }
    });
    let line = line.map_err(|detail| Problem::new(NOT_JSON, place, detail))?;
    let id = match line.id {
        Some(Value::Number(number)) => Some(number.to_string()),
        id => words(id),
    };
    Ok(Row {
        id,
        text: words(line.text),
        title: words(line.title),
        url: words(line.url),
        author: words(line.author),
        employer: words(line.employer),
        published_at: words(line.published_at),
        lang: words(line.lang),
        region: words(line.region),
        kind: words(line.kind),
        hidden_links: Vec::new(),
    })
}

fn words(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(words)) => Some(words),
        _ => None,
    }
}

/// The lines of a file.
struct Lines {
    reader: Box<dyn BufRead + Send>,
    line: u64,
}

impl RowReader for Lines {
    fn next_row(&mut self, row: &mut Vec<u8>) -> std::io::Result<NextRow> {
        let start = row.len();
        let most = LONGEST_ROW as u64 + 1;
        if (&mut self.reader).take(most).read_until(b'\n', row)? == 0 {
            return Ok(NextRow::End);
        }
        self.line += 1;
        if row.len() - start <= LONGEST_ROW {
            return Ok(NextRow::Row);
        }
        let ended = row.ends_with(b"\n");
        row.truncate(start);
        if !ended {
            self.reader.skip_until(b'\n')?;
        }
        Ok(NextRow::TooLong)
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn rows_are_lines(&self) -> bool {
        true
    }
}
