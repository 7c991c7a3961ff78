//! What happened to a lead, out of the custody log.

use domain::{Attachment, TaskNote};
use evidence::{AtRestChange, Event};
use jiff::Timestamp;
use maud::{Markup, html};

use super::lead::Case;
use super::revisits;
use crate::language::Language;
use crate::terms;
use crate::visible::{clean, shortened};
use crate::visit::Person;

/// Acts that are shown at once; the log has them all.
const SHOWN: usize = 40;

/// One line of the timeline.
struct Moment {
    at: Timestamp,
    who: String,
    what: String,
}

pub(crate) fn card(person: &Person, case: &Case, is_whole: bool) -> Markup {
    let lang = person.lang();
    let mut moments: Vec<Moment> = Vec::new();
    for stored in &case.view.postings {
        let posting = &stored.posting;
        let mut add = |at: Timestamp, key: &str| {
            moments.push(Moment { at, who: String::new(), what: lang.t(key).to_owned() });
        };
        posting.published_at.into_iter().for_each(|at| add(at, "history.published"));
        add(posting.captured_at, "history.captured");
    }
    moments.extend(case.view.lead.revisits.iter().map(|row| Moment {
        at: row.last_at,
        who: String::new(),
        what: revisits::words(lang, row),
    }));
    moments.extend(case.acts.iter().map(|act| Moment {
        at: act.at,
        who: clean(&act.by),
        what: words(lang, &act.event),
    }));
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    // Somebody who looks again and again is one line, with the latest time.
    moments.dedup_by(|next, first| next.who == first.who && next.what == first.what);
    let more = moments.len().saturating_sub(SHOWN);
    html! {
        section.card #history {
            h2 { (lang.t("history.title")) }
            @if !is_whole { p.hint role="status" { (lang.t("history.loading")) } }
            ol.timeline {
                @for moment in moments.iter().take(SHOWN) { li {
                    (terms::time(moment.at)) " "
                    @if !moment.who.is_empty() { strong { (moment.who) } " " }
                    span { (moment.what) }
                } }
            }
            @if more > 0 { p.hint { (lang.count("history.more", more as u64)) } }
        }
    }
}

/// An entry of the custody log in a few words.
pub(crate) fn words(lang: Language, event: &Event) -> String {
    match event {
        Event::View { .. } => lang.t("act.view").to_owned(),
        Event::Claim { .. } => lang.t("act.claim").to_owned(),
        Event::Release { .. } => lang.t("act.release").to_owned(),
        Event::Note { text, .. } => {
            if let Some(file) = Attachment::of(text) {
                return lang.with("act.file", &[("name", &clean(&file.name))]);
            }
            let (key, words) = match TaskNote::of(text) {
                Some(TaskNote::Set(task)) => ("act.task-set", task),
                Some(TaskNote::Done(task)) => ("act.task-done", task),
                None => ("act.note", text.as_str()),
            };
            lang.with(key, &[("text", &shortened(words, 400))])
        }
        Event::Decision { verdict, reason, .. } => lang.with(
            "act.decision",
            &[
                ("verdict", lang.t(&format!("verdict.{verdict}"))),
                ("reason", &shortened(reason, 400)),
            ],
        ),
        Event::Withdrawal { .. } => lang.t("act.withdrawal").to_owned(),
        Event::Reveal { reason, .. } => {
            lang.with("act.reveal", &[("reason", &shortened(reason, 400))])
        }
        Event::Export { approved_by, file, .. } => {
            lang.with("act.export", &[("by", &clean(approved_by)), ("file", &clean(file))])
        }
        Event::Approval { .. } => lang.t("act.approval").to_owned(),
        Event::Merge { reason, .. } => {
            lang.with("act.merge", &[("reason", &shortened(reason, 400))])
        }
        Event::Split { reason, .. } => {
            lang.with("act.split", &[("reason", &shortened(reason, 400))])
        }
        Event::Handover { .. } => lang.t("act.handover").to_owned(),
        Event::Receipt { from, .. } => lang.with("act.receipt", &[("from", &clean(from))]),
        Event::AtRest { change, .. } => lang
            .t(match change {
                AtRestChange::Encrypt => "act.at-rest.encrypt",
                AtRestChange::Rekey => "act.at-rest.rekey",
                AtRestChange::Renew => "act.at-rest.renew",
                AtRestChange::Decrypt => "act.at-rest.decrypt",
            })
            .to_owned(),
        Event::Timestamp { .. } => lang.t("act.timestamp").to_owned(),
        Event::Verification { faults } => lang.count("act.verification", *faults),
        Event::Source { source } => lang.with("act.source", &[("source", source.id.as_str())]),
        other => {
            // Sorts of entries that other rooms have added go by their name in the log.
            let value = serde_json::to_value(other).unwrap_or_default();
            value["event"].as_str().unwrap_or_default().replace('_', " ")
        }
    }
}
