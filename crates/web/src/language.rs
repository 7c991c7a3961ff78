//! The languages of the interface. Their words are in `messages/`, one file each; a test holds that
//! all have the same keys and that every key in the code is there.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A language that the app can be read in.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English
    #[default]
    En,
    /// Ukrainian
    Uk,
    /// Russian
    Ru,
    /// Romanian
    Ro,
}

type Messages = BTreeMap<String, String>;

static MESSAGES: LazyLock<[Messages; 4]> = LazyLock::new(|| {
    [
        include_str!("messages/en.toml"),
        include_str!("messages/uk.toml"),
        include_str!("messages/ru.toml"),
        include_str!("messages/ro.toml"),
    ]
    .map(|text| toml::from_str(text).expect("the message files are part of the program"))
});

impl Language {
    /// All of them.
    pub const ALL: [Language; 4] = [Self::En, Self::Uk, Self::Ru, Self::Ro];

    /// The ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Uk => "uk",
            Self::Ru => "ru",
            Self::Ro => "ro",
        }
    }

    /// Its name in itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Uk => "Українська",
            Self::Ru => "Русский",
            Self::Ro => "Română",
        }
    }

    /// The language of this code, region and all else cut off: `uk-UA`.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.split(['-', '_', ';']).next()?.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The first language of an `Accept-Language` header that there is.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        header.split(',').take(20).find_map(Self::from_code)
    }

    /// The message of this key. A test holds that every key in the code has one.
    pub(crate) fn t(self, key: &str) -> &'static str {
        self.find(key).unwrap_or("…")
    }

    /// The message of this key, if there is one: for keys made from ids that a desk may add to.
    pub(crate) fn find(self, key: &str) -> Option<&'static str> {
        MESSAGES[self as usize].get(key).map(String::as_str)
    }

    /// The message with `{name}` filled in.
    pub(crate) fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        filled(self.t(key), values)
    }

    /// The message in the form that goes with the number, `{n}` filled in.
    pub(crate) fn count(self, key: &str, number: u64) -> String {
        let form = self.plural(number);
        let text = self.find(&format!("{key}.{form}")).unwrap_or("…");
        filled(text, &[("n", &number.to_string())])
    }

    /// The plural forms of whole numbers (Unicode CLDR).
    #[cfg(test)]
    fn forms(self) -> &'static [&'static str] {
        match self {
            Self::En => &["one", "other"],
            Self::Uk | Self::Ru => &["one", "few", "many"],
            Self::Ro => &["one", "few", "other"],
        }
    }

    fn plural(self, number: u64) -> &'static str {
        let (ten, hundred) = (number % 10, number % 100);
        match self {
            Self::En if number == 1 => "one",
            Self::En => "other",
            Self::Ro if number == 1 => "one",
            Self::Ro if number == 0 || (1..20).contains(&hundred) => "few",
            Self::Ro => "other",
            Self::Uk | Self::Ru if ten == 1 && hundred != 11 => "one",
            Self::Uk | Self::Ru if (2..5).contains(&ten) && !(12..15).contains(&hundred) => "few",
            Self::Uk | Self::Ru => "many",
        }
    }
}

fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut whole = String::with_capacity(text.len() + 16);
    let mut rest = text;
    // In one go, so that a value with braces in it stays as it is.
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            whole.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => whole.push_str(value),
            None => {
                whole.push('{');
                whole.push_str(name);
                whole.push('}');
            }
        }
        rest = behind;
    }
    whole + rest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// A key without its plural form.
    fn stem(key: &str) -> &str {
        let forms = ["one", "few", "many", "other"];
        key.rsplit_once('.').filter(|(_, form)| forms.contains(form)).map_or(key, |(stem, _)| stem)
    }

    #[test]
    fn every_language_has_every_message_and_no_other() {
        let stems = |language: Language| -> BTreeSet<&str> {
            MESSAGES[language as usize].keys().map(|key| stem(key)).collect()
        };
        let english = stems(Language::En);
        for language in Language::ALL {
            let here = stems(language);
            let missing: Vec<_> = english.difference(&here).collect();
            let more: Vec<_> = here.difference(&english).collect();
            assert!(missing.is_empty() && more.is_empty(), "{language:?}: {missing:?} {more:?}");
        }
    }

    #[test]
    fn every_message_has_its_plural_forms_and_its_gaps() {
        for language in Language::ALL {
            for (key, text) in &MESSAGES[language as usize] {
                assert!(!text.trim().is_empty(), "{language:?} {key} is empty");
                let english =
                    MESSAGES[0].get(key).or(MESSAGES[0].get(&format!("{}.other", stem(key))));
                let gaps = |text: &str| {
                    text.split('{')
                        .skip(1)
                        .map(|rest| rest.split('}').next().unwrap_or("").to_owned())
                        .collect::<BTreeSet<_>>()
                };
                assert_eq!(gaps(text), gaps(english.unwrap()), "{language:?} {key}");
                if stem(key) != key {
                    for form in language.forms() {
                        assert!(
                            language.find(&format!("{}.{form}", stem(key))).is_some(),
                            "{language:?} {key}: {form}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn every_key_in_the_code_is_there_and_every_message_is_used() {
        let mut code = String::new();
        read_all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut code);
        let quoted: BTreeSet<&str> = code.split('"').collect();
        let made = [
            "band.",
            "verdict.",
            "status.",
            "role.",
            "sign.",
            "act.",
            "scope.",
            "said.",
            "kind.",
            "key.",
            "reason.",
            "language.",
            "problem.",
        ];
        for key in MESSAGES[0].keys().map(|key| stem(key)) {
            let is_made = made.iter().any(|start| key.starts_with(start));
            assert!(is_made || quoted.contains(key), "no code uses {key}");
        }
        for call in [".t(\"", ".with(\"", ".count(\""] {
            for part in code.split(call).skip(1) {
                let key = part.split('"').next().unwrap();
                let there = MESSAGES[0].contains_key(key)
                    || MESSAGES[0].contains_key(&format!("{key}.other"));
                assert!(there || key.contains('{') || key.is_empty(), "there is no message {key}");
            }
        }
    }

    fn read_all(dir: &Path, code: &mut String) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read_all(&path, code);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                code.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn numbers_take_the_form_that_their_language_asks_for() {
        let forms = |language: Language, numbers: &[u64]| -> Vec<&str> {
            numbers.iter().map(|number| language.plural(*number)).collect()
        };
        let numbers = [0, 1, 2, 5, 11, 12, 21, 22, 25, 101, 111];
        assert_eq!(
            forms(Language::Uk, &numbers),
            ["many", "one", "few", "many", "many", "many", "one", "few", "many", "one", "many"]
        );
        assert_eq!(
            forms(Language::Ro, &numbers),
            ["few", "one", "few", "few", "few", "few", "other", "other", "other", "few", "few"]
        );
        assert_eq!(
            forms(Language::En, &numbers),
            [
                "other", "one", "other", "other", "other", "other", "other", "other", "other",
                "other", "other"
            ]
        );
    }

    #[test]
    fn a_value_with_braces_is_no_gap() {
        assert_eq!(filled("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
        assert_eq!(filled("{c {", &[]), "{c {");
    }
}
