//! Who somebody is: a rule that names a girl means a boy too, save where girls are what it asks for.

#![allow(clippy::unwrap_used, reason = "tests")]

mod sample;

use std::fs;

use rules::RuleSet;

const GIRLS: &str = "{any: ['girl* ..2 passport*', 'kept from her']}";

fn quoted(rule_set: &RuleSet, texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| sample::quotes(rule_set, text).0).collect()
}

#[test]
fn a_rule_that_names_one_means_all_who_are_alike() {
    let texts = ["Girls leave passports", "Boys leave passports", "It is kept from him", "Boyars"];
    let found = quoted(&sample::rule_set("en", GIRLS), &texts);
    assert_eq!(found, ["Girls leave passports", "Boys leave passports", "kept from him", ""]);

    let texts = ["Жінку тримають тут", "Чоловіка тримають тут", "Чоловічка тримають тут"];
    let found = quoted(&sample::rule_set("uk", "{any: ['жінк~ тримають']}"), &texts);
    assert_eq!(found, ["Жінку тримають", "Чоловіка тримають", ""]);
}

#[test]
fn a_rule_whose_sign_is_who_is_asked_for_means_the_very_words() {
    let indicators = "
indicators:
  - {id: retention, title: t, dimension: context, strength: strong, source: s, definition: d, why: w, names_who: true}
mitigations: []
";
    let weights = "
bias: -4.0
strength: {strong: 4.2, medium: 1.7, weak: 0.6}
further_share: 0.15
dimension_bonus: 0.5
weak_cap: 1.5
negated: -0.2
slope: 1.0
indicators: {}
mitigations: {}
";
    let rules = [("indicator: retention", GIRLS)];
    let files = [("indicators.yaml", indicators), ("weights.yaml", weights)];
    let rule_set = sample::rule_set_beside("en", &rules, &files);
    let texts = ["Girls leave passports", "Boys leave passports", "It is kept from him"];
    assert_eq!(quoted(&rule_set, &texts), ["Girls leave passports", "", ""]);
}

#[test]
fn rows_of_what_is_no_single_word_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in RuleSet::builtin_files() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let words = folder.path().join("en/words.yaml");
    let rows = "alike:\n  - [girl*, boy]\n  - [young man, woman]\n";
    fs::write(&words, fs::read_to_string(&words).unwrap().replacen("alike:\n", rows, 1)).unwrap();
    let problems = rules::check(folder.path()).unwrap();
    let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(told, ["rows of `alike` hold single words, written out"; 2]);
}
