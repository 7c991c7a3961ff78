use anyhow::Context as _;

use super::desk_dir;
use crate::Ended;
use crate::args::{Evidence, Global};
use crate::commands::progress::Progress;
use crate::output::{Output, one_line};

/// `fusion evidence verify`
pub(crate) fn run(
    command: &Evidence,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let Evidence::Verify = command;
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
