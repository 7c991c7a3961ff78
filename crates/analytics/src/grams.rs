//! Words and runs of words as they are counted: folded, within a sentence, without what a contact is
//! written with.

use std::ops::Range;

use domain::{Field, Region};
use text::{Folded, TokenKind};

/// Longest run of words.
const LONGEST: usize = 3;
/// Most words of a posting that are looked at.
const MOST_WORDS: usize = 2_000;

/// Reads postings word by word, reusing its buffers.
pub(crate) struct Grams {
    folded: Folded,
    /// Words of the present field: place in the folded text, sentence, place in the original.
    words: Vec<Word>,
}

#[derive(Clone, Copy)]
struct Word {
    start: usize,
    end: usize,
    from: usize,
    to: usize,
    run: usize,
}

impl Grams {
    pub(crate) fn new() -> Self {
        Self { folded: Folded::new(""), words: Vec::new() }
    }

    /// Visits every run of one to three words of a text, with its place in the original.
    pub(crate) fn visit(
        &mut self,
        field: Field,
        text: &str,
        region: Option<Region>,
        visit: &mut dyn FnMut(&str, Range<usize>),
    ) {
        let contacts = text::contacts(field, text, region);
        self.folded.refold(text);
        self.words.clear();
        // A run ends with its sentence, at a number and at a contact.
        let (mut run, mut sentence) = (0, u32::MAX);
        for token in self.folded.tokens().iter().take(MOST_WORDS) {
            let (from, to) = (token.from as usize, token.to as usize);
            let in_contact =
                contacts.iter().any(|contact| from < contact.span.end && contact.span.start < to);
            if token.kind != TokenKind::Word || in_contact {
                run += 1;
                continue;
            }
            if token.sentence != sentence {
                (run, sentence) = (run + 1, token.sentence);
            }
            let (start, end) = (token.start as usize, token.end as usize);
            self.words.push(Word { start, end, from, to, run });
        }
        let mut gram = String::new();
        for (at, first) in self.words.iter().enumerate() {
            gram.clear();
            for word in self.words[at..].iter().take(LONGEST) {
                if word.run != first.run {
                    break;
                }
                if !gram.is_empty() {
                    gram.push(' ');
                }
                gram.push_str(self.folded.text().get(word.start..word.end).unwrap_or_default());
                visit(&gram, first.from..word.to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_stay_in_their_sentence_and_leave_contacts_out() {
        let mut grams = Vec::new();
        let text = "Робота добра. Пишіть @olena_work зараз, 500 євро";
        Grams::new().visit(Field::Text, text, None, &mut |gram, range| {
            grams.push((gram.to_owned(), text[range].to_owned()));
        });
        let words: Vec<&str> = grams.iter().map(|(gram, _)| gram.as_str()).collect();
        assert_eq!(words, ["робота", "робота добра", "добра", "пишіть", "зараз", "євро"]);
        assert_eq!(grams[1].1, "Робота добра");
    }
}
