//! Lines about what holds a lead together, for every command that shows leads.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Found, Lead, Link, PostingId};
use pipeline::{LeadView, TemplatePart, link_in_words, tie_in_words};

use crate::output::{Output, one_line, shortened};

/// "3 postings, 2 names, 2 places, 1 source".
pub(crate) fn spread_in_words(lead: &Lead) -> String {
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let spread = &lead.spread;
    let counts = [
        count(lead.postings.len(), "posting", "postings"),
        count(spread.names.len(), "name", "names"),
        count(spread.places.len(), "place", "places"),
        count(spread.sources.len(), "source", "sources"),
    ];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What the postings show together, with the points of each reason.
pub(crate) fn print_reasons(lead: &Lead, output: &mut Output) -> anyhow::Result<()> {
    for reason in &lead.reasons {
        let sign = reason.indicator.as_ref().map_or("spread", |indicator| indicator.as_str());
        output.line(format!("       {:>+5.1}  {sign:<26} {}", reason.points, reason.words))?;
    }
    let since = lead.since_decision().count();
    if let (Some(verdict), 1..) = (lead.suggestion(), since) {
        output.line(format!(
            "       {since} of its postings are not covered by the last decision, which was {verdict}: a suggestion, no more"
        ))?;
    }
    Ok(())
}

/// Whether what its postings share is masked with the tips among them.
pub(crate) fn is_masked(view: &LeadView, revealed: bool) -> bool {
    !revealed && view.postings.iter().any(|stored| stored.posting.may_be_of_a_victim())
}

/// Why each posting is in the lead, what people said, and what other leads share.
pub(crate) fn print_ties(
    view: &LeadView,
    revealed: bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    let is_masked = is_masked(view, revealed);
    let (ties, links) = if is_masked { (&[][..], &[][..]) } else { (&*view.ties, &*view.links) };
    if is_masked && view.ties.len() + view.links.len() > 0 {
        output.line("what ties its postings is masked with the tip; `--reveal REASON` has it")?;
    }
    for tie in ties {
        let words = format!(
            "tie: {} {} {} ({:.1}){}",
            tie.from,
            tie_in_words(tie),
            tie.to,
            tie.strength,
            quotes(tie)
        );
        output.line(one_line(&words))?;
    }
    for ruling in &view.rulings {
        let groups: Vec<usize> = ruling
            .groups
            .iter()
            .map(|group| group.iter().filter(|id| view.lead.postings.contains(id)).count())
            .collect();
        let what = if ruling.groups.len() > 1 { "told apart" } else { "taken as one" };
        let here: usize = groups.iter().sum();
        output.line(one_line(&format!(
            "{what} by {} at {}, {here} of its postings: {}",
            ruling.by, ruling.at, ruling.reason
        )))?;
    }
    for link in links {
        let weak = link.weak.as_ref().map(|why| format!("; not joined: {why}"));
        let words = format!("link: {}{}", link_in_words(link), weak.unwrap_or_default());
        output.line(one_line(&words))?;
    }
    Ok(())
}

fn quotes(tie: &Link) -> String {
    match (&tie.here, &tie.there) {
        (Some(here), Some(there)) => {
            format!(": «{}» and «{}»", shortened(&here.quote, 50), shortened(&there.quote, 50))
        }
        _ => String::new(),
    }
}

/// Where people are taken from, through, to, and where they shall work: how many postings say so.
pub(crate) fn print_places(view: &LeadView, output: &mut Output) -> anyhow::Result<()> {
    let mut said: BTreeMap<(&str, &str), BTreeSet<&PostingId>> = BTreeMap::new();
    for place in view.places.iter().filter(|place| place.role != "named") {
        said.entry((place.role, &place.name)).or_default().insert(&place.posting);
    }
    let mut by_role: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((role, name), postings) in said {
        let count = postings.len();
        let counted = if count > 1 { format!("{name} ({count})") } else { name.to_owned() };
        by_role.entry(role).or_default().push(counted);
    }
    for role in ["from", "through", "to", "work in"] {
        if let Some(names) = by_role.get(role) {
            output.line(format!("{role}: {}", names.join(", ")))?;
        }
    }
    Ok(())
}

/// What became of the postings at their sources, as far as they were asked for again.
pub(crate) fn print_revisits(lead: &Lead, output: &mut Output) -> anyhow::Result<()> {
    for row in &lead.revisits {
        let words = match row.found {
            Found::Unchanged => "is there, unchanged",
            Found::Changed => "is there with other words, which are frozen again",
            Found::Gone => "is GONE at its source; what was captured is kept",
            Found::NotShown => "is NOT SHOWN by its page any more",
            Found::Refused => "was not asked for, by a rule of ours or the host's wish",
            Found::Failed => "gave no answer that can be read",
        };
        let when = match row.times {
            1 => row.first_at.to_string(),
            times => format!("{times} times from {} to {}", row.first_at, row.last_at),
        };
        let why = row.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        output.line(one_line(&format!("asked again: {} {words}{why}, {when}", row.posting)))?;
    }
    Ok(())
}

/// What near-copies have in common, slots in brackets.
pub(crate) fn print_templates(
    view: &LeadView,
    revealed: bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    let shown = if is_masked(view, revealed) { &[] } else { &*view.templates };
    for template in shown {
        output.line(format!("template of {} postings:", template.postings.len()))?;
        output.line(format!("  | {}", template_in_words(&template.template.parts)))?;
    }
    Ok(())
}

/// The words that stay, and in brackets what stands in their place.
pub(crate) fn template_in_words(parts: &[TemplatePart]) -> String {
    let parts = parts.iter().map(|part| match part {
        TemplatePart::Words { text } => one_line(text),
        TemplatePart::Slot { kind, values } => {
            let shown: Vec<String> = values.iter().take(6).map(|v| shortened(v, 30)).collect();
            format!("[{}: {}]", kind.name(), shown.join(" | "))
        }
    });
    parts.collect::<Vec<_>>().join(" ")
}
