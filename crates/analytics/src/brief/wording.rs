//! Wording that many hands used, out of the quotes of findings.

use std::collections::{BTreeMap, BTreeSet};

use super::{BriefOptions, WORDS, Wording};
use crate::AnalyticsError;
use crate::archive::{APART, Archive, Column, Part};
use crate::hands::Hands;

/// Longest wording, in letters.
const LONGEST: usize = 80;
/// Most different wordings that are followed in a week.
const MOST: usize = 200_000;

const COLUMNS: [Column; 9] = [
    Column::Week,
    Column::Flagged,
    Column::Edited,
    Column::Language,
    Column::Posting,
    Column::Author,
    Column::Employer,
    Column::Contacts,
    Column::Quotes,
];

#[derive(Default)]
struct Used {
    hands: Hands,
    texts: u64,
}

/// Wording of the week's findings that at least `k` hands used, by language, the commonest first.
pub(super) fn wording(
    archive: &Archive,
    options: &BriefOptions,
) -> Result<Vec<Wording>, AnalyticsError> {
    let mut used: BTreeMap<(String, String), Used> = BTreeMap::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    let since = options.week.begin() - jiff::SignedDuration::from_hours(24);
    for file in archive.files_since(Some(since))? {
        let part = Part::read(&file, &COLUMNS)?;
        let weeks = part.weeks()?;
        let (flagged, edited) = (part.truths(Column::Flagged)?, part.truths(Column::Edited)?);
        let (languages, postings) = (part.words(Column::Language)?, part.words(Column::Posting)?);
        let (authors, employers) = (part.words(Column::Author)?, part.words(Column::Employer)?);
        let (contacts, quotes) = (part.lists(Column::Contacts)?, part.lists(Column::Quotes)?);
        for row in 0..part.height() {
            if weeks[row] != options.week.days() || !flagged[row] || edited[row] {
                continue;
            }
            names.extend(
                [authors.stated(row), employers.stated(row)]
                    .into_iter()
                    .flatten()
                    .flat_map(parts_of_name),
            );
            let said: BTreeSet<String> = quotes
                .get(row)
                .map(plain)
                .filter(|words| is_impersonal(words) && is_telling(words))
                .collect();
            for words in said {
                let key = (languages.get(row).to_owned(), words);
                if used.len() >= MOST && !used.contains_key(&key) {
                    continue;
                }
                let used = used.entry(key).or_default();
                used.texts += 1;
                used.hands.add(authors.stated(row), contacts.get(row).next(), postings.get(row));
            }
        }
    }
    let enough = used.into_iter().filter(|((_, words), used)| {
        used.hands.count() as u64 >= options.shown_from
            && used.texts >= options.shown_from
            && !words.split(|c: char| !c.is_alphanumeric()).any(|word| names.contains(word))
    });
    let mut wording: Vec<Wording> = enough
        .map(|((language, words), used)| Wording { language, words, texts: used.texts })
        .collect();
    wording.sort_by(|a, b| {
        (&a.language, std::cmp::Reverse(a.texts), &a.words).cmp(&(
            &b.language,
            std::cmp::Reverse(b.texts),
            &b.words,
        ))
    });
    Ok(few_a_language(wording))
}

/// The first few of each language; wording whose words a commoner one has, or that only adds to it, is
/// left out.
fn few_a_language(wording: Vec<Wording>) -> Vec<Wording> {
    let mut kept: Vec<Wording> = Vec::new();
    for next in wording {
        let same: Vec<&Wording> =
            kept.iter().filter(|other| other.language == next.language).collect();
        let words = words_of(&next.words);
        let told = same.iter().any(|other| {
            let other = words_of(&other.words);
            words.is_subset(&other) || other.is_subset(&words)
        });
        if same.len() < WORDS && !told {
            kept.push(next);
        }
    }
    kept
}

fn words_of(wording: &str) -> BTreeSet<&str> {
    wording.split(' ').filter(|word| *word != APART.trim()).collect()
}

/// One word alone warns of nothing: "needed", "kept".
fn is_telling(words: &str) -> bool {
    words_of(words).len() >= 2
}

/// Lower case, blanks made one.
fn plain(quote: &str) -> String {
    let words: Vec<String> = quote.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// The words of a name or handle that could give its bearer away.
fn parts_of_name(name: &str) -> impl Iterator<Item = String> {
    let parts = name.split(|c: char| !c.is_alphanumeric());
    parts.filter(|part| part.chars().count() >= 3).map(str::to_lowercase)
}

/// Whether words can be nobody's contact: no long number, no sign that contacts are written with.
pub(crate) fn is_impersonal(words: &str) -> bool {
    let digits = words.chars().filter(char::is_ascii_digit).count();
    let marked = words.contains(['@', '+', '/', '_', '\\', '#', '<', '>']);
    let letters = words.chars().count();
    digits < 4 && !marked && !words.contains("www") && (2..=LONGEST).contains(&letters)
}
