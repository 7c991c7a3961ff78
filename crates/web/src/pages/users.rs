use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use maud::{Markup, html};

use super::settings::Said;
use crate::accounts::{Account, Role};
use crate::app::App;
use crate::invite;
use crate::language::Language;
use crate::layout::{self, Section, csrf, with_status};
use crate::refusal::Refusal;
use crate::visit::Person;

/// `GET /users`
pub(crate) async fn list(
    State(app): State<App>,
    person: Person,
    Query(query): Query<Said>,
) -> Result<Response, Refusal> {
    shown(&app, &person, layout::said(person.lang(), query.said.as_deref()))
}

fn shown(app: &App, person: &Person, above: Markup) -> Result<Response, Refusal> {
    let lang = person.lang();
    let accounts = app.accounts.all()?;
    let body = html! {
        h1 { (lang.t("nav.users")) }
        (above)
        div.scroll tabindex="0" role="region" aria-label=(lang.t("nav.users")) { table {
            thead { tr {
                th scope="col" { (lang.t("users.name")) }
                th scope="col" { (lang.t("log-in.login")) }
                th scope="col" { (lang.t("users.roles")) }
                th scope="col" { (lang.t("users.state")) }
                th scope="col" { span.unseen { (lang.t("users.change")) } }
            } }
            tbody { @for account in &accounts { (row(person, account)) } }
        } }
        p.hint { (lang.t("users.recovery")) }
        section.card {
            h2 { (lang.t("users.add")) }
            form.stack method="post" {
                (csrf(&person.visit))
                label { (lang.t("users.name")) input name="name" required maxlength="100" autocomplete="off" aria-describedby="name-hint"; }
                p.hint #name-hint { (lang.t("users.name-hint")) }
                label { (lang.t("log-in.login"))
                    input name="login" required maxlength="40" pattern="[a-z0-9._\\-]+" autocomplete="off" autocapitalize="none" aria-describedby="login-hint";
                }
                p.hint #login-hint { (lang.t("users.login-hint")) }
                fieldset {
                    legend { (lang.t("users.roles")) }
                    @for role in Role::ALL {
                        label.check {
                            input type="checkbox" name="role" value=(role);
                            span { strong { (lang.t(&format!("role.{role}"))) } " " (lang.t(&format!("role.{role}-may"))) }
                        }
                    }
                }
                button type="submit" { (lang.t("users.add")) }
            }
        }
    };
    Ok(layout::page(app, person, Section::Users, lang.t("nav.users"), body))
}

fn row(person: &Person, account: &Account) -> Markup {
    let lang = person.lang();
    let roles: Vec<&str> =
        account.roles.iter().map(|role| lang.t(&format!("role.{role}"))).collect();
    let state = match account {
        Account { disabled: true, .. } => "users.disabled",
        Account { locked: true, .. } => "users.locked",
        Account { password: None, .. } => "users.invited",
        _ => "users.active",
    };
    let action = if account.disabled { "enable" } else { "disable" };
    html! {
        tr {
            td { (account.name) }
            td { code { (account.login) } }
            td { (roles.join(", ")) }
            td { (lang.t(state)) }
            td {
                @if account.login != person.account.login {
                    form method="post" action={ "/users/" (account.login) "/" (action) } {
                        (csrf(&person.visit))
                        button.quiet type="submit" {
                            (lang.t(if account.disabled { "users.enable" } else { "users.disable" }))
                            span.unseen { ": " (account.name) }
                        }
                    }
                }
            }
        }
    }
}

/// `POST /users`. The form's roles come as one field repeated, which serde's forms do not read into
/// a list: hence pairs.
pub(crate) async fn add(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let field = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let roles: Vec<Role> = pairs
        .iter()
        .filter(|(key, _)| key == "role")
        .filter_map(|(_, name)| Role::from_name(name))
        .collect();
    let (login, name) = (field("login"), field("name"));
    let (work, now) = (app.clone(), person.visit.now);
    let added = app
        .beside(move || {
            let added = invite::add_account(
                &work.accounts,
                &login,
                &name,
                &roles,
                Language::default(),
                &*work.random,
                now,
            );
            added.map_err(Refusal::from)
        })
        .await;
    match added {
        Ok(path) => {
            let origin =
                app.origins.last().filter(|origin| *origin != "*").cloned().unwrap_or_default();
            let above = html! {
                div.said role="status" {
                    p { (lang.t("users.invitation")) }
                    p { code.long { (origin) (path) } }
                }
            };
            shown(&app, &person, above)
        }
        Err(refusal) if refusal.status == StatusCode::CONFLICT => {
            let above = html! { p.problem role="alert" { (lang.with(refusal.key, &[("detail", &refusal.detail)])) } };
            Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, shown(&app, &person, above)?))
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /users/{login}/disable`. Their sessions end at once.
pub(crate) async fn disable(
    State(app): State<App>,
    person: Person,
    Path(login): Path<String>,
) -> Result<Redirect, Refusal> {
    set(app, person, login, true).await
}

/// `POST /users/{login}/enable`
pub(crate) async fn enable(
    State(app): State<App>,
    person: Person,
    Path(login): Path<String>,
) -> Result<Redirect, Refusal> {
    set(app, person, login, false).await
}

async fn set(app: App, person: Person, login: String, disabled: bool) -> Result<Redirect, Refusal> {
    if login == person.account.login {
        return Err(Refusal::forbidden());
    }
    let work = app.clone();
    app.beside(move || {
        let known = work.accounts.book()?.find(&login).is_some();
        if !known {
            return Err(Refusal::not_found());
        }
        invite::set_disabled(&work.accounts, &login, disabled)?;
        work.sessions.end_all_of(&login);
        Ok(())
    })
    .await?;
    Ok(Redirect::to("/users?said=saved"))
}
