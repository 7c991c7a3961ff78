//! What the scheduler found when it read all evidence again: shown above the log, to whoever reads that.

use evidence::Fault;
use maud::{Markup, html};
use pipeline::EvidenceRound;

use crate::app::App;
use crate::language::Language;
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::clean;
use crate::visit::Person;

/// So many faults are shown; the command names all.
const MOST_SHOWN: usize = 200;

pub(crate) async fn card(app: &App, person: &Person) -> Result<Markup, Refusal> {
    let dir = app.desk_dir.clone();
    let round = app.beside(move || Ok(EvidenceRound::of(&dir))).await?;
    let lang = person.lang();
    let going = round.as_ref().filter(|round| round.is_going());
    let whole = round.as_ref().and_then(EvidenceRound::last_whole);
    let is_well = going.into_iter().chain(whole).all(|round| round.faults == 0);
    Ok(html! {
        section.card #rehash {
            div.line {
                h2 { (lang.t("rehash.title")) }
                @if round.is_none() { }
                @else if is_well { span.badge.good { (lang.t("sources.well")) } }
                @else { span.badge.high { (lang.t("sources.look")) } }
            }
            p.hint { (lang.t("rehash.hint")) }
            @if round.is_none() { p.empty { (lang.t("rehash.never")) } }
            @if let Some(round) = whole {
                h3 { (lang.t("rehash.last")) }
                (shown(person, round))
            }
            @if let Some(round) = going {
                h3 { (lang.t("rehash.going")) }
                (shown(person, round))
            }
        }
    })
}

fn shown(person: &Person, round: &EvidenceRound) -> Markup {
    let (lang, now) = (person.lang(), person.visit.now);
    html! {
        dl.facts {
            div { dt { (lang.t("rehash.began")) } dd { (terms::ago(lang, round.began_at, now)) } }
            @if let Some(ended_at) = round.ended_at {
                div { dt { (lang.t("rehash.ended")) } dd { (terms::ago(lang, ended_at, now)) } }
            }
            div { dt { (lang.t("rehash.read")) } dd {
                (lang.with("rehash.files", &[("n", &round.files.to_string()), ("mb", &round.bytes.div_ceil(1_000_000).to_string())]))
            } }
        }
        @if round.faults == 0 { p { (lang.t("rehash.all-good")) } }
        @else {
            p.problem role="alert" { (lang.count("evidence.faults", round.faults)) " " (lang.t("rehash.what-now")) }
            (table(lang, &round.found))
            @if round.faults > round.found.len().min(MOST_SHOWN) as u64 { p.hint { (lang.t("rehash.more")) } }
        }
    }
}

fn table(lang: Language, faults: &[Fault]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(lang.t("rehash.title")) { table {
            thead { tr {
                th scope="col" { (lang.t("rehash.file")) }
                th scope="col" { (lang.t("rehash.place")) }
                th scope="col" { (lang.t("rehash.what")) }
            } }
            tbody { @for fault in faults.iter().take(MOST_SHOWN) { tr {
                td { code { (clean(&fault.file)) } }
                td lang="en" { (clean(&fault.place)) }
                td lang="en" { (clean(&fault.what)) }
            } } }
        } }
    }
}
