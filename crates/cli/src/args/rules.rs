use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::RulesDir;

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesLock {
    #[command(flatten)]
    pub(crate) dir: RulesDir,
    /// Give rules that match other texts than before their next version
    #[arg(long)]
    pub(crate) bump: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RulesDiff {
    /// The rules folder as it was
    pub(crate) old: PathBuf,
    /// The rules folder as it is
    pub(crate) new: PathBuf,
    /// Postings to compare on, one JSON object a line with `id` and `text`; the examples and
    /// counter-examples of the rules if not given
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Show postings too whose points change and whose band does not
    #[arg(long)]
    pub(crate) scores: bool,
}
