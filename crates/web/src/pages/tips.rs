//! Tips: what partners and protection officers hand in, mostly from a phone. They see their own and
//! what became of them, and nothing else.

use std::path::{Path, PathBuf};

use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use domain::{LeadStatus, PostingId, Verdict};
use jiff::Timestamp;
use maud::{Markup, html};
use pipeline::{Tip, TipForm, TipSender};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::language::Language;
use crate::layout::{self, Section, csrf};
use crate::refusal::Refusal;
use crate::terms;
use crate::upload::Upload;
use crate::visible::shortened;
use crate::visit::Person;

/// Longest text, in letters.
const LONGEST: usize = 20_000;
/// Tips that are listed.
const LISTED: usize = 100;

/// The form of a tip.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NewTip {
    text: String,
    link: String,
    contact: String,
    /// `yes`, `no`, or nothing known.
    consent: String,
}

/// That a tip is somebody's own, for their list of tips. Who sent it and what they agreed to is in
/// the desk's record of senders.
#[derive(Debug, Serialize, Deserialize)]
struct Sent {
    posting: PostingId,
    sent_at: Timestamp,
    beginning: String,
}

/// `GET /tips`
pub(crate) async fn page(
    State(app): State<App>,
    person: Person,
    Query(query): Query<super::settings::Said>,
) -> Result<Response, Refusal> {
    let lang = person.lang();
    let folder = folder(&app, &person);
    let own = app
        .desk_or_refuse(move |desk| {
            let mut own = Vec::new();
            for sent in sent_before(&folder) {
                let lead =
                    desk.store().lead_of(&sent.posting).map_err(pipeline::PipelineError::from)?;
                let lead = lead.map(|lead| desk.store().lead(&lead)).transpose();
                let lead = lead.map_err(pipeline::PipelineError::from)?.flatten();
                own.push((sent, lead.map(|lead| (lead.status(), lead.verdict()))));
            }
            Ok(own)
        })
        .await?;
    let body = html! {
        h1 { (lang.t("tips.title")) }
        (layout::said(lang, query.said.as_deref()))
        p { (lang.t("tips.text")) }
        (form(&person))
        @if !own.is_empty() {
            section.card {
                h2 { (lang.t("tips.own")) }
                ul.plain { @for (sent, stands) in &own { li {
                    p.note dir="auto" { (sent.beginning) }
                    small { (terms::time(sent.sent_at)) " · " } strong { (stands_in_words(lang, *stands)) }
                } } }
            }
        }
    };
    Ok(layout::page(
        &app,
        &person,
        Section::Tips,
        lang.t("nav.tips"),
        html! { div.tips { (body) } },
    ))
}

fn form(person: &Person) -> Markup {
    let lang = person.lang();
    html! {
        form.card.stack method="post" action="/tips" enctype="multipart/form-data" {
            (csrf(&person.visit))
            label { (lang.t("tips.what")) textarea name="text" rows="6" maxlength=(LONGEST) aria-describedby="what-hint" {} }
            p.hint #what-hint { (lang.t("tips.what-hint")) }
            label { (lang.t("tips.screenshots")) input type="file" name="screenshot" accept="image/png,image/jpeg,image/webp,image/gif" multiple; }
            label { (lang.t("tips.link")) input name="link" maxlength="1000" inputmode="url" autocapitalize="none"; }
            label { (lang.t("tips.contact")) input name="contact" maxlength="200"; }
            fieldset {
                legend { (lang.t("tips.consent")) }
                @for (value, key) in [("yes", "tips.consent-yes"), ("no", "tips.consent-no"), ("", "tips.consent-unknown")] {
                    label.check { input type="radio" name="consent" value=(value) checked[value.is_empty()]; (lang.t(key)) }
                }
            }
            p.hint { (lang.t("tips.danger")) }
            button type="submit" { (lang.t("tips.send")) }
        }
    }
}

/// Partners learn what became of it, not what else is known.
fn stands_in_words(lang: Language, stands: Option<(LeadStatus, Option<Verdict>)>) -> &'static str {
    lang.t(match stands {
        None | Some((LeadStatus::Open, _)) => "tips.received",
        Some((LeadStatus::Claimed, _)) => "tips.looked-at",
        Some((LeadStatus::Decided, Some(Verdict::Dismiss))) => "tips.closed",
        Some((LeadStatus::Decided, Some(Verdict::Monitor))) => "tips.watched",
        Some((LeadStatus::Decided, _)) => "tips.passed-on",
    })
}

/// `POST /tips`
pub(crate) async fn send(
    State(app): State<App>,
    person: Person,
    upload: Upload,
) -> Result<Redirect, Refusal> {
    let field = |name| upload.field(name).to_owned();
    let tip = NewTip {
        text: field("text"),
        link: field("link"),
        contact: field("contact"),
        consent: field("consent"),
    };
    let screenshots = upload.files.into_iter().map(|file| file.bytes).collect();
    let known = hand_in(&app, &person, tip, screenshots).await?;
    Ok(Redirect::to(if known { "/tips?said=tip-known" } else { "/tips?said=tip-sent" }))
}

/// Keeps a tip and has it read; tells whether its contact or link was known before.
pub(crate) async fn hand_in(
    app: &App,
    person: &Person,
    tip: NewTip,
    screenshots: Vec<Vec<u8>>,
) -> Result<bool, Refusal> {
    let text: String = tip.text.trim().chars().take(LONGEST).collect();
    if text.is_empty() && screenshots.is_empty() {
        return Err(Refusal::conflict("tips.empty", ""));
    }
    let given = |words: &str| Some(words.trim().to_owned()).filter(|words| !words.is_empty());
    let consent =
        if ["yes", "no"].contains(&tip.consent.as_str()) { &tip.consent } else { "unknown" };
    let sender = TipSender {
        name: Some(person.name()),
        consent: Some(consent.to_owned()),
        ..TipSender::default()
    };
    let form = TipForm {
        text: text.clone(),
        links: given(&tip.link).into_iter().collect(),
        phones: given(&tip.contact).into_iter().collect(),
        screenshots: Vec::new(),
        sender,
    };
    let shown = screenshots.len() as u64;
    let (tip, by) = (Tip { form, screenshots, ..Tip::default() }, person.name());
    let receipt = app.desk(move |desk| desk.tip(&tip, &by)).await?;
    let sent = Sent {
        posting: receipt.posting,
        sent_at: person.visit.now,
        beginning: match shown {
            0 => shortened(&text, 160),
            shown => {
                format!("{} [{}]", shortened(&text, 140), person.lang().count("tips.shown", shown))
            }
        },
    };
    let folder = folder(app, person);
    app.beside(move || keep(&folder, &sent)).await?;
    Ok(!receipt.new || !receipt.seen_before.is_empty())
}

fn folder(app: &App, person: &Person) -> PathBuf {
    // A login has no letter that could lead out of the folder.
    app.desk_dir.join("data").join("tips").join(&person.account.login)
}

/// Notes that the tip is theirs; a second press of the button notes nothing new.
fn keep(folder: &Path, sent: &Sent) -> Result<(), Refusal> {
    use std::io::Write as _;
    let path = folder.join(format!("{}.json", sent.posting));
    let kept = std::fs::create_dir_all(folder).and_then(|()| {
        let mut file = match std::fs::File::create_new(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
            opened => opened?,
        };
        file.write_all(serde_json::to_string(sent)?.as_bytes())?;
        file.sync_all()
    });
    kept.map_err(|error| {
        tracing::error!(%error, "a tip could not be kept");
        Refusal::failed()
    })
}

/// What this person has sent, the latest first.
fn sent_before(folder: &Path) -> Vec<Sent> {
    let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = files.filter_map(|file| file.ok().map(|file| file.path()));
    let notes = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let mut sent: Vec<Sent> =
        notes.filter_map(|path| serde_json::from_slice(&std::fs::read(path).ok()?).ok()).collect();
    sent.sort_by(|a, b| (b.sent_at, &b.posting).cmp(&(a.sent_at, &a.posting)));
    sent.truncate(LISTED);
    sent
}
