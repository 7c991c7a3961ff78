//! `fusion source test` on a file or a folder: all of it is walked and read, nothing is kept.

use std::collections::BTreeMap;
use std::path::Path;

use async_trait::async_trait;
use collect::{CaptureSink, Collector, KeepError, SavedWeb, Scan, ScanError};
use domain::{Capture, Checkpoint, Posting, Problem, Source, SourceId, SourceKind};
use rules::RuleSet;

use crate::import::kind_of_file;
use crate::{Collectors, Examiner, PipelineError, Probe};

/// Most postings that are shown, and most problems: a file may hold a million of each.
const MOST_SHOWN: usize = 20;
const MOST_PROBLEMS: usize = 1000;

/// A source to be tested, out of a file or a folder that lies there.
pub fn file_to_test(
    path: &Path,
    kind: Option<&str>,
    collectors: &Collectors,
) -> Result<Source, PipelineError> {
    let SourceKind(kind) = match kind {
        None if path.is_dir() => SourceKind("folder".to_owned()),
        kind => kind_of_file(path, kind, collectors)?,
    };
    if !collect::is_file_kind(&kind) || path.is_dir() != (kind == "folder") {
        let kinds = collect::FILE_KINDS.join(", ");
        return Err(PipelineError::Config(format!(
            "kind `{kind}` does not read {}; files are read as {kinds}",
            path.display()
        )));
    }
    let path = std::path::absolute(path).map_err(PipelineError::file("find", path))?;
    let id = SourceId::new("test").map_err(|error| PipelineError::Config(error.to_string()))?;
    Ok(Source::new(id, &kind, path.to_string_lossy(), "source test"))
}

/// Reads all of a file or folder; the first postings are shown with their assessment.
pub(crate) async fn probe_files(
    source: &Source,
    kind: &SourceKind,
    collector: &dyn Collector,
    rule_set: &RuleSet,
) -> Result<Probe, Problem> {
    let no_web = SavedWeb::default();
    let mut sink = ReadAll { source, collector, read: Read::default() };
    let mut scan = Scan::new(source, Checkpoint::default(), &no_web, &mut sink);
    let ended = collector.fetch(&mut scan).await;
    let (tally, problems) = (scan.tally, scan.problems);
    let mut read = sink.read;
    problems.into_iter().for_each(|problem| read.note(problem));
    // What was only counted, such as a file that is still being written.
    for (outcome, times) in tally.iter().filter(|(outcome, _)| !outcome.name.starts_with("fetch."))
    {
        *read.outcomes.entry(outcome.name).or_insert(0) += times;
    }
    if let Err(ScanError::Incomplete(problem)) = ended {
        if read.parts == 0 {
            return Err(problem);
        }
        read.count(problem);
    }
    let mut examiner = Examiner::new(rule_set);
    let postings = read.postings.into_iter().map(|mut posting| {
        let (assessment, _) = examiner.examine_posting(&mut posting);
        (posting, assessment)
    });
    Ok(Probe {
        kind: kind.0.clone(),
        url: source.url.clone(),
        status: 0,
        bytes: read.bytes,
        parts: read.parts,
        found: read.found,
        postings: postings.collect(),
        problems: read.problems,
        outcomes: read.outcomes,
    })
}

/// What was read so far.
#[derive(Default)]
struct Read {
    parts: usize,
    bytes: usize,
    found: usize,
    postings: Vec<Posting>,
    problems: Vec<Problem>,
    outcomes: BTreeMap<&'static str, u64>,
}

impl Read {
    fn count(&mut self, problem: Problem) {
        *self.outcomes.entry(problem.outcome.name).or_insert(0) += 1;
        self.note(problem);
    }

    fn note(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// Reads each part instead of keeping it.
struct ReadAll<'a> {
    source: &'a Source,
    collector: &'a dyn Collector,
    read: Read,
}

#[async_trait]
impl CaptureSink for ReadAll<'_> {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        let reading = self.collector.read(self.source, capture);
        let read = &mut self.read;
        read.parts += 1;
        read.bytes += capture.body.len();
        read.found += reading.postings.len();
        let room = MOST_SHOWN.saturating_sub(read.postings.len());
        read.postings.extend(reading.postings.into_iter().take(room));
        reading.problems.into_iter().for_each(|problem| read.count(problem));
        Ok(true)
    }
}
