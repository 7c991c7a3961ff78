use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use domain::LinkKind;
use pipeline::{Collectors, ImportOptions, TipReceipt, read_tip};

use super::{open_desk, queue, runtime, scan};
use crate::Ended;
use crate::args::{Global, Tip};
use crate::clock::SystemClock;
use crate::output::{Output, one_line};

/// The largest tip that is read; a longer one is a file to import.
const LARGEST: u64 = 1024 * 1024;

/// `fusion tip [FILE|-]`
pub(crate) fn run(args: &Tip, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    if args.form {
        output.line(pipeline::EMPTY_TIP_FORM.trim_end())?;
        return Ok(Ended::Clean);
    }
    if args.file.extension().is_some_and(|ending| ending == "json") {
        return chat(args, global, output);
    }
    let by = args.person.name()?;
    let tip = read(args)?;
    let mut desk = open_desk(global)?;
    let receipt = desk.tip(&tip, &by)?;
    desk.close()?;
    output.result(&receipt)?;
    print(&receipt, output)?;
    Ok(Ended::Clean)
}

/// A chat that somebody in it gave: each message is a posting of its own.
fn chat(args: &Tip, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let sender = [&args.from, &args.organisation, &args.reach, &args.consent];
    if sender.iter().any(|given| given.is_some()) || !args.screenshot.is_empty() {
        anyhow::bail!(
            "a chat export is taken in without its sender and screenshots; write who sent it in a tip of its own"
        );
    }
    let desk = Arc::new(Mutex::new(open_desk(global)?));
    let options = ImportOptions {
        kind: Some("telegram-tip".to_owned()),
        region: args.region,
        language: args.language,
        basis: Some("handed in by somebody in the chat".to_owned()),
        ..ImportOptions::default()
    };
    let collectors = Collectors::new(Arc::new(SystemClock));
    let report =
        runtime()?.block_on(pipeline::import(desk.clone(), &args.file, &options, &collectors));
    scan::close(desk)?;
    scan::print_imported(report?, output)
}

/// The form, with what the command line says besides.
fn read(args: &Tip) -> anyhow::Result<pipeline::Tip> {
    let written = if args.file.as_os_str() == "-" {
        bytes_of(std::io::stdin().lock(), "standard input")?
    } else {
        let name = args.file.display().to_string();
        let file =
            std::fs::File::open(&args.file).with_context(|| format!("cannot read {name}"))?;
        bytes_of(file, &name)?
    };
    let mut form = read_tip(&written)?;
    let sender = &mut form.sender;
    for (slot, given) in [
        (&mut sender.name, &args.from),
        (&mut sender.organisation, &args.organisation),
        (&mut sender.reach, &args.reach),
        (&mut sender.consent, &args.consent),
    ] {
        if let Some(given) = given.as_deref().map(str::trim).filter(|given| !given.is_empty()) {
            *slot = Some(given.to_owned());
        }
    }
    let mut screenshots = Vec::new();
    let folder = args.file.parent().unwrap_or(Path::new(""));
    let beside_the_form = form.screenshots.iter().map(|name| folder.join(name));
    for path in beside_the_form.chain(args.screenshot.iter().cloned()) {
        let bytes = std::fs::read(&path)
            .with_context(|| format!("cannot read the screenshot {}", path.display()))?;
        screenshots.push(bytes);
    }
    Ok(pipeline::Tip { form, screenshots, language: args.language, region: args.region })
}

fn bytes_of(from: impl Read, name: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))?;
    if bytes.len() as u64 > LARGEST {
        anyhow::bail!(
            "{name} is larger than {LARGEST} bytes: too long for a tip; import it as a file"
        );
    }
    Ok(bytes)
}

fn print(receipt: &TipReceipt, output: &mut Output) -> anyhow::Result<()> {
    let lead = receipt.lead.as_ref().map_or_else(|| "no lead".to_owned(), ToString::to_string);
    let taken = if receipt.new { "Taken in as" } else { "This tip was handed in before:" };
    output.line(format!(
        "{taken} {lead}, score {} {}.",
        receipt.assessment.score.value(),
        receipt.assessment.band.name()
    ))?;
    for finding in &receipt.assessment.findings {
        queue::print_finding(finding, false, output)?;
    }
    for seen in &receipt.seen_before {
        let what = match seen.kind {
            LinkKind::Contact | LinkKind::Page => format!("{} was", one_line(&seen.value)),
            LinkKind::Text => "The same words were".to_owned(),
            LinkKind::Template => "Nearly the same words were".to_owned(),
            LinkKind::Image => "The same picture was".to_owned(),
            LinkKind::Likeness => "Nearly the same picture was".to_owned(),
            LinkKind::Layout => "The same numbers and signs in the same order were".to_owned(),
            LinkKind::Person => "It was".to_owned(),
        };
        output.line(format!("{what} seen in lead {}.", seen.lead))?;
    }
    if receipt.screenshots > 0 {
        output.line(format!("Screenshots kept with it: {}.", receipt.screenshots))?;
    }
    if receipt.sender_kept {
        output.line("Who sent it is kept apart, in the desk's folder tips/.")?;
    }
    Ok(())
}
