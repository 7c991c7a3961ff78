//! The brief's own words in four languages, and what things are called in them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::Language;

use crate::lexicon::route_ends;

const NAMES: &str = include_str!("../../words/names.tsv");
const SENTENCES: &str = include_str!("../../words/brief.tsv");

/// The languages that a brief is written in.
pub const BRIEF_LANGUAGES: [Language; 4] = [Language::Uk, Language::Ro, Language::Ru, Language::En];

const COUNTRY: &str = "country";
/// Named by its two countries.
const ROUTE: &str = "route";

type Table = BTreeMap<(&'static str, &'static str), [&'static str; 4]>;

static NAME_TABLE: LazyLock<Table> = LazyLock::new(|| table(NAMES));
static SENTENCE_TABLE: LazyLock<Table> = LazyLock::new(|| table(SENTENCES));

fn table(text: &'static str) -> Table {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, id, uk, ro, ru, en] = fields[..] else { return None };
        Some(((kind, id), [uk, ro, ru, en]))
    });
    rows.collect()
}

fn place(language: Language) -> usize {
    BRIEF_LANGUAGES.iter().position(|of| *of == language).unwrap_or(3)
}

/// What a value of a dimension is called, such as `country` and `TR`; the value itself if it has no
/// name.
pub fn name<'a>(kind: &str, id: &'a str, language: Language) -> Cow<'a, str> {
    if kind == ROUTE
        && let Some((from, to)) = route_ends(id)
    {
        let end = |end: Option<&'a str>| {
            end.map_or(Cow::Borrowed("?"), |country| name(COUNTRY, country, language))
        };
        return Cow::Owned(format!("{} → {}", end(from), end(to)));
    }
    let row = NAME_TABLE.iter().find(|((of, value), _)| *of == kind && *value == id);
    Cow::Borrowed(row.map_or(id, |(_, names)| names[place(language)]))
}

/// Whether a value has a name: only such values stand in a brief.
pub(crate) fn has_name(kind: &str, id: &str) -> bool {
    if kind == ROUTE {
        let named = |end: Option<&str>| end.is_none_or(|country| has_name(COUNTRY, country));
        return route_ends(id).is_some_and(|(from, to)| named(from) && named(to));
    }
    NAME_TABLE.keys().any(|(of, value)| *of == kind && *value == id)
}

/// A sentence of the brief, with `{name}` replaced by what is given.
pub(crate) fn say(id: &str, language: Language, given: &[(&str, &str)]) -> String {
    let row = SENTENCE_TABLE.get(&("text", id));
    let mut text = row.map_or(id, |sentences| sentences[place(language)]).to_owned();
    for (key, value) in given {
        text = text.replace(&format!("{{{key}}}"), value);
    }
    text
}

/// A number as it is written in this language, with one digit behind the comma or point.
pub(crate) fn decimal(number: f64, language: Language) -> String {
    let text = format!("{number:.1}");
    if language == Language::En { text } else { text.replace('.', ",") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::tests::ids;

    #[test]
    fn every_line_has_its_four_languages() {
        for text in [NAMES, SENTENCES] {
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let fields: Vec<&str> = line.split('\t').collect();
                assert_eq!(fields.len(), 6, "{line}");
                assert!(fields.iter().all(|field| !field.trim().is_empty()), "{line}");
            }
        }
    }

    #[test]
    fn sentences_name_the_same_things_in_all_languages() {
        for ((_, id), sentences) in SENTENCE_TABLE.iter() {
            let names = |text: &str| {
                let mut names: Vec<String> = text
                    .split('{')
                    .skip(1)
                    .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
                    .collect();
                names.sort();
                names
            };
            for sentence in sentences {
                assert_eq!(names(sentence), names(sentences[3]), "{id}: {sentence}");
            }
        }
    }

    #[test]
    fn a_route_is_named_by_its_two_countries() {
        for (route, expected) in [
            ("UA -> DE", "Україна → Німеччина"),
            ("? -> DE", "? → Німеччина"),
            ("UA -> ?", "Україна → ?"),
        ] {
            assert!(has_name("route", route), "{route}");
            assert_eq!(name("route", route, Language::Uk), expected);
        }
        for unknown in ["XX -> DE", "UA", "call +380 -> DE"] {
            assert!(!has_name("route", unknown), "{unknown}");
        }
    }

    #[test]
    fn every_sign_sector_and_country_has_a_name() {
        let rules = rules::RuleSet::builtin().unwrap();
        for indicator in rules.indicators() {
            assert!(has_name("indicator", indicator.id.as_str()), "{}", indicator.id);
        }
        assert!(ids("sector").all(|id| has_name("sector", id)));
        assert!(ids("country").all(|id| has_name("country", id)));
        let gazetteer = include_str!("../../../text/src/places/gazetteer.txt");
        for line in gazetteer.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.split(' ').nth(1).is_some_and(|code| has_name(COUNTRY, code)), "{line}");
        }
        assert!(crate::counts::TARGET_GROUPS.iter().all(|id| has_name("target-group", id)));
    }
}
