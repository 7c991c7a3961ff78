use clap::{Args as ClapArgs, Subcommand};
use domain::LeadId;

use super::Person;

/// `fusion retention`
#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// Delete what is past its time by the settings of fusion.toml; tombstones keep the rest provable
    Run(RetentionRun),
    /// Put a lead on legal hold: nothing of it is deleted
    Hold(RetentionHold),
    /// Lift all holds of a lead
    Release(RetentionHold),
    /// List the holds that stand
    List,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RetentionRun {
    /// Say what would go, and why; delete nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) person: Person,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RetentionHold {
    /// The lead, by any name that it ever had
    pub(crate) lead: LeadId,
    /// Why; required
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) person: Person,
}
