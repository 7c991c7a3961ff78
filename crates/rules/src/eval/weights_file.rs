//! New numbers in `weights.yaml`, with everything that people wrote around them left as it is.

use std::collections::BTreeMap;

use crate::problem::Problems;
use crate::read::indicator::Signs;
use crate::read::{weights, yaml};
use crate::weights::Weights;

/// The file with other numbers. What was written is read back: if it does not say the same, the
/// file has a form that is not understood here, and that is said.
pub(crate) fn rewritten(source: &str, weights: &Weights, signs: &Signs) -> Result<String, String> {
    let mut lines: Vec<String> = source.lines().map(ToOwned::to_owned).collect();
    for (key, value) in [
        ("bias", weights.bias),
        ("further_share", weights.further_share),
        ("dimension_bonus", weights.dimension_bonus),
        ("weak_cap", weights.weak_cap),
        ("negated", weights.negated),
        ("slope", weights.slope),
    ] {
        set(&mut lines, key, key, value);
    }
    for (key, value) in
        [("strong", weights.strong), ("medium", weights.medium), ("weak", weights.weak)]
    {
        set(&mut lines, "strength", key, value);
    }
    for (id, value) in &weights.mitigations {
        set(&mut lines, "mitigations", id, *value);
    }
    set_overrides(&mut lines, &weights.indicators);
    let text = lines.join("\n") + "\n";
    match read(&text, signs) {
        Some(read) if read == *weights => Ok(text),
        _ => Err("weights.yaml is written in a form that cannot be changed line by line; \
                  write one number a line, as in the built-in pack"
            .to_owned()),
    }
}

fn read(text: &str, signs: &Signs) -> Option<Weights> {
    let mut problems = Problems::default();
    let weights = weights::read(&yaml::parse(text).ok()?, signs, &mut problems);
    (problems.count() == 0).then_some(weights)
}

/// The lines of a top-level key: from its own to the last that is indented.
fn block(lines: &[String], key: &str) -> Option<std::ops::Range<usize>> {
    let start = lines.iter().position(|line| {
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
    })?;
    let indented = |line: &&String| line.starts_with([' ', '\t']);
    let length = lines[start + 1..].iter().take_while(indented).count();
    Some(start..start + 1 + length)
}

/// Puts a number behind `key:` in the block of a top-level key, if it is not there already.
fn set(lines: &mut [String], top: &str, key: &str, value: f64) -> bool {
    let Some(range) = block(lines, top) else { return false };
    for line in &mut lines[range] {
        let Some((start, end)) = number_behind(line, key) else { continue };
        if line[start..end].parse::<f64>().ok() != Some(value) {
            line.replace_range(start..end, &written(value));
        }
        return true;
    }
    false
}

/// Where the number of `key: number` stands in a line.
fn number_behind(line: &str, key: &str) -> Option<(usize, usize)> {
    let before_comment = line.find(" #").map_or(line, |at| &line[..at]);
    let mut from = 0;
    while let Some(at) = before_comment.get(from..)?.find(key) {
        let start = from + at;
        from = start + key.len();
        let is_whole = before_comment[..start].ends_with([' ', '{', ',']) || start == 0;
        let Some(rest) = before_comment[from..].trim_start().strip_prefix(':') else { continue };
        let number = rest.trim_start();
        let length = number.find([',', '}', ' ']).unwrap_or(number.len());
        if is_whole && number[..length].parse::<f64>().is_ok() {
            let start = before_comment.len() - number.len();
            return Some((start, start + length));
        }
    }
    None
}

/// Overrides that stand there get their new number, new ones are added, others go.
fn set_overrides(lines: &mut Vec<String>, overrides: &BTreeMap<String, f64>) {
    let Some(range) = block(lines, "indicators") else { return };
    let kept: Vec<String> = lines[range.start + 1..range.end]
        .iter()
        .filter(|line| {
            let id = line.trim().split(':').next().unwrap_or_default();
            line.trim().starts_with('#') || overrides.contains_key(id)
        })
        .cloned()
        .collect();
    let heading = if overrides.is_empty() { "indicators: {}" } else { "indicators:" };
    let end = range.start + 1 + kept.len();
    lines.splice(range.clone(), std::iter::once(heading.to_owned()).chain(kept));
    let mut added = Vec::new();
    for (id, value) in overrides {
        if !set(lines, "indicators", id, *value) {
            added.push(format!("  {id}: {}", written(*value)));
        }
    }
    lines.splice(end..end, added);
}

/// At least one digit behind the point, at most two.
fn written(value: f64) -> String {
    let text = format!("{value:.2}");
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule_set::RuleSet;

    const FILE: &str = "weights.yaml";

    fn built_in() -> (String, RuleSet) {
        let bytes = RuleSet::builtin_files().find(|(path, _)| *path == FILE).unwrap().1;
        (String::from_utf8(bytes.to_vec()).unwrap(), RuleSet::builtin().unwrap())
    }

    #[test]
    fn the_same_numbers_leave_the_file_as_it_is() {
        let (source, rule_set) = built_in();
        assert_eq!(rewritten(&source, &rule_set.weights, &rule_set.signs).unwrap(), source);
    }

    #[test]
    fn new_numbers_change_their_own_lines_alone() {
        let (source, rule_set) = built_in();
        let mut weights = rule_set.weights.clone();
        weights.strong += 0.25;
        weights.indicators = BTreeMap::from([("webcam-studio".to_owned(), 2.05)]);
        weights.mitigations.insert("named-employer".to_owned(), -1.45);
        let text = rewritten(&source, &weights, &rule_set.signs).unwrap();
        let comments = |text: &str| text.lines().filter(|line| line.contains('#')).count();
        assert_eq!(comments(&text), comments(&source));
        assert!(text.contains("  webcam-studio: 2.05\n") && text.contains("named-employer: -1.45"));
        let new = text.lines().filter(|line| !source.lines().any(|old| old == *line)).count();
        assert!((3..=4).contains(&new), "{text}");
        // And back again, with an override that changes and one that goes.
        weights.indicators = BTreeMap::from([("photo-request".to_owned(), 1.1)]);
        let text = rewritten(&text, &weights, &rule_set.signs).unwrap();
        assert!(!text.contains("webcam-studio"));
        assert_eq!(rewritten(&text, &rule_set.weights, &rule_set.signs).unwrap(), source);
    }

    #[test]
    fn a_form_that_is_not_understood_is_refused() {
        let (source, rule_set) = built_in();
        let mut weights = rule_set.weights.clone();
        weights.bias -= 1.0;
        let odd = source.replace("bias: ", "\"bias\": ");
        assert!(rewritten(&odd, &weights, &rule_set.signs).is_err());
    }
}
