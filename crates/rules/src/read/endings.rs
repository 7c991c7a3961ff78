//! The `endings` of a language: what may follow the stem in `віз~`. An entry may leave out and choose
//! as phrases do, `(а|и)?(ти|в|ла)(ся|сь)?`, and is written out here, once, when the pack is read.

use std::collections::{BTreeMap, BTreeSet};

use super::yaml::{Node, shortened};
use crate::problem::{Problems, code};

/// Endings by kind; under [`ALL_ENDINGS`] those of all kinds.
pub(crate) type EndingsByKind = BTreeMap<String, BTreeSet<String>>;

/// No kind can be named so.
pub(crate) const ALL_ENDINGS: &str = "";

/// Most endings of a language, all written out.
const MAX_ENDINGS: usize = 10_000;

pub(crate) fn read(node: &Node, problems: &mut Problems) -> EndingsByKind {
    let mut by_kind = EndingsByKind::new();
    let mut all = BTreeSet::new();
    for (kind, list) in node.entries("`endings`", problems) {
        if kind.is_empty() || !kind.bytes().all(|b| b.is_ascii_lowercase()) {
            let message = format!("kind of endings `{}`: use a-z", shortened(kind));
            problems.report(code::KEYS, list.line, message);
        }
        let mut endings = BTreeSet::new();
        for entry in list.list(&format!("endings `{}`", shortened(kind)), problems) {
            let source = entry.text().unwrap_or_default();
            match written_out(source) {
                Some(more) => endings.extend(more.iter().map(|ending| text::fold_word(ending))),
                None => {
                    let message = format!(
                        "ending `{}`: letters, and groups like `(а|я)` or `(ся|сь)?`",
                        shortened(source)
                    );
                    problems.report(code::PATTERN, entry.line, message);
                }
            }
        }
        endings.remove("");
        all.extend(endings.iter().cloned());
        if all.len() > MAX_ENDINGS {
            let message = format!("more than {MAX_ENDINGS} endings");
            problems.report(code::PATTERN, list.line, message);
            return EndingsByKind::new();
        }
        by_kind.insert(kind.to_owned(), endings);
    }
    by_kind.insert(ALL_ENDINGS.to_owned(), all);
    by_kind
}

/// All endings that an entry stands for; `None` if it cannot be read, or is one of far too many.
fn written_out(source: &str) -> Option<Vec<String>> {
    let mut endings = vec![String::new()];
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let choices: Vec<&str> = if first == '(' {
            let (group, after) = rest[1..].split_once(')')?;
            let optional = after.strip_prefix('?');
            rest = optional.unwrap_or(after);
            optional.map(|_| "").into_iter().chain(group.split('|')).collect()
        } else {
            let end = rest.find('(').unwrap_or(rest.len());
            let (letters, after) = rest.split_at(end);
            rest = after;
            vec![letters]
        };
        if choices.iter().any(|choice| !choice.chars().all(|c| c.is_alphabetic() || c == '\''))
            || endings.len() * choices.len() > MAX_ENDINGS
        {
            return None;
        }
        endings = endings
            .iter()
            .flat_map(|ending| choices.iter().map(move |choice| format!("{ending}{choice}")))
            .collect();
    }
    (!source.is_empty()).then_some(endings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_written_out() {
        let written_out = |source| written_out(source).map(|endings| endings.join(" "));
        assert_eq!(written_out("ою").as_deref(), Some("ою"));
        assert_eq!(written_out("(а|и)?ти(ся)?").as_deref(), Some("ти тися ати атися ити итися"));
        for wrong in ["", "(а", "а)", "а?", "1", "((а))", "а*"] {
            assert_eq!(written_out(wrong), None, "{wrong}");
        }
        let explosion = "(a|b|c|d|e|f|g|h|i|j)".repeat(9);
        assert_eq!(written_out(&explosion), None);
    }
}
