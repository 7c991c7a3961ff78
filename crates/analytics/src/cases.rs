//! `analyse cases`: real cases for trainers, with what could lead to a person blacked out, and a sheet
//! of answers apart.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use domain::{Field, Language, Posting};
use serde::Serialize;
use text::{Folded, TokenKind};

use crate::brief::{escaped, escaped_page, name, say};
use crate::calibration::DecidedLead;

/// What stands where something was blacked out.
pub(crate) const BLACKED_OUT: &str = "█████";
/// Digits in a row, blanks and dashes between them let through, that may be somebody's number.
const LONG_NUMBER: usize = 5;

/// A case to read, and its answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainingCase {
    /// Its number on both sheets.
    pub number: usize,
    /// The language of the posting; `und` if it was not told.
    pub language: &'static str,
    /// Headline, blacked out.
    pub title: Option<String>,
    /// Body, blacked out.
    pub text: String,
    /// Whether reviewers kept it.
    pub kept: bool,
    /// The signs in it, with the words.
    pub signs: Vec<CaseSign>,
}

/// A sign in a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseSign {
    /// The indicator.
    pub indicator: String,
    /// The words, blacked out where the text is.
    pub words: Vec<String>,
}

/// Picks cases: kept and dismissed in turn, each the one that shows most signs not yet seen.
pub fn cases(leads: &[DecidedLead], limit: usize) -> Vec<TrainingCase> {
    let mut left: Vec<&DecidedLead> = leads.iter().collect();
    let (mut seen, mut picked): (BTreeSet<String>, Vec<&DecidedLead>) = Default::default();
    while picked.len() < limit && !left.is_empty() {
        let wants_kept = picked.len() % 2 == 0;
        let news = |lead: &DecidedLead| {
            let signs: BTreeSet<&str> = signs_of(lead).collect();
            signs.into_iter().filter(|sign| !seen.contains(*sign)).count()
        };
        // The order of ids breaks ties, so that the same desk gives the same cases.
        let best = left.iter().enumerate().max_by_key(|(_, lead)| {
            (lead.is_kept() == wants_kept, news(lead), std::cmp::Reverse(lead.lead.id.clone()))
        });
        let Some((place, _)) = best else { break };
        let lead = left.swap_remove(place);
        seen.extend(signs_of(lead).map(ToOwned::to_owned));
        picked.push(lead);
    }
    picked.into_iter().zip(1..).map(|(lead, number)| blacked_out_case(lead, number)).collect()
}

fn signs_of(lead: &DecidedLead) -> impl Iterator<Item = &str> {
    lead.posting.assessment.findings.iter().map(|finding| finding.indicator.as_str())
}

/// A case of this number, with its answers.
pub(crate) fn blacked_out_case(lead: &DecidedLead, number: usize) -> TrainingCase {
    let posting = &lead.posting.posting;
    let title = posting.title.as_deref().unwrap_or_default();
    let (in_title, in_text) =
        (hidden(posting, Field::Title, title), hidden(posting, Field::Text, &posting.text));
    let mut signs: Vec<CaseSign> = Vec::new();
    for finding in &lead.posting.assessment.findings {
        let words = finding.spans().iter().map(|span| match span.field {
            Field::Title => blacked_out(title, &in_title, span.start..span.end),
            Field::Text => blacked_out(&posting.text, &in_text, span.start..span.end),
        });
        match signs.iter_mut().find(|sign| sign.indicator == finding.indicator.as_str()) {
            Some(sign) => sign.words.extend(words),
            None => signs.push(CaseSign {
                indicator: finding.indicator.to_string(),
                words: words.collect(),
            }),
        }
    }
    TrainingCase {
        number,
        language: lead.posting.assessment.language.map_or("und", Language::code),
        title: posting.title.as_ref().map(|title| blacked_out(title, &in_title, 0..title.len())),
        text: blacked_out(&posting.text, &in_text, 0..posting.text.len()),
        kept: lead.is_kept(),
        signs,
    }
}

/// What must not be read: contacts, links, long numbers, the names that the posting bears, and words
/// with a capital letter inside a sentence, which are names of people or places more often than not.
fn hidden(posting: &Posting, field: Field, text: &str) -> Vec<Range<usize>> {
    let mut hidden: Vec<Range<usize>> = text::contacts(field, text, posting.region)
        .into_iter()
        .map(|contact| contact.span.start..contact.span.end)
        .collect();
    let stated = [&posting.author, &posting.employer];
    let names: BTreeSet<String> = stated
        .into_iter()
        .flatten()
        .chain(&posting.places)
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()))
        .filter(|part| part.chars().count() >= 3)
        .map(text::fold_word)
        .collect();
    let folded = Folded::new(text);
    let mut sentence = u32::MAX;
    let mut run: Option<(Range<usize>, usize)> = None;
    for token in folded.tokens() {
        let range = token.from as usize..token.to as usize;
        let begins = token.sentence != sentence;
        sentence = token.sentence;
        if token.kind == TokenKind::Number {
            let joined =
                run.take().filter(|(before, _)| is_one_number(text, before.end..range.start));
            let (start, digits) = joined.map_or((range.start, 0), |(r, digits)| (r.start, digits));
            let digits = digits + range.len();
            if digits >= LONG_NUMBER {
                hidden.push(start..range.end);
            }
            run = Some((start..range.end, digits));
            continue;
        }
        run = None;
        let word = text.get(range.clone()).unwrap_or_default();
        let handle = text.get(..range.start).is_some_and(|before| before.ends_with('@'));
        let mut letters = word.chars();
        let capital = letters.next().is_some_and(char::is_uppercase)
            && letters.any(char::is_lowercase)
            && !begins;
        let named = || names.iter().any(|name| is_form_of(folded.word(token), name));
        if handle || capital || word.contains('@') || named() {
            hidden.push(range);
        }
    }
    hidden.sort_by_key(|range| (range.start, range.end));
    hidden
}

/// Whether a word may be a name in another case: the same but for the last two letters. Too much is
/// blacked out rather than too little.
fn is_form_of(word: &str, name: &str) -> bool {
    let letters = name.chars().count();
    let stem: String = name.chars().take(letters.saturating_sub(2).max(3)).collect();
    word.starts_with(&stem) && word.chars().count() <= letters + 3
}

/// Whether what stands between two numbers lets them be one: `067 123-45-67`.
fn is_one_number(text: &str, between: Range<usize>) -> bool {
    let between = text.get(between).unwrap_or("x");
    between.chars().count() <= 3 && between.chars().all(|c| " -().+\u{a0}".contains(c))
}

/// A stretch of a text with what is hidden blacked out.
fn blacked_out(text: &str, hidden: &[Range<usize>], stretch: Range<usize>) -> String {
    let mut shown = String::new();
    let mut at = stretch.start;
    for range in hidden.iter().filter(|r| r.start < stretch.end && r.end > stretch.start) {
        if range.start > at {
            shown.push_str(text.get(at..range.start).unwrap_or_default());
        }
        if range.end > at {
            if !shown.ends_with(BLACKED_OUT) {
                shown.push_str(BLACKED_OUT);
            }
            at = range.end;
        }
    }
    shown.push_str(text.get(at..stretch.end).unwrap_or_default());
    shown
}

/// The sheet with the cases, and the sheet with the answers.
pub fn case_sheets(cases: &[TrainingCase], language: Language) -> (String, String) {
    let told = |id: &str| escaped(&say(id, language, &[]));
    let (mut sheet, mut answers) = (String::new(), String::new());
    let _ = write!(sheet, "<h1>{}</h1><p>{}</p>", told("cases"), told("cases-task"));
    let _ = write!(answers, "<h1>{}</h1><p>{}</p>", told("answers"), told("answers-note"));
    for case in cases {
        let heading = format!("{} {}", told("case"), case.number);
        let title = case
            .title
            .as_ref()
            .map_or_else(String::new, |title| format!("<h3>{}</h3>", escaped(title)));
        let _ = write!(
            sheet,
            "<section><h2>{heading} · {}</h2>{title}<p>{}</p></section>",
            escaped(&name("language", case.language, language)),
            escaped(&case.text).replace('\n', "<br>")
        );
        let verdict = told(if case.kept { "case-kept" } else { "case-dismissed" });
        let signs: String = case
            .signs
            .iter()
            .map(|sign| {
                let words: Vec<String> =
                    sign.words.iter().map(|words| format!("«{}»", escaped(words))).collect();
                let called = escaped(&name("indicator", &sign.indicator, language));
                format!("<li><b>{called}</b>: {}</li>", words.join(" "))
            })
            .collect();
        let _ = write!(
            answers,
            "<section><h2>{heading}</h2><p><b>{verdict}</b></p><ul>{signs}</ul></section>"
        );
    }
    let (title, answers_title) = (say("cases", language, &[]), say("answers", language, &[]));
    (escaped_page(language, &title, &sheet), escaped_page(language, &answers_title, &answers))
}
