use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use super::log_in::begin_session;
use crate::WebError;
use crate::accounts::{Account, password, second_factor};
use crate::app::App;
use crate::layout::{csrf, public_page, with_status};
use crate::refusal::Refusal;
use crate::visit::Visit;

/// `GET /welcome/{secret}`: an invited person chooses a password and a second factor.
pub(crate) async fn form(
    State(app): State<App>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Response, Refusal> {
    let book = app.accounts.book()?;
    let (account, invitation) = book.invited(&secret, visit.now).ok_or_else(gone)?;
    let body = form_body(&app, &visit, account, &invitation.second_factor, None)?;
    Ok(public_page(&app, &visit, visit.lang.t("welcome.title"), body))
}

fn gone() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "welcome.gone")
}

fn form_body(
    app: &App,
    visit: &Visit,
    account: &Account,
    factor: &str,
    problem: Option<&str>,
) -> Result<Markup, Refusal> {
    let lang = visit.lang;
    let picture = second_factor::picture(factor, &account.login, &app.desk_name)?;
    let needed = account.needs_second_factor();
    let spaced =
        factor.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    Ok(html! {
        h1 { (lang.t("welcome.title")) }
        p { (lang.with("welcome.text", &[("name", &account.name), ("login", &account.login)])) }
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        form.stack method="post" {
            (csrf(visit))
            input type="hidden" name="username" value=(account.login) autocomplete="username";
            fieldset {
                legend { (lang.t("welcome.password")) }
                p.hint #password-hint { (lang.t("welcome.password-hint")) }
                label { (lang.t("log-in.password"))
                    input name="password" type="password" required minlength=(password::SHORTEST) maxlength="200"
                        autocomplete="new-password" aria-describedby="password-hint";
                }
                label { (lang.t("welcome.again"))
                    input name="again" type="password" required maxlength="200" autocomplete="new-password";
                }
            }
            fieldset {
                legend { (lang.t(if needed { "welcome.factor" } else { "welcome.factor-offered" })) }
                p { (lang.t("welcome.factor-hint")) }
                div.qr role="img" aria-label=(lang.t("welcome.qr")) { (PreEscaped(picture)) }
                p { (lang.t("welcome.factor-key")) " " code { (spaced) } }
                label { (lang.t("log-in.code"))
                    input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="8" required[needed];
                }
            }
            button type="submit" { (lang.t("welcome.button")) }
        }
    })
}

#[derive(Deserialize)]
pub(crate) struct Accept {
    password: String,
    again: String,
    #[serde(default)]
    code: String,
}

/// `POST /welcome/{secret}`
pub(crate) async fn accept(
    State(app): State<App>,
    visit: Visit,
    Path(secret): Path<String>,
    Form(form): Form<Accept>,
) -> Result<Response, Refusal> {
    let book = app.accounts.book()?;
    let (account, invitation) = book.invited(&secret, visit.now).ok_or_else(gone)?;
    let factor = &invitation.second_factor;
    let step = second_factor::step_of(&form.code, factor, 0, visit.now);
    let wants_factor = account.needs_second_factor() || !form.code.trim().is_empty();
    let problem = if form.password != form.again {
        Some("welcome.differ")
    } else if wants_factor && step.is_none() {
        Some("welcome.wrong-code")
    } else {
        password::complaint(&form.password, &account.login)
    };
    if let Some(problem) = problem {
        let body = form_body(&app, &visit, account, factor, Some(visit.lang.t(problem)))?;
        let page = public_page(&app, &visit, visit.lang.t("welcome.title"), body);
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    let login = account.login.clone();
    let _turn = app.passwords.acquire().await.map_err(|_| Refusal::failed())?;
    let work = app.clone();
    let accepted = move || {
        let hash = password::hash(&form.password, &*work.random)?;
        let login = work.accounts.change(|book| {
            let invited =
                book.invited(&secret, visit.now).map(|(account, _)| account.login.clone());
            let login = invited
                .ok_or_else(|| WebError::Refused("the link was used meanwhile".to_owned()))?;
            let account = book.find_mut(&login)?;
            let factor = account.invitation.take().map(|invitation| invitation.second_factor);
            account.password = Some(hash);
            account.second_factor = factor.filter(|_| step.is_some());
            account.last_step = step.unwrap_or(0);
            account.language = visit.lang;
            account.locked = false;
            account.failures = 0;
            Ok(login)
        })?;
        work.sessions.end_all_of(&login);
        Ok(begin_session(&work, &visit, &login))
    };
    tracing::info!(login, "an invitation was accepted");
    app.beside(accepted).await
}
