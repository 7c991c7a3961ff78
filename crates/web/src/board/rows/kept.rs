//! Rows as they are left for the next start.

use domain::{Band, LeadId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{MOST_BITS, MOST_NAMES, Names, Rows, Standing};

/// The entries of a lead in all columns.
#[derive(Serialize, Deserialize)]
pub(in crate::board) struct Row {
    id: LeadId,
    standing: Standing,
    band: Band,
    score: u8,
    /// In nanoseconds since 1970.
    opened_at: i128,
    last_at: i64,
    claimed_by: Option<u16>,
    languages: u8,
    indicators: u128,
    from: u128,
    to: u128,
    sources: Box<[u16]>,
    strongest: Option<[u8; 12]>,
    postings: u32,
    open_tasks: u16,
    words: u64,
}

/// The names to which the numbers in rows belong.
#[derive(Serialize, Deserialize)]
pub(in crate::board) struct Named {
    people: Vec<String>,
    indicators: Vec<String>,
    sources: Vec<String>,
    countries: Vec<String>,
}

impl Rows {
    /// No rows yet, in which numbers have these names.
    pub(in crate::board) fn named_as(named: Named) -> Self {
        Self {
            people: Names::known_already(named.people, MOST_NAMES),
            indicator_names: Names::known_already(named.indicators, MOST_BITS),
            source_names: Names::known_already(named.sources, MOST_NAMES),
            countries: Names::known_already(named.countries, MOST_BITS),
            ..Self::default()
        }
    }

    pub(in crate::board) fn named(&self) -> Named {
        Named {
            people: self.people.words().to_vec(),
            indicators: self.indicator_names.words().to_vec(),
            sources: self.source_names.words().to_vec(),
            countries: self.countries.words().to_vec(),
        }
    }

    pub(in crate::board) fn row(&self, at: usize) -> Row {
        Row {
            id: self.ids[at].clone(),
            standing: self.standing[at],
            band: self.band[at],
            score: self.score[at],
            opened_at: self.opened_at[at].as_nanosecond(),
            last_at: self.last_at[at],
            claimed_by: self.claimed_by[at],
            languages: self.languages[at],
            indicators: self.indicators[at],
            from: self.from[at],
            to: self.to[at],
            sources: self.sources[at].clone(),
            strongest: self.strongest[at],
            postings: self.postings[at],
            open_tasks: self.open_tasks[at],
            words: self.words[at],
        }
    }

    /// Adds a row as it was.
    pub(in crate::board) fn take_up(&mut self, row: Row) {
        let number = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.by_id.insert(row.id.clone(), number);
        self.ids.push(row.id);
        self.standing.push(row.standing);
        self.band.push(row.band);
        self.score.push(row.score);
        self.opened_at.push(Timestamp::from_nanosecond(row.opened_at).unwrap_or_default());
        self.last_at.push(row.last_at);
        self.claimed_by.push(row.claimed_by);
        self.languages.push(row.languages);
        self.indicators.push(row.indicators);
        self.from.push(row.from);
        self.to.push(row.to);
        self.sources.push(row.sources);
        self.strongest.push(row.strongest);
        self.postings.push(row.postings);
        self.open_tasks.push(row.open_tasks);
        self.words.push(row.words);
        self.list_by_source(number, &[]);
        self.count(number, true);
    }
}
