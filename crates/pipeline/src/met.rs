//! What a walk met, while it goes on: what its yield is worked out from.

use std::collections::BTreeSet;

use domain::{Posting, Yield};
use jiff::Timestamp;

/// Most times and delays that are kept of a walk; an import of a million rows keeps no more.
const MOST: usize = 1_000;

/// Counts of postings as captures are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Met {
    yielded: Yield,
    dates: BTreeSet<Timestamp>,
    /// Minutes from publication to capture of new postings.
    delays: Vec<u64>,
}

impl Met {
    /// Notes a posting that was read out of a capture.
    pub(crate) fn read(&mut self, posting: &Posting) {
        let is_filled =
            |text: &Option<String>| u64::from(text.as_ref().is_some_and(|t| !t.is_empty()));
        self.yielded.read += 1;
        self.yielded.titled += is_filled(&posting.title);
        self.yielded.authored += is_filled(&posting.author).max(is_filled(&posting.employer));
        if let Some(at) = posting.published_at {
            self.yielded.dated += 1;
            if self.dates.len() < MOST {
                self.dates.insert(at);
            }
        }
    }

    /// Notes one that was not seen before, or has changed.
    pub(crate) fn new_one(&mut self, posting: &Posting) {
        self.yielded.new += 1;
        if let Some(at) = posting.published_at
            && self.delays.len() < MOST
        {
            let seconds = posting.captured_at.as_second() - at.as_second();
            self.delays.push(u64::try_from(seconds / 60).unwrap_or(0));
        }
    }

    /// Adds what another capture of the walk held.
    pub(crate) fn merge(&mut self, other: Self) {
        self.yielded.read += other.yielded.read;
        self.yielded.new += other.yielded.new;
        self.yielded.titled += other.yielded.titled;
        self.yielded.authored += other.yielded.authored;
        self.yielded.dated += other.yielded.dated;
        self.dates.extend(other.dates.into_iter().take(MOST.saturating_sub(self.dates.len())));
        self.delays.extend(other.delays.into_iter().take(MOST.saturating_sub(self.delays.len())));
    }

    /// All of it in numbers.
    pub(crate) fn yielded(&self, faults: u64) -> Yield {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        Yield {
            dates: self.dates.len() as u64,
            faults,
            delay_minutes: delays.get(delays.len() / 2).copied(),
            ..self.yielded.clone()
        }
    }
}
