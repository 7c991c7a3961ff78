use std::sync::{Arc, Mutex};

use domain::{OutcomeClass, Source, SourceId, Tally};
use pipeline::{Collectors, Desk, ImportOptions, ScanReport, SourceRevisits};

use super::progress::Progress;
use super::{open_desk, runtime, watch};
use crate::Ended;
use crate::args::{Global, Import, Scan};
use crate::clock::SystemClock;
use crate::output::{Output, one_line};

/// How many faults are printed by name; all are in the JSON form.
const FAULTS_SHOWN: usize = 40;

/// Enough for as many hosts as anybody walks at once.
const OPEN_FILES: u64 = 16_384;

/// `fusion scan`
pub(crate) fn run_scan(args: &Scan, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let stop_file = desk.dir().join(pipeline::STOP_FILE);
    if stop_file.exists() {
        anyhow::bail!("{} is there: remove it to let scans begin again", stop_file.display());
    }
    allow_open_files();
    if args.watch {
        return watch::run(desk, output);
    }
    let (sources, revisits) = chosen(&desk, args)?;
    let web = Arc::new(desk.settings().polite_client(Arc::new(SystemClock))?);
    let progress = Progress::things("scanning", sources.len() as u64, global);
    let desk = Arc::new(Mutex::new(desk));
    let report = runtime()?.block_on(pipeline::scan_and_revisit(
        desk.clone(),
        sources,
        revisits,
        web,
        &|_| {
            progress.one_more();
        },
    ));
    progress.end();
    close(desk)?;
    print(&report?, output)
}

/// `fusion import FILE...`
pub(crate) fn run_import(
    args: &Import,
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let desk = Arc::new(Mutex::new(open_desk(global)?));
    let collectors = Collectors::new(Arc::new(SystemClock));
    let options = ImportOptions {
        kind: args.kind.clone(),
        source: args.source.clone(),
        columns: args.column.clone(),
        region: args.region,
        language: args.language,
        basis: args.basis.clone(),
    };
    let runtime = runtime()?;
    let mut all = ScanReport::default();
    let mut failed = None;
    for file in &args.files {
        match runtime.block_on(pipeline::import(desk.clone(), file, &options, &collectors)) {
            Ok(report) => all.sources.extend(report.sources),
            Err(error) => {
                failed = Some(error);
                break;
            }
        }
    }
    close(desk)?;
    let ended = print_imported(all, output);
    match failed {
        Some(error) => Err(error.into()),
        None => ended,
    }
}

/// Prints what an import met, and ends with the sentence about the first file that could not be read
/// to its end.
pub(crate) fn print_imported(report: ScanReport, output: &mut Output) -> anyhow::Result<Ended> {
    let ended = print(&report, output)?;
    let mut sources = report.sources.into_iter();
    match sources.find_map(|(_, report)| report.incomplete) {
        Some(problem) => anyhow::bail!("{}", problem.detail),
        None => Ok(ended),
    }
}

/// The sources that are to be walked, and the postings whose pages are to be asked for again.
fn chosen(desk: &Desk, args: &Scan) -> anyhow::Result<(Vec<Source>, Vec<SourceRevisits>)> {
    if desk.settings().sources.is_empty() {
        anyhow::bail!(
            "the desk has no sources: write one into sources.toml or use `fusion source add`"
        );
    }
    let named = named(desk, &args.source)?;
    let is_named = |id: &SourceId| named.is_empty() || named.iter().any(|source| source.id == *id);
    let mut revisits = if args.again { desk.revisits_possible()? } else { desk.revisits_due()? };
    revisits.retain(|revisits| is_named(&revisits.source.id));
    let sources = match args {
        Scan { again: true, .. } => Vec::new(),
        Scan { due: true, .. } => desk.due()?,
        _ if named.is_empty() => desk.settings().sources.to_vec(),
        _ => named,
    };
    Ok((sources, revisits))
}

/// What came of asking for postings again, if any were.
pub(crate) fn revisited(total: &Tally, output: &mut Output) -> anyhow::Result<()> {
    const FOUND: [(&str, &str); 6] = [
        ("revisit.unchanged", "unchanged"),
        ("revisit.changed", "changed"),
        ("revisit.gone", "gone"),
        ("revisit.not-shown", "not shown any more"),
        ("revisit.refused", "not asked"),
        ("revisit.failed", "failed"),
    ];
    let found = FOUND.iter().map(|(name, words)| (total.of(name), words));
    let found: Vec<_> = found.filter(|(count, _)| *count > 0).collect();
    if found.is_empty() {
        return Ok(());
    }
    let all: u64 = found.iter().map(|(count, _)| count).sum();
    let parts: Vec<String> =
        found.iter().map(|(count, words)| format!("{count} {words}")).collect();
    let postings = if all == 1 { "1 posting".to_owned() } else { format!("{all} postings") };
    output.line(format!("{postings} asked for again: {}", parts.join(", ")))
}

/// What came of fetching the pictures and stylesheets of flagged postings, if any were.
pub(crate) fn fetched(total: &Tally, output: &mut Output) -> anyhow::Result<()> {
    const CAME: [(&str, &str); 4] = [
        ("kept", "kept"),
        ("known", "known already"),
        ("refused", "not asked for"),
        ("failed", "not to be had"),
    ];
    for (kind, what) in
        [("image", "pictures of flagged postings"), ("stylesheet", "stylesheets of their pages")]
    {
        let came = CAME.iter().map(|(name, words)| (total.of(&format!("{kind}.{name}")), words));
        let parts: Vec<String> = came
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        if !parts.is_empty() {
            output.line(format!("{what}: {}", parts.join(", ")))?;
        }
    }
    Ok(())
}

fn named(desk: &Desk, ids: &[SourceId]) -> anyhow::Result<Vec<Source>> {
    let known = &desk.settings().sources;
    let named = ids.iter().map(|id| {
        known.iter().find(|source| source.id == *id).cloned().ok_or_else(|| {
            let known: Vec<&str> = known.iter().map(|source| source.id.as_str()).collect();
            anyhow::anyhow!("there is no source `{id}`; there are: {}", known.join(", "))
        })
    });
    named.collect()
}

/// Each host that is asked is an open file. Many systems allow a thousand at first and more to those
/// who ask; where they do not, connections fail and are counted.
fn allow_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(OPEN_FILES) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

pub(crate) fn close(desk: Arc<Mutex<Desk>>) -> anyhow::Result<()> {
    // Walks that were broken off may still hold the desk; dropping it unclosed is safe.
    if let Some(desk) = Arc::into_inner(desk).and_then(|desk| desk.into_inner().ok()) {
        desk.close()?;
    }
    Ok(())
}

/// Prints a scan's outcomes: everything that was met is in one of the counts.
pub(crate) fn print(report: &ScanReport, output: &mut Output) -> anyhow::Result<Ended> {
    let total = report.total();
    output.result(&serde_json::json!({
        "sources": report.sources.iter().map(|(id, source)| serde_json::json!({
            "source": id,
            "outcomes": source.tally.iter().map(|(outcome, count)| serde_json::json!({
                "name": outcome.name, "class": outcome.class, "count": count,
            })).collect::<Vec<_>>(),
            "problems": source.problems,
        })).collect::<Vec<_>>(),
        "outcomes": total.iter().map(|(outcome, count)| (outcome.name, count)).collect::<std::collections::BTreeMap<_, _>>(),
    }))?;
    for (class, heading) in [
        (OutcomeClass::Done, "done"),
        (OutcomeClass::Intended, "passed over by a rule of ours"),
        (OutcomeClass::Fault, "faults"),
    ] {
        if total.of_class(class) == 0 {
            continue;
        }
        output.line(format!("{heading}:"))?;
        for (outcome, count) in total.iter().filter(|(outcome, _)| outcome.class == class) {
            output.line(format!("{count:>9}  {}", outcome.name))?;
        }
    }
    for (source, problem) in report.problems().take(FAULTS_SHOWN) {
        output.line(format!("  {source}: {}", one_line(&problem.to_string())))?;
    }
    let more = report.problems().count().saturating_sub(FAULTS_SHOWN);
    if more > 0 {
        output.line(format!("  and {more} more; --format json has them all"))?;
    }
    output.line(format!(
        "{} postings read: {} flagged, {} clear, {} unchanged",
        total.of("posting.flagged") + total.of("posting.clear") + total.of("posting.unchanged"),
        total.of("posting.flagged"),
        total.of("posting.clear"),
        total.of("posting.unchanged"),
    ))?;
    revisited(&total, output)?;
    fetched(&total, output)?;
    Ok(Ended::Clean)
}
