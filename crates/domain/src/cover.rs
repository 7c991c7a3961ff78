use serde::{Deserialize, Serialize};

use crate::PostingId;

/// What a person writes for one packet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoverSheet {
    /// What is offered to whom, and why it matters; in the language of the report.
    pub summary: String,
    /// The kind of exploitation suspected.
    pub exploitation: String,
    /// Other explanations that were considered.
    pub alternatives: String,
    /// What would change the view.
    pub would_change: String,
    /// Words to mask in a redacted packet beside what is masked anyway: names of persons.
    pub mask: Vec<String>,
    /// Translations of postings.
    pub translation: Vec<Translation>,
}

/// A posting in another language, by a named translator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Which posting.
    pub posting: PostingId,
    /// Into which language: its ISO 639-1 code.
    pub language: String,
    /// The translation.
    pub text: String,
    /// Who made it: a person, or a program and its version.
    pub translator: String,
    /// `human`, `machine`, `machine, checked by a person`.
    pub method: String,
}

impl CoverSheet {
    /// Nothing written.
    pub const fn blank() -> Self {
        Self {
            summary: String::new(),
            exploitation: String::new(),
            alternatives: String::new(),
            would_change: String::new(),
            mask: Vec::new(),
            translation: Vec::new(),
        }
    }
}
