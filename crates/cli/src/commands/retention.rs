use evidence::Deletion;
use pipeline::{RetentionPlan, RetentionReport, RetentionRow};
use serde::Serialize;

use super::open_desk;
use crate::Ended;
use crate::args::{Global, Retention, RetentionHold, RetentionRun};
use crate::output::{Output, one_line};

/// What would go, or went.
#[derive(Serialize)]
struct Told<'a> {
    dry_run: bool,
    #[serde(flatten)]
    report: &'a RetentionReport,
    total: RetentionRow,
    /// Of a dry run, one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    deletions: Option<Vec<&'a Deletion>>,
}

/// `fusion retention run|hold|release|list`
pub(crate) fn run(
    command: &Retention,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    match command {
        Retention::Run(run) if run.dry_run => dry_run(global, output)?,
        Retention::Run(run) => delete(run, global, output)?,
        Retention::Hold(hold) => {
            let RetentionHold { lead, reason, person } = hold;
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            desk.hold(lead, &by, reason)?;
            desk.close()?;
            output.result(&serde_json::json!({ "lead": lead, "on_hold": true }))?;
            output.line(one_line(&format!("{lead} is on hold, says {by}.")))?;
        }
        Retention::Release(hold) => {
            let RetentionHold { lead, reason, person } = hold;
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            desk.lift_hold(lead, &by, reason)?;
            desk.close()?;
            output.result(&serde_json::json!({ "lead": lead, "on_hold": false }))?;
            output.line(one_line(&format!("{lead} is on hold no more, says {by}.")))?;
        }
        Retention::List => list(global, output)?,
    }
    Ok(Ended::Clean)
}

fn dry_run(global: &Global, output: &mut Output) -> anyhow::Result<()> {
    let desk = open_desk(global)?;
    let plan: RetentionPlan = desk.retention_plan()?;
    desk.close()?;
    let report = plan.report();
    let deletions = Some(plan.deletions().collect());
    let told = Told { dry_run: true, total: report.total(), report: &report, deletions };
    tell(&told, output)?;
    if report.rows.is_empty() {
        return Ok(());
    }
    output.line("Nothing was deleted: this is what `fusion retention run` would delete now.")
}

fn delete(run: &RetentionRun, global: &Global, output: &mut Output) -> anyhow::Result<()> {
    let by = run.person.name_or_program();
    let mut desk = open_desk(global)?;
    let report = desk.retain(&by)?;
    desk.close()?;
    tell(
        &Told { dry_run: false, total: report.total(), report: &report, deletions: None },
        output,
    )?;
    if report.rows.is_empty() {
        return Ok(());
    }
    output.line(
        "Deleted. The custody log says what and why; `fusion evidence verify` checks the rest.",
    )
}

fn tell(told: &Told<'_>, output: &mut Output) -> anyhow::Result<()> {
    match (output.is_ndjson(), &told.deletions) {
        (false, _) => output.result(told)?,
        (true, Some(deletions)) => output.results(deletions)?,
        (true, None) => output.results(&told.report.rows)?,
    }
    for row in &told.report.rows {
        output.line(format!("{} = {}: {}", row.rule, row.days, in_words(row)))?;
    }
    if told.report.rows.is_empty() {
        output.line("Nothing is past its time.")?;
    } else {
        output.line(format!("In all: {}", in_words(&told.total)))?;
    }
    if told.report.on_hold > 0 {
        output.line(format!("{} leads are past their time and on hold.", told.report.on_hold))?;
    }
    Ok(())
}

fn in_words(row: &RetentionRow) -> String {
    let counts = [
        (row.leads, "leads"),
        (row.captures, "captures"),
        (row.postings, "postings of pages that stay"),
        (row.snapshots, "snapshots"),
        (row.words, "entries' words"),
        (row.positions, "entries' positions"),
        (row.senders, "senders of tips"),
        (row.packets, "packets"),
        (row.left_over, "files left by crashes"),
    ];
    let there = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = there.map(|(count, what)| format!("{count} {what}")).collect();
    format!("{} ({} bytes of captures)", words.join(", "), row.bytes)
}

fn list(global: &Global, output: &mut Output) -> anyhow::Result<()> {
    let desk = open_desk(global)?;
    let holds = desk.holds()?;
    let mut lines = Vec::new();
    for held in &holds {
        let lead = desk.lead_held(held)?.unwrap_or_else(|| held.lead.clone());
        let (count, at) = (held.postings.len(), held.at.strftime("%F"));
        lines.push(format!("{lead}  {count} postings, by {} on {at}: {}", held.by, held.reason));
    }
    desk.close()?;
    output.results(&holds)?;
    if holds.is_empty() {
        output.line("No lead is on hold.")?;
    }
    lines.iter().try_for_each(|line| output.line(one_line(line)))
}
