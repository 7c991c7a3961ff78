//! Conditions that are no words: a number that a posting names, a way in which it is written, how its
//! words lie when all are weighed together.

use serde::{Deserialize, Serialize};

use crate::tenor::Leaning;

/// One condition on numbers or on form, as a rule asks it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Measure {
    /// A number in a range, both ends included.
    Fact { fact: FactName, from: f64, to: f64 },
    /// At least so many places of this kind.
    Signal { signal: Signal, at_least: u32 },
    /// The words lie this way.
    Tenor(Leaning),
}

impl Measure {
    /// Whether a subject's contacts tell.
    pub(crate) fn is_of_contacts(self) -> bool {
        matches!(self, Self::Signal { signal: Signal::MessengerOnly, .. })
    }

    /// Whether it needs the table of wages.
    pub(crate) fn needs_wages(self) -> bool {
        use FactName::{Fee, PayClient, PayMonth, PayRatio};
        matches!(self, Self::Fact { fact: PayRatio | PayMonth | PayClient | Fee, .. })
    }
}

/// What number is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum FactName {
    /// Pay for a month in usual wages of the place.
    PayRatio,
    /// Pay for a month in euros.
    PayMonth,
    /// Pay for one client, meeting or call in euros.
    PayClient,
    /// What the worker is to pay, in euros.
    Fee,
    /// Lower limit of age.
    AgeFrom,
    /// Upper limit of age.
    AgeTo,
    HoursPerDay,
    DaysPerWeek,
}

impl FactName {
    pub(crate) const WORDS: [(&'static str, Self); 8] = [
        ("pay_ratio", Self::PayRatio),
        ("pay_month", Self::PayMonth),
        ("pay_client", Self::PayClient),
        ("fee", Self::Fee),
        ("age_from", Self::AgeFrom),
        ("age_to", Self::AgeTo),
        ("hours_per_day", Self::HoursPerDay),
        ("days_per_week", Self::DaysPerWeek),
    ];
}

/// A way in which a posting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Signal {
    /// Words whose spelling was disguised.
    Obfuscated,
    /// Words with letters of several scripts.
    MixedScripts,
    /// Accounts of messengers and ways into their groups, and no other contact.
    MessengerOnly,
}

impl Signal {
    pub(crate) const WORDS: [(&'static str, Self); 3] = [
        ("obfuscated", Self::Obfuscated),
        ("mixed_scripts", Self::MixedScripts),
        ("messenger_only", Self::MessengerOnly),
    ];
}
