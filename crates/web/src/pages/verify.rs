//! A lead's evidence read again, when somebody asks.

use axum::extract::{Path, State};
use axum::response::Response;
use domain::{LeadId, Sha256, Snapshot};
use evidence::CaptureArchive;
use maud::html;
use pipeline::{Desk, PipelineError};

use crate::app::App;
use crate::layout::{self, Section};
use crate::refusal::Refusal;
use crate::visible::clean;
use crate::visit::Person;

/// One thing that was held against what was logged when it was taken.
struct Check {
    what: String,
    is_good: bool,
}

/// `POST /leads/{id}/verify`: the lead's snapshots and captures are read again, byte for byte.
pub(crate) async fn verify(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let id = LeadId::new(id).map_err(|_| Refusal::not_found())?;
    let (lead, by) = (id.clone(), person.name());
    let checks = app
        .desk_or_refuse(move |desk| {
            let snapshots = desk.lead_view(&lead)?.lead.snapshots;
            let mut checks = Vec::new();
            for snapshot in &snapshots {
                checks.extend(checked(desk, snapshot)?);
            }
            let faults = checks.iter().filter(|check| !check.is_good).count() as u64;
            desk.record_verification(&by, faults)?;
            Ok(checks)
        })
        .await?;
    let faults = checks.iter().filter(|check| !check.is_good).count() as u64;
    let body = html! {
        p.back { a href={ "/leads/" (id) "#evidence" } { "← " (lang.t("evidence.back")) } }
        h1 { (lang.t("evidence.verified")) }
        @if faults == 0 { p.said role="status" { (lang.t("evidence.all-good")) } }
        @else { p.problem role="alert" { (lang.count("evidence.faults", faults)) } }
        ul.plain { @for check in &checks { li {
            strong { (lang.t(if check.is_good { "evidence.good" } else { "evidence.bad" })) } " " code { (clean(&check.what)) }
        } } }
    };
    Ok(layout::page(&app, &person, Section::Queue, lang.t("evidence.verified"), body))
}

fn checked(desk: &Desk, snapshot: &Snapshot) -> Result<Vec<Check>, PipelineError> {
    let file = desk.vault().read_snapshot(&snapshot.file);
    let is_good = file.is_ok_and(|bytes| Sha256::of(&bytes) == snapshot.sha256);
    let mut checks = vec![Check { what: format!("snapshots/{}", snapshot.file), is_good }];
    if let Some(stored) = desk.store().capture(&snapshot.capture)? {
        let (file, offset, length) = (&stored.file, stored.offset, stored.length);
        let read = CaptureArchive::read(desk.vault(), file, offset, length);
        let is_good = read.is_ok_and(|capture| {
            capture.sha256 == stored.payload && Sha256::of(&capture.body) == stored.payload
        });
        checks.push(Check {
            what: format!("captures/{} {}", stored.file, snapshot.capture),
            is_good,
        });
    }
    Ok(checks)
}
