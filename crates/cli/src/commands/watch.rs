//! `fusion scan --due --watch`: the scheduler by itself, for a desk that nobody serves.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{OutcomeClass, SourceId};
use pipeline::{Desk, SourceReport, WatchNews};

use super::stop::told_to_end;
use super::{evidence, runtime, scan};
use crate::Ended;
use crate::clock::SystemClock;
use crate::output::{self, Output};

/// Walks what is due until a signal or the stop file.
pub(crate) fn run(desk: Desk, output: &mut Output) -> anyhow::Result<Ended> {
    let web = Arc::new(desk.settings().polite_client(Arc::new(SystemClock))?);
    output.line(
        "Walking sources as they come due; Ctrl-C or a file named STOP in the desk ends it.",
    )?;
    output.flush()?;
    let desk = Arc::new(Mutex::new(desk));
    let printing = Mutex::new((output, Ok(())));
    let told = |news: WatchNews<'_>| {
        let mut printing = printing.lock().unwrap_or_else(PoisonError::into_inner);
        let (output, printed) = &mut *printing;
        if printed.is_ok() {
            *printed = tell(output, &news);
        }
    };
    let watched = runtime()?.block_on(pipeline::watch(desk.clone(), web, &told, told_to_end()));
    scan::close(desk)?;
    watched?;
    let (_, printed) = printing.into_inner().unwrap_or_else(PoisonError::into_inner);
    printed.map(|()| Ended::Clean)
}

fn tell(output: &mut Output, news: &WatchNews<'_>) -> anyhow::Result<()> {
    match news {
        WatchNews::Walked(source, report) => walked(output, source, report)?,
        WatchNews::Revisited(source, report) => revisited(output, source, report)?,
        WatchNews::Fetched(source, report) => fetched(output, source, report)?,
        WatchNews::Fault(fault) => {
            output.result(fault)?;
            output.line(format!("FAULT {}", output::one_line(&fault.to_string())))?;
        }
        WatchNews::Rehashed(files, faults) => {
            output.result(&serde_json::json!({ "rehashed": files, "faults": faults }))?;
            output.line(format!(
                "all evidence was read again: {files} captures and snapshots, {faults} faults"
            ))?;
        }
        WatchNews::Stamped(report) => {
            output.result(report)?;
            evidence::say_stamped(report, output)?;
        }
        WatchNews::NotStamped(error) => {
            output::remark(&format!("note: no authority was asked for trusted time: {error}"));
        }
        WatchNews::Retained(report) => {
            output.result(report)?;
            let total = report.total();
            output.line(format!(
                "deleted what is past its time: {} captures, {} leads",
                total.captures, total.leads
            ))?;
        }
        WatchNews::NotRehashed(error) => {
            output::remark(&format!("note: evidence could not be read again: {error}"));
        }
        WatchNews::NotRetained(error) => {
            output::remark(&format!("note: what is past its time could not be deleted: {error}"));
        }
        WatchNews::Changed => output::remark("note: the sources were changed and are read anew"),
        WatchNews::Refused(error) => {
            output::remark(&format!("note: the sources stay as they were: {error}"));
        }
    }
    output.flush()
}

fn revisited(output: &mut Output, source: &SourceId, report: &SourceReport) -> anyhow::Result<()> {
    output.result(&outcomes(source, report))?;
    for problem in &report.problems {
        output.line(format!("{source}: {}", output::one_line(&problem.to_string())))?;
    }
    scan::revisited(&report.tally, output)
}

fn fetched(output: &mut Output, source: &SourceId, report: &SourceReport) -> anyhow::Result<()> {
    output.result(&outcomes(source, report))?;
    for problem in &report.problems {
        output.line(format!("{source}: {}", output::one_line(&problem.to_string())))?;
    }
    scan::fetched(&report.tally, output)
}

fn outcomes(source: &SourceId, report: &SourceReport) -> serde_json::Value {
    let counts = report.tally.iter().map(|(outcome, count)| (outcome.name, count));
    serde_json::json!({
        "source": source,
        "outcomes": counts.collect::<std::collections::BTreeMap<_, _>>(),
        "problems": report.problems,
    })
}

/// One line a source: a log of the desk's days.
fn walked(output: &mut Output, source: &SourceId, report: &SourceReport) -> anyhow::Result<()> {
    output.result(&outcomes(source, report))?;
    let of = |name| report.tally.of(name);
    output.line(format!(
        "{source}: {} flagged, {} clear, {} unchanged, {} faults{}",
        of("posting.flagged"),
        of("posting.clear"),
        of("posting.unchanged"),
        report.tally.of_class(OutcomeClass::Fault),
        match &report.incomplete {
            Some(problem) =>
                format!("; not walked to its end: {}", output::one_line(&problem.to_string())),
            None => String::new(),
        }
    ))
}
