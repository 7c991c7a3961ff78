//! `analyse brief`: what the prevention and training teams need of a week, and nothing by which a
//! person could be found.
//!
//! Nothing of a posting goes in but counts of at least `k`, names of things from a fixed list, and
//! wording that at least `k` different hands used in `k` different texts.

mod page;
mod plot;
mod sheet;
mod wording;
mod words;

use domain::Language;
use serde::Serialize;

pub(crate) use self::page::{escaped, page as escaped_page};
pub(crate) use self::plot::reliability;
pub use self::sheet::{Block, BriefSheet};
pub(crate) use self::wording::is_impersonal;
pub use self::words::{BRIEF_LANGUAGES, name};
pub(crate) use self::words::{decimal, has_name, say};
use crate::AnalyticsError;
use crate::archive::Archive;
use crate::counts::Dimension;
use crate::emerging::{CandidateKind, EmergingOptions, emerging};
use crate::trends::{Change, Trend, TrendOptions, Trends, trends};
use crate::week::Week;

/// Which week, and from which count on something is shown.
#[derive(Clone, Debug)]
pub struct BriefOptions {
    /// The week.
    pub week: Week,
    /// How many weeks before.
    pub past: i32,
    /// Counts below are not shown.
    pub shown_from: u64,
    /// How many files are read at a time.
    pub threads: usize,
}

/// A week as it may be shown outside the desk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Brief {
    /// Counts, with those that are too small left out.
    pub trends: Trends,
    /// Counts below are not shown.
    pub shown_from: u64,
    /// Wording of findings that enough hands used.
    pub wording: Vec<Wording>,
    /// Wording that rises this week, likewise.
    pub new_words: Vec<Wording>,
}

/// Words that many used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Wording {
    /// The language of the postings; `und` if it was not told.
    pub language: String,
    /// The words.
    pub words: String,
    /// Different texts that have them.
    pub texts: u64,
}

/// How a [`BriefSheet`] is set as a PDF: a template of typst's. The plots are its pictures, in order.
pub const BRIEF_TEMPLATE: &str = include_str!("brief.typ");

/// Most rows of one list.
const ROWS: usize = 10;
/// Most changes that are told.
const CHANGES: usize = 10;
/// Most words of one language.
const WORDS: usize = 8;

/// Makes the brief of a week.
pub fn brief(archive: &Archive, options: &BriefOptions) -> Result<Brief, AnalyticsError> {
    let of_week = TrendOptions {
        week: options.week,
        past: options.past,
        flagged: true,
        by: Vec::new(),
        suppress_below: Some(options.shown_from),
        threads: options.threads,
    };
    let mut trends = trends(archive, &of_week)?;
    // Only what a fixed list has a name for: a new value may be anything.
    trends.trends.retain(|trend| {
        trend.dimension == Dimension::All || has_name(trend.dimension.name(), &trend.value)
    });
    let hidden = |count: u64| if count < options.shown_from { 0 } else { count };
    trends.read = hidden(trends.read);
    trends.read_past = trends.read_past.iter().map(|count| hidden(*count)).collect();
    let wording = wording::wording(archive, options)?;
    let new_words = new_words(archive, options)?;
    Ok(Brief { trends, shown_from: options.shown_from, wording, new_words })
}

fn new_words(archive: &Archive, options: &BriefOptions) -> Result<Vec<Wording>, AnalyticsError> {
    let least = u32::try_from(options.shown_from).unwrap_or(u32::MAX);
    let rising = emerging(
        archive,
        &EmergingOptions {
            week: options.week,
            past: options.past,
            flagged: true,
            templates: false,
            least,
            limit: 50,
        },
    )?;
    let may_be_shown = rising.candidates.into_iter().filter(|candidate| {
        candidate.kind == CandidateKind::Phrase
            && candidate.hands as u64 >= options.shown_from
            && !candidate.name_like
            && is_impersonal(&candidate.value)
    });
    let wording = may_be_shown.take(WORDS).map(|candidate| Wording {
        language: "und".to_owned(),
        words: candidate.value,
        texts: u64::from(candidate.now),
    });
    Ok(wording.collect())
}

impl Brief {
    /// The rows of a list that can be shown, the largest first.
    fn rows(&self, dimension: Dimension) -> Vec<&Trend> {
        let mut rows: Vec<&Trend> = self
            .trends
            .trends
            .iter()
            .filter(|trend| trend.dimension == dimension && trend.count.is_some_and(|n| n > 0))
            .collect();
        rows.sort_by_key(|trend| (std::cmp::Reverse(trend.count), trend.value.clone()));
        rows.truncate(ROWS);
        rows
    }

    fn all(&self) -> Option<&Trend> {
        self.trends.trends.iter().find(|trend| trend.dimension == Dimension::All)
    }

    /// What moved beyond chance, the strongest first.
    fn changes(&self) -> Vec<&Trend> {
        // Target groups are signs, and are told as such.
        let told = [
            Dimension::Sector,
            Dimension::Country,
            Dimension::Route,
            Dimension::Platform,
            Dimension::Indicator,
            Dimension::Language,
        ];
        let moved = |trend: &&Trend| {
            trend.ratio.is_some()
                && matches!(trend.change, Change::Rising | Change::Falling)
                && told.contains(&trend.dimension)
        };
        let mut moved: Vec<&Trend> = self.trends.trends.iter().filter(moved).collect();
        let beyond = |trend: &Trend| {
            trend.ratio.map_or(0.0, |r| if r.low > 1.0 { r.low.ln() } else { -r.high.ln() })
        };
        moved.sort_by(|a, b| beyond(b).total_cmp(&beyond(a)).then_with(|| a.value.cmp(&b.value)));
        moved.truncate(CHANGES);
        moved
    }
}

/// The brief as one page of HTML, in one of its four languages.
pub fn brief_html(brief: &Brief, language: Language) -> String {
    page::html(&sheet::sheet(brief, language), language)
}

/// The brief before it is set, in one of its four languages.
pub fn brief_sheet(brief: &Brief, language: Language) -> BriefSheet {
    sheet::sheet(brief, language)
}

/// What a row is called.
fn called(trend: &Trend, language: Language) -> String {
    name(trend.dimension.name(), &trend.value, language).into_owned()
}
