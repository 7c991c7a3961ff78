//! `analyse trends`: what rises and falls, week by week, against its own past.

use serde::Serialize;

use crate::AnalyticsError;
use crate::archive::Archive;
use crate::chance::{self, Ratio};
use crate::counts::{self, Counts, Dimension, Window};
use crate::week::Week;

/// What to look at.
#[derive(Clone, Debug)]
pub struct TrendOptions {
    /// The week that is held against those before.
    pub week: Week,
    /// How many weeks before.
    pub past: i32,
    /// Flagged postings alone.
    pub flagged: bool,
    /// The dimensions wanted; all if empty.
    pub by: Vec<Dimension>,
    /// For people outside: counts below this are not shown, nor names of sources.
    pub suppress_below: Option<u64>,
    /// How many files are read at a time.
    pub threads: usize,
}

/// What a count does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The whole interval lies above 1.
    Rising,
    /// The whole interval lies below 1.
    Falling,
    /// 1 lies in the interval: chance is enough.
    Steady,
    /// Less than four weeks of past.
    ShortPast,
}

impl Change {
    pub(crate) fn of(ratio: Option<Ratio>) -> Self {
        match ratio {
            None => Self::ShortPast,
            Some(ratio) if ratio.low > 1.0 => Self::Rising,
            Some(ratio) if ratio.high < 1.0 => Self::Falling,
            Some(_) => Self::Steady,
        }
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Falling => "falling",
            Self::Steady => "steady",
            Self::ShortPast => "short past",
        }
    }
}

/// One count and its past.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trend {
    /// What it is counted by.
    pub dimension: Dimension,
    /// Which value.
    pub value: String,
    /// This week; `None` if it is too small to be shown.
    pub count: Option<u64>,
    /// Of the weeks before, the oldest first; too small ones are `None`.
    pub past: Vec<Option<u64>>,
    /// Against the rate of the past, by postings read; `None` if the past is short, or the count or
    /// all of the past together is too small to be shown.
    pub ratio: Option<Ratio>,
    /// What it does.
    pub change: Change,
}

/// The trends of a week.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trends {
    /// The week.
    pub week: Week,
    /// Its Monday.
    pub from: jiff::civil::Date,
    /// Its Sunday.
    pub to: jiff::civil::Date,
    /// Whether flagged postings alone were counted.
    pub flagged: bool,
    /// Counts below this are not shown; `None` inside the desk.
    pub suppressed_below: Option<u64>,
    /// Postings read this week, whatever the rules said.
    pub read: u64,
    /// Likewise of the weeks before, the oldest first.
    pub read_past: Vec<u64>,
    /// Rule sets that the counted postings were assessed under; more than one blurs every change.
    pub rule_sets: usize,
    /// Rows that were held against their past: of twenty steady ones, one looks changed by chance.
    pub compared: usize,
    /// How the intervals come about.
    pub method: &'static str,
    /// The rows: by dimension, the largest change first.
    pub trends: Vec<Trend>,
}

const METHOD: &str = "rate per posting read, this week against all weeks before; quasi-Poisson 95 % \
     interval of the ratio, dispersion from the weeks before, Student's t; of twenty steady rows one \
     will look changed by chance";

/// Works out the trends of a week.
pub fn trends(archive: &Archive, options: &TrendOptions) -> Result<Trends, AnalyticsError> {
    let window = Window {
        first: options.week.back(options.past),
        last: options.week,
        flagged: options.flagged,
        by: wanted(options),
    };
    let counts = counts::count(archive, &window, options.threads)?;
    Ok(of_counts(&counts, options))
}

fn wanted(options: &TrendOptions) -> Vec<Dimension> {
    let wanted = |of: &Dimension| {
        (options.by.is_empty() || options.by.contains(of))
            // The name of a source says where somebody looks, and a small channel is a person.
            && !(options.suppress_below.is_some() && *of == Dimension::Source)
    };
    Dimension::ALL.into_iter().filter(wanted).collect()
}

fn of_counts(counts: &Counts, options: &TrendOptions) -> Trends {
    let week = options.week;
    // The past begins where the archive does: weeks before it are no weeks of nothing.
    let began = counts.read.keys().next().copied().unwrap_or(week);
    let past: Vec<Week> =
        (1..=options.past).rev().map(|n| week.back(n)).filter(|week| *week >= began).collect();
    let mut trends = Vec::new();
    for dimension in wanted(options) {
        let mut rows: Vec<Trend> = counts
            .of(dimension)
            .filter_map(|(value, _)| trend(counts, dimension, value, &past, options))
            .collect();
        rows.sort_by(|a, b| {
            strength(b).total_cmp(&strength(a)).then_with(|| a.value.cmp(&b.value))
        });
        trends.extend(rows);
    }
    Trends {
        week,
        from: week.monday(),
        to: week.sunday(),
        flagged: options.flagged,
        suppressed_below: options.suppress_below,
        read: counts.read_in(week),
        read_past: past.iter().map(|week| counts.read_in(*week)).collect(),
        rule_sets: counts.rule_sets.len(),
        compared: trends.iter().filter(|trend| trend.ratio.is_some()).count(),
        method: METHOD,
        trends,
    }
}

fn trend(
    counts: &Counts,
    dimension: Dimension,
    value: &str,
    past: &[Week],
    options: &TrendOptions,
) -> Option<Trend> {
    let least = options.suppress_below.unwrap_or(0);
    let shown = |count: u64| (count == 0 || count >= least).then_some(count);
    let now = counts.at(dimension, value, options.week);
    let weeks: Vec<(u64, u64)> = past
        .iter()
        .map(|week| (counts.at(dimension, value, *week), counts.read_in(*week)))
        .collect();
    let count = shown(now);
    let most = weeks.iter().map(|(count, _)| *count).max().unwrap_or(0).max(now);
    if most < least.max(1) {
        // A value that is always too few is not even named.
        return None;
    }
    let ratio = chance::against_past((now, counts.read_in(options.week)), &weeks);
    let change = if count.is_none() { Change::Steady } else { Change::of(ratio) };
    // Out of the count and the ratio anybody can work out how many there were before.
    let before: u64 = weeks.iter().map(|(count, _)| count).sum();
    let ratio = ratio.filter(|_| count.is_some() && shown(before).is_some());
    Some(Trend {
        dimension,
        value: value.to_owned(),
        count,
        past: weeks.iter().map(|(count, _)| shown(*count)).collect(),
        ratio,
        change,
    })
}

/// How far beyond chance a row moved.
fn strength(trend: &Trend) -> f64 {
    match trend.ratio {
        Some(Ratio { low, .. }) if low > 1.0 => low.ln(),
        Some(Ratio { high, .. }) if high < 1.0 => -high.ln(),
        // Behind all that moved, the larger count first.
        _ => -1.0 / (1.0 + trend.count.unwrap_or(0) as f64),
    }
}
