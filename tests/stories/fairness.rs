//! Who somebody is changes no score: the labelled postings are read again with other nations,
//! another gender, another religion and other places in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::desk::{fusion_fed, labelled_postings, repository};

/// Words that are swapped for each other, by language and kind.
struct Swaps(BTreeMap<(String, String), BTreeMap<String, String>>);

impl Swaps {
    fn read() -> Self {
        let mut swaps: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for [language, kind, word, other] in rows("swaps.csv") {
            let of_kind = swaps.entry((language, kind)).or_default();
            of_kind.entry(word.clone()).or_insert_with(|| other.clone());
            of_kind.entry(other).or_insert(word);
        }
        Self(swaps)
    }

    /// The text with all words of a kind swapped, if there are any.
    fn swapped(&self, language: &str, kind: &str, text: &str) -> Option<String> {
        let pairs = self.0.get(&(language.to_owned(), kind.to_owned()))?;
        let mut changed = false;
        let mut swapped = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let is_letter = |c: char| c.is_alphabetic() || matches!(c, '\'' | '’' | 'ʼ');
            let end = rest.find(|c| !is_letter(c)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            match pairs.get(&word.to_lowercase()) {
                Some(other) => {
                    changed = true;
                    swapped += &like(word, other);
                }
                None => swapped += word,
            }
            let next = behind.chars().next().map_or(0, char::len_utf8);
            swapped += &behind[..next];
            rest = &behind[next..];
        }
        changed.then_some(swapped)
    }
}

/// The other word in the case of this one.
fn like(word: &str, other: &str) -> String {
    let is_upper = |text: &str| text.chars().all(|c| !c.is_lowercase());
    if is_upper(word) && word.chars().count() > 1 {
        return other.to_uppercase();
    }
    let mut letters = other.chars();
    match letters.next() {
        Some(first) if word.starts_with(char::is_uppercase) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => other.to_owned(),
    }
}

fn rows<const N: usize>(file: &str) -> Vec<[String; N]> {
    let path = repository().join("fixtures/fairness").join(file);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.deserialize::<Vec<String>>();
    rows.map(|row| row.unwrap().try_into().unwrap()).collect()
}

fn assess(postings: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = postings.iter().map(Value::to_string).collect();
    fusion_fed(&["assess"], lines.join("\n").as_bytes()).ended(0).lines()
}

/// The signs found, with the rules that found them.
fn findings(assessment: &Value) -> BTreeSet<(String, String)> {
    let both = ["findings", "mitigations"];
    let all = both.iter().flat_map(|list| assessment[list].as_array().unwrap());
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    all.map(|finding| (word(finding, "indicator"), word(finding, "rule"))).collect()
}

#[test]
fn swapping_who_and_where_changes_no_score_save_where_the_sign_says_so() {
    let allowed: BTreeSet<(String, String)> =
        rows("allowed.csv").into_iter().map(|[kind, sign, _because]| (kind, sign)).collect();
    let swaps = Swaps::read();
    let mut pairs = Vec::new();
    for posting in labelled_postings() {
        for kind in ["nationality", "gender", "religion", "place"] {
            let language = posting["lang"].as_str().unwrap();
            let of = |field: &str| {
                let text = posting[field].as_str().unwrap_or_default();
                swaps.swapped(language, kind, text)
            };
            let (title, text) = (of("title"), of("text"));
            if title.is_none() && text.is_none() {
                continue;
            }
            let mut other = posting.clone();
            for (field, swapped) in [("title", title), ("text", text)] {
                if let Some(swapped) = swapped {
                    other[field] = json!(swapped);
                }
            }
            pairs.push((kind, posting.clone(), other));
        }
    }
    assert!(pairs.len() > 300, "only {} postings could be swapped", pairs.len());
    let both: Vec<Value> =
        pairs.iter().flat_map(|(_, posting, other)| [posting.clone(), other.clone()]).collect();
    let assessed = assess(&both);

    // What is wrong today and known: a slot that names one of two, mostly. New postings may add to the
    // list, new rules must not.
    let known: BTreeSet<String> = rows("known.csv")
        .into_iter()
        .map(|[kind, sign, rule, posting, _because]| format!("{kind},{sign},{rule},{posting}"))
        .collect();
    let mut unfair = BTreeSet::new();
    let mut used = BTreeSet::new();
    let mut moved = 0;
    for ((kind, posting, _), scores) in pairs.iter().zip(assessed.chunks(2)) {
        if scores[0]["score"] == scores[1]["score"] {
            continue;
        }
        moved += 1;
        let (before, after) = (findings(&scores[0]), findings(&scores[1]));
        for (sign, rule) in before.symmetric_difference(&after) {
            let pair = (kind.to_string(), sign.clone());
            if allowed.contains(&pair) {
                used.insert(pair);
            } else {
                let id = posting["id"].as_str().unwrap();
                unfair.insert(format!("{kind},{sign},{rule},{id}"));
            }
        }
    }
    eprintln!(
        "{} pairs, {moved} scores differ, {} of them against the rule",
        pairs.len(),
        unfair.len()
    );
    let new: Vec<&String> = unfair.difference(&known).collect();
    assert!(new.is_empty(), "{} new differences: {new:#?}", new.len());
    let mended: Vec<&String> = known.difference(&unfair).collect();
    assert!(mended.is_empty(), "no longer so, take them off the list: {mended:#?}");
    let unused: Vec<_> = allowed.difference(&used).collect();
    assert!(unused.is_empty(), "allowed, but never needed: {unused:?}");
}

#[test]
fn words_are_swapped_whole_and_in_their_case() {
    let swaps = Swaps::read();
    let swapped = |kind, text| swaps.swapped("uk", kind, text);
    assert_eq!(
        swapped("gender", "Дівчата, ЖІНКИ, дівчинка!").as_deref(),
        Some("Хлопці, ЧОЛОВІКИ, дівчинка!")
    );
    assert_eq!(swapped("place", "Робота"), None);
}
