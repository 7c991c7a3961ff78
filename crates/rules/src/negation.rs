//! Which word of a text denies a match.

use crate::matching::{Candidate, Matcher};
use crate::scan::{Place, Subject};

/// Words before a match in which a negator switches it off.
const NEGATION_REACH: u32 = 3;
/// Words before a word of the match in which a negator in a gap does.
const INNER_NEGATION_REACH: u32 = 2;

impl Matcher<'_> {
    /// The negator that switches a match off: shortly before it, or inside a gap of it and shortly
    /// before a word that the phrase names ("the passport does *not* stay with us").
    pub(crate) fn negator(
        &mut self,
        negation: u32,
        candidate: &Candidate,
        subject: Subject<'_>,
    ) -> Option<Place> {
        self.fill_negators(negation, subject);
        let place = &candidate.place;
        let negators = &self.negators[negation as usize].1;
        let before = negators.partition_point(|negator| negator.first < place.first);
        let leading =
            negators[..before].iter().rev().take(2 * NEGATION_REACH as usize).find(|negator| {
                negator.last < place.first
                    && negator.last + NEGATION_REACH >= place.first
                    && self.words.sentence(negator.first) == self.words.sentence(place.first)
            });
        if leading.is_some() {
            return leading.copied();
        }
        let inside = &negators[before..];
        let inside = &inside[..inside.partition_point(|negator| negator.first <= place.last)];
        if inside.is_empty() {
            return None;
        }
        let automaton = &self.compiled.phrases[candidate.phrase? as usize];
        let gaps = self.words.gap_words(automaton, place.first, place.last);
        let in_gap = |word: u32| gaps.contains(&word);
        inside
            .iter()
            .find(|negator| {
                let words = negator.last + 1..=negator.last + INNER_NEGATION_REACH;
                (negator.first..=negator.last).all(in_gap)
                    && words.into_iter().any(|word| !in_gap(word))
            })
            .copied()
    }

    /// Works out once for a text which words negate: negators that are in no exception.
    fn fill_negators(&mut self, negation: u32, subject: Subject<'_>) {
        if self.negators[negation as usize].0 == self.text {
            return;
        }
        let parts = &self.compiled.negations[negation as usize];
        self.fill_part(parts.negators, subject);
        self.fill_part(parts.exceptions, subject);
        let exceptions = &self.places[parts.exceptions as usize].1;
        let mut excepted = exceptions.iter().peekable();
        // Both lists are in order of place; `reach` is the last word of the exceptions so far.
        let mut reach: Option<u32> = None;
        let kept = self.places[parts.negators as usize].1.iter().filter(|negator| {
            while let Some(exception) =
                excepted.next_if(|exception| exception.first <= negator.last)
            {
                reach = reach.max(Some(exception.last));
            }
            reach.is_none_or(|last| last < negator.first)
        });
        let slot = &mut self.negators[negation as usize];
        slot.0 = self.text;
        slot.1.clear();
        slot.1.extend(kept);
    }
}
