use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Body;
use crate::app::App;
use crate::pages::tips::{NewTip, hand_in};
use crate::refusal::Refusal;
use crate::visit::Person;

/// What the sender of a tip is told.
#[derive(Debug, Serialize)]
pub(crate) struct Taken {
    /// Its contact or link was known before.
    known: bool,
}

/// `POST /api/v1/tips`
pub(crate) async fn send(
    State(app): State<App>,
    person: Person,
    Body(tip): Body<NewTip>,
) -> Result<Json<Taken>, Refusal> {
    Ok(Json(Taken { known: hand_in(&app, &person, tip, Vec::new()).await? }))
}
