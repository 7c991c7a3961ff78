use std::path::Path;

use anyhow::Context as _;

use super::rules::rules_dir;
use crate::Ended;
use crate::args::{Global, RulesLock};
use crate::output::{Output, one_line};

/// `fusion rules lock [--bump]`
pub(crate) fn run(args: &RulesLock, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let Some(dir) = rules_dir(args.dir.rules.as_deref(), global)? else {
        anyhow::bail!("the built-in pack cannot be written to; say --rules DIR or --desk DIR");
    };
    // A rule that cannot be read would be taken for one that is gone.
    pipeline::load_rules(&dir)?;
    let plan = rules::plan_lock(&dir, args.bump)?;
    output.result(&plan)?;
    if !plan.changed.is_empty() {
        for problem in &plan.changed {
            output.line(one_line(&problem.to_string()))?;
        }
        output.line("Nothing is written: the lock would hide these changes.")?;
        return Ok(Ended::ProblemsFound);
    }
    // The files first: a lock that knows versions that no file has would refuse them later.
    for (path, text) in &plan.files {
        write(&dir.join(path), text)?;
    }
    write(&dir.join("lock.json"), &plan.text)?;
    for raised in &plan.raised {
        output.line(format!("raised: {raised}"))?;
    }
    for gone in &plan.gone {
        output.line(format!("gone, its id stays taken: {}", one_line(gone)))?;
    }
    output.line(format!("{} rules, {} new versions", plan.rules, plan.added.len()))?;
    Ok(Ended::Clean)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
