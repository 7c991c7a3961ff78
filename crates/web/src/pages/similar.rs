//! Decided leads that share something with this one: what was decided about them, by whom and why.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Decision, LeadId};
use maud::{Markup, html};
use pipeline::{LeadView, PipelineError};
use store::Store;

use super::lead::{Appearance, Case, shared};
use crate::glance::headline;
use crate::language::Language;
use crate::terms;
use crate::visible::{clean, shortened};

/// Leads that are looked at, and shown.
const MOST_LOOKED_AT: usize = 100;
const MOST_SHOWN: usize = 10;

/// A decided lead with what this one shares with it.
pub(crate) struct Similar {
    pub(crate) lead: LeadId,
    pub(crate) title: String,
    pub(crate) decision: Decision,
    /// Contacts that both name.
    pub(crate) contacts: BTreeSet<String>,
}

/// The decided leads among those that a link or a contact leads to: those that share most first, then
/// the latest decision.
pub(crate) fn similar(
    index: &dyn Store,
    view: &LeadView,
    appearances: &[Appearance],
) -> Result<Vec<Similar>, PipelineError> {
    let mut near: BTreeMap<&LeadId, BTreeSet<String>> = BTreeMap::new();
    for link in &view.links {
        near.entry(&link.lead).or_default();
    }
    for appearance in appearances {
        for (_, lead) in &appearance.others {
            near.entry(lead).or_default().insert(appearance.contact.value.clone());
        }
    }
    near.remove(&view.lead.id);
    let mut similar = Vec::new();
    for (id, contacts) in near.into_iter().take(MOST_LOOKED_AT) {
        let Some(lead) = index.lead(id)? else { continue };
        let Some(decision) = lead.decisions.last().cloned() else { continue };
        let first = lead.postings.first().map(|id| index.posting(id)).transpose()?.flatten();
        let title = first.map_or_else(|| id.to_string(), |stored| headline(&stored));
        similar.push(Similar { lead: lead.id, title, decision, contacts });
    }
    similar.sort_by(|a, b| {
        (b.contacts.len(), b.decision.at, &a.lead).cmp(&(a.contacts.len(), a.decision.at, &b.lead))
    });
    similar.truncate(MOST_SHOWN);
    Ok(similar)
}

pub(crate) fn card(lang: Language, case: &Case) -> Markup {
    html! {
        @if !case.similar.is_empty() {
            section.card #similar {
                h2 { (lang.t("similar.title")) }
                p.hint { (lang.t("similar.hint")) }
                ul.plain { @for one in &case.similar { li {
                    a href={ "/leads/" (one.lead) } { bdi { (one.title) } }
                    br; strong { (lang.t(&format!("verdict.{}-done", one.decision.verdict))) } " · "
                    (clean(&one.decision.by)) " · " (terms::time(one.decision.at))
                    br; (shortened(&one.decision.reason, 200))
                    br; small { (lang.with("similar.shares", &[("what", &common(lang, case, one))])) }
                } } }
            }
        }
    }
}

/// What both have in common, in words. Contacts are masked with the rest of a possible victim's
/// details.
fn common(lang: Language, case: &Case, one: &Similar) -> String {
    if case.masked {
        return lang.t("similar.masked").to_owned();
    }
    let links = case.view.links.iter().filter(|link| link.lead == one.lead);
    let mut parts: Vec<String> = links.map(|link| shared(lang, link, false)).collect();
    parts.extend(one.contacts.iter().map(|contact| shortened(contact, 60)));
    parts.sort();
    parts.dedup();
    parts.truncate(4);
    parts.join(", ")
}
