//! The signs of leads by their words: a text that lies as those of recruiters lie is told once more,
//! sign by sign, by how it lies beside the leads that show the sign and those that do not.

use serde::{Deserialize, Serialize};

use crate::vocabulary::Table;

/// What a sign is told by in one language.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SignStems {
    /// Its place among the indicators.
    pub(crate) sign: u16,
    /// Log-odds, above 0 where the sign is heard, of a lead in which no word is known.
    pub(crate) bias: f64,
    /// What a stem adds, by its name; those whose stem has no number in the tenor say nothing.
    pub(crate) points: Vec<(String, f64)>,
}

/// What a stem says of a sign in one language.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct SignVoice {
    language: u16,
    pub(super) sign: u16,
    pub(super) points: f32,
}

/// The signs of all languages, by the numbers of their stems.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SignVoices {
    /// By language, the signs that are told there, with what they come to without any word.
    biases: Vec<Vec<(u16, f32)>>,
    by_stem: Table<SignVoice>,
}

impl SignVoices {
    /// By language, what `signs.yaml` says; `number` is that of a stem, of which there are `stems`.
    pub(super) fn of(
        languages: &[&[SignStems]],
        stems: usize,
        number: impl Fn(&str) -> Option<u32>,
    ) -> Self {
        let mut rows: Vec<Vec<SignVoice>> = vec![Vec::new(); stems];
        let mut biases = Vec::new();
        for (language, signs) in (0..).zip(languages) {
            biases.push(signs.iter().map(|sign| (sign.sign, sign.bias as f32)).collect());
            for SignStems { sign, points, .. } in *signs {
                for (stem, points) in points {
                    let Some(stem) = number(stem) else { continue };
                    let (sign, points) = (*sign, *points as f32);
                    rows[stem as usize].push(SignVoice { language, sign, points });
                }
            }
        }
        Self { biases, by_stem: Table::of(&rows) }
    }

    /// What is told in one language.
    pub(super) fn of_language(&self, language: u32) -> SignsOfLanguage<'_> {
        SignsOfLanguage { voices: self, language }
    }
}

/// The signs of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct SignsOfLanguage<'v> {
    voices: &'v SignVoices,
    language: u32,
}

impl<'v> SignsOfLanguage<'v> {
    /// The signs, with what they come to without any word.
    pub(super) fn biases(self) -> &'v [(u16, f32)] {
        self.voices.biases.get(self.language as usize).map_or(&[], Vec::as_slice)
    }

    /// What a stem says of signs.
    pub(super) fn of_stem(self, stem: u32) -> impl Iterator<Item = &'v SignVoice> {
        let row = self.voices.by_stem.row(stem).iter();
        row.filter(move |voice| u32::from(voice.language) == self.language)
    }
}
