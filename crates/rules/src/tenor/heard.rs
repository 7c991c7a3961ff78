//! Which signs are heard in a text, and in which words.

use std::ops::Range;

use super::Said;
use super::loudest::Loudest;
use super::signs::SignsOfLanguage;
use crate::scan::{Place, Words};

/// Words that are quoted for a sign.
const MOST_QUOTED: usize = 3;

/// The signs of the text at hand. Buffers are kept from text to text.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// By sign, what the stems met come to.
    points: Vec<f64>,
    /// Signs that are heard, each with where its words are among the places.
    signs: Vec<(u16, Range<usize>)>,
    places: Vec<Place>,
}

impl Heard {
    pub(super) fn clear(&mut self) {
        self.signs.clear();
        self.places.clear();
    }

    /// Adds the signs that stems with the words that say them speak for, and the words that speak most
    /// for each. `shortened` gives points over the length of the text.
    pub(super) fn listen(
        &mut self,
        met: &[(u32, Said)],
        shortened: impl Fn(f64) -> f64,
        signs: SignsOfLanguage<'_>,
        loudest: &mut Loudest,
        words: &Words,
    ) {
        self.points.clear();
        for voice in met.iter().flat_map(|(stem, _)| signs.of_stem(*stem)) {
            let sign = usize::from(voice.sign);
            self.points.resize(self.points.len().max(sign + 1), 0.0);
            self.points[sign] += f64::from(voice.points);
        }
        for (sign, bias) in signs.biases() {
            let points = self.points.get(usize::from(*sign)).copied().unwrap_or_default();
            if f64::from(*bias) + shortened(points) <= 0.0 {
                continue;
            }
            let points = |stem: u32| {
                let voices = signs.of_stem(stem).filter(|voice| voice.sign == *sign);
                voices.map(|voice| f64::from(voice.points)).sum::<f64>()
            };
            let from = self.places.len();
            let said = loudest.of(met, points, MOST_QUOTED);
            self.places.extend(said.map(|said| words.place(said.first, said.last)));
            self.signs.push((*sign, from..self.places.len()));
        }
    }

    /// The words of a sign, if it is heard.
    pub(super) fn words_of(&self, sign: u16) -> Option<&[Place]> {
        let (_, places) = self.signs.iter().find(|(heard, _)| *heard == sign)?;
        self.places.get(places.clone())
    }
}
