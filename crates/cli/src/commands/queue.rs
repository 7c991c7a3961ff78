use domain::{Contact, Finding, Lead, LeadStatus};
use pipeline::{LeadView, QueueRow};
use store::{QueueFilter, StoredPosting};

use super::lead_lines::{
    print_places, print_reasons, print_revisits, print_templates, print_ties, spread_in_words,
};
use super::open_desk;
use crate::Ended;
use crate::args::{Global, Queue, QueueList, StatusFilter};
use crate::output::{Output, one_line, shortened};

/// `fusion queue list|show|claim|release|decide|withdraw`
pub(crate) fn run(command: &Queue, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    match command {
        Queue::List(list) => {
            let desk = open_desk(global)?;
            let rows = desk.queue(&filter(list), list.limit)?;
            desk.close()?;
            output.results(&rows)?;
            if rows.is_empty() {
                output.line("No lead on the queue matches.")?;
            }
            for (place, row) in rows.iter().enumerate() {
                print_row(place + 1, row, output)?;
            }
        }
        Queue::Show { lead, person } => {
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            let view = desk.view(lead, &by)?;
            desk.close()?;
            output.result(&view)?;
            print_view(&view, output)?;
        }
        Queue::Claim { lead, person } => {
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            let lead = desk.claim(lead, &by)?;
            desk.close()?;
            said(&lead, &format!("{} is claimed by {by}.", lead.id), output)?;
        }
        Queue::Release { lead, person } => {
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            let lead = desk.release(lead, &by)?;
            desk.close()?;
            said(&lead, &format!("{} is back on the queue.", lead.id), output)?;
        }
        Queue::Decide { lead, verdict, reason, person } => {
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            let lead = desk.decide(lead, &by, *verdict, reason)?;
            desk.close()?;
            said(&lead, &format!("{}: {verdict}, decided by {by}.", lead.id), output)?;
        }
        Queue::Withdraw { lead, person } => {
            let by = person.name()?;
            let mut desk = open_desk(global)?;
            let lead = desk.withdraw(lead, &by)?;
            desk.close()?;
            let words = format!("{}: the decision is taken back; {by} has the lead.", lead.id);
            said(&lead, &words, output)?;
        }
    }
    Ok(Ended::Clean)
}

pub(crate) fn filter(list: &QueueList) -> QueueFilter {
    QueueFilter {
        status: match list.status {
            Some(StatusFilter::Is(status)) => Some(status),
            Some(StatusFilter::All) | None => None,
        },
        all_statuses: list.status == Some(StatusFilter::All) || list.verdict.is_some(),
        band_at_least: list.band,
        claimed_by: list.claimed_by.clone(),
        source: list.source.clone(),
        language: list.language,
        indicator: list.indicator.clone(),
        verdict: list.verdict,
        from: list.from.clone(),
        to: list.to.clone(),
        contact: list.contact.clone(),
        since: list.since,
    }
}

fn said(lead: &Lead, words: &str, output: &mut Output) -> anyhow::Result<()> {
    output.result(lead)?;
    output.line(one_line(words))
}

/// One lead as a few lines: what it scored, where it is from, and the quoted reasons.
pub(crate) fn print_row(place: usize, row: &QueueRow, output: &mut Output) -> anyhow::Result<()> {
    let (lead, posting) = (&row.lead, &row.posting.posting);
    output.line(format!(
        "{place:>3}. {}  {:>3} {:<8}  {}  {}  {}",
        lead.id,
        lead.score.value(),
        lead.band.name(),
        row.posting.assessment.language.map_or("--", domain::Language::code),
        posting.source,
        standing(lead),
    ))?;
    let title = posting.title.as_deref().unwrap_or(&posting.text);
    output.line(format!("     {}", shortened(title, 90)))?;
    if lead.postings.len() > 1 {
        output.line(format!("       {}", spread_in_words(lead)))?;
    }
    print_reasons(lead, output)?;
    for finding in row.posting.assessment.findings.iter().take(4) {
        print_finding(finding, output)?;
    }
    let more = row.posting.assessment.findings.len().saturating_sub(4);
    if more > 0 {
        output.line(format!("       and {more} more reasons"))?;
    }
    let contacts: Vec<String> =
        row.contacts().iter().map(|(_, value)| shortened(value, 60)).collect();
    if !contacts.is_empty() {
        output.line(format!("       contacts: {}", contacts.join("  ")))?;
    }
    Ok(())
}

pub(crate) fn standing(lead: &Lead) -> String {
    match (lead.status(), &lead.claimed_by, lead.suggestion()) {
        (LeadStatus::Claimed, Some(by), _) => format!("claimed by {}", shortened(by, 40)),
        (LeadStatus::Decided, _, Some(verdict)) => verdict.to_string(),
        (_, _, Some(verdict)) => format!("open again, was {verdict}"),
        (status, ..) => status.name().to_owned(),
    }
}

pub(crate) fn print_finding(finding: &Finding, output: &mut Output) -> anyhow::Result<()> {
    let quotes: Vec<String> = finding
        .spans()
        .iter()
        .take(2)
        .map(|span| format!("«{}»", shortened(&span.quote, 70)))
        .collect();
    output.line(format!(
        "       {:>+5.1}  {:<26} {}",
        finding.points,
        finding.indicator,
        quotes.join(" ")
    ))
}

fn print_view(view: &LeadView, output: &mut Output) -> anyhow::Result<()> {
    let lead = &view.lead;
    output.line(format!(
        "{}  {} {}  {}",
        lead.id,
        lead.score.value(),
        lead.band.name(),
        standing(lead)
    ))?;
    print_reasons(lead, output)?;
    for stored in &view.postings {
        print_posting(stored, output)?;
    }
    if view.postings.len() > 1 {
        output.line("")?;
        output.line(spread_in_words(lead))?;
    }
    print_places(view, output)?;
    print_ties(view, output)?;
    print_templates(view, output)?;
    for snapshot in &lead.snapshots {
        output.line(format!("evidence: snapshots/{}  {}", snapshot.file, snapshot.sha256))?;
    }
    print_revisits(lead, output)?;
    for note in &lead.notes {
        output.line(format!(
            "note by {} at {}: {}",
            one_line(&note.by),
            note.at,
            one_line(&note.text)
        ))?;
    }
    for decision in &lead.decisions {
        output.line(format!(
            "{} by {} at {}: {}",
            decision.verdict,
            one_line(&decision.by),
            decision.at,
            one_line(&decision.reason)
        ))?;
    }
    Ok(())
}

fn print_posting(stored: &StoredPosting, output: &mut Output) -> anyhow::Result<()> {
    let posting = &stored.posting;
    output.line("")?;
    if let Some(title) = &posting.title {
        output.line(one_line(title))?;
    }
    for line in posting.text.lines() {
        output.line(format!("  | {}", one_line(line)))?;
    }
    output.line(format!(
        "posting: {}  source: {}  captured: {}",
        posting.id, posting.source, posting.captured_at
    ))?;
    for (name, value) in
        [("address", &posting.url), ("author", &posting.author), ("employer", &posting.employer)]
    {
        if let Some(value) = value {
            output.line(format!("{name}: {}", one_line(value)))?;
        }
    }
    if let Some(published) = posting.published_at {
        output.line(format!("published: {published}"))?;
    }
    if let Some(saved) = posting.saved_at {
        output.line(format!("saved: {saved}, as the imported file says"))?;
    }
    output.line("why:")?;
    for finding in stored.assessment.findings.iter().chain(&stored.assessment.mitigations) {
        print_finding(finding, output)?;
        output.line(format!("              rule {} version {}", finding.rule, finding.version))?;
    }
    print_contacts(&posting.contacts, output)
}

fn print_contacts(contacts: &[Contact], output: &mut Output) -> anyhow::Result<()> {
    for contact in contacts {
        output.line(format!(
            "contact: {}  «{}»",
            one_line(&contact.value),
            shortened(&contact.span.quote, 60)
        ))?;
    }
    Ok(())
}
