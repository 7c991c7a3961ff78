//! One walk of one source: every capture kept before it is read, every outcome counted, the
//! checkpoint last.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use collect::{CaptureSink, KeepError, Scan, ScanError, Web};
use domain::{Capture, Clock, Outcome, OutcomeClass, PostingId, Source, Walk};
use evidence::Event;

use crate::met::Met;
use crate::scan::SourceReport;
use crate::writer::{Begun, Writer, on_disk};
use crate::{Collectors, Desk, PipelineError};

/// How many faults of a source are kept by name. All are counted; a file of a million bad rows must
/// not fill the memory with its complaints.
const MOST_PROBLEMS: usize = 1000;

const FINISHED: Outcome = Outcome::done("source.finished");
const PAUSED: Outcome = Outcome::intended("source.paused");
const LEASED: Outcome = Outcome::intended("source.leased");
const INCOMPLETE: Outcome = Outcome::fault("source.incomplete");

/// Walks a source under a lease of this holder.
pub(crate) async fn walk_source(
    source: &Source,
    desk: &Arc<Mutex<Desk>>,
    writer: &Writer,
    web: &dyn Web,
    collectors: &Collectors,
    clock: &dyn Clock,
    holder: &str,
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
    let started_at = clock.now();
    let before = match writer.begin(source, holder).await? {
        Begun::From(checkpoint) => checkpoint,
        Begun::Leased(_other) => {
            report.tally.count(LEASED);
            return Ok(report);
        }
    };
    let mut sink = DeskSink { desk, writer, report, met: Met::default(), failure: None };
    let mut walk = Scan::new(source, before.clone(), web, &mut sink);
    let ended = collector.fetch(&mut walk).await;
    let Scan { checkpoint, tally, problems, .. } = walk;
    let DeskSink { mut report, met, failure, .. } = sink;
    report.tally.merge(&tally);
    report.problems.splice(0..0, problems);
    let mut events = Vec::new();
    match ended {
        Ok(()) => {
            report.tally.count(FINISHED);
            if checkpoint != before {
                events.push(Event::Checkpoint { source: source.id.clone(), checkpoint });
            }
        }
        Err(ScanError::Incomplete(problem)) => {
            report.tally.count(INCOMPLETE);
            report.problems.push(problem.clone());
            report.incomplete = Some(problem);
        }
        Err(ScanError::Keep(error)) => {
            return Err(failure.unwrap_or_else(|| PipelineError::Refused(error.to_string())));
        }
    }
    let yielded = met.yielded(report.tally.of_class(OutcomeClass::Fault));
    let finished = report.incomplete.is_none();
    let walk = Walk { started_at, ended_at: clock.now(), finished, yielded };
    events.push(Event::Walk { source: source.id.clone(), walk });
    writer.end(source, holder, events).await?;
    Ok(report)
}

/// Keeps captures in the desk.
struct DeskSink<'a> {
    desk: &'a Arc<Mutex<Desk>>,
    writer: &'a Writer,
    report: SourceReport,
    met: Met,
    /// Why the desk could not keep one; `KeepError` carries its words alone.
    failure: Option<PipelineError>,
}

#[async_trait]
impl CaptureSink for DeskSink<'_> {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        match self.writer.keep(capture).await {
            Ok(kept) => {
                self.report.tally.merge(&kept.tally);
                self.met.merge(kept.met);
                self.report.flagged.extend(kept.flagged);
                let room = MOST_PROBLEMS.saturating_sub(self.report.problems.len());
                self.report.problems.extend(kept.problems.into_iter().take(room));
                Ok(kept.new)
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    async fn known(&mut self, postings: &[PostingId]) -> Result<BTreeSet<PostingId>, KeepError> {
        let ids = postings.to_vec();
        let known = on_disk(self.desk, move |desk| desk.known(ids)).await;
        known.map_err(|error| self.failed(error))
    }
}

impl DeskSink<'_> {
    fn failed(&mut self, error: PipelineError) -> KeepError {
        let words = error.to_string();
        self.failure = Some(error);
        KeepError(words)
    }
}
