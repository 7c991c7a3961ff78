use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;

use crate::Ended;
use crate::args::Args;
use crate::output::Output;

/// `fusion completions SHELL`
pub(crate) fn completions(
    shell: clap_complete::Shell,
    output: &mut Output,
) -> anyhow::Result<Ended> {
    // Into memory first: the generator panics when its reader hangs up.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "fusion", &mut script);
    output.raw().write_all(&script)?;
    Ok(Ended::Clean)
}

/// `fusion man [DIR]`
pub(crate) fn man(dir: Option<&Path>, output: &mut Output) -> anyhow::Result<Ended> {
    match dir {
        None => clap_mangen::Man::new(Args::command()).render(output.raw())?,
        Some(dir) => {
            std::fs::create_dir_all(dir)
                .and_then(|()| clap_mangen::generate_to(Args::command(), dir))
                .with_context(|| format!("cannot write man pages into {}", dir.display()))?;
            output.line(format!("The man pages are in {}.", dir.display()))?;
        }
    }
    Ok(Ended::Clean)
}
