//! Files that people add to a lead.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::LeadId;
use maud::{Markup, html};

use super::evidence::has_tip;
use super::lead::{self, Case};
use super::queue_filter::escaped;
use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::terms;
use crate::upload::Upload;
use crate::visible::clean;
use crate::visit::Person;

pub(crate) fn card(person: &Person, case: &Case) -> Markup {
    let (lang, lead) = (person.lang(), &case.view.lead);
    let files = lead.attachments();
    html! {
        section.card #files {
            h2 { (lang.t("files.title")) }
            @if !files.is_empty() { ul.plain { @for (file, note) in &files { li {
                @if case.masked { (domain::masked(&file.name)) }
                @else {
                    a href={ "/leads/" (lead.id) "/files/" (file.posting) "/" (file.number) } download { bdi { (clean(&file.name)) } }
                }
                " " small { (size(file.bytes)) " · " (clean(&note.by)) " · " (terms::time(note.at)) br; code { (file.sha256) } }
            } } } }
            form.stack method="post" enctype="multipart/form-data" action={ "/leads/" (lead.id) "/files" } {
                (csrf(&person.visit))
                label { (lang.t("files.add")) input type="file" name="file" required; }
                p.hint { (lang.t("files.hint")) }
                button.quiet type="submit" { (lang.t("files.save")) }
            }
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// `POST /leads/{id}/files`
pub(crate) async fn add(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    upload: Upload,
) -> Result<Redirect, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    if upload.files.is_empty() {
        return Err(Refusal::conflict("files.none", ""));
    }
    let (lead, by) = (id.clone(), person.name());
    app.desk(move |desk| {
        for file in upload.files {
            desk.attach(&lead, &by, &file.name, file.bytes)?;
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&format!("/leads/{id}?said=file-added#files")))
}

/// `GET /leads/{id}/files/{posting}/{number}`: the file, to be kept and not to be shown: what it is,
/// nobody has looked at.
pub(crate) async fn download(
    State(app): State<App>,
    person: Person,
    Path((id, posting, number)): Path<(String, String, u32)>,
) -> Result<Response, Refusal> {
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let vault = app.vault.clone();
    let (known, has_tip, found) = app
        .read(move |index| {
            let lead = pipeline::existing(index, &id)?;
            let mut files = lead.attachments().into_iter().map(|(file, _)| file);
            let file = files.find(|file| file.posting.as_str() == posting && file.number == number);
            let bytes = file.as_ref().map(|file| pipeline::attached(index, &vault, file));
            let found = file.zip(bytes.transpose()?.flatten());
            let has_tip = has_tip(index, &lead)?;
            Ok((lead, has_tip, found))
        })
        .await?;
    if has_tip && !lead::has_revealed(&app.board.acts_on(&known), &person) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "evidence.masked"));
    }
    let (file, bytes) = found.ok_or_else(Refusal::not_found)?;
    app.log_view(known.id, person.name()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&file.name)),
    ];
    Ok((headers, bytes).into_response())
}

/// That a file is to be kept under its name (RFC 6266), without marks that turn the reading and could
/// make an ending look like another.
fn disposition(name: &str) -> String {
    let plain: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || "-._ ".contains(*c)).collect();
    let plain = match plain.trim_start_matches(['.', ' ']) {
        rest if rest.len() == plain.len() && !rest.is_empty() => plain,
        rest => format!("file.{rest}"),
    };
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", escaped(&clean(name)))
}
