//! Whose hand wrote what: what ties the postings of a lead, and a person's word on it. The word is
//! remembered, and nothing that is found later undoes it.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use domain::{LeadId, Link, PostingId};
use maud::{Markup, html};
use pipeline::Desk;
use serde::Deserialize;

use super::decide::act_on_free;
use super::lead::{self, Case};
use super::wording;
use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::visit::Person;

/// Most postings that are named one by one.
const MOST_NAMED: usize = 100;

pub(crate) fn card(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    let is_one = case.view.postings.len() < 2;
    let may = lead::may_decide(person, case);
    html! {
        @if !is_one || may && !case.view.links.is_empty() {
            section.card #hands {
                h2 { (lang.t("hands.title")) }
                @if !is_one { (reasons(person, case)) (ties(person, case)) }
                @if may && !is_one { (split_form(person, case)) }
                @if may && !case.view.links.is_empty() { (merge_form(person, case)) }
            }
        }
    }
}

/// What the postings show together, beside the strongest of them.
fn reasons(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    html! {
        @if !case.view.lead.reasons.is_empty() {
            ul.plain { @for reason in &case.view.lead.reasons { li {
                (reason.words) " " small { (lang.t("score.points")) " +" (format!("{:.1}", reason.points)) }
            } } }
        }
    }
}

fn ties(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    let number = |posting: &PostingId| {
        let place = case.view.postings.iter().position(|stored| stored.posting.id == *posting);
        place.map_or_else(|| posting.to_string(), |place| (place + 1).to_string())
    };
    let named = |link: &Link| {
        lang.with("hands.tie", &[("from", &number(&link.from)), ("to", &number(&link.to))])
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label=(lang.t("hands.title")) { table {
            thead { tr {
                th scope="col" { (lang.t("hands.postings")) }
                th scope="col" { (lang.t("lead.shared")) }
                th.number scope="col" { (lang.t("lead.sureness")) }
            } }
            tbody { @for link in case.view.ties.iter().take(MOST_NAMED) { tr {
                td { (named(link)) }
                td { (wording::shared(lang, case, link)) }
                td.number { (format!("{:.0} %", link.strength * 100.0)) }
            } } }
        } }
    }
}

fn split_form(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    html! {
        form.stack method="post" action={ "/leads/" (case.view.lead.id) "/split" } {
            (csrf(&person.visit))
            label { (lang.t("hands.not-the-same"))
                select name="posting" required {
                    option value="" { (lang.t("hands.choose")) }
                    @for (number, stored) in case.view.postings.iter().enumerate().take(MOST_NAMED) {
                        option value=(stored.posting.id) { (lang.with("lead.posting-n", &[("n", &(number + 1).to_string())])) }
                    }
                }
            }
            label { (lang.t("hands.reason")) input name="reason" required maxlength="1000"; }
            button.quiet type="submit" { (lang.t("hands.split")) }
        }
    }
}

fn merge_form(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    let mut others: Vec<&LeadId> = case.view.links.iter().map(|link| &link.lead).collect();
    others.sort();
    others.dedup();
    html! {
        form.stack method="post" action={ "/leads/" (case.view.lead.id) "/merge" } {
            (csrf(&person.visit))
            label { (lang.t("hands.same"))
                select name="other" required {
                    option value="" { (lang.t("hands.choose")) }
                    @for other in others.iter().take(MOST_NAMED) {
                        option value=(other) { (lead::name_of(case, other)) }
                    }
                }
            }
            label { (lang.t("hands.reason")) input name="reason" required maxlength="1000"; }
            button.quiet type="submit" { (lang.t("hands.merge")) }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Split {
    posting: String,
    reason: String,
}

/// `POST /leads/{id}/split`: one posting is of another hand.
pub(crate) async fn split(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(form): Form<Split>,
) -> Result<Redirect, Refusal> {
    let posting = PostingId::new(&form.posting).map_err(|_| Refusal::bad_form())?;
    let work = move |desk: &mut Desk, lead: &LeadId, by: &str| {
        desk.split(lead, &[posting], by, &form.reason)
    };
    act_on_free(&app, &person, &id, "split", work).await
}

#[derive(Deserialize)]
pub(crate) struct Merge {
    other: String,
    reason: String,
}

/// `POST /leads/{id}/merge`: another lead is of the same hand.
pub(crate) async fn merge(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(form): Form<Merge>,
) -> Result<Redirect, Refusal> {
    let other = LeadId::new(&form.other).map_err(|_| Refusal::bad_form())?;
    let work = move |desk: &mut Desk, lead: &LeadId, by: &str| {
        desk.merge(&[lead.clone(), other], by, &form.reason)
    };
    act_on_free(&app, &person, &id, "merged", work).await
}
