//! NDJSON files: one posting a line, in the form that `fusion assess` takes too.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, Problem, Source};
use serde::Deserialize;

use crate::file_parts::{self, MOST_BYTES, MOST_ROWS};
use crate::row::Row;
use crate::{Collector, Reading, Scan, ScanError};

const NOT_JSON: Outcome = Outcome::fault("row.not-json");
const NOT_UTF8: Outcome = Outcome::fault("row.not-utf8");
const TOO_LONG: Outcome = Outcome::fault("row.too-long");

/// Reads NDJSON files.
pub(crate) struct Ndjson {
    pub(crate) clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    employer: Option<String>,
    #[serde(default)]
    published_at: Option<String>,
    #[serde(default)]
    region: Option<String>,
}

#[async_trait]
impl Collector for Ndjson {
    fn kind(&self) -> &'static str {
        "ndjson"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let path = file_parts::path_of(scan.source);
        let mut reader = file_parts::open(&path).map_err(ScanError::Incomplete)?;
        let mut row = 0;
        loop {
            let first = row + 1;
            let mut body = Vec::new();
            let mut rows = 0;
            let mut ended = false;
            while rows < MOST_ROWS && body.len() < MOST_BYTES {
                match file_parts::read_line(&mut *reader, &mut body) {
                    Ok(Some(true)) => {}
                    Ok(Some(false)) => {
                        let place = format!("{} line {}", file_parts::name_of(&path), row + 1);
                        scan.fail(Problem::new(TOO_LONG, place, "the line is longer than a posting can be"));
                        // An empty line in its place keeps the numbers of those that follow.
                        body.push(b'\n');
                    }
                    Ok(None) => {
                        ended = true;
                        break;
                    }
                    Err(error) => return Err(file_parts::broken_off(&path, &error)),
                }
                rows += 1;
                row += 1;
            }
            if !body.is_empty() {
                file_parts::keep_part(scan, &*self.clock, &path, "application/x-ndjson", first..=row, body).await?;
            }
            if ended {
                return Ok(());
            }
        }
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let (file, first) = file_parts::place_of(capture);
        let mut reading = Reading::default();
        for (number, line) in (first..).zip(capture.content().split(|byte| *byte == b'\n')) {
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
            if line.is_empty() {
                continue;
            }
            let place = format!("{file} line {number}");
            match parse(line, &place).and_then(|row| row.posting(source, capture, &place)) {
                Ok(posting) => reading.postings.push(posting),
                Err(problem) => reading.problems.push(problem),
            }
        }
        reading
    }
}

fn parse(line: &[u8], place: &str) -> Result<Row, Problem> {
    let text = std::str::from_utf8(line).map_err(|_| Problem::new(NOT_UTF8, place, "the line is not UTF-8"))?;
    let line: Line = serde_json::from_str(text).map_err(|error| {
        // The library's words may quote the line; its category and column do not.
        let what = format!("the line is no posting in JSON: {:?} error at column {}", error.classify(), error.column());
        Problem::new(NOT_JSON, place, what)
    })?;
    Ok(Row {
        id: line.id,
        text: line.text,
        title: line.title,
        url: line.url,
        author: line.author,
        employer: line.employer,
        published_at: line.published_at,
        lang: line.lang,
        region: line.region,
        kind: line.kind,
    })
}
