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
