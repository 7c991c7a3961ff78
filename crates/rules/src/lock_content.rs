//! What a rule matches, as one digest: everything in its entry that is not there for readers, with
//! the word lists that it names written out. Order of keys, quotes and comments make no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use domain::Sha256;

use crate::pack::Files;
use crate::read::words;
use crate::read::yaml::{self, Node, Value};

/// Keys that say nothing about which texts match. Whatever is not listed here counts, so that a new
/// key of the rule language cannot be forgotten.
const FOR_READERS: [&str; 11] = [
    "id",
    "name",
    "status",
    "version",
    "weight",
    "why",
    "known_gaps",
    "triage",
    "retired_because",
    "examples",
    "counter_examples",
];

/// A rule as far as the lock is concerned.
#[derive(Debug)]
pub(crate) struct Lockable {
    pub(crate) id: String,
    pub(crate) file: String,
    pub(crate) version: u32,
    pub(crate) version_line: usize,
    pub(crate) content: Sha256,
    /// A draft may change as it likes.
    pub(crate) is_draft: bool,
}

/// The rules of all files. What cannot be read is passed over here; it is told elsewhere.
pub(crate) fn lockable_rules(files: &Files) -> Vec<Lockable> {
    let parsed: BTreeMap<&str, Node> = files
        .iter()
        .filter_map(|(path, bytes)| {
            let text = std::str::from_utf8(bytes.as_ref().ok()?).ok()?;
            Some((path.as_str(), yaml::parse(text).ok()?))
        })
        .collect();
    let mut rules = Vec::new();
    for (path, root) in &parsed {
        let Some((folder, _)) = path.split_once('/') else { continue };
        let shared = parsed.get(format!("{folder}/{}", words::FILE).as_str());
        let lists =
            Lists([Some(root), shared].map(|root| root.and_then(|root| get(root, "lists"))));
        let Some(Node { value: Value::List(entries), .. }) = get(root, "rules") else { continue };
        rules.extend(entries.iter().filter_map(|entry| lockable(entry, path, &lists)));
    }
    rules
}

fn lockable(entry: &Node, path: &str, lists: &Lists<'_>) -> Option<Lockable> {
    let version = get(entry, "version")?;
    let Value::Map(fields) = &entry.value else { return None };
    let mut fields: Vec<(&str, &Node)> = fields
        .iter()
        .filter_map(|(key, value)| Some((key.text()?, value)))
        .filter(|(key, _)| !FOR_READERS.contains(key))
        .collect();
    fields.sort_by_key(|(key, _)| *key);
    let mut content = String::new();
    let mut named = BTreeSet::new();
    for (key, value) in fields {
        let _ = write!(content, "{key}=");
        write_node(value, &mut content, &mut named);
    }
    lists.write_out(named, &mut content);
    Some(Lockable {
        id: get(entry, "id")?.text()?.to_owned(),
        file: path.to_owned(),
        version: version.text()?.parse().ok()?,
        version_line: version.line,
        content: Sha256::of(content.as_bytes()),
        is_draft: get(entry, "status").and_then(Node::text) == Some("draft"),
    })
}

/// Word lists of the file, then of the language.
struct Lists<'n>([Option<&'n Node>; 2]);

impl Lists<'_> {
    /// Appends the lists of these names, and those that they name, each once and by name.
    fn write_out(&self, mut named: BTreeSet<String>, content: &mut String) {
        let mut written: BTreeMap<String, String> = BTreeMap::new();
        while let Some(name) = named.pop_first() {
            let Some(list) = self.0.iter().flatten().find_map(|lists| get(lists, &name)) else {
                continue;
            };
            let mut entries = String::new();
            let mut inner = BTreeSet::new();
            write_node(list, &mut entries, &mut inner);
            written.insert(name, entries);
            named.extend(inner.into_iter().filter(|name| !written.contains_key(name)));
        }
        for (name, entries) in written {
            let _ = write!(content, "@{name}={entries}");
        }
    }
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
}

/// One way of writing for every way of writing it; every part behind its length, so that no two
/// things read the same.
fn write_node(node: &Node, content: &mut String, named: &mut BTreeSet<String>) {
    match &node.value {
        Value::Scalar { text, .. } => {
            let _ = write!(content, "s{}:{text}", text.len());
            let names = text.split('@').skip(1).map(|rest| {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                rest.split(|c| !is_plain(c)).next().unwrap_or_default().to_owned()
            });
            named.extend(names.filter(|name| !name.is_empty()));
        }
        Value::List(items) => {
            let _ = write!(content, "l{}:", items.len());
            items.iter().for_each(|item| write_node(item, content, named));
        }
        Value::Map(entries) => {
            let _ = write!(content, "m{}:", entries.len());
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| key.text());
            for (key, value) in entries {
                write_node(key, content, named);
                write_node(value, content, named);
            }
        }
    }
}
