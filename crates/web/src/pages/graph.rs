//! What the lead shares with others, as a picture. The table below it says the same in words.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use domain::{LeadId, LinkKind};
use maud::{Markup, html};

use super::lead::{self, Case};
use crate::language::Language;
use crate::visible::shortened;

/// More would be a tangle; the table has them all.
const MOST_SHARED: usize = 10;
const MOST_LEADS: usize = 16;
const MIDDLE: (f64, f64) = (320.0, 210.0);

/// Something shared, with the leads that share it.
type Shared<'c> = BTreeMap<(bool, &'c str, &'static str), Vec<&'c LeadId>>;

/// What is shared, and the leads that share it, each with its place: its number in the picture.
pub(crate) struct Graph<'c> {
    shared: Vec<((bool, &'c str, &'static str), Vec<&'c LeadId>)>,
    leads: Vec<&'c LeadId>,
}

impl<'c> Graph<'c> {
    pub(crate) fn of(case: &'c Case) -> Self {
        let mut shared: Shared<'_> = BTreeMap::new();
        for link in &case.view.links {
            let is_contact = matches!(link.kind, LinkKind::Contact | LinkKind::Page);
            let words = match link.kind {
                LinkKind::Image => "lead.same-image",
                LinkKind::Likeness => "lead.near-image",
                LinkKind::Layout => "lead.same-layout",
                _ => "lead.same-words",
            };
            let leads = shared.entry((is_contact, link.value.as_str(), words)).or_default();
            if !leads.contains(&&link.lead) {
                leads.push(&link.lead);
            }
        }
        let shared: Vec<_> = shared.into_iter().take(MOST_SHARED).collect();
        let mut leads: Vec<&LeadId> =
            shared.iter().flat_map(|(_, leads)| leads.iter().copied()).collect();
        leads.sort();
        leads.dedup();
        leads.truncate(MOST_LEADS);
        Self { shared, leads }
    }

    /// The number that a lead has in the picture, if it is in it.
    pub(crate) fn number(&self, lead: &LeadId) -> Option<usize> {
        self.leads.iter().position(|known| *known == lead).map(|place| place + 1)
    }
}

/// How large the picture can be made: so many times the room that it has.
const ZOOMS: [(&str, &str); 4] = [("1", "100 %"), ("15", "150 %"), ("2", "200 %"), ("3", "300 %")];

pub(crate) fn picture(lang: Language, case: &Case, graph: &Graph<'_>) -> Markup {
    let Graph { shared, leads } = graph;
    let inner = |index: usize| on_ellipse(index, shared.len(), 130.0, 95.0);
    let outer = |index: usize| on_ellipse(index, leads.len(), 245.0, 178.0);
    let summary = lang.with(
        "graph.summary",
        &[("shared", &shared.len().to_string()), ("leads", &leads.len().to_string())],
    );
    html! {
        // The style sheet makes it larger: it works without a script, and by keyboard.
        fieldset.zoom {
            legend.unseen { (lang.t("graph.zoom")) }
            @for (value, words) in ZOOMS {
                label { input type="radio" name="zoom" value=(value) checked[value == "1"]; (words) }
            }
        }
        div.scroll.zoomed tabindex="0" role="region" aria-label=(lang.t("graph.title")) {
            svg.graph viewBox="0 0 640 420" role="group" aria-label=(summary) {
                @for (index, (_, members)) in shared.iter().enumerate() {
                    @let (x, y) = inner(index);
                    line x1=(n(MIDDLE.0)) y1=(n(MIDDLE.1)) x2=(n(x)) y2=(n(y)) {}
                    @for lead in members {
                        @if let Some(place) = graph.number(lead) {
                            @let (to_x, to_y) = outer(place - 1);
                            line x1=(n(x)) y1=(n(y)) x2=(n(to_x)) y2=(n(to_y)) {}
                        }
                    }
                }
                @for (index, ((is_contact, value, words), _)) in shared.iter().enumerate() {
                    @let (x, y) = inner(index);
                    rect.shared x=(n(x - 62.0)) y=(n(y - 12.0)) width="124" height="24" rx="6" {}
                    text x=(n(x)) y=(n(y + 4.5)) text-anchor="middle" {
                        title { @if *is_contact { (contact(case, value, 200)) } @else { (lang.t(words)) } }
                        @if *is_contact { (contact(case, value, 16)) } @else { (lang.t(words)) }
                    }
                }
                @for (index, lead) in leads.iter().enumerate() {
                    @let (x, y) = outer(index);
                    // Its name begins with what is seen of it.
                    a href={ "/leads/" (lead) } aria-label={ (index + 1) ": " (lead::name_of(case, lead)) } {
                        circle.other cx=(n(x)) cy=(n(y)) r="13" {}
                        text x=(n(x)) y=(n(y + 4.5)) text-anchor="middle" { (index + 1) }
                    }
                }
                circle.this cx=(n(MIDDLE.0)) cy=(n(MIDDLE.1)) r="22" {}
                text.this x=(n(MIDDLE.0)) y=(n(MIDDLE.1 + 5.0)) text-anchor="middle" { (case.view.lead.score.value()) }
            }
        }
    }
}

fn on_ellipse(index: usize, of: usize, wide: f64, high: f64) -> (f64, f64) {
    let turn = index as f64 / of.max(1) as f64 * TAU - TAU / 4.0;
    (MIDDLE.0 + wide * turn.cos(), MIDDLE.1 + high * turn.sin())
}

fn n(number: f64) -> String {
    format!("{number:.1}")
}

/// A contact, or no more than a hint of it where it is masked.
fn contact(case: &Case, value: &str, letters: usize) -> String {
    if case.masked { domain::masked(value) } else { shortened(value, letters) }
}
