use std::path::Path;

use anyhow::Context as _;
use rules::RuleSet;
use rules::eval::{Fit, Judged, Part, Quality};

use super::rules::rules_dir;
use crate::Ended;
use crate::args::{Eval, Global};
use crate::line_diff::unified;
use crate::output::Output;

const FILE: &str = "weights.yaml";

/// `fusion eval --fit FILE... [--write]`
pub(crate) fn run(
    args: &Eval,
    rule_set: &RuleSet,
    parts: &[Part],
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let dir = rules_dir(args.rules.as_deref(), global)?;
    let file = dir.map(|dir| dir.join(FILE));
    if args.write && file.is_none() {
        anyhow::bail!("the built-in pack cannot be written to; say --rules DIR or --desk DIR");
    }
    let source = match &file {
        Some(file) => std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?,
        None => built_in()?,
    };
    let judged: Vec<&Judged> = parts.iter().flat_map(|part| &part.judged).collect();
    let fit = rules::eval::fit(rule_set, &source, &judged).map_err(anyhow::Error::msg)?;
    output.result(&fit)?;
    print(&fit, output)?;
    let name = file.as_deref().unwrap_or(Path::new(FILE)).display().to_string();
    let diff = unified(&name, &source, &fit.yaml);
    if diff.is_empty() {
        output.line("\nThe numbers stay as they are.")?;
        return Ok(Ended::Clean);
    }
    output.line(format!("\n{}", diff.trim_end()))?;
    match &file {
        Some(file) if args.write => {
            std::fs::write(file, &fit.yaml)
                .with_context(|| format!("cannot write {}", file.display()))?;
            output.line(format!("\nWritten to {}.", file.display()))?;
        }
        _ => output.line("\nNothing is written; --write does that.")?,
    }
    Ok(Ended::Clean)
}

fn built_in() -> anyhow::Result<String> {
    let bytes = RuleSet::builtin_files().find(|(path, _)| *path == FILE);
    let bytes = bytes.map(|(_, bytes)| bytes.to_vec()).unwrap_or_default();
    String::from_utf8(bytes).context("the built-in weights are no text")
}

fn print(fit: &Fit, output: &mut Output) -> anyhow::Result<()> {
    output.line(format!(
        "Fitted to {} postings, {} of them with findings. Held out: each posting judged by numbers \
         fitted to other scenarios.",
        fit.postings, fit.telling
    ))?;
    output.line(format!("  {:<24} precision recall F1    AUC   Brier", ""))?;
    print_quality("as they stand", &fit.now, output)?;
    print_quality("fitted, held out", &fit.fitted, output)
}

fn print_quality(name: &str, quality: &Quality, output: &mut Output) -> anyhow::Result<()> {
    let figures = &quality.figures;
    let [precision, recall, f1, auc] = [figures.precision, figures.recall, figures.f1, figures.auc]
        .map(|figure| figure.map_or("-".to_owned(), |figure| format!("{:.3}", figure.value)));
    output.line(format!(
        "  {name:<24} {precision:<9} {recall:<6} {f1:<5} {auc:<5} {:.3}",
        quality.brier
    ))
}
