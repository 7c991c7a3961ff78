//! A lead: everything that is known of it, on one page, with the reasons beside the words.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::{Contact, LeadId, LeadStatus, LinkKey, LinkKind, PostingId};
use maud::{Markup, html};
use pipeline::{LeadView, PipelineError};
use serde::Deserialize;
use store::Store;

use super::hand_over::Offer;
use super::similar::Similar;
use super::{
    attachments, decide, graph, hand_over, hands, history, lead_contacts, lead_posting, queue,
    revisits, similar, tasks, waterfall, wording,
};
use crate::accounts::Role;
use crate::app::App;
use crate::board::Act;
use crate::glance::headline;
use crate::layout::{self, Section};
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::{clean, shortened};
use crate::visit::Person;

/// Most leads that are named for one contact; a board's own number may be in thousands.
const MOST_OTHERS: usize = 20;
/// Postings that are shown at once; near-copies can be hundreds.
const MOST_POSTINGS: usize = 25;
/// Most postings with the same contact that are counted.
const MOST_COUNTED: usize = 10_000;

/// What the address asks for beside the lead.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) said: Option<String>,
    /// The verdict that is chosen beforehand.
    pub(crate) verdict: String,
    /// `all`: every posting, however many there are.
    pub(crate) postings: String,
}

/// A contact of the lead with everywhere else that it was seen.
pub(crate) struct Appearance {
    pub(crate) contact: Contact,
    pub(crate) others: Vec<(PostingId, LeadId)>,
    pub(crate) total: usize,
}

/// Everything that the page shows.
pub(crate) struct Case {
    pub(crate) view: LeadView,
    pub(crate) appearances: Vec<Appearance>,
    /// Beginnings of the linked leads, by id.
    pub(crate) linked: Vec<(LeadId, String)>,
    /// Decided leads that share something with it.
    pub(crate) similar: Vec<Similar>,
    /// What a packet can be made with, of a lead that may be handed over.
    pub(crate) offer: Option<Offer>,
    pub(crate) acts: Vec<Act>,
    /// Details of possible victims are masked.
    pub(crate) masked: bool,
}

/// `GET /leads/{id}`. The view is in the custody log before anything is shown.
pub(crate) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let asked_for = id.clone();
    let reading = app.read(move |index| {
        let view = pipeline::lead_view(index, &asked_for)?;
        let appearances = appearances(index, &view)?;
        let linked = linked(index, &view)?;
        let similar = similar::similar(index, &view, &appearances)?;
        Ok((view, appearances, linked, similar))
    });
    // The disk takes its time for the log; meanwhile the lead is read.
    let (logged, read) = tokio::join!(app.log_view(id.clone(), person.name()), reading);
    logged?;
    let (view, appearances, linked, similar) = read?;
    let critical = view.lead.band == domain::Band::Critical;
    app.sessions.looked_at(&person.visit.csrf, &id, critical);
    let acts = app.board.acts_on(&view.lead);
    let masked = has_masked_details(&view) && !has_revealed(&acts, &person);
    let offer = hand_over::offer(&app, &person, &view.lead, &acts).await?;
    let case = Case { view, appearances, linked, similar, offer, acts, masked };
    let body = body(&app, &person, &case, &asked);
    let title = case.view.postings.first().map_or_else(|| id.to_string(), headline);
    Ok(layout::page(&app, &person, Section::Queue, &title, body))
}

/// A tip is about people who came for help, or by them: what it says of them is masked.
pub(crate) fn has_masked_details(view: &LeadView) -> bool {
    view.postings.iter().any(|stored| stored.posting.may_be_of_a_victim())
}

/// Looked at by this person within the last hours, with a reason that is in the log.
pub(crate) fn has_revealed(acts: &[Act], person: &Person) -> bool {
    acts.iter().any(|act| {
        matches!(act.event, evidence::Event::Reveal { .. })
            && act.by == person.account.name
            && person.visit.now.duration_since(act.at).as_hours() < 8
    })
}

fn appearances(store: &dyn Store, view: &LeadView) -> Result<Vec<Appearance>, PipelineError> {
    let mut found: Vec<Appearance> = Vec::new();
    for contact in view.postings.iter().flat_map(|stored| &stored.posting.contacts) {
        let same = |known: &Appearance| {
            known.contact.value == contact.value && known.contact.kind == contact.kind
        };
        if found.iter().any(same) {
            continue;
        }
        let key = LinkKey { kind: LinkKind::Contact, value: contact.value.clone() };
        let mut postings = store.linked(&key, MOST_COUNTED)?;
        postings.retain(|posting| !view.lead.postings.contains(posting));
        let mut others = Vec::new();
        for posting in postings.iter().take(MOST_OTHERS) {
            others.extend(store.lead_of(posting)?.map(|lead| (posting.clone(), lead)));
        }
        found.push(Appearance { contact: contact.clone(), others, total: postings.len() });
    }
    Ok(found)
}

fn linked(store: &dyn Store, view: &LeadView) -> Result<Vec<(LeadId, String)>, PipelineError> {
    let mut ids: Vec<&LeadId> = view.links.iter().map(|link| &link.lead).collect();
    ids.sort();
    ids.dedup();
    let mut linked = Vec::new();
    for id in ids.into_iter().take(MOST_OTHERS) {
        let Some(lead) = store.lead(id)? else { continue };
        let posting =
            lead.postings.first().map(|posting| store.posting(posting)).transpose()?.flatten();
        linked.push((id.clone(), posting.map_or_else(String::new, |stored| headline(&stored))));
    }
    Ok(linked)
}

fn body(app: &App, person: &Person, case: &Case, asked: &Asked) -> Markup {
    let lang = person.lang();
    let signs = app.signs();
    let lead = &case.view.lead;
    html! {
        p.back { a href="/queue" data-key="q" { "← " (lang.t("nav.queue")) } }
        div.heading {
            div {
                div.line {
                    (terms::badge(lang, lead.score.value(), lead.band))
                    span.state.strong { (queue::state(person, lead)) }
                    code { (lead.id) }
                }
                h1 { bdi { (case.view.postings.first().map_or_else(String::new, headline)) } }
            }
            (decide::quick(person, case))
        }
        (layout::said(lang, asked.said.as_deref()))
        (decide::undo(person, case))
        div.columns {
            div {
                @let all = case.view.postings.len();
                @let shown = if asked.postings == "all" { all } else { all.min(MOST_POSTINGS) };
                @for (number, stored) in case.view.postings.iter().enumerate().take(shown) {
                    (lead_posting::card(person, case, stored, number, &signs))
                }
                @if shown < all {
                    p.more { (lang.with("lead.some-postings", &[("shown", &shown.to_string()), ("all", &all.to_string())])) " "
                        a.button.quiet href="?postings=all" { (lang.t("lead.all-postings")) } }
                }
                (evidence(person, case))
                (history::card(person, case, app.board.remembers()))
            }
            div {
                @if case.masked { (decide::reveal_form(person, case)) }
                (decide::card(person, case, &asked.verdict))
                (hand_over::card(person, case))
                (tasks::card(person, case))
                (waterfall::card(lang, &case.view, &signs))
                (lead_contacts::card(person, case))
                (similar::card(lang, case))
                (hands::card(person, case))
                (wording::templates(person, case))
                (wording::places(person, case))
                (links(person, case))
                (decide::notes(person, case))
                (attachments::card(person, case))
            }
        }
        (super::keys::help(lang))
    }
}

fn links(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    let graph = graph::Graph::of(case);
    html! {
        section.card #links {
            h2 { (lang.t("lead.links")) }
            @if case.view.links.is_empty() { p.hint { (lang.t("lead.no-links")) } }
            @else {
                (graph::picture(lang, case, &graph))
                div.scroll tabindex="0" role="region" aria-label=(lang.t("lead.links")) { table {
                    thead { tr {
                        th scope="col" { (lang.t("lead.other-lead")) }
                        th scope="col" { (lang.t("lead.shared")) }
                        th.number scope="col" { (lang.t("lead.sureness")) }
                    } }
                    tbody { @for link in case.view.links.iter().take(50) { tr {
                        td {
                            @if let Some(number) = graph.number(&link.lead) { span.number-mark { (number) } " " }
                            a href={ "/leads/" (link.lead) } { (name_of(case, &link.lead)) }
                        }
                        td { (wording::shared(lang, case, link)) }
                        td.number { (format!("{:.0} %", link.strength * 100.0)) }
                    } } }
                } }
            }
        }
    }
}

pub(crate) fn name_of(case: &Case, id: &LeadId) -> String {
    let known = case.linked.iter().find(|(known, _)| known == id);
    known
        .map(|(_, title)| title.clone())
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| id.to_string())
}

/// What two postings have in common, in words; of a contact no more than a hint where it is masked.
pub(crate) fn shared(lang: crate::Language, link: &domain::Link, is_masked: bool) -> String {
    match link.kind {
        LinkKind::Contact | LinkKind::Page if is_masked => domain::masked(&link.value),
        LinkKind::Contact | LinkKind::Page => shortened(&link.value, 60),
        LinkKind::Text => lang.t("lead.same-words").to_owned(),
        LinkKind::Template => lang.t("lead.near-words").to_owned(),
        LinkKind::Image => lang.t("lead.same-image").to_owned(),
        LinkKind::Likeness => lang.t("lead.near-image").to_owned(),
        LinkKind::Layout => lang.t("lead.same-layout").to_owned(),
        LinkKind::Person => lang.with("lead.by-word", &[("name", &clean(&link.value))]),
    }
}

fn evidence(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    html! {
        section.card #evidence {
            h2 { (lang.t("evidence.title")) }
            (revisits::missing(person, case))
            @if lead.snapshots.is_empty() { p.hint { (lang.t("evidence.none")) } }
            @else {
                p.hint { (lang.t("evidence.hint")) }
                ul.plain { @for (number, snapshot) in lead.snapshots.iter().enumerate() { li {
                    a href={ "/leads/" (lead.id) "/evidence/" (number) } { (lang.t("evidence.look")) " " (number + 1) }
                    " " code { (clean(&snapshot.file)) }
                    @if let Some(row) = lead.instead(snapshot) { " (" (revisits::words(lang, row)) ")" }
                    br; small { code { (snapshot.sha256) } }
                } } }
                form method="post" action={ "/leads/" (lead.id) "/verify" } {
                    (layout::csrf(&person.visit))
                    button.quiet type="submit" { (lang.t("evidence.verify")) }
                }
            }
        }
    }
}

/// Whether this person may work on the lead: it is theirs, or nobody's.
pub(crate) fn may_decide(person: &Person, case: &Case) -> bool {
    let lead = &case.view.lead;
    person.is_any(&[Role::Investigator])
        && lead.claimed_by.as_ref().is_none_or(|by| *by == person.account.name)
        && (lead.status() != LeadStatus::Decided || lead.claimed_by.is_none())
}
