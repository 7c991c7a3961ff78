//! A rule file: `<language>/<topic>.yaml`.

use domain::{IndicatorId, Language, RuleId};

use super::indicator::Signs;
use super::words::{self, WordLists};
use super::yaml::{Fields, Node, shortened};
use super::{condition, showcase};
use crate::folding::Folding;
use crate::lint;
use crate::problem::{Problems, code};
use crate::rule::{Condition, Rule, Sign, Silences, Status};

/// What a rule file holds.
#[derive(Debug, Default)]
pub(crate) struct RuleFile {
    /// Word lists for this file alone.
    pub(crate) lists: WordLists,
    /// The rules that can be used.
    pub(crate) rules: Vec<Rule>,
    /// The others, as far as there is more to be said about them.
    pub(crate) faulty: Vec<FaultyRule>,
}

/// What is left of a rule whose meaning is in doubt: enough to find its other faults.
#[derive(Debug)]
pub(crate) struct FaultyRule {
    /// As it stands there.
    pub(crate) id: String,
    pub(crate) line: usize,
    pub(crate) condition: Condition,
}

/// Where a rule file stands, which its contents must agree with.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    /// `uk/documents.yaml`
    pub(crate) path: &'p str,
    /// `uk` or `any`
    pub(crate) folder: &'p str,
    /// `documents`
    pub(crate) topic: &'p str,
}

pub(crate) fn read(
    root: &Node,
    place: Place<'_>,
    signs: &Signs,
    folding: &mut Folding,
    problems: &mut Problems,
) -> RuleFile {
    let mut file = RuleFile::default();
    let mut fields = root.fields("a rule file", problems);
    for (key, expected, as_what) in
        [("topic", place.topic, "file"), ("language", place.folder, "folder")]
    {
        if let Some(node) = fields.need(key, problems)
            && node.text() != Some(expected)
        {
            let message = format!("`{key}` must be `{expected}`, as the {as_what} is named");
            problems.report(code::ID, node.line, message);
        }
    }
    if let Some(node) = fields.take("lists").filter(|node| !node.is_empty()) {
        file.lists = words::read_lists(node, folding, problems);
    }
    if let Some(node) = fields.need("rules", problems) {
        for rule in node.list("`rules`", problems) {
            match read_rule(rule, place, signs, folding, problems) {
                Ok(rule) => file.rules.push(rule),
                Err(faulty) => file.faulty.push(*faulty),
            }
            problems.enter_rule(None);
        }
    }
    fields.finish(problems);
    file
}

/// Reads one rule. Lints that only concern readers (a missing example, a missing reason) are noted
/// and the rule is used; a rule whose meaning is in doubt is left out.
fn read_rule(
    node: &Node,
    place: Place<'_>,
    signs: &Signs,
    folding: &mut Folding,
    problems: &mut Problems,
) -> Result<Rule, Box<FaultyRule>> {
    let written_id = rule_id_text(node);
    problems.enter_rule(written_id);
    let mut fields = node.fields("a rule", problems);
    let id = id(&mut fields, place, problems);
    let name = fields.need_text("name", problems).unwrap_or_default().to_owned();
    let sign = sign(&mut fields, signs, problems);
    if let Some(word) = lint::accusing_word(&name, folding)
        && !sign.as_ref().is_some_and(Sign::is_mitigation)
    {
        let message = format!("the name accuses (`{word}`); describe the words instead");
        problems.report(code::NAME_ACCUSES, node.line, message);
    }
    let status = fields.need_one_of("status", &Status::WORDS, problems);
    let version = version(&mut fields, problems);
    let weight = weight(&mut fields, problems);
    let retired_because = fields.take_text("retired_because");
    if status == Some(Status::Retired) && retired_because.is_none() {
        let message = "retired without `retired_because`";
        problems.report(code::RETIRED_WITHOUT_REASON, node.line, message);
    }
    let why = showcase::explanation(&mut fields, "why", problems);
    let known_gaps = showcase::explanation(&mut fields, "known_gaps", problems);
    let triage = showcase::triage(&mut fields, problems);
    let examples = showcase::examples(&mut fields, problems);
    let counter_examples = showcase::counter_examples(&mut fields, problems);
    // From here on every problem puts the meaning in doubt: a misspelt `negatable` as much as a
    // phrase that does not parse.
    let without_doubt = problems.count();
    let negatable = fields.flag_or("negatable", true, problems);
    let silences = silences(&mut fields, sign.as_ref(), problems);
    let condition = fields.need("match", problems);
    let condition = condition.map(|node| condition::read(node, signs, folding, problems));
    fields.finish(problems);
    let is_sound = problems.count() == without_doubt;
    let (id, sign, status, version, weight) = match (id, sign, status, version, weight) {
        (Some(id), Some(sign), Some(status), Some(version), Some(weight)) if is_sound => {
            (id, sign, status, version, weight)
        }
        _ => {
            let id = written_id.unwrap_or_default().to_owned();
            let condition = condition.unwrap_or_default();
            return Err(Box::new(FaultyRule { id, line: node.line, condition }));
        }
    };
    Ok(Rule {
        id,
        name,
        language: Language::from_code(place.folder),
        topic: place.topic.to_owned(),
        sign,
        status,
        version,
        weight,
        negatable,
        silences,
        why,
        known_gaps,
        triage,
        examples,
        counter_examples,
        retired_because,
        file: place.path.to_owned(),
        line: node.line,
        condition: condition.unwrap_or_default(),
    })
}

/// The id as it stands there, right or wrong, to tell the rule's problems apart.
fn rule_id_text(node: &Node) -> Option<&str> {
    let super::yaml::Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|(key, _)| key.text() == Some("id")).and_then(|(_, value)| value.text())
}

fn id(fields: &mut Fields<'_>, place: Place<'_>, problems: &mut Problems) -> Option<RuleId> {
    let node = fields.need("id", problems)?;
    let text = node.text().unwrap_or_default();
    let expected = format!("{}.{}.<name>", place.folder, place.topic);
    let parts: Vec<&str> = text.split('.').collect();
    let is_plain = |part: &&str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let fits = matches!(parts.as_slice(), [language, topic, name]
        if *language == place.folder && *topic == place.topic && is_plain(name));
    if !fits {
        let message = format!(
            "id `{}` must be `{expected}` as folder and file are named, the name of a-z 0-9 -",
            shortened(text)
        );
        problems.report(code::ID, node.line, message);
        return None;
    }
    RuleId::new(text).map_err(|error| problems.report(code::ID, node.line, error.to_string())).ok()
}

fn sign(fields: &mut Fields<'_>, signs: &Signs, problems: &mut Problems) -> Option<Sign> {
    let line = fields.line;
    let (node, is_mitigation) = match (fields.take("indicator"), fields.take("mitigation")) {
        (Some(indicator), None) => (indicator, false),
        (None, Some(mitigation)) => (mitigation, true),
        (None, None) => {
            problems.report(code::KEYS, line, "a rule lacks the key `indicator` (or `mitigation`)");
            return None;
        }
        (Some(_), Some(mitigation)) => {
            let message = "a rule has either `indicator` or `mitigation`, not both";
            problems.report(code::KEYS, mitigation.line, message);
            return None;
        }
    };
    let text = node.text().unwrap_or_default();
    let (known, what) = if is_mitigation {
        (signs.mitigation(text).is_some(), "mitigation")
    } else {
        (signs.indicator(text).is_some(), "indicator")
    };
    if !known {
        let message = format!("no {what} `{}` in indicators.yaml", shortened(text));
        problems.report(code::UNKNOWN_SIGN, node.line, message);
        return None;
    }
    let id = IndicatorId::new(text).ok()?;
    Some(if is_mitigation { Sign::Mitigation(id) } else { Sign::Indicator(id) })
}

fn silences(fields: &mut Fields<'_>, sign: Option<&Sign>, problems: &mut Problems) -> Silences {
    let mut silences = Silences::default();
    let Some(node) = fields.take("silences") else { return silences };
    if sign.is_some_and(|sign| !sign.is_mitigation()) {
        problems.report(code::KEYS, node.line, "only a rule with a `mitigation` silences others");
    }
    for node in node.list("`silences`", problems) {
        match node.text() {
            Some("sentence") => silences.sentence = true,
            Some("quotations") => silences.quotations = true,
            _ => problems.report(code::KEYS, node.line, "silenced are: sentence, quotations"),
        }
    }
    silences
}

fn version(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<u32> {
    let node = fields.need("version", problems)?;
    let version = node.text().and_then(|text| text.parse().ok()).filter(|version| *version > 0);
    if version.is_none() {
        problems.report(code::KEYS, node.line, "`version` must be a whole number from 1");
    }
    version
}

fn weight(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<f64> {
    let Some(node) = fields.take("weight") else { return Some(1.0) };
    let weight = node.number().filter(|weight| *weight >= 0.01 && *weight <= 1.0);
    if weight.is_none() {
        problems.report(code::KEYS, node.line, "`weight` must be a number from 0.01 to 1");
    }
    weight
}
