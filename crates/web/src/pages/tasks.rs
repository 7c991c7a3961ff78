//! What people mean to do about a lead, and what of it is done.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use domain::{LeadId, Task, TaskNote};
use maud::{Markup, html};
use pipeline::Desk;
use serde::Deserialize;

use super::decide::act;
use super::lead::Case;
use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

pub(crate) fn card(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let tasks = lead.tasks();
    let (open, done): (Vec<_>, Vec<_>) = tasks.iter().partition(|task| task.done.is_none());
    html! {
        section.card #tasks {
            h2 { (lang.t("tasks.title")) @if !open.is_empty() { " " span.count { (open.len()) } } }
            @if !open.is_empty() { ul.plain.tasks { @for task in &open { li { (open_task(person, lead.id.as_str(), task)) } } } }
            @if !done.is_empty() {
                details {
                    summary { (lang.count("tasks.done", done.len() as u64)) }
                    ul.plain { @for task in &done { li {
                        s dir="auto" { (clean(task.text)) } " "
                        @if let Some(note) = task.done { small { (clean(&note.by)) " · " (terms::time(note.at)) } }
                    } } }
                }
            }
            form.stack method="post" action={ "/leads/" (lead.id) "/task" } {
                (csrf(&person.visit))
                label { (lang.t("tasks.add")) input name="text" required maxlength="500"; }
                button.quiet type="submit" { (lang.t("tasks.save")) }
            }
        }
    }
}

fn open_task(person: &Person, lead: &str, task: &Task<'_>) -> Markup {
    let lang = person.lang();
    html! {
        form.line method="post" action={ "/leads/" (lead) "/task/done" } {
            (csrf(&person.visit))
            input type="hidden" name="text" value=(task.text);
            span.grow dir="auto" { (clean(task.text)) " " small { (clean(&task.set.by)) " · " (terms::time(task.set.at)) } }
            button.quiet type="submit" { (lang.t("tasks.is-done")) span.unseen { ": " (clean(task.text)) } }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Words {
    text: String,
}

/// `POST /leads/{id}/task`
pub(crate) async fn set(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(form): Form<Words>,
) -> Result<Redirect, Refusal> {
    if form.text.trim().is_empty() {
        return Err(Refusal::conflict("tasks.empty", ""));
    }
    let note = TaskNote::Set(&form.text).to_text();
    let work = move |desk: &mut Desk, lead: &LeadId, by: &str| desk.note(lead, by, &note);
    act(&app, &person, &id, "task-set", work).await
}

/// `POST /leads/{id}/task/done`. Done twice, as by two who press at once, is done once.
pub(crate) async fn done(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Form(form): Form<Words>,
) -> Result<Redirect, Refusal> {
    let work = move |desk: &mut Desk, lead: &LeadId, by: &str| {
        let known = desk.existing(lead)?;
        let text = form.text.trim();
        let is_open = known.tasks().iter().any(|task| task.done.is_none() && task.text == text);
        if is_open { desk.note(lead, by, &TaskNote::Done(text).to_text()) } else { Ok(known) }
    };
    act(&app, &person, &id, "task-done", work).await
}
