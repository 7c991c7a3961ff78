//! The names of the AT Protocol against the lists that its makers publish.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect_social::{AtAccount, AtUri, Did, Handle, Nsid, RecordKey, Tid, at_datetime};
use domain::Language;
use proptest::prelude::*;

/// A list, the reader of its lines, and whether it takes them.
type List = (&'static str, fn(&str) -> bool, bool);

const LISTS: [List; 20] = [
    ("atidentifier_syntax_valid", |line| AtAccount::parse(line).is_some(), true),
    ("atidentifier_syntax_invalid", |line| AtAccount::parse(line).is_some(), false),
    ("aturi_syntax_valid", |line| AtUri::parse(line).is_some(), true),
    ("aturi_syntax_invalid", |line| AtUri::parse(line).is_some(), false),
    ("datetime_syntax_valid", |line| at_datetime(line).is_some(), true),
    ("datetime_syntax_invalid", |line| at_datetime(line).is_some(), false),
    ("datetime_parse_invalid", |line| at_datetime(line).is_some(), false),
    ("did_syntax_valid", |line| Did::parse(line).is_some(), true),
    ("did_syntax_invalid", |line| Did::parse(line).is_some(), false),
    ("handle_syntax_valid", |line| Handle::parse(line).is_some(), true),
    ("handle_syntax_invalid", |line| Handle::parse(line).is_some(), false),
    ("nsid_syntax_valid", |line| Nsid::parse(line).is_some(), true),
    ("nsid_syntax_invalid", |line| Nsid::parse(line).is_some(), false),
    ("recordkey_syntax_valid", |line| RecordKey::parse(line).is_some(), true),
    ("recordkey_syntax_invalid", |line| RecordKey::parse(line).is_some(), false),
    ("tid_syntax_valid", |line| Tid::parse(line).is_some(), true),
    ("tid_syntax_invalid", |line| Tid::parse(line).is_some(), false),
    // Of languages we take those that we read; no other broken tag may become one of them.
    ("language_syntax_valid", |_| true, true),
    ("language_syntax_invalid", |line| Language::from_code(line).is_some(), false),
    ("language_parse_invalid", |line| Language::from_code(line).is_some(), false),
];

/// Where we differ, by list and line, and why.
const DISAGREEMENTS: [(&str, &str, &str); 5] = [
    ("language_syntax_invalid", "de-419-DE", LANGUAGE_FIRST),
    ("language_parse_invalid", "de-DE-1901-1901", LANGUAGE_FIRST),
    ("language_parse_invalid", "en-rozaj-ROZAJ", LANGUAGE_FIRST),
    ("language_parse_invalid", "en-a-foo-a-bar", LANGUAGE_FIRST),
    ("language_parse_invalid", "en-u-co-phonebk-U-ca-buddhist", LANGUAGE_FIRST),
];
const LANGUAGE_FIRST: &str = "we want the language alone, which stands in front whatever follows";

#[test]
fn every_name_of_the_published_lists_is_taken_or_refused_as_they_say() {
    let Some(data) = saved::reference_data() else { return };
    let folder = data.join("atproto/interop-test-files/syntax");
    assert_eq!(saved::files_under(&folder).len(), LISTS.len(), "a list is not run");
    let (mut lines, mut differ) = (0, Vec::new());
    for (list, takes, expected) in LISTS {
        let text = std::fs::read_to_string(folder.join(list).with_extension("txt")).unwrap();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
            lines += 1;
            let is_known = DISAGREEMENTS.iter().any(|(of, known, _)| *of == list && *known == line);
            if takes(line) == expected || is_known {
                continue;
            }
            differ.push(format!("{list}: {line:?}"));
        }
    }
    println!("{lines} names of {} lists", LISTS.len());
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(lines > 300, "{lines}");
}

#[test]
fn a_record_key_that_is_a_time_tells_it() {
    let time = Tid::parse("3jzfcijpj2z2a").unwrap().time().unwrap();
    assert_eq!(time.to_string(), "2023-06-30T15:03:01.887007Z");
}

proptest! {
    #[test]
    fn any_words_are_taken_or_refused_without_a_panic(words in any::<String>(), time in "[0-9TZ:.+é-]{17,40}") {
        for (_, takes, _) in LISTS {
            takes(&words);
            takes(&time);
        }
    }
}
