use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::{Clock as _, IndicatorId, LeadId};
use packet::{IndicatorWords, PacketRequest};
use pipeline::Desk;

use super::open_desk;
use crate::Ended;
use crate::args::{Global, Packet, PacketBuild};
use crate::clock::SystemClock;
use crate::output::{Output, one_line};

/// `fusion packet build|verify`
pub(crate) fn run(command: &Packet, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Packet::Build(build) => run_build(build, global, output),
        Packet::Verify { file } => run_verify(file, output),
    }
}

fn run_build(args: &PacketBuild, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let by = args.person.name()?;
    let mut desk = open_desk(global)?;
    let (path, digest) =
        build(&mut desk, &args.lead, &by, args.approved_by.as_deref(), args.output.as_deref())?;
    desk.close()?;
    output.result(&serde_json::json!({ "packet": path, "sha256": digest }))?;
    output.line(format!("The packet is {}", path.display()))?;
    output.line(format!("{digest}"))?;
    output.line("Check it with `fusion packet verify`, or as how-to-check.txt in it says.")?;
    Ok(Ended::Clean)
}

/// Builds a packet, writes the export into the custody log, and only then puts it in its place.
pub(crate) fn build(
    desk: &mut Desk,
    lead: &LeadId,
    by: &str,
    approved_by: Option<&str>,
    place: Option<&Path>,
) -> anyhow::Result<(PathBuf, domain::Sha256)> {
    let approved_by = desk.may_export(lead, by, approved_by)?;
    let place = match place {
        Some(place) => place.to_owned(),
        None => desk.dir().join("data").join("packets").join(format!("{lead}.zip")),
    };
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let view = desk.lead_view(lead)?;
    let request = PacketRequest {
        desk: &desk.settings().config.desk.name,
        lead: &view.lead,
        postings: &view.postings,
        links: &view.ties,
        indicators: &indicator_words(desk),
        rule_set: desk.settings().rule_set.hash(),
        prepared_by: by,
        approved_by: &approved_by,
        built_at: SystemClock.now(),
    };
    let built = packet::build(&request, desk.dir(), &place)?;
    let digest = built.sha256;
    let file = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    desk.record_export(lead, by, &approved_by, digest, &file)?;
    Ok((built.hand_out()?, digest))
}

fn indicator_words(desk: &Desk) -> BTreeMap<IndicatorId, IndicatorWords> {
    let words = desk.settings().rule_set.indicators().iter().map(|indicator| {
        let words = IndicatorWords {
            title: indicator.title.clone(),
            definition: indicator.definition.clone(),
        };
        (indicator.id.clone(), words)
    });
    words.collect()
}

fn run_verify(file: &Path, output: &mut Output) -> anyhow::Result<Ended> {
    let report = packet::verify(file)?;
    output.result(&report)?;
    for fault in &report.faults {
        output.line(format!("FAULT {}", one_line(&fault.to_string())))?;
    }
    if report.faults.is_empty() {
        output.line(format!(
            "{}: {} files, all as they were sealed.",
            file.display(),
            report.good
        ))?;
    } else {
        output.line(format!("{}: {} faults.", file.display(), report.faults.len()))?;
    }
    Ok(Ended::with_problems(!report.faults.is_empty()))
}
