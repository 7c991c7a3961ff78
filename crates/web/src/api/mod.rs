//! `/api/v1`: the same work for programs, with the same rights as the pages. A key acts in its
//! person's name, and the custody log says so.

pub(crate) mod decide;
pub(crate) mod leads;
pub(crate) mod openapi;
pub(crate) mod sources;
pub(crate) mod tips;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// A JSON body; one that does not read is refused in one way, whatever is wrong with it.
pub(crate) struct Body<T>(pub(crate) T);

/// Longest body, in bytes.
const LONGEST: usize = 256 * 1024;

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        use axum::http::StatusCode;
        let bytes: Bytes = axum::body::to_bytes(request.into_body(), LONGEST)
            .await
            .map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "problem.too-large"))?;
        let read = serde_json::from_slice(&bytes).map_err(|error| {
            Refusal::with(StatusCode::UNPROCESSABLE_ENTITY, "problem.desk", error.to_string())
        })?;
        Ok(Self(read))
    }
}

/// What an act of a program is answered with.
pub(crate) type Done = Json<leads::LeadInBrief>;
