//! A scan: every source walked once, and what came of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use collect::Web;
use domain::{Outcome, Problem, Source, SourceId, Tally};
use serde::Serialize;

use crate::scanner::{Scanner, Step};
use crate::{Desk, PipelineError, pictures};

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
}

impl SourceReport {
    /// Adds what came of the same source later.
    pub(crate) fn merge(&mut self, later: Self) {
        self.tally.merge(&later.tally);
        self.problems.extend(later.problems);
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
    let order: Vec<SourceId> = sources.iter().map(|source| source.id.clone()).collect();
    let pictured_desk = desk.clone();
    let mut scanner = Scanner::start(desk, web).await?;
    scanner.add(sources);
    let mut reports = BTreeMap::new();
    let mut room = MOST_PROBLEMS;
    let walked = loop {
        if scanner.is_stopped() {
            break Ok(());
        }
        match scanner.step().await {
            Ok(Step::Going) => {}
            Ok(Step::Idle) => break Ok(()),
            Ok(Step::Walked(id, mut report)) => {
                progress(&id);
                report.problems.truncate(room);
                room -= report.problems.len();
                reports.insert(id, report);
            }
            Err(error) => break Err(error),
        }
    };
    let ended = scanner.end().await;
    walked.and(ended)?;
    let mut order = order;
    for (id, pictured) in pictures::take_due(&pictured_desk).await? {
        if !order.contains(&id) {
            order.push(id.clone());
        }
        reports.entry(id).or_insert_with(SourceReport::default).merge(pictured);
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
