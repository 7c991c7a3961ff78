use std::path::Path;
use std::sync::Arc;

use domain::{Source as SourceTable, SourceId, SourceKind};
use pipeline::{Collectors, Probe, Settings};

use super::{desk_dir, open_desk, runtime};
use crate::Ended;
use crate::args::{Global, Source, SourceAdd, SourceTest};
use crate::clock::SystemClock;
use crate::output::{Output, one_line, shortened};

/// How many problems of a test are printed one by one; all are in its counts.
const PROBLEMS_SHOWN: usize = 40;

/// `fusion source add|list|candidates|health|test`
pub(crate) fn run(command: &Source, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Source::Add(add) => run_add(add, global, output),
        Source::List => run_list(global, output),
        Source::Candidates => run_candidates(global, output),
        Source::Health => run_health(global, output),
        Source::Test(test) => run_test(test, global, output),
    }
}

fn run_add(add: &SourceAdd, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let source = SourceTable {
        language: add.language,
        region: add.region,
        allow_private: add.allow_private,
        min_delay_ms: add.min_delay_ms,
        max_pages: add.max_pages,
        schedule: add.schedule.clone(),
        time_zone: add.time_zone.clone(),
        ..SourceTable::new(add.id.clone(), &add.kind, add.url.clone(), add.basis.clone())
    };
    let source = add.reading.of(source)?;
    pipeline::add_source(&desk_dir(global)?, &Collectors::new(Arc::new(SystemClock)), &source)?;
    output.result(&source)?;
    output.line(format!("Source `{}` is in sources.toml.", source.id))?;
    Ok(Ended::Clean)
}

fn run_list(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let collectors = Collectors::new(Arc::new(SystemClock));
    let Settings { sources, .. } = Settings::read(&desk_dir(global)?, &collectors)?;
    output.results(&sources)?;
    if sources.is_empty() {
        output.line("The desk has no sources yet.")?;
    }
    for source in &sources {
        let paused = if source.paused { "  (paused)" } else { "" };
        output.line(format!(
            "{:<24} {:<10} {}{paused}",
            source.id,
            source.kind.0,
            one_line(&source.url)
        ))?;
    }
    Ok(Ended::Clean)
}

fn run_candidates(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let candidates = desk.candidates()?;
    output.results(&candidates)?;
    for candidate in &candidates {
        let leads: Vec<&str> = candidate.named_in.iter().map(|lead| lead.as_str()).collect();
        output.line(format!(
            "{:>5}  {:<10} {}  in {}",
            candidate.leads,
            if candidate.is_closed { "closed" } else { candidate.kind.unwrap_or("?") },
            one_line(&candidate.address),
            leads.join(" ")
        ))?;
    }
    output.line(format!(
        "{} places; try one with `fusion source test`, add it with `fusion source add`; what is closed \
         lets in members alone, and is not collected from",
        candidates.len()
    ))?;
    desk.close()?;
    Ok(Ended::Clean)
}

fn run_health(global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let desk = open_desk(global)?;
    let sources = desk.settings().sources.clone();
    if sources.is_empty() {
        output.line("The desk has no sources yet.")?;
    }
    let mut needs_a_look = false;
    let mut rows = Vec::new();
    for source in &sources {
        let health = desk.health(source)?;
        needs_a_look |= !health.alarms.is_empty();
        let last = health.last_walk.map_or("never walked".to_owned(), |at| {
            format!(
                "{}, {} new, usually {:.1}",
                at.strftime("%Y-%m-%d %H:%M UTC"),
                health.new,
                health.new_usually
            )
        });
        let state = match (health.alarms.is_empty(), source.paused) {
            (false, _) => "look",
            (true, true) => "paused",
            (true, false) => "well",
        };
        output.line(format!("{state:<7}{:<24} {last}", source.id))?;
        for alarm in &health.alarms {
            output.line(format!("       {}: {}", alarm.name, one_line(&alarm.reason)))?;
        }
        rows.push(serde_json::json!({ "source": source.id, "state": state, "health": health }));
    }
    output.results(&rows)?;
    desk.close()?;
    Ok(Ended::with_problems(needs_a_look))
}

fn run_test(test: &SourceTest, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let collectors = Collectors::new(Arc::new(SystemClock));
    let settings = Settings::read(&desk_dir(global)?, &collectors)?;
    let (source, kind) = source_to_test(test, &settings, &collectors)?;
    if let Some(kind) = &kind {
        collectors.check(&SourceTable { kind: kind.clone(), ..source.clone() })?;
    }
    let client = settings.polite_client(Arc::new(SystemClock))?;
    let probing = pipeline::probe(&source, kind.as_ref(), &client, &collectors, &settings.rule_set);
    let probed = runtime()?.block_on(probing);
    match probed {
        Ok(probe) => {
            output.result(&probe)?;
            print_probe(&probe, output)?;
            Ok(Ended::with_problems(probe.found == 0))
        }
        Err(problem) => anyhow::bail!("nothing was read: {problem}"),
    }
}

fn source_to_test(
    test: &SourceTest,
    settings: &Settings,
    collectors: &Collectors,
) -> anyhow::Result<(SourceTable, Option<SourceKind>)> {
    let asked = test.kind.clone().map(SourceKind);
    if let Some(source) = settings.sources.iter().find(|source| source.id.as_str() == test.url) {
        let kind = asked.unwrap_or_else(|| source.kind.clone());
        return Ok((source.clone(), Some(kind)));
    }
    let path = Path::new(test.url.strip_prefix("file://").unwrap_or(&test.url));
    if path.exists() {
        let source = pipeline::file_to_test(path, test.kind.as_deref(), collectors)?;
        let kind = source.kind.clone();
        return Ok((test.reading.of(source)?, Some(kind)));
    }
    if !test.url.contains("://") {
        anyhow::bail!(
            "`{}` is neither a source of this desk, nor a file or folder, nor an address like https://...",
            test.url
        );
    }
    let kind = test.kind.as_deref().unwrap_or("feed");
    let source = SourceTable {
        allow_private: test.allow_private,
        max_pages: Some(3),
        ..SourceTable::new(SourceId::new("test")?, kind, test.url.clone(), "source test")
    };
    let source = test.reading.of(source)?;
    Ok((source, asked))
}

fn print_probe(probe: &Probe, output: &mut Output) -> anyhow::Result<()> {
    let came = match probe.status {
        0 if probe.parts == 1 => "1 part".to_owned(),
        0 => format!("{} parts", probe.parts),
        status => format!("status {status}"),
    };
    output.line(format!(
        "{}: {came}, {} bytes, read as {}: {} postings",
        one_line(&probe.url),
        probe.bytes,
        probe.kind,
        probe.found
    ))?;
    for (posting, assessment) in &probe.postings {
        let title = posting.title.as_deref().unwrap_or(&posting.text);
        output.line(format!(
            "{:>3} {:<8} {}  {}",
            assessment.score.value(),
            assessment.band.name(),
            posting.published_at.map_or_else(|| "no date".to_owned(), |at| at.to_string()),
            shortened(title, 80)
        ))?;
    }
    let more = probe.found - probe.postings.len();
    if more > 0 {
        output.line(format!("    and {more} more"))?;
    }
    for problem in probe.problems.iter().take(PROBLEMS_SHOWN) {
        output.line(one_line(&problem.to_string()))?;
    }
    if probe.problems.len() > PROBLEMS_SHOWN || probe.status == 0 {
        for (name, times) in &probe.outcomes {
            output.line(format!("{times:>9}  {name}"))?;
        }
    }
    Ok(())
}
