//! What explains a rule to people: reasons, gaps, questions, examples and counter-examples. None of
//! it changes what the rule matches, so a rule is used even if some of it is missing.

use super::yaml::{Fields, Node};
use crate::problem::{Problems, code};
use crate::rule::{CounterExample, Example};

pub(crate) fn examples(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<Example> {
    let line = fields.line;
    let Some(list) = fields.take("examples").filter(|node| !node.is_empty()) else {
        problems.report(
            code::NO_EXAMPLE,
            line,
            "no example: each rule shows at least one text that it fires on",
        );
        return Vec::new();
    };
    let mut examples = Vec::new();
    for node in list.list("`examples`", problems) {
        let mut fields = node.fields("an example", problems);
        let text = fields.need_text("text", problems).map(str::to_owned);
        let quotes = fields.take_text("quotes");
        fields.finish(problems);
        examples.extend(text.map(|text| Example { text, quotes, line: node.line }));
    }
    examples
}

pub(crate) fn counter_examples(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Vec<CounterExample> {
    let line = fields.line;
    let Some(list) = fields.take("counter_examples").filter(|node| !node.is_empty()) else {
        problems.report(
            code::NO_COUNTER_EXAMPLE,
            line,
            "no counter-example: each rule shows at least one like text that it stays silent on",
        );
        return Vec::new();
    };
    let mut examples = Vec::new();
    for node in list.list("`counter_examples`", problems) {
        let mut fields = node.fields("a counter-example", problems);
        let text = fields.need_text("text", problems).map(str::to_owned);
        let because = fields.take_text("because");
        if because.is_none() {
            problems.report(code::NO_BECAUSE, node.line, "counter-example without `because`");
        }
        let known_false_hit = fields.flag_or("known_false_hit", false, problems);
        fields.finish(problems);
        let because = because.unwrap_or_default();
        let line = node.line;
        examples.extend(text.map(|text| CounterExample { text, because, known_false_hit, line }));
    }
    examples
}

pub(crate) fn explanation(fields: &mut Fields<'_>, key: &str, problems: &mut Problems) -> String {
    let line = fields.line;
    let node = fields.take(key);
    let text = node.and_then(Node::text).map(str::trim).unwrap_or_default();
    if text.is_empty() {
        problems.report(
            code::UNEXPLAINED,
            node.map_or(line, |node| node.line),
            format!("`{key}` is missing"),
        );
    }
    text.to_owned()
}

pub(crate) fn triage(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<String> {
    let line = fields.line;
    let node = fields.take("triage").filter(|node| !node.is_empty());
    let Some(node) = node else {
        problems.report(
            code::UNEXPLAINED,
            line,
            "`triage` is missing: which questions should the reviewer ask?",
        );
        return Vec::new();
    };
    if let Some(question) = node.text() {
        return vec![question.to_owned()];
    }
    let mut questions = Vec::new();
    for question in node.list("`triage`", problems) {
        match question.text() {
            Some(text) => questions.push(text.to_owned()),
            None => problems.report(code::KEYS, question.line, "a triage question must be a text"),
        }
    }
    questions
}
