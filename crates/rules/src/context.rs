//! Where words stand: in quotation marks, in a question. And what a warning silences: the offer that
//! it quotes, the sentence that it is. A silenced match is shown, as a denied one is, and counts no more.

use domain::Field;

use crate::compiled::{Compiled, Plan};
use crate::matching::Matcher;
use crate::rule::{Inside, Within};
use crate::scan::{Place, Subject};

/// Longest quotation in bytes: whoever forgets to close one does not quote the rest of the text.
const LONGEST_QUOTATION: usize = 4_000;
/// Most places that are looked at for one that stands against a match.
const MAX_LOOKED_AT: usize = 1_000;

/// What the warnings of a text have silenced so far.
#[derive(Debug, Default)]
pub(crate) struct Silenced {
    quotations: bool,
    sentences: Vec<u32>,
}

impl Silenced {
    pub(crate) fn clear(&mut self) {
        self.quotations = false;
        self.sentences.clear();
    }
}

impl Matcher<&Compiled> {
    /// Notes down what a rule that matched here silences. What is itself quoted silences no quotation.
    pub(crate) fn silence(&mut self, plan: &Plan, place: &Place, subject: Subject<'_>) {
        if plan.silences.sentence {
            self.silenced.sentences.push(self.words.sentence(place.first));
        }
        if plan.silences.quotations && !self.silenced.quotations {
            self.silenced.quotations = !self.is_quoted(place, subject);
        }
    }

    pub(crate) fn is_silenced(&mut self, place: &Place, subject: Subject<'_>) -> bool {
        let sentence = self.words.sentence(place.first);
        self.silenced.sentences.contains(&sentence)
            || (self.silenced.quotations && self.is_quoted(place, subject))
    }

    /// Whether a match stands where its rule wants it.
    pub(crate) fn is_inside(
        &mut self,
        inside: Inside,
        place: &Place,
        subject: Subject<'_>,
    ) -> bool {
        match inside {
            Inside::Quotation => self.is_quoted(place, subject),
            Inside::Question => self.is_asked(place, subject),
        }
    }

    /// Whether one of the patterns of `unless` stands within reach of a match. Those of a mitigation
    /// are not looked for in quotation marks: what a warning quotes does not undo it.
    pub(crate) fn is_hindered(&mut self, plan: &Plan, place: &Place, subject: Subject<'_>) -> bool {
        let Some(part) = plan.unless else { return false };
        self.fill_part(part, subject);
        let sentence = self.words.sentence(place.first);
        let first =
            self.places[part as usize].1.partition_point(|other| match plan.unless_within {
                Within::Sentence => self.words.sentence(other.first) < sentence,
                Within::Posting => false,
                Within::Words(width) => other.first + width <= place.last,
            });
        for index in first..first + MAX_LOOKED_AT {
            let Some(other) = self.places[part as usize].1.get(index).copied() else { break };
            let is_near = match plan.unless_within {
                Within::Sentence => self.words.sentence(other.first) == sentence,
                Within::Posting => true,
                Within::Words(width) => {
                    let from = other.first.min(place.first);
                    other.field == place.field && other.last.max(place.last) - from < width
                }
            };
            if is_near && !(plan.is_mitigation && self.is_quoted(&other, subject)) {
                return true;
            }
            if !is_near && other.first > place.last {
                break;
            }
        }
        false
    }

    fn is_quoted(&mut self, place: &Place, subject: Subject<'_>) -> bool {
        if self.quotations.0 != self.text {
            self.quotations.0 = self.text;
            self.quotations.1.clear();
            for (field, original, _) in subject.fields() {
                quotations(field, original, &mut self.quotations.1);
            }
        }
        let quotations = &self.quotations.1;
        let before = quotations
            .partition_point(|(field, from, _)| (*field, *from) <= (place.field, place.from));
        before.checked_sub(1).is_some_and(|index| {
            let (field, _, to) = quotations[index];
            field == place.field && to >= place.to
        })
    }

    /// Whether the sentence of a place ends with a question mark.
    fn is_asked(&self, place: &Place, subject: Subject<'_>) -> bool {
        let sentence = self.words.sentence(place.last);
        let goes_on = |word: &u32| self.words.sentence(*word) == sentence;
        let after = (place.last..self.words.len()).find(|word| !goes_on(word));
        let last = self
            .words
            .place(after.unwrap_or(self.words.len()) - 1, after.unwrap_or(self.words.len()) - 1);
        let next = after.map(|word| self.words.place(word, word));
        let original = subject.original(last.field).unwrap_or_default();
        let end = next.filter(|next| next.field == last.field);
        let end = end.map_or(original.len(), |next| next.from as usize);
        original.get(last.to as usize..end).is_some_and(|marks| marks.contains(['?', '？']))
    }
}

/// The stretches in quotation marks, and the lines that begin with `>`, marks included, in order.
fn quotations(field: Field, original: &str, found: &mut Vec<(Field, u32, u32)>) {
    let mut open: Option<(usize, &[char])> = None;
    let mut line_from = 0;
    let mut is_quoted_line = false;
    let mut line_is_blank = true;
    for (at, c) in original.char_indices() {
        if c == '\n' {
            if is_quoted_line {
                found.push((field, line_from as u32, at as u32));
            }
            // An empty line ends what was forgotten to be closed.
            open = open.filter(|(from, _)| !line_is_blank && at - from < LONGEST_QUOTATION);
            (line_from, is_quoted_line, line_is_blank) = (at + 1, false, true);
            continue;
        }
        is_quoted_line |= line_is_blank && c == '>';
        line_is_blank &= c.is_whitespace();
        match open {
            _ if is_quoted_line => {}
            Some((from, close)) if close.contains(&c) => {
                found.push((field, from as u32, (at + c.len_utf8()) as u32));
                open = None;
            }
            Some(_) => {}
            None => {
                let close: &[char] = match c {
                    '«' => &['»'],
                    '„' => &['“', '”', '"'],
                    '“' => &['”', '“'],
                    '"' => &['"'],
                    _ => continue,
                };
                open = Some((at, close));
            }
        }
    }
    if is_quoted_line {
        found.push((field, line_from as u32, original.len() as u32));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_found_by_their_marks() {
        let quoted = |text: &str| {
            let mut found = Vec::new();
            quotations(Field::Text, text, &mut found);
            let quotes = found.iter().map(|(_, from, to)| &text[*from as usize..*to as usize]);
            quotes.collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(quoted("пишуть «їдь до нас» і „там\nдобре“"), "«їдь до нас» | „там\nдобре“");
        assert_eq!(quoted("a \"b\" c “d” e „f” g"), "\"b\" | “d” | „f”");
        assert_eq!(quoted("> їдь\nні\n  > so\n"), "> їдь |   > so");
        assert_eq!(quoted("never \"closed\n\nand \"not\" here"), "\"not\"");
        assert_eq!(quoted("5\" screen"), "");
    }
}
