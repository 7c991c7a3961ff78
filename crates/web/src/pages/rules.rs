//! Signs and rules: what the program looks for and why, and a place to try words.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::Field;
use maud::{Markup, html};
use pipeline::{Examiner, Words};
use serde::Deserialize;

use super::{reasons, rule_fates};
use crate::app::App;
use crate::layout::{self, Section, csrf};
use crate::refusal::Refusal;
use crate::terms;
use crate::visible::{clean, marked};
use crate::visit::Person;

/// Examples shown of one rule.
const EXAMPLES: usize = 3;
/// Longest text that is tried, in bytes.
const LONGEST_TRIAL: usize = 50_000;

/// `GET /rules`
pub(crate) async fn list(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    let lang = person.lang();
    let signs = app.signs();
    let rules = app
        .desk(|desk| {
            let mut count: BTreeMap<String, u64> = BTreeMap::new();
            let running = desk.settings().rule_set.rules().iter().filter(|rule| rule.status.runs());
            running.for_each(|rule| *count.entry(rule.sign.id().to_string()).or_default() += 1);
            Ok(count)
        })
        .await?;
    let fates = app.board.fates();
    let names = app
        .desk(|desk| {
            let rules = desk.settings().rule_set.rules().iter();
            let named = rules
                .map(|rule| (rule.id.to_string(), (rule.sign.id().to_string(), rule.name.clone())));
            Ok(named.collect::<BTreeMap<_, _>>())
        })
        .await?;
    let rule_fates = rule_fates::fates(&app).await?;
    let mut all: Vec<_> = signs.all().collect();
    all.sort_by_key(|(id, words)| (words.against, signs.title(lang, id)));
    let body = html! {
        div.heading { h1 { (lang.t("nav.rules")) } a.button.quiet href="/rules/try" { (lang.t("rules.try")) } }
        p.hint { (lang.t("rules.hint")) }
        div.scroll tabindex="0" role="region" aria-label=(lang.t("nav.rules")) { table {
            thead { tr {
                th scope="col" { (lang.t("queue.sign")) }
                th.number scope="col" { (lang.t("rules.rules")) }
                th.number scope="col" { (lang.t("rules.waiting")) }
                th.number scope="col" { (lang.t("rules.kept")) }
                th.number scope="col" { (lang.t("rules.dismissed")) }
            } }
            tbody { @for (id, words) in all {
                @let fate = fates.get(id).copied().unwrap_or_default();
                tr {
                    td { a href={ "/rules/" (id) } { (signs.title(lang, id)) }
                        @if words.against { " " small { (lang.t("rules.speaks-against")) } }
                        @if fate.is_noisy() { " " span.badge.high { (lang.t("rules.noisy")) } } }
                    td.number { (rules.get(id).copied().unwrap_or(0)) }
                    td.number { (fate.waiting) } td.number { (fate.kept) } td.number { (fate.dismissed) }
                }
            } }
        } }
        (rule_fates::table(lang, &rule_fates, &names))
    };
    Ok(layout::page(&app, &person, Section::Rules, lang.t("nav.rules"), body))
}

/// What the page of a sign shows of a rule.
struct Shown {
    id: String,
    name: String,
    language: Option<domain::Language>,
    status: &'static str,
    why: String,
    known_gaps: String,
    triage: Vec<String>,
    examples: Vec<String>,
    counter_examples: Vec<(String, String)>,
}

/// `GET /rules/{sign}`
pub(crate) async fn sign(
    State(app): State<App>,
    person: Person,
    Path(sign): Path<String>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let signs = app.signs();
    let words = signs.get(&sign).ok_or_else(Refusal::not_found)?.clone();
    let id = sign.clone();
    let rules = app.desk(move |desk| Ok(rules_of(desk, &id))).await?;
    let fates = rule_fates::fates(&app).await?;
    let mut questions: Vec<&String> = Vec::new();
    for question in rules.iter().flat_map(|rule| &rule.triage) {
        if !questions.contains(&question) && questions.len() < 8 {
            questions.push(question);
        }
    }
    let body = html! {
        p.back { a href="/rules" { "← " (lang.t("nav.rules")) } }
        h1 { (signs.title(lang, &sign)) }
        section.card {
            @if !words.definition.is_empty() { p { (words.definition) } }
            p { (words.why) }
            @if !questions.is_empty() {
                h2 { (lang.t("rules.questions")) }
                ul { @for question in &questions { li { (question) } } }
            }
            @if !words.against { p { a href={ "/queue?indicator=" (sign) } { (lang.t("rules.leads")) } } }
        }
        @for rule in &rules { (rule_card(&person, rule, rule_fates::line(lang, &fates, &rule.id))) }
    };
    let title = signs.title(lang, &sign);
    Ok(layout::page(&app, &person, Section::Rules, &title, body))
}

fn rules_of(desk: &pipeline::Desk, sign: &str) -> Vec<Shown> {
    let rules = desk.settings().rule_set.rules().iter();
    let shown = rules.filter(|rule| rule.sign.id().as_str() == sign).map(|rule| Shown {
        id: rule.id.to_string(),
        name: rule.name.clone(),
        language: rule.language,
        status: rule.status.word(),
        why: rule.why.clone(),
        known_gaps: rule.known_gaps.clone(),
        triage: rule.triage.clone(),
        examples: rule.examples.iter().take(EXAMPLES).map(|one| one.text.clone()).collect(),
        counter_examples: rule
            .counter_examples
            .iter()
            .take(EXAMPLES)
            .map(|one| (one.text.clone(), one.because.clone()))
            .collect(),
    });
    shown.collect()
}

fn rule_card(person: &Person, rule: &Shown, hits: Option<String>) -> Markup {
    let lang = person.lang();
    let code = rule.language.map(domain::Language::code);
    html! {
        details.card {
            summary { strong { (rule.name) } " · "
                (rule.language.map_or(lang.t("rules.any-language"), |of| terms::language_name(lang, Some(of)))) " · " (rule.status) }
            p { code { (rule.id) } }
            @if let Some(hits) = hits { p { (hits) } }
            @if !rule.why.is_empty() { p { (rule.why) } }
            @if !rule.known_gaps.is_empty() { p { strong { (lang.t("rules.gaps")) } " " (rule.known_gaps) } }
            h3 { (lang.t("rules.fires")) }
            ul { @for text in &rule.examples { li lang=[code] dir="auto" { (clean(text)) } } }
            h3 { (lang.t("rules.silent")) }
            ul { @for (text, because) in &rule.counter_examples { li { span lang=[code] dir="auto" { (clean(text)) } br; small { (because) } } } }
        }
    }
}

/// `GET /rules/try`
pub(crate) async fn try_form(State(app): State<App>, person: Person) -> Response {
    let lang = person.lang();
    let body = html! { (try_body(&person, "")) };
    layout::page(&app, &person, Section::Rules, lang.t("rules.try"), body)
}

fn try_body(person: &Person, text: &str) -> Markup {
    let lang = person.lang();
    html! {
        p.back { a href="/rules" { "← " (lang.t("nav.rules")) } }
        h1 { (lang.t("rules.try")) }
        p.hint { (lang.t("rules.try-hint")) }
        form.card.stack method="post" action="/rules/try" {
            (csrf(&person.visit))
            label { (lang.t("rules.text")) textarea name="text" rows="8" required maxlength="20000" dir="auto" { (text) } }
            button type="submit" { (lang.t("rules.look")) }
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Trial {
    text: String,
}

/// `POST /rules/try`: the same reading as a posting gets; nothing is kept.
pub(crate) async fn try_text(
    State(app): State<App>,
    person: Person,
    Form(form): Form<Trial>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    if form.text.len() > LONGEST_TRIAL {
        return Err(Refusal::new(axum::http::StatusCode::PAYLOAD_TOO_LARGE, "problem.too-large"));
    }
    let text = form.text.replace("\r\n", "\n");
    let read = text.clone();
    let examined = app
        .desk(move |desk| {
            let words = Words { text: &read, ..Words::default() };
            Ok(Examiner::new(&desk.settings().rule_set).examine(words))
        })
        .await?;
    let signs = app.signs();
    let assessment = examined.assessment;
    let all = reasons::reasons(&assessment, 0);
    let passages = reasons::passages(&all, Field::Text);
    let title = |reason: usize| reasons::title(&all, &signs, lang, reason);
    let body = html! {
        (try_body(&person, &text))
        section.card {
            div.line { (terms::badge(lang, assessment.score.value(), assessment.band)) span { (terms::language_name(lang, assessment.language)) } }
            blockquote.words lang=[assessment.language.map(domain::Language::code)] dir="auto" { (marked(&text, &passages, &title)) }
            @if all.is_empty() { p { (lang.t("rules.nothing")) } }
            (reasons::list(lang, &all, &signs, false))
        }
    };
    Ok(layout::page(&app, &person, Section::Rules, lang.t("rules.try"), body))
}
