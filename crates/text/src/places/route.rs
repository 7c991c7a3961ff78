use std::collections::BTreeSet;

use super::{Place, PlaceRole, places};
use crate::fold::Folded;

/// The countries that an offer takes people from, and those that it takes them to or has them work
/// in, ISO 3166-1 alpha-2. What is only passed through or only named is in neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Where people are taken from.
    pub from: BTreeSet<&'static str>,
    /// Where they are taken to, or shall work.
    pub to: BTreeSet<&'static str>,
}

impl Route {
    /// Adds what a folded text says.
    pub fn add(&mut self, folded: &Folded) {
        self.add_places(&places(folded));
    }

    /// Adds what the places of a text say.
    pub fn add_places(&mut self, places: &[Place]) {
        for place in places {
            match place.role {
                PlaceRole::Origin => self.from.insert(place.country),
                PlaceRole::Destination | PlaceRole::Work => self.to.insert(place.country),
                PlaceRole::Transit | PlaceRole::Named => continue,
            };
        }
    }

    /// Each origin with each destination, in order. A side that the words do not tell is `None`; no
    /// leg if they tell neither.
    pub fn legs(&self) -> impl Iterator<Item = (Option<&'static str>, Option<&'static str>)> {
        let told = |side: &BTreeSet<&'static str>| -> Vec<Option<&'static str>> {
            if side.is_empty() { vec![None] } else { side.iter().copied().map(Some).collect() }
        };
        let (from, to) = (told(&self.from), told(&self.to));
        let legs = from.into_iter().flat_map(move |from| {
            to.clone().into_iter().map(move |to| (from, to)).collect::<Vec<_>>()
        });
        legs.filter(|(from, to)| from.is_some() || to.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legs(texts: &[&str]) -> Vec<String> {
        let mut route = Route::default();
        texts.iter().for_each(|text| route.add(&Folded::new(text)));
        let side = |country: Option<&'static str>| country.unwrap_or("?");
        route.legs().map(|(from, to)| format!("{} {}", side(from), side(to))).collect()
    }

    #[test]
    fn each_origin_goes_with_each_destination_and_what_is_passed_through_with_none() {
        for (texts, expected) in [
            (vec!["Виїзд з Києва через Варшаву до Берліна"], vec!["UA DE"]),
            (vec!["Работа в Польше и Чехии", "выезд из Кишинёва"], vec!["MD CZ", "MD PL"]),
            (vec!["Lucru în Germania"], vec!["? DE"]),
            (vec!["Leave from Lviv on Friday"], vec!["UA ?"]),
            (vec!["Виїзд з Одеси, робота в Києві"], vec!["UA UA"]),
            (vec!["ПОЛЬЩА! Анталья"], vec![]),
        ] {
            assert_eq!(legs(&texts), expected, "{texts:?}");
        }
    }
}
