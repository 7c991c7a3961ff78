//! How telling others of critical leads goes: shown beside the sources, to whoever keeps them.

use maud::{Markup, html};
use pipeline::{NoticeQueue, Notices};

use crate::app::App;
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// Nothing when nobody was ever to be told.
pub(crate) async fn card(app: &App, person: &Person) -> Result<Markup, Refusal> {
    let dir = app.desk_dir.clone();
    let lang = person.lang();
    let notices = match app.beside(move || Ok(Notices::read(&dir))).await? {
        Ok(Some(notices)) => notices,
        Ok(None) => return Ok(html! {}),
        // The sources beside it are to be seen all the same.
        Err(error) => {
            let problem = html! { p.problem { (clean(&error.to_string())) } };
            return Ok(
                html! { section.card #notices { h2 { (lang.t("notices.title")) } (problem) } },
            );
        }
    };
    let ways = [("notices.webhook", &notices.webhook), ("notices.mail", &notices.mail)];
    let used = |queue: &NoticeQueue| *queue != NoticeQueue::default();
    let is_well = ways.iter().all(|(_, queue)| queue.failure.is_none());
    Ok(html! {
        section.card #notices {
            div.line {
                h2 { (lang.t("notices.title")) }
                @if is_well { span.badge.good { (lang.t("sources.well")) } }
                @else { span.badge.high { (lang.t("sources.look")) } }
            }
            @for (name, queue) in ways.iter().filter(|(_, queue)| used(queue)) {
                h3 { (lang.t(name)) }
                (state(person, queue))
            }
            @if !ways.iter().any(|(_, queue)| used(queue)) { p.hint { (lang.t("notices.none")) } }
        }
    })
}

fn state(person: &Person, queue: &NoticeQueue) -> Markup {
    let (lang, now) = (person.lang(), person.visit.now);
    html! {
        dl.facts {
            div { dt { (lang.t("notices.waiting")) } dd { (queue.waiting.len()) } }
            div { dt { (lang.t("notices.last")) } dd {
                @if let Some(at) = queue.last_at { (terms::ago(lang, at, now)) } @else { (lang.t("sources.never")) }
            } }
        }
        @if let Some(failure) = &queue.failure {
            p.problem { (lang.with("notices.failed", &[("tries", &queue.tries.to_string())])) " " (clean(failure)) }
        }
    }
}
