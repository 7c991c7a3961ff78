//! One invented rule amid the word lists and the table of wages of the built-in pack.

use std::fs;

use rules::{Assessor, RuleSet, Subject};
use text::Folded;

const INDICATORS: &str = "
indicators:
  - {id: retention, title: t, dimension: coercion-at-destination, strength: strong, source: s, definition: d, why: w}
mitigations:
  - {id: news, title: t, why: w}
";

const WEIGHTS: &str = "
bias: -4.0
strength: {strong: 4.2, medium: 1.7, weak: 0.6}
indicators: {}
further_share: 0.15
dimension_bonus: 0.5
weak_cap: 1.5
mitigations: {news: -4.5}
negated: -0.2
slope: 1.0
";

/// A rule set with one rule in the folder of this language, whose `match` is this YAML (flow style).
pub(crate) fn rule_set(language: &str, condition: &str) -> RuleSet {
    rule_set_of(language, &[("indicator: retention", condition)])
}

/// A rule set with some rules: what they are a sign of and more such keys, and their `match`.
pub(crate) fn rule_set_of(language: &str, rules: &[(&str, &str)]) -> RuleSet {
    rule_set_beside(language, rules, &[])
}

/// The same beside these files more, each its path and what is in it.
pub(crate) fn rule_set_beside(
    language: &str,
    rules: &[(&str, &str)],
    files: &[(&str, &str)],
) -> RuleSet {
    let folder = tempfile::tempdir().unwrap();
    let is_shared = |path: &str| path.ends_with("/words.yaml") || path == "wages.yaml";
    for (path, bytes) in RuleSet::builtin_files().filter(|(path, _)| is_shared(path)) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let mut file = format!("topic: sample\nlanguage: {language}\nrules:\n");
    for (name, (sign, condition)) in ["one", "two"].iter().zip(rules) {
        file += &format!(
            "  - id: {language}.sample.{name}
    name: Sample
    {sign}
    status: test
    version: 1
    match: {condition}
    why: w
    known_gaps: g
    triage: [q]
    examples: [{{text: t}}]
    counter_examples: [{{text: t, because: b}}]
"
        );
    }
    fs::write(folder.path().join("indicators.yaml"), INDICATORS).unwrap();
    fs::write(folder.path().join("weights.yaml"), WEIGHTS).unwrap();
    fs::create_dir_all(folder.path().join(language)).unwrap();
    fs::write(folder.path().join(language).join("sample.yaml"), &file).unwrap();
    for (path, content) in files {
        fs::write(folder.path().join(path), content).unwrap();
    }
    let loaded = RuleSet::load(folder.path()).unwrap();
    assert_eq!(loaded.problems, [], "in {file}");
    loaded.rule_set.unwrap()
}

/// What the first rule quotes in this text, and what it quotes as negated, each joined with ` | `.
pub(crate) fn quotes(rule_set: &RuleSet, text: &str) -> (String, String) {
    let folded = Folded::new(text);
    let contacts = text::contacts(domain::Field::Text, text, None);
    let subject = Subject { title: None, text: (text, &folded), contacts: &contacts };
    let assessment = Assessor::new(rule_set).assess(&subject, None);
    let joined = |findings: &[domain::Finding]| {
        let of_first = findings.iter().filter(|finding| finding.rule.as_str().ends_with(".one"));
        let spans = of_first.flat_map(domain::Finding::spans);
        spans.map(|span| span.quote.as_str()).collect::<Vec<_>>().join(" | ")
    };
    (joined(&assessment.findings), joined(&assessment.mitigations))
}
