//! What all pages have in common.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::accounts::Role;
use crate::app::App;
use crate::assets;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::rights::REVIEWERS;
use crate::session::{Exposure, Session};
use crate::visit::{Person, Visit};

/// Minutes at work after which a break is offered.
const BREAK_AFTER: i64 = 50;

/// The parts of the app, as its navigation lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Queue,
    Tips,
    Sources,
    Rules,
    Trends,
    Audit,
    Users,
    Settings,
    /// Not in the navigation.
    Elsewhere,
}

const SECTIONS: [(Section, &str, &str, &[Role]); 8] = [
    (Section::Queue, "/queue", "nav.queue", REVIEWERS),
    (Section::Tips, "/tips", "nav.tips", &[Role::Partner]),
    (
        Section::Sources,
        "/sources",
        "nav.sources",
        &[Role::Analyst, Role::Investigator, Role::Admin],
    ),
    (Section::Rules, "/rules", "nav.rules", REVIEWERS),
    (Section::Trends, "/trends", "nav.trends", REVIEWERS),
    (Section::Audit, "/audit", "nav.audit", &[Role::Investigator, Role::Liaison, Role::Admin]),
    (Section::Users, "/users", "nav.users", &[Role::Admin]),
    (Section::Settings, "/settings", "nav.settings", &Role::ALL),
];

/// Where somebody is sent who asks for no page in particular.
pub(crate) fn home(person: &Person) -> &'static str {
    SECTIONS
        .iter()
        .find(|(.., roles)| person.is_any(roles))
        .map_or("/settings", |(_, path, ..)| path)
}

/// A page of somebody who is logged in.
pub(crate) fn page(
    app: &App,
    person: &Person,
    section: Section,
    title: &str,
    body: Markup,
) -> Response {
    let top = html! {
        nav aria-label=(person.lang().t("nav.label")) {
            @for (one, path, key, roles) in SECTIONS {
                @if person.is_any(roles) {
                    a href=(path) aria-current=[(one == section).then_some("page")] { (person.lang().t(key)) }
                }
            }
        }
        div.me {
            @if let Some(session) = &person.visit.session { (exposure(person, session)) }
            form method="post" action="/logout" {
                (csrf(&person.visit))
                span.who { (person.account.name) }
                button.quiet type="submit" { (person.lang().t("nav.log-out")) }
            }
        }
    };
    let rest = person.visit.session.as_ref().map(|session| rest_reminder(person, session));
    whole(app, &person.visit, title, top, html! { @if let Some(rest) = rest { (rest) } (body) })
}

/// A page of somebody who is not.
pub(crate) fn public_page(app: &App, visit: &Visit, title: &str, body: Markup) -> Response {
    let top = html! {
        nav.languages aria-label=(visit.lang.t("nav.languages")) {
            @for language in Language::ALL {
                a href={ "?lang=" (language.code()) } lang=(language.code()) hreflang=(language.code())
                    aria-current=[(language == visit.lang).then_some("true")] { (language.own_name()) }
            }
        }
    };
    whole(app, visit, title, top, html! { div.narrow { (body) } })
}

fn whole(app: &App, visit: &Visit, title: &str, top: Markup, body: Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang=(visit.lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · " (app.desk_name) }
                link rel="stylesheet" href=(assets::style_path());
                link rel="icon" href=(assets::ICON_PATH) type="image/svg+xml";
                script src=(assets::script_path()) defer {}
            }
            body {
                a.skip href="#main" { (visit.lang.t("nav.skip")) }
                header.top {
                    a.brand href="/" { (app.desk_name) }
                    (top)
                }
                main #main tabindex="-1" { (body) }
            }
        }
    };
    Html(page.into_string()).into_response()
}

/// How much somebody has looked at today: hard things add up unseen.
fn exposure(person: &Person, session: &Session) -> Markup {
    let Exposure { leads: all, critical } = session.exposure;
    let lang = person.lang();
    html! {
        span.exposure title=(lang.t("care.exposure-why")) {
            (lang.count("care.leads-seen", all))
            @if critical > 0 { ", " (lang.count("care.critical-seen", critical)) }
        }
    }
}

/// Shown when it is time; the script shows it later on a page that stays open.
fn rest_reminder(person: &Person, session: &Session) -> Markup {
    let minutes = session.minutes_at_work(person.visit.now);
    let lang = person.lang();
    html! {
        div.rest #rest role="note" hidden[minutes < BREAK_AFTER] data-in-minutes=((BREAK_AFTER - minutes).max(0))
            aria-label=(lang.t("care.break-title")) {
            p { strong { (lang.t("care.break-title")) } " " (lang.t("care.break-text")) }
            form method="post" action="/break" {
                (csrf(&person.visit))
                input type="hidden" name="back" value=(person.visit.path);
                button.quiet type="submit" { (lang.t("care.break-taken")) }
            }
        }
    }
}

/// The secret that every form carries.
pub(crate) fn csrf(visit: &Visit) -> Markup {
    html! { input type="hidden" name="csrf" value=(visit.csrf); }
}

/// What was done by the form before, as its redirect says.
pub(crate) fn said(lang: Language, said: Option<&str>) -> Markup {
    let message = said.and_then(|word| lang.find(&format!("said.{word}")));
    html! { @if let Some(message) = message { p.said role="status" { (message) } } }
}

/// A page that says why a request is not answered as asked.
pub(crate) fn refused(app: &App, visit: &Visit, refusal: &Refusal) -> Response {
    let lang = visit.lang;
    let body = html! {
        h1 { (lang.t("problem.title")) }
        p.problem role="alert" { (lang.with(refusal.key, &[("detail", &refusal.detail)])) }
        p { a href="/" { (lang.t("problem.home")) } }
    };
    let title = lang.t("problem.title");
    let person = visit.person.clone().map(|account| Person { visit: visit.clone(), account });
    let mut response = match person {
        Some(person) => page(app, &person, Section::Elsewhere, title, body),
        None => public_page(app, visit, title, body),
    };
    *response.status_mut() = refusal.status;
    response
}

/// The same page with another status.
pub(crate) fn with_status(status: StatusCode, mut page: Response) -> Response {
    *page.status_mut() = status;
    page
}
