//! Running rules on their own examples and counter-examples.

use std::path::Path;

use domain::{Field, Span};
use serde::Serialize;
use text::Folded;

use crate::compiled::Compiled;
use crate::lock;
use crate::matching::Matcher;
use crate::neutral;
use crate::pack;
use crate::problem::{Problems, RuleProblem, RulesError, code};
use crate::read::yaml::shortened;
use crate::rule::{Example, Rule, Status};
use crate::rule_set::{RuleSet, from_files};
use crate::scan::Subject;

/// What came of running all examples of a pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// How many examples were run.
    pub examples: usize,
    /// How many counter-examples were run.
    pub counter_examples: usize,
    /// Examples that stay silent, counter-examples that fire, marks that are out of date.
    pub problems: Vec<RuleProblem>,
}

/// Everything that is wrong with a pack, by file and line: its form, its examples, its fairness.
pub fn check(folder: &Path) -> Result<Vec<RuleProblem>, RulesError> {
    let mut problems = Problems::default();
    lock::check(folder, &pack::files_of(folder)?, &mut problems);
    if let Some(rule_set) = for_trial(folder, &mut problems)? {
        run_examples(&rule_set, &mut problems);
        neutral::run(&rule_set, &mut problems);
        regexes_compile(&rule_set, &mut problems);
    }
    Ok(problems.sorted())
}

/// Runs the examples and counter-examples of all rules that can be used, drafts included. Other
/// faults of the pack are not told here.
pub fn test(folder: &Path) -> Result<TestReport, RulesError> {
    let mut problems = Problems::default();
    let Some(rule_set) = for_trial(folder, &mut problems)? else {
        return Ok(TestReport::default());
    };
    let mut found = Problems::default();
    let (examples, counter_examples) = run_examples(&rule_set, &mut found);
    Ok(TestReport { examples, counter_examples, problems: found.sorted() })
}

fn for_trial(folder: &Path, problems: &mut Problems) -> Result<Option<RuleSet>, RulesError> {
    let tried = |rule: &Rule| rule.status != Status::Retired;
    let files = pack::files_of(folder)?;
    Ok(from_files(&files, tried, problems).map(|unweighed| unweighed.rule_set))
}

fn run_examples(rule_set: &RuleSet, problems: &mut Problems) -> (usize, usize) {
    let mut trial = Trial { matcher: Matcher::new(&rule_set.compiled), folded: Folded::default() };
    let (mut examples, mut counter_examples) = (0, 0);
    let tried =
        rule_set.rules.iter().enumerate().filter(|(_, rule)| rule.status != Status::Retired);
    for (index, rule) in tried {
        problems.enter_file(&rule.file);
        problems.enter_rule(Some(rule.id.as_str()));
        if !rule_set.compiled.plans.iter().any(|plan| plan.rule == index) {
            continue;
        }
        for example in &rule.examples {
            examples += 1;
            trial.example(index, example, problems);
        }
        counter_examples += rule.counter_examples.len();
        trial.counter_examples(index, rule, problems);
    }
    (examples, counter_examples)
}

/// Tries single rules on single texts, keeping its buffers.
pub(crate) struct Trial<'r> {
    pub(crate) matcher: Matcher<&'r Compiled>,
    pub(crate) folded: Folded,
}

impl Trial<'_> {
    fn example(&mut self, rule: usize, example: &Example, problems: &mut Problems) {
        let (spans, negated) = self.spans(rule, &example.text);
        if spans.is_empty() {
            let why = negated
                .first()
                .map(|span| format!(", it reads as negated: `{}`", shortened(&span.quote)));
            let message = format!(
                "does not fire on its example `{}`{}",
                shortened(&example.text),
                why.unwrap_or_default()
            );
            return problems.report(code::EXAMPLE_SILENT, example.line, message);
        }
        let Some(quotes) = &example.quotes else { return };
        if !is_quoted(quotes, &example.text, &spans) {
            let found: Vec<&str> = spans.iter().map(|span| span.quote.as_str()).collect();
            let message = format!(
                "quotes `{}` and not `{}`",
                shortened(&found.join(" | ")),
                shortened(quotes)
            );
            problems.report(code::EXAMPLE_SILENT, example.line, message);
        }
    }

    fn counter_examples(&mut self, index: usize, rule: &Rule, problems: &mut Problems) {
        for example in &rule.counter_examples {
            let (spans, _) = self.spans(index, &example.text);
            match (spans.first(), example.known_false_hit) {
                (Some(span), false) => {
                    let message = format!(
                        "fires on `{}` of its counter-example `{}`",
                        shortened(&span.quote),
                        shortened(&example.text)
                    );
                    problems.report(code::COUNTER_EXAMPLE_FIRES, example.line, message);
                }
                (None, true) => {
                    let message = format!(
                        "no longer fires on `{}`: take the mark `known_false_hit` away",
                        shortened(&example.text)
                    );
                    problems.report(code::FALSE_HIT_GONE, example.line, message);
                }
                _ => {}
            }
        }
    }

    /// What this rule quotes from a text, and what it sees negated.
    pub(crate) fn spans(&mut self, rule: usize, text: &str) -> (Vec<Span>, Vec<Span>) {
        self.folded.refold(text);
        let contacts = text::contacts(Field::Text, text, None);
        let subject = Subject { title: None, text: (text, &self.folded), contacts: &contacts };
        let matches = self.matcher.matches(subject);
        matches
            .into_iter()
            .find(|matched| matched.rule == rule)
            .map(|matched| (matched.spans, matched.negated))
            .unwrap_or_default()
    }
}

/// Whether these words stand in the text and each of their letters in one of the spans.
fn is_quoted(words: &str, text: &str, spans: &[Span]) -> bool {
    text.match_indices(words).any(|(start, _)| {
        words.char_indices().filter(|(_, c)| c.is_alphanumeric()).all(|(at, _)| {
            spans.iter().any(|span| {
                span.field == Field::Text && (span.start..span.end).contains(&(start + at))
            })
        })
    })
}

/// Expressions are compiled when they are first needed; the check does not wait for that.
fn regexes_compile(rule_set: &RuleSet, problems: &mut Problems) {
    use crate::pattern::LazyRegex;
    use crate::rule::PatternKind;
    for rule in &rule_set.rules {
        problems.enter_file(&rule.file);
        problems.enter_rule(Some(rule.id.as_str()));
        let condition = &rule.condition;
        for pattern in condition.any.iter().chain(&condition.all).chain(&condition.unless) {
            if let PatternKind::Regex(source) = &pattern.kind
                && LazyRegex::new(source).get().is_none()
            {
                problems.report(
                    code::PATTERN,
                    pattern.line,
                    "the regex is too large once compiled",
                );
            }
        }
    }
}
