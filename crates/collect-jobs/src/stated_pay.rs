use domain::Pay;
use serde_json::Value;

use crate::json_ld::field;

/// Pay as structured data states it: a number, a `MonetaryAmount`, a `QuantitativeValue` or a
/// string that is a number. `line` reads a value as text. `None` when there is no amount in it;
/// words are not guessed at.
pub(crate) fn stated_pay<'v>(
    salary: &'v Value,
    currency: Option<String>,
    line: &dyn Fn(&'v Value) -> Option<String>,
) -> Option<Pay> {
    let own_field = |name: &str| field(salary, name);
    let inner = own_field("value").filter(|value| value.is_object() && line(value).is_none());
    // `MonetaryAmount.value` is a number or a `QuantitativeValue`; pages also put the bounds right
    // into the amount.
    let stated =
        |name: &str| inner.and_then(|inner| field(inner, name)).or_else(|| own_field(name));
    let number = |name: &str| amount(&line(stated(name)?)?);
    let single = line(salary).as_deref().and_then(amount).or_else(|| number("value"));
    let (min, max) = (number("minValue").or(single), number("maxValue"));
    if min.is_none() && max.is_none() {
        return None;
    }
    let unit = ["unitText", "unitCode"].into_iter().find_map(|name| line(stated(name)?));
    Some(Pay {
        min,
        max,
        currency: stated("currency").and_then(line).or(currency),
        period: unit.and_then(|unit| period(&unit)).map(str::to_owned),
    })
}

/// A plain amount: digits, a decimal point or comma with one or two digits, and blanks or commas
/// between groups of three.
fn amount(text: &str) -> Option<f64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let decimals = text.rfind(['.', ',']).filter(|at| (2..=3).contains(&(text.len() - at)));
    let (whole, fraction) = text.split_at(decimals.unwrap_or(text.len()));
    let mut groups = whole.split([',', '.']);
    let mut digits = groups.next()?.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    let fraction = fraction.get(1..).unwrap_or("");
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || digits.len() > 12 || !is_number(&digits) || !is_number(fraction) {
        return None;
    }
    format!("{digits}.{fraction}0").parse().ok()
}

fn period(unit: &str) -> Option<&'static str> {
    let unit = unit.to_ascii_lowercase();
    let unit = unit.rsplit('/').next().unwrap_or_default();
    // UN/CEFACT codes stand beside the words that search engines ask for.
    let known = [
        ("hour", ["hour", "hur", "hourly"]),
        ("day", ["day", "daily", "per day"]),
        ("week", ["week", "wee", "weekly"]),
        ("month", ["month", "mon", "monthly"]),
        ("year", ["year", "ann", "yearly"]),
    ];
    known.into_iter().find(|(_, words)| words.contains(&unit.trim())).map(|(period, _)| period)
}

/// The period that a word of this text names: `per-month-salary`, `1 YEAR`.
pub(crate) fn period_within(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(period).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(salary: Value, expected: Option<(Option<f64>, Option<f64>, &str, &str)>) {
        let line = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let pay = stated_pay(&salary, Some("EUR".to_owned()), &line);
        let found = pay.map(|pay| {
            (pay.min, pay.max, pay.currency.unwrap_or_default(), pay.period.unwrap_or_default())
        });
        let expected = expected.map(|(min, max, c, p)| (min, max, c.to_owned(), p.to_owned()));
        assert_eq!(found, expected, "{salary}");
    }

    #[test]
    fn pay_is_read_in_the_forms_that_pages_use() {
        use serde_json::json;
        check(json!(1200), Some((Some(1200.0), None, "EUR", "")));
        check(json!("1 200,50"), Some((Some(1200.5), None, "EUR", "")));
        check(json!("25,000"), Some((Some(25_000.0), None, "EUR", "")));
        check(
            json!({"currency": "UAH", "value": {"minValue": 20000, "maxValue": "25 000", "unitText": "MONTH"}}),
            Some((Some(20_000.0), Some(25_000.0), "UAH", "month")),
        );
        check(
            json!({"currency": "RON", "value": 40, "unitText": "HOUR"}),
            Some((Some(40.0), None, "RON", "hour")),
        );
        check(
            json!({"https://schema.org/value": {"http://schema.org/minValue": 5, "schema:unitText": "DAY"}}),
            Some((Some(5.0), None, "EUR", "day")),
        );
        check(json!({"maxValue": 3000}), Some((None, Some(3000.0), "EUR", "")));
    }

    #[test]
    fn words_are_no_pay() {
        for words in ["договірна", "from 500 to 900", "1,2,3", "", "12.3456", "-5"] {
            check(Value::from(words), None);
        }
    }
}
