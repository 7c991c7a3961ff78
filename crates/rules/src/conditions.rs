//! What must and must not stand near a match: `all`, `within`, `unless`. The places of a part are
//! worked out when first asked for, once for a text, so that a text with a thousand matches in one
//! long sentence is still read once.

use crate::compiled::{Compiled, Plan};
use crate::matching::Matcher;
use crate::rule::Within;
use crate::scan::{Place, Subject};

impl Matcher<&Compiled> {
    pub(crate) fn fill_part(&mut self, part: u32, subject: Subject<'_>) {
        let slot = &mut self.places[part as usize];
        if slot.0 != self.text {
            slot.0 = self.text;
            let mut found = std::mem::take(&mut slot.1);
            let compiled = self.compiled;
            let patterns = &compiled.parts[part as usize];
            let companions = &self.companions;
            let can_stand =
                |phrase| companions.are_in_text(compiled.starts[phrase as usize].companions);
            self.words.find_part(patterns, subject, compiled, can_stand, &mut found);
            if !patterns.measures.is_empty() {
                for measure in &patterns.measures {
                    let measure = compiled.measures[*measure as usize];
                    self.observed.find(measure, compiled, &mut found);
                }
                found.sort_by_key(Place::order);
                found.dedup();
            }
            self.places[part as usize].1 = found;
        }
    }

    /// The first place of a part in the sentence of a match.
    fn in_sentence(&mut self, part: u32, place: &Place, subject: Subject<'_>) -> Option<Place> {
        self.fill_part(part, subject);
        let places = &self.places[part as usize].1;
        let sentence = self.words.sentence(place.first);
        let index = places.partition_point(|other| self.words.sentence(other.first) < sentence);
        let first = *places.get(index)?;
        (self.words.sentence(first.first) == sentence).then_some(first)
    }

    /// One place for each part of `all`; `None` if one is missing.
    pub(crate) fn companions(
        &mut self,
        plan: &Plan,
        place: &Place,
        subject: Subject<'_>,
    ) -> Option<Vec<Place>> {
        let mut with = Vec::new();
        match plan.within {
            Within::Sentence => {
                for part in &plan.all {
                    with.push(self.in_sentence(*part, place, subject)?);
                }
            }
            Within::Posting => {
                for part in &plan.all {
                    self.fill_part(*part, subject);
                    with.push(*self.places[*part as usize].1.first()?);
                }
            }
            Within::Words(width) => {
                for part in &plan.all {
                    self.fill_part(*part, subject);
                }
                let earliest = (place.last + 1).saturating_sub(width);
                let window = (earliest..=place.first)
                    .find_map(|begin| self.window(plan, begin, width, place));
                with = window?;
            }
        }
        Some(with)
    }

    /// One place for each part of `all` inside the window that begins at this word.
    fn window(&self, plan: &Plan, begin: u32, width: u32, place: &Place) -> Option<Vec<Place>> {
        let mut with = Vec::new();
        for part in &plan.all {
            let places = &self.places[*part as usize].1;
            let index = places.partition_point(|other| other.first < begin);
            let inside = places[index..]
                .iter()
                .take_while(|other| other.first < begin + width)
                .find(|other| other.last < begin + width && other.field == place.field);
            with.push(*inside?);
        }
        Some(with)
    }
}
