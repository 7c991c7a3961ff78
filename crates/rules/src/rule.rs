use domain::{IndicatorId, Language, RuleId};
use serde::{Deserialize, Serialize};

use crate::measure::Measure;
use crate::phrase::Phrase;
use crate::tenor::Leaning;

/// How an indicator or a mitigation shows in words: one entry of a rule file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// `uk.documents.kept`: language, topic and name.
    pub id: RuleId,
    /// Describes the words, accuses nobody.
    pub name: String,
    /// The language of the words; `None` for rules of the folder `any`. It labels, it is no gate:
    /// all rules run on all texts.
    pub language: Option<Language>,
    /// The topic, as the file is named.
    pub topic: String,
    /// What a match speaks for or against.
    pub sign: Sign,
    /// How far it is trusted.
    pub status: Status,
    /// Goes up when what it matches changes.
    pub version: u32,
    /// Share of the sign's points that a match brings, above 0 and at most 1.
    pub weight: f64,
    /// Whether a negator before the match switches it off.
    pub negatable: bool,
    /// What a match of this mitigation silences besides the points that it takes.
    pub silences: Silences,
    /// Why this wording matters.
    pub why: String,
    /// What it misses or catches too much.
    pub known_gaps: String,
    /// Questions for the reviewer.
    pub triage: Vec<String>,
    /// Texts on which it fires.
    pub examples: Vec<Example>,
    /// Texts on which it stays silent, or is known not to.
    pub counter_examples: Vec<CounterExample>,
    /// Why it was taken out of use.
    pub retired_because: Option<String>,
    /// The file, relative to the folder of the pack.
    pub file: String,
    /// The line where it begins.
    pub line: usize,
    /// What must and must not stand in a text. Once compiled it lies in the plan of the rule, and a
    /// rule set that was read from bytes has it only there.
    #[serde(skip)]
    pub(crate) condition: Condition,
}

/// What a match of a rule is a sign of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// Speaks for a look.
    Indicator(IndicatorId),
    /// Speaks against.
    Mitigation(IndicatorId),
}

impl Sign {
    /// The id of the indicator or mitigation.
    pub fn id(&self) -> &IndicatorId {
        match self {
            Self::Indicator(id) | Self::Mitigation(id) => id,
        }
    }

    /// Whether it speaks against.
    pub fn is_mitigation(&self) -> bool {
        matches!(self, Self::Mitigation(_))
    }
}

/// Whose matches do not count where a mitigation matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silences {
    /// Those in its own sentence.
    pub sentence: bool,
    /// Those in quotation marks, anywhere in the posting.
    pub quotations: bool,
}

impl Silences {
    pub(crate) fn any(self) -> bool {
        self.sentence || self.quotations
    }
}

/// How far a rule is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Being written: its examples are tried, it does not run on postings.
    Draft,
    /// Runs, on trial.
    Test,
    /// Runs, proven by reviewers' decisions.
    Stable,
    /// Kept for the record, does not run.
    Retired,
}

impl Status {
    pub(crate) const WORDS: [(&'static str, Self); 4] = [
        ("draft", Self::Draft),
        ("test", Self::Test),
        ("stable", Self::Stable),
        ("retired", Self::Retired),
    ];

    /// The word that rule files use for it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, status)| *status == self).map_or("", |(word, _)| word)
    }

    /// Whether rules of this status run on postings.
    pub fn runs(self) -> bool {
        matches!(self, Self::Test | Self::Stable)
    }
}

/// A text on which a rule fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The text.
    pub text: String,
    /// Words of it that must stand inside the quoted spans.
    pub quotes: Option<String>,
    /// Where it stands in its file.
    pub line: usize,
}

/// A text on which a rule stays silent although it looks alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CounterExample {
    /// The text.
    pub text: String,
    /// Negated, lawful, another meaning.
    pub because: String,
    /// The rule still fires on it today, and we know.
    pub known_false_hit: bool,
    /// Where it stands in its file.
    pub line: usize,
}

/// The `match` of a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    /// At least one of these must stand in the text.
    pub(crate) any: Vec<Pattern>,
    /// Each of these too, `within` reach of what matched in `any`.
    pub(crate) all: Vec<Pattern>,
    pub(crate) within: Within,
    /// None of these may stand `unless_within` reach of what matched in `any`.
    pub(crate) unless: Vec<Pattern>,
    pub(crate) unless_within: Within,
    /// Where the match itself must stand.
    pub(crate) inside: Option<Inside>,
}

impl Condition {
    /// Drops the trees of phrases, which are not needed once their words have symbols.
    pub(crate) fn let_phrases_go(&mut self) {
        for patterns in [&mut self.any, &mut self.all, &mut self.unless] {
            patterns.retain(|pattern| !matches!(pattern.kind, PatternKind::Phrase(_)));
            patterns.shrink_to_fit();
        }
    }
}

impl Condition {
    /// The tenor that is asked for, if any is.
    pub(crate) fn tenor(&self) -> Option<Leaning> {
        self.any.iter().find_map(Pattern::tenor)
    }
}

/// Where a match must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Inside {
    /// In a sentence that ends with a question mark.
    Question,
    /// In quotation marks.
    Quotation,
}

/// Where the parts of `all` are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Within {
    #[default]
    Sentence,
    Posting,
    /// All parts in a stretch of so many words of one field.
    Words(u32),
}

/// One entry of `any`, `all` or `unless`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) line: usize,
    pub(crate) kind: PatternKind,
}

impl Pattern {
    pub(crate) fn tenor(&self) -> Option<Leaning> {
        match self.kind {
            PatternKind::Measure(Measure::Tenor(leaning)) => Some(leaning),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum PatternKind {
    Phrase(Phrase),
    /// A regular expression on the folded text, known to parse.
    Regex(String),
    /// A number or a sign of form.
    Measure(Measure),
}
