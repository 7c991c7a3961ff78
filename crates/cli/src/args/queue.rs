use clap::{Args as ClapArgs, Subcommand};
use domain::{Band, IndicatorId, Language, LeadId, LeadStatus, SourceId, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Person, language};

/// `fusion queue`
#[derive(Debug, Subcommand)]
pub(crate) enum Queue {
    /// List leads, highest score first
    List(QueueList),
    /// Show a lead with the reasons; the view is logged
    Show {
        /// The lead
        lead: LeadId,
        /// Show what tips say of people, which is masked otherwise, and note this reason in the log
        #[arg(long, value_name = "REASON")]
        reveal: Option<String>,
        #[command(flatten)]
        person: Person,
    },
    /// Take a lead on
    Claim {
        /// The lead
        lead: LeadId,
        #[command(flatten)]
        person: Person,
    },
    /// Give a claimed lead back
    Release {
        /// The lead
        lead: LeadId,
        #[command(flatten)]
        person: Person,
    },
    /// Decide on a lead
    Decide {
        /// The lead
        lead: LeadId,
        /// escalate, monitor, dismiss or refer
        #[arg(long, value_parser = verdict)]
        verdict: Verdict,
        /// Why; required
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        person: Person,
    },
    /// Take back your own decision of the last quarter of an hour
    Withdraw {
        /// The lead
        lead: LeadId,
        #[command(flatten)]
        person: Person,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct QueueList {
    /// open, claimed, decided or all; open and claimed if not given
    #[arg(long, value_parser = status)]
    pub(crate) status: Option<StatusFilter>,
    /// This band and higher: medium, high, critical
    #[arg(long, value_parser = band)]
    pub(crate) band: Option<Band>,
    /// Leads of this source
    #[arg(long)]
    pub(crate) source: Option<SourceId>,
    /// Leads in this language
    #[arg(long, value_parser = language)]
    pub(crate) language: Option<Language>,
    /// Leads with a finding of this indicator
    #[arg(long)]
    pub(crate) indicator: Option<IndicatorId>,
    /// Leads with this verdict
    #[arg(long, value_parser = verdict)]
    pub(crate) verdict: Option<Verdict>,
    /// Leads claimed by this person
    #[arg(long, value_name = "NAME")]
    pub(crate) claimed_by: Option<String>,
    /// Leads whose words take people from this country: UA, MD ...
    #[arg(long, value_parser = country, value_name = "COUNTRY")]
    pub(crate) from: Option<String>,
    /// Leads whose words take people to this country, or offer work there
    #[arg(long, value_parser = country, value_name = "COUNTRY")]
    pub(crate) to: Option<String>,
    /// Leads with a posting that names this phone number, account or address
    #[arg(long)]
    pub(crate) contact: Option<String>,
    /// Leads with a posting published since this day, or captured where no time is stated
    #[arg(long, value_parser = day, value_name = "YYYY-MM-DD")]
    pub(crate) since: Option<Timestamp>,
    /// How many
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
}

/// Which leads to list by where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusFilter {
    All,
    Is(LeadStatus),
}

fn verdict(word: &str) -> Result<Verdict, String> {
    [Verdict::Escalate, Verdict::Monitor, Verdict::Dismiss, Verdict::Refer]
        .into_iter()
        .find(|verdict| verdict.name() == word)
        .ok_or_else(|| "a verdict is escalate, monitor, dismiss or refer".to_owned())
}

fn status(word: &str) -> Result<StatusFilter, String> {
    if word == "all" {
        return Ok(StatusFilter::All);
    }
    [LeadStatus::Open, LeadStatus::Claimed, LeadStatus::Decided]
        .into_iter()
        .find(|status| status.name() == word)
        .map(StatusFilter::Is)
        .ok_or_else(|| "a status is open, claimed, decided or all".to_owned())
}

fn country(code: &str) -> Result<String, String> {
    let code = code.trim().to_ascii_uppercase();
    let is_code = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    is_code.then_some(code).ok_or_else(|| "a country has two letters: UA, MD, RO, TR".to_owned())
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Result<Timestamp, String> {
    let date: Option<Date> = text.parse().ok();
    let begins = date.and_then(|date| TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok());
    begins.ok_or_else(|| "a day is written 2026-11-28".to_owned())
}

fn band(word: &str) -> Result<Band, String> {
    [Band::None, Band::Low, Band::Medium, Band::High, Band::Critical]
        .into_iter()
        .find(|band| band.name() == word)
        .ok_or_else(|| "a band is medium, high or critical".to_owned())
}
