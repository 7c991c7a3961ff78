//! How long people work: hours a day, days a week.

use super::amount::Amount;
use super::words::Mark;
use super::{FactKind, Period, Reader, Reading};

impl Reader<'_> {
    /// `12/7`, `7/0`, `7 днів на тиждень`, `с 6 до 22`, `08:00-20:00`.
    pub(super) fn schedule(self, at: usize) -> Option<Reading> {
        self.slashed(at).or_else(|| self.days(at)).or_else(|| self.clock(at))
    }

    /// Hours by days of the week (`12/7`), or working days by days off (`7/0`, `6/1`).
    fn slashed(self, at: usize) -> Option<Reading> {
        if !self.is_number(at + 1)
            || self.gap_before(at + 1) != "/"
            || self.gap_before(at).ends_with('/')
            || (self.is_number(at + 2) && matches!(self.gap_before(at + 2), "/" | "." | "-"))
        {
            return None;
        }
        let left: f64 = self.word(at).parse().ok()?;
        let right: f64 = self.word(at + 1).parse().ok()?;
        let near = |mark| matches!(mark, Mark::Schedule | Mark::Work | Mark::Period(Period::Day));
        let is_schedule = self.any_before(at, 4, near) || self.any_behind(at + 1, 2, near);
        if !is_schedule {
            return None;
        }
        let (kind, also) = if left + right == 7.0 && left >= 5.0 || (left, right) == (7.0, 7.0) {
            (FactKind::DaysPerWeek(left), None)
        } else if (8.0..=20.0).contains(&left) && (5.0..=7.0).contains(&right) {
            // `24/7` is no working day: shops and hotlines say so.
            (FactKind::HoursPerDay(left), Some(FactKind::DaysPerWeek(right)))
        } else {
            return None;
        };
        Some(Reading { also, ..Reading::of(kind, at, at + 1) })
    }

    /// `7 днів на тиждень`, `7 days a week`, `7 zile din 7`
    fn days(self, at: usize) -> Option<Reading> {
        let amount = self.amount(at).filter(|amount| (1.0..=7.0).contains(&amount.high))?;
        let day = amount.last + 1;
        if self.mark(day, at) != Mark::Period(Period::Day) {
            return None;
        }
        let last = self.behind(day, 3).find(|other| {
            matches!(self.mark(*other, at), Mark::Period(Period::Week) | Mark::Each(Period::Week))
                || (self.is_number(*other)
                    && self.word(*other) == "7"
                    && self.word(*other - 1) == "din")
        })?;
        Some(Reading::of(FactKind::DaysPerWeek(amount.low), at, last))
    }

    /// From one hour of the day to another, where the words speak of work.
    fn clock(self, at: usize) -> Option<Reading> {
        let (begin, next) = self.time(at)?;
        let gap = self.gap_before(next).trim();
        let joined = matches!(gap, "-" | "–" | "—") && self.is_number(next);
        let to = if joined { next } else { next + 1 };
        let said = !joined && gap.is_empty() && self.limit_before(at) == Some(Mark::From);
        if !(joined || said && matches!(self.mark(next, at), Mark::To)) {
            return None;
        }
        let (end, after) = self.time(to)?;
        // Without minutes a range is hours of the day only where both limits are said.
        if joined && (next == at + 1 || after == to + 1) {
            return None;
        }
        let is_work =
            |mark| matches!(mark, Mark::Schedule | Mark::Work | Mark::Period(Period::Day));
        let speaks_of_work = self.any_before(at, 6, is_work);
        let of_calls = self.any_before(at, 6, |mark| mark == Mark::Call);
        let counted = matches!(self.mark(after, at), Mark::Years | Mark::Currency(_));
        if !speaks_of_work || of_calls || counted {
            return None;
        }
        let hours = if end > begin { end - begin } else { end + 24.0 - begin };
        Some(Reading::of(FactKind::HoursPerDay(hours), at, after - 1))
    }

    /// A time of day; and the token behind it.
    fn time(self, at: usize) -> Option<(f64, usize)> {
        if !self.is_number(at) || self.word(at).len() > 2 {
            return None;
        }
        let hour: f64 = self.word(at).parse().ok().filter(|hour| *hour <= 24.0)?;
        let has_minutes = self.is_number(at + 1)
            && matches!(self.gap_before(at + 1), ":" | ".")
            && self.word(at + 1).len() == 2;
        if !has_minutes {
            return Some((hour, at + 1));
        }
        let minutes: f64 = self.word(at + 1).parse().ok().filter(|minutes| *minutes < 60.0)?;
        Some((hour + minutes / 60.0, at + 2))
    }

    /// `по 14 годин`, `12h/zi`, `12-hour shifts`, `14 годин на день`
    pub(super) fn hours(self, amount: &Amount) -> Option<Reading> {
        let (first, unit) = (amount.first, amount.last + 1);
        if !(4.0..=24.0).contains(&amount.high)
            || self.mark(unit, first) != Mark::Period(Period::Hour)
        {
            return None;
        }
        let mut per = self.gap_before(unit + 1).contains('/');
        let mut last = unit;
        let mut daily = false;
        for at in self.behind(unit, 3) {
            match self.mark(at, first) {
                Mark::Period(Period::Week | Period::Month | Period::Year) => return None,
                Mark::Each(Period::Day) => (daily, last) = (true, at),
                // `12 hour shifts`, `12-годинні зміни`, `14 годин на день`
                Mark::Period(Period::Day) if per || at == unit + 1 => (daily, last) = (true, at),
                Mark::Per => per = true,
                _ => {}
            }
            if daily {
                break;
            }
        }
        let of_day = |mark| matches!(mark, Mark::Schedule | Mark::Period(Period::Day));
        let each = first > 0 && matches!(self.word(first - 1), "по" | "po");
        let not_more = self.any_behind(unit, 2, |mark| mark == Mark::Rest);
        let is_daily = daily || each || self.any_before(first, 4, of_day);
        (is_daily && !not_more).then_some(Reading::of(
            FactKind::HoursPerDay(amount.low),
            first,
            last,
        ))
    }
}
