//! What became of a lead's postings at their sources.

use domain::{Found, Revisit};
use jiff::Timestamp;
use maud::{Markup, html};

use super::lead::Case;
use crate::language::Language;
use crate::visit::Person;

/// The postings that are not to be seen any more, each with a word on what that may mean.
pub(crate) fn missing(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    let lead = &case.view.lead;
    let postings = case.view.postings.iter().enumerate();
    let missing: Vec<(usize, &Revisit)> = postings
        .filter_map(|(number, stored)| Some((number + 1, lead.last_seen(&stored.posting.id)?)))
        .filter(|(_, seen)| seen.found.is_missing())
        .collect();
    html! {
        @if !missing.is_empty() {
            div.problem role="note" {
                @for (number, seen) in &missing {
                    p { (lang.with("revisit.missing", &[
                        ("n", &number.to_string()),
                        ("found", found(lang, seen.found)),
                        ("time", &minute(seen.first_at)),
                    ])) }
                }
                p { (lang.t("revisit.why-gone")) }
            }
        }
    }
}

/// What was found, and how often in a row.
pub(crate) fn words(lang: Language, row: &Revisit) -> String {
    let found = found(lang, row.found);
    match row.times {
        1 => found.to_owned(),
        times => lang.with(
            "revisit.row",
            &[("found", found), ("times", &times.to_string()), ("time", &minute(row.last_at))],
        ),
    }
}

fn found(lang: Language, found: Found) -> &'static str {
    lang.t(match found {
        Found::Unchanged => "revisit.unchanged",
        Found::Changed => "revisit.changed",
        Found::Gone => "revisit.gone",
        Found::NotShown => "revisit.not_shown",
        Found::Refused => "revisit.refused",
        Found::Failed => "revisit.failed",
    })
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}
