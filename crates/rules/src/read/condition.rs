//! The `match` of a rule.

use super::indicator::Signs;
use super::measure;
use super::yaml::{Fields, Node, shortened};
use crate::folding::Folding;
use crate::pattern;
use crate::phrase;
use crate::problem::{Problems, code};
use crate::rule::{Condition, Inside, Pattern, PatternKind, Within};

/// Widest `within: N`, in words.
const MAX_WITHIN: f64 = 100.0;

pub(crate) fn read(
    node: &Node,
    signs: &Signs,
    folding: &mut Folding,
    problems: &mut Problems,
) -> Condition {
    let mut patterns =
        |list: &Node, what, problems: &mut Problems| patterns(list, what, signs, folding, problems);
    let mut fields = node.fields("`match`", problems);
    let any = match fields.need("any", problems) {
        Some(list) if list.is_empty() => {
            problems.report(code::KEYS, list.line, "`any` is empty");
            Vec::new()
        }
        Some(list) => patterns(list, "`any`", problems),
        None => Vec::new(),
    };
    let all_node = fields.take("all").filter(|list| !list.is_empty());
    let all = all_node.map(|list| patterns(list, "`all`", problems)).unwrap_or_default();
    let unless = fields.take("unless").filter(|list| !list.is_empty());
    let unless = unless.map(|list| patterns(list, "`unless`", problems)).unwrap_or_default();
    let within = within(&mut fields, ("within", "all"), all_node.is_some(), problems);
    let unless_within =
        self::within(&mut fields, ("unless_within", "unless"), !unless.is_empty(), problems);
    let inside = fields.take("inside").and_then(|node| {
        let inside = match node.text() {
            Some("question") => Some(Inside::Question),
            Some("quotation") => Some(Inside::Quotation),
            _ => None,
        };
        if inside.is_none() {
            problems.report(code::KEYS, node.line, "`inside` must be question or quotation");
        }
        inside
    });
    fields.finish(problems);
    let condition = Condition { any, all, within, unless, unless_within, inside };
    tenor_stands_alone(&condition, node.line, problems);
    condition
}

/// All words of a text have one tenor: no place in it to look beside, nothing to deny.
fn tenor_stands_alone(condition: &Condition, line: usize, problems: &mut Problems) {
    let Condition { any, all, unless, inside, .. } = condition;
    let asks = |pattern: &Pattern| pattern.tenor().is_some();
    let stands_alone = any.len() == 1 && all.is_empty() && unless.is_empty() && inside.is_none();
    if any.iter().chain(all).chain(unless).any(asks) && !stands_alone {
        let message = "a tenor is of the whole text: it stands alone in `any`, without other keys";
        problems.report(code::PATTERN, line, message);
    }
}

/// How far from the match the patterns of another key are looked for.
fn within(
    fields: &mut Fields<'_>,
    (key, of): (&str, &str),
    is_there: bool,
    problems: &mut Problems,
) -> Within {
    let Some(node) = fields.take(key) else { return Within::default() };
    if !is_there {
        let message = format!("`{key}` says where `{of}` is looked for, but there is no `{of}`");
        problems.report(code::KEYS, node.line, message);
    }
    let words = node.number().filter(|n| n.fract() == 0.0 && (2.0..=MAX_WITHIN).contains(n));
    match (node.text(), words) {
        (Some("sentence"), _) => Within::Sentence,
        (Some("posting"), _) => Within::Posting,
        (_, Some(words)) => Within::Words(words as u32),
        _ => {
            let message =
                format!("`{key}` must be sentence, posting or a number from 2 to {MAX_WITHIN}");
            problems.report(code::KEYS, node.line, message);
            Within::default()
        }
    }
}

/// What a pattern may be, for messages.
const PATTERN: &str = "a pattern (a text, `regex:`, `fact:`, `signal:` or `tenor:`)";

fn patterns(
    list: &Node,
    what: &str,
    signs: &Signs,
    folding: &mut Folding,
    problems: &mut Problems,
) -> Vec<Pattern> {
    let mut patterns = Vec::new();
    for node in list.list(what, problems) {
        let line = node.line;
        let kind = match node.text() {
            Some(source) => phrase::parse(source, folding)
                .map(PatternKind::Phrase)
                .map_err(|error| format!("in `{}`: {error}", shortened(source))),
            None => {
                let fields = node.fields(PATTERN, problems);
                let Some(kind) = of_keys(fields, signs, problems) else { continue };
                kind
            }
        };
        match kind {
            Ok(kind) => patterns.push(Pattern { line, kind }),
            Err(message) => problems.report(code::PATTERN, line, message),
        }
    }
    patterns
}

/// A pattern that is no phrase, by the key it has.
fn of_keys(
    mut fields: Fields<'_>,
    signs: &Signs,
    problems: &mut Problems,
) -> Option<Result<PatternKind, String>> {
    if fields.has("fact") {
        return measure::fact(fields, problems).map(|fact| Ok(PatternKind::Measure(fact)));
    }
    if fields.has("signal") {
        return measure::signal(fields, problems).map(|signal| Ok(PatternKind::Measure(signal)));
    }
    if fields.has("tenor") {
        return measure::tenor(fields, signs, problems)
            .map(|tenor| Ok(PatternKind::Measure(tenor)));
    }
    let source = fields.need_text("regex", problems);
    fields.finish(problems);
    let source = source?;
    Some(
        pattern::check(source)
            .map(|()| PatternKind::Regex(source.to_owned()))
            .map_err(|error| format!("in regex `{}`: {error}", shortened(source))),
    )
}
