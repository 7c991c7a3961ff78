//! Numbers with a meaning: pay, ages, hours, days, fees.
//!
//! Read from the folded text, around its numbers: what stands before and behind a number says what
//! it counts. A number that says nothing is no fact; better silent than wrong.

mod age;
mod amount;
mod money;
mod schedule;
mod words;

use std::ops::Range;

use crate::fold::{Folded, Token, TokenKind};
use words::Mark;

/// Most facts of a text; an ad has a few, a price list has no end.
const MOST: usize = 64;

/// What a number of a text counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FactKind {
    /// Money that the work is paid with.
    Pay(Money),
    /// Money that the worker is to pay.
    Fee(Money),
    /// An age that is asked for, with its lower limit, its upper limit, or both.
    Age {
        /// At least so many years.
        from: Option<u8>,
        /// At most so many years.
        to: Option<u8>,
    },
    /// Hours of work a day; of a range the lower end.
    HoursPerDay(f64),
    /// Days of work a week; of a range the lower end.
    DaysPerWeek(f64),
}

/// An amount of money, or a range of amounts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Money {
    /// The amount, or the lower end of the range.
    pub low: f64,
    /// The upper end; the same as `low` for a single amount.
    pub high: f64,
    /// In what money.
    pub currency: Currency,
    /// For how much work, where it is said.
    pub period: Option<Period>,
}

/// Money by its ISO 4217 code. Lei are [`Currency::Ron`] unless the text says Moldovan.
#[expect(missing_docs, reason = "the codes say it")]
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Currency {
    Eur,
    Usd,
    Gbp,
    Chf,
    Uah,
    Ron,
    Mdl,
    Pln,
    Rub,
    Czk,
    Huf,
    Bgn,
    Try,
    Aed,
    Ils,
    Nok,
    Sek,
    Dkk,
}

impl Currency {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Eur,
        Self::Usd,
        Self::Gbp,
        Self::Chf,
        Self::Uah,
        Self::Ron,
        Self::Mdl,
        Self::Pln,
        Self::Rub,
        Self::Czk,
        Self::Huf,
        Self::Bgn,
        Self::Try,
        Self::Aed,
        Self::Ils,
        Self::Nok,
        Self::Sek,
        Self::Dkk,
    ];

    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Usd => "USD",
            Self::Gbp => "GBP",
            Self::Chf => "CHF",
            Self::Uah => "UAH",
            Self::Ron => "RON",
            Self::Mdl => "MDL",
            Self::Pln => "PLN",
            Self::Rub => "RUB",
            Self::Czk => "CZK",
            Self::Huf => "HUF",
            Self::Bgn => "BGN",
            Self::Try => "TRY",
            Self::Aed => "AED",
            Self::Ils => "ILS",
            Self::Nok => "NOK",
            Self::Sek => "SEK",
            Self::Dkk => "DKK",
        }
    }
}

/// What a sum of money is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// An hour.
    Hour,
    /// A day, shift or night.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
    /// The whole contract, season or journey.
    Contract,
    /// One client, meeting or call.
    Client,
    /// A piece: kilogram, box, metre, parcel.
    Piece,
}

/// A fact with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it says.
    pub kind: FactKind,
    /// The numbers of its first and last token.
    pub tokens: (u32, u32),
    /// Its bytes in the original.
    pub range: Range<usize>,
}

/// Adds the facts of a text to `found`, in order of place. Costs a glance at each token where the
/// text has no number.
pub fn facts(folded: &Folded, found: &mut Vec<Fact>) {
    let reader = Reader { folded, tokens: folded.tokens() };
    let mut at = 0;
    while let Some(skipped) =
        reader.tokens[at..].iter().position(|token| token.kind == TokenKind::Number)
    {
        at += skipped;
        at = reader.fact_at(at, found);
        if found.len() >= MOST {
            return;
        }
    }
}

/// The tokens of a text and what stands between them.
#[derive(Clone, Copy)]
struct Reader<'f> {
    folded: &'f Folded,
    tokens: &'f [Token],
}

/// A reading of a number: what it says, and from which token to which.
struct Reading {
    kind: FactKind,
    /// `12/7` says two things.
    also: Option<FactKind>,
    first: usize,
    last: usize,
}

impl Reading {
    fn of(kind: FactKind, first: usize, last: usize) -> Self {
        Self { kind, also: None, first, last }
    }
}

impl<'f> Reader<'f> {
    /// Reads the number at this token; gives the token to go on with.
    fn fact_at(self, at: usize, found: &mut Vec<Fact>) -> usize {
        let Some(amount) = self.amount(at) else { return at + 1 };
        let reading = if amount.currency.is_some() {
            self.money(&amount)
        } else {
            self.schedule(at).or_else(|| self.hours(&amount)).or_else(|| self.age(&amount))
        };
        let Some(Reading { kind, also, first, last }) = reading else { return amount.last + 1 };
        // Signs of currency stand between the tokens and belong to the fact.
        let start = self.tokens[first].start as usize - self.sign_before(first);
        let end = self.tokens[last].end as usize + self.sign_behind(last);
        let range = self.folded.original_range(start..end);
        let tokens = (first as u32, last as u32);
        found.extend([Some(kind), also].into_iter().flatten().map(|kind| Fact {
            kind,
            tokens,
            range: range.clone(),
        }));
        last.max(amount.last) + 1
    }

    fn word(self, at: usize) -> &'f str {
        self.folded.word(&self.tokens[at])
    }

    fn is_number(self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Number)
    }

    /// What stands between this token and the one before.
    fn gap_before(self, at: usize) -> &'f str {
        let from = at.checked_sub(1).map_or(0, |before| self.tokens[before].end as usize);
        let to = self.tokens.get(at).map_or(self.folded.text().len(), |token| token.start as usize);
        self.folded.text().get(from..to).unwrap_or_default()
    }

    /// What a word means for numbers; nothing beyond the ends of the sentence of `near`.
    fn mark(self, at: usize, near: usize) -> Mark {
        match self.tokens.get(at) {
            Some(token) if token.sentence != self.tokens[near].sentence => Mark::None,
            Some(token) if token.kind == TokenKind::Number => Mark::None,
            Some(_) if self.word(at) == "п" && at > 0 && self.word(at - 1) == "з" => Mark::Pay,
            Some(_) => words::mark(self.word(at)),
            None => Mark::None,
        }
    }

    fn same_sentence(self, at: usize, near: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.sentence == self.tokens[near].sentence)
    }

    /// Up to `count` words before this token in its sentence, the nearest first.
    fn before(self, at: usize, count: usize) -> impl Iterator<Item = usize> + 'f {
        (at.saturating_sub(count)..at).rev().take_while(move |other| self.same_sentence(*other, at))
    }

    /// Up to `count` words behind this token in its sentence.
    fn behind(self, at: usize, count: usize) -> impl Iterator<Item = usize> + 'f {
        (at + 1..=at + count).take_while(move |other| self.same_sentence(*other, at))
    }

    fn any_before(self, at: usize, count: usize, is: impl Fn(Mark) -> bool) -> bool {
        self.before(at, count).any(|other| is(self.mark(other, at)))
    }

    fn any_behind(self, at: usize, count: usize, is: impl Fn(Mark) -> bool) -> bool {
        self.behind(at, count).any(|other| is(self.mark(other, at)))
    }
}

#[cfg(test)]
mod tests;
