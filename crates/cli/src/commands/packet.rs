use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use domain::{Clock as _, CoverSheet, Grading, IndicatorId, LeadId, Sha256};
use evidence::DeskKey;
use jiff::tz::TimeZone;
use packet::{
    Handover, IndicatorGrounds, IndicatorWords, PacketRequest, Recipient, ReportLanguage, Variant,
};
use pipeline::Desk;

use super::{desk_dir, open_desk};
use crate::Ended;
use crate::args::{Global, Packet, PacketApprove, PacketBuild, PacketReceipt};
use crate::clock::SystemClock;
use crate::output::{Output, one_line};

/// `fusion packet build|approve|receipt|key|verify`
pub(crate) fn run(command: &Packet, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Packet::Build(build) => run_build(build, global, output),
        Packet::Approve(approve) => run_approve(approve, global, output),
        Packet::Receipt(receipt) => run_receipt(receipt, global, output),
        Packet::Key => run_key(global, output),
        Packet::Verify { file, key } => run_verify(file, key.as_deref(), output),
    }
}

/// What a packet is made with, beside the lead.
struct Terms {
    cover: CoverSheet,
    language: ReportLanguage,
    variant: Variant,
    grading: Grading,
    tlp: domain::Tlp,
    recipients: Vec<Recipient>,
}

impl Terms {
    /// What holds on this desk when nothing was said.
    fn of(desk: &Desk) -> anyhow::Result<Self> {
        let config = &desk.settings().config.packet;
        let language = ReportLanguage::from_code(config.language.code()).with_context(|| {
            format!(
                "fusion.toml: packet.language = \"{}\": reports are in uk, ro, ru or en",
                config.language
            )
        })?;
        let handling = config.handling.as_deref();
        let grading = Grading::by_person(config.grading, None, None, handling)
            .context("fusion.toml: packet.handling")?;
        Ok(Self {
            cover: CoverSheet::default(),
            language,
            variant: Variant::Full,
            grading,
            tlp: config.tlp,
            recipients: Vec::new(),
        })
    }

    /// As a person graded it; what they left out stays.
    fn graded(
        mut self,
        source: Option<&str>,
        information: Option<&str>,
        handling: Option<&str>,
    ) -> anyhow::Result<Self> {
        let handling = Some(handling.unwrap_or(self.grading.handling()));
        self.grading = Grading::by_person(self.grading.scheme, source, information, handling)?;
        Ok(self)
    }

    fn with(mut self, args: &PacketBuild) -> anyhow::Result<Self> {
        let grade = &args.grade;
        self = self.graded(
            grade.source_grade.as_deref(),
            grade.information_grade.as_deref(),
            grade.handling.as_deref(),
        )?;
        self.language = args.language.unwrap_or(self.language);
        self.tlp = grade.tlp.unwrap_or(self.tlp);
        if args.redacted {
            self.variant = Variant::Redacted;
        }
        if let Some(path) = &args.cover {
            self.cover = packet::read_cover(path)?;
        }
        self.recipients.clone_from(&args.to);
        Ok(self)
    }
}

fn run_build(args: &PacketBuild, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let by = args.person.name()?;
    let mut desk = open_desk(global)?;
    let terms = Terms::of(&desk)?.with(args)?;
    let approved_by = args.approved_by.as_deref();
    let place = args.output.as_deref();
    let (path, digest) = build_on(&mut desk, &args.lead, &by, approved_by, place, &terms)?;
    desk.close()?;
    output.result(&serde_json::json!({ "packet": path, "sha256": digest }))?;
    output.line(format!("The packet is {}", path.display()))?;
    output.line(format!("{digest}"))?;
    if terms.recipients.is_empty() {
        output.line("Check it with `fusion packet verify`, or as how-to-check.txt in it says.")?;
    } else {
        output.line(format!("It is encrypted for {} recipients.", terms.recipients.len()))?;
    }
    Ok(Ended::Clean)
}

/// Builds a packet on the terms that somebody chose in the app.
pub(crate) fn build_as_said(
    desk: &mut Desk,
    lead: &LeadId,
    by: &str,
    said: &web::PacketTerms,
) -> anyhow::Result<(PathBuf, Sha256)> {
    let mut terms = Terms::of(desk)?.graded(
        said.source_grade.as_deref(),
        said.information_grade.as_deref(),
        said.handling.as_deref(),
    )?;
    if let Some(code) = &said.language {
        terms.language = ReportLanguage::from_code(code)
            .with_context(|| format!("there are no reports in `{code}`"))?;
    }
    terms.tlp = said.tlp.unwrap_or(terms.tlp);
    terms.cover.clone_from(&said.cover);
    if said.redacted {
        terms.variant = Variant::Redacted;
    }
    build_on(desk, lead, by, None, None, &terms)
}

/// Writes the approval into the custody log, builds the packet, writes the export into the log, and
/// only then puts the packet in its place.
fn build_on(
    desk: &mut Desk,
    lead: &LeadId,
    by: &str,
    approved_by: Option<&str>,
    place: Option<&Path>,
    terms: &Terms,
) -> anyhow::Result<(PathBuf, Sha256)> {
    let approved_by = desk.may_export(lead, by, approved_by)?;
    let place = match place {
        Some(place) => place.to_owned(),
        None => {
            let redacted = if terms.variant == Variant::Redacted { "-redacted" } else { "" };
            desk.dir().join("data").join("packets").join(format!("{lead}{redacted}.zip"))
        }
    };
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    desk.ensure_approval(lead, by, &approved_by)?;
    let built = built(desk, lead, by, &approved_by, &place, terms)?;
    let digest = built.sha256;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    desk.record_export(lead, by, &approved_by, digest, &name(&place))?;
    if terms.recipients.is_empty() {
        return Ok((built.hand_out()?, digest));
    }
    let (place, encrypted) = built.hand_out_to(&terms.recipients)?;
    let recipients = terms.recipients.iter().map(ToString::to_string).collect();
    desk.record_handover(lead, by, digest, recipients, &name(&place), encrypted)?;
    Ok((place, encrypted))
}

fn built(
    desk: &Desk,
    lead: &LeadId,
    by: &str,
    approved_by: &str,
    place: &Path,
    terms: &Terms,
) -> anyhow::Result<packet::Built> {
    let view = desk.lead_view(lead)?;
    let config = &desk.settings().config;
    let built_at = SystemClock.now();
    let time_zone = TimeZone::get(&config.packet.time_zone).with_context(|| {
        format!("fusion.toml: packet.time_zone = \"{}\"", config.packet.time_zone)
    })?;
    let days = i64::from(config.packet.retention_days);
    let retain_until = (days > 0).then(|| {
        let today = built_at.to_zoned_datetime(TimeZone::UTC).date();
        today.saturating_add(jiff::Span::new().days(days))
    });
    let request = PacketRequest {
        desk: &config.desk.name,
        lead: &view.lead,
        postings: &view.postings,
        links: &view.ties,
        indicators: &indicator_words(desk),
        rule_set: desk.settings().rule_set.hash(),
        prepared_by: by,
        approved_by,
        built_at,
    };
    let handover = Handover {
        language: terms.language,
        variant: terms.variant,
        grading: terms.grading.clone(),
        tlp: terms.tlp,
        conditions: &config.packet.conditions,
        retain_until,
        routes: &config.packet.routes,
        time_zone,
        cover: &terms.cover,
        grounds: &grounds(desk),
        key: Some(&DeskKey::open(&desk.dir().join("keys"))?),
        ..Handover::default()
    };
    Ok(packet::build_for(&request, &handover, desk.vault(), place)?)
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

fn grounds(desk: &Desk) -> BTreeMap<IndicatorId, IndicatorGrounds> {
    let grounds = desk.settings().rule_set.indicators().iter().map(|indicator| {
        let strength = serde_json::to_value(indicator.strength).unwrap_or_default();
        let grounds = IndicatorGrounds {
            strength: strength.as_str().unwrap_or_default().to_owned(),
            source: indicator.source.clone(),
        };
        (indicator.id.clone(), grounds)
    });
    grounds.collect()
}

fn run_approve(
    args: &PacketApprove,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let by = args.person.name()?;
    let mut desk = open_desk(global)?;
    desk.approve(&args.lead, &by)?;
    desk.close()?;
    output.result(&serde_json::json!({ "lead": args.lead, "approved_by": by }))?;
    output.line(format!("{} is approved by {by}; somebody else builds the packet.", args.lead))?;
    Ok(Ended::Clean)
}

fn run_receipt(
    args: &PacketReceipt,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let by = args.person.name()?;
    let stated = args.packet.trim();
    let prefixed =
        if stated.starts_with("sha256:") { stated.to_owned() } else { format!("sha256:{stated}") };
    let packet =
        match prefixed.parse::<Sha256>() {
            Ok(digest) => digest,
            Err(_) => Sha256::of(&std::fs::read(stated).with_context(|| {
                format!("`{stated}` is no SHA-256 and no file that can be read")
            })?),
        };
    let mut desk = open_desk(global)?;
    desk.record_receipt(&args.lead, &by, packet, args.from.trim(), args.reference.trim())?;
    desk.close()?;
    output
        .result(&serde_json::json!({ "lead": args.lead, "packet": packet, "from": args.from }))?;
    output.line(format!("Noted: {} confirmed {packet}", one_line(&args.from)))?;
    Ok(Ended::Clean)
}

fn run_key(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let dir = desk_dir(global)?;
    if !dir.join("fusion.toml").is_file() {
        return Err(pipeline::PipelineError::NoDesk(dir).into());
    }
    let key = DeskKey::open(&dir.join("keys"))?;
    output.result(&serde_json::json!({ "id": key.id(), "public_key": key.public_text() }))?;
    output.line(key.public_text().trim_end())?;
    Ok(Ended::Clean)
}

fn run_verify(file: &Path, key: Option<&Path>, output: &mut Output) -> anyhow::Result<Ended> {
    let key = key.map(|path| {
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    });
    let report = packet::verify_with(file, key.transpose()?.as_deref())?;
    output.result(&report)?;
    for note in &report.notes {
        output.line(format!("note: {}", one_line(note)))?;
    }
    for fault in &report.faults {
        output.line(format!("FAULT {}", one_line(&fault.to_string())))?;
    }
    if let Some(id) = &report.signed_by {
        output.line(format!("Signed by the desk key {id}."))?;
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
