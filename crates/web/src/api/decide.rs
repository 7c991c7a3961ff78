use axum::Json;
use axum::extract::{Path, State};
use domain::{Lead, LeadId, Verdict};
use pipeline::{Desk, PipelineError};
use serde::Deserialize;

use super::leads::LeadInBrief;
use super::{Body, Done};
use crate::app::App;
use crate::glance::Glance;
use crate::refusal::Refusal;
use crate::visit::Person;

async fn act(
    app: App,
    id: String,
    act: impl FnOnce(&mut Desk, &LeadId) -> Result<Lead, PipelineError> + Send + 'static,
) -> Result<Done, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let brief = app.desk(move |desk| {
        let lead = act(desk, &id)?;
        let founding =
            lead.postings.first().map(|id| desk.store().posting(id)).transpose()?.flatten();
        Ok(LeadInBrief::of(&Glance::of(&lead, founding.as_ref())))
    });
    Ok(Json(brief.await?))
}

/// `POST /api/v1/leads/{id}/claim`
pub(crate) async fn claim(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Done, Refusal> {
    let by = person.name();
    act(app, id, move |desk, lead| desk.claim(lead, &by)).await
}

/// `POST /api/v1/leads/{id}/release`
pub(crate) async fn release(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Done, Refusal> {
    let by = person.name();
    act(app, id, move |desk, lead| desk.release(lead, &by)).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct NewNote {
    text: String,
}

/// `POST /api/v1/leads/{id}/note`
pub(crate) async fn note(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Body(note): Body<NewNote>,
) -> Result<Done, Refusal> {
    let by = person.name();
    act(app, id, move |desk, lead| desk.note(lead, &by, &note.text)).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct NewDecision {
    verdict: Verdict,
    reason: String,
}

/// `POST /api/v1/leads/{id}/decide`
pub(crate) async fn decide(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Body(decision): Body<NewDecision>,
) -> Result<Done, Refusal> {
    let by = person.name();
    act(app, id, move |desk, lead| desk.decide(lead, &by, decision.verdict, &decision.reason)).await
}
