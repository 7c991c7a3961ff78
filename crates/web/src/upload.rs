//! Forms with files (`multipart/form-data`, RFC 7578). Whether such a form is ours is seen here, before
//! anything of it is kept: its secret comes first.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use axum::routing::MethodRouter;
use domain::Sha256;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::refusal::Refusal;
use crate::visit::Visit;

/// The most that a form with its files may have, in bytes.
const LARGEST: usize = pipeline::LARGEST_ATTACHMENT + 256 * 1024;
/// Most files of a form, and most fields.
const MOST_FILES: usize = 10;
const MOST_FIELDS: usize = 40;
/// Forms with files that are taken in at the same time: each is in memory.
const AT_ONCE: usize = 4;

/// A form with its files.
pub(crate) struct Upload {
    fields: Vec<(String, String)>,
    pub(crate) files: Vec<UploadedFile>,
    _turn: OwnedSemaphorePermit,
}

/// A file that somebody chose.
pub(crate) struct UploadedFile {
    /// As their browser says it.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Upload {
    /// The value of a field; empty if it is not there.
    pub(crate) fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// Turns for forms with files.
pub(crate) fn turns() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// A route that takes files, up to the most that there may be.
pub(crate) fn limited(route: MethodRouter<App>) -> MethodRouter<App> {
    route.layer(DefaultBodyLimit::max(LARGEST))
}

/// Whether a request is a form with files.
pub(crate) fn is_upload(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.and_then(|kind| kind.split(';').next()) == Some("multipart/form-data")
}

impl FromRequest<App> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request<Body>, app: &App) -> Result<Self, Refusal> {
        let turn = app.uploads.clone().acquire_owned().await.map_err(|_| Refusal::failed())?;
        if !is_upload(&request) {
            // A form without files: the guard has seen its secret.
            let form = Form::<Vec<(String, String)>>::from_request(request, app).await;
            let Form(fields) = form.map_err(|_| Refusal::bad_form())?;
            return Ok(Self { fields, files: Vec::new(), _turn: turn });
        }
        let foreign = || Refusal::new(StatusCode::FORBIDDEN, "problem.foreign-form");
        let visit = request.extensions().get::<Visit>().cloned().ok_or_else(foreign)?;
        let mut form =
            Multipart::from_request(request, app).await.map_err(|_| Refusal::bad_form())?;
        let (mut fields, mut files) = (Vec::new(), Vec::new());
        while let Some(part) = form.next_field().await.map_err(|error| unread(error.status()))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(ToOwned::to_owned);
            let bytes = part.bytes().await.map_err(|error| unread(error.status()))?;
            if fields.is_empty() && files.is_empty() {
                let is_ours = name == "csrf"
                    && !visit.csrf.is_empty()
                    && Sha256::of(&bytes) == Sha256::of(visit.csrf.as_bytes());
                if !is_ours {
                    return Err(foreign());
                }
            }
            match file {
                // Browsers send a field without a file as an empty one.
                Some(file) if file.is_empty() && bytes.is_empty() => {}
                Some(file) => files.push(UploadedFile { name: file, bytes: bytes.to_vec() }),
                None => {
                    let value =
                        String::from_utf8(bytes.to_vec()).map_err(|_| Refusal::bad_form())?;
                    fields.push((name, value));
                }
            }
            if files.len() > MOST_FILES || fields.len() > MOST_FIELDS {
                return Err(unread(StatusCode::PAYLOAD_TOO_LARGE));
            }
        }
        if fields.is_empty() {
            return Err(foreign());
        }
        Ok(Self { fields, files, _turn: turn })
    }
}

fn unread(status: StatusCode) -> Refusal {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(status, "problem.too-large"),
        _ => Refusal::bad_form(),
    }
}
