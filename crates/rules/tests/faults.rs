//! What the checker says about a pack with faults: all of them at once, each at its place.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

const INDICATORS: &str = "indicators:
  - {id: retention, title: t, dimension: coercion-at-destination, strength: strong, source: s, definition: d, why: w}
  - {id: retention, title: t, dimension: nowhere, strength: strong, source: s, definition: d, why: w}
mitigations:
  - {id: news, title: t, why: w}
";

const WEIGHTS: &str = "bias: -4.0
strength: {strong: 4.2, medium: 1.7, weak: 0.6}
further_share: 0.15
dimension_bonus: 0.5
weak_cap: 1.5
mitigations: {news: -4.5}
negated: -0.2
slope: 1.0
";

const WORDS: &str = "language: uk
lists:
  negation: [не]
  keeper: [координатор*]
  loop: ['@loop']
";

const RULES: &str = r##"topic: documents
language: ru
rules:
  - id: uk.documents.kept
    name: Trafficker keeps documents
    indicator: retention
    status: test
    version: 1
    wieght: 0.5
    match:
      any:
        - "паспорт* ..3 (нас"
        - "паспорт* у @boss"
        - "(у|в)? ..2 я"
        - regex: '\bпаспорт(?=у)'
        - regex: 'Паспорт'
        - "паспорт* @loop"
      within: sentences
    why: w
    known_gaps: g
    triage: [q]
    examples:
      - text: "Паспорт у нас"
    counter_examples:
      - text: "Копія у нас"
  - id: uk.documents.kept
    name: Pimp
    indicator: retention
    status: test
    version: 1
  - id: uk.documents.stay
    name: Documents stay
    indicator: retention
    status: test
    version: 1
    match: {any: ["паспорт* у нас", "документ* у нас"]}
    why: w
    known_gaps: g
    triage: [q]
    examples:
      - text: "Паспорт у нас"
        quotes: "у нас"
      - text: "Паспорт не у нас"
      - text: "Документи у нас"
        quotes: "Ваші документи"
    counter_examples:
      - text: "Документи у нас"
        because: a mistake
      - text: "Копія у нас"
        because: a copy
        known_false_hit: true
  - id: uk.papers.taken
    name: Documents are taken
    indicator: retentoin
    status: old
    version: one
    match: {any: ["віза"], any: ["візи"], unles: ["не"]}
  - id: uk.documents.retired
    name: Women
    indicator: retention
    status: retired
    version: 1
    match: {any: [дівчин*]}
    why: w
    known_gaps: g
    triage: [q]
    examples: [{text: t}]
    counter_examples: [{text: t, because: b}]
  - id: uk.documents.unfair
    name: Women from Moldova
    indicator: retention
    status: draft
    version: 1
    match: {any: ["дівчина ..1 молдов*"]}
    why: w
    known_gaps: g
    triage: [q]
    examples: [{text: "дівчина з Молдови"}]
    counter_examples: [{text: "дівчина", because: b}]
"##;

fn pack(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn told(folder: &Path) -> String {
    let problems = rules::check(folder).unwrap();
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn every_fault_of_a_rule_file_is_told_at_once() {
    let folder = pack(&[
        ("indicators.yaml", INDICATORS.as_bytes()),
        ("weights.yaml", WEIGHTS.as_bytes()),
        ("uk/words.yaml", WORDS.as_bytes()),
        ("uk/documents.yaml", RULES.as_bytes()),
        ("uk/broken.yaml", b"topic: broken\nrules: [a, {b\n"),
        ("uk/latin1.yaml", b"topic: latin1\n# caf\xe9\n"),
        ("ro/pay.yaml", b"topic: pay\nlanguage: ro\nrules: []\n"),
        ("klingon/pay.yaml", b"topic: pay\n"),
        ("stray.yaml", b"topic: stray\n"),
        ("README.md", b"not a rule file"),
    ]);
    insta::assert_snapshot!(told(folder.path()));
}

#[test]
fn faulty_rules_are_left_out_and_the_others_run() {
    let folder = pack(&[
        ("indicators.yaml", INDICATORS.as_bytes()),
        ("weights.yaml", WEIGHTS.as_bytes()),
        ("uk/words.yaml", WORDS.as_bytes()),
        ("uk/documents.yaml", RULES.as_bytes()),
        ("uk/broken.yaml", b"- ["),
    ]);
    let loaded = rules::RuleSet::load(folder.path()).unwrap();
    let rule_set = loaded.rule_set.unwrap();
    let ids: Vec<&str> = rule_set.rules().iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["uk.documents.retired", "uk.documents.stay", "uk.documents.unfair"]);
    assert!(loaded.problems.iter().any(|problem| problem.file == "uk/broken.yaml"));
}

#[cfg(unix)]
#[test]
fn a_device_in_the_place_of_a_file_is_told_and_not_read_without_end() {
    let folder = pack(&[
        ("indicators.yaml", INDICATORS.as_bytes()),
        ("weights.yaml", WEIGHTS.as_bytes()),
        ("uk/words.yaml", WORDS.as_bytes()),
        ("uk/documents.yaml", RULES.as_bytes()),
    ]);
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("uk/stems.yaml")).unwrap();
    let loaded = rules::RuleSet::load(folder.path()).unwrap();
    let of_device = |problem: &&rules::RuleProblem| problem.file == "uk/stems.yaml";
    let told = loaded.problems.iter().find(of_device).unwrap();
    assert_eq!((told.code, told.message.as_str()), ("R001", "cannot be read: no regular file"));
    assert!(loaded.rule_set.is_some());
}

#[test]
fn without_weights_or_indicators_there_is_no_rule_set() {
    for broken in
        ["bias: -4.0\n", &WEIGHTS.replace("-4.5", "4.5"), &WEIGHTS.replace("slope: 1.0", "")]
    {
        let folder = pack(&[
            ("indicators.yaml", INDICATORS.as_bytes()),
            ("weights.yaml", broken.as_bytes()),
            ("uk/words.yaml", WORDS.as_bytes()),
            ("uk/documents.yaml", RULES.as_bytes()),
        ]);
        let loaded = rules::RuleSet::load(folder.path()).unwrap();
        assert!(loaded.rule_set.is_none());
        assert!(loaded.problems.iter().any(|problem| problem.code == "R017"), "{broken}");
    }
    let empty = rules::RuleSet::load(pack(&[]).path()).unwrap();
    assert!(empty.rule_set.is_none());
    assert_eq!(empty.problems.len(), 2, "{:?}", empty.problems);
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_it() {
    let error = rules::check(Path::new("/nowhere/rules")).unwrap_err();
    assert!(error.to_string().starts_with("cannot read rule folder /nowhere/rules: "), "{error}");
}

#[test]
fn the_hash_follows_names_and_bytes_and_nothing_else() {
    let hash = |files: &[(&str, &[u8])]| {
        let base: [(&str, &[u8]); 2] =
            [("indicators.yaml", INDICATORS.as_bytes()), ("weights.yaml", WEIGHTS.as_bytes())];
        let all: Vec<(&str, &[u8])> = base.iter().chain(files).copied().collect();
        rules::RuleSet::load(pack(&all).path()).unwrap().rule_set.unwrap().hash()
    };
    let words = ("uk/words.yaml", WORDS.as_bytes());
    let plain = hash(&[words, ("uk/documents.yaml", RULES.as_bytes())]);
    assert_eq!(plain, hash(&[("uk/documents.yaml", RULES.as_bytes()), words, ("README.md", b"x")]));
    let changed = RULES.replace("draft", "stable");
    assert_ne!(plain, hash(&[words, ("uk/documents.yaml", changed.as_bytes())]));
}

#[test]
fn examples_are_counted() {
    let folder = pack(&[
        ("indicators.yaml", INDICATORS.as_bytes()),
        ("weights.yaml", WEIGHTS.as_bytes()),
        ("uk/words.yaml", WORDS.as_bytes()),
        ("uk/documents.yaml", RULES.as_bytes()),
    ]);
    let report = rules::test(folder.path()).unwrap();
    assert_eq!((report.examples, report.counter_examples), (4, 3));
    let codes: Vec<&str> = report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["R011", "R011", "R012", "R013"]);
}
