use anyhow::Context as _;

use super::{desk_dir, open_desk, runtime};
use crate::Ended;
use crate::args::{Evidence, Global};
use crate::commands::progress::Progress;
use crate::output::{Output, one_line};

/// `fusion evidence verify|stamp`
pub(crate) fn run(
    command: &Evidence,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    match command {
        Evidence::Verify => run_verify(global, output),
        Evidence::Stamp => run_stamp(global, output),
    }
}

fn run_stamp(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let mut desk = open_desk(global)?;
    let report = runtime()?.block_on(desk.stamp())?;
    desk.close()?;
    output.result(&report)?;
    for (authority, time) in &report.tokens {
        output.line(format!("{authority}: {} files and entries at {time}", report.gathered))?;
    }
    for (authority, reason) in &report.failed {
        output.line(format!("{authority}: no token: {}", one_line(reason)))?;
    }
    if report.gathered == 0 {
        output.line("Nothing is new since the last token.")?;
    } else if report.waiting() > 0 {
        output.line(format!("{} files and entries wait; run it again.", report.waiting()))?;
    }
    Ok(Ended::with_problems(!report.failed.is_empty()))
}

fn run_verify(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let dir = desk_dir(global)?;
    if !dir.join("fusion.toml").is_file() {
        return Err(pipeline::PipelineError::NoDesk(dir).into());
    }
    // The folder is read as it lies: opening the desk would mend a torn tail before it was seen.
    let progress = Progress::bytes("verifying", global);
    let report = evidence::verify(&dir, &mut |done, total| progress.at(done, total))
        .with_context(|| format!("cannot verify {}", dir.display()))?;
    progress.end();
    output.result(&report)?;
    output.line(format!(
        "{} custody entries, {} captures, {} snapshots, {} bytes read",
        report.entries, report.captures, report.snapshots, report.bytes
    ))?;
    for note in &report.notes {
        output.line(format!("note: {}", one_line(note)))?;
    }
    for fault in &report.faults {
        output.line(format!("FAULT {}", one_line(&fault.to_string())))?;
    }
    if report.faults.is_empty() {
        output.line("All evidence is as it was captured.")?;
    } else {
        output.line(format!(
            "{} faults: the evidence named above is not as it was captured.",
            report.faults.len()
        ))?;
    }
    Ok(Ended::with_problems(!report.faults.is_empty()))
}
