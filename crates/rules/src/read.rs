//! Reading: from the bytes of a file to rules, word lists, indicators and weights. Each reader notes
//! everything that is wrong and returns what can still be used.

mod condition;
pub(crate) mod endings;
pub(crate) mod indicator;
mod measure;
pub(crate) mod rule;
mod showcase;
pub(crate) mod sign_stems;
pub(crate) mod stems;
pub(crate) mod wages;
pub(crate) mod weights;
pub(crate) mod words;
pub(crate) mod yaml;
