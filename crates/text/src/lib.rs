//! Pure text work: folding with a map back to the original, language, contacts, fingerprints.
//!
//! [`Folded`] is the text as rules see it: case, accents, look-alike letters, spaced-out letters and
//! zero-width marks are out of the way, and every place in it leads back to the original bytes.
//!
//! ```
//! let folded = text::Folded::new("Пaспoрт");            // Latin a and o
//! let word = &folded.tokens()[0];
//! assert_eq!(folded.word(word), "паспорт");
//! assert!(word.disguised);
//! ```
//!
//! [`language`] labels a text, [`contacts`] finds phones, addresses and accounts in one canonical
//! form, [`facts`] reads pay, ages and hours out of numbers, [`fingerprint`] recognises the same ad
//! with another price, [`sketch`] the same ad with other names and places, [`places`] where it takes people.
//!
//! This crate knows no rule, reads no file and keeps nothing between calls. It does not translate
//! or correct spelling, follows no link, and takes displayed names for no contacts.

mod common_word_lists;
mod common_words;
mod contacts;
mod facts;
mod fingerprint;
mod fold;
mod from_latin;
mod language;
mod letters;
mod places;
mod romanized;
mod sentence;
mod sketch;
mod spaced;
mod spelling;
mod table;
mod trail;
mod unusual;
mod words;

pub use contacts::contacts;
pub use facts::{Currency, Fact, FactKind, Money, Period, facts};
pub use fingerprint::fingerprint;
pub use fold::{Folded, Token, TokenKind, fold_word};
pub use language::language;
pub use places::{Place, PlaceRole, Route, places};
pub use sketch::{ShortSketch, Sketch, sketch};
