//! What the built-in pack promises its readers.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use domain::Language;
use rules::{RuleSet, Sign};

/// Comes from comparing postings, not from words.
const FROM_LINKING: &str = "template-reuse";

fn signs_by_language(rule_set: &RuleSet) -> BTreeMap<Option<Language>, BTreeSet<&str>> {
    let mut signs: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for rule in rule_set.rules().iter().filter(|rule| rule.status.runs()) {
        if let Sign::Indicator(id) = &rule.sign {
            signs.entry(rule.language).or_default().insert(id.as_str());
        }
    }
    signs
}

#[test]
fn every_sign_has_rules_in_four_languages_and_many_in_two_more() {
    let rule_set = RuleSet::builtin().unwrap();
    let signs = signs_by_language(&rule_set);
    let of_none = signs.get(&None).cloned().unwrap_or_default();
    for language in [Language::Uk, Language::Ru, Language::Ro, Language::En] {
        let spoken = &signs[&Some(language)];
        let missing: Vec<&str> = rule_set
            .indicators()
            .iter()
            .map(|indicator| indicator.id.as_str())
            .filter(|id| !spoken.contains(id) && !of_none.contains(id) && *id != FROM_LINKING)
            .collect();
        assert!(missing.is_empty(), "{language:?} has no rule for {missing:?}");
    }
    for language in [Language::Pl, Language::De] {
        assert!(signs[&Some(language)].len() >= 25, "{language:?}");
    }
}

#[test]
fn every_rule_has_three_examples_two_counter_examples_and_words_for_its_readers() {
    let rule_set = RuleSet::builtin().unwrap();
    let poor: Vec<&str> = rule_set
        .rules()
        .iter()
        .filter(|rule| {
            rule.examples.len() < 3
                || rule.counter_examples.len() < 2
                || rule.why.len() < 10
                || rule.known_gaps.is_empty()
                || rule.triage.is_empty()
        })
        .map(|rule| rule.id.as_str())
        .collect();
    assert!(poor.is_empty(), "{} rules tell too little: {poor:?}", poor.len());
}

/// Three examples with one wording are one example.
#[test]
fn examples_of_a_rule_do_not_repeat_each_other() {
    let rule_set = RuleSet::builtin().unwrap();
    let words = |text: &str| {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 3)
            .map(str::to_owned)
            .collect::<BTreeSet<String>>()
    };
    let mut alike = Vec::new();
    for rule in rule_set.rules() {
        let texts: Vec<BTreeSet<String>> =
            rule.examples.iter().map(|example| words(&example.text)).collect();
        for (index, one) in texts.iter().enumerate() {
            for other in &texts[..index] {
                let shared = one.intersection(other).count();
                let all = one.union(other).count();
                if all > 3 && shared * 10 > all * 7 {
                    alike.push(rule.id.as_str());
                }
            }
        }
    }
    alike.dedup();
    assert!(alike.is_empty(), "examples that say the same: {alike:?}");
}
