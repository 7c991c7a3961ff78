//! `fusion demo`: the whole flow on invented sample sites served on loopback.

mod app;
mod server;
mod sites;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use domain::Verdict;
use pipeline::{Desk, ScanReport};
use store::QueueFilter;

use crate::Ended;
use crate::args::Demo;
use crate::clock::SystemClock;
use crate::commands::{packet::build_as_said, queue::print_row, runtime, scan};
use crate::output::{Output, one_line};

const INVESTIGATOR: &str = "Olena Example";
const LIAISON: &str = "Mihai Example";
const LEADS_SHOWN: usize = 10;

/// `fusion demo [--no-serve]`
pub(crate) fn run(args: &Demo, output: &mut Output) -> anyhow::Result<Ended> {
    let sites = sites::Sites::load().context("the sample postings cannot be read")?;
    let postings = sites.postings();
    let address = server::start(sites).context("cannot serve the sample sites on loopback")?;
    let dir = desk_folder(args)?;
    pipeline::init(&dir, "Demo desk", "demo@example.org")?;
    std::fs::write(dir.join("sources.toml"), sources(&address.to_string()))?;
    output.line(format!(
        "Sample sites with {postings} invented postings are served at http://{address}."
    ))?;
    output.line(format!("The desk is {}.", dir.display()))?;

    output.line("\n== First scan")?;
    let first = scan_once(&dir)?;
    scan::print(&first, output)?;
    output.line("\n== Second scan: nothing new")?;
    let second = scan_once(&dir)?;
    scan::print(&second, output)?;
    let new = second.total();
    if new.of("posting.flagged") + new.of("posting.clear") > 0 {
        anyhow::bail!("the second scan found new postings on sites that have not changed");
    }

    let mut desk = Desk::open(&dir, Arc::new(SystemClock))?;
    review(&mut desk, output)?;
    let ended = hand_over(&mut desk, &dir, output)?;
    if args.no_serve {
        desk.close()?;
        return Ok(ended);
    }
    app::serve(desk, &address.to_string(), output)?;
    Ok(ended)
}

fn desk_folder(args: &Demo) -> anyhow::Result<PathBuf> {
    if let Some(dir) = &args.dir {
        return Ok(dir.clone());
    }
    let folder = tempfile::Builder::new().prefix("fusion-demo-").tempdir()?;
    // Kept: the demo ends by telling where everything lies.
    Ok(folder.keep())
}

fn sources(address: &str) -> String {
    format!(
        r#"# Invented sample sites on this machine; that is what `allow_private` is for.
[[source]]
id = "sample-feed"
kind = "feed"
url = "http://{address}/feed.xml"
region = "RO"
basis = "Invented sample site"
allow_private = true
min_delay_ms = 5

[[source]]
id = "sample-board"
kind = "job-page"
url = "http://{address}/board"
follow = "^/board/(staff/)?jobs/"
region = "MD"
basis = "Invented sample site"
allow_private = true
min_delay_ms = 5

[[source]]
id = "sample-channel-uk"
kind = "telegram"
url = "http://{address}/s/robota_zrazok"
language = "uk"
region = "UA"
basis = "Invented sample site"
allow_private = true
min_delay_ms = 5

[[source]]
id = "sample-channel-ro"
kind = "telegram"
url = "http://{address}/s/lucru_exemplu"
language = "ro"
region = "RO"
basis = "Invented sample site"
allow_private = true
min_delay_ms = 5
"#
    )
}

fn scan_once(dir: &Path) -> anyhow::Result<ScanReport> {
    let desk = Desk::open(dir, Arc::new(SystemClock))?;
    let sources = desk.settings().sources.clone();
    let web = Arc::new(desk.settings().polite_client(Arc::new(SystemClock))?);
    let desk = Arc::new(Mutex::new(desk));
    let report = runtime()?.block_on(pipeline::scan(desk.clone(), sources, web, &|_| ()));
    scan::close(desk)?;
    Ok(report?)
}

fn review(desk: &mut Desk, output: &mut Output) -> anyhow::Result<()> {
    let filter = QueueFilter::default();
    let all = desk.queue(&filter, usize::MAX)?;
    output.line(format!("\n== The review queue: {} leads, the first {LEADS_SHOWN}", all.len()))?;
    for (place, row) in all.iter().take(LEADS_SHOWN).enumerate() {
        print_row(place + 1, row, output)?;
    }
    let top = all.first().context("no lead came of the sample sites")?;
    let id = &top.lead.id;
    desk.claim(id, INVESTIGATOR)?;
    desk.view(id, INVESTIGATOR)?;
    let reason = "Several strong signs in one offer; asks for immediate departure";
    desk.decide(id, INVESTIGATOR, Verdict::Escalate, reason)?;
    output.line(format!("\n== A person decides\n{id}: escalate, by {INVESTIGATOR}: {reason}"))
}

fn hand_over(desk: &mut Desk, dir: &Path, output: &mut Output) -> anyhow::Result<Ended> {
    let filter = QueueFilter { verdict: Some(Verdict::Escalate), ..QueueFilter::default() };
    let decided = desk.queue(&filter, 1)?;
    let lead = &decided.first().context("the decided lead is gone")?.lead.id;
    let (path, digest) = build_as_said(desk, lead, LIAISON, &web::PacketTerms::default())?;
    output.line(format!("\n== The packet, prepared by {LIAISON}, approved by {INVESTIGATOR}"))?;
    output.line(format!("{}\n{digest}", path.display()))?;
    let report = packet::verify(&path)?;
    for fault in &report.faults {
        output.line(format!("FAULT {}", one_line(&fault.to_string())))?;
    }
    output.line(format!("{} files verified, {} faults", report.good, report.faults.len()))?;
    let evidence = evidence::verify(dir, &mut |_, _| ())?;
    output.line(format!(
        "{} custody entries, {} captures, {} snapshots verified, {} faults",
        evidence.entries,
        evidence.captures,
        evidence.snapshots,
        evidence.faults.len()
    ))?;
    output.line(format!("\n== Where everything lies\n{}", dir.display()))?;
    for (folder, what) in [
        ("captures/", "the pages as fetched, WARC 1.1"),
        ("snapshots/", "the evidence of each flagged posting, WACZ"),
        ("custody/", "who did what and when, hash-chained"),
        ("data/packets/", "the packet"),
        ("rules/", "the rules; yours to change"),
        ("store/", "the index; can be made anew"),
    ] {
        output.line(format!("  {folder:<15} {what}"))?;
    }
    Ok(Ended::with_problems(!report.faults.is_empty() || !evidence.faults.is_empty()))
}
