//! Handing a decided lead over: a second person looks, approves, and the packet is built.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{LeadId, LeadStatus, Sha256, Verdict};
use evidence::Event;
use maud::{Markup, html};

use super::lead::Case;
use crate::accounts::Role;
use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// Who may build packets and fetch them.
pub(crate) const HANDERS: &[Role] = &[Role::Investigator, Role::Liaison];

pub(crate) fn card(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let decision = lead.decisions.last().filter(|decision| {
        lead.status() == LeadStatus::Decided
            && matches!(decision.verdict, Verdict::Escalate | Verdict::Refer)
    });
    let Some(decision) = decision else { return html! {} };
    let packets: Vec<(&str, &Sha256, jiff::Timestamp)> = case
        .acts
        .iter()
        .filter_map(|act| match &act.event {
            Event::Export { file, packet, .. } => Some((file.as_str(), packet, act.at)),
            _ => None,
        })
        .collect();
    let is_decider = decision.by == person.account.name;
    html! {
        section.card #hand-over {
            h2 { (lang.t("packet.title")) }
            @if is_decider { p { (lang.t("packet.second-person")) } }
            @else if person.is_any(HANDERS) {
                p { (lang.with("packet.text", &[("name", &clean(&decision.by))])) }
                h3 { (lang.t("packet.holds")) }
                ul {
                    li { (lang.count("packet.postings", case.view.postings.len() as u64)) }
                    li { (lang.count("packet.snapshots", lead.snapshots.len() as u64)) }
                    li { (lang.t("packet.custody")) }
                    li { (lang.t("packet.report")) }
                    @if !lead.notes.is_empty() { li { (lang.count("packet.notes", lead.notes.len() as u64)) } }
                }
                form.stack method="post" action={ "/leads/" (lead.id) "/packet" } {
                    (csrf(&person.visit))
                    label.check { input type="checkbox" name="read" value="yes" required; (lang.t("packet.approve")) }
                    button type="submit" { (lang.t("packet.build")) }
                }
            }
            // A packet that is built anew takes the place of the one before.
            @if let Some((file, digest, at)) = packets.last() {
                h3 { (lang.t("packet.built")) }
                p { (terms::time(*at)) " " code { (clean(file)) } br; small { code { (digest) } } }
                @if person.is_any(HANDERS) {
                    p { a.button.quiet href={ "/leads/" (lead.id) "/packet" } download { (lang.t("packet.download")) } }
                }
            }
        }
    }
}

/// `POST /leads/{id}/packet`
pub(crate) async fn build(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by, packets) = (id.clone(), person.name(), app.packets.clone());
    app.desk_or_refuse(move |desk| {
        desk.may_export(&lead, &by, None)?;
        let built = packets.build(desk, &lead, &by);
        built.map(drop).map_err(|sentence| Refusal::conflict("problem.desk", sentence))
    })
    .await?;
    Ok(Redirect::to(&format!("/leads/{id}?said=packet-built#hand-over")))
}

/// `GET /leads/{id}/packet`: the packet that was built last, if it still is what was logged.
pub(crate) async fn download(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let asked = id.clone();
    let known = app.desk(move |desk| desk.existing(&asked)).await?;
    let acts = app.board.acts_on(&known);
    let exported = acts.iter().rev().find_map(|act| match &act.event {
        Event::Export { file, packet, .. } => Some((file.clone(), *packet)),
        _ => None,
    });
    let (file, digest) = exported.ok_or_else(Refusal::not_found)?;
    // The name comes out of our own log; all the same it may not lead out of the folder.
    if file.contains(['/', '\\']) || file.starts_with('.') {
        return Err(Refusal::not_found());
    }
    let path = app.desk_dir.join("data").join("packets").join(&file);
    let by = person.name();
    let bytes = app
        .desk_or_refuse(move |desk| {
            let bytes = std::fs::read(&path).map_err(|_| Refusal::not_found())?;
            if Sha256::of(&bytes) != digest {
                return Err(Refusal::conflict("problem.packet-changed", ""));
            }
            desk.view(&id, &by)?;
            Ok(bytes)
        })
        .await?;
    let name: String =
        file.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}
