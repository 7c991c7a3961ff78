//! A scan: every source walked once, and what came of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use collect::Web;
use domain::{Outcome, PostingId, Problem, Source, SourceId, Tally};
use serde::Serialize;

use crate::scanner::{Scanner, Step};
use crate::{Desk, PipelineError, SourceRevisits, pictures};

const STOPPED: Outcome = Outcome::intended("source.stopped");

/// How many faults of all sources together are kept by name.
const MOST_PROBLEMS: usize = 20_000;

/// While a file of this name stands in the desk's folder, nothing is fetched: scans end within seconds
/// and new ones do not begin.
pub const STOP_FILE: &str = "STOP";

/// What came of one source.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SourceReport {
    /// Requests, postings and rows, by outcome.
    pub tally: Tally,
    /// Faults with their places, the first thousand.
    pub problems: Vec<Problem>,
    /// Why the source was not walked to its end, if it was not.
    pub incomplete: Option<Problem>,
    /// Postings that were flagged on the way: their pictures are to be fetched.
    #[serde(skip)]
    pub(crate) flagged: Vec<PostingId>,
}

impl SourceReport {
    /// Adds what came of the same source later.
    pub(crate) fn merge(&mut self, later: Self) {
        self.tally.merge(&later.tally);
        self.problems.extend(later.problems);
        self.incomplete = self.incomplete.take().or(later.incomplete);
    }
}

/// What came of a scan.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ScanReport {
    /// By source, in the order of `sources.toml`.
    pub sources: Vec<(SourceId, SourceReport)>,
}

impl ScanReport {
    /// All sources together.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for (_, report) in &self.sources {
            total.merge(&report.tally);
        }
        total
    }

    /// All faults, in the order of the sources.
    pub fn problems(&self) -> impl Iterator<Item = (&SourceId, &Problem)> {
        self.sources
            .iter()
            .flat_map(|(id, report)| report.problems.iter().map(move |problem| (id, problem)))
    }
}

/// Scans these sources, many hosts at once, each host's one after another. A source that fails is a
/// counted outcome; the `Err` case is a desk that cannot keep what it fetches. `progress` is told
/// each source that ends. With a [`STOP_FILE`] in the desk the walks are broken off where they wait;
/// what they kept stays, and their checkpoints too.
pub async fn scan(
    desk: Arc<Mutex<Desk>>,
    sources: Vec<Source>,
    web: Arc<dyn Web>,
    progress: &(dyn Fn(&SourceId) + Send + Sync),
) -> Result<ScanReport, PipelineError> {
    scan_and_revisit(desk, sources, Vec::new(), web, progress).await
}

/// The same, and asks for these postings again beside it.
pub async fn scan_and_revisit(
    desk: Arc<Mutex<Desk>>,
    sources: Vec<Source>,
    revisits: Vec<SourceRevisits>,
    web: Arc<dyn Web>,
    progress: &(dyn Fn(&SourceId) + Send + Sync),
) -> Result<ScanReport, PipelineError> {
    let asked = sources.iter().chain(revisits.iter().map(|revisits| &revisits.source));
    let mut order: Vec<SourceId> = Vec::new();
    for source in asked {
        if !order.contains(&source.id) {
            order.push(source.id.clone());
        }
    }
    let pictured_desk = desk.clone();
    let mut scanner = Scanner::start(desk, web).await?;
    let media = scanner.media_due(|id| order.contains(id)).await?;
    scanner.add(sources);
    // Behind the walks of the same host: what is new comes first.
    scanner.add_revisits(revisits);
    scanner.add_media(media);
    let mut reports: BTreeMap<SourceId, SourceReport> = BTreeMap::new();
    let mut room = MOST_PROBLEMS;
    let mut add = |reports: &mut BTreeMap<_, SourceReport>, id, mut report: SourceReport| {
        report.problems.truncate(room);
        room -= report.problems.len();
        reports.entry(id).or_default().merge(report);
    };
    let walked = loop {
        if scanner.is_stopped() {
            break Ok(());
        }
        match scanner.step().await {
            Ok(Step::Going) => {}
            Ok(Step::Idle) => break Ok(()),
            Ok(Step::Walked(id, report)) => {
                progress(&id);
                add(&mut reports, id, report);
            }
            Ok(Step::Revisited(id, report) | Step::Fetched(id, report)) => {
                add(&mut reports, id, report);
            }
            Err(error) => break Err(error),
        }
    };
    let ended = scanner.end().await;
    walked.and(ended)?;
    for (id, pictured) in pictures::take_due(&pictured_desk).await? {
        if !order.contains(&id) {
            order.push(id.clone());
        }
        reports.entry(id).or_default().merge(pictured);
    }
    let sources = order.into_iter().map(|id| {
        let report = reports.remove(&id).unwrap_or_else(stopped);
        (id, report)
    });
    Ok(ScanReport { sources: sources.collect() })
}

fn stopped() -> SourceReport {
    let mut stopped = SourceReport::default();
    stopped.tally.count(STOPPED);
    stopped
}
