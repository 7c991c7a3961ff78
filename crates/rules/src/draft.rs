//! Patterns with their word lists looked up, waiting for the whole pack to be counted.

use crate::clause::ClauseWords;
use crate::construct::{Built, Shape};
use crate::measure::Measure;
use crate::pack::Pack;
use crate::problem::{Problems, code};
use crate::read::words::{
    NEGATION, NEGATION_BEHIND, NEGATION_BESIDE, NEGATION_EXCEPTIONS, NEGATION_JOINS,
    NEGATION_PASSES, NEGATION_STOPS,
};
use crate::resolve::{Lexicon, ListsOf, Resolver};
use crate::rule::{Condition, Pattern, PatternKind};

/// The patterns of one rule.
#[derive(Debug, Default)]
pub(crate) struct RuleDraft {
    pub(crate) any: ChoiceDraft,
    pub(crate) all: Vec<ChoiceDraft>,
    pub(crate) unless: ChoiceDraft,
}

/// Patterns of which one is enough.
#[derive(Debug, Default)]
pub(crate) struct ChoiceDraft {
    pub(crate) phrases: Vec<PhraseDraft>,
    pub(crate) regexes: Vec<String>,
    pub(crate) measures: Vec<Measure>,
}

#[derive(Debug)]
pub(crate) struct PhraseDraft {
    pub(crate) form: Form,
    pub(crate) line: usize,
    /// Entries of word lists need no anchor: they are never looked for by themselves.
    pub(crate) in_list: bool,
}

/// How far a phrase has come. Each step lets go of the one before, since a pack has a hundred thousand.
#[derive(Debug)]
pub(crate) enum Form {
    Resolved(Shape),
    /// Its automaton was built ahead of its turn, or cannot be.
    Built(Result<Built, String>),
}

impl RuleDraft {
    /// Looks up the word lists of a rule of this folder and file. If it names who somebody is as its
    /// sign, it means the very words.
    pub(crate) fn of(
        condition: &Condition,
        names_who: bool,
        (folder, file): (&str, &str),
        pack: &Pack,
        lexicon: &mut Lexicon,
        problems: &mut Problems,
    ) -> Self {
        let own = pack.files.get(file).map(|read| (file, &read.lists));
        let shared = pack.words.get(folder).map(|words| (folder, words));
        let resolver = Resolver::new(lexicon, own, shared);
        let mut resolver = if names_who { resolver } else { resolver.with_alike() };
        let mut choice = |patterns: &[Pattern]| {
            let mut choice = ChoiceDraft::default();
            for pattern in patterns {
                let line = pattern.line;
                match &pattern.kind {
                    PatternKind::Regex(source) => choice.regexes.push(source.clone()),
                    PatternKind::Phrase(phrase) => match resolver.shape(phrase) {
                        Ok(shape) => choice.phrases.push(PhraseDraft {
                            form: Form::Resolved(shape),
                            line,
                            in_list: false,
                        }),
                        Err(error) => problems.report(error.code, line, error.message),
                    },
                    PatternKind::Measure(measure) => {
                        if measure.needs_wages() && pack.wages.is_none() {
                            let message = "pay and fees need a sound wages.yaml";
                            problems.report(code::WAGES, line, message);
                        }
                        choice.measures.push(*measure);
                    }
                }
            }
            choice
        };
        Self {
            any: choice(&condition.any),
            all: condition.all.iter().map(|part| choice(std::slice::from_ref(part))).collect(),
            unless: choice(&condition.unless),
        }
    }
}

impl RuleDraft {
    /// All phrases of the rule.
    pub(crate) fn phrases_mut(&mut self) -> impl Iterator<Item = &mut PhraseDraft> {
        let choices = [&mut self.any, &mut self.unless].into_iter().chain(&mut self.all);
        choices.flat_map(|choice| &mut choice.phrases)
    }
}

/// What a language negates with.
#[derive(Debug, Default)]
pub(crate) struct NegationDraft {
    pub(crate) negators: Vec<PhraseDraft>,
    pub(crate) exceptions: Vec<PhraseDraft>,
    pub(crate) beside: Vec<PhraseDraft>,
    pub(crate) behind: Vec<PhraseDraft>,
    pub(crate) clause_words: ClauseWords,
}

impl NegationDraft {
    /// Looks up all lists of a language, to find what is wrong with any, and keeps those that
    /// negate.
    pub(crate) fn of(
        (folder, words): ListsOf<'_>,
        lexicon: &mut Lexicon,
        problems: &mut Problems,
    ) -> Self {
        let mut resolver = Resolver::new(lexicon, None, Some((folder, words)));
        let mut draft = Self::default();
        for (name, list) in &words.lists {
            for entry in &list.entries {
                let shape = match resolver.shape(&entry.phrase) {
                    Ok(shape) => shape,
                    Err(error) => {
                        problems.report(error.code, entry.line, error.message);
                        continue;
                    }
                };
                let clause_words = match name.as_str() {
                    NEGATION_STOPS => Some(&mut draft.clause_words.stops),
                    NEGATION_PASSES => Some(&mut draft.clause_words.passes),
                    NEGATION_JOINS => Some(&mut draft.clause_words.joins),
                    _ => None,
                };
                match (clause_words, shape) {
                    (Some(symbols), Shape::Symbols(more)) => symbols.extend(more),
                    (Some(_), _) => {
                        let message = format!("entries of `{name}` are single words");
                        problems.report(code::PATTERN, entry.line, message);
                    }
                    (None, shape) => {
                        let form = Form::Resolved(shape);
                        let phrase = PhraseDraft { form, line: entry.line, in_list: true };
                        match name.as_str() {
                            NEGATION => draft.negators.push(phrase),
                            NEGATION_EXCEPTIONS => draft.exceptions.push(phrase),
                            NEGATION_BESIDE => draft.beside.push(phrase),
                            NEGATION_BEHIND => draft.behind.push(phrase),
                            _ => {}
                        }
                    }
                }
            }
        }
        draft
    }
}
