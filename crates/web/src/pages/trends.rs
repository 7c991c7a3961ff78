//! What recruiters offer this week, where to and for whom, against the weeks before: the brief's
//! numbers, without those that could point at a person.

use analytics::{Brief, Change, Dimension, Trend, name};
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use maud::{Markup, html};

use super::settings::Said;
use crate::app::App;
use crate::archive::{Figures, SHOWN_FROM};
use crate::language::Language;
use crate::layout::{self, Section, csrf};
use crate::refusal::Refusal;
use crate::terms::{self, Signs};
use crate::visible::clean;
use crate::visit::Person;

/// Rows of one table.
const ROWS: usize = 12;
/// What is shown, in this order.
const TABLES: [(Dimension, &str); 7] = [
    (Dimension::Country, "trends.country"),
    (Dimension::Route, "trends.route"),
    (Dimension::Sector, "trends.sector"),
    (Dimension::Indicator, "trends.indicator"),
    (Dimension::TargetGroup, "trends.target-group"),
    (Dimension::Platform, "trends.platform"),
    (Dimension::Language, "trends.language"),
];

/// `GET /trends`
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Query(query): Query<Said>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let (work, now) = (app.clone(), person.visit.now);
    let figures = app
        .beside(move || {
            work.counted.figures(&work.desk_dir, now).map_err(|error| {
                tracing::error!(%error, "the archive could not be counted");
                Refusal::failed()
            })
        })
        .await?;
    let last = app.desk(|desk| Ok(desk.last_entry())).await?;
    let signs = app.signs();
    let body = html! {
        h1 { (lang.t("nav.trends")) }
        (layout::said(lang, query.said.as_deref()))
        (standing(&person, &figures, last))
        @if figures.brief.trends.read == 0 && figures.brief.trends.trends.is_empty() { p.empty { (lang.t("trends.empty")) } }
        @else {
            (all(lang, &figures.brief))
            div.tables {
                @for (dimension, title) in TABLES { (table(lang, &figures.brief, dimension, title, &signs)) }
                (new_words(lang, &figures.brief))
            }
        }
    };
    Ok(layout::page(&app, &person, Section::Trends, lang.t("nav.trends"), body))
}

fn standing(person: &Person, figures: &Figures, last: u64) -> Markup {
    let lang = person.lang();
    let trends = &figures.brief.trends;
    html! {
        p { (lang.with("trends.week", &[
            ("week", &trends.week.to_string()), ("from", &trends.from.to_string()), ("to", &trends.to.to_string()),
        ])) }
        p.hint { (lang.with("trends.small", &[("least", &SHOWN_FROM.to_string())])) }
        @if figures.applied < last {
            form.line method="post" action="/trends" {
                (csrf(&person.visit))
                span { (lang.t("trends.behind")) }
                button.quiet type="submit" { (lang.t("trends.update")) }
            }
        }
        @if trends.rule_sets > 1 { p.hint { (lang.t("trends.rule-sets")) } }
    }
}

fn all(lang: Language, brief: &Brief) -> Markup {
    let all = brief.trends.trends.iter().find(|trend| trend.dimension == Dimension::All);
    html! {
        section.card {
            h2 { (lang.t("trends.all")) }
            dl.figures {
                div { dt { (lang.t("trends.flagged")) }
                    dd { (all.map_or_else(|| shown(Some(0)), |all| shown(all.count))) " " @if let Some(all) = all { (change(lang, all)) } } }
                div { dt { (lang.t("trends.read")) } dd { (shown(Some(brief.trends.read).filter(|read| *read > 0))) } }
            }
            @if let Some(all) = all { (bars(lang, all)) }
        }
    }
}

fn table(
    lang: Language,
    brief: &Brief,
    dimension: Dimension,
    title: &str,
    signs: &Signs,
) -> Markup {
    let mut rows: Vec<&Trend> =
        brief.trends.trends.iter().filter(|trend| trend.dimension == dimension).collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    html! {
        @if !rows.is_empty() {
            section.card {
                h2 { (lang.t(title)) }
                div.scroll tabindex="0" role="region" aria-label=(lang.t(title)) { table.trend {
                    thead { tr {
                        th scope="col" { (lang.t("trends.what")) }
                        th.number scope="col" { (lang.t("trends.this-week")) }
                        th scope="col" { (lang.t("trends.past")) }
                        th scope="col" { (lang.t("trends.change")) }
                    } }
                    tbody { @for trend in rows.into_iter().take(ROWS) { tr {
                        th scope="row" { (called(lang, trend, signs)) }
                        td.number { (shown(trend.count)) }
                        td { (bars(lang, trend)) }
                        td { (change(lang, trend)) }
                    } } }
                } }
            }
        }
    }
}

/// A value by its name in the reader's language.
fn called(lang: Language, trend: &Trend, signs: &Signs) -> String {
    match trend.dimension {
        Dimension::Indicator => signs.title(lang, &trend.value),
        dimension => clean(&name(dimension.name(), &trend.value, terms::written(lang))),
    }
}

/// A count; one that is too small to be shown is told as such.
fn shown(count: Option<u64>) -> String {
    count.map_or_else(|| format!("<{SHOWN_FROM}"), |count| count.to_string())
}

/// What a row does, in words and not by colour alone.
fn change(lang: Language, trend: &Trend) -> Markup {
    let (sign, key, class) = match trend.change {
        Change::Rising => ("▲", "trends.rising", "badge high"),
        Change::Falling => ("▼", "trends.falling", "badge low"),
        Change::Steady => return html! {},
        Change::ShortPast => return html! { small { (lang.t("trends.short-past")) } },
    };
    let times = trend.ratio.map(|ratio| format!(" ×{:.1}", ratio.value)).unwrap_or_default();
    html! { span class=(class) { (sign) " " (lang.t(key)) (times) } }
}

/// The weeks before and this one, the oldest first. Weeks too small to be shown have no bar; the
/// numbers stand in the picture's name.
fn bars(lang: Language, trend: &Trend) -> Markup {
    let weeks: Vec<Option<u64>> = trend.past.iter().copied().chain([trend.count]).collect();
    let most = weeks.iter().flatten().copied().max().unwrap_or(0).max(1);
    let numbers: Vec<String> = weeks.iter().map(|count| shown(*count)).collect();
    let label = lang.with("trends.bars", &[("numbers", &numbers.join(", "))]);
    let width = 8 * weeks.len();
    let last = weeks.len() - 1;
    html! {
        svg.bars viewBox=(format!("0 0 {width} 24")) width=(width) height="24" role="img" aria-label=(label) {
            line x1="0" y1="23.5" x2=(width) y2="23.5" {}
            @for (week, count) in weeks.iter().enumerate() {
                @if let Some(count) = count.filter(|count| *count > 0) {
                    @let height = (count as f64 / most as f64 * 22.0).max(1.0);
                    rect.now[week == last] x=(8 * week + 1) y=(format!("{:.1}", 23.0 - height)) width="6" height=(format!("{height:.1}")) {}
                }
            }
        }
    }
}

fn new_words(lang: Language, brief: &Brief) -> Markup {
    html! {
        @if !brief.new_words.is_empty() {
            section.card {
                h2 { (lang.t("trends.new-words")) }
                p.hint { (lang.t("trends.new-words-hint")) }
                ul { @for words in &brief.new_words { li {
                    q { bdi { (clean(&words.words)) } } " · " (lang.count("trends.texts", words.texts))
                } } }
            }
        }
    }
}

/// `POST /trends`: takes in what was read since, beside the desk.
pub(crate) async fn bring_up_to_date(
    State(app): State<App>,
    _person: Person,
) -> Result<Redirect, Refusal> {
    let replay = app.desk(|desk| desk.replay()).await?;
    let work = app.clone();
    let taking_in = tokio::task::spawn_blocking(move || {
        let done = work.counted.bring_up_to_date(&work.desk_dir, &replay);
        if let Some(Err(error)) = &done {
            tracing::error!(%error, "the archive could not be brought up to date");
        }
        matches!(done, Some(Ok(())))
    });
    // A small backlog is worth waiting for; a large one goes on by itself.
    let done = tokio::time::timeout(std::time::Duration::from_secs(10), taking_in).await;
    let is_done = matches!(done, Ok(Ok(true)));
    Ok(Redirect::to(if is_done { "/trends?said=counted" } else { "/trends?said=counting" }))
}
