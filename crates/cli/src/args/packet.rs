use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use domain::{LeadId, Tlp};
use packet::{Recipient, ReportLanguage};

use super::Person;

#[derive(Debug, Subcommand)]
pub(crate) enum Packet {
    /// Build the packet of a decided lead; takes two persons
    Build(Box<PacketBuild>),
    /// Approve that a packet of a lead is built by somebody else
    Approve(PacketApprove),
    /// Note that a recipient confirmed a packet
    Receipt(PacketReceipt),
    /// Print the desk's public key, for recipients to keep
    Key,
    /// Verify a packet; needs no desk
    Verify {
        /// The packet
        file: PathBuf,
        /// The desk's public key as you got it by another way: a file
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PacketBuild {
    /// The lead
    pub(crate) lead: LeadId,
    /// Where to write it; data/packets/ in the desk if not given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Who approves, if not the person who decided
    #[arg(long, value_name = "NAME")]
    pub(crate) approved_by: Option<String>,
    /// The language of the report: uk, ro, ru, en; the desk's if not given
    #[arg(long, value_parser = report_language, value_name = "LANGUAGE")]
    pub(crate) language: Option<ReportLanguage>,
    /// Mask contacts, names, addresses and remarks, and leave the evidence files out
    #[arg(long)]
    pub(crate) redacted: bool,
    /// What the analyst wrote for this packet: summary, translations, words to mask (TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) cover: Option<PathBuf>,
    /// Encrypt for this key of age; may be given more than once
    #[arg(long, value_name = "age1...")]
    pub(crate) to: Vec<Recipient>,
    #[command(flatten)]
    pub(crate) grade: Grade,
    #[command(flatten)]
    pub(crate) person: Person,
}

/// How a person grades what is handed over, by the desk's scheme.
#[derive(Debug, ClapArgs)]
pub(crate) struct Grade {
    /// The source's grade
    #[arg(long, value_name = "CODE")]
    pub(crate) source_grade: Option<String>,
    /// The information's grade
    #[arg(long, value_name = "CODE")]
    pub(crate) information_grade: Option<String>,
    /// The handling code; the desk's if not given
    #[arg(long, value_name = "CODE")]
    pub(crate) handling: Option<String>,
    /// The traffic light; the desk's if not given
    #[arg(long, value_parser = tlp, value_name = "COLOUR")]
    pub(crate) tlp: Option<Tlp>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PacketApprove {
    /// The lead
    pub(crate) lead: LeadId,
    #[command(flatten)]
    pub(crate) person: Person,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PacketReceipt {
    /// The lead
    pub(crate) lead: LeadId,
    /// The packet as it was sent: the file, or its SHA-256
    #[arg(long, value_name = "FILE|SHA-256")]
    pub(crate) packet: String,
    /// Who confirmed
    #[arg(long, value_name = "RECIPIENT")]
    pub(crate) from: String,
    /// How: a letter's number, a telephone call
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) person: Person,
}

fn report_language(code: &str) -> Result<ReportLanguage, String> {
    let known = || ReportLanguage::ALL.map(ReportLanguage::code).join(", ");
    ReportLanguage::from_code(code)
        .ok_or_else(|| format!("reports are written in one of: {}", known()))
}

fn tlp(label: &str) -> Result<Tlp, String> {
    let known = || Tlp::ALL.map(Tlp::name).join(", ");
    Tlp::from_label(label).ok_or_else(|| format!("use one of: {}", known()))
}
