//! A rule set as bytes is the rule set.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use domain::Assessment;
use rules::{Assessor, RuleSet, Subject};
use text::Folded;

fn assessed(rules: &RuleSet, texts: &[&str]) -> Vec<Assessment> {
    let mut assessor = Assessor::new(rules);
    let assess = |text: &&str| {
        let folded = Folded::new(text);
        let contacts = text::contacts(domain::Field::Text, text, None);
        let subject = Subject { title: None, text: (text, &folded), contacts: &contacts };
        assessor.assess(&subject, None)
    };
    texts.iter().map(assess).collect()
}

/// Writes the files of the built-in pack into a folder.
fn write_pack(folder: &Path) {
    for (path, bytes) in RuleSet::builtin_files() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn read_from_bytes_it_says_the_same_of_every_example() {
    let compiled = RuleSet::builtin().unwrap();
    let read = RuleSet::from_bytes(&compiled.to_bytes().unwrap()).unwrap();
    assert_eq!(read.hash(), compiled.hash());
    let as_json = |rules: &RuleSet| serde_json::to_string(rules.rules()).unwrap();
    assert_eq!(as_json(&read), as_json(&compiled));
    assert_eq!(read.indicators(), compiled.indicators());
    assert_eq!(read.mitigations(), compiled.mitigations());
    let texts: Vec<&str> = compiled
        .rules()
        .iter()
        .flat_map(|rule| {
            let silent = rule.counter_examples.iter().map(|example| example.text.as_str());
            rule.examples.iter().map(|example| example.text.as_str()).chain(silent)
        })
        .collect();
    assert!(texts.len() > 5_000);
    assert_eq!(assessed(&read, &texts), assessed(&compiled, &texts));
}

#[test]
fn bytes_stand_for_the_very_files_that_they_were_made_of_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    write_pack(folder.path());
    let built_in = RuleSet::builtin().unwrap();
    let bytes = built_in.to_bytes().unwrap();
    // Only reading them tells that these are broken.
    let broken = &bytes[..bytes.len() / 2];
    assert!(RuleSet::load_or_from_bytes(folder.path(), broken).is_err());
    let loaded = RuleSet::load_or_from_bytes(folder.path(), &bytes).unwrap();
    assert_eq!(loaded.rule_set.unwrap().hash(), built_in.hash());

    let weights = folder.path().join("weights.yaml");
    let changed = fs::read_to_string(&weights).unwrap() + "\n# another thought\n";
    fs::write(&weights, changed).unwrap();
    let loaded = RuleSet::load_or_from_bytes(folder.path(), broken).unwrap();
    assert_ne!(loaded.rule_set.unwrap().hash(), built_in.hash());
}
