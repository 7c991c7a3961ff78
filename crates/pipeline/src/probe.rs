//! `fusion source test`: one fetch, shown, nothing kept.

use collect::{FetchRefusal, Fetched, Reading, Request, Web};
use domain::{Assessment, Capture, Posting, Problem, Source, SourceKind};
use rules::RuleSet;
use serde::Serialize;

use crate::{Collectors, Examiner};

/// What one fetch of a source would read.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// The collector that read it: the one asked for, or the one that reads the most.
    pub kind: String,
    /// The address that answered.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Size of the body as received.
    pub bytes: usize,
    /// What was read, with its assessment.
    pub postings: Vec<(Posting, Assessment)>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Fetches the source's address once and reads it. Without `kind`, every collector of pages tries
/// and the one that reads the most postings is shown.
pub async fn probe(
    source: &Source,
    kind: Option<&SourceKind>,
    web: &dyn Web,
    collectors: &Collectors,
    rule_set: &RuleSet,
) -> Result<Probe, Problem> {
    let request = Request { url: source.url.clone(), ..Request::default() };
    let capture = match web.get(source, &request, &mut Vec::new()).await {
        Ok(Fetched::Answer(capture)) => capture,
        Ok(Fetched::NotModified) => {
            return Err(Problem::new(
                domain::Outcome::fault("fetch.unasked-304"),
                &source.url,
                "the server answered 304 though nothing was asked conditionally",
            ));
        }
        Err(FetchRefusal(problem)) => return Err(problem),
    };
    let (kind, reading) = best_reading(source, kind, &capture, collectors);
    let mut examiner = Examiner::new(rule_set);
    let postings = reading.postings.into_iter().map(|mut posting| {
        let (assessment, _) = examiner.examine_posting(&mut posting);
        (posting, assessment)
    });
    Ok(Probe {
        kind,
        postings: postings.collect(),
        problems: reading.problems,
        url: capture.url.clone(),
        status: capture.status,
        bytes: capture.body.len(),
    })
}

fn best_reading(
    source: &Source,
    kind: Option<&SourceKind>,
    capture: &Capture,
    collectors: &Collectors,
) -> (String, Reading) {
    let kinds = match kind {
        Some(kind) => vec![kind.clone()],
        None => ["telegram", "feed", "job-page"].map(|kind| SourceKind(kind.to_owned())).to_vec(),
    };
    let readings = kinds.into_iter().filter_map(|kind| {
        let reading = collectors.of(&kind)?.read(source, capture);
        Some((kind.0, reading))
    });
    // The first of the best: `max_by_key` would take the last.
    readings
        .rev()
        .max_by_key(|(_, reading)| {
            (reading.postings.len(), std::cmp::Reverse(reading.problems.len()))
        })
        .unwrap_or_default()
}
