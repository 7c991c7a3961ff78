//! What people do with a lead: take it on, give it back, remark, decide, take back, unmask.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use domain::{Attachment, LeadId, LeadStatus, TaskNote, Verdict};
use maud::{Markup, html};
use pipeline::{Desk, PipelineError};
use serde::Deserialize;

use super::lead::{Case, may_decide};
use crate::accounts::Role;
use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::terms::{self, VERDICTS};
use crate::visible::clean;
use crate::visit::Person;

/// The buttons at the top of a lead.
pub(crate) fn quick(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let is_mine = lead.claimed_by.as_deref() == Some(person.account.name.as_str());
    html! {
        @if person.is_any(&[Role::Investigator]) { div.actions {
            @if lead.claimed_by.is_none() {
                form method="post" action={ "/leads/" (lead.id) "/claim" } {
                    (csrf(&person.visit))
                    button type="submit" data-key="c" { (lang.t("lead.claim")) }
                }
            } @else if is_mine {
                form method="post" action={ "/leads/" (lead.id) "/release" } {
                    (csrf(&person.visit))
                    button.quiet type="submit" { (lang.t("lead.release")) }
                }
            }
            a.button.quiet href="/queue/next" data-key="n" { (lang.t("queue.next")) }
        } }
    }
}

/// The form of a decision.
pub(crate) fn card(person: &Person, case: &Case, chosen: &str) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    if !person.is_any(&[Role::Investigator]) {
        return html! {};
    }
    if !may_decide(person, case) {
        let by = lead.claimed_by.as_deref().unwrap_or_default();
        return html! { section.card #decide {
            h2 { (lang.t("decide.title")) }
            p { (lang.with("decide.others", &[("name", &clean(by))])) }
        } };
    }
    html! {
        section.card #decide {
            h2 { (lang.t("decide.title")) }
            form.stack method="post" action={ "/leads/" (lead.id) "/decide" } {
                (csrf(&person.visit))
                fieldset.verdicts {
                    legend { (lang.t("decide.verdict")) }
                    @for verdict in VERDICTS { label.check {
                        input type="radio" name="verdict" value=(verdict) required checked[verdict.name() == chosen]
                            data-key=(verdict.name().chars().next().unwrap_or(' '));
                        span { strong { (lang.t(&format!("verdict.{verdict}"))) } " "
                            small { (lang.t(&format!("verdict.{verdict}-means"))) } }
                    } }
                }
                label { (lang.t("decide.reason"))
                    select name="code" {
                        option value="" { (lang.t("decide.choose")) }
                        @for verdict in VERDICTS {
                            optgroup label=(lang.t(&format!("verdict.{verdict}"))) data-verdict=(verdict) {
                                @for code in terms::reasons(verdict) {
                                    option value=(code) { (lang.t(&format!("reason.{code}"))) }
                                }
                            }
                        }
                    }
                }
                label { (lang.t("decide.own-words"))
                    textarea name="reason" maxlength="4000" rows="3" {}
                }
                p.hint { (lang.t("decide.hint")) }
                button type="submit" { (lang.t("decide.button")) }
            }
        }
    }
}

/// The way back, while there is one.
pub(crate) fn undo(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let decision = lead.decisions.last().filter(|_| lead.status() == LeadStatus::Decided);
    let can = decision.is_some_and(|decision| {
        decision.by == person.account.name
            && person.visit.now.duration_since(decision.at) <= pipeline::WITHDRAW_WITHIN
    });
    html! {
        @if let Some(decision) = decision {
            div.decided {
                p { strong { (lang.t(&format!("verdict.{}", decision.verdict))) } " · " (clean(&decision.by)) " · "
                    (terms::time(decision.at)) br; (clean(&decision.reason)) }
                @if can && person.is_any(&[Role::Investigator]) {
                    form method="post" action={ "/leads/" (lead.id) "/withdraw" } {
                        (csrf(&person.visit))
                        button.quiet type="submit" { (lang.t("decide.withdraw")) }
                    }
                }
            }
        }
    }
}

pub(crate) fn notes(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    html! {
        section.card #notes {
            h2 { (lang.t("notes.title")) }
            @let is_remark = |text: &str| TaskNote::of(text).is_none() && Attachment::of(text).is_none();
            @let remarks = lead.notes.iter().filter(|note| is_remark(&note.text));
            ul.plain { @for note in remarks { li {
                p.note dir="auto" { (clean(&note.text)) }
                small { (clean(&note.by)) " · " (terms::time(note.at)) }
            } } }
            form.stack method="post" action={ "/leads/" (lead.id) "/note" } {
                (csrf(&person.visit))
                label { (lang.t("notes.add")) textarea name="text" required maxlength="10000" rows="2" {} }
                button.quiet type="submit" { (lang.t("notes.save")) }
            }
        }
    }
}

pub(crate) fn reveal_form(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    html! {
        section.card #masked {
            h2 { (lang.t("masked.title")) }
            p { (lang.t("masked.text")) }
            form.stack method="post" action={ "/leads/" (case.view.lead.id) "/reveal" } {
                (csrf(&person.visit))
                label { (lang.t("masked.reason")) input name="reason" required maxlength="1000"; }
                button.quiet type="submit" { (lang.t("masked.button")) }
            }
        }
    }
}

/// Does something to a lead in a person's name and goes back to it. Others may be at it.
pub(crate) async fn act<T: Send + 'static>(
    app: &App,
    person: &Person,
    id: &str,
    said: &str,
    act: impl FnOnce(&mut Desk, &LeadId, &str) -> Result<T, PipelineError> + Send + 'static,
) -> Result<Redirect, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by) = (id.clone(), person.name());
    app.desk(move |desk| act(desk, &lead, &by).map(drop)).await?;
    Ok(Redirect::to(&format!("/leads/{id}?said={said}")))
}

/// The same to a lead that is theirs or nobody's: somebody else's is left alone, and the reader told
/// whose it is.
pub(crate) async fn act_on_free<T: Send + 'static>(
    app: &App,
    person: &Person,
    id: &str,
    said: &str,
    act: impl FnOnce(&mut Desk, &LeadId, &str) -> Result<T, PipelineError> + Send + 'static,
) -> Result<Redirect, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by) = (id.clone(), person.name());
    app.desk_or_refuse(move |desk| {
        let claimed_by = desk.existing(&lead)?.claimed_by;
        if let Some(holder) = claimed_by.filter(|holder| *holder != by) {
            return Err(Refusal::conflict("problem.claimed", clean(&holder)));
        }
        Ok(act(desk, &lead, &by).map(drop)?)
    })
    .await?;
    Ok(Redirect::to(&format!("/leads/{id}?said={said}")))
}

/// `POST /leads/{id}/claim`
pub(crate) async fn claim(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    act_on_free(&app, &person, &id, "claimed", |desk, lead, by| desk.claim(lead, by)).await
}

/// `POST /leads/{id}/release`
pub(crate) async fn release(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    act_on_free(&app, &person, &id, "released", |desk, lead, by| desk.release(lead, by)).await
}

#[derive(Deserialize)]
pub(crate) struct Note {
    text: String,
}

/// `POST /leads/{id}/note`
pub(crate) async fn note(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(form): Form<Note>,
) -> Result<Redirect, Refusal> {
    let work = move |desk: &mut Desk, lead: &LeadId, by: &str| desk.note(lead, by, &form.text);
    act(&app, &person, &id, "noted", work).await
}

#[derive(Deserialize)]
pub(crate) struct Decide {
    verdict: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    reason: String,
}

/// `POST /leads/{id}/decide`
pub(crate) async fn decide(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(form): Form<Decide>,
) -> Result<Redirect, Refusal> {
    let verdict = terms::verdict(&form.verdict).ok_or_else(Refusal::bad_form)?;
    let reason = reason(verdict, &form.code, &form.reason)?;
    let work =
        move |desk: &mut Desk, lead: &LeadId, by: &str| desk.decide(lead, by, verdict, &reason);
    act_on_free(&app, &person, &id, "decided", work).await
}

/// The reason as it is written down; one from the list goes with its own verdict alone.
pub(crate) fn reason(verdict: Verdict, code: &str, own: &str) -> Result<String, Refusal> {
    if !code.is_empty() && !terms::reasons(verdict).contains(&code) {
        return Err(Refusal::conflict("problem.other-reason", ""));
    }
    let text = terms::reason_text(code, own);
    if text.is_empty() {
        return Err(Refusal::conflict("problem.no-reason", ""));
    }
    Ok(text)
}

/// `POST /leads/{id}/withdraw`
pub(crate) async fn withdraw(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Redirect, Refusal> {
    act_on_free(&app, &person, &id, "withdrawn", |desk, lead, by| desk.withdraw(lead, by)).await
}

#[derive(Deserialize)]
pub(crate) struct Reveal {
    reason: String,
}

/// `POST /leads/{id}/reveal`
pub(crate) async fn reveal(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(form): Form<Reveal>,
) -> Result<Redirect, Refusal> {
    let work = move |desk: &mut Desk, lead: &LeadId, by: &str| desk.reveal(lead, by, &form.reason);
    act(&app, &person, &id, "revealed", work).await
}
