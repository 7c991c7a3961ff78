use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pipeline::PipelineError;

use crate::WebError;

/// Why a request is not answered as asked. Made into a page, or into JSON for the API, when the
/// visitor's language is known.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// The key of the message.
    pub(crate) key: &'static str,
    /// What fills the message's `{detail}`: a name, or a sentence of the desk.
    pub(crate) detail: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, key: &'static str) -> Self {
        Self { status, key, detail: String::new() }
    }

    pub(crate) fn with(status: StatusCode, key: &'static str, detail: impl Into<String>) -> Self {
        Self { status, key, detail: detail.into() }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "problem.not-found")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "problem.forbidden")
    }

    pub(crate) fn bad_form() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "problem.form")
    }

    /// A rule of the desk speaks against it.
    pub(crate) fn conflict(key: &'static str, detail: impl Into<String>) -> Self {
        Self::with(StatusCode::CONFLICT, key, detail)
    }

    pub(crate) fn failed() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "problem.failed")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<PipelineError> for Refusal {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::NotFound(_) => Self::not_found(),
            PipelineError::Refused(sentence) | PipelineError::Config(sentence) => {
                Self::conflict("problem.desk", sentence)
            }
            other => {
                tracing::error!(error = %other, "the desk could not do what it was asked to");
                Self::failed()
            }
        }
    }
}

impl From<WebError> for Refusal {
    fn from(error: WebError) -> Self {
        match error {
            WebError::Refused(sentence) => Self::conflict("problem.desk", sentence),
            WebError::Desk(error) => error.into(),
            other => {
                tracing::error!(error = %other, "the accounts could not be used");
                Self::failed()
            }
        }
    }
}
