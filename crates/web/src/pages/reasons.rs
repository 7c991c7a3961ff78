//! The reasons of an assessment, sign by sign: a sign that shows in several words is one reason with
//! several quotes.

use domain::{Assessment, Field, Finding};
use maud::{Markup, html};

use crate::language::Language;
use crate::terms::Signs;
use crate::visible::{Passage, shortened};

/// Quotes shown of one sign.
const QUOTES: usize = 4;

/// One sign of an assessment, with everything that shows it.
pub(crate) struct Reason<'a> {
    /// Its number on the page; the marks in the text carry it.
    pub(crate) number: usize,
    pub(crate) sign: &'a str,
    pub(crate) points: f64,
    /// Speaks against a look.
    pub(crate) against: bool,
    findings: Vec<&'a Finding>,
}

/// The reasons of a posting, what speaks for a look first, the strongest first. `first` is the
/// number before that of the first reason, so that the postings of a lead have numbers of their own.
pub(crate) fn reasons(assessment: &Assessment, first: usize) -> Vec<Reason<'_>> {
    let mut reasons: Vec<Reason<'_>> = Vec::new();
    let both = [(&assessment.findings, false), (&assessment.mitigations, true)];
    for (finding, against) in
        both.into_iter().flat_map(|(list, against)| list.iter().map(move |one| (one, against)))
    {
        let sign = finding.indicator.as_str();
        match reasons.iter_mut().find(|reason| reason.sign == sign && reason.against == against) {
            Some(reason) => {
                reason.points += finding.points;
                reason.findings.push(finding);
            }
            None => {
                let findings = vec![finding];
                reasons.push(Reason { number: 0, sign, points: finding.points, against, findings });
            }
        }
    }
    reasons
        .sort_by(|a, b| a.against.cmp(&b.against).then(b.points.abs().total_cmp(&a.points.abs())));
    for (index, reason) in reasons.iter_mut().enumerate() {
        reason.number = first + index + 1;
    }
    reasons
}

/// The passages of a field, for marking.
pub(crate) fn passages(reasons: &[Reason<'_>], field: Field) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    for reason in reasons {
        let spans = reason.findings.iter().flat_map(|finding| finding.spans());
        let of_field = spans.filter(|span| span.field == field);
        passages.extend(of_field.map(|span| Passage::of(span, reason.number, reason.against)));
    }
    passages.sort_unstable();
    passages.dedup();
    passages
}

/// What a mark says when pointed at.
pub(crate) fn title(
    reasons: &[Reason<'_>],
    signs: &Signs,
    lang: Language,
    number: usize,
) -> String {
    let reason = reasons.iter().find(|reason| reason.number == number);
    reason.map_or_else(String::new, |reason| signs.title(lang, reason.sign))
}

/// The list beside the text.
pub(crate) fn list<'a>(
    lang: Language,
    reasons: impl IntoIterator<Item = &'a Reason<'a>>,
    signs: &Signs,
    hides_quotes: bool,
) -> Markup {
    html! {
        ol.reasons {
            @for reason in reasons {
                @let words = signs.get(reason.sign);
                li id={ "reason-" (reason.number) } data-reason=(reason.number) {
                    span.number-mark aria-hidden="true" { (reason.number % 1000) }
                    div {
                        strong { (signs.title(lang, reason.sign)) }
                        span.points { (format!("{:+.1}", reason.points)) }
                        @if !hides_quotes { p.quotes { (quotes(reason)) } }
                        details.more {
                            summary { (lang.t("lead.explain")) span.unseen { ": " (signs.title(lang, reason.sign)) } }
                            @if let Some(words) = words { @if !words.definition.is_empty() { p { (words.definition) } } p { (words.why) } }
                            @for finding in &reason.findings { p { code { (finding.rule) " v" (finding.version) } } }
                        }
                    }
                }
            }
        }
    }
}

fn quotes(reason: &Reason<'_>) -> Markup {
    let mut quotes: Vec<String> = Vec::new();
    for finding in &reason.findings {
        let words: Vec<String> =
            finding.spans().iter().map(|span| shortened(&span.quote, 80)).collect();
        let quote = words.join(" … ");
        if !quotes.contains(&quote) {
            quotes.push(quote);
        }
    }
    html! { @for quote in quotes.iter().take(QUOTES) { q { bdi { (quote) } } " " } }
}
