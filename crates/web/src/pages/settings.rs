use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::password;
use crate::app::App;
use crate::language::Language;
use crate::layout::{self, Section, csrf, with_status};
use crate::refusal::Refusal;
use crate::visit::Person;

/// What a redirect says was done.
#[derive(Deserialize)]
pub(crate) struct Said {
    pub(crate) said: Option<String>,
}

/// `GET /settings`
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Query(query): Query<Said>,
) -> Response {
    shown(&app, &person, layout::said(person.lang(), query.said.as_deref()))
}

pub(crate) fn shown(app: &App, person: &Person, above: Markup) -> Response {
    let (lang, account) = (person.lang(), &person.account);
    let roles: Vec<&str> =
        account.roles.iter().map(|role| lang.t(&format!("role.{role}"))).collect();
    let body = html! {
        h1 { (lang.t("nav.settings")) }
        (above)
        p { (lang.with("settings.who", &[("name", &account.name), ("login", &account.login), ("roles", &roles.join(", "))])) }
        section.card {
            h2 { (lang.t("settings.reading")) }
            form.stack method="post" {
                (csrf(&person.visit))
                label { (lang.t("settings.language"))
                    select name="language" {
                        @for language in Language::ALL {
                            option value=(language.code()) lang=(language.code()) selected[language == account.language] { (language.own_name()) }
                        }
                    }
                }
                label.check {
                    input type="checkbox" name="unfolded" value="yes" checked[account.unfolded];
                    (lang.t("settings.unfolded"))
                }
                p.hint { (lang.t("settings.unfolded-hint")) }
                button type="submit" { (lang.t("settings.save")) }
            }
        }
        section.card {
            h2 { (lang.t("settings.password")) }
            form.stack method="post" action="/settings/password" {
                (csrf(&person.visit))
                label { (lang.t("settings.old-password"))
                    input name="old" type="password" required autocomplete="current-password" maxlength="200";
                }
                label { (lang.t("settings.new-password"))
                    input name="new" type="password" required minlength=(password::SHORTEST) maxlength="200"
                        autocomplete="new-password" aria-describedby="new-hint";
                }
                p.hint #new-hint { (lang.t("welcome.password-hint")) }
                button type="submit" { (lang.t("settings.change-password")) }
            }
        }
        (super::tokens::card(person, account))
    };
    layout::page(app, person, Section::Settings, lang.t("nav.settings"), body)
}

#[derive(Deserialize)]
pub(crate) struct Settings {
    language: String,
    unfolded: Option<String>,
}

/// `POST /settings`
pub(crate) async fn save(
    State(app): State<App>,
    person: Person,
    Form(form): Form<Settings>,
) -> Result<Redirect, Refusal> {
    let language = Language::from_code(&form.language).ok_or_else(Refusal::bad_form)?;
    let login = person.account.login;
    let work = app.clone();
    app.beside(move || {
        work.accounts.change(|book| {
            let account = book.find_mut(&login)?;
            account.language = language;
            account.unfolded = form.unfolded.is_some();
            Ok(())
        })?;
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/settings?said=saved"))
}

#[derive(Deserialize)]
pub(crate) struct NewPassword {
    old: String,
    new: String,
}

/// `POST /settings/password`. All other sessions of the person end.
pub(crate) async fn change_password(
    State(app): State<App>,
    person: Person,
    Form(form): Form<NewPassword>,
) -> Result<Response, Refusal> {
    let (lang, login) = (person.lang(), person.account.login.clone());
    let refused = |key: &str| {
        let page = shown(&app, &person, html! { p.problem role="alert" { (lang.t(key)) } });
        with_status(StatusCode::UNPROCESSABLE_ENTITY, page)
    };
    if app.throttle.wait(&login, person.visit.now).is_some() {
        return Ok(refused("settings.old-wrong"));
    }
    if let Some(problem) = password::complaint(&form.new, &login) {
        return Ok(refused(problem));
    }
    let _turn = app.passwords.acquire().await.map_err(|_| Refusal::failed())?;
    let (work, login_then) = (app.clone(), login.clone());
    let kept = person.account.password.clone();
    let changed = app
        .beside(move || {
            if !password::is_right(&form.old, kept.as_deref(), &work.nobody) {
                return Ok(false);
            }
            let hash = password::hash(&form.new, &*work.random)?;
            work.accounts.change(|book| {
                book.find_mut(&login_then)?.password = Some(hash);
                Ok(())
            })?;
            Ok(true)
        })
        .await?;
    if !changed {
        app.throttle.failed(&login, person.visit.now);
        return Ok(refused("settings.old-wrong"));
    }
    app.sessions.end_all_of(&login);
    Ok(super::log_in::begin_session(&app, &person.visit, &login).into_response())
}
