use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether an outcome is what we came for, a rule of ours, or a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeClass {
    /// It went through.
    Done,
    /// Passed over because a rule of ours says so: unchanged, robots.txt, budget reached.
    Intended,
    /// Something is wrong: at the source, on the way, or with us.
    Fault,
}

/// A named result of one item. The name is stable: `posting.read`, `fetch.robots-disallow`,
/// `row.no-text`. Its first part says what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Outcome {
    /// Done, intended or fault.
    pub class: OutcomeClass,
    /// `<thing>.<what-happened>`.
    pub name: &'static str,
}

impl Outcome {
    /// It went through.
    pub const fn done(name: &'static str) -> Self {
        Self { class: OutcomeClass::Done, name }
    }

    /// A rule of ours passed it over.
    pub const fn intended(name: &'static str) -> Self {
        Self { class: OutcomeClass::Intended, name }
    }

    /// Something is wrong with it.
    pub const fn fault(name: &'static str) -> Self {
        Self { class: OutcomeClass::Fault, name }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

/// How often each outcome came about. Nothing is dropped without standing in here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    counts: BTreeMap<Outcome, u64>,
}

impl Tally {
    /// Counts one.
    pub fn count(&mut self, outcome: Outcome) {
        self.add(outcome, 1);
    }

    /// Counts several.
    pub fn add(&mut self, outcome: Outcome, times: u64) {
        *self.counts.entry(outcome).or_insert(0) += times;
    }

    /// Adds another tally to this one.
    pub fn merge(&mut self, other: &Tally) {
        for (outcome, times) in &other.counts {
            self.add(*outcome, *times);
        }
    }

    /// How often this name came about.
    pub fn of(&self, name: &str) -> u64 {
        self.counts.iter().filter(|(outcome, _)| outcome.name == name).map(|(_, n)| n).sum()
    }

    /// All outcomes with their counts, done first, faults last.
    pub fn iter(&self) -> impl Iterator<Item = (Outcome, u64)> + '_ {
        self.counts.iter().map(|(outcome, times)| (*outcome, *times))
    }

    /// How many of this class.
    pub fn of_class(&self, class: OutcomeClass) -> u64 {
        self.iter().filter(|(outcome, _)| outcome.class == class).map(|(_, times)| times).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_keeps_classes_apart_and_adds_up() {
        let mut tally = Tally::default();
        tally.count(Outcome::done("posting.read"));
        tally.add(Outcome::fault("row.no-text"), 2);
        let mut sum = Tally::default();
        sum.merge(&tally);
        sum.merge(&tally);
        assert_eq!(sum.of("posting.read"), 2);
        assert_eq!(sum.of_class(OutcomeClass::Fault), 4);
        assert_eq!(sum.of_class(OutcomeClass::Intended), 0);
    }
}
