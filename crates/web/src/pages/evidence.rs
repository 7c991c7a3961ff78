//! The evidence of a lead, as text alone: nothing that was fetched is ever shown as a page, run, or
//! asked for again.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{Capture, LeadId, Sha256, Snapshot};
use evidence::CaptureArchive;
use maud::{Markup, html};
use pipeline::{Desk, PipelineError};

use super::lead;
use crate::app::App;
use crate::language::Language;
use crate::layout::{self, Section};
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// So much of a body is shown; the whole is in the file.
const SHOWN: usize = 200_000;

/// `GET /leads/{id}/evidence/{number}`
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Path((id, number)): Path<(String, usize)>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by) = (id.clone(), person.name());
    let known = app.desk(move |desk| desk.existing(&lead)).await?;
    let revealed = lead::has_revealed(&app.board.acts_on(&known), &person);
    let lead = known.id;
    let (snapshot, capture, body) = app
        .desk_or_refuse(move |desk| {
            // The evidence of a tip names people; it is masked whole.
            if !revealed && lead::has_masked_details(&desk.lead_view(&lead)?) {
                return Err(Refusal::new(StatusCode::FORBIDDEN, "evidence.masked"));
            }
            let view = desk.view(&lead, &by)?;
            let snapshot = view.lead.snapshots.get(number).ok_or_else(Refusal::not_found)?.clone();
            let capture = capture_of(desk, &snapshot)?.ok_or_else(Refusal::not_found)?;
            let posting = view.postings.iter().find(|stored| stored.posting.id == snapshot.posting);
            // Of a file of rows this posting's alone: the others are other people's.
            let row = posting.and_then(|stored| stored.posting.row);
            let body = match row {
                Some(row) => {
                    let content = capture.content();
                    let parts = [content.get(..row.header), content.get(row.start..row.end)];
                    parts.into_iter().flatten().collect::<Vec<_>>().concat()
                }
                None => capture.content().to_vec(),
            };
            Ok((snapshot, capture, body))
        })
        .await?;
    let cut = body.len().min(SHOWN);
    let text = String::from_utf8_lossy(&body[..cut]).into_owned();
    let body = html! {
        p.back { a href={ "/leads/" (id) "#evidence" } { "← " (lang.t("evidence.back")) } }
        h1 { (lang.t("evidence.title")) }
        p.hint { (lang.t("evidence.as-text")) }
        section.card { (request(lang, &snapshot, &capture)) }
        section.card {
            h2 { (lang.t("evidence.headers")) }
            div.scroll tabindex="0" role="region" aria-label=(lang.t("evidence.headers")) { table { tbody {
                @for (name, value) in &capture.response_headers { tr { th scope="row" { (clean(name)) } td { code { (clean(value)) } } } }
            } } }
        }
        section.card {
            h2 { (lang.t("evidence.body")) }
            @if body.len() > SHOWN { p.hint { (lang.t("evidence.cut")) } }
            pre.body tabindex="0" role="region" aria-label=(lang.t("evidence.body")) { (clean(&text)) }
        }
    };
    Ok(layout::page(&app, &person, Section::Queue, lang.t("evidence.title"), body))
}

fn request(lang: Language, snapshot: &Snapshot, capture: &Capture) -> Markup {
    html! {
        dl.facts {
            div { dt { (lang.t("fact.address")) } dd { bdi { (clean(&capture.url)) } } }
            @for from in &capture.redirects { div { dt { (lang.t("evidence.redirect")) } dd { bdi { (clean(from)) } } } }
            div { dt { (lang.t("fact.captured")) } dd { (terms::exact(capture.fetched_at)) } }
            div { dt { (lang.t("evidence.status")) } dd { (capture.status) } }
            div { dt { (lang.t("evidence.payload")) } dd { code { (capture.sha256) } } }
            div { dt { (lang.t("evidence.file")) } dd { code { (clean(&snapshot.file)) } br; code { (snapshot.sha256) } } }
        }
    }
}

fn capture_of(desk: &Desk, snapshot: &Snapshot) -> Result<Option<Capture>, PipelineError> {
    let Some(stored) = desk.store().capture(&snapshot.capture)? else { return Ok(None) };
    let captures = desk.dir().join("captures");
    Ok(Some(CaptureArchive::read(&captures, &stored.file, stored.offset, stored.length)?))
}

/// One thing that was held against what was logged when it was taken.
struct Check {
    what: String,
    is_good: bool,
}

/// `POST /leads/{id}/verify`: the lead's snapshots and captures are read again, byte for byte.
pub(crate) async fn verify(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by) = (id.clone(), person.name());
    let checks = app
        .desk_or_refuse(move |desk| {
            let snapshots = desk.lead_view(&lead)?.lead.snapshots;
            let mut checks = Vec::new();
            for snapshot in &snapshots {
                checks.extend(checked(desk, snapshot)?);
            }
            let faults = checks.iter().filter(|check| !check.is_good).count() as u64;
            desk.record_verification(&by, faults)?;
            Ok(checks)
        })
        .await?;
    let faults = checks.iter().filter(|check| !check.is_good).count() as u64;
    let body = html! {
        p.back { a href={ "/leads/" (id) "#evidence" } { "← " (lang.t("evidence.back")) } }
        h1 { (lang.t("evidence.verified")) }
        @if faults == 0 { p.said role="status" { (lang.t("evidence.all-good")) } }
        @else { p.problem role="alert" { (lang.count("evidence.faults", faults)) } }
        ul.plain { @for check in &checks { li {
            strong { (lang.t(if check.is_good { "evidence.good" } else { "evidence.bad" })) } " " code { (clean(&check.what)) }
        } } }
    };
    Ok(layout::page(&app, &person, Section::Queue, lang.t("evidence.verified"), body))
}

fn checked(desk: &Desk, snapshot: &Snapshot) -> Result<Vec<Check>, PipelineError> {
    let file = desk.dir().join("snapshots").join(&snapshot.file);
    let is_good = std::fs::read(&file).is_ok_and(|bytes| Sha256::of(&bytes) == snapshot.sha256);
    let mut checks = vec![Check { what: format!("snapshots/{}", snapshot.file), is_good }];
    if let Some(stored) = desk.store().capture(&snapshot.capture)? {
        let captures = desk.dir().join("captures");
        let read = CaptureArchive::read(&captures, &stored.file, stored.offset, stored.length);
        let is_good = read.is_ok_and(|capture| {
            capture.sha256 == stored.payload && Sha256::of(&capture.body) == stored.payload
        });
        checks.push(Check {
            what: format!("captures/{} {}", stored.file, snapshot.capture),
            is_good,
        });
    }
    Ok(checks)
}
