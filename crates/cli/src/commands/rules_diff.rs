use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use domain::Band;
use pipeline::{PostingChange, RuleDiff, Voice};
use rules::{Rule, RuleChange, RuleSet};
use serde::Serialize;

use crate::Ended;
use crate::args::RulesDiff;
use crate::line_diff::unified;
use crate::output::{Output, one_line, remark, shortened};

/// Longest quote shown.
const QUOTE: usize = 60;

/// The whole difference, for programs.
#[derive(Serialize)]
struct Difference<'d> {
    rules: &'d [RuleChange],
    weights: &'d str,
    postings: u64,
    changes: &'d [PostingChange],
}

/// `fusion rules diff OLD NEW [FILE...]`
pub(crate) fn run(args: &RulesDiff, output: &mut Output) -> anyhow::Result<Ended> {
    let (old, new) = (pipeline::load_rules(&args.old)?, pipeline::load_rules(&args.new)?);
    let rules = rules::rule_changes((&args.old, &old), (&args.new, &new))?;
    let weights = weights_diff(&args.old, &args.new)?;
    let mut diff = RuleDiff::new(&old, &new);
    if args.files.is_empty() {
        diff.on_examples(rules_of_both(&old, &new));
    }
    for file in &args.files {
        diff.on_file(file)?;
    }
    if diff.unreadable > 0 {
        remark(&format!("{} lines are no postings and were passed over", diff.unreadable));
    }
    // Flags that come and go first, then other bands, then scores.
    diff.changes.sort_by_key(|change| {
        let flips = change.old_band.is_flagged() != change.new_band.is_flagged();
        (!flips, change.old_band == change.new_band)
    });
    let (postings, changes) = (diff.postings, &diff.changes);
    output.result(&Difference { rules: &rules, weights: &weights, postings, changes })?;
    for change in &rules {
        output.line(format!("{:<44} {}", change.rule, change.what.join("; ")))?;
    }
    if !weights.is_empty() {
        output.line(weights.trim_end())?;
    }
    print_changes(changes, args.scores, output)?;
    print_summary(&rules, postings, changes, output)?;
    Ok(Ended::Clean)
}

/// The rules of the new pack, and those of the old one that it does not have.
fn rules_of_both<'r>(old: &'r RuleSet, new: &'r RuleSet) -> impl Iterator<Item = &'r Rule> {
    let known: BTreeSet<&str> = new.rules().iter().map(|rule| rule.id.as_str()).collect();
    let gone = old.rules().iter().filter(move |rule| !known.contains(rule.id.as_str()));
    new.rules().iter().chain(gone)
}

fn weights_diff(old: &Path, new: &Path) -> anyhow::Result<String> {
    let read = |dir: &Path| {
        let path = dir.join("weights.yaml");
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    Ok(unified("weights.yaml", &read(old)?, &read(new)?))
}

fn print_changes(
    changes: &[PostingChange],
    scores: bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    for change in changes.iter().filter(|change| scores || change.old_band != change.new_band) {
        output.line(format!(
            "\n{} in {}: {} {} -> {} {}",
            one_line(&change.id),
            one_line(&change.file),
            change.old_band.name(),
            change.old_score,
            change.new_band.name(),
            change.new_score
        ))?;
        for voice in &change.lost {
            output.line(voice_line('-', voice))?;
        }
        for voice in &change.gained {
            output.line(voice_line('+', voice))?;
        }
    }
    Ok(())
}

fn voice_line(mark: char, voice: &Voice) -> String {
    let quotes: Vec<String> =
        voice.quotes.iter().map(|quote| format!("\"{}\"", shortened(quote, QUOTE))).collect();
    format!("  {mark} {:+.2} {}  {}", voice.points, voice.rule, quotes.join(" "))
}

fn print_summary(
    rules: &[RuleChange],
    postings: u64,
    changes: &[PostingChange],
    output: &mut Output,
) -> anyhow::Result<()> {
    let mut moves: BTreeMap<(Band, Band), usize> = BTreeMap::new();
    for change in changes {
        *moves.entry((change.old_band, change.new_band)).or_default() += 1;
    }
    let other_bands = changes.iter().filter(|change| change.old_band != change.new_band).count();
    output.line(format!(
        "\n{} rules differ. Of {postings} postings, {other_bands} change band and {} change points alone.",
        rules.len(),
        changes.len() - other_bands
    ))?;
    for ((from, to), count) in moves.into_iter().filter(|((from, to), _)| from != to) {
        output.line(format!("  {count:>6}  {} -> {}", from.name(), to.name()))?;
    }
    Ok(())
}
