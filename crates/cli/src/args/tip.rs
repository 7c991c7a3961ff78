use std::path::PathBuf;

use clap::Args as ClapArgs;
use domain::{Language, Region};

use super::Person;

#[derive(Debug, ClapArgs)]
pub(crate) struct Tip {
    /// The tip: plain text, a filled-in form, or a chat export (result.json); - for standard input
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// Print an empty form to fill in
    #[arg(long)]
    pub(crate) form: bool,
    /// A screenshot that belongs to it; can be given several times
    #[arg(long, value_name = "FILE")]
    pub(crate) screenshot: Vec<PathBuf>,
    /// Who sent it; kept apart from the tip, never in a packet
    #[arg(long, value_name = "NAME")]
    pub(crate) from: Option<String>,
    /// The organisation that sent it; kept apart
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Option<String>,
    /// How to reach who sent it; kept apart
    #[arg(long, value_name = "HOW")]
    pub(crate) reach: Option<String>,
    /// What who sent it agreed to, in their words
    #[arg(long, value_name = "WORDS")]
    pub(crate) consent: Option<String>,
    /// The language that it is in
    #[arg(long, value_parser = super::language)]
    pub(crate) language: Option<Language>,
    /// Whose phone formats to expect, as in UA
    #[arg(long, value_parser = super::region)]
    pub(crate) region: Option<Region>,
    #[command(flatten)]
    pub(crate) person: Person,
}
