//! What is asked of the archive.

use std::path::PathBuf;

use analytics::{Dimension, Week};
use clap::{Args as ClapArgs, Subcommand};
use domain::Language;
use jiff::Timestamp;

/// Smallest count that may be shown outside the desk when nobody says otherwise.
const SHOWN_FROM: u64 = 5;
/// Nobody may set it lower: of two, each knows the other.
const LEAST_SHOWN: u64 = 3;

#[derive(Debug, ClapArgs)]
pub(crate) struct Hunt {
    /// A rule file, the id of a rule, or a phrase as rules write it: "паспорт* ..3 @keeper"
    #[arg(value_name = "RULE|PHRASE")]
    pub(crate) quarry: String,
    /// Only what was captured on this day or later: 2026-09-01, or a time
    #[arg(long, value_parser = moment, value_name = "DATE")]
    pub(crate) since: Option<Timestamp>,
    /// Whose endings (~) and word lists (@) a phrase means
    #[arg(long, value_parser = super::language)]
    pub(crate) language: Option<Language>,
    /// A rules folder; the desk's if not given
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Option<PathBuf>,
    /// Show so many hits; all are counted, and all are given with --format ndjson
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Analyse {
    /// What rises and falls, week by week, against its own past
    Trends(Trends),
    /// Words, templates, contacts and channels that rise now, as candidates for rules
    Emerging(Emerging),
    /// The weekly brief for prevention and training, as a page that names nobody
    Brief(Brief),
    /// What reviewers' decisions say of the rules; proposes weights, changes nothing
    Calibration(Calibration),
    /// Decided leads for a second reader who does not know the decisions
    DoubleRead(DoubleRead),
    /// Redacted cases with an answer sheet, for trainers
    Cases(Cases),
}

/// Which week, against how many before.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct InWeek {
    /// The week, as 2026-W48 or a day in it; the last whole one if not given
    #[arg(long, value_parser = week)]
    pub(crate) week: Option<Week>,
    /// How many weeks before it are its past
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(i32).range(1..=260))]
    pub(crate) past: i32,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Trends {
    #[command(flatten)]
    pub(crate) when: InWeek,
    /// By what: all, indicator, language, source, sector, country, route, platform, target-group, kind, band
    #[arg(long, value_parser = dimension)]
    pub(crate) by: Vec<Dimension>,
    /// Count every posting, not the flagged alone
    #[arg(long)]
    pub(crate) all: bool,
    /// For people outside the desk: no sources, no counts below --shown-from
    #[arg(long)]
    pub(crate) shared: bool,
    /// Smallest count that is shown outside the desk
    #[arg(long, value_name = "K", default_value_t = SHOWN_FROM, value_parser = clap::value_parser!(u64).range(LEAST_SHOWN..))]
    pub(crate) shown_from: u64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Emerging {
    #[command(flatten)]
    pub(crate) when: InWeek,
    /// Look at flagged postings alone
    #[arg(long)]
    pub(crate) flagged: bool,
    /// In so many different texts at least
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=200))]
    pub(crate) least: u32,
    /// How many candidates
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Brief {
    #[command(flatten)]
    pub(crate) when: InWeek,
    /// uk, ro, ru or en; can be given several times; all four if not given
    #[arg(long, value_parser = brief_language)]
    pub(crate) language: Vec<Language>,
    /// The folder to write into; data/briefs/ in the desk if not given
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Smallest count that is shown
    #[arg(long, value_name = "K", default_value_t = SHOWN_FROM, value_parser = clap::value_parser!(u64).range(LEAST_SHOWN..))]
    pub(crate) shown_from: u64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Calibration {
    /// Write the page with the plot to this file as well
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// A sheet of `analyse double-read` that a second reader has filled in
    #[arg(long, value_name = "FILE")]
    pub(crate) second: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoubleRead {
    /// How many leads
    #[arg(long, default_value_t = 30, value_name = "N")]
    pub(crate) sample: usize,
    /// Another number draws other leads
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// The CSV file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Cases {
    /// How many cases
    #[arg(long, default_value_t = 12)]
    pub(crate) limit: usize,
    /// The language of headings: uk, ro, ru or en
    #[arg(long, value_parser = brief_language, default_value = "en")]
    pub(crate) language: Language,
    /// The folder to write cases.html and answers.html into; printed if not given
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || -> Option<Timestamp> {
        let date: jiff::civil::Date = text.parse().ok()?;
        Some(date.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(day).ok_or_else(|| "say a day, as in 2026-09-01".to_owned())
}

fn week(text: &str) -> Result<Week, String> {
    Week::parse(text).ok_or_else(|| "say a week, as in 2026-W48, or a day in it".to_owned())
}

fn dimension(word: &str) -> Result<Dimension, String> {
    let known = || Dimension::ALL.map(Dimension::name).join(", ");
    let of = Dimension::ALL.into_iter().find(|dimension| dimension.name() == word);
    of.ok_or_else(|| format!("known: {}", known()))
}

fn brief_language(code: &str) -> Result<Language, String> {
    let language = Language::from_code(code);
    language
        .filter(|language| analytics::BRIEF_LANGUAGES.contains(language))
        .ok_or_else(|| "briefs are written in uk, ro, ru and en".to_owned())
}
