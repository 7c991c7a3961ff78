//! `fact:`, `signal:` and `tenor:` among the patterns of a rule.

use super::indicator::Signs;
use super::yaml::{Fields, Node, shortened};
use crate::measure::{FactName, Measure, Signal};
use crate::problem::{Problems, code};
use crate::tenor::Leaning;

/// Most places that a signal may ask for.
const MAX_PLACES: f64 = 100.0;

/// Reads `fact: NAME` with `from` and `to`.
pub(crate) fn fact(mut fields: Fields<'_>, problems: &mut Problems) -> Option<Measure> {
    let line = fields.line;
    let before = problems.count();
    let fact = fields.need_one_of("fact", &FactName::WORDS, problems);
    let from = limit(&mut fields, "from", problems);
    let to = limit(&mut fields, "to", problems);
    fields.finish(problems);
    if problems.count() > before {
        return None;
    }
    let (low, high) = (from.unwrap_or(0.0), to.unwrap_or(f64::INFINITY));
    if from.is_none() && to.is_none() {
        let message = "a fact needs `from`, `to`, or both: which numbers are meant?";
        problems.report(code::KEYS, line, message);
        return None;
    }
    if low > high {
        let message = format!("no number is from {low} to {high}");
        problems.report(code::PATTERN, line, message);
        return None;
    }
    Some(Measure::Fact { fact: fact?, from: low, to: high })
}

/// Reads `signal: NAME` with `at_least`.
pub(crate) fn signal(mut fields: Fields<'_>, problems: &mut Problems) -> Option<Measure> {
    let before = problems.count();
    let signal = fields.need_one_of("signal", &Signal::WORDS, problems);
    let at_least = fields.take("at_least").map_or(1.0, |node| {
        let count = node.number().filter(|n| n.fract() == 0.0 && (1.0..=MAX_PLACES).contains(n));
        count.unwrap_or_else(|| {
            let message = format!("`at_least` must be a whole number from 1 to {MAX_PLACES}");
            problems.report(code::KEYS, node.line, message);
            1.0
        })
    });
    fields.finish(problems);
    if problems.count() > before {
        return None;
    }
    Some(Measure::Signal { signal: signal?, at_least: at_least as u32 })
}

/// Reads `tenor: LEANING`, which may be that of leads that show an indicator.
pub(crate) fn tenor(
    mut fields: Fields<'_>,
    signs: &Signs,
    problems: &mut Problems,
) -> Option<Measure> {
    let line = fields.line;
    let word = fields.need_text("tenor", problems);
    fields.finish(problems);
    let word = word?;
    let known = Leaning::WORDS.iter().find(|(known, _)| *known == word);
    let leaning =
        known.map(|(_, leaning)| *leaning).or_else(|| signs.place(word).map(Leaning::Sign));
    if leaning.is_none() {
        let message = format!(
            "`tenor` must be recruiting, ordinary or the id of an indicator, not `{}`",
            shortened(word)
        );
        problems.report(code::KEYS, line, message);
    }
    leaning.map(Measure::Tenor)
}

fn limit(fields: &mut Fields<'_>, key: &str, problems: &mut Problems) -> Option<f64> {
    let node: &Node = fields.take(key)?;
    let number = node.number().filter(|number| *number >= 0.0);
    if number.is_none() {
        problems.report(code::KEYS, node.line, format!("`{key}` must be a number from 0"));
    }
    number
}
