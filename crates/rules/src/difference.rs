//! What changed between two packs, rule by rule.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use crate::lock_content::{Lockable, lockable_rules};
use crate::pack;
use crate::problem::RulesError;
use crate::rule::Rule;
use crate::rule_set::RuleSet;

/// A rule that is not in both packs as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleChange {
    /// The rule.
    pub rule: String,
    /// What changed, in words: `added`, `matches other texts`, `weight 1 -> 0.5`.
    pub what: Vec<String>,
}

/// All rules that differ in what they match or weigh, by id. Reasons and examples are not compared.
/// The rule sets are those of the folders.
pub fn rule_changes(
    (old_folder, old): (&Path, &RuleSet),
    (new_folder, new): (&Path, &RuleSet),
) -> Result<Vec<RuleChange>, RulesError> {
    let (old_contents, new_contents) = (contents(old_folder)?, contents(new_folder)?);
    let (old, new) = (by_id(old), by_id(new));
    let ids: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut changes = Vec::new();
    for id in ids {
        let what = match (old.get(id), new.get(id)) {
            (None, Some(rule)) => vec![format!("added, {}", rule.sign.id())],
            (Some(rule), None) => vec![format!("removed, {}", rule.sign.id())],
            (Some(old), Some(new)) => {
                let differs = |(old, new): (&Lockable, &Lockable)| old.content != new.content;
                let contents = old_contents.get(id).zip(new_contents.get(id));
                differences(old, new, contents.is_some_and(differs))
            }
            (None, None) => Vec::new(),
        };
        if !what.is_empty() {
            changes.push(RuleChange { rule: id.to_owned(), what });
        }
    }
    Ok(changes)
}

fn contents(folder: &Path) -> Result<BTreeMap<String, Lockable>, RulesError> {
    let rules = lockable_rules(&pack::files_of(folder)?);
    Ok(rules.into_iter().map(|rule| (rule.id.clone(), rule)).collect())
}

fn by_id(rule_set: &RuleSet) -> BTreeMap<&str, &Rule> {
    rule_set.rules().iter().map(|rule| (rule.id.as_str(), rule)).collect()
}

fn differences(old: &Rule, new: &Rule, other_content: bool) -> Vec<String> {
    let mut what = Vec::new();
    if old.sign != new.sign {
        what.push(format!("{} -> {}", old.sign.id(), new.sign.id()));
    } else if other_content {
        what.push("matches other texts".to_owned());
    }
    if old.version != new.version {
        what.push(format!("version {} -> {}", old.version, new.version));
    }
    if old.status != new.status {
        what.push(format!("{} -> {}", old.status.word(), new.status.word()));
    }
    if old.weight.to_bits() != new.weight.to_bits() {
        what.push(format!("weight {} -> {}", old.weight, new.weight));
    }
    what
}
