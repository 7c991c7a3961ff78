//! Postings counted by week and by what they are: the one pass over the archive that trends and
//! briefs are made from. Files are read one a thread; what is kept is counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::AnalyticsError;
use crate::archive::{Archive, Column, Part, one_word};
use crate::tally::{Chosen, Tally};
use crate::week::Week;

/// What postings are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// All of them.
    All,
    /// By sign that was found.
    Indicator,
    /// By language.
    Language,
    /// By source.
    Source,
    /// By kind of work that the words name.
    Sector,
    /// By country that the words name.
    Country,
    /// By the countries that the words take people from and to: `UA -> DE`.
    Route,
    /// By how the poster can be reached.
    Platform,
    /// By whom the offer is aimed at, as far as a sign says so.
    TargetGroup,
    /// By job ad, social post or tip.
    Kind,
    /// By band.
    Band,
}

impl Dimension {
    /// All of them, in the order of printing.
    pub const ALL: [Self; 11] = [
        Self::All,
        Self::Indicator,
        Self::Language,
        Self::Source,
        Self::Sector,
        Self::Country,
        Self::Route,
        Self::Platform,
        Self::TargetGroup,
        Self::Kind,
        Self::Band,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Indicator => "indicator",
            Self::Language => "language",
            Self::Source => "source",
            Self::Sector => "sector",
            Self::Country => "country",
            Self::Route => "route",
            Self::Platform => "platform",
            Self::TargetGroup => "target-group",
            Self::Kind => "kind",
            Self::Band => "band",
        }
    }
}

/// Signs that say whom an offer is aimed at.
pub(crate) const TARGET_GROUPS: [&str; 7] = [
    "refugee-targeting",
    "women-only-young",
    "single-parent-targeting",
    "minor-recruitment",
    "undocumented-targeting",
    "hardship-targeting",
    "no-family-ties",
];

/// Which postings are counted.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) first: Week,
    pub(crate) last: Week,
    /// Flagged ones alone; what was read is counted all the same.
    pub(crate) flagged: bool,
    /// By what; columns that nobody asks for are not read.
    pub(crate) by: Vec<Dimension>,
}

impl Window {
    fn wants(&self, dimension: Dimension) -> bool {
        self.by.contains(&dimension)
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::Week, Column::Flagged, Column::Edited];
        for (dimension, column) in [
            (Dimension::Language, Column::Language),
            (Dimension::Source, Column::Source),
            (Dimension::Kind, Column::Kind),
            (Dimension::Band, Column::Band),
            (Dimension::Sector, Column::Sectors),
            (Dimension::Country, Column::Countries),
            (Dimension::Route, Column::Routes),
            (Dimension::Platform, Column::Contacts),
            (Dimension::Indicator, Column::Indicators),
            (Dimension::TargetGroup, Column::Indicators),
        ] {
            if self.wants(dimension) && !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }
}

/// Counts by week.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Postings read, whatever the rules said of them.
    pub(crate) read: BTreeMap<Week, u64>,
    counts: BTreeMap<(Dimension, String), BTreeMap<Week, u64>>,
    /// Postings that were assessed under another rule set than most.
    pub(crate) rule_sets: BTreeMap<String, u64>,
}

impl Counts {
    /// The values of a dimension, each with its weeks.
    pub(crate) fn of(
        &self,
        dimension: Dimension,
    ) -> impl Iterator<Item = (&str, &BTreeMap<Week, u64>)> {
        let from = (dimension, String::new());
        self.counts
            .range(from..)
            .take_while(move |((of, _), _)| *of == dimension)
            .map(|((_, value), weeks)| (value.as_str(), weeks))
    }

    /// How many of a value in a week.
    pub(crate) fn at(&self, dimension: Dimension, value: &str, week: Week) -> u64 {
        let weeks = self.counts.get(&(dimension, value.to_owned()));
        weeks.and_then(|weeks| weeks.get(&week)).copied().unwrap_or(0)
    }

    /// How many were read in a week.
    pub(crate) fn read_in(&self, week: Week) -> u64 {
        self.read.get(&week).copied().unwrap_or(0)
    }

    fn add(&mut self, dimension: Dimension, tally: &Tally<'_>) {
        for (value, weeks) in tally.sums() {
            for (week, sum) in weeks {
                let of_value = self.counts.entry((dimension, value.to_owned())).or_default();
                *of_value.entry(week).or_default() += sum;
            }
        }
    }

    fn merge(&mut self, other: Self) {
        for (week, count) in other.read {
            *self.read.entry(week).or_default() += count;
        }
        for (hash, count) in other.rule_sets {
            *self.rule_sets.entry(hash).or_default() += count;
        }
        for (key, weeks) in other.counts {
            let into = self.counts.entry(key).or_default();
            for (week, count) in weeks {
                *into.entry(week).or_default() += count;
            }
        }
    }
}

/// Counts the postings of a window.
pub(crate) fn count(
    archive: &Archive,
    window: &Window,
    threads: usize,
) -> Result<Counts, AnalyticsError> {
    // A posting counts in a week that begins at most a day after it was captured.
    let since = window.first.begin() - jiff::SignedDuration::from_hours(24);
    let files = archive.files_since(Some(since))?;
    // Whoever is done takes the next file; sums are the same in any order.
    let next = AtomicUsize::new(0);
    let work = || -> Result<Counts, AnalyticsError> {
        let mut counts = Counts::default();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            count_file(file, window, &mut counts)?;
        }
        Ok(counts)
    };
    let counted: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let ended = |worker: std::thread::ScopedJoinHandle<'_, _>| match worker.join() {
            Ok(counted) => counted,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        workers.into_iter().map(ended).collect()
    });
    let mut counts = Counts::default();
    for of_worker in counted {
        counts.merge(of_worker?);
    }
    Ok(counts)
}

fn count_file(
    file: &std::path::Path,
    window: &Window,
    counts: &mut Counts,
) -> Result<(), AnalyticsError> {
    // Ten million rows mostly have one rule set a file, which its end says.
    let rule_set = one_word(file, Column::RuleSet)?;
    let mut columns = window.columns();
    columns.extend(rule_set.is_none().then_some(Column::RuleSet));
    let part = Part::read(file, &columns)?;
    let chosen = Chosen::of(&part, window)?;
    for (week, sum) in chosen.read() {
        *counts.read.entry(week).or_default() += sum;
    }
    if window.wants(Dimension::All) {
        counts.add(Dimension::All, &chosen.all());
    }
    for (dimension, column) in [
        (Dimension::Language, Column::Language),
        (Dimension::Source, Column::Source),
        (Dimension::Kind, Column::Kind),
        (Dimension::Band, Column::Band),
    ] {
        if window.wants(dimension) {
            counts.add(dimension, &chosen.by_word(&part.words(column)?));
        }
    }
    let every: fn(&str) -> Option<&str> = |value| Some(value);
    for (dimension, column, value) in [
        (Dimension::Sector, Column::Sectors, every),
        (Dimension::Country, Column::Countries, every),
        (Dimension::Route, Column::Routes, every),
        (Dimension::Platform, Column::Contacts, platform),
        (Dimension::Indicator, Column::Indicators, every),
        (Dimension::TargetGroup, Column::Indicators, target_group),
    ] {
        if window.wants(dimension) {
            counts.add(dimension, &chosen.by_list(&part.lists(column)?, value));
        }
    }
    let of_rows = if rule_set.is_none() { Some(part.words(Column::RuleSet)?) } else { None };
    let tally = of_rows.as_ref().map_or_else(|| chosen.all(), |words| chosen.by_word(words));
    for (word, weeks) in tally.sums() {
        let sum: u64 = weeks.map(|(_, sum)| sum).sum();
        if sum > 0 {
            let hash = rule_set.as_deref().unwrap_or(word).to_owned();
            *counts.rule_sets.entry(hash).or_default() += sum;
        }
    }
    Ok(())
}

fn target_group(indicator: &str) -> Option<&str> {
    TARGET_GROUPS.contains(&indicator).then_some(indicator)
}

/// How a contact of the archive reaches its owner: `telegram`, `whatsapp`, `phone`, `email`.
pub(crate) fn platform(contact: &str) -> Option<&str> {
    let (kind, value) = contact.split_once(':')?;
    match kind {
        "handle" | "invite" | "wallet" => value.split_once(':').map(|(platform, _)| platform),
        "url" => None,
        kind => Some(kind),
    }
}
