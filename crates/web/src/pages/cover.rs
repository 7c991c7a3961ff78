//! What a person writes for a packet: summary, other explanations, names to mask, translations.

use std::collections::BTreeMap;

use domain::{CoverSheet, Posting, PostingId, Translation};
use maud::{Markup, html};

use super::lead::Case;
use crate::visible::{clean, shortened};
use crate::visit::Person;

/// Postings that can be translated on the form; a file of `fusion packet build --cover` has them all.
const MOST_TRANSLATED: usize = 12;
/// How a translation is made, as it stands in the packet, with the word for it here.
const METHODS: [(&str, &str); 3] = [
    ("human", "cover.human"),
    ("machine", "cover.machine"),
    ("machine, checked by a person", "cover.checked"),
];

/// The part of the form that asks for it.
pub(super) fn fields(person: &Person, case: &Case) -> Markup {
    let lang = person.lang();
    let text = |name: &str, label: &str, rows: u32| {
        html! {
            label { (lang.t(label)) textarea name=(name) rows=(rows) maxlength="20000" dir="auto" {} }
        }
    };
    html! {
        details.folded {
            summary { (lang.t("cover.title")) }
            div.stack {
                p.hint { (lang.t("cover.hint")) }
                (text("summary", "cover.summary", 4))
                label { (lang.t("cover.exploitation")) input name="exploitation" maxlength="500"; }
                (text("alternatives", "cover.alternatives", 2))
                (text("would-change", "cover.would-change", 2))
                (text("mask", "cover.mask", 3))
                fieldset {
                    legend { (lang.t("cover.translations")) }
                    label { (lang.t("cover.translator")) input name="translator" maxlength="200" value=(clean(&person.account.name)); }
                    label { (lang.t("cover.method")) select name="method" {
                        @for (method, word) in METHODS { option value=(method) { (lang.t(word)) } }
                    } }
                    @for stored in case.view.postings.iter().take(MOST_TRANSLATED) {
                        label { "«" (beginning(&stored.posting)) "»"
                            textarea name=(name_of(&stored.posting.id)) rows="3" maxlength="20000" dir="auto" {} }
                    }
                }
            }
        }
    }
}

fn beginning(posting: &Posting) -> String {
    shortened(posting.title.as_deref().unwrap_or(&posting.text), 80)
}

fn name_of(posting: &PostingId) -> String {
    format!("translation-{posting}")
}

/// The cover sheet that a form with these fields says; translations are into this language.
pub(super) fn said(fields: &BTreeMap<String, String>, language: &str) -> CoverSheet {
    let field =
        |name: &str| fields.get(name).map(|text| text.trim().replace('\r', "")).unwrap_or_default();
    let mask = field("mask")
        .lines()
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let translated = fields.keys().filter_map(|name| {
        let posting: PostingId = name.strip_prefix("translation-")?.parse().ok()?;
        let text = field(name);
        (!text.is_empty()).then(|| Translation {
            posting,
            language: language.to_owned(),
            text,
            translator: field("translator"),
            method: field("method"),
        })
    });
    CoverSheet {
        summary: field("summary"),
        exploitation: field("exploitation"),
        alternatives: field("alternatives"),
        would_change: field("would-change"),
        mask,
        translation: translated.collect(),
    }
}
