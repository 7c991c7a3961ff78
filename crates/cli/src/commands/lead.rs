use domain::Lead as DomainLead;
use pipeline::LeadView;

use super::lead_lines::{
    is_masked, print_places, print_reasons, print_revisits, print_templates, print_ties,
    spread_in_words,
};
use super::open_desk;
use super::queue::{filter, headline, standing, viewed};
use crate::Ended;
use crate::args::{Global, Lead, LeadSplit};
use crate::output::{Output, one_line, shortened};

/// `fusion lead list|show|merge|split|note`
pub(crate) fn run(command: &Lead, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Lead::List(list) => {
            let desk = open_desk(global)?;
            let mut filter = filter(list);
            filter.all_statuses |= list.status.is_none();
            let rows = desk.queue(&filter, list.limit)?;
            desk.close()?;
            output.results(&rows.iter().map(|row| &row.lead).collect::<Vec<_>>())?;
            if rows.is_empty() {
                output.line("No lead matches.")?;
            }
            for row in &rows {
                print_lead(&row.lead, output)?;
            }
        }
        Lead::Show { lead, reveal, person } => {
            let view = viewed(lead, reveal.as_deref(), person, global)?;
            output.result(&view)?;
            print_view(&view, reveal.is_some(), output)?;
        }
        Lead::Merge { leads, reason, person } => {
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            let lead = desk.merge(leads, &by, reason)?;
            desk.close()?;
            output.result(&lead)?;
            let count = lead.postings.len();
            output.line(one_line(&format!("{} holds {count} postings, says {by}.", lead.id)))?;
        }
        Lead::Split(split) => run_split(split, global, output)?,
        Lead::Note { lead, text, person } => {
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            let lead = desk.note(lead, &by, text)?;
            desk.close()?;
            output.result(&lead)?;
            output.line(one_line(&format!("{} has a note by {by}.", lead.id)))?;
        }
    }
    Ok(Ended::Clean)
}

fn run_split(split: &LeadSplit, global: &Global, output: &mut Output) -> anyhow::Result<()> {
    let by = split.person.name()?;
    let mut desk = open_desk(global)?;
    let leads = match &split.from {
        Some(other) => desk.keep_apart(&split.lead, other, &by, &split.reason)?,
        None => desk.split(&split.lead, &split.posting, &by, &split.reason)?,
    };
    desk.close()?;
    output.results(&leads)?;
    output.line(one_line(&format!("Of different hands, says {by}:")))?;
    leads.iter().try_for_each(|lead| print_lead(lead, output))
}

fn print_lead(lead: &DomainLead, output: &mut Output) -> anyhow::Result<()> {
    output.line(format!(
        "{}  {:>3} {:<8}  {}  {}",
        lead.id,
        lead.score.value(),
        lead.band.name(),
        spread_in_words(lead),
        standing(lead),
    ))
}

fn print_view(view: &LeadView, revealed: bool, output: &mut Output) -> anyhow::Result<()> {
    print_lead(&view.lead, output)?;
    print_reasons(&view.lead, output)?;
    let spread = &view.lead.spread;
    for (what, values) in [("names", &spread.names), ("places", &spread.places)] {
        if what == "names" && is_masked(view, revealed) {
            continue;
        }
        let shown: Vec<String> = values.iter().take(12).map(|value| shortened(value, 40)).collect();
        if !shown.is_empty() {
            let more = values.len().saturating_sub(shown.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            output.line(format!("{what}: {}{more}", shown.join(", ")))?;
        }
    }
    print_places(view, output)?;
    for stored in &view.postings {
        let posting = &stored.posting;
        let hides = !revealed && posting.may_be_of_a_victim();
        output.line(format!(
            "  {}  {:>3}  {}  {}",
            posting.id,
            stored.assessment.score.value(),
            posting.source,
            headline(posting, hides, 60)
        ))?;
    }
    print_revisits(&view.lead, output)?;
    print_ties(view, revealed, output)?;
    print_templates(view, revealed, output)
}
