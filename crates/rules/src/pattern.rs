//! Regular expressions in rules: checked when read, compiled when first needed.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::Hir;

use crate::folding::Folding;

/// Longest expression in characters.
const MAX_CHARS: usize = 2_000;
/// Memory of one compiled expression, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// An expression that is compiled when it is first needed: most never are in a short run, and
/// Unicode classes make compiling slow.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    pub(crate) source: String,
    compiled: OnceLock<Option<Regex>>,
}

impl LazyRegex {
    pub(crate) fn new(source: &str) -> Self {
        Self { source: source.to_owned(), compiled: OnceLock::new() }
    }

    /// `None` if it is larger than allowed, which the linter reports.
    pub(crate) fn get(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| {
                RegexBuilder::new(&self.source)
                    .size_limit(MAX_BYTES)
                    .dfa_size_limit(MAX_BYTES)
                    .nest_limit(64)
                    .build()
                    .ok()
            })
            .as_ref()
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
}
