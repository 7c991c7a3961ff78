//! Regular expressions in rules: checked when read, compiled when first needed.

use std::ops::Range;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind, Look};
use serde::{Deserialize, Serialize};

use crate::folding::Folding;

/// Longest expression in characters.
const MAX_CHARS: usize = 2_000;
/// Memory of one compiled expression, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// An expression that is compiled when it is first needed: most never are in a short run, and
/// Unicode classes make compiling slow.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LazyRegex {
    pub(crate) source: String,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
    /// The same without the borders of words, if it has any.
    #[serde(skip)]
    loose: OnceLock<Option<Regex>>,
}

impl LazyRegex {
    pub(crate) fn new(source: &str) -> Self {
        Self { source: source.to_owned(), compiled: OnceLock::new(), loose: OnceLock::new() }
    }

    /// `None` if it is larger than allowed, which the linter reports.
    pub(crate) fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| build(&self.source)).as_ref()
    }

    /// All matches that do not overlap, as `find_iter` gives them.
    ///
    /// The fast engines cannot tell the borders of words in any alphabet but ours, and the slow ones
    /// take fifty times as long. So the expression without its borders is looked for first: whatever
    /// the whole one matches, this one matches from the same place on.
    pub(crate) fn find_in<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let loose = self.loose.get_or_init(|| without_borders(&self.source)).as_ref();
        let mut at = 0;
        std::iter::from_fn(move || {
            let from = match loose {
                Some(loose) => loose.find_at(text, at)?.start(),
                None => at,
            };
            let range = self.get()?.find_at(text, from)?.range();
            // No expression that passes the check matches nothing at all.
            at = range.end;
            Some(range)
        })
    }
}

fn build(source: &str) -> Option<Regex> {
    RegexBuilder::new(source)
        .size_limit(MAX_BYTES)
        .dfa_size_limit(MAX_BYTES)
        .nest_limit(64)
        .build()
        .ok()
}

/// `None` if it has no borders of words, or is nothing without them.
fn without_borders(source: &str) -> Option<Regex> {
    let hir = parse(source).ok()?;
    if !hir.properties().look_set().contains_word() {
        return None;
    }
    build(&loosened(&hir).to_string())
}

fn loosened(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Look(Look::StartLF | Look::EndLF | Look::Start | Look::End) => hir.clone(),
        HirKind::Look(_) => Hir::empty(),
        HirKind::Capture(capture) => loosened(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(loosened).collect()),
        HirKind::Alternation(branches) => Hir::alternation(branches.iter().map(loosened).collect()),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(loosened(&repetition.sub));
            Hir::repetition(regex_syntax::hir::Repetition { sub, ..repetition.clone() })
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
    }
}

/// Whether it parses and can match folded text; the error says what is wrong and where.
pub(crate) fn check(source: &str) -> Result<(), String> {
    if source.chars().count() > MAX_CHARS {
        return Err(format!("longer than {MAX_CHARS} characters"));
    }
    let hir = parse(source)?;
    if hir.properties().minimum_len().unwrap_or(0) == 0 {
        return Err("it can match nothing at all, and so would match everywhere".to_owned());
    }
    unfolded_piece(source).map_or(Ok(()), Err)
}

pub(crate) fn parse(source: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new().nest_limit(64).build().parse(source).map_err(|error| {
        let (kind, at) = match &error {
            regex_syntax::Error::Parse(error) => {
                (error.kind().to_string(), error.span().start.offset)
            }
            regex_syntax::Error::Translate(error) => {
                (error.kind().to_string(), error.span().start.offset)
            }
            _ => (error.to_string(), 0),
        };
        let character = source.get(..at).map_or(1, |before| before.chars().count() + 1);
        format!("{kind}, at character {character}")
    })
}

/// Texts are folded before they are searched, expressions are not: a letter that folding changes can
/// never be found, and its author has to know.
fn unfolded_piece(source: &str) -> Option<String> {
    let mut folding = Folding::default();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
            if chars.peek() == Some(&'{') {
                let _ = chars.by_ref().find(|c| *c == '}');
            }
            continue;
        }
        if !c.is_alphabetic() {
            continue;
        }
        let folded = folding.words(&c.to_string()).concat();
        if folded != c.to_string() {
            return Some(if folded.is_empty() {
                format!("`{c}` never stands in folded text")
            } else {
                format!("`{c}` never stands in folded text; write `{folded}`")
            });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn faults_are_told() {
        for (source, told) in [
            ("a(b", "unclosed group"),
            ("(?=a)b", "look-around"),
            (r"\w*", "can match nothing"),
            ("Паспорт", "`П` never stands in folded text; write `п`"),
        ] {
            let message = check(source).unwrap_err();
            assert!(message.contains(told), "{source}: {message}");
        }
    }
    const WITH_BORDERS: &[&str] = &[
        r"\bbb\b",
        r"\b(?:a|ab|б\w*)\b ?\d",
        r"(?:\bа|b\B)+c?",
        r"\d+\b|a{2,3}\b ",
        r"ab|б",
        r"^\bа\w+",
        r"(?:\b\d{1,2}\b,? ?)+\b(?:a|б)",
    ];

    proptest! {
        #[test]
        fn looking_without_borders_first_finds_the_same(
            text in "([a-c ,]|[абв]|\\d|bb|аб ){0,40}"
        ) {
            static PATTERNS: LazyLock<Vec<LazyRegex>> =
                LazyLock::new(|| WITH_BORDERS.iter().map(|source| LazyRegex::new(source)).collect());
            for pattern in PATTERNS.iter() {
                let whole = pattern.get().unwrap();
                let expected: Vec<_> = whole.find_iter(&text).map(|found| found.range()).collect();
                let found: Vec<_> = pattern.find_in(&text).collect();
                prop_assert_eq!(found, expected, "{}", pattern.source);
            }
        }
    }
}
