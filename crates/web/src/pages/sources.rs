//! Sources and how they do; a new one is tried before it is added.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use domain::{Language, Region, Source, SourceId};
use maud::{Markup, html};
use pipeline::{Collectors, Health, Probe};
use serde::Deserialize;

use super::settings::Said;
use crate::accounts::Role;
use crate::app::App;
use crate::layout::{self, Section, csrf, with_status};
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::{clean, shortened};
use crate::visit::Person;

/// Who adds sources and starts scans.
pub(crate) const KEEPERS: &[Role] = &[Role::Analyst, Role::Admin];
/// Postings shown of a source that is tried.
const TRIED: usize = 10;

/// `GET /sources`
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Query(query): Query<Said>,
) -> Result<Response, Refusal> {
    let above = layout::said(person.lang(), query.said.as_deref());
    shown(&app, &person, above, &NewSource::default()).await
}

async fn shown(
    app: &App,
    person: &Person,
    above: Markup,
    form: &NewSource,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let sources: Vec<(Source, Health)> = app
        .desk(|desk| {
            let sources = desk.settings().sources.clone();
            sources
                .into_iter()
                .map(|source| desk.health(&source).map(|health| (source, health)))
                .collect()
        })
        .await?;
    let scanning = app.scanning.load(Ordering::Acquire);
    let kinds = Collectors::new(app.clock.clone()).kinds();
    let notices = super::notices::card(app, person).await?;
    let body = html! {
        div.heading {
            h1 { (lang.t("nav.sources")) " " span.count { (sources.len()) } }
            @if person.is_any(KEEPERS) { form method="post" action="/sources/scan" {
                (csrf(&person.visit))
                button type="submit" disabled[scanning] { (lang.t(if scanning { "sources.scanning" } else { "sources.scan" })) }
            } }
        }
        (above)
        div.cards { @for (source, health) in &sources { (card(person, source, health)) } }
        (notices)
        @if sources.is_empty() { p.empty { (lang.t("sources.none")) } }
        @if person.is_any(KEEPERS) { (new_form(person, form, &kinds)) }
    };
    Ok(layout::page(app, person, Section::Sources, lang.t("nav.sources"), body))
}

fn card(person: &Person, source: &Source, health: &Health) -> Markup {
    let lang = person.lang();
    html! {
        section.card {
            div.line {
                h2 { (clean(source.id.as_str())) }
                span { (clean(&source.kind.0)) }
                @if source.paused { span.badge.low { (lang.t("sources.paused")) } }
                @else if health.alarms.is_empty() { span.badge.good { (lang.t("sources.well")) } }
                @else { span.badge.high { (lang.t("sources.look")) } }
            }
            dl.facts {
                div { dt { (lang.t("fact.address")) } dd { bdi { (clean(&source.url)) } } }
                div { dt { (lang.t("sources.basis")) } dd { (clean(&source.basis)) } }
                div { dt { (lang.t("sources.last-walk")) } dd {
                    @if let Some(at) = health.last_walk { (terms::ago(lang, at, person.visit.now)) } @else { (lang.t("sources.never")) }
                } }
                div { dt { (lang.t("sources.new")) } dd { (lang.with("sources.new-usually", &[
                    ("new", &health.new.to_string()), ("usually", &format!("{:.1}", health.new_usually)),
                ])) } }
            }
            @for alarm in &health.alarms { p.problem { code { (alarm.name) } " " (clean(&alarm.reason)) } }
        }
    }
}

fn new_form(person: &Person, form: &NewSource, kinds: &[&'static str]) -> Markup {
    let lang = person.lang();
    html! {
        section.card #new {
            h2 { (lang.t("sources.add")) }
            form.stack method="post" action="/sources" {
                (csrf(&person.visit))
                label { (lang.t("sources.id")) input name="id" value=(form.id) maxlength="80" pattern="[a-z0-9._\\-]+" autocapitalize="none" aria-describedby="source-id-hint"; }
                p.hint #source-id-hint { (lang.t("users.login-hint")) }
                label { (lang.t("fact.address")) input name="url" type="url" value=(form.url) required maxlength="1000" placeholder="https://"; }
                label { (lang.t("sources.kind"))
                    select name="kind" {
                        option value="" { (lang.t("sources.find-out")) }
                        @for kind in kinds.iter().filter(|kind| !matches!(**kind, "ndjson" | "csv")) {
                            option value=(kind) selected[*kind == form.kind] { (kind) }
                        }
                    }
                }
                label { (lang.t("sources.basis")) input name="basis" value=(form.basis) maxlength="500" aria-describedby="basis-hint"; }
                p.hint #basis-hint { (lang.t("sources.basis-hint")) }
                label { (lang.t("queue.language"))
                    select name="language" {
                        option value="" { (lang.t("queue.any")) }
                        @for of in Language::ALL { option value=(of.code()) selected[of.code() == form.language] { (terms::language_name(lang, Some(of))) } }
                    }
                }
                label { (lang.t("sources.region")) input name="region" value=(form.region) maxlength="2" size="4" placeholder="UA"; }
                div.actions {
                    button type="submit" { (lang.t("sources.add")) }
                    button.quiet type="submit" formaction="/sources/test" { (lang.t("sources.test")) }
                }
            }
        }
    }
}

/// The form of a new source.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewSource {
    id: String,
    url: String,
    kind: String,
    basis: String,
    language: String,
    region: String,
}

impl NewSource {
    /// Private and loopback addresses are for who sits at the desk's machine: no form allows them.
    fn source(&self, id: SourceId, basis: &str) -> Source {
        Source {
            language: Language::from_code(self.language.trim()),
            region: Region::new(self.region.trim()),
            ..Source::new(id, self.kind.trim(), self.url.trim(), basis)
        }
    }

    fn is_public_address(&self) -> bool {
        let url = self.url.trim();
        url.starts_with("https://") || url.starts_with("http://")
    }
}

/// `POST /sources`
pub(crate) async fn add(
    State(app): State<App>,
    person: Person,
    Form(form): Form<NewSource>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let id = SourceId::new(form.id.trim());
    let complaint = match &id {
        Err(_) => Some("sources.bad-id"),
        Ok(_) if !form.is_public_address() => Some("sources.bad-url"),
        Ok(_) if form.kind.trim().is_empty() => Some("sources.no-kind"),
        Ok(_) if form.basis.trim().is_empty() => Some("sources.no-basis"),
        Ok(_) => None,
    };
    if let (Some(key), _) | (None, Err(key)) =
        (complaint, id.as_ref().map_err(|_| "sources.bad-id"))
    {
        let above = html! { p.problem role="alert" { (lang.t(key)) } };
        let page = shown(&app, &person, above, &form).await?;
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    let source = form.source(id.map_err(|_| Refusal::bad_form())?, form.basis.trim());
    let clock = app.clock.clone();
    let added = app
        .desk(move |desk| {
            let collectors = Collectors::new(clock);
            pipeline::add_source(desk.dir(), &collectors, &source)?;
            desk.read_settings_again()
        })
        .await;
    if let Err(refusal) = added {
        let above = html! { p.problem role="alert" { (lang.with(refusal.key, &[("detail", &refusal.detail)])) } };
        let page = shown(&app, &person, above, &form).await?;
        return Ok(with_status(refusal.status, page));
    }
    shown(&app, &person, layout::said(lang, Some("source-added")), &NewSource::default()).await
}

/// `POST /sources/test`: one fetch by the polite client, with all its guards; nothing is kept.
pub(crate) async fn test(
    State(app): State<App>,
    person: Person,
    Form(form): Form<NewSource>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    if !form.is_public_address() {
        let above = html! { p.problem role="alert" { (lang.t("sources.bad-url")) } };
        let page = shown(&app, &person, above, &form).await?;
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    let id = SourceId::new("test").map_err(|_| Refusal::bad_form())?;
    let source = form.source(id, "tried by hand");
    let clock = app.clock.clone();
    let web = app.desk(move |desk| desk.settings().polite_client(clock)).await?;
    let rules = app.desk_dir.join("rules");
    let rule_set = app.beside(move || Ok(pipeline::load_rules(&rules)?)).await?;
    let kind = (!form.kind.trim().is_empty()).then(|| source.kind.clone());
    let collectors = Collectors::new(app.clock.clone());
    let probe = pipeline::probe(&source, kind.as_ref(), &web, &collectors, &rule_set).await;
    let above = match &probe {
        Ok(probe) => probed(&person, probe),
        Err(problem) => {
            html! { p.problem role="alert" { code { (problem.outcome.name) } " " (clean(&problem.detail)) } }
        }
    };
    let form = match (probe, form) {
        (Ok(probe), form) if form.kind.is_empty() => NewSource { kind: probe.kind, ..form },
        (_, form) => form,
    };
    shown(&app, &person, above, &form).await
}

fn probed(person: &Person, probe: &Probe) -> Markup {
    let lang = person.lang();
    html! {
        section.card role="status" {
            h2 { (lang.t("sources.tried")) }
            p { (lang.with("sources.tried-as", &[("kind", &probe.kind), ("status", &probe.status.to_string())])) " "
                (lang.count("queue.postings", probe.postings.len() as u64)) }
            ul { @for (posting, assessment) in probe.postings.iter().take(TRIED) {
                li { (terms::badge(lang, assessment.score.value(), assessment.band)) " "
                    bdi { (shortened(posting.title.as_deref().unwrap_or(&posting.text), 100)) } }
            } }
            @for problem in probe.problems.iter().take(TRIED) { p.problem { code { (problem.outcome.name) } " " (clean(&problem.detail)) } }
        }
    }
}

/// `POST /sources/scan`: all sources, one scan at a time, while the app goes on.
pub(crate) async fn scan(State(app): State<App>, _person: Person) -> Result<Redirect, Refusal> {
    if app.scanning.swap(true, Ordering::AcqRel) {
        return Ok(Redirect::to("/sources?said=scan-begun"));
    }
    let clock = app.clock.clone();
    let ready = app.desk(move |desk| {
        Ok((desk.settings().sources.clone(), Arc::new(desk.settings().polite_client(clock)?)))
    });
    let (sources, web) = match ready.await {
        Ok(ready) => ready,
        Err(refusal) => {
            app.scanning.store(false, Ordering::Release);
            return Err(refusal);
        }
    };
    let work = app.clone();
    tokio::spawn(async move {
        if let Err(error) = pipeline::scan(work.desk_handle(), sources, web, &|_| ()).await {
            tracing::error!(%error, "a scan did not come to its end");
        }
        work.scanning.store(false, Ordering::Release);
    });
    Ok(Redirect::to("/sources?said=scan-begun"))
}
