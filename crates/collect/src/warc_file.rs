use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, OutcomeClass, Problem, Source};
use warc::{WarcProblem, WarcReader};

use crate::archive_record::{self, LARGEST_BLOCK, RECORD_TYPE};
use crate::file_capture::capture_of_file;
use crate::file_opening;
use crate::saved_page::{PageReader, read_saved};
use crate::{Collector, Reading, Scan, ScanError};

const BROKEN: Outcome = Outcome::fault("record.broken");
const TOO_LARGE: Outcome = Outcome::fault("record.too-large");
const NO_WARC: Outcome = Outcome::fault("file.not-warc");
/// A page unpacks to ten times its size, a very regular one to a hundred.
const MOST_TIMES: u64 = 200;

/// Web archives of other programs: WARC 1.0 and 1.1, plain or gzip. Each record that holds a page
/// is a capture of its own.
pub(crate) struct WarcFile {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pages: PageReader,
}

#[async_trait]
impl Collector for WarcFile {
    fn kind(&self) -> &'static str {
        "warc"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let (name, file) = file_opening::open_bytes(scan.source)?;
        let address = format!("{}#", name.address());
        let kept = keep_records(scan, &*self.clock, &address, file, &mut BTreeSet::new()).await?;
        match kept {
            Records::Some => Ok(()),
            Records::None(why) => {
                let what = format!("is no WARC file: {why}; an ARC file must be converted first");
                Err(name.problem(NO_WARC, what))
            }
        }
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        read_record(source, capture, &self.pages)
    }
}

/// The postings of a capture that is a record.
pub(crate) fn read_record(source: &Source, capture: &Capture, pages: &PageReader) -> Reading {
    match archive_record::page_of(capture) {
        Ok((page, saved_at)) => read_saved(source, &page, saved_at, pages),
        Err(problem) => Reading::failed(problem),
    }
}

/// Whether there was any record that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    Some,
    /// What is wrong with the first.
    None(String),
}

/// Keeps each record that holds a page; counts each that does not, and names each that is broken.
/// Records are known by their number: `address` and `record=7`. Addresses that some record is of
/// are taken out of `wanted`.
pub(crate) async fn keep_records(
    scan: &mut Scan<'_>,
    clock: &dyn Clock,
    address: &str,
    file: impl BufRead + Send,
    wanted: &mut BTreeSet<String>,
) -> Result<Records, ScanError> {
    let unreadable = |error: std::io::Error| {
        ScanError::Incomplete(Problem::new(
            BROKEN,
            address.trim_end_matches('#'),
            error.to_string(),
        ))
    };
    let records = WarcReader::new(file, LARGEST_BLOCK).map_err(unreadable)?;
    let mut found = Records::None("it is empty".to_owned());
    let mut broken = Vec::new();
    for (number, record) in (1_u64..).zip(records.unpacking_at_most(MOST_TIMES)) {
        let place = format!("{address}record={number}");
        let record = match record {
            // Nothing is said of single records before it is certain that the file is an archive.
            Err(problem) if found != Records::Some && problem.too_large.is_none() => {
                if broken.is_empty() {
                    found = Records::None(problem.what.clone());
                }
                broken.push((place, problem));
                continue;
            }
            Err(problem) => {
                found = Records::Some;
                fail(scan, &place, problem);
                continue;
            }
            Ok(record) => record,
        };
        found = Records::Some;
        broken.drain(..).for_each(|(place, problem)| fail(scan, &place, problem));
        if let Some(url) = archive_record::address(&record) {
            wanted.remove(&url);
        }
        match archive_record::holds_page(&record, &place, true) {
            Ok(()) => {
                let body = [record.head, record.block].concat();
                let capture = capture_of_file(scan.source, place, clock.now(), RECORD_TYPE, body);
                scan.keep(&capture).await?;
            }
            Err(problem) if problem.outcome.class == OutcomeClass::Fault => scan.fail(problem),
            // Pictures and scripts by the thousand are counted, and not named one by one.
            Err(problem) => scan.tally.count(problem.outcome),
        }
    }
    Ok(found)
}

/// A film that is too large is no fault: it would not be read anyway.
fn fail(scan: &mut Scan<'_>, place: &str, problem: WarcProblem) {
    let outcome = match &problem.too_large {
        None => BROKEN,
        Some(beginning) => match archive_record::holds_page(beginning, place, false) {
            Ok(()) => TOO_LARGE,
            Err(problem) => problem.outcome,
        },
    };
    match outcome.class {
        OutcomeClass::Fault => scan.fail(Problem::new(outcome, place, problem.what)),
        _ => scan.tally.count(outcome),
    }
}
