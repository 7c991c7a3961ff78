use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rules::{Rule, RuleProblem, RuleSet};

use super::{desk_dir, lock, rules_diff};
use crate::Ended;
use crate::args::{Global, Rules, RulesDir, RulesDocs};
use crate::output::{Output, one_line};

/// `fusion rules check|test|list|show|docs|lock|diff`
pub(crate) fn run(command: &Rules, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Rules::Check(dir) => check(dir.given(), global, output),
        Rules::Test(dir) => test(dir.given(), global, output),
        Rules::List(dir) => list(dir.given(), global, output),
        Rules::Show { id, dir } => show(id, dir, global, output),
        Rules::Docs(args) => docs(args, global, output),
        Rules::Lock(args) => lock::run(args, global, output),
        Rules::Diff(args) => rules_diff::run(args, output),
    }
}

/// The rules folder that a command works on: as given, or the desk's. `None`: the built-in pack.
pub(crate) fn rules_dir(given: Option<&Path>, global: &Global) -> anyhow::Result<Option<PathBuf>> {
    if let Some(dir) = given {
        if !dir.is_dir() {
            anyhow::bail!("{} is no folder with rules", dir.display());
        }
        return Ok(Some(dir.to_owned()));
    }
    if global.desk.is_some() {
        let dir = desk_dir(global)?;
        if !dir.join("fusion.toml").is_file() {
            return Err(pipeline::PipelineError::NoDesk(dir).into());
        }
        return Ok(Some(dir.join("rules")));
    }
    Ok(desk_dir(global).ok().map(|dir| dir.join("rules")))
}

/// The rule set that a command works with.
pub(crate) fn chosen_rules(given: Option<&Path>, global: &Global) -> anyhow::Result<RuleSet> {
    match rules_dir(given, global)? {
        Some(dir) => Ok(pipeline::load_rules(&dir)?),
        None => Ok(pipeline::built_in_rules()?),
    }
}

/// The built-in pack is checked as files too: it is written out for the time of the check.
fn on_files<T>(
    dir: Option<&Path>,
    global: &Global,
    work: impl FnOnce(&Path) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(dir) = rules_dir(dir, global)? {
        return work(&dir);
    }
    let folder = tempfile::tempdir()?;
    for (path, bytes) in RuleSet::builtin_files() {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
        std::fs::write(path, bytes)?;
    }
    work(folder.path())
}

fn check(dir: Option<&Path>, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let problems = on_files(dir, global, |dir| Ok(rules::check(dir)?))?;
    output.results(&problems)?;
    print_problems(&problems, output)?;
    if problems.is_empty() {
        output.line("The rules are clean.")?;
    } else {
        output.line(format!("{} problems", problems.len()))?;
    }
    Ok(Ended::with_problems(!problems.is_empty()))
}

fn test(dir: Option<&Path>, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let report = on_files(dir, global, |dir| Ok(rules::test(dir)?))?;
    output.result(&report)?;
    print_problems(&report.problems, output)?;
    output.line(format!(
        "{} examples and {} counter-examples ran, {} problems",
        report.examples,
        report.counter_examples,
        report.problems.len()
    ))?;
    Ok(Ended::with_problems(!report.problems.is_empty()))
}

fn print_problems(problems: &[RuleProblem], output: &mut Output) -> anyhow::Result<()> {
    problems.iter().try_for_each(|problem| output.line(one_line(&problem.to_string())))
}

fn list(dir: Option<&Path>, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let rule_set = chosen_rules(dir, global)?;
    output.results(rule_set.rules())?;
    for rule in rule_set.rules() {
        output.line(format!(
            "{:<44} {:<7} {:<26} {}",
            rule.id,
            word(rule.status),
            rule.sign.id(),
            rule.name
        ))?;
    }
    output.line(format!("{} rules, {}", rule_set.rules().len(), rule_set.hash()))?;
    Ok(Ended::Clean)
}

fn show(id: &str, dir: &RulesDir, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let rule_set = chosen_rules(dir.rules.as_deref(), global)?;
    if let Some(rule) = rule_set.rules().iter().find(|rule| rule.id.as_str() == id) {
        output.result(rule)?;
        print_rule(rule, output)?;
        return Ok(Ended::Clean);
    }
    let indicator = domain::IndicatorId::new(id).ok().and_then(|id| rule_set.indicator(&id));
    let Some(indicator) = indicator else {
        anyhow::bail!("there is no rule or indicator `{id}`; `fusion rules list` shows the rules");
    };
    output.result(indicator)?;
    output.line(format!("{}: {}", indicator.id, indicator.title))?;
    output.line(format!("{}, {}", word(indicator.dimension), word(indicator.strength)))?;
    output.line(&indicator.definition)?;
    output.line(&indicator.why)?;
    output.line(format!("Source: {}", indicator.source))?;
    for rule in rule_set.rules().iter().filter(|rule| rule.sign.id().as_str() == id) {
        output.line(format!("  {}  {}", rule.id, rule.name))?;
    }
    Ok(Ended::Clean)
}

/// Writes the handbook, page by page over what stood there.
fn docs(args: &RulesDocs, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let pages = rules::handbook(&chosen_rules(args.dir.rules.as_deref(), global)?);
    let Some(folder) = &args.output else {
        output.results(&pages)?;
        for page in &pages {
            output.line(&page.text)?;
        }
        return Ok(Ended::Clean);
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for page in &pages {
        let path = folder.join(&page.name);
        std::fs::write(&path, &page.text)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    output.result(&serde_json::json!({ "folder": folder, "pages": pages.len() }))?;
    output.line(format!("{} pages in {}", pages.len(), folder.display()))?;
    Ok(Ended::Clean)
}

/// The word that rule files use for it.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn print_rule(rule: &Rule, output: &mut Output) -> anyhow::Result<()> {
    output.line(format!("{} version {}, {}", rule.id, rule.version, word(rule.status)))?;
    output.line(format!("{} ({})", rule.name, rule.sign.id()))?;
    output.line(format!("Why: {}", rule.why))?;
    output.line(format!("Known gaps: {}", rule.known_gaps))?;
    for question in &rule.triage {
        output.line(format!("Ask: {question}"))?;
    }
    for example in &rule.examples {
        output.line(format!("Example: {}", one_line(&example.text)))?;
    }
    for example in &rule.counter_examples {
        output.line(format!("Not this: {} ({})", one_line(&example.text), example.because))?;
    }
    Ok(())
}
