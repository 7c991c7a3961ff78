//! Which leads have which words. Stems as keys; a query's word finds all that begin like it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use domain::{Contact, ContactKind};
use store::StoredPosting;

use super::hits::Hits;

/// A word that begins like this many is too short to tell anything.
const MOST_WORDS: usize = 2000;

#[derive(Default)]
pub(crate) struct WordIndex {
    leads: BTreeMap<Box<str>, Vec<u32>>,
}

/// The words of a lead's postings, their authors and contacts, as they are looked for.
pub(crate) fn words_of(postings: &[StoredPosting]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for stored in postings {
        let posting = &stored.posting;
        let texts = [
            Some(&posting.text),
            posting.title.as_ref(),
            posting.author.as_ref(),
            posting.employer.as_ref(),
        ];
        for text in texts.into_iter().flatten().chain(&posting.places) {
            words.extend(pipeline::search_words(text));
        }
        posting.contacts.iter().for_each(|contact| put_contact(contact, &mut words));
    }
    words
}

fn put_contact(contact: &Contact, words: &mut BTreeSet<String>) {
    words.extend(Contact::marks(&contact.value).iter().map(|mark| key_of(mark)));
    match contact.kind {
        // By its whole number too, beside the form in which people dial it at home.
        ContactKind::Phone => {
            words.insert(contact.value.chars().filter(char::is_ascii_digit).collect());
        }
        _ => words.extend(pipeline::search_words(&contact.value)),
    }
}

/// Numbers stand among the words; other contacts apart from them, where no word of a text lies.
fn key_of(mark: &str) -> String {
    let is_number = mark.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { mark.to_owned() } else { format!("@{mark}") }
}

impl WordIndex {
    /// Adds the words of a row. What a posting said before it was edited stays findable.
    pub(crate) fn add(&mut self, row: u32, words: &BTreeSet<String>) {
        for word in words {
            match self.leads.get_mut(&**word) {
                Some(rows) if rows.last() == Some(&row) => {}
                // Rows come in order, save those that are refreshed later.
                Some(rows) => {
                    if let Err(place) = rows.binary_search(&row) {
                        rows.insert(place, row);
                    }
                }
                None => {
                    self.leads.insert(word.as_str().into(), vec![row]);
                }
            }
        }
    }

    /// All words in order, each with its rows, ascending.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &[u32])> {
        self.leads.iter().map(|(word, rows)| (&**word, &**rows))
    }

    /// Adds a word with its rows, ascending, to those that it has.
    pub(super) fn put(&mut self, word: Box<str>, rows: Vec<u32>) {
        let known = self.leads.entry(word).or_default();
        let later = std::mem::replace(known, rows);
        for row in later {
            if let Err(place) = known.binary_search(&row) {
                known.insert(place, row);
            }
        }
    }

    /// Gives back the memory that lists took while they grew.
    pub(crate) fn shrink(&mut self) {
        self.leads.values_mut().for_each(Vec::shrink_to_fit);
    }

    /// The rows that have all words of the query.
    pub(crate) fn hits(&self, query: &str, rows: usize) -> Hits {
        if let Some(digits) = pipeline::search_digits(query) {
            let mut hits = self.beginning_with(&digits, rows);
            // As dialled at home, without the 0 that goes before.
            hits.extend(&self.beginning_with(digits.trim_start_matches('0'), rows));
            return hits;
        }
        let mut hits: Option<Hits> = None;
        for word in pipeline::search_words(query) {
            let next = self.beginning_with(&word, rows);
            match &mut hits {
                Some(hits) => hits.retain(&next),
                none => *none = Some(next),
            }
        }
        hits.unwrap_or_else(|| Hits::none(rows))
    }

    /// The rows whose postings name this contact.
    pub(crate) fn with_contact(&self, contact: &str, rows: usize) -> Hits {
        let mut hits = Hits::none(rows);
        for mark in Contact::marks(contact) {
            let named = self.leads.get(key_of(&mark).as_str()).into_iter().flatten();
            named.for_each(|row| hits.insert(*row));
        }
        hits
    }

    fn beginning_with(&self, start: &str, rows: usize) -> Hits {
        let mut hits = Hits::none(rows);
        let words = self.leads.range::<str, _>((Bound::Included(start), Bound::Unbounded));
        for (_, leads) in words.take_while(|(word, _)| word.starts_with(start)).take(MOST_WORDS) {
            leads.iter().for_each(|row| hits.insert(*row));
        }
        hits
    }
}
