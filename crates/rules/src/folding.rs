//! Folds the words of rules exactly as the words of texts are folded, by the same code.

use rustc_hash::FxHashMap;

/// A scratch place for folding many short words. What was folded before is remembered: a pack writes
/// the same few thousand words again and again.
#[derive(Default)]
pub(crate) struct Folding {
    folded: text::Folded,
    words: FxHashMap<String, Vec<String>>,
    stems: FxHashMap<String, Vec<String>>,
}

impl Folding {
    /// The words that this piece of a phrase is made of, folded.
    pub(crate) fn words(&mut self, written: &str) -> Vec<String> {
        if let Some(known) = self.words.get(written) {
            return known.clone();
        }
        let words = self.folded_words(written);
        self.words.insert(written.to_owned(), words.clone());
        words
    }

    fn folded_words(&mut self, written: &str) -> Vec<String> {
        self.folded.refold(written);
        self.folded.tokens().iter().map(|token| self.folded.word(token).to_owned()).collect()
    }

    /// The same for the beginning of a word. It is folded with a letter behind it, so that an
    /// apostrophe or doubled letter at its end is treated as inside a word, as it will be in texts.
    pub(crate) fn stem(&mut self, written: &str) -> Vec<String> {
        if let Some(known) = self.stems.get(written) {
            return known.clone();
        }
        let words = self.folded_stem(written);
        self.stems.insert(written.to_owned(), words.clone());
        words
    }

    fn folded_stem(&mut self, written: &str) -> Vec<String> {
        let last = written.chars().last().unwrap_or(' ').to_lowercase().next().unwrap_or(' ');
        let is_cyrillic = written.chars().any(|c| ('\u{400}'..='\u{4ff}').contains(&c));
        let probe = match (is_cyrillic, last) {
            (true, 'а') => 'у',
            (true, _) => 'а',
            (false, 'a') => 'u',
            (false, _) => 'a',
        };
        let mut words = self.folded_words(&format!("{written}{probe}"));
        match words.last_mut().map(|word| (word.pop(), word.is_empty())) {
            Some((Some(end), false)) if end == probe => words,
            _ => self.folded_words(written),
        }
    }
}
