//! `indicators.yaml`.

use std::collections::BTreeSet;

use domain::IndicatorId;
use serde::{Deserialize, Serialize};

use super::yaml::{Fields, Node, shortened};
use crate::indicator::{Dimension, Indicator, Mitigation, Strength};
use crate::problem::{Problems, code};

pub(crate) const FILE: &str = "indicators.yaml";

/// All signs that rules may point to, in the order of the file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Signs {
    pub(crate) indicators: Vec<Indicator>,
    pub(crate) mitigations: Vec<Mitigation>,
}

impl Signs {
    pub(crate) fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.id.as_str() == id)
    }

    /// The place of an indicator among all.
    pub(crate) fn place(&self, id: &str) -> Option<u16> {
        let place = self.indicators.iter().position(|indicator| indicator.id.as_str() == id)?;
        u16::try_from(place).ok()
    }

    pub(crate) fn mitigation(&self, id: &str) -> Option<&Mitigation> {
        self.mitigations.iter().find(|mitigation| mitigation.id.as_str() == id)
    }
}

pub(crate) fn read(root: &Node, problems: &mut Problems) -> Signs {
    let mut signs = Signs::default();
    let mut seen = BTreeSet::new();
    let mut fields = root.fields("indicators.yaml", problems);
    if let Some(list) = fields.need("indicators", problems) {
        for node in list.list("`indicators`", problems) {
            signs.indicators.extend(indicator(node, &mut seen, problems));
        }
    }
    if let Some(list) = fields.need("mitigations", problems) {
        for node in list.list("`mitigations`", problems) {
            signs.mitigations.extend(mitigation(node, &mut seen, problems));
        }
    }
    fields.finish(problems);
    signs
}

fn indicator(
    node: &Node,
    seen: &mut BTreeSet<IndicatorId>,
    problems: &mut Problems,
) -> Option<Indicator> {
    let mut fields = node.fields("an indicator", problems);
    let id = id(&mut fields, seen, problems);
    let title = fields.need_text("title", problems);
    let dimension = fields.need_one_of("dimension", &Dimension::WORDS, problems);
    let strength = fields.need_one_of("strength", &Strength::WORDS, problems);
    let source = fields.need_text("source", problems);
    let definition = fields.need_text("definition", problems);
    let why = fields.need_text("why", problems);
    let names_who = fields.flag_or("names_who", false, problems);
    fields.finish(problems);
    Some(Indicator {
        id: id?,
        title: title.unwrap_or_default().to_owned(),
        dimension: dimension?,
        strength: strength?,
        source: source.unwrap_or_default().to_owned(),
        definition: definition.unwrap_or_default().to_owned(),
        why: why.unwrap_or_default().to_owned(),
        names_who,
    })
}

fn mitigation(
    node: &Node,
    seen: &mut BTreeSet<IndicatorId>,
    problems: &mut Problems,
) -> Option<Mitigation> {
    let mut fields = node.fields("a mitigation", problems);
    let id = id(&mut fields, seen, problems);
    let title = fields.need_text("title", problems).unwrap_or_default().to_owned();
    let why = fields.need_text("why", problems).unwrap_or_default().to_owned();
    fields.finish(problems);
    Some(Mitigation { id: id?, title, why })
}

fn id(
    fields: &mut Fields<'_>,
    seen: &mut BTreeSet<IndicatorId>,
    problems: &mut Problems,
) -> Option<IndicatorId> {
    let line = fields.line;
    let text = fields.need_text("id", problems)?;
    let id = match IndicatorId::new(text) {
        Ok(id) => id,
        Err(error) => {
            problems.report(code::ID, line, error.to_string());
            return None;
        }
    };
    if !seen.insert(id.clone()) {
        problems.report(code::REPEATED_ID, line, format!("`{}` stands twice", shortened(text)));
        return None;
    }
    Some(id)
}
