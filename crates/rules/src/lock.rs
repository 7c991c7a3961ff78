//! `lock.json`: which version of which rule matched what. A finding names a rule and its version, and
//! years later a reader must be able to trust that this says what was matched; so a rule that matches
//! other texts gets a new version, and no version is used twice. Retired and removed rules stay.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::Sha256;
use serde::{Deserialize, Serialize};

use crate::lock_content::{Lockable, lockable_rules};
use crate::pack;
use crate::problem::{Problems, RuleProblem, RulesError, code};

pub(crate) const FILE: &str = "lock.json";
const FORMAT: u32 = 1;
const LARGEST: u64 = 16 << 20;

/// What `lock.json` is to hold, and what keeps it from being written.
#[derive(Clone, Debug, Serialize)]
pub struct LockPlan {
    /// The new `lock.json`.
    #[serde(skip)]
    pub text: String,
    /// Rules that it holds, removed ones included.
    pub rules: usize,
    /// `uk.documents.kept 2`: versions that are new in it.
    pub added: Vec<String>,
    /// Rules that stand in it and in no file any more. Their ids are not used again.
    pub gone: Vec<String>,
    /// `uk.documents.kept 2`: rules that got the next version, since they match other texts.
    pub raised: Vec<String>,
    /// Rules that match other texts than their version says. As long as there is one, the lock must
    /// not be written: it would hide it.
    pub changed: Vec<RuleProblem>,
    /// Rule files with raised versions, by their path in the folder.
    #[serde(skip)]
    pub files: BTreeMap<String, String>,
}

/// Plans the lock of a folder. With `raise`, rules that changed get their next version.
pub fn plan_lock(folder: &Path, raise: bool) -> Result<LockPlan, RulesError> {
    let mut problems = Problems::default();
    let files = pack::files_of(folder)?;
    let mut lock = read(folder, &mut problems).unwrap_or_default();
    let mut plan = LockPlan {
        text: String::new(),
        rules: 0,
        added: Vec::new(),
        gone: Vec::new(),
        raised: Vec::new(),
        changed: Vec::new(),
        files: BTreeMap::new(),
    };
    let rules = lockable_rules(&files);
    for rule in rules.iter().filter(|rule| !rule.is_draft) {
        let mut version = rule.version;
        if let Some(change) = lock.change(rule) {
            if !raise || !raise_version(rule, change.next, &files, &mut plan.files) {
                change.report(rule, &mut problems);
                continue;
            }
            version = change.next;
            plan.raised.push(format!("{} {version}", rule.id));
        }
        let versions = lock.rules.entry(rule.id.clone()).or_default();
        if versions.insert(version, rule.content).is_none() {
            plan.added.push(format!("{} {version}", rule.id));
        }
    }
    let present: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    plan.gone.extend(lock.rules.keys().filter(|id| !present.contains(id.as_str())).cloned());
    plan.rules = lock.rules.len();
    plan.text = lock.text();
    plan.changed = problems.sorted();
    Ok(plan)
}

/// Reports the rules of a folder that changed without a new version. Without a lock there is nothing
/// to say.
pub(crate) fn check(folder: &Path, files: &pack::Files, problems: &mut Problems) {
    let Some(lock) = read(folder, problems) else { return };
    for rule in lockable_rules(files).into_iter().filter(|rule| !rule.is_draft) {
        if let Some(change) = lock.change(&rule) {
            change.report(&rule, problems);
        }
    }
}

/// What the file holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    format: u32,
    /// By id and version, the digest of what the rule matches.
    rules: BTreeMap<String, BTreeMap<u32, Sha256>>,
}

fn read(folder: &Path, problems: &mut Problems) -> Option<Lock> {
    let path = folder.join(FILE);
    problems.enter_file(FILE);
    let size = path.metadata().ok()?.len();
    let read = if size > LARGEST {
        Err(format!("larger than {LARGEST} bytes"))
    } else {
        let bytes = std::fs::read(&path).map_err(|error| format!("cannot be read: {error}"));
        bytes.and_then(|bytes| {
            serde_json::from_slice::<Lock>(&bytes).map_err(|error| format!("no lock: {error}"))
        })
    };
    match read {
        Ok(lock) if lock.format == FORMAT => Some(lock),
        Ok(lock) => {
            let message =
                format!("format {} of a newer program; this one knows {FORMAT}", lock.format);
            problems.report(code::UNREADABLE, 1, message);
            None
        }
        Err(message) => {
            problems.report(code::UNREADABLE, 1, message);
            None
        }
    }
}

impl Lock {
    /// How the rule differs from what its version says, if it does.
    fn change(&self, rule: &Lockable) -> Option<Change> {
        let versions = self.rules.get(&rule.id)?;
        let (highest, _) = versions.last_key_value()?;
        let version = rule.version;
        let what = match versions.get(&version) {
            Some(content) if *content == rule.content => return None,
            Some(_) => format!("matches other texts than version {version} did"),
            None if version > *highest => return None,
            None => format!("version {version} comes before {highest}, which was used already"),
        };
        Some(Change { what, next: highest.saturating_add(1) })
    }

    /// A line for each rule, so that a change reads well.
    fn text(&self) -> String {
        let lines = self.rules.iter().map(|(id, versions)| {
            let versions: Vec<String> = versions
                .iter()
                .map(|(version, content)| format!("\"{version}\": \"{content}\""))
                .collect();
            format!("    \"{id}\": {{{}}}", versions.join(", "))
        });
        let lines: Vec<String> = lines.collect();
        format!("{{\n  \"format\": {FORMAT},\n  \"rules\": {{\n{}\n  }}\n}}\n", lines.join(",\n"))
    }
}

/// A rule that matches other texts than its version says.
struct Change {
    what: String,
    /// The version it needs.
    next: u32,
}

impl Change {
    fn report(&self, rule: &Lockable, problems: &mut Problems) {
        let Self { what, next } = self;
        problems.enter_file(&rule.file);
        problems.enter_rule(Some(&rule.id));
        let message =
            format!("{what}: raise `version` to {next}, as `fusion rules lock --bump` does");
        problems.report(code::VERSION, rule.version_line, message);
    }
}

/// Writes the next version into the text of the rule's file; `false` if it is not where it should be.
fn raise_version(
    rule: &Lockable,
    next: u32,
    files: &pack::Files,
    changed: &mut BTreeMap<String, String>,
) -> bool {
    let text = match (changed.get(&rule.file), files.get(&rule.file)) {
        (Some(text), _) => text.clone(),
        (None, Some(Ok(bytes))) => String::from_utf8_lossy(bytes).into_owned(),
        _ => return false,
    };
    let mut lines: Vec<String> = text.split_inclusive('\n').map(ToOwned::to_owned).collect();
    let Some(line) = lines.get_mut(rule.version_line - 1) else { return false };
    let old = format!("version: {}", rule.version);
    let Some(at) = line.find(&old) else { return false };
    line.replace_range(at..at + old.len(), &format!("version: {next}"));
    changed.insert(rule.file.clone(), lines.concat());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "topic: a
language: en
lists:
  things: [passport*, '@more']
  more: [papers]
rules:
  - id: en.a.kept
    name: Kept
    indicator: x
    status: test
    version: 1
    match: {any: ['@things ..3 stay*']}
    why: w
  - id: en.a.draft
    status: draft
    version: 1
    match: {any: [anything]}
";

    /// A folder with one rule file.
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("en")).unwrap();
            Self(folder)
        }

        fn holds(&self, text: &str) {
            std::fs::write(self.0.path().join("en/a.yaml"), text).unwrap();
        }

        fn lock(&self, raise: bool) -> LockPlan {
            let plan = plan_lock(self.0.path(), raise).unwrap();
            if plan.changed.is_empty() {
                for (path, text) in &plan.files {
                    std::fs::write(self.0.path().join(path), text).unwrap();
                }
                std::fs::write(self.0.path().join(FILE), &plan.text).unwrap();
            }
            plan
        }
    }

    #[test]
    fn what_readers_see_may_change_and_what_matches_may_not() {
        let folder = Folder::new();
        folder.holds(RULE);
        assert_eq!(folder.lock(false).added, ["en.a.kept 1"]);
        for (same, of) in [
            ("why: because", "why: w"),
            (
                "match: {\"any\": [\"@things ..3 stay*\"]}  # quoted",
                "match: {any: ['@things ..3 stay*']}",
            ),
            ("match: {any: [anything, else]}", "match: {any: [anything]}"),
            ("status: stable", "status: test"),
        ] {
            folder.holds(&RULE.replace(of, same));
            assert_eq!(folder.lock(false).changed, [], "{same}");
        }
        for (other, of) in [
            ("..4 stay*", "..3 stay*"),
            ("papers, documents", "papers"),
            ("indicator: y", "indicator: x"),
            ("negatable: false\n    why: w", "why: w"),
            ("version: 0", "version: 1"),
        ] {
            folder.holds(&RULE.replacen(of, other, 1));
            let changed = folder.lock(false).changed;
            assert_eq!(changed.len(), 1, "{other}");
            assert!(changed[0].message.contains("raise `version` to 2"), "{}", changed[0]);
            assert_eq!((changed[0].code, changed[0].rule.as_deref()), ("R019", Some("en.a.kept")));
        }
    }

    #[test]
    fn a_raised_version_is_written_and_no_version_is_used_twice() {
        let folder = Folder::new();
        folder.holds(RULE);
        folder.lock(false);
        folder.holds(&RULE.replace("stay*", "remain*"));
        assert_eq!(folder.lock(true).raised, ["en.a.kept 2"]);
        let raised = RULE.replace("stay*", "remain*").replacen("version: 1", "version: 2", 1);
        assert_eq!(std::fs::read_to_string(folder.0.path().join("en/a.yaml")).unwrap(), raised);
        assert_eq!(folder.lock(false).changed, []);
        // The old words under the old number are what they were; other words are not.
        folder.holds(RULE);
        assert_eq!(folder.lock(false).changed, []);
        folder.holds(&RULE.replace("stay*", "are kept"));
        assert!(folder.lock(false).changed[0].message.contains("to 3"));
    }

    #[test]
    fn a_rule_that_is_gone_stays_in_the_lock() {
        let folder = Folder::new();
        folder.holds(RULE);
        folder.lock(false);
        folder.holds("topic: a\nlanguage: en\nrules: []\n");
        let plan = folder.lock(false);
        assert_eq!(plan.gone, ["en.a.kept"]);
        folder.holds(&RULE.replace("stay*", "remain*"));
        assert_eq!(folder.lock(false).changed.len(), 1);
    }
}
