//! Files taken in parts: whole rows, a thousand at most, so that a file of any size passes through
//! little memory and each part is a capture of its own.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use domain::{Capture, CaptureId, CaptureMethod, CaptureRole, Clock, Outcome, Problem, Sha256, Source};
use flate2::bufread::MultiGzDecoder;

use crate::{Scan, ScanError};

/// Most rows of a part.
pub(crate) const MOST_ROWS: usize = 1000;
/// Most bytes of a part; a part with one long row may have more.
pub(crate) const MOST_BYTES: usize = 1024 * 1024;
/// Longest row; a posting is a few kilobytes.
pub(crate) const LONGEST_ROW: usize = 1024 * 1024;

const UNREADABLE: Outcome = Outcome::fault("file.unreadable");
const BINARY: Outcome = Outcome::fault("file.binary");
const EMPTY: Outcome = Outcome::fault("file.empty");

/// Opens a file that is plain or gzipped, and looks at its beginning.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead + Send>, Problem> {
    let place = path.to_string_lossy();
    let unreadable = |error: std::io::Error| Problem::new(UNREADABLE, &*place, format!("{place} cannot be read: {error}"));
    let file = BufReader::with_capacity(256 * 1024, File::open(path).map_err(unreadable)?);
    let gzipped = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let mut reader: Box<dyn BufRead + Send> = if gzipped {
        Box::new(BufReader::with_capacity(256 * 1024, MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    let head = reader.fill_buf().map_err(unreadable)?;
    if head.is_empty() {
        return Err(Problem::new(EMPTY, &*place, format!("{place} is empty")));
    }
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if head.iter().take(8192).any(|byte| *byte == 0) && !wide {
        return Err(Problem::new(BINARY, &*place, format!("{place} is a binary file, not text with a row a line")));
    }
    Ok(reader)
}

/// The name by which a file is known in addresses: without its folders, which are nobody's business.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads one line into `line`, break and all. `Ok(None)` at the end; `Ok(Some(false))` when it was
/// too long and is left out.
pub(crate) fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
    let start = line.len();
    let read = Read::take(&mut *reader, LONGEST_ROW as u64 + 1).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(None);
    }
    if line.len() - start <= LONGEST_ROW || line.ends_with(b"\n") {
        return Ok(Some(true));
    }
    line.truncate(start);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(Some(false));
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let step = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(step);
        if end.is_some() {
            return Ok(Some(false));
        }
    }
}

/// Keeps a part. Its address says which rows of which file it holds.
pub(crate) async fn keep_part(
    scan: &mut Scan<'_>,
    clock: &dyn Clock,
    path: &Path,
    content_type: &str,
    rows: std::ops::RangeInclusive<u64>,
    body: Vec<u8>,
) -> Result<(), ScanError> {
    let url = format!("file:///{}#rows={}-{}", name_of(path), rows.start(), rows.end());
    let fetched_at = clock.now();
    let sha256 = Sha256::of(&body);
    let source: &Source = scan.source;
    let capture = Capture {
        id: CaptureId::derive(&source.id, &url, fetched_at, &sha256),
        source: source.id.clone(),
        role: CaptureRole::Page,
        method: CaptureMethod::File,
        url,
        redirects: Vec::new(),
        fetched_at,
        status: 0,
        request_headers: Vec::new(),
        response_headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
        body,
        sha256,
        decoded: None,
    };
    scan.keep(&capture).await?;
    Ok(())
}

/// File name and number of the first row, from a part's address.
pub(crate) fn place_of(capture: &Capture) -> (String, u64) {
    let (file, rows) = capture.url.split_once("#rows=").unwrap_or((&capture.url, "1-"));
    let first = rows.split('-').next().and_then(|first| first.parse().ok()).unwrap_or(1);
    (file.trim_start_matches("file:///").to_owned(), first)
}

/// The path of a file source: absolute, or from the present folder.
pub(crate) fn path_of(source: &Source) -> PathBuf {
    PathBuf::from(source.url.strip_prefix("file://").unwrap_or(&source.url))
}

/// A disk that fails in the middle of a file.
pub(crate) fn broken_off(path: &Path, error: &std::io::Error) -> ScanError {
    let place = path.to_string_lossy();
    ScanError::Incomplete(Problem::new(UNREADABLE, &*place, format!("{place} cannot be read to its end: {error}")))
}
