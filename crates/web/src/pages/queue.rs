//! The queue: what waits, what it is about, and the quickest way to the next lead.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use domain::{IndicatorId, Lead, LeadStatus, SourceId, Verdict};
use maud::{Markup, html};
use pipeline::PipelineError;
use serde::Deserialize;
use store::{QueueFilter, Store};

use super::{queue_bulk, queue_filter};
use crate::accounts::Role;
use crate::app::App;
use crate::board::{Board, Listed, Wanted};
use crate::glance::{Glance, PostingGlance};
use crate::language::Language;
use crate::layout::{self, Section, csrf};
use crate::refusal::Refusal;
use crate::terms::{self, Signs};
use crate::visible::clean;
use crate::visit::Person;

/// Leads on one page.
pub(crate) const PAGE: usize = 50;
/// Signs shown of a lead.
const SIGNS: usize = 4;

/// The filters, as the address says them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) status: String,
    pub(crate) band: String,
    pub(crate) language: String,
    pub(crate) indicator: String,
    pub(crate) source: String,
    pub(crate) verdict: String,
    pub(crate) mine: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) contact: String,
    pub(crate) since: String,
    pub(crate) q: String,
    pub(crate) page: String,
    pub(crate) said: Option<String>,
}

impl Asked {
    /// What is wanted; a word that names nothing wants nothing in particular.
    pub(crate) fn wanted(&self, name: &str) -> Wanted {
        let filter = QueueFilter {
            status: terms::status(&self.status),
            all_statuses: self.status == "all",
            band_at_least: terms::band(&self.band),
            claimed_by: (self.mine == "yes").then(|| name.to_owned()),
            source: SourceId::new(self.source.as_str()).ok(),
            language: domain::Language::from_code(&self.language),
            indicator: IndicatorId::new(self.indicator.as_str()).ok(),
            verdict: terms::verdict(&self.verdict),
            from: terms::country(&self.from),
            to: terms::country(&self.to),
            contact: Some(self.contact.chars().take(200).collect())
                .filter(|c: &String| !c.trim().is_empty()),
            since: terms::day(&self.since),
        };
        Wanted { filter, text: self.q.chars().take(200).collect() }
    }

    /// Whether it is looked for among the words of postings.
    fn asks_words(&self) -> bool {
        !self.q.is_empty() || !self.contact.is_empty()
    }

    pub(crate) fn page(&self) -> usize {
        self.page.parse().ok().filter(|page| (1..100_000).contains(page)).unwrap_or(1)
    }
}

/// These leads with the posting of each that says most, as far as they are still there.
pub(crate) fn listed(
    board: &Board,
    index: &dyn Store,
    leads: Vec<Listed>,
) -> Result<Vec<Glance>, PipelineError> {
    let mut listed = Vec::with_capacity(leads.len());
    for lead in leads {
        let (mut glance, strongest) = match lead {
            Listed::Told(glance, strongest) => (glance, strongest),
            Listed::Named(id) => match index.lead(&id)? {
                Some(lead) => (Glance::of(&lead, None), lead.strongest),
                None => continue,
            },
        };
        glance.posting = match board.glance(&glance.id, &strongest) {
            Ok(posting) => Some(posting),
            Err(asked_at) => {
                let posting = index.posting(&strongest)?;
                let posting = posting.map(|posting| Arc::new(PostingGlance::of(&posting)));
                if let Some(posting) = &posting {
                    board.remember(glance.id.clone(), strongest, posting.clone(), asked_at);
                }
                posting
            }
        };
        listed.push(glance);
    }
    Ok(listed)
}

/// `GET /queue`
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let wanted = asked.wanted(&person.account.name);
    let from = (asked.page() - 1) * PAGE;
    let board = app.board.clone();
    let (leads, total) = app.read(move |index| found(&board, index, &wanted, from, PAGE)).await?;
    let signs = app.signs();
    let body = html! {
        div.heading {
            h1 { (lang.t("nav.queue")) " " span.count { @if let Some(total) = total { (total) } @else { "…" } } }
            @if person.is_any(&[Role::Investigator]) {
                a.button href="/queue/next" data-key="n" { (lang.t("queue.next")) }
            }
        }
        (layout::said(lang, asked.said.as_deref()))
        @if person.is_any(&[Role::Investigator]) { (queue_bulk::second_thoughts(&app, &person)) }
        (still_read(&app, lang, &asked, total))
        (queue_filter::form(&app, &person, &asked, &signs))
        p #news.news role="status" hidden {
            span data-words=(lang.t("queue.news")) {} " " a href="" { (lang.t("queue.show-news")) }
        }
        @if leads.is_empty() && total.is_some() { p.empty { (lang.t("queue.empty")) } }
        ol.queue start=(from + 1) data-live="/queue/live" data-claimed=(lang.t("queue.claimed-by")) {
            @for one in &leads { (row(&person, one, &signs)) }
        }
        @if person.is_any(&[Role::Investigator]) && !leads.is_empty() { (queue_bulk::form(&person)) }
        (queue_filter::pager(lang, &asked, total.unwrap_or(from + leads.len())))
        (super::keys::help(lang))
    };
    Ok(layout::page(&app, &person, Section::Queue, lang.t("nav.queue"), body))
}

/// The leads of a page, and how many there are in all. Just after a start, before all leads are on the
/// board, the index gives the first of them at once, as far as it need not look into postings.
fn found(
    board: &Board,
    index: &dyn Store,
    wanted: &Wanted,
    from: usize,
    limit: usize,
) -> Result<(Vec<Glance>, Option<usize>), PipelineError> {
    if board.is_listed() {
        let found = board.find(wanted, from, limit);
        return Ok((listed(board, index, found.leads)?, Some(found.total)));
    }
    if !wanted.is_told_by_the_lead() {
        return Ok((Vec::new(), None));
    }
    let leads = index.queue(&wanted.filter, from + limit)?.into_iter().skip(from);
    let leads = leads.map(|lead| Listed::Told(Glance::of(&lead, None), lead.strongest));
    Ok((listed(board, index, leads.collect())?, None))
}

/// What is still being read, and how far it is.
fn still_read(app: &App, lang: Language, asked: &Asked, total: Option<usize>) -> Markup {
    let (leads, with_words) = app.board.progress();
    let so_far = [("n", &*with_words.to_string()), ("all", &*leads.to_string())];
    html! {
        @if total.is_none() {
            p.hint role="status" { (lang.count("queue.loading", leads as u64)) }
        } @else if asked.asks_words() && !app.board.is_loaded() {
            p.hint role="status" { (lang.with("queue.words-loading", &so_far)) }
        }
    }
}

fn row(person: &Person, lead: &Glance, signs: &Signs) -> Markup {
    let lang = person.lang();
    let path = format!("/leads/{}", lead.id);
    let posting = lead.posting.as_ref();
    let title = posting.map_or_else(|| lead.id.to_string(), |posting| posting.title.clone());
    let found = posting.iter().flat_map(|posting| posting.signs());
    let is_open = lead.status == LeadStatus::Open;
    let may_decide = person.is_any(&[Role::Investigator]);
    html! {
        li.lead id=(lead.id) tabindex="-1" data-path=(path) {
            @if may_decide {
                input.pick type="checkbox" name="lead" value=(lead.id) form="bulk" disabled[!is_open]
                    aria-label=(lang.with("queue.pick", &[("title", &title)]));
            }
            div.what {
                div.line {
                    (terms::badge(lang, lead.score, lead.band))
                    h2 { a href=(path) { bdi { (title) } } }
                }
                ul.signs {
                    @for id in found.take(SIGNS) { li { (signs.title(lang, id)) } }
                }
                @if let Some((posting, quote)) = posting.and_then(|posting| posting.quote.as_ref().map(|quote| (posting, quote))) {
                    blockquote lang=[posting.language.map(domain::Language::code)] dir="auto" { (quote) }
                }
                p.meta {
                    @if let Some(posting) = posting {
                        span { (terms::language_name(lang, posting.language)) }
                        @if let Some(route) = route(lang, lead) { span { (route) } }
                        span { (clean(&posting.source)) }
                        span { (terms::ago(lang, posting.published_at.unwrap_or(lead.opened_at), person.visit.now)) }
                    }
                    span { (lang.count("queue.postings", lead.postings as u64)) }
                    @if lead.open_tasks > 0 { span { (lang.count("queue.tasks", lead.open_tasks as u64)) } }
                    span.state { (standing(person, lead.status, lead.claimed_by.as_deref(), lead.verdict)) }
                }
            }
            @if may_decide && is_open {
                form.act method="post" action={ (path) "/claim" } {
                    (csrf(&person.visit))
                    button.quiet type="submit" data-key="c" { (lang.t("lead.claim")) span.unseen { ": " (title) } }
                }
            }
        }
    }
}

/// From which countries to which its words take people.
fn route(lang: Language, lead: &Glance) -> Option<String> {
    let names = |countries: &[String]| {
        let names = countries.iter().map(|code| terms::country_name(lang, code));
        names.collect::<Vec<_>>().join(", ")
    };
    let (from, to) = (names(&lead.from), names(&lead.to));
    match (from.is_empty(), to.is_empty()) {
        (true, true) => None,
        (false, true) => Some(lang.with("queue.route-from", &[("from", &from)])),
        (true, false) => Some(lang.with("queue.route-to", &[("to", &to)])),
        (false, false) => Some(format!("{from} → {to}")),
    }
}

/// Where a lead stands, in words.
pub(crate) fn state(person: &Person, lead: &Lead) -> String {
    standing(person, lead.status(), lead.claimed_by.as_deref(), lead.verdict())
}

fn standing(
    person: &Person,
    status: LeadStatus,
    claimed_by: Option<&str>,
    verdict: Option<Verdict>,
) -> String {
    let lang = person.lang();
    match (status, claimed_by, verdict) {
        (LeadStatus::Claimed, Some(by), _) if by == person.account.name => {
            lang.t("queue.claimed-by-you").to_owned()
        }
        (LeadStatus::Claimed, Some(by), _) => {
            lang.with("queue.claimed-by", &[("name", &clean(by))])
        }
        (LeadStatus::Decided, _, Some(verdict)) => {
            lang.t(&format!("verdict.{verdict}-done")).to_owned()
        }
        (status, ..) => lang.t(&format!("status.{}", status.name())).to_owned(),
    }
}

/// `GET /queue/next`: the lead on top that nobody has.
pub(crate) async fn next(State(app): State<App>) -> Result<Redirect, Refusal> {
    let filter = QueueFilter { status: Some(LeadStatus::Open), ..QueueFilter::default() };
    let (board, wanted) = (app.board.clone(), Wanted { filter, text: String::new() });
    let first =
        app.read(move |index| Ok(found(&board, index, &wanted, 0, 1)?.0.into_iter().next()));
    Ok(match first.await? {
        Some(first) => Redirect::to(&format!("/leads/{}", first.id)),
        None => Redirect::to("/queue?said=none-left"),
    })
}
