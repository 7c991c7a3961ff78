use axum::Json;
use axum::extract::State;
use pipeline::Health;
use serde::Serialize;

use crate::app::App;
use crate::refusal::Refusal;
use crate::visit::Person;

/// A source with how it does.
#[derive(Debug, Serialize)]
pub(crate) struct SourceInBrief {
    id: String,
    kind: String,
    url: String,
    basis: String,
    paused: bool,
    health: Health,
}

/// `GET /api/v1/sources`
pub(crate) async fn list(
    State(app): State<App>,
    _person: Person,
) -> Result<Json<Vec<SourceInBrief>>, Refusal> {
    let sources = app.desk(|desk| {
        let sources = desk.settings().sources.clone().into_iter();
        let briefs = sources.map(|source| {
            Ok(SourceInBrief {
                health: desk.health(&source)?,
                id: source.id.to_string(),
                kind: source.kind.0,
                url: source.url,
                basis: source.basis,
                paused: source.paused,
            })
        });
        briefs.collect()
    });
    Ok(Json(sources.await?))
}
