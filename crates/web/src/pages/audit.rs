//! The custody log as people read it: who did what, when, to which lead.

use axum::extract::{Query, State};
use axum::response::Response;
use evidence::Event;
use maud::{Markup, html};
use serde::Deserialize;

use super::queue_filter::escaped;
use super::{history, rehash};
use crate::app::App;
use crate::board::Act;
use crate::language::Language;
use crate::layout::{self, Section};
use crate::refusal::Refusal;
use crate::rights::REVIEWERS;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// Acts on one page.
const PAGE: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    by: String,
    lead: String,
    page: String,
}

/// `GET /audit`
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let page =
        asked.page.parse().ok().filter(|page| (1..100_000).contains(page)).unwrap_or(1_usize);
    let admits = |act: &Act| {
        (asked.by.is_empty() || act.by.to_lowercase().contains(&asked.by.to_lowercase()))
            && (asked.lead.is_empty() || act.leads.iter().any(|lead| lead.as_str() == asked.lead))
    };
    let (acts, total) = app.board.latest_acts(&admits, (page - 1) * PAGE, PAGE);
    let last = total.div_ceil(PAGE).max(1);
    let path = |page: usize| {
        format!("/audit?by={}&lead={}&page={page}", escaped(&asked.by), escaped(&asked.lead))
    };
    // It is of the desk as a whole: who looks for one lead's acts, or further back, asks for these.
    let is_first = page == 1 && asked.by.is_empty() && asked.lead.is_empty();
    let read_again = if is_first {
        rehash::card(&app, &person).await?
    } else {
        html! {}
    };
    let body = html! {
        div.heading { h1 { (lang.t("nav.audit")) " " span.count { (total) } } }
        p.hint { (lang.t("audit.hint")) }
        (read_again)
        @if !app.board.remembers() { p.hint role="status" { (lang.t("history.loading")) } }
        form.filters method="get" {
            label.grow { (lang.t("audit.by")) input name="by" value=(asked.by) maxlength="100"; }
            label.grow { (lang.t("audit.lead")) input name="lead" value=(asked.lead) maxlength="40" spellcheck="false"; }
            button type="submit" { (lang.t("queue.filter")) }
        }
        div.scroll tabindex="0" role="region" aria-label=(lang.t("nav.audit")) { table {
            thead { tr {
                th scope="col" { (lang.t("audit.entry")) }
                th scope="col" { (lang.t("audit.time")) }
                th scope="col" { (lang.t("audit.by")) }
                th scope="col" { (lang.t("audit.act")) }
                th scope="col" { (lang.t("audit.lead")) }
            } }
            tbody { @for act in &acts { (row(&person, act)) } }
        } }
        @if acts.is_empty() { p.empty { (lang.t("audit.empty")) } }
        @if last > 1 { nav.pager aria-label=(lang.t("pager.label")) {
            @if page > 1 { a.button.quiet href=(path(page - 1)) { (lang.t("pager.before")) } }
            span { (lang.with("pager.page", &[("page", &page.to_string()), ("last", &last.to_string())])) }
            @if page < last { a.button.quiet href=(path(page + 1)) { (lang.t("pager.after")) } }
        } }
    };
    Ok(layout::page(&app, &person, Section::Audit, lang.t("nav.audit"), body))
}

fn row(person: &Person, act: &Act) -> Markup {
    let lang = person.lang();
    let sees_leads = person.is_any(REVIEWERS);
    html! {
        tr {
            td.number { (act.seq) }
            td { (terms::time(act.at)) }
            td { (clean(&act.by)) }
            td { (words(lang, &act.event, sees_leads)) }
            td { @for lead in &act.leads {
                @if sees_leads { a href={ "/leads/" (lead) } { code { (lead) } } } @else { code { (lead) } }
            } }
        }
    }
}

/// Who sees no leads sees that somebody wrote about one, and not what.
fn words(lang: Language, event: &Event, sees_leads: bool) -> String {
    let mut event = event.clone();
    if !sees_leads {
        let hidden = "…".to_owned();
        match &mut event {
            Event::Note { text, .. } => *text = hidden,
            Event::Decision { reason, .. }
            | Event::Reveal { reason, .. }
            | Event::Merge { reason, .. }
            | Event::Split { reason, .. }
            | Event::Hold { reason, .. }
            | Event::HoldLifted { reason, .. } => *reason = hidden,
            _ => {}
        }
    }
    history::words(lang, &event)
}
