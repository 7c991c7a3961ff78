use std::path::Path;

use anyhow::Context as _;
use domain::Language;
use rules::RuleSet;
use rules::eval::{Figure, Judged, Part, SignFit, StemsFit, fit_stems};

use super::rules::rules_dir;
use crate::Ended;
use crate::args::{Eval, Global};
use crate::output::Output;

const FILE: &str = "stems.yaml";
const SIGNS_FILE: &str = "signs.yaml";

/// `fusion eval --fit-stems FILE... [--write]`: the stems of every language whose folder has them.
pub(crate) fn run(
    args: &Eval,
    rule_set: &RuleSet,
    parts: &[Part],
    global: &Global,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    let dir = rules_dir(args.rules.as_deref(), global)?;
    let Some(dir) = dir else {
        anyhow::bail!("stems are fitted for a folder of rules; say --rules DIR or --desk DIR");
    };
    let judged: Vec<&Judged> = parts.iter().flat_map(|part| &part.judged).collect();
    let mut fitted = 0;
    for language in Language::ALL {
        let file = dir.join(language.code()).join(FILE);
        let is_asked = judged.iter().any(|one| one.language() == language.code());
        if !is_asked || !file.is_file() {
            continue;
        }
        let source = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let fit = fit_stems(language, &source, rule_set, &judged).map_err(anyhow::Error::msg)?;
        fitted += 1;
        output.result(&fit)?;
        print(&fit, output)?;
        conclude(&file, &source, &fit.yaml, args.write, output)?;
        let file = file.with_file_name(SIGNS_FILE);
        let source = if file.is_file() {
            std::fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?
        } else {
            String::new()
        };
        print_signs(&fit, output)?;
        conclude(&file, &source, &fit.signs_yaml, args.write, output)?;
    }
    anyhow::ensure!(
        fitted > 0,
        "no posting is in a language with a {FILE} under {}; to begin one, write there: language, \
         never: [], bias: 0, stems: \"\"",
        dir.display()
    );
    Ok(Ended::Clean)
}

fn conclude(
    file: &Path,
    source: &str,
    fitted: &str,
    write: bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    if source == fitted {
        return output.line("  the numbers stay as they are");
    }
    if !write {
        return output.line("  nothing is written; --write does that");
    }
    std::fs::write(file, fitted).with_context(|| format!("cannot write {}", file.display()))?;
    output.line(format!("  written to {}", file.display()))
}

fn print(fit: &StemsFit, output: &mut Output) -> anyhow::Result<()> {
    let [precision, recall, auc] = [fit.held_out.precision, fit.held_out.recall, fit.held_out.auc]
        .map(|figure| figure.map_or("-".to_owned(), |Figure { value, .. }| format!("{value:.2}")));
    output.line(format!(
        "\n{}: {} stems fitted to {} postings, {} of them leads",
        fit.language.code(),
        fit.stems,
        fit.postings,
        fit.leads
    ))?;
    output.line(format!(
        "  words alone, each posting judged by a fit to other scenarios: precision {precision}, recall \
         {recall}, AUC {auc}"
    ))?;
    output.line(format!("  speak for a look: {}", fit.recruiting.join(" ")))?;
    output.line(format!("  speak against it: {}", fit.ordinary.join(" ")))
}

fn print_signs(fit: &StemsFit, output: &mut Output) -> anyhow::Result<()> {
    output
        .line("  signs where no phrase says them, each lead judged by a fit to other scenarios: leads, precision, recall")?;
    for SignFit { indicator, leads, held_out, .. } in &fit.signs {
        let [precision, recall] = held_out.map_or(["-", "-"].map(str::to_owned), |figures| {
            [figures.0, figures.1].map(|figure| format!("{figure:.2}"))
        });
        output.line(format!("    {indicator:<24} {leads:>5} {precision:>5} {recall:>5}"))?;
    }
    Ok(())
}
