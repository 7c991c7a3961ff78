//! YAML with the line of every node, and the small reading layer on top of it.
//!
//! The tree is built from the parser's events and not by a ready loader, since a loader gives up at
//! the first repeated key; here that is one problem among others. Anchors and aliases are refused:
//! rule files have no need of them, and a few nested ones can blow up to gigabytes.

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::problem::{Problems, code};

/// Rule files are flat; more nesting than this is a mistake or an attack.
const MAX_DEPTH: usize = 24;

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) value: Value,
}

#[derive(Debug)]
pub(crate) enum Value {
    /// `plain` if it was written without quotes, so that `null` and `true` can mean what they say.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Parses the one document of a file. What is wrong is told as (line, message).
pub(crate) fn parse(source: &str) -> Result<Node, (usize, String)> {
    let mut open: Vec<Node> = Vec::new();
    let mut pending_keys: Vec<Option<Node>> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(source.trim_start_matches('\u{feff}')) {
        let (event, span) =
            event.map_err(|error| (error.marker().line().max(1), error.info().to_owned()))?;
        let line = span.start.line().max(1);
        let finished = match event {
            Event::Alias(_) => {
                return Err((line, "aliases (`*name`) are not read here".to_owned()));
            }
            Event::Scalar(text, style, anchor, _) => {
                no_anchor(anchor, line)?;
                let plain = style == ScalarStyle::Plain;
                Node { line, value: Value::Scalar { text: text.into_owned(), plain } }
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if open.len() >= MAX_DEPTH || anchor != 0 =>
            {
                no_anchor(anchor, line)?;
                return Err((line, format!("nested deeper than {MAX_DEPTH} levels")));
            }
            Event::SequenceStart(..) => {
                open.push(Node { line, value: Value::List(Vec::new()) });
                pending_keys.push(None);
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Node { line, value: Value::Map(Vec::new()) });
                pending_keys.push(None);
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                pending_keys.pop();
                match open.pop() {
                    Some(node) => node,
                    None => continue,
                }
            }
            Event::DocumentStart(_) if root.is_some() => {
                return Err((line, "a second document (`---`) in one file".to_owned()));
            }
            _ => continue,
        };
        match (open.last_mut(), pending_keys.last_mut()) {
            (Some(Node { value: Value::List(items), .. }), _) => items.push(finished),
            (Some(Node { value: Value::Map(entries), .. }), Some(key)) => match key.take() {
                Some(key) => entries.push((key, finished)),
                None => *key = Some(finished),
            },
            _ => root = Some(finished),
        }
    }
    root.ok_or_else(|| (1, "the file is empty".to_owned()))
}

fn no_anchor(anchor: usize, line: usize) -> Result<(), (usize, String)> {
    if anchor == 0 {
        return Ok(());
    }
    Err((line, "anchors (`&name`) are not read here; put texts that begin with & in quotes".into()))
}

impl Node {
    /// The text of a scalar; `None` for lists, maps and nothing (`key:` with nothing behind it).
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null") => {
                None
            }
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether there is nothing here: `key:`, `key: null`, `key: []`, `key: ""`.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.value {
            Value::Scalar { text, .. } => self.text().is_none() || text.trim().is_empty(),
            Value::List(items) => items.is_empty(),
            Value::Map(entries) => entries.is_empty(),
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Scalar { text, plain: true } => {
                text.parse::<f64>().ok().filter(|number| number.is_finite())
            }
            _ => None,
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, plain: true } => text.parse().ok(),
            _ => None,
        }
    }

    /// What it is, for messages.
    fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_empty() => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::List(_) => "a list",
            Value::Map(_) => "a table of keys",
        }
    }

    /// The items of a list; anything else is a problem and gives none.
    pub(crate) fn list(&self, what: &str, problems: &mut Problems) -> &[Node] {
        if let Value::List(items) = &self.value {
            return items;
        }
        let message = format!("{what} must be a list, found {}", self.kind());
        problems.report(code::KEYS, self.line, message);
        &[]
    }

    /// The entries of a table with names as keys; anything else is a problem and gives none.
    /// A key that stands twice is a problem, and its first entry counts.
    pub(crate) fn entries(&self, what: &str, problems: &mut Problems) -> Vec<(&str, &Node)> {
        let Value::Map(entries) = &self.value else {
            let message = format!("{what} must be a table of keys, found {}", self.kind());
            problems.report(code::KEYS, self.line, message);
            return Vec::new();
        };
        let mut seen = std::collections::BTreeSet::new();
        let mut named = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            match key.text() {
                None => {
                    problems.report(code::KEYS, key.line, format!("a key in {what} is no name"))
                }
                Some(name) if seen.insert(name) => named.push((name, value)),
                Some(name) => {
                    let message = format!("key `{}` stands twice in {what}", shortened(name));
                    problems.report(code::KEYS, key.line, message);
                }
            }
        }
        named
    }

    /// The table as fields that are taken one by one, after which the rest is unknown.
    pub(crate) fn fields<'n>(&'n self, what: &'n str, problems: &mut Problems) -> Fields<'n> {
        let mut key_lines = Vec::new();
        if let Value::Map(entries) = &self.value {
            key_lines.extend(entries.iter().filter_map(|(key, _)| Some((key.text()?, key.line))));
        }
        Fields { line: self.line, what, key_lines, left: self.entries(what, problems) }
    }
}

/// The keys of a table that have not been read yet.
pub(crate) struct Fields<'n> {
    pub(crate) line: usize,
    what: &'n str,
    key_lines: Vec<(&'n str, usize)>,
    left: Vec<(&'n str, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// Whether this field is there and has not been taken.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.left.iter().any(|(name, _)| *name == key)
    }

    /// Takes a field that may be absent.
    pub(crate) fn take(&mut self, key: &str) -> Option<&'n Node> {
        let index = self.left.iter().position(|(name, _)| *name == key)?;
        Some(self.left.remove(index).1)
    }

    /// Takes a field that must be there.
    pub(crate) fn need(&mut self, key: &str, problems: &mut Problems) -> Option<&'n Node> {
        let node = self.take(key);
        if node.is_none() {
            problems.report(code::KEYS, self.line, format!("{} lacks the key `{key}`", self.what));
        }
        node
    }

    /// Takes a text that may be absent; nothing and blanks count as absent.
    pub(crate) fn take_text(&mut self, key: &str) -> Option<String> {
        let text = self.take(key)?.text()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Takes a text that must be there and say something.
    pub(crate) fn need_text(&mut self, key: &str, problems: &mut Problems) -> Option<&'n str> {
        let node = self.need(key, problems)?;
        let text = node.text().map(str::trim).filter(|text| !text.is_empty());
        if text.is_none() {
            let message = format!("`{key}` must be a text, found {}", node.kind());
            problems.report(code::KEYS, node.line, message);
        }
        text
    }

    /// Takes `true` or `false`, `default` if absent.
    pub(crate) fn flag_or(&mut self, key: &str, default: bool, problems: &mut Problems) -> bool {
        let Some(node) = self.take(key) else { return default };
        node.flag().unwrap_or_else(|| {
            problems.report(code::KEYS, node.line, format!("`{key}` must be true or false"));
            default
        })
    }

    /// Takes a text that must be one of these words; the first of them if it is none.
    pub(crate) fn need_one_of<T: Copy>(
        &mut self,
        key: &str,
        words: &[(&'static str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let node = self.need(key, problems)?;
        let chosen = words.iter().find(|(word, _)| node.text() == Some(word));
        if chosen.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{key}` must be one of {}", known.join(", "));
            problems.report(code::KEYS, node.line, message);
        }
        chosen.map(|(_, value)| *value)
    }

    /// Whatever is left was misspelt or does not belong here.
    pub(crate) fn finish(self, problems: &mut Problems) {
        for (key, node) in &self.left {
            let line =
                self.key_lines.iter().find(|(name, _)| name == key).map_or(node.line, |(_, l)| *l);
            let message = format!("{} has no key `{}`", self.what, shortened(key));
            problems.report(code::KEYS, line, message);
        }
    }
}

/// A piece of foreign text short enough for a message.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let text = text.trim();
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_knows_its_line() {
        let root = parse("a: 1\nb:\n  - x\n  - y: [1,\n      2]\n").unwrap();
        let mut problems = Problems::default();
        let entries = root.entries("file", &mut problems);
        let b = entries[1].1.list("b", &mut problems);
        assert_eq!((entries[0].1.line, b[0].line, b[1].line), (1, 3, 4));
        let inner = b[1].entries("b", &mut problems)[0].1.list("y", &mut problems);
        assert_eq!((inner[0].line, inner[1].line), (4, 5));
        assert_eq!(problems.count(), 0);
    }

    #[test]
    fn a_repeated_key_is_one_problem_among_others_and_the_first_counts() {
        let root = parse("a: 1\na: 2\nzz: 3\n").unwrap();
        let mut problems = Problems::default();
        let mut fields = root.fields("file", &mut problems);
        assert_eq!(fields.take("a").and_then(Node::number), Some(1.0));
        fields.finish(&mut problems);
        let lines: Vec<usize> = problems.sorted().iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [2, 3]);
    }

    #[test]
    fn bombs_are_refused() {
        for bomb in ["a: &x [1]\nb: *x", &"[".repeat(5000), &"- ".repeat(5000), "a: b\n---\nc: d"] {
            assert!(parse(bomb).is_err());
        }
    }

    #[test]
    fn words_that_look_like_yaml_values_stay_words() {
        let root = parse("[no, n, off, 24]").unwrap();
        let mut problems = Problems::default();
        let words: Vec<_> = root.list("words", &mut problems).iter().map(Node::text).collect();
        assert_eq!(words, [Some("no"), Some("n"), Some("off"), Some("24")]);
    }
}
