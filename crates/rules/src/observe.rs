//! What the text at hand says in numbers, in its form and by its words as a whole, for the rules that
//! ask.

use std::ops::RangeInclusive;

use domain::ContactKind;
use text::{Fact, FactKind, Folded};

use crate::compiled::Compiled;
use crate::measure::{FactName, Measure, Signal};
use crate::scan::{Place, Subject, Words};
use crate::tenor::{Leaning, Tenor};

/// Shortest word whose disguise is looked at, in letters: a single Latin `i` in a Ukrainian text is
/// a slip of the keyboard.
const SHORTEST: usize = 3;

/// Facts and signs of form of one text. Buffers are kept from text to text.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    facts: Vec<Fact>,
    /// By fact, where it stands.
    places: Vec<Place>,
    /// The usual wage of the place, if pay is named.
    wage: Option<f64>,
    disguised: Vec<Place>,
    mixed: Vec<Place>,
    messengers: Vec<Place>,
    tenor: Tenor,
}

impl Observed {
    /// Reads a subject whose words have been read.
    pub(crate) fn read(&mut self, subject: Subject<'_>, words: &Words, compiled: &Compiled) {
        self.clear();
        if compiled.measures.is_empty() {
            return;
        }
        let mut first = 0;
        for (_, original, folded) in subject.fields() {
            let known = self.facts.len();
            text::facts(folded, &mut self.facts);
            for fact in &self.facts[known..] {
                let place = words.place(first + fact.tokens.0, first + fact.tokens.1);
                let (from, to) = (fact.range.start as u32, fact.range.end as u32);
                self.places.push(Place { from, to, ..place });
            }
            self.read_form(original, folded, first, words);
            first += folded.tokens().len() as u32;
        }
        if self.facts.iter().any(|fact| matches!(fact.kind, FactKind::Pay(_)))
            && let Some(wages) = &compiled.wages
        {
            let texts = subject.fields().map(|(_, _, folded)| folded);
            self.wage = Some(wages.of_place(texts, &self.facts));
        }
        self.read_contacts(subject, words);
        self.tenor.read(words, &compiled.tenors);
    }

    /// How much of its points a rule that asks for this tenor brings, from 0 to 1.
    pub(crate) fn tenor_share(&self, leaning: Leaning) -> f64 {
        self.tenor.share(leaning)
    }

    fn clear(&mut self) {
        self.facts.clear();
        self.places.clear();
        self.wage = None;
        self.disguised.clear();
        self.mixed.clear();
        self.messengers.clear();
    }

    /// Words that are not spelt as they are meant.
    fn read_form(&mut self, original: &str, folded: &Folded, first: u32, words: &Words) {
        for (index, token) in (first..).zip(folded.tokens()) {
            if !token.disguised || folded.word(token).chars().nth(SHORTEST - 1).is_none() {
                continue;
            }
            let place = words.place(index, index);
            self.disguised.push(place);
            let written = original.get(token.from as usize..token.to as usize);
            if written.is_some_and(is_of_two_scripts) {
                self.mixed.push(place);
            }
        }
    }

    /// Accounts of messengers, unless there is a contact that can be checked.
    fn read_contacts(&mut self, subject: Subject<'_>, words: &Words) {
        let of_messenger = |kind| matches!(kind, ContactKind::Handle | ContactKind::Invite);
        if subject.contacts.iter().all(|contact| of_messenger(contact.kind)) {
            self.messengers.extend(subject.contacts.iter().map(|contact| {
                let span = &contact.span;
                words.overlapping(span.field, &(span.start..span.end))
            }));
        }
    }

    /// All places that a measure asks for, added to `found`.
    pub(crate) fn find(&self, measure: Measure, compiled: &Compiled, found: &mut Vec<Place>) {
        match measure {
            Measure::Fact { fact, from, to } => {
                let places = self.facts.iter().zip(&self.places);
                let fits = |(other, _): &(&Fact, &Place)| {
                    self.number(fact, &other.kind, compiled)
                        .is_some_and(|n| (from..=to).contains(&n))
                };
                found.extend(places.filter(fits).map(|(_, place)| *place));
            }
            Measure::Signal { signal, at_least } => {
                let places = match signal {
                    Signal::Obfuscated => &self.disguised,
                    Signal::MixedScripts => &self.mixed,
                    Signal::MessengerOnly => &self.messengers,
                };
                if places.len() >= at_least as usize {
                    found.extend(places);
                }
            }
            Measure::Tenor(leaning) => found.extend(self.tenor.places(leaning)),
        }
    }

    /// The number of this name that a fact holds.
    fn number(&self, name: FactName, kind: &FactKind, compiled: &Compiled) -> Option<f64> {
        use text::Period;
        match (name, kind) {
            (FactName::PayRatio, FactKind::Pay(money)) => {
                Some(compiled.wages.as_ref()?.month(money)? / self.wage?)
            }
            (FactName::PayMonth, FactKind::Pay(money)) => compiled.wages.as_ref()?.month(money),
            (FactName::PayClient, FactKind::Pay(money)) => (money.period == Some(Period::Client))
                .then_some(compiled.wages.as_ref()?.euros(money.low, money.currency)),
            (FactName::Fee, FactKind::Fee(money)) => {
                Some(compiled.wages.as_ref()?.euros(money.low, money.currency))
            }
            (FactName::AgeFrom, FactKind::Age { from, .. }) => from.map(f64::from),
            (FactName::AgeTo, FactKind::Age { to, .. }) => to.map(f64::from),
            (FactName::HoursPerDay, FactKind::HoursPerDay(hours)) => Some(*hours),
            (FactName::DaysPerWeek, FactKind::DaysPerWeek(days)) => Some(*days),
            _ => None,
        }
    }
}

/// Whether letters of two scripts stand in one word.
fn is_of_two_scripts(written: &str) -> bool {
    const CYRILLIC: RangeInclusive<char> = '\u{400}'..='\u{52f}';
    const GREEK: RangeInclusive<char> = '\u{370}'..='\u{3ff}';
    let mut letters = written.chars().filter(|c| c.is_alphabetic());
    let script = |c: char| (CYRILLIC.contains(&c), GREEK.contains(&c));
    let Some(first) = letters.next().map(script) else { return false };
    letters.any(|c| script(c) != first)
}
