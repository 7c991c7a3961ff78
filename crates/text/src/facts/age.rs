//! Ages that are asked for.

use super::amount::Amount;
use super::words::Mark;
use super::{FactKind, Reader, Reading};

impl Reader<'_> {
    /// An age asked for: a range or limit in years, or a range near the word for a person or age.
    pub(super) fn age(self, amount: &Amount) -> Option<Reading> {
        let is_age = |age: f64| (12.0..=75.0).contains(&age) && age.fract() == 0.0;
        if !is_age(amount.high) || (amount.is_range && !is_age(amount.low)) {
            return None;
        }
        let (first, last) = (amount.first, amount.last);
        // `18-25 років`, `25 de ani`, `25 years old`
        let of = usize::from(self.tokens.get(last + 1).is_some() && self.word(last + 1) == "de");
        let in_years = matches!(self.mark(last + 1 + of, last), Mark::Years | Mark::YearsOrRoubles);
        let other_unit = matches!(self.mark(last + 1, last), Mark::Period(_) | Mark::Person)
            || self.gap_before(last + 1).trim_start().starts_with(['%', '°', '/', ':', '.'])
                && self.is_number(last + 1);
        let experience = self.any_before(first, 4, |mark| mark == Mark::Experience)
            || self.any_behind(last, 3, |mark| mark == Mark::Experience);
        if experience || (other_unit && !in_years) {
            return None;
        }
        let said = self.any_before(first, 4, |mark| mark == Mark::AgeWord)
            || self.any_behind(last, 2, |mark| mark == Mark::AgeWord);
        let of_person = self.any_before(first, 5, |mark| mark == Mark::Person)
            || (in_years && self.any_behind(last, 3, |mark| mark == Mark::Person));
        let (mut from, mut to) = (None, None);
        if amount.is_range {
            if !(in_years || said || of_person) {
                return None;
            }
            (from, to) = (Some(amount.low as u8), Some(amount.high as u8));
        } else if amount.is_open || self.limit_before(first) == Some(Mark::From) {
            if !(in_years || said || of_person) {
                return None;
            }
            from = Some(amount.low as u8);
        } else if self.limit_before(first) == Some(Mark::To) {
            if !(in_years && (said || of_person || amount.high >= 18.0) || said) {
                return None;
            }
            to = Some(amount.high as u8);
        } else {
            return None;
        }
        let last = if in_years { last + 1 + of } else { last };
        Some(Reading::of(FactKind::Age { from, to }, first, last))
    }

    /// The word for a limit that stands right before a number: `від`, `up to`, `de la`.
    pub(super) fn limit_before(self, first: usize) -> Option<Mark> {
        self.before(first, 2)
            .map(|at| self.mark(at, first))
            .find(|mark| matches!(mark, Mark::From | Mark::To))
    }
}
