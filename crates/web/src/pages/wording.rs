//! What the postings of a lead have in words: where two of them say the same, the wording that comes
//! again with what changes in it, and the places that they name.

use std::collections::BTreeMap;

use domain::{Link, PostingId};
use maud::{Markup, html};
use pipeline::{SlotKind, TemplatePart};

use super::lead::{self, Case};
use crate::Language;
use crate::visible::{clean, shortened};
use crate::visit::Person;

/// Most letters of a quote, and most words that a slot is shown to hold.
const MOST_LETTERS: usize = 120;
const MOST_VALUES: usize = 6;
/// Most templates that are shown; the first are those of most postings.
const MOST_TEMPLATES: usize = 5;

/// What two postings have in common: what it is, where it stands in each, and why it does not bring
/// them together, when it does not.
pub(super) fn shared(lang: Language, case: &Case, link: &Link) -> Markup {
    let quotes = [&link.here, &link.there].into_iter().flatten();
    let mut quotes: Vec<String> = quotes.map(|span| shortened(&span.quote, MOST_LETTERS)).collect();
    quotes.dedup();
    let said = lead::shared(lang, link, case.masked);
    quotes.retain(|quote| *quote != said);
    html! {
        bdi { (said) }
        @if !case.masked { @for quote in &quotes { br; q { bdi { (quote) } } } }
        @if let Some(why) = &link.weak { br; small { (lang.t("lead.weak")) " " span lang="en" { (clean(why)) } } }
    }
}

/// The wording that comes again, each slot with what stands in it.
pub(super) fn templates(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    // A template quotes what a masked posting says.
    let shown = if case.masked { &[] } else { &*case.view.templates };
    html! { @if !shown.is_empty() {
        section.card #wording {
            h2 { (lang.t("wording.title")) }
            @for template in shown.iter().take(MOST_TEMPLATES) {
                p.hint { (lang.with("wording.of", &[("n", &template.postings.len().to_string())])) }
                blockquote { bdi { @for part in &template.template.parts { (part_of(lang, part)) " " } } }
            }
        }
    } }
}

fn part_of(lang: Language, part: &TemplatePart) -> Markup {
    match part {
        TemplatePart::Words { text } => html! { (clean(text)) },
        TemplatePart::Slot { kind, values } => {
            let kind = lang.t(match kind {
                SlotKind::Contact => "wording.contact",
                SlotKind::Number => "wording.number",
                SlotKind::Words => "wording.words",
            });
            let values: Vec<String> =
                values.iter().take(MOST_VALUES).map(|value| shortened(value, 30)).collect();
            html! { mark { "[" (kind) ": " (values.join(" | ")) "]" } }
        }
    }
}

/// The places that the postings name, each with its part in the journey and the postings that name it.
pub(super) fn places(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    let mut named: BTreeMap<(usize, &str, &str), Vec<&PostingId>> = BTreeMap::new();
    for place in &case.view.places {
        let role =
            ROLES.iter().position(|(role, _)| *role == place.role).unwrap_or(ROLES.len() - 1);
        named.entry((role, &place.country, &place.name)).or_default().push(&place.posting);
    }
    html! { @if !named.is_empty() {
        section.card #places {
            h2 { (lang.t("places.title")) }
            ul.plain { @for ((role, country, name), mut postings) in named {
                @let count = { postings.sort(); postings.dedup(); postings.len() };
                li {
                    (lang.t(ROLES[role].1)) " " strong { (name) } " (" (country) ")"
                    @if count > 1 { " " small { (lang.with("places.of", &[("n", &count.to_string())])) } }
                }
            } }
        }
    } }
}

/// The parts that a place can have, in the order of a journey.
const ROLES: [(&str, &str); 5] = [
    ("from", "places.from"),
    ("through", "places.through"),
    ("to", "places.to"),
    ("work in", "places.work"),
    ("named", "places.named"),
];
