//! Rule sets for hunting: a rule or phrase tried on old postings before it goes live.

use std::path::Path;

use domain::{Language, RuleId};

use crate::folding::Folding;
use crate::pack::{self, ANY, Files};
use crate::phrase;
use crate::problem::{Problems, RuleProblem, RulesError, code};
use crate::read::{indicator, wages, weights};
use crate::rule::{Condition, Pattern, PatternKind, Rule, Sign, Silences, Status};
use crate::rule_set::{RuleSet, Unweighed, built_in, from_files, from_rules, runs};

/// The words of rules that are shared by a language.
const WORDS: &str = "words.yaml";
/// The file and id that a phrase is given for the time of the hunt.
const PHRASE: &str = "any.hunt.phrase";

/// What is hunted for.
#[derive(Clone, Copy, Debug)]
pub enum Quarry<'a> {
    /// A rule of the pack, whatever its status.
    Rule(&'a RuleId),
    /// The rules of a file that need not be in the pack yet, drafts too.
    File(&'a [u8]),
    /// A phrase as rules write it, with the endings and word lists of a language.
    Phrase(&'a str, Option<Language>),
}

/// Rule sets to hunt with.
#[derive(Debug)]
pub struct Hunt {
    /// What is hunted for and nothing else.
    pub alone: Option<RuleSet>,
    /// The pack as it would be with it; `None` for a phrase, which is a sign of nothing yet.
    pub within: Option<RuleSet>,
    /// What is wrong with what is hunted for.
    pub problems: Vec<RuleProblem>,
}

impl Hunt {
    /// Makes ready for a hunt with the pack of this folder, or the built-in one.
    pub fn new(folder: Option<&Path>, quarry: Quarry<'_>) -> Result<Self, RulesError> {
        let mut files = match folder {
            Some(folder) => pack::files_of(folder)?,
            None => built_in(),
        };
        Ok(match quarry {
            Quarry::Phrase(source, language) => Self::for_phrase(&files, source, language),
            Quarry::Rule(id) => {
                let mut parts = id.as_str().split('.');
                let place = [parts.next(), parts.next()].map(Option::unwrap_or_default);
                let path = format!("{}/{}.yaml", place[0], place[1]);
                Self::for_rules(&files, &path, |rule| rule.id == *id)
            }
            Quarry::File(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let folder = top_level(&text, "language").unwrap_or(ANY);
                let path = format!("{folder}/{}.yaml", top_level(&text, "topic").unwrap_or("hunt"));
                files.insert(path.clone(), Ok(bytes.to_vec()));
                Self::for_rules(&files, &path, |rule| rule.file == path)
            }
        })
    }

    fn for_rules(files: &Files, path: &str, wanted: impl Fn(&Rule) -> bool) -> Self {
        let mut problems = Problems::default();
        let few = with_only(files, Some(path));
        let alone = from_files(&few, &wanted, &mut problems).and_then(Unweighed::weighed);
        let alone = alone.filter(|alone| alone.rules.iter().any(&wanted));
        let within = alone.as_ref().and_then(|_| {
            let with_it = |rule: &Rule| runs(rule) || wanted(rule);
            from_files(files, with_it, &mut Problems::default()).and_then(Unweighed::weighed)
        });
        let problems = problems.sorted().into_iter().filter(|problem| problem.file == path);
        Self { alone, within, problems: problems.collect() }
    }

    fn for_phrase(files: &Files, source: &str, language: Option<Language>) -> Self {
        let mut problems = Problems::default();
        let pack = pack::read(&with_only(files, None), &mut Problems::default());
        let folder = language.map_or(ANY, Language::code);
        let path = format!("{folder}/hunt.yaml");
        problems.enter_file(&path);
        let phrase = match phrase::parse(source, &mut Folding::default()) {
            Ok(phrase) => phrase,
            Err(message) => {
                problems.report(code::PATTERN, 1, message);
                return Self { alone: None, within: None, problems: problems.sorted() };
            }
        };
        let any = vec![Pattern { line: 1, kind: PatternKind::Phrase(phrase) }];
        let Some(sign) = pack.signs.indicators.first().map(|first| first.id.clone()) else {
            return Self { alone: None, within: None, problems: problems.sorted() };
        };
        let rule = Rule {
            id: RuleId::new(PHRASE).expect("the constant is an id"),
            name: source.to_owned(),
            language,
            topic: "hunt".to_owned(),
            sign: Sign::Indicator(sign),
            status: Status::Draft,
            version: 1,
            weight: 1.0,
            // A hunt shows the words wherever they stand.
            negatable: false,
            silences: Silences::default(),
            why: String::new(),
            known_gaps: String::new(),
            triage: Vec::new(),
            examples: Vec::new(),
            counter_examples: Vec::new(),
            retired_because: None,
            file: path.clone(),
            line: 1,
            condition: Condition { any, ..Condition::default() },
        };
        let alone = from_rules(pack, vec![rule], |_| true, &mut problems);
        let alone = alone.and_then(Unweighed::weighed);
        let problems = problems.sorted().into_iter().filter(|problem| problem.file == path);
        Self { alone, within: None, problems: problems.collect() }
    }
}

/// The tables and word lists of a pack, and one file of rules.
fn with_only(files: &Files, path: Option<&str>) -> Files {
    let tables = [indicator::FILE, weights::FILE, wages::FILE];
    let wanted = |name: &str| {
        tables.contains(&name)
            || path == Some(name)
            || name.split_once('/').is_some_and(|(_, file)| file == WORDS)
    };
    files.iter().filter(|(name, _)| wanted(name)).map(|(n, b)| (n.clone(), b.clone())).collect()
}

/// The value of a plain `key: value` at the beginning of a line.
fn top_level<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let value = line.strip_prefix(key)?.strip_prefix(':')?;
        let value = value.split('#').next().unwrap_or_default().trim();
        let plain =
            value.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit());
        (plain && !value.is_empty()).then_some(value)
    })
}
