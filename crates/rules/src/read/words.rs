//! Word lists: `words.yaml` of a language, and the `lists` of a single rule file.

use std::collections::{BTreeMap, BTreeSet};

use super::endings::{self, EndingsByKind};
use super::yaml::{Node, shortened};
use crate::folding::Folding;
use crate::phrase::{self, Phrase};
use crate::problem::{Problems, code};

pub(crate) const FILE: &str = "words.yaml";
/// The list every language must have.
pub(crate) const NEGATION: &str = "negation";
/// Lists that a language may have, of words that bear on what its negators reach.
pub(crate) const NEGATION_EXCEPTIONS: &str = "negation_exceptions";
pub(crate) const NEGATION_BESIDE: &str = "negation_beside";
pub(crate) const NEGATION_BEHIND: &str = "negation_behind";
pub(crate) const NEGATION_STOPS: &str = "negation_stops";
pub(crate) const NEGATION_PASSES: &str = "negation_passes";
pub(crate) const NEGATION_JOINS: &str = "negation_joins";

/// Named lists of phrases.
#[derive(Clone, Debug, Default)]
pub(crate) struct WordLists {
    pub(crate) lists: BTreeMap<String, WordList>,
    /// Endings of inflected words by kind; only in `words.yaml`.
    pub(crate) endings: EndingsByKind,
    /// Folders whose negators the rules of this folder listen to as well.
    pub(crate) negation_of: Vec<String>,
    /// By word that says who somebody is, those that say it of another: girl, boy. Rules that name
    /// one mean all, save where the sign is who is asked for.
    pub(crate) alike: Alike,
}

/// By word, folded, the words that stand for it.
pub(crate) type Alike = BTreeMap<Box<str>, BTreeSet<Box<str>>>;

#[derive(Clone, Debug)]
pub(crate) struct WordList {
    pub(crate) entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) line: usize,
    pub(crate) phrase: Phrase,
}

/// Reads `words.yaml` of a folder.
pub(crate) fn read_file(
    root: &Node,
    language: &str,
    folding: &mut Folding,
    problems: &mut Problems,
) -> WordLists {
    let mut fields = root.fields("words.yaml", problems);
    if let Some(node) = fields.need("language", problems)
        && node.text() != Some(language)
    {
        problems.report(
            code::ID,
            node.line,
            format!("`language` must be `{language}`, as the folder"),
        );
    }
    let mut lists = match fields.need("lists", problems) {
        Some(node) => read_lists(node, folding, problems),
        None => WordLists::default(),
    };
    if let Some(node) = fields.take("endings") {
        lists.endings = endings::read(node, problems);
    }
    for node in fields.take("negation_of").map_or(&[][..], |n| n.list("`negation_of`", problems)) {
        match node.text() {
            Some(folder) => lists.negation_of.push(folder.to_owned()),
            None => problems.report(code::KEYS, node.line, "`negation_of` holds folders"),
        }
    }
    if let Some(node) = fields.take("alike") {
        lists.alike = alike(node, folding, problems);
    }
    fields.finish(problems);
    lists
}

/// Reads rows of words of which each stands for all.
fn alike(node: &Node, folding: &mut Folding, problems: &mut Problems) -> Alike {
    let mut alike = Alike::new();
    for row in node.list("`alike`", problems) {
        let mut words = BTreeSet::new();
        for entry in row.list("a row of `alike`", problems) {
            match entry.text().map(|source| phrase::parse(source, folding)) {
                Some(Ok(Phrase::Word(word))) => {
                    words.insert(word);
                }
                _ => {
                    let message = "rows of `alike` hold single words, written out";
                    problems.report(code::PATTERN, entry.line, message);
                }
            }
        }
        for word in &words {
            let others = words.iter().filter(|other| *other != word).cloned();
            alike.entry(word.clone()).or_default().extend(others);
        }
    }
    alike
}

/// Reads a table of lists.
pub(crate) fn read_lists(node: &Node, folding: &mut Folding, problems: &mut Problems) -> WordLists {
    let mut lists = BTreeMap::new();
    for (name, list) in node.entries("`lists`", problems) {
        let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if !is_plain {
            let message = format!("list name `{}`: use a-z 0-9 _ -", shortened(name));
            problems.report(code::KEYS, list.line, message);
        }
        let mut entries = Vec::new();
        for entry in list.list(&format!("list `{}`", shortened(name)), problems) {
            match entry.text().map(|source| phrase::parse(source, folding)) {
                Some(Ok(phrase)) => entries.push(Entry { line: entry.line, phrase }),
                Some(Err(error)) => {
                    let source = shortened(entry.text().unwrap_or_default());
                    problems.report(code::PATTERN, entry.line, format!("in `{source}`: {error}"));
                }
                None => {
                    let message = format!("entries of list `{}` must be texts", shortened(name));
                    problems.report(code::KEYS, entry.line, message);
                }
            }
        }
        if list.is_empty() {
            let message = format!("list `{}` is empty", shortened(name));
            problems.report(code::KEYS, list.line, message);
        }
        lists.insert(name.to_owned(), WordList { entries });
    }
    WordLists { lists, ..WordLists::default() }
}
