use pipeline::StampReport;

use super::{open_desk, runtime, verify};
use crate::Ended;
use crate::args::{Evidence, Global};
use crate::output::{Output, one_line};

/// `fusion evidence verify|stamp`
pub(crate) fn run(
    command: &Evidence,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    match command {
        Evidence::Verify(args) => verify::run(args, global, output),
        Evidence::Stamp => run_stamp(global, output),
    }
}

fn run_stamp(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let mut desk = open_desk(global)?;
    let report = runtime()?.block_on(desk.stamp())?;
    desk.close()?;
    output.result(&report)?;
    say_stamped(&report, output)?;
    if report.gathered == 0 {
        output.line("Nothing is new since the last token.")?;
    } else if report.waiting > 0 {
        output.line(format!("{} files and entries wait; run it again.", report.waiting))?;
    }
    Ok(Ended::with_problems(!report.failed.is_empty()))
}

/// Which authorities have answered, and which not.
pub(super) fn say_stamped(report: &StampReport, output: &mut Output) -> anyhow::Result<()> {
    for (authority, time) in &report.tokens {
        output.line(format!("{authority}: {} files and entries at {time}", report.gathered))?;
    }
    for (authority, reason) in &report.failed {
        output.line(format!("{authority}: no token: {}", one_line(reason)))?;
    }
    Ok(())
}
