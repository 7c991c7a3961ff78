//! Numbers as they are written: `3 000`, `3.000`, `3,5к`, `2-3 тис`, `від 18 до 30`, `€1500`.

use super::words::Mark;
use super::{Currency, Reader};

/// Larger numbers are account or telephone numbers.
const LARGEST: f64 = 100_000_000.0;

/// A number or a range of numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) is_range: bool,
    /// `1500+`
    pub(super) is_open: bool,
    pub(super) currency: Option<Currency>,
    /// Token of the first number, and of the last number, factor or currency.
    pub(super) first: usize,
    pub(super) last: usize,
}

/// One number with what is written to it.
#[derive(Clone, Copy)]
struct Number {
    value: f64,
    has_factor: bool,
    currency: Option<Currency>,
    last: usize,
}

impl Reader<'_> {
    /// The number that begins at this token, or the range.
    pub(super) fn amount(self, first: usize) -> Option<Amount> {
        let low = self.number(first)?;
        let mut amount = Amount {
            low: low.value,
            high: low.value,
            is_range: false,
            is_open: self.gap_before(low.last + 1).starts_with('+'),
            currency: low.currency,
            first,
            last: low.last,
        };
        let second = self.second(&low).and_then(|second| Some((second, self.number(second)?)));
        if let Some((_, high)) = second {
            // `2-3 тис`: the factor is meant for both.
            let scaled = high.has_factor && !low.has_factor && low.value < high.value / 999.0;
            let low_value = if scaled { low.value * 1000.0 } else { low.value };
            let currencies_agree =
                low.currency.is_none() || high.currency.is_none() || low.currency == high.currency;
            if low_value <= high.value && currencies_agree {
                amount.low = low_value;
                amount.high = high.value;
                amount.is_range = true;
                amount.currency = high.currency.or(low.currency);
                amount.last = high.last;
                amount.is_open = self.gap_before(high.last + 1).starts_with('+');
            }
        }
        Some(amount)
    }

    /// The token of the second number of a range.
    fn second(self, low: &Number) -> Option<usize> {
        let next = low.last + 1;
        if !self.same_sentence(next, low.last) {
            return None;
        }
        let gap = self.gap_before(next).trim_matches([' ', '€', '$', '£', '₴', '+']);
        if self.is_number(next) {
            return matches!(gap, "-" | "–" | "—" | "−" | "‑" | "..").then_some(next);
        }
        if !gap.is_empty() {
            return None;
        }
        // `до 30`, `to 30`, `la 30`, `până la 30`, `and 30`
        let is_to = self.mark(next, next) == Mark::To || matches!(self.word(next), "la" | "and");
        let skip = usize::from(self.tokens.get(next + 1).is_some() && self.word(next + 1) == "la");
        (is_to && self.is_number(next + 1 + skip) && self.same_sentence(next + 1 + skip, next))
            .then_some(next + 1 + skip)
    }

    /// A single number, its groups of thousands put together, with its factor and currency.
    fn number(self, first: usize) -> Option<Number> {
        if !self.is_number(first) {
            return None;
        }
        let mut value: f64 = self.word(first).parse().ok()?;
        let mut last = first;
        let digits = self.word(first).len();
        if digits > 1 && self.word(first).starts_with('0') && self.gap_before(first + 1) != ":" {
            return None;
        }
        if digits <= 3 && value > 0.0 {
            while self.is_number(last + 1)
                && self.word(last + 1).len() == 3
                && matches!(self.gap_before(last + 1), " " | "." | "," | "'" | "’")
                && value < LARGEST
            {
                value = value * 1000.0 + self.word(last + 1).parse::<f64>().ok()?;
                last += 1;
            }
        }
        // `3,5`, `31.40`; not the days of `1.05.2024`
        if last == first
            && self.is_number(last + 1)
            && self.word(last + 1).len() <= 2
            && matches!(self.gap_before(last + 1), "," | ".")
            && !(self.is_number(last + 2) && self.gap_before(last + 2) == ".")
        {
            let places = if self.word(last + 1).len() == 1 { 10.0 } else { 100.0 };
            value += self.word(last + 1).parse::<f64>().ok()? / places;
            last += 1;
        }
        let mut number = Number { value, has_factor: false, currency: None, last };
        self.factor(&mut number);
        number.currency = self.currency_before(first);
        if number.currency.is_none() {
            self.currency_behind(&mut number);
        }
        (number.value < LARGEST).then_some(number)
    }

    /// `к`, `тис.`, `mii`
    fn factor(self, number: &mut Number) {
        let next = number.last + 1;
        if matches!(self.gap_before(next), "" | " " | "-")
            && self.mark(next, number.last) == Mark::Thousand
            && number.value < 1000.0
        {
            number.value *= 1000.0;
            number.has_factor = true;
            number.last = next;
        }
    }

    /// `€1500`, `USD 2000`
    fn currency_before(self, first: usize) -> Option<Currency> {
        let gap = self.gap_before(first);
        if let Some(sign) = gap.trim_end_matches(' ').chars().next_back()
            && let Some(currency) = sign_of(sign)
        {
            // `100 $ 200 $`: the sign belongs to the number before it.
            let of_other = gap.ends_with(' ') && first > 0 && self.is_number(first - 1);
            return (!of_other).then_some(currency);
        }
        let code = first.checked_sub(1).filter(|_| matches!(gap, "" | " "))?;
        let is_code = self.word(code).len() == 3 && self.word(code).is_ascii();
        match self.mark(code, first) {
            Mark::Currency(currency) if is_code && !(code > 0 && self.is_number(code - 1)) => {
                Some(currency)
            }
            _ => None,
        }
    }

    /// `1500€`, `1500+ євро`, `5 тис. грн`, `60 т.р.`, `2000 de euro`
    fn currency_behind(self, number: &mut Number) {
        let next = number.last + 1;
        let gap = self.gap_before(next);
        if let Some(sign) = gap.trim_start_matches([' ', '+']).chars().next().and_then(sign_of) {
            number.currency = Some(sign);
            return;
        }
        if gap.chars().any(|c| !matches!(c, ' ' | '.' | '+' | '-' | ',')) {
            return;
        }
        let of = usize::from(self.tokens.get(next).is_some() && self.word(next) == "de");
        let mark = self.mark(next + of, number.last);
        // A comma parts a number from the next thing, `1500, євро...`
        let currency = match mark {
            Mark::Currency(currency) if !gap.contains(',') => currency,
            Mark::YearsOrRoubles if number.value >= 100.0 => Currency::Rub,
            _ => return,
        };
        number.currency = Some(currency);
        number.last = next + of;
    }

    /// Bytes of a sign of currency right before a token.
    pub(super) fn sign_before(self, first: usize) -> usize {
        let gap = self.gap_before(first);
        let blanks = gap.len() - gap.trim_end_matches(' ').len();
        match gap.trim_end_matches(' ').chars().next_back() {
            Some(sign) if sign_of(sign).is_some() && self.is_number(first) => {
                blanks + sign.len_utf8()
            }
            _ => 0,
        }
    }

    /// Bytes of a sign of currency right behind a token.
    pub(super) fn sign_behind(self, last: usize) -> usize {
        let gap = self.gap_before(last + 1);
        let rest = gap.trim_start_matches([' ', '+']);
        match rest.chars().next() {
            Some(sign) if sign_of(sign).is_some() && self.is_number(last) => {
                gap.len() - rest.len() + sign.len_utf8()
            }
            _ => 0,
        }
    }
}

fn sign_of(sign: char) -> Option<Currency> {
    Some(match sign {
        '€' => Currency::Eur,
        '$' => Currency::Usd,
        '£' => Currency::Gbp,
        '₴' => Currency::Uah,
        '₽' => Currency::Rub,
        '₺' => Currency::Try,
        '₪' => Currency::Ils,
        _ => return None,
    })
}
