//! One posting of a lead: its words with every finding marked, and the reasons beside them.

use domain::{Field, Posting, masked};
use maud::{Markup, html};
use store::StoredPosting;

use super::lead::Case;
use super::reasons::{self, Reason};
use crate::terms::{self, Signs};
use crate::visible::{clean, marked};
use crate::visit::Person;

/// Longest text that is shown; the whole is in the evidence.
const LONGEST: usize = 60_000;

pub(crate) fn card(
    person: &Person,
    case: &Case,
    stored: &StoredPosting,
    number: usize,
    signs: &Signs,
) -> Markup {
    let (lang, posting, assessment) = (person.lang(), &stored.posting, &stored.assessment);
    let hides = case.masked && posting.may_be_of_a_victim();
    let reasons = reasons::reasons(assessment, number * 1000);
    let folded = terms::is_distressing(assessment) && !person.account.unfolded;
    let text =
        text(posting, &reasons, hides, &|reason| reasons::title(&reasons, signs, lang, reason));
    let code = assessment.language.or(posting.language).map(domain::Language::code);
    html! {
        section.card.posting {
            @if case.view.postings.len() > 1 { h2 { (lang.with("lead.posting-n", &[("n", &(number + 1).to_string())])) } }
            @else { h2 { (lang.t("lead.posting")) } }
            @if folded {
                details.folded {
                    summary { (lang.t("care.folded")) }
                    blockquote.words lang=[code] dir="auto" { (text) }
                }
            } @else {
                blockquote.words lang=[code] dir="auto" { (text) }
            }
            @for (key, against) in [("lead.why", false), ("lead.against", true)] {
                @if reasons.iter().any(|reason| reason.against == against) {
                    h3 { (lang.t(key)) }
                    (reasons::list(lang, reasons.iter().filter(|reason| reason.against == against), signs, hides))
                }
            }
            (facts(person, stored, hides))
        }
    }
}

fn text(
    posting: &Posting,
    reasons: &[Reason<'_>],
    hides: bool,
    title: &dyn Fn(usize) -> String,
) -> Markup {
    let shown = |field: Field, text: &str| {
        let cut = text.len().min(LONGEST);
        let cut = (0..=cut).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let visible = if hides {
            contacts_hidden(posting, field, &text[..cut])
        } else {
            text[..cut].to_owned()
        };
        marked(&visible, &reasons::passages(reasons, field), title)
    };
    html! {
        @if let Some(headline) = posting.title.as_deref().filter(|headline| !headline.is_empty()) {
            strong.headline { (shown(Field::Title, headline)) } "\n"
        }
        (shown(Field::Text, &posting.text))
        @if posting.text.len() > LONGEST { " …" }
    }
}

/// The text with the signs of its contacts replaced, byte for byte, so that places stay places.
pub(crate) fn contacts_hidden(posting: &Posting, field: Field, text: &str) -> String {
    let hidden = |at: usize| {
        let mut spans = posting.contacts.iter().map(|contact| &contact.span);
        spans.any(|span| span.field == field && span.start <= at && at < span.end)
    };
    let replaced = |(at, c): (usize, char)| match c {
        c if !hidden(at) || c.is_whitespace() => c,
        c => match c.len_utf8() {
            1 => '*',
            2 => '×',
            3 => '•',
            _ => '\u{1d7cf}',
        },
    };
    text.char_indices().map(replaced).collect()
}

fn facts(person: &Person, stored: &StoredPosting, hides: bool) -> Markup {
    let (lang, posting) = (person.lang(), &stored.posting);
    let author =
        posting.author.as_ref().map(|author| if hides { masked(author) } else { clean(author) });
    let places = (!posting.places.is_empty()).then(|| clean(&posting.places.join(", ")));
    let texts = [
        ("fact.author", author),
        ("fact.employer", posting.employer.as_deref().map(clean)),
        ("fact.places", places),
        // An address is shown and never a link: one click would tell its owner that we look.
        ("fact.address", posting.url.as_deref().map(clean)),
        ("fact.source", Some(clean(posting.source.as_str()))),
        ("fact.language", Some(terms::language_name(lang, stored.assessment.language).to_owned())),
    ];
    html! {
        dl.facts {
            @for (key, value) in texts {
                @if let Some(value) = value { div { dt { (lang.t(key)) } dd { bdi { (value) } } } }
            }
            @if let Some(published) = posting.published_at { div { dt { (lang.t("fact.published")) } dd { (terms::time(published)) } } }
            div { dt { (lang.t("fact.captured")) } dd { (terms::time(posting.captured_at)) } }
            @if !hides { @for link in posting.hidden_links.iter().take(10) {
                div { dt { (lang.t("fact.hidden-link")) } dd { bdi { (clean(link)) } } }
            } }
        }
    }
}
