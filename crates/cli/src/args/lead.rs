use clap::{Args as ClapArgs, Subcommand};
use domain::{LeadId, PostingId};

use super::{Person, QueueList};

/// `fusion lead`
#[derive(Debug, Subcommand)]
pub(crate) enum Lead {
    /// List leads with how far each is spread, of any standing
    List(QueueList),
    /// Show what holds a lead together; the view is logged
    Show {
        /// The lead, by any name that it ever had
        lead: LeadId,
        /// Show what tips say of people, which is masked otherwise, and note this reason in the log
        #[arg(long, value_name = "REASON")]
        reveal: Option<String>,
        #[command(flatten)]
        person: Person,
    },
    /// Say that leads are of one hand
    Merge {
        /// The leads, two or more
        #[arg(required = true, num_args = 2..)]
        leads: Vec<LeadId>,
        /// Why; required
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        person: Person,
    },
    /// Say that postings, or whole leads, are of different hands
    Split(LeadSplit),
    /// Remark on a lead
    Note {
        /// The lead
        lead: LeadId,
        /// The remark
        text: String,
        #[command(flatten)]
        person: Person,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LeadSplit {
    /// The lead
    pub(crate) lead: LeadId,
    /// A posting to take out of it; can be given several times
    #[arg(long, value_name = "ID", required_unless_present = "from")]
    pub(crate) posting: Vec<PostingId>,
    /// Another lead that is not the same hand
    #[arg(long, value_name = "LEAD", conflicts_with = "posting")]
    pub(crate) from: Option<LeadId>,
    /// Why; required
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) person: Person,
}
