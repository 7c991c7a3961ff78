//! A scan: every source walked, every capture kept before it is read, every outcome counted, the
//! checkpoint last.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use collect::{CaptureSink, KeepError, Scan, ScanError, Web};
use domain::{Capture, Outcome, OutcomeClass, Problem, Source, SourceId, Tally, Walk};
use evidence::Event;
use serde::Serialize;
use store::Store;

use crate::desk::PROGRAM;
use crate::met::Met;
use crate::{Collectors, Desk, PipelineError};

/// How many sources are walked at the same time. Politeness is per host and kept by the client;
/// this bounds memory and open connections.
const SOURCES_AT_ONCE: usize = 8;

/// How many faults of a source are kept by name. All are counted; a file of a million bad rows must
/// not fill the memory with its complaints.
const MOST_PROBLEMS: usize = 1000;

const FINISHED: Outcome = Outcome::done("source.finished");
const PAUSED: Outcome = Outcome::intended("source.paused");
const INCOMPLETE: Outcome = Outcome::fault("source.incomplete");
const STOPPED: Outcome = Outcome::intended("source.stopped");

/// While a file of this name stands in the desk's folder, nothing is fetched: scans end within seconds
/// and new ones do not begin.
pub const STOP_FILE: &str = "STOP";

/// How often a scan looks for the stop file.
const LOOK_FOR_STOP: std::time::Duration = std::time::Duration::from_millis(500);

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

/// Scans these sources. A source that fails is a counted outcome; the `Err` case is a desk that
/// cannot keep what it fetches. `progress` is told each source that ends. With a [`STOP_FILE`] in the
/// desk the walks are broken off where they wait; what they kept stays, and their checkpoints too.
pub async fn scan(
    desk: Arc<Mutex<Desk>>,
    sources: Vec<Source>,
    web: Arc<dyn Web>,
    progress: &(dyn Fn(&SourceId) + Send + Sync),
) -> Result<ScanReport, PipelineError> {
    let collectors = lock(&desk).collectors.clone();
    let order: Vec<SourceId> = sources.iter().map(|source| source.id.clone()).collect();
    let mut waiting = VecDeque::from(sources);
    let mut running = tokio::task::JoinSet::new();
    let mut reports = Vec::new();
    let stop_file = lock(&desk).dir.join(STOP_FILE);
    loop {
        if stop_file.exists() {
            running.abort_all();
            waiting.clear();
        }
        while running.len() < SOURCES_AT_ONCE
            && let Some(source) = waiting.pop_front()
        {
            let (desk, web, collectors) = (desk.clone(), web.clone(), collectors.clone());
            running.spawn(async move {
                let report = scan_source(&desk, &source, web.as_ref(), &collectors).await;
                (source.id, report)
            });
        }
        let ended = match tokio::time::timeout(LOOK_FOR_STOP, running.join_next()).await {
            Err(_still_running) => continue,
            Ok(None) => break,
            Ok(Some(ended)) => ended,
        };
        match ended {
            Ok((id, report)) => {
                progress(&id);
                reports.push((id, report?));
            }
            Err(error) if error.is_cancelled() => {}
            Err(error) => {
                return Err(PipelineError::Refused(format!(
                    "a source's walk broke off inside the program: {error}"
                )));
            }
        }
    }
    for id in &order {
        if !reports.iter().any(|(walked, _)| walked == id) {
            let mut stopped = SourceReport::default();
            stopped.tally.count(STOPPED);
            reports.push((id.clone(), stopped));
        }
    }
    reports.sort_by_key(|(id, _)| order.iter().position(|wanted| wanted == id));
    Ok(ScanReport { sources: reports })
}

async fn scan_source(
    desk: &Arc<Mutex<Desk>>,
    source: &Source,
    web: &dyn Web,
    collectors: &Collectors,
) -> Result<SourceReport, PipelineError> {
    let mut report = SourceReport::default();
    if source.paused {
        report.tally.count(PAUSED);
        return Ok(report);
    }
    let Some(collector) = collectors.of(&source.kind) else {
        return Err(PipelineError::Config(format!(
            "source `{}` has unknown kind `{}`",
            source.id, source.kind.0
        )));
    };
    let started_at = lock(desk).clock.now();
    let before = blocking(|| begin(&mut lock(desk), source))?;
    let mut sink = DeskSink {
        desk: desk.clone(),
        report: SourceReport::default(),
        met: Met::default(),
        failure: None,
    };
    let mut walk = Scan::new(source, before.clone(), web, &mut sink);
    let ended = collector.fetch(&mut walk).await;
    let Scan { checkpoint, tally, problems, .. } = walk;
    report.tally.merge(&tally);
    report.problems.extend(problems);
    report.tally.merge(&sink.report.tally);
    report.problems.append(&mut sink.report.problems);
    match ended {
        Ok(()) => {
            report.tally.count(FINISHED);
            if checkpoint != before {
                let event = Event::Checkpoint { source: source.id.clone(), checkpoint };
                blocking(|| lock(desk).record(PROGRAM, vec![event]))?;
            }
        }
        Err(ScanError::Incomplete(problem)) => {
            report.tally.count(INCOMPLETE);
            report.problems.push(problem.clone());
            report.incomplete = Some(problem);
        }
        Err(ScanError::Keep(error)) => {
            let failure = sink.failure.take();
            return Err(failure.unwrap_or_else(|| PipelineError::Refused(error.to_string())));
        }
    }
    let yielded = sink.met.yielded(report.tally.of_class(OutcomeClass::Fault));
    blocking(|| {
        let mut desk = lock(desk);
        let finished = report.incomplete.is_none();
        let walk = Walk { started_at, ended_at: desk.clock.now(), finished, yielded };
        desk.record(PROGRAM, vec![Event::Walk { source: source.id.clone(), walk }])
    })?;
    Ok(report)
}

/// Writes the source's definition into the log when it is new or changed, since what is captured
/// from now on is read by it; gives the checkpoint to start from.
fn begin(desk: &mut Desk, source: &Source) -> Result<domain::Checkpoint, PipelineError> {
    if desk.store.source(&source.id)?.as_ref() != Some(source) {
        desk.record(PROGRAM, vec![Event::Source { source: source.clone() }])?;
    }
    Ok(desk.store.checkpoint(&source.id)?.unwrap_or_default())
}

/// Keeps captures in the desk.
struct DeskSink {
    desk: Arc<Mutex<Desk>>,
    report: SourceReport,
    met: Met,
    /// Why the desk could not keep one; `KeepError` carries its words alone.
    failure: Option<PipelineError>,
}

#[async_trait]
impl CaptureSink for DeskSink {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        match blocking(|| lock(&self.desk).keep(capture)) {
            Ok(kept) => {
                self.report.tally.merge(&kept.tally);
                self.met.merge(kept.met);
                let room = MOST_PROBLEMS.saturating_sub(self.report.problems.len());
                self.report.problems.extend(kept.problems.into_iter().take(room));
                Ok(kept.new)
            }
            Err(error) => {
                let words = error.to_string();
                self.failure = Some(error);
                Err(KeepError(words))
            }
        }
    }
}

/// Disk work and matching happen where they don't hold up other sources' requests.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

/// A panic in another source's walk leaves the desk as the log has it: entries are folded whole.
fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}
