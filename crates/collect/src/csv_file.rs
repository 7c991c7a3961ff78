//! CSV files, with a map from posting fields to columns.

use std::collections::BTreeMap;
use std::io::{BufRead, Read as _};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, Problem, Source};

use crate::file_parts::{self, LONGEST_ROW, MOST_BYTES, MOST_ROWS};
use crate::row::Row;
use crate::{Collector, Reading, Scan, ScanError, decode};

const NO_COLUMN: Outcome = Outcome::fault("file.no-column");
const UNKNOWN_FIELD: Outcome = Outcome::fault("source.unknown-field");
const BROKEN_ROW: Outcome = Outcome::fault("row.not-csv");
const TOO_LONG: Outcome = Outcome::fault("row.too-long");

/// The posting fields that a column can fill.
const FIELDS: [&str; 10] =
    ["id", "text", "title", "url", "author", "employer", "published_at", "lang", "region", "kind"];

/// Reads CSV files.
pub(crate) struct CsvFile {
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Collector for CsvFile {
    fn kind(&self) -> &'static str {
        "csv"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let path = file_parts::path_of(scan.source);
        let mut rows = Rows::open(&path).map_err(ScanError::Incomplete)?;
        let header = rows.next_row(&path)?.unwrap_or_default();
        check_columns(scan.source, &header, &path).map_err(ScanError::Incomplete)?;
        let mut row = 0;
        loop {
            let first = row + 1;
            let mut body = header.clone();
            let mut ended = false;
            for _ in 0..MOST_ROWS {
                match rows.next_row(&path)? {
                    None => {
                        ended = true;
                        break;
                    }
                    Some(bytes) if bytes.len() > LONGEST_ROW => {
                        row += 1;
                        let place = format!("{} row {row}", file_parts::name_of(&path));
                        scan.fail(Problem::new(TOO_LONG, place, "the row is longer than a posting can be"));
                        // The numbers of the rows that follow must stay right.
                        break;
                    }
                    Some(bytes) => {
                        body.extend_from_slice(&bytes);
                        row += 1;
                        if body.len() >= MOST_BYTES {
                            break;
                        }
                    }
                }
            }
            if body.len() > header.len() {
                file_parts::keep_part(scan, &*self.clock, &path, "text/csv", first..=row, body).await?;
            }
            if ended {
                return Ok(());
            }
        }
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let (file, first) = file_parts::place_of(capture);
        let text = decode(capture.content(), None).text;
        let mut reading = Reading::default();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(text.lines().next().unwrap_or_default()))
            .flexible(true)
            .from_reader(text.as_bytes());
        let Ok(headers) = reader.headers().cloned() else { return reading };
        let columns = match Columns::find(source, &headers) {
            Ok(columns) => columns,
            Err(missing) => {
                return Reading::failed(Problem::new(NO_COLUMN, &file, format!("{file} has no column `{missing}`")));
            }
        };
        for (number, record) in (first..).zip(reader.records()) {
            let place = format!("{file} row {number}");
            let read = record
                .map_err(|_| Problem::new(BROKEN_ROW, &place, "the row cannot be taken apart"))
                .and_then(|record| columns.row(&record).posting(source, capture, &place));
            match read {
                Ok(posting) => reading.postings.push(posting),
                Err(problem) => reading.problems.push(problem),
            }
        }
        reading
    }
}

/// Where each field stands: indexes of columns, joined with an empty line when there are several.
struct Columns(BTreeMap<&'static str, Vec<usize>>);

impl Columns {
    /// Finds the mapped columns, and those that are named like a field; or the name that is missing.
    fn find(source: &Source, headers: &csv::StringRecord) -> Result<Self, String> {
        let place = |name: &str| {
            headers.iter().position(|header| header.trim().trim_start_matches('\u{feff}').eq_ignore_ascii_case(name.trim()))
        };
        let mut found = BTreeMap::new();
        for field in FIELDS {
            let Some(mapped) = source.columns.get(field) else {
                found.extend(place(field).map(|index| (field, vec![index])));
                continue;
            };
            // A header may itself hold a plus.
            let indexes = match place(mapped) {
                Some(index) => vec![index],
                None => mapped
                    .split('+')
                    .map(|name| place(name).ok_or_else(|| name.trim().to_owned()))
                    .collect::<Result<_, _>>()?,
            };
            found.insert(field, indexes);
        }
        if !found.contains_key("text") && !found.contains_key("title") {
            return Err("text".to_owned());
        }
        Ok(Self(found))
    }

    fn row(&self, record: &csv::StringRecord) -> Row {
        let field = |name: &str| {
            let indexes = self.0.get(name)?;
            let cells: Vec<&str> =
                indexes.iter().filter_map(|index| record.get(*index)).filter(|cell| !cell.trim().is_empty()).collect();
            (!cells.is_empty()).then(|| cells.join("\n\n"))
        };
        Row {
            id: field("id"),
            text: field("text"),
            title: field("title"),
            url: field("url"),
            author: field("author"),
            employer: field("employer"),
            published_at: field("published_at"),
            lang: field("lang"),
            region: field("region"),
            kind: field("kind"),
        }
    }
}

fn check_columns(source: &Source, header: &[u8], path: &Path) -> Result<(), Problem> {
    let name = file_parts::name_of(path);
    if let Some(unknown) = source.columns.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        let what = format!("a posting has no field `{unknown}`; it has: {}", FIELDS.join(", "));
        return Err(Problem::new(UNKNOWN_FIELD, name, what));
    }
    let text = decode(header, None).text;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text.lines().next().unwrap_or_default()))
        .from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    Columns::find(source, &headers).map(|_| ()).map_err(|missing| {
        let has: Vec<&str> = headers.iter().take(30).collect();
        let what = format!("{name} has no column `{missing}`; it has: {}; say --column FIELD=HEADER", has.join(", "));
        Problem::new(NO_COLUMN, &name, what)
    })
}

/// The mark that the header line has most of.
fn delimiter(header: &str) -> u8 {
    let count = |mark: u8| header.bytes().filter(|byte| *byte == mark).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(b',')
}

/// The rows of a file as bytes, quoted line breaks inside them. The file's encoding is ASCII-like, or
/// it is turned into UTF-8 first.
struct Rows {
    reader: Box<dyn BufRead + Send>,
}

impl Rows {
    fn open(path: &Path) -> Result<Self, Problem> {
        let mut reader = file_parts::open(path)?;
        let wide = reader.fill_buf().is_ok_and(|head| head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff"));
        if wide {
            // Spreadsheets write UTF-16; such files are small enough to turn as a whole.
            let mut bytes = Vec::new();
            let read = (&mut reader).take(256 * 1024 * 1024).read_to_end(&mut bytes);
            if read.is_ok() {
                let text = decode(&bytes, None).text.into_bytes();
                return Ok(Self { reader: Box::new(std::io::Cursor::new(text)) });
            }
        }
        Ok(Self { reader })
    }

    fn next_row(&mut self, path: &Path) -> Result<Option<Vec<u8>>, ScanError> {
        let mut row = Vec::new();
        let mut quotes = 0;
        loop {
            let start = row.len();
            match file_parts::read_line(&mut *self.reader, &mut row) {
                Ok(None) if row.is_empty() => return Ok(None),
                Ok(None) => return Ok(Some(row)),
                Ok(Some(true)) => {}
                // Longer than it may be: told by its length.
                Ok(Some(false)) => row.resize(LONGEST_ROW + 1, b' '),
                Err(error) => return Err(file_parts::broken_off(path, &error)),
            }
            quotes += row[start..].iter().filter(|byte| **byte == b'"').count();
            // An open quote goes on in the next line, unless it was never meant as one.
            if quotes % 2 == 0 || row.len() > LONGEST_ROW {
                if row.trim_ascii().is_empty() {
                    row.clear();
                    continue;
                }
                return Ok(Some(row));
            }
        }
    }
}
