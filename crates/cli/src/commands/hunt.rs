use std::path::Path;

use analytics::{Hit, HuntCounts};
use domain::RuleId;
use rules::Quarry;

use super::rules::rules_dir;
use super::{archive, open_desk};
use crate::Ended;
use crate::args::{Format, Global, Hunt};
use crate::output::{Output, one_line, shortened};

/// Largest rule file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// `fusion hunt RULE|PHRASE`
pub(crate) fn run(args: &Hunt, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let hunt = made_ready(args, global)?;
    let desk = open_desk(global)?;
    let archive = archive::open(&desk, global)?;
    let mut shown = Vec::new();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut visit = |hit: &Hit| -> anyhow::Result<()> {
        if global.format == Format::Ndjson {
            return output.result(hit);
        }
        if shown.len() < args.limit {
            shown.push(hit.clone());
        }
        Ok(())
    };
    let counts = analytics::hunt(&archive, &hunt, args.since, threads, &mut visit)?;
    desk.close()?;
    if global.format == Format::Json {
        output.result(&serde_json::json!({ "counts": counts, "hits": shown }))?;
    }
    print(&shown, counts, hunt.within.is_some(), output)?;
    Ok(Ended::Clean)
}

/// A file if there is one of that name, a rule if the pack has one, else a phrase.
fn made_ready(args: &Hunt, global: &Global) -> anyhow::Result<rules::Hunt> {
    let dir = rules_dir(args.rules.as_deref(), global)?;
    let path = Path::new(&args.quarry);
    let names_file = [".yaml", ".yml"].iter().any(|ending| args.quarry.ends_with(ending));
    let hunt = if path.is_file() || names_file {
        let size = path.metadata().map(|file| file.len());
        if size.is_ok_and(|size| size > LARGEST) {
            anyhow::bail!("{} is larger than {LARGEST} bytes: no rule file", path.display());
        }
        let bytes = std::fs::read(path)
            .map_err(|error| anyhow::anyhow!("cannot read {}: {error}", path.display()))?;
        rules::Hunt::new(dir.as_deref(), Quarry::File(&bytes))?
    } else if let Some(id) = rule_id(&args.quarry) {
        let hunt = rules::Hunt::new(dir.as_deref(), Quarry::Rule(&id))?;
        if hunt.alone.is_none() && hunt.problems.is_empty() {
            anyhow::bail!("the pack has no rule `{id}`; see `fusion rules list`");
        }
        hunt
    } else {
        let quarry = Quarry::Phrase(&args.quarry, args.language);
        let hunt = rules::Hunt::new(dir.as_deref(), quarry)?;
        // A phrase stands in no file: only what is wrong with it is told.
        if let (None, Some(problem)) = (&hunt.alone, hunt.problems.first()) {
            anyhow::bail!("cannot hunt for the phrase `{}`: {}", args.quarry, problem.message);
        }
        hunt
    };
    match (&hunt.alone, hunt.problems.first()) {
        (None, Some(problem)) => anyhow::bail!("cannot hunt for this: {problem}"),
        (None, None) => anyhow::bail!("there is no rule in {}", args.quarry),
        (Some(_), _) => Ok(hunt),
    }
}

/// `uk.documents.kept`: three parts and no blank.
fn rule_id(text: &str) -> Option<RuleId> {
    let parts = text.split('.').filter(|part| !part.is_empty()).count();
    (parts == 3).then(|| RuleId::new(text).ok()).flatten()
}

fn print(
    hits: &[Hit],
    counts: HuntCounts,
    is_rule: bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    for hit in hits {
        let day = hit.published_at.unwrap_or(hit.captured_at).strftime("%Y-%m-%d");
        let new = match hit.new_score {
            Some(new) if hit.newly_flagged => format!(" -> {}  newly flagged", new.value()),
            Some(new) if u32::from(new.value()) != hit.score => format!(" -> {}", new.value()),
            _ => String::new(),
        };
        output.line(format!(
            "{}  {day}  {}  {}  {} {}{new}",
            hit.posting,
            hit.lang,
            one_line(&hit.source),
            hit.score,
            hit.band
        ))?;
        for found in &hit.found {
            let quotes: Vec<String> = found
                .spans
                .iter()
                .take(3)
                .map(|span| format!("«{}»", shortened(&span.quote, 90)))
                .collect();
            output.line(format!("     {:<28} {}", found.rule, quotes.join(" ")))?;
        }
    }
    let more = counts.hits.saturating_sub(hits.len() as u64);
    if more > 0 {
        output.line(format!("and {more} more; --limit shows more, --format ndjson gives all"))?;
    }
    output.line(format!(
        "{} of {} wordings in the archive; {} are flagged already{}.",
        counts.hits,
        counts.read,
        counts.flagged_already,
        if is_rule { format!(", {} would be new", counts.newly_flagged) } else { String::new() }
    ))
}
