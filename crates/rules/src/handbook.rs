//! The handbook of signs, written out of the rules for people who learn to read offers: what each
//! sign means, who published it, how it shows in each language, what only looks like it, and what to
//! ask. Made anew whenever the rules change, so that nobody is taught what the program does not do.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::{IndicatorId, Language, Span};
use serde::Serialize;
use text::Folded;

use crate::indicator::{Dimension, Indicator, Mitigation, Strength};
use crate::matching::Matcher;
use crate::rule::{Example, Rule, Status};
use crate::rule_set::RuleSet;
use crate::trial::Trial;

/// One page of the handbook, in Markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandbookPage {
    /// The file that it belongs into: `document-retention.md`.
    pub name: String,
    /// The page.
    pub text: String,
}

/// All pages: `README.md` with the list of signs, then one for each indicator and each mitigation,
/// in the order of `indicators.yaml`. Words that a rule quotes are bold in its examples.
pub fn handbook(rule_set: &RuleSet) -> Vec<HandbookPage> {
    let mut writer = Writer {
        rule_set,
        trial: Trial { matcher: Matcher::new(&rule_set.compiled), folded: Folded::default() },
    };
    let mut pages = vec![HandbookPage { name: "README.md".to_owned(), text: contents(rule_set) }];
    for indicator in rule_set.indicators() {
        pages.push(writer.page(&indicator.id, head_of_indicator(indicator)));
    }
    for mitigation in rule_set.mitigations() {
        pages.push(writer.page(&mitigation.id, head_of_mitigation(mitigation)));
    }
    pages
}

struct Writer<'r> {
    rule_set: &'r RuleSet,
    trial: Trial<'r>,
}

impl Writer<'_> {
    fn page(&mut self, id: &IndicatorId, mut text: String) -> HandbookPage {
        let rules: Vec<(usize, &Rule)> = self
            .rule_set
            .rules()
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.sign.id() == id && rule.status != Status::Retired)
            .collect();
        questions(&rules, &mut text);
        for language in Language::ALL.map(Some).into_iter().chain([None]) {
            let spoken: Vec<_> =
                rules.iter().filter(|(_, rule)| rule.language == language).collect();
            if spoken.is_empty() {
                continue;
            }
            let name = language.map_or("In any language", heading);
            let _ = write!(text, "\n## {name}\n");
            for (index, rule) in spoken {
                self.rule(*index, rule, &mut text);
            }
        }
        if rules.is_empty() {
            text.push_str("\nNo rule looks for it in words.\n");
        }
        HandbookPage { name: format!("{id}.md"), text }
    }

    fn rule(&mut self, index: usize, rule: &Rule, text: &mut String) {
        let _ = write!(text, "\n### {}\n\n{}\n\n", escaped(&rule.name), escaped(&rule.why));
        for example in &rule.examples {
            let _ = writeln!(text, "- {}", self.marked(index, example));
        }
        text.push_str("\nNot meant:\n\n");
        for example in &rule.counter_examples {
            let found = if example.known_false_hit { "; still found today, wrongly" } else { "" };
            let (words, because) = (escaped(&example.text), escaped(&example.because));
            let _ = writeln!(text, "- {words} *({because}{found})*");
        }
        let gaps = escaped(&rule.known_gaps);
        let _ = write!(text, "\nKnown gaps: {gaps}\n\n`{}`, {}\n", rule.id, rule.status.word());
    }

    /// The example with the words that the rule quotes in bold.
    fn marked(&mut self, rule: usize, example: &Example) -> String {
        let (spans, _) = self.trial.spans(rule, &example.text);
        let mut marked = String::new();
        let mut done = 0;
        for Span { start, end, .. } in spans.into_iter().filter(|span| span.start < span.end) {
            // Spans come in order; one that lies in the one before has been marked with it.
            if start < done {
                continue;
            }
            let (before, quoted) = (example.text.get(done..start), example.text.get(start..end));
            marked.push_str(&escaped(before.unwrap_or_default()));
            let _ = write!(marked, "**{}**", escaped(quoted.unwrap_or_default()));
            done = end;
        }
        marked.push_str(&escaped(example.text.get(done..).unwrap_or_default()));
        marked
    }
}

fn contents(rule_set: &RuleSet) -> String {
    let mut text = String::from(
        "# Handbook of signs\n\n\
         What the rules look for in public ads and posts, for people who learn to read them.\n\
         A sign is a claim made by the words of an offer: a reason to look, never a finding about a person.\n\
         One sign alone says little, since nearly every honest ad shows one; they count together.\n\n\
         This handbook is written by `fusion rules docs` out of the rules; do not edit it.\n",
    );
    for (dimension_word, dimension) in Dimension::WORDS {
        let signs: Vec<_> =
            rule_set.indicators().iter().filter(|one| one.dimension == dimension).collect();
        if signs.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {}\n\n", capitalised(&dimension_word.replace('-', " ")));
        for sign in signs {
            let strength = strength(sign.strength);
            let _ = writeln!(text, "- [{}]({}.md), {strength}", escaped(&sign.title), sign.id);
        }
    }
    text.push_str("\n## What speaks against\n\n");
    for mitigation in rule_set.mitigations() {
        let _ = writeln!(text, "- [{}]({}.md)", escaped(&mitigation.title), mitigation.id);
    }
    text
}

fn head_of_indicator(indicator: &Indicator) -> String {
    let dimension = Dimension::WORDS.iter().find(|(_, one)| *one == indicator.dimension);
    let dimension = dimension.map_or(String::new(), |(word, _)| word.replace('-', " "));
    format!(
        "# {}\n\n`{}`: {}, {}.\n\n{}.\n\n{}\n\nSource: {}.\n",
        escaped(&indicator.title),
        indicator.id,
        strength(indicator.strength),
        dimension,
        escaped(indicator.definition.trim_end_matches('.')),
        escaped(&indicator.why),
        escaped(indicator.source.trim_end_matches('.')),
    )
}

fn head_of_mitigation(mitigation: &Mitigation) -> String {
    format!(
        "# {}\n\n`{}`: speaks against, lowers the score, never clears.\n\n{}\n",
        escaped(&mitigation.title),
        mitigation.id,
        escaped(&mitigation.why)
    )
}

/// The questions of all rules of a sign, each once.
fn questions(rules: &[(usize, &Rule)], text: &mut String) {
    let mut asked = BTreeSet::new();
    let all = rules.iter().flat_map(|(_, rule)| &rule.triage);
    let questions: Vec<&String> = all.filter(|question| asked.insert(*question)).collect();
    if questions.is_empty() {
        return;
    }
    text.push_str("\n## Questions to ask\n\n");
    for question in questions {
        let _ = writeln!(text, "- {}", escaped(question));
    }
}

fn heading(language: Language) -> &'static str {
    match language {
        Language::Uk => "Ukrainian",
        Language::Ru => "Russian",
        Language::Ro => "Romanian",
        Language::En => "English",
        Language::Pl => "Polish",
        Language::De => "German",
        Language::Bg => "Bulgarian",
        Language::Be => "Belarusian",
    }
}

fn strength(strength: Strength) -> &'static str {
    Strength::WORDS.iter().find(|(_, one)| *one == strength).map_or("", |(word, _)| word)
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// The text on one line, with what Markdown or HTML would take for a sign of its own told apart.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~') {
            safe.push('\\');
        }
        safe.push(letter);
    }
    // What was around a marked word is kept, or words would run together.
    let (front, back) =
        (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
    match (safe.is_empty(), front, back) {
        (true, true, _) => " ".to_owned(),
        (true, ..) => safe,
        (false, ..) => {
            format!("{}{safe}{}", if front { " " } else { "" }, if back { " " } else { "" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages() -> Vec<HandbookPage> {
        handbook(&RuleSet::builtin().unwrap())
    }

    #[test]
    fn every_sign_has_a_page_and_is_listed() {
        let rule_set = RuleSet::builtin().unwrap();
        let pages = handbook(&rule_set);
        let names: BTreeSet<&str> = pages.iter().map(|page| page.name.as_str()).collect();
        assert_eq!(names.len(), pages.len());
        for indicator in rule_set.indicators() {
            let name = format!("{}.md", indicator.id);
            assert!(names.contains(name.as_str()), "{name}");
            assert!(pages[0].text.contains(&format!("]({name})")), "{name} is not listed");
        }
    }

    #[test]
    fn what_a_rule_quotes_is_bold() {
        let pages = pages();
        let page = pages.iter().find(|page| page.name == "document-retention.md").unwrap();
        let examples =
            page.text.lines().filter(|line| line.starts_with("- ") && line.contains("**"));
        assert!(examples.count() > 20, "{}", page.text);
        assert!(page.text.contains("## Questions to ask"));
        assert!(page.text.contains("## Ukrainian") && page.text.contains("## German"));
    }

    #[test]
    fn marks_of_markdown_are_told_apart() {
        for (text, safe) in [
            ("a*b_c", "a\\*b\\_c"),
            (" <b> ", " \\<b\\> "),
            ("two\nlines", "two lines"),
            (" ", " "),
            ("", ""),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }
}
