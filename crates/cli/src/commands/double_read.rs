use std::path::Path;

use analytics::SecondReading;
use anyhow::Context as _;
use domain::LeadId;

use super::brief::write;
use super::open_desk;
use crate::Ended;
use crate::args::{self, Global};
use crate::output::Output;

/// The columns of the sheet; the last is for the reader.
const HEAD: [&str; 5] = ["lead", "language", "title", "text", "keep"];

/// `fusion analyse double-read`
pub(crate) fn run(
    args: &args::DoubleRead,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let leads = analytics::decided_leads(desk.store())?;
    desk.close()?;
    let drawn = analytics::double_read(&leads, args.sample, args.seed);
    output.results(&drawn)?;
    if drawn.is_empty() {
        output.line("No lead is decided yet: a second reader reads what was decided.")?;
        return Ok(Ended::Clean);
    }
    let mut sheet = csv::Writer::from_writer(Vec::new());
    sheet.write_record(HEAD)?;
    for one in &drawn {
        let title = packet::spreadsheet_cell(one.title.as_deref().unwrap_or_default());
        let text = packet::spreadsheet_cell(&one.text);
        sheet.write_record([one.lead.as_str(), one.language, &title, &text, ""])?;
    }
    let sheet = sheet.into_inner().map_err(|error| error.into_error())?;
    write(&args.output, &sheet)?;
    output.line(format!(
        "{}: {} leads for somebody who did not decide on them. In the column keep go yes or no; \
         then: fusion analyse calibration --second {}",
        args.output.display(),
        drawn.len(),
        args.output.display()
    ))?;
    Ok(Ended::Clean)
}

/// What a second reader has put into the sheet; rows that are left open say nothing.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<(LeadId, bool)>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    // Where a comma stands in numbers, spreadsheets part the cells by semicolons.
    let head = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if head.contains(&b';') { b';' } else { b',' };
    let mut sheet = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&*bytes);
    let head = sheet.headers().with_context(|| format!("cannot read {}", path.display()))?.clone();
    let column = |name: &str| {
        head.iter().position(|of| of == name).with_context(|| {
            format!(
                "{} has no column {name}: take the sheet that `fusion analyse double-read` writes",
                path.display()
            )
        })
    };
    let (lead, keep) = (column("lead")?, column("keep")?);
    let mut read = Vec::new();
    for (row, line) in sheet.records().zip(2..) {
        let place = || format!("{}, row {line}", path.display());
        let row = row.with_context(place)?;
        let said = row.get(keep).unwrap_or_default().trim().to_lowercase();
        let kept = match said.as_str() {
            "" => continue,
            "yes" => true,
            "no" => false,
            other => {
                anyhow::bail!("{}: keep is {other:?}; write yes or no, or leave it empty", place())
            }
        };
        let id = LeadId::new(row.get(lead).unwrap_or_default().trim()).with_context(place)?;
        read.push((id, kept));
    }
    Ok(read)
}

pub(crate) fn print(second: &SecondReading, output: &mut Output) -> anyhow::Result<()> {
    let Some(agreement) = second.agreement else {
        return output.line("\nThe second reader has read none of the leads that are decided.");
    };
    let kappa = agreement.kappa.map_or("none".to_owned(), |kappa| format!("{kappa:.2}"));
    output.line(format!(
        "\nA second reader, who did not know the decisions, read {} leads and agrees on {}; kappa {kappa}.",
        agreement.leads, agreement.agreed
    ))?;
    for lead in &second.differ {
        output.line(format!("  differs on {lead}"))?;
    }
    for lead in &second.unknown {
        output.line(format!("  {lead} is not decided any more"))?;
    }
    Ok(())
}
