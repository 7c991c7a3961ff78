//! Handing a decided lead over: a second person looks, approves, and the packet is built.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::{Decision, Lead, LeadId, LeadStatus, Sha256, Tlp, Verdict};
use evidence::Event;
use maud::{Markup, html};
use pipeline::PacketConfig;

use super::cover;
use super::lead::Case;
use crate::accounts::Role;
use crate::app::{App, PacketTerms};
use crate::board::Act;
use crate::language::Language;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// Who may build packets and fetch them.
pub(crate) const HANDERS: &[Role] = &[Role::Investigator, Role::Liaison];

/// What can be said of a packet, and who has approved it.
pub(crate) struct Offer {
    config: PacketConfig,
    /// Who approved since the last decision, by their own act.
    approved_by: Vec<String>,
}

/// The decision that hands a lead over, if there is one.
fn handed_over(lead: &Lead) -> Option<&Decision> {
    lead.decisions.last().filter(|decision| {
        lead.status() == LeadStatus::Decided
            && matches!(decision.verdict, Verdict::Escalate | Verdict::Refer)
    })
}

/// What the card of the hand-over needs of the desk.
pub(crate) async fn offer(
    app: &App,
    person: &Person,
    lead: &Lead,
    acts: &[Act],
) -> Result<Option<Offer>, Refusal> {
    if handed_over(lead).is_none() || !person.is_any(HANDERS) {
        return Ok(None);
    }
    let config = app.desk(|desk| Ok(desk.settings().config.packet.clone())).await?;
    let mut approved_by: Vec<String> = Vec::new();
    for act in acts {
        match &act.event {
            Event::Decision { .. } => approved_by.clear(),
            Event::Approval { on_word_of: None, .. } => approved_by.push(act.by.clone()),
            _ => {}
        }
    }
    approved_by.sort();
    approved_by.dedup();
    Ok(Some(Offer { config, approved_by }))
}

pub(crate) fn card(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let Some(decision) = handed_over(lead) else { return html! {} };
    let packets: Vec<(&str, &Sha256, jiff::Timestamp)> = case
        .acts
        .iter()
        .filter_map(|act| match &act.event {
            Event::Export { file, packet, .. } => Some((file.as_str(), packet, act.at)),
            _ => None,
        })
        .collect();
    html! {
        section.card #hand-over {
            h2 { (lang.t("packet.title")) }
            @if let Some(offer) = &case.offer { (preparing(person, case, decision, offer)) }
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

fn preparing(person: &Person, case: &Case, decision: &Decision, offer: &Offer) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let me = &person.account.name;
    let others = offer.approved_by.iter().any(|by| by != me);
    let may_build = others || (decision.by != *me && !offer.config.explicit_approval);
    let has_approved = offer.approved_by.contains(me);
    html! {
        @for by in &offer.approved_by { p { (lang.with("packet.approved-by", &[("name", &clean(by))])) } }
        @if may_build { (build_form(person, case, decision, offer)) }
        @else { p { (lang.t("packet.second-person")) } }
        @if !has_approved && !others {
            form.stack method="post" action={ "/leads/" (lead.id) "/approve" } {
                (csrf(&person.visit))
                p.hint { (lang.t("packet.approve-hint")) }
                button.quiet type="submit" { (lang.t("packet.approve-only")) }
            }
        }
    }
}

fn build_form(person: &Person, case: &Case, decision: &Decision, offer: &Offer) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let (config, scheme) = (&offer.config, offer.config.grading);
    let handling = config.handling.clone().unwrap_or(scheme.ungraded().handling().to_owned());
    html! {
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
            fieldset {
                legend { (lang.t("packet.which")) }
                label.check { input type="radio" name="which" value="full" checked; (lang.t("packet.full")) }
                label.check { input type="radio" name="which" value="redacted"; (lang.t("packet.redacted")) }
            }
            label { (lang.t("packet.language")) select name="language" {
                @for language in Language::ALL {
                    option value=(language.code()) lang=(language.code()) selected[language.code() == config.language.code()] { (language.own_name()) }
                }
            } }
            fieldset {
                legend { (lang.with("packet.grading", &[("scheme", scheme.name())])) }
                (codes("source", lang.t("packet.source-grade"), scheme.source_codes(), "", Some(lang.t("packet.ungraded"))))
                (codes("information", lang.t("packet.information-grade"), scheme.information_codes(), "", Some(lang.t("packet.ungraded"))))
                (codes("handling", lang.t("packet.handling"), scheme.handling_codes(), &handling, None))
                (codes("tlp", lang.t("packet.tlp"), &Tlp::ALL.map(Tlp::name), config.tlp.name(), None))
            }
            (cover::fields(person, case))
            label.check { input type="checkbox" name="read" value="yes" required; (lang.t("packet.approve")) }
            button type="submit" { (lang.t("packet.build")) }
        }
    }
}

fn codes(name: &str, label: &str, codes: &[&str], chosen: &str, none: Option<&str>) -> Markup {
    html! {
        label { (label) select name=(name) {
            @if let Some(none) = none { option value="" { (none) } }
            @for code in codes { option value=(code) selected[*code == chosen] { (code) } }
        } }
    }
}

/// `POST /leads/{id}/approve`
pub(crate) async fn approve(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by) = (id.clone(), person.name());
    app.desk(move |desk| desk.approve(&lead, &by)).await?;
    Ok(Redirect::to(&format!("/leads/{id}?said=approved#hand-over")))
}

/// The terms, as the form says them. A form without them takes the desk's.
fn terms(
    said: &BTreeMap<String, String>,
    desk_s: domain::Language,
) -> Result<PacketTerms, Refusal> {
    let given = |name: &str| said.get(name).filter(|text| !text.is_empty()).cloned();
    let (tlp, which) = (given("tlp"), given("which"));
    let light = tlp.as_deref().and_then(Tlp::from_label);
    let is_known = matches!(which.as_deref(), None | Some("full" | "redacted"));
    if tlp.is_some() && light.is_none() || !is_known {
        return Err(Refusal::bad_form());
    }
    let language = given("language");
    let cover = cover::said(said, language.as_deref().unwrap_or(desk_s.code()));
    Ok(PacketTerms {
        redacted: which.as_deref() == Some("redacted"),
        language,
        source_grade: given("source"),
        information_grade: given("information"),
        handling: given("handling"),
        tlp: light,
        cover,
    })
}

/// `POST /leads/{id}/packet`
pub(crate) async fn build(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(said): Form<BTreeMap<String, String>>,
) -> Result<Redirect, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by, packets) = (id.clone(), person.name(), app.packets.clone());
    app.desk_or_refuse(move |desk| {
        desk.may_export(&lead, &by, None)?;
        let terms = terms(&said, desk.settings().config.packet.language)?;
        let built = packets.build(desk, &lead, &by, &terms);
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
    let known = app.read(move |index| pipeline::existing(index, &id)).await?;
    if !app.board.remembers() {
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "problem.reading"));
    }
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
    let bytes = app.beside(move || {
        let bytes = std::fs::read(&path).map_err(|_| Refusal::not_found())?;
        if Sha256::of(&bytes) != digest {
            return Err(Refusal::conflict("problem.packet-changed", ""));
        }
        Ok(bytes)
    });
    let bytes = bytes.await?;
    app.log_view(known.id, person.name()).await?;
    let name: String =
        file.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}
