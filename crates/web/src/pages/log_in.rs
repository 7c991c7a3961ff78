use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Sha256;
use maud::{Markup, html};
use serde::Deserialize;
use std::sync::PoisonError;

use crate::accounts::{password, second_factor};
use crate::app::App;
use crate::headers::{self, GUEST, SESSION};
use crate::layout::{csrf, public_page, with_status};
use crate::refusal::Refusal;
use crate::visit::{Person, Visit};

/// `GET /login`
pub(crate) async fn form(State(app): State<App>, visit: Visit) -> Response {
    if visit.person.is_some() {
        return Redirect::to("/").into_response();
    }
    public_page(&app, &visit, visit.lang.t("log-in.title"), form_body(&visit, "", None))
}

fn form_body(visit: &Visit, login: &str, problem: Option<&str>) -> Markup {
    let lang = visit.lang;
    html! {
        h1 { (lang.t("log-in.title")) }
        @if let Some(problem) = problem {
            p.problem role="alert" #problem { (problem) }
        }
        form.stack method="post" action={ "/login?lang=" (lang.code()) } {
            (csrf(visit))
            label { (lang.t("log-in.login"))
                input name="login" value=(login) required autofocus autocomplete="username"
                    autocapitalize="none" spellcheck="false" maxlength="40"
                    aria-describedby=[problem.map(|_| "problem")];
            }
            label { (lang.t("log-in.password"))
                input name="password" type="password" required autocomplete="current-password" maxlength="200";
            }
            label { (lang.t("log-in.code"))
                input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8"
                    aria-describedby="code-hint";
            }
            p.hint #code-hint { (lang.t("log-in.code-hint")) }
            button type="submit" { (lang.t("log-in.button")) }
        }
        p.hint { (lang.t("log-in.help")) }
    }
}

#[derive(Deserialize)]
pub(crate) struct LogIn {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
}

/// `POST /login`. The answer is the same, and takes as long, whether there is no such account, or
/// the password is wrong, or the code, or the account is shut.
pub(crate) async fn log_in(
    State(app): State<App>,
    visit: Visit,
    Form(form): Form<LogIn>,
) -> Result<Response, Refusal> {
    let login: String = form.login.trim().to_lowercase().chars().take(60).collect();
    if let Some(wait) = app.throttle.wait(&login, visit.now) {
        let minutes = (wait.as_secs() / 60 + 1).unsigned_abs();
        let problem = visit.lang.count("log-in.wait", minutes);
        let body = form_body(&visit, &login, Some(&problem));
        let page = public_page(&app, &visit, visit.lang.t("log-in.title"), body);
        return Ok(with_status(StatusCode::TOO_MANY_REQUESTS, page));
    }
    let _turn = app.passwords.acquire().await.map_err(|_| Refusal::failed())?;
    let right = {
        let (app, login, now) = (app.clone(), login.clone(), visit.now);
        app.clone().beside(move || is_right(&app, &login, &form, now)).await?
    };
    if !right {
        app.throttle.failed(&login, visit.now);
        let body = form_body(&visit, &login, Some(visit.lang.t("log-in.wrong")));
        let page = public_page(&app, &visit, visit.lang.t("log-in.title"), body);
        return Ok(with_status(StatusCode::UNAUTHORIZED, page));
    }
    app.throttle.succeeded(&login);
    Ok(begin_session(&app, &visit, &login))
}

fn is_right(app: &App, login: &str, form: &LogIn, now: jiff::Timestamp) -> Result<bool, Refusal> {
    let book = app.accounts.book()?;
    let account = book.find(login);
    let kept = account.and_then(|account| account.password.as_deref());
    let password_right = password::is_right(&form.password, kept, &app.nobody);
    let Some(account) = account else { return Ok(false) };
    let step = account
        .second_factor
        .as_deref()
        .map(|secret| second_factor::step_of(&form.code, secret, account.last_step, now));
    let is_open = !account.disabled && !account.locked;
    if !(password_right && is_open && step != Some(None)) {
        let locked = app.accounts.change(|book| book.note_failure(login))?;
        if locked {
            tracing::warn!(login, "an account was locked after too many wrong tries");
        }
        return Ok(false);
    }
    app.accounts
        .change(|book| {
            let account = book.find_mut(login)?;
            // Looked at again under the lock: two that come with one code at the same time are two.
            let fresh = step.flatten().is_none_or(|step| step > account.last_step);
            account.last_step = step.flatten().unwrap_or(account.last_step);
            account.failures = 0;
            Ok(fresh)
        })
        .map_err(Refusal::from)
}

/// Always a new session, whatever cookie the browser came with.
pub(crate) fn begin_session(app: &App, visit: &Visit, login: &str) -> Response {
    if let Some(session) = &visit.session {
        app.sessions.end(&session.csrf);
    }
    let cookie = app.sessions.begin(login, &*app.random, visit.now);
    let mut response = Redirect::to("/").into_response();
    headers::set_cookie(response.headers_mut(), SESSION, &cookie, app.over_tls);
    headers::set_cookie(response.headers_mut(), GUEST, "", app.over_tls);
    response
}

/// `POST /logout`
pub(crate) async fn log_out(State(app): State<App>, person: Person) -> Response {
    app.sessions.end(&person.visit.csrf);
    let mut response = Redirect::to("/login").into_response();
    headers::set_cookie(response.headers_mut(), SESSION, "", app.over_tls);
    response
}

/// `GET /enter/{secret}`: asks before it lets in, since mail programs and browsers follow links
/// ahead.
pub(crate) async fn enter_form(
    State(app): State<App>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Response, Refusal> {
    let login = one_time_login(&app, &secret, false).ok_or_else(Refusal::not_found)?;
    let book = app.accounts.book()?;
    let account = book.find(&login).ok_or_else(Refusal::not_found)?;
    let lang = visit.lang;
    let body = html! {
        h1 { (lang.t("enter.title")) }
        p { (lang.with("enter.text", &[("name", &account.name)])) }
        form method="post" { (csrf(&visit)) button type="submit" { (lang.t("enter.button")) } }
    };
    Ok(public_page(&app, &visit, lang.t("enter.title"), body))
}

/// `POST /enter/{secret}`
pub(crate) async fn enter(
    State(app): State<App>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Response, Refusal> {
    let login = one_time_login(&app, &secret, true).ok_or_else(Refusal::not_found)?;
    Ok(begin_session(&app, &visit, &login))
}

fn one_time_login(app: &App, secret: &str, use_up: bool) -> Option<String> {
    let digest = Sha256::of(secret.as_bytes());
    let mut links = app.one_time.lock().unwrap_or_else(PoisonError::into_inner);
    let place = links.iter().position(|(known, _)| *known == digest)?;
    Some(if use_up { links.remove(place).1 } else { links[place].1.clone() })
}
