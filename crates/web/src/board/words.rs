//! Which leads have which words. Stems as keys; a query's word finds all that begin like it.

use std::collections::BTreeMap;

use domain::ContactKind;
use store::StoredPosting;

/// A word that begins like this many is too short to tell anything.
const MOST_WORDS: usize = 2000;

#[derive(Default)]
pub(crate) struct WordIndex {
    leads: BTreeMap<Box<str>, Vec<u32>>,
}

/// A set of rows.
pub(crate) struct Hits(Vec<u64>);

impl Hits {
    fn none(rows: usize) -> Self {
        Self(vec![0; rows.div_ceil(64)])
    }

    pub(crate) fn contains(&self, row: u32) -> bool {
        self.0.get(row as usize / 64).is_some_and(|bits| bits & (1 << (row % 64)) != 0)
    }

    fn insert(&mut self, row: u32) {
        if let Some(bits) = self.0.get_mut(row as usize / 64) {
            *bits |= 1 << (row % 64);
        }
    }

    fn retain(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(bits, others)| *bits &= others);
    }
}

impl WordIndex {
    /// Adds the words of a lead's postings, their authors and contacts. What a posting said before
    /// it was edited stays findable.
    pub(crate) fn add(&mut self, row: u32, postings: &[StoredPosting]) {
        for stored in postings {
            let posting = &stored.posting;
            let texts = [
                Some(&posting.text),
                posting.title.as_ref(),
                posting.author.as_ref(),
                posting.employer.as_ref(),
            ];
            for text in texts.into_iter().flatten().chain(&posting.places) {
                pipeline::search_words(text).iter().for_each(|word| self.put(word, row));
            }
            for contact in &posting.contacts {
                match contact.kind {
                    // By its whole number, and as people dial it at home.
                    ContactKind::Phone => {
                        let digits: String =
                            contact.value.chars().filter(char::is_ascii_digit).collect();
                        self.put(&digits, row);
                        let home = digits.len().saturating_sub(9);
                        digits.get(home..).into_iter().for_each(|tail| self.put(tail, row));
                    }
                    _ => pipeline::search_words(&contact.value)
                        .iter()
                        .for_each(|word| self.put(word, row)),
                }
            }
        }
    }

    fn put(&mut self, word: &str, row: u32) {
        match self.leads.get_mut(word) {
            Some(rows) if rows.last() == Some(&row) => {}
            // Rows come in order, save those that are refreshed later.
            Some(rows) => {
                if let Err(place) = rows.binary_search(&row) {
                    rows.insert(place, row);
                }
            }
            None => {
                self.leads.insert(word.into(), vec![row]);
            }
        }
    }

    /// The rows that have all words of the query.
    pub(crate) fn hits(&self, query: &str, rows: usize) -> Hits {
        if let Some(digits) = pipeline::search_digits(query) {
            let full = self.beginning_with(&digits, rows);
            // As dialled at home, without the 0 that goes before.
            let home = self.beginning_with(digits.trim_start_matches('0'), rows);
            let both = full.0.iter().zip(&home.0).map(|(a, b)| a | b);
            return Hits(both.collect());
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

    fn beginning_with(&self, start: &str, rows: usize) -> Hits {
        let mut hits = Hits::none(rows);
        let words = self
            .leads
            .range::<str, _>((std::ops::Bound::Included(start), std::ops::Bound::Unbounded));
        for (_, leads) in words.take_while(|(word, _)| word.starts_with(start)).take(MOST_WORDS) {
            leads.iter().for_each(|row| hits.insert(*row));
        }
        hits
    }
}
