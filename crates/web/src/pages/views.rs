//! Filters of the queue that a person keeps under a name.

use axum::Form;
use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::queue::Asked;
use crate::WebError;
use crate::accounts::SavedView;
use crate::app::App;
use crate::layout::csrf;
use crate::refusal::Refusal;
use crate::visible::clean;
use crate::visit::Person;

/// More than this are no help.
const MOST: usize = 30;
/// Longest name, in characters.
const LONGEST: usize = 60;

/// Below the filters: keep the present ones, or take the present view off the list.
pub(crate) fn form(person: &Person, asked: &Asked) -> Markup {
    let lang = person.lang();
    let present = asked.path(1);
    let kept = person.account.views.iter().find(|view| view.path() == present);
    if let Some(view) = kept {
        return html! {
            form.line.view method="post" action="/queue/views/delete" {
                (csrf(&person.visit))
                input type="hidden" name="name" value=(view.name);
                button.quiet type="submit" { (lang.with("views.delete", &[("name", &clean(&view.name))])) }
            }
        };
    }
    html! {
        @if !asked.is_plain() {
            form.line.view method="post" action="/queue/views" {
                (csrf(&person.visit))
                @for (name, value) in asked.fields().into_iter().filter(|(_, value)| !value.is_empty()) {
                    input type="hidden" name=(name) value=(value);
                }
                label { (lang.t("views.name")) " " input name="name" required maxlength=(LONGEST); }
                button.quiet type="submit" { (lang.t("views.save")) }
            }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct NewView {
    name: String,
    #[serde(flatten)]
    asked: Asked,
}

/// `POST /queue/views`: one of the same name is replaced.
pub(crate) async fn save(
    State(app): State<App>,
    person: Person,
    Form(form): Form<NewView>,
) -> Result<Redirect, Refusal> {
    let name: String = form.name.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if name.is_empty() || form.asked.is_plain() {
        return Err(Refusal::bad_form());
    }
    let path = form.asked.path(1);
    let filters = path.split_once('?').map_or("", |(_, filters)| filters).to_owned();
    let view = SavedView { name, filters };
    let back = format!("{}&said=view-saved", view.path());
    let (work, login) = (app.clone(), person.account.login);
    app.beside(move || {
        let changed = work.accounts.change(|book| {
            let views = &mut book.find_mut(&login)?.views;
            views.retain(|kept| kept.name != view.name);
            if views.len() >= MOST {
                let full = "too many saved views: delete one first".to_owned();
                return Err(WebError::Refused(full));
            }
            views.push(view);
            Ok(())
        });
        Ok(changed?)
    })
    .await?;
    Ok(Redirect::to(&back))
}

#[derive(Deserialize)]
pub(crate) struct OldView {
    name: String,
}

/// `POST /queue/views/delete`
pub(crate) async fn delete(
    State(app): State<App>,
    person: Person,
    Form(form): Form<OldView>,
) -> Result<Redirect, Refusal> {
    let (work, login) = (app.clone(), person.account.login);
    app.beside(move || {
        let changed = work.accounts.change(|book| {
            book.find_mut(&login)?.views.retain(|view| view.name != form.name);
            Ok(())
        });
        Ok(changed?)
    })
    .await?;
    Ok(Redirect::to("/queue?said=view-deleted"))
}
