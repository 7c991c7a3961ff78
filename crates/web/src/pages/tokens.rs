//! Keys by which programs act in a person's name, on the settings page.

use axum::Form;
use axum::extract::State;
use axum::response::{Redirect, Response};
use domain::Sha256;
use maud::{Markup, html};

use super::settings;
use crate::accounts::{Account, ApiToken, Scope};
use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::visible::clean;
use crate::visit::Person;
use crate::{WebError, random_word, terms};

/// More keys than this are a mistake.
const MOST: usize = 20;

pub(crate) fn card(person: &Person, account: &Account) -> Markup {
    let lang = person.lang();
    html! {
        section.card #keys-for-programs {
            h2 { (lang.t("tokens.title")) }
            p.hint { (lang.t("tokens.hint")) }
            ul.plain { @for token in &account.tokens { li {
                strong { (clean(&token.label)) } " · "
                (token.scopes.iter().map(|scope| lang.t(&format!("scope.{}", scope.name()))).collect::<Vec<_>>().join(", "))
                " · " (terms::time(token.created_at))
                form method="post" action="/settings/tokens/revoke" {
                    (csrf(&person.visit))
                    input type="hidden" name="digest" value=(token.digest);
                    button.quiet type="submit" { (lang.t("tokens.revoke")) span.unseen { ": " (clean(&token.label)) } }
                }
            } } }
            form.stack method="post" action="/settings/tokens" {
                (csrf(&person.visit))
                label { (lang.t("tokens.label")) input name="label" required maxlength="80"; }
                fieldset {
                    legend { (lang.t("tokens.scopes")) }
                    @for scope in Scope::ALL { label.check {
                        input type="checkbox" name="scope" value=(scope.name()); (lang.t(&format!("scope.{}", scope.name())))
                    } }
                }
                button.quiet type="submit" { (lang.t("tokens.make")) }
            }
        }
    }
}

/// `POST /settings/tokens`: the key is shown on the page that answers, and never again.
pub(crate) async fn make(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let label: String = pairs
        .iter()
        .find(|(key, _)| key == "label")
        .map(|(_, value)| value.trim().chars().take(80).collect())
        .unwrap_or_default();
    let scopes: Vec<Scope> = Scope::ALL
        .into_iter()
        .filter(|scope| pairs.iter().any(|(key, value)| key == "scope" && value == scope.name()))
        .collect();
    if label.is_empty() || scopes.is_empty() {
        return Err(Refusal::conflict("tokens.incomplete", ""));
    }
    let key = format!("fus_{}", random_word(&*app.random));
    let token = ApiToken {
        label,
        digest: Sha256::of(key.as_bytes()),
        scopes,
        created_at: person.visit.now,
    };
    let (work, login) = (app.clone(), person.account.login.clone());
    let account = app
        .beside(move || {
            let changed = work.accounts.change(|book| {
                let account = book.find_mut(&login)?;
                if account.tokens.len() >= MOST {
                    return Err(WebError::Refused("too many keys: revoke one first".to_owned()));
                }
                account.tokens.push(token);
                Ok(account.clone())
            });
            Ok(changed?)
        })
        .await?;
    let lang = person.lang();
    let above = html! {
        div.said role="status" { p { (lang.t("tokens.made")) } p { code.long { (key) } } }
    };
    Ok(settings::shown(&app, &Person { account, ..person }, above))
}

/// `POST /settings/tokens/revoke`
pub(crate) async fn revoke(
    State(app): State<App>,
    person: Person,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Redirect, Refusal> {
    let digest =
        pairs.iter().find(|(key, _)| key == "digest").map(|(_, value)| value.parse::<Sha256>());
    let Some(Ok(digest)) = digest else { return Err(Refusal::bad_form()) };
    let (work, login) = (app.clone(), person.account.login);
    app.beside(move || {
        let changed = work.accounts.change(|book| {
            book.find_mut(&login)?.tokens.retain(|token| token.digest != digest);
            Ok(())
        });
        Ok(changed?)
    })
    .await?;
    Ok(Redirect::to("/settings?said=saved"))
}
