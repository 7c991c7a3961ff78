//! What work usually pays: the table that pay is held against.

use serde::{Deserialize, Serialize};
use text::{Currency, Fact, FactKind, Folded, Money, Period};

use crate::vocabulary::SymbolFinder;

/// Pay without a period counts as that of a month from here on, in euros, and as no pay of a month
/// below: nobody can tell then whether it is for a day, a week or a job.
const SURELY_A_MONTH: f64 = 500.0;

/// `wages.yaml`: money, time and wages.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Wages {
    /// Units of each currency for one euro, in the order of [`Currency::ALL`].
    pub(crate) for_one_euro: Vec<f64>,
    pub(crate) hours_per_month: f64,
    pub(crate) days_per_month: f64,
    pub(crate) weeks_per_month: f64,
    /// Euros a month where no country is named.
    pub(crate) abroad: f64,
    pub(crate) countries: Vec<Country>,
    /// Finds the names of countries and towns.
    pub(crate) finder: SymbolFinder,
    /// By symbol of that finder, the country.
    pub(crate) country_of: Vec<usize>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Country {
    /// Net euros a month of unskilled work.
    pub(crate) month: f64,
    /// Its own money: who pays in it and names no place means this country.
    pub(crate) currency: Option<Currency>,
}

impl Wages {
    /// Money in euros.
    pub(crate) fn euros(&self, amount: f64, currency: Currency) -> f64 {
        let index = Currency::ALL.iter().position(|other| *other == currency);
        let rate = index.and_then(|index| self.for_one_euro.get(index)).copied().unwrap_or(1.0);
        amount / rate
    }

    /// What would be earned in a month, in euros: of a range its middle. `None` where the words do
    /// not say for how much work.
    pub(crate) fn month(&self, money: &Money) -> Option<f64> {
        let euros = self.euros(f64::midpoint(money.low, money.high), money.currency);
        match money.period {
            Some(Period::Hour) => Some(euros * self.hours_per_month),
            Some(Period::Day) => Some(euros * self.days_per_month),
            Some(Period::Week) => Some(euros * self.weeks_per_month),
            Some(Period::Month) => Some(euros),
            Some(Period::Year) => Some(euros / 12.0),
            Some(Period::Contract | Period::Client | Period::Piece) => None,
            None => (euros >= SURELY_A_MONTH).then_some(euros),
        }
    }

    /// The highest wage among the countries that these texts name. Where none is named, that of the
    /// country whose money is paid, and for money of many countries that of `abroad`: a posting that
    /// says little shall not look better paid than it is.
    pub(crate) fn of_place<'t>(
        &self,
        texts: impl Iterator<Item = &'t Folded>,
        facts: &[Fact],
    ) -> f64 {
        let mut named: Option<f64> = None;
        let mut symbols = Vec::new();
        for folded in texts {
            for token in folded.tokens() {
                symbols.clear();
                self.finder.symbols_of(folded.word(token), &mut symbols);
                for symbol in &symbols {
                    let month = self.countries[self.country_of[*symbol as usize]].month;
                    named = Some(named.map_or(month, |other| other.max(month)));
                }
            }
        }
        named.unwrap_or_else(|| {
            let currencies = facts.iter().filter_map(|fact| match &fact.kind {
                FactKind::Pay(money) => Some(money.currency),
                _ => None,
            });
            let of = |currency| {
                let own = |country: &&Country| country.currency == Some(currency);
                self.countries.iter().find(own).map_or(self.abroad, |country| country.month)
            };
            currencies.map(of).fold(0.0, f64::max)
        })
    }
}
