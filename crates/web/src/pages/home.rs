use axum::Form;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

use crate::app::App;
use crate::layout;
use crate::visit::Person;

/// `GET /`
pub(crate) async fn home(person: Person) -> Redirect {
    Redirect::to(layout::home(&person))
}

#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

/// `POST /break`
pub(crate) async fn took_break(
    State(app): State<App>,
    person: Person,
    Form(form): Form<Back>,
) -> Redirect {
    app.sessions.took_break(&person.visit.csrf, person.visit.now);
    Redirect::to(own_path(&form.back))
}

/// A path of this app, or the start: nobody is sent elsewhere by a form.
pub(crate) fn own_path(path: &str) -> &str {
    let plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if path.starts_with('/') && !path.starts_with("//") && plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(own_path("/queue?band=high"), "/queue?band=high");
        for path in
            ["//evil.example", "https://evil.example", "/\\evil.example", "", "queue", "/a\r\nb"]
        {
            assert_eq!(own_path(path), "/", "{path}");
        }
    }
}
