//! Money: pay, or a fee, or neither; and for how much work.

use super::amount::Amount;
use super::words::{self, Mark};
use super::{FactKind, Money, Period, Reader, Reading};

/// What the words around an amount of money say of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Pay,
    Fee,
    /// Rent, food, a bonus, a fine: neither.
    Other,
    Unsaid,
}

impl Reader<'_> {
    /// What an amount of money is.
    pub(super) fn money(self, amount: &Amount) -> Option<Reading> {
        let currency = amount.currency?;
        if amount.high <= 0.0 {
            return None;
        }
        let purpose = match self.purpose(amount) {
            Purpose::Unsaid if self.is_topped_up(amount) => Purpose::Pay,
            purpose => purpose,
        };
        let (period, count, first, last) =
            self.period(amount).unwrap_or((None, 1.0, amount.first, amount.last));
        let money = Money { low: amount.low / count, high: amount.high / count, currency, period };
        let kind = match purpose {
            Purpose::Fee => FactKind::Fee(money),
            Purpose::Pay => FactKind::Pay(money),
            Purpose::Unsaid if period.is_some() => FactKind::Pay(money),
            _ => return None,
        };
        Some(Reading::of(kind, first, last))
    }

    /// The nearest word before the amount that says what it is for, else the nearest behind it.
    fn purpose(self, amount: &Amount) -> Purpose {
        let bounded = amount.is_range
            || amount.is_open
            || matches!(self.limit_before(amount.first), Some(Mark::From | Mark::To));
        let said = |mark| match mark {
            Mark::Pay => Some(Purpose::Pay),
            Mark::Fee => Some(Purpose::Fee),
            Mark::Cost => Some(Purpose::Other),
            Mark::Work if bounded => Some(Purpose::Pay),
            _ => None,
        };
        let before = self
            .before(amount.first, 6)
            .take_while(|at| !self.is_number(*at))
            .find_map(|at| said(self.mark(at, amount.first)));
        // `500 євро за оформлення`, `100 € штраф`, `1500 € зарплата`
        let behind = self
            .behind(amount.last, 4)
            .take_while(|at| {
                !self.is_number(*at) && !self.gap_before(*at).contains([',', ';', '+'])
            })
            .find_map(|at| said(self.mark(at, amount.last)));
        match (before, behind) {
            (_, Some(Purpose::Fee)) | (Some(Purpose::Fee), None) => Purpose::Fee,
            (Some(Purpose::Pay), _) => Purpose::Pay,
            (Some(before), _) => before,
            (None, Some(behind)) => behind,
            (None, None) => Purpose::Unsaid,
        }
    }

    /// `2500$ + %`, `1800 € + bonus`, `3k fix + 12%`, `2800$ + проценты`: a base and a share are pay.
    fn is_topped_up(self, amount: &Amount) -> bool {
        // Between the sum and the plus there may be one word for what it is: `ставка`, `fix`.
        let is_there = |next: &usize| *next <= self.tokens.len();
        (amount.last + 1..=amount.last + 2).take_while(is_there).any(|next| {
            let gap = self.gap_before(next);
            let Some((_, share)) = gap.split_once('+') else { return false };
            let at_percent = share.contains('%');
            let is_percentage =
                self.is_number(next) && self.gap_before(next + 1).trim_start().starts_with('%');
            let is_share =
                |at| self.tokens.get(at).is_some() && words::is_share_of_profit(self.word(at));
            at_percent || is_percentage || is_share(next)
        })
    }

    /// For how much work: `/день`, `за зміну`, `щомісяця`, `a month`, `за 3 місяці`; before it
    /// `в місяць від`, `hourly rate`. With the count of periods, and the tokens that say it.
    fn period(self, amount: &Amount) -> Option<(Option<Period>, f64, usize, usize)> {
        self.period_behind(amount).or_else(|| self.period_before(amount))
    }

    fn period_behind(self, amount: &Amount) -> Option<(Option<Period>, f64, usize, usize)> {
        let (first, last) = (amount.first, amount.last);
        let mut per = self.gap_before(last + 1).contains('/');
        for at in self.behind(last, 6) {
            let gap = self.gap_before(at);
            let is_next = at == last + 1;
            if self.is_number(at) {
                // `за 3 місяці`, `за 1 годину`
                let count: f64 = self.word(at).parse().ok()?;
                let Mark::Period(period) = self.mark(at + 1, last) else { return None };
                let divides = matches!(period, Period::Month | Period::Hour | Period::Day);
                return (per && divides && (1.0..=12.0).contains(&count)).then_some((
                    Some(period),
                    count,
                    first,
                    at + 1,
                ));
            }
            match self.mark(at, last) {
                Mark::Period(period)
                    if per || (is_next && gap.trim_matches([' ', '.']).is_empty()) =>
                {
                    return Some((Some(period), 1.0, first, at));
                }
                Mark::Each(period) if !gap.contains([',', ';']) => {
                    return Some((Some(period), 1.0, first, at));
                }
                Mark::Per => per = true,
                // `на одну зміну`, `за кожен день`
                Mark::One => {}
                Mark::Pay | Mark::Work | Mark::Schedule => return None,
                _ => per = gap.contains('/') && !is_next,
            }
            if gap.contains([';', '|']) {
                return None;
            }
        }
        None
    }

    fn period_before(self, amount: &Amount) -> Option<(Option<Period>, f64, usize, usize)> {
        let first = amount.first;
        for at in self.before(first, 4) {
            if self.is_number(at) || self.gap_before(at + 1).contains([',', ';', '.', '|', '(']) {
                return None;
            }
            match self.mark(at, first) {
                Mark::Each(period) => return Some((Some(period), 1.0, at, amount.last)),
                Mark::Period(period) => {
                    let per = at.checked_sub(1)?;
                    let counted = per.checked_sub(1).is_some_and(|before| {
                        matches!(self.mark(before, first), Mark::Period(_))
                            || self.is_number(before)
                    });
                    let is_per = self.mark(per, first) == Mark::Per && !counted;
                    return is_per.then_some((Some(period), 1.0, per, amount.last));
                }
                _ => {}
            }
        }
        None
    }
}
