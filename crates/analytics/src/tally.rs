//! Sums by word and week over the rows of one file. Ten million rows hold few different words, so
//! each word gets a number, and the sums are one list.

use rustc_hash::FxHashMap;

use crate::AnalyticsError;
use crate::archive::{Column, Lists, Part, Words};
use crate::counts::Window;
use crate::week::Week;

/// Stands in the place of a week for a row that does not count.
const PASSED: u16 = u16::MAX;

/// The rows of a file that count, and the week of each.
pub(crate) struct Chosen {
    first: Week,
    /// How many weeks there are.
    width: usize,
    /// Of each row its week, from 0.
    weeks: Vec<u16>,
    /// Postings read in each week, whatever the rules said.
    read: Vec<u64>,
}

impl Chosen {
    pub(crate) fn of(part: &Part, window: &Window) -> Result<Self, AnalyticsError> {
        let (flagged, edited) = (part.truths(Column::Flagged)?, part.truths(Column::Edited)?);
        let last = window.last.since(window.first).clamp(0, i32::from(PASSED) - 1);
        let mut read = vec![0; last as usize + 1];
        let mut weeks = part.weeks()?;
        let rows = weeks.drain(..).zip(flagged).zip(edited);
        let week_of = |((monday, flagged), edited): ((i32, bool), bool)| {
            let week = Week::from_days(monday).since(window.first);
            if edited || monday < window.first.days() || week > last {
                return PASSED;
            }
            read[week as usize] += 1;
            if flagged || !window.flagged { week as u16 } else { PASSED }
        };
        let weeks = rows.map(week_of).collect();
        Ok(Self { first: window.first, width: read.len(), weeks, read })
    }

    /// How many were read in each week.
    pub(crate) fn read(&self) -> impl Iterator<Item = (Week, u64)> {
        by_week(self.first, &self.read)
    }

    /// How many rows count.
    pub(crate) fn all(&self) -> Tally<'static> {
        let mut tally = self.tally();
        let place = tally.place("");
        self.weeks.iter().filter(|week| **week != PASSED).for_each(|week| tally.add(place, *week));
        tally
    }

    /// By the word of each row.
    pub(crate) fn by_word<'a>(&self, words: &'a Words) -> Tally<'a> {
        let mut tally = self.tally();
        for (word, week) in words.iter().zip(&self.weeks) {
            if *week != PASSED {
                let place = tally.place(word);
                tally.add(place, *week);
            }
        }
        tally
    }

    /// By the words of each row's list, of each the part that counts, once a row.
    pub(crate) fn by_list<'a>(
        &self,
        lists: &'a Lists,
        value: fn(&str) -> Option<&str>,
    ) -> Tally<'a> {
        let mut tally = self.tally();
        let mut once: Vec<usize> = Vec::new();
        let mut values = lists.values();
        for (length, week) in lists.lengths().zip(&self.weeks) {
            let list = values.by_ref().take(length);
            if *week == PASSED {
                list.for_each(drop);
                continue;
            }
            once.clear();
            once.extend(list.filter_map(value).map(|word| tally.place(word)));
            once.sort_unstable();
            once.dedup();
            once.iter().for_each(|place| tally.add(*place, *week));
        }
        tally
    }

    fn tally(&self) -> Tally<'static> {
        Tally {
            first: self.first,
            width: self.width,
            places: FxHashMap::default(),
            words: Vec::new(),
            last: 0,
            sums: Vec::new(),
        }
    }
}

/// Sums by word and week.
pub(crate) struct Tally<'a> {
    first: Week,
    width: usize,
    places: FxHashMap<&'a str, usize>,
    words: Vec<&'a str>,
    /// The word before: most often the next one is the same.
    last: usize,
    sums: Vec<u64>,
}

impl<'a> Tally<'a> {
    fn place(&mut self, word: &'a str) -> usize {
        if self.words.get(self.last).is_some_and(|last| *last == word) {
            return self.last;
        }
        let new = self.words.len();
        self.last = *self.places.entry(word).or_insert(new);
        if self.last == new {
            self.words.push(word);
            self.sums.resize(self.words.len() * self.width, 0);
        }
        self.last
    }

    fn add(&mut self, place: usize, week: u16) {
        self.sums[place * self.width + usize::from(week)] += 1;
    }

    /// Each word with the weeks in which it stands.
    pub(crate) fn sums(
        &self,
    ) -> impl Iterator<Item = (&'a str, impl Iterator<Item = (Week, u64)>)> {
        let sums = self.sums.chunks(self.width.max(1));
        self.words.iter().copied().zip(sums.map(|sums| by_week(self.first, sums)))
    }
}

/// The weeks that have any.
fn by_week(first: Week, sums: &[u64]) -> impl Iterator<Item = (Week, u64)> {
    let weeks = (0..).map(move |n: i32| first.back(-n)).zip(sums.iter().copied());
    weeks.filter(|(_, sum)| *sum > 0)
}
