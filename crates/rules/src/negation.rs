//! Which word of a text denies a match.

use crate::clause::Border;
use crate::compiled::Compiled;
use crate::matching::{Candidate, Matcher};
use crate::scan::{Place, Subject};

/// Words before a match in which a negator switches it off.
const NEGATION_REACH: u32 = 3;
/// The same where "that" stands in between: "it is not true, that we".
const PASSED_REACH: u32 = 5;
/// Words before a word of the match in which a negator in a gap does.
const INNER_NEGATION_REACH: u32 = 2;
/// Negators before a match that are looked at: the nearest, and those that may open a list.
const LEADING: usize = 6;
/// Words before a match in which a negator may open the list that the match is an item of.
const LIST_REACH: u32 = 12;

impl Matcher<&Compiled> {
    /// What switches a match off: a negator shortly before it ("we never keep passports"), inside a
    /// gap of it and shortly before a word that the phrase names ("the passport does *not* stay with
    /// us"), or a denial right behind it ("a deposit is not required"). None reaches into another
    /// clause.
    pub(crate) fn negator(
        &mut self,
        negation: u32,
        candidate: &Candidate,
        subject: Subject<'_>,
    ) -> Option<Place> {
        self.fill_negators(negation, subject);
        let place = &candidate.place;
        self.leading(negation, place, subject)
            .or_else(|| self.inside(negation, candidate, subject))
            .or_else(|| self.behind(negation, place, subject))
    }

    fn leading(&mut self, negation: u32, place: &Place, subject: Subject<'_>) -> Option<Place> {
        let negators = &self.negators[negation as usize].1;
        let end = negators.partition_point(|negator| negator.first < place.first);
        let sentence = self.words.sentence(place.first);
        let is_near = |negator: &&Place| {
            negator.last < place.first
                && negator.last + LIST_REACH >= place.first
                && self.words.sentence(negator.first) == sentence
        };
        let near: Vec<Place> =
            negators[..end].iter().rev().take(LEADING).filter(is_near).copied().collect();
        if let Some(beside) = self.beside(negation, place, subject) {
            return Some(beside);
        }
        if near.is_empty() {
            return None;
        }
        self.fill_borders(subject);
        near.into_iter().find(|negator| match self.border_between(negator.last, place.first) {
            Border::None => negator.last + NEGATION_REACH >= place.first,
            Border::Passed => negator.last + PASSED_REACH >= place.first,
            // A line that breaks off at its negator goes on in the next.
            Border::Line => {
                let next = negator.last + 1;
                place.first <= negator.last + NEGATION_REACH
                    && self.border_between(next, place.first) == Border::None
            }
            Border::Comma => self.is_in_denied_list(negator.last, place.first, place.last),
            _ => false,
        })
    }

    /// A word that denies the next one only: "*no* passports are kept".
    fn beside(&mut self, negation: u32, place: &Place, subject: Subject<'_>) -> Option<Place> {
        let part = self.compiled.negations[negation as usize].beside;
        self.fill_part(part, subject);
        let beside = &self.places[part as usize].1;
        let end = beside.partition_point(|word| word.first < place.first);
        let word = *beside[..end].last()?;
        let is_beside = word.last + 1 == place.first
            && self.words.sentence(word.first) == self.words.sentence(place.first);
        if !is_beside {
            return None;
        }
        self.fill_borders(subject);
        (self.border_between(word.last, place.first) == Border::None).then_some(word)
    }

    fn inside(
        &mut self,
        negation: u32,
        candidate: &Candidate,
        subject: Subject<'_>,
    ) -> Option<Place> {
        let place = &candidate.place;
        let negators = &self.negators[negation as usize].1;
        let inside = &negators[negators.partition_point(|negator| negator.first < place.first)..];
        let inside = &inside[..inside.partition_point(|negator| negator.first <= place.last)];
        if inside.is_empty() {
            return None;
        }
        let inside = inside.to_vec();
        let automaton = &self.compiled.phrases[candidate.phrase? as usize];
        let gaps = self.words.gap_words(automaton, place.first, place.last);
        self.fill_borders(subject);
        let in_gap = |word: u32| gaps.contains(&word);
        inside.into_iter().find(|negator| {
            let mut words = negator.last + 1..=negator.last + INNER_NEGATION_REACH;
            (negator.first..=negator.last).all(in_gap)
                && words.any(|word| {
                    let border = self.border_between(negator.last, word);
                    !in_gap(word) && matches!(border, Border::None | Border::Line)
                })
        })
    }

    /// A denial right behind the match, in its clause or after a dash: "deposit — not required".
    fn behind(&mut self, negation: u32, place: &Place, subject: Subject<'_>) -> Option<Place> {
        let part = self.compiled.negations[negation as usize].behind;
        self.fill_part(part, subject);
        let next = place.last + 1;
        let denials = &self.places[part as usize].1;
        let denial = denials[denials.partition_point(|denial| denial.first < next)..].first();
        let denial = *denial.filter(|denial| {
            denial.first == next && self.words.sentence(next) == self.words.sentence(place.last)
        })?;
        self.fill_borders(subject);
        let border = self.border_between(place.last, next);
        matches!(border, Border::None | Border::Dash).then_some(denial)
    }

    /// Works out once for a text which words negate: negators that are in no exception.
    fn fill_negators(&mut self, negation: u32, subject: Subject<'_>) {
        if self.negators[negation as usize].0 == self.text {
            return;
        }
        let parts = &self.compiled.negations[negation as usize];
        self.fill_part(parts.negators, subject);
        if self.places[parts.negators as usize].1.is_empty() {
            self.negators[negation as usize] = (self.text, Vec::new());
            return;
        }
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
