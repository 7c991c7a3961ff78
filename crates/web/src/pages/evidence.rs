//! The evidence of a lead. The captured page is shown from the other origin, in a frame that runs
//! nothing ([`crate::evidence_origin`]); headers and bytes are shown as text.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::{Lead, LeadId, Sha256};
use evidence::Stamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use pipeline::{EvidenceView, Pictures, PipelineError, Sight};
use serde::Deserialize;
use store::Store;

use super::lead;
use crate::app::App;
use crate::evidence_origin::Seen;
use crate::headers::Frames;
use crate::language::Language;
use crate::layout::{self, Section};
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// So much of a body is shown; the whole is in the file.
const SHOWN: usize = 200_000;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// `clear`: without the veil.
    pictures: String,
}

/// A frame with something to look at.
struct Frame {
    sight: Sight,
    origin: String,
    address: String,
}

/// `GET /leads/{id}/evidence/{number}`. The view is in the custody log before anything is shown.
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Path((id, number)): Path<(String, usize)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (known, has_tip) = app
        .read(move |index| {
            let lead = pipeline::existing(index, &id)?;
            let has_tip = has_tip(index, &lead)?;
            Ok((lead, has_tip))
        })
        .await?;
    // The evidence of a tip names people; it is masked whole.
    if has_tip && !lead::has_revealed(&app.board.acts_on(&known), &person) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "evidence.masked"));
    }
    let id = app.log_view(known.id, person.name()).await?;
    let (vault, lead) = (app.vault.clone(), id.clone());
    let view = app.read(move |index| {
        let lead = pipeline::existing(index, &lead)?;
        pipeline::evidence_view(index, &vault, &lead, number)
    });
    let view = view.await?.ok_or_else(Refusal::not_found)?;
    let pictures = if asked.pictures == "clear" { Pictures::Clear } else { Pictures::Veiled };
    let frames = frames(&app, &person, &view, (&id, number, pictures));
    let body = html! {
        p.back { a href={ "/leads/" (id) "#evidence" } { "← " (lang.t("evidence.back")) } }
        h1 { (lang.t("evidence.title")) }
        (sights(lang, &view, &frames, pictures))
        section.card { h2 { (lang.t("evidence.facts")) } (request(lang, &view)) }
        section.card { (headers(lang, &view)) }
        section.card { (text(lang, &view.body, frames.is_empty())) }
    };
    let mut page = layout::page(&app, &person, Section::Queue, lang.t("evidence.title"), body);
    if let Some(frame) = frames.first() {
        page.extensions_mut().insert(Frames(frame.origin.clone()));
    }
    Ok(page)
}

/// Whether a lead holds what somebody handed in, which may name people who need protection.
pub(crate) fn has_tip(index: &dyn Store, lead: &Lead) -> Result<bool, PipelineError> {
    for id in &lead.postings {
        let stored = index.posting(id)?;
        if stored.is_some_and(|stored| stored.posting.may_be_of_a_victim()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A link for each sight, where the other origin can be reached.
fn frames(
    app: &App,
    person: &Person,
    view: &EvidenceView,
    (lead, number, pictures): (&LeadId, usize, Pictures),
) -> Vec<Frame> {
    let link = |sight: Sight| {
        let seen = Seen { lead: lead.clone(), number, sight, pictures };
        let (origin, address) = app.evidence.link(person, seen, &*app.random)?;
        Some(Frame { sight, origin, address })
    };
    view.sights().into_iter().filter_map(link).collect()
}

fn sights(lang: Language, view: &EvidenceView, frames: &[Frame], pictures: Pictures) -> Markup {
    let is_clear = pictures == Pictures::Clear;
    html! {
        @if frames.is_empty() && !view.sights().is_empty() { p.hint { (lang.t("evidence.no-origin")) } }
        @if frames.is_empty() { p.hint { (lang.t("evidence.as-text")) } }
        @else {
            p.hint { (lang.t("evidence.framed")) }
            p {
                @if is_clear { a.button.quiet href="?" { (lang.t("evidence.veil")) } }
                @else { a.button.quiet href="?pictures=clear" { (lang.t("evidence.unveil")) } }
            }
        }
        @for frame in frames {
            @let title = lang.t(match frame.sight { Sight::Page => "evidence.page", Sight::Pictures => "evidence.pictures" });
            section.card.sight {
                h2 { (title) }
                iframe src=(frame.address) sandbox="" referrerpolicy="no-referrer" title=(title) {}
            }
        }
    }
}

fn headers(lang: Language, view: &EvidenceView) -> Markup {
    html! {
        h2 { (lang.t("evidence.headers")) }
        div.scroll tabindex="0" role="region" aria-label=(lang.t("evidence.headers")) { table { tbody {
            @for (name, value) in &view.capture.response_headers {
                tr { th scope="row" { (clean(name)) } td { code { (clean(value)) } } }
            }
        } } }
    }
}

/// The bytes as text; folded where there is something better to look at.
fn text(lang: Language, body: &[u8], is_open: bool) -> Markup {
    let shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN)]);
    html! {
        details open[is_open] {
            summary { h2 { (lang.t("evidence.body")) } }
            p.hint { (lang.t("evidence.as-text")) }
            @if body.len() > SHOWN { p.hint { (lang.t("evidence.cut")) } }
            pre.body tabindex="0" role="region" aria-label=(lang.t("evidence.body")) { (clean(&shown)) }
        }
    }
}

/// The authority's time as all others are shown; as it wrote it, where it has another form.
fn stamped(stamp: &Stamp) -> String {
    let time = DateTime::strptime("%Y%m%d%H%M%S%.fZ", &stamp.time);
    let time = time.and_then(|time| TimeZone::UTC.to_timestamp(time));
    time.map_or_else(|_| clean(&stamp.time), terms::exact)
}

fn request(lang: Language, view: &EvidenceView) -> Markup {
    let (snapshot, capture) = (&view.snapshot, &view.capture);
    html! {
        dl.facts {
            div { dt { (lang.t("fact.address")) } dd { bdi { (clean(&capture.url)) } } }
            @for from in &capture.redirects { div { dt { (lang.t("evidence.redirect")) } dd { bdi { (clean(from)) } } } }
            div { dt { (lang.t("fact.captured")) } dd { (terms::exact(capture.fetched_at)) } }
            @if capture.status > 0 { div { dt { (lang.t("evidence.status")) } dd { (capture.status) } } }
            @if let Some(address) = capture.peer.address { div { dt { (lang.t("evidence.server")) } dd { code { (address) } } } }
            @if let Some(certificate) = &capture.peer.certificate {
                div { dt { (lang.t("evidence.certificate")) } dd { code { (Sha256::of(certificate)) } } }
            }
            div { dt { (lang.t("evidence.payload")) } dd { code { (capture.sha256) } } }
            div { dt { (lang.t("evidence.file")) } dd { code { (clean(&snapshot.file)) } br; code { (snapshot.sha256) } } }
            div { dt { (lang.t("evidence.stamps")) } dd {
                @if view.stamps.is_empty() { (lang.t("evidence.no-stamp")) }
                @for stamp in &view.stamps { p { (stamped(stamp)) " " code { (clean(&stamp.token)) } } }
            } }
        }
    }
}
