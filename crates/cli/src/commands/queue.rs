use domain::{Finding, Lead, LeadId, LeadStatus, Posting, masked};
use pipeline::{LeadView, QueueRow};
use store::{QueueFilter, StoredPosting};

use super::lead_lines::{
    print_places, print_reasons, print_revisits, print_templates, print_ties, spread_in_words,
};
use super::open_desk;
use crate::Ended;
use crate::args::{Global, Person, Queue, QueueList, StatusFilter};
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
        Queue::Show { lead, reveal, person } => {
            let view = viewed(lead, reveal.as_deref(), person, global)?;
            output.result(&view)?;
            print_view(&view, reveal.is_some(), output)?;
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

/// A lead as a person looks at it: the view is logged, and why they look at what is masked.
pub(super) fn viewed(
    lead: &LeadId,
    reveal: Option<&str>,
    person: &Person,
    global: &Global,
) -> anyhow::Result<LeadView> {
    let by = person.name()?;
    let mut desk = open_desk(global)?;
    if let Some(reason) = reveal {
        desk.reveal(lead, &by, reason)?;
    }
    let view = desk.view(lead, &by)?;
    desk.close()?;
    Ok(view)
}

/// The headline of a posting, or that it is masked.
pub(super) fn headline(posting: &Posting, is_masked: bool, letters: usize) -> String {
    if is_masked {
        let count = posting.text.chars().count();
        return format!("a tip of {count} characters, masked; `--reveal REASON` of `show` has it");
    }
    shortened(posting.title.as_deref().unwrap_or(&posting.text), letters)
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
    let is_masked = posting.may_be_of_a_victim();
    output.line(format!("     {}", headline(posting, is_masked, 90)))?;
    if lead.postings.len() > 1 {
        output.line(format!("       {}", spread_in_words(lead)))?;
    }
    print_reasons(lead, output)?;
    for finding in row.posting.assessment.findings.iter().take(4) {
        print_finding(finding, is_masked, output)?;
    }
    let more = row.posting.assessment.findings.len().saturating_sub(4);
    if more > 0 {
        output.line(format!("       and {more} more reasons"))?;
    }
    let contacts: Vec<String> =
        row.contacts().iter().map(|(_, value)| contact(value, is_masked)).collect();
    if !contacts.is_empty() {
        output.line(format!("       contacts: {}", contacts.join("  ")))?;
    }
    Ok(())
}

fn contact(value: &str, is_masked: bool) -> String {
    if is_masked { masked(value) } else { shortened(value, 60) }
}

pub(crate) fn standing(lead: &Lead) -> String {
    match (lead.status(), &lead.claimed_by, lead.suggestion()) {
        (LeadStatus::Claimed, Some(by), _) => format!("claimed by {}", shortened(by, 40)),
        (LeadStatus::Decided, _, Some(verdict)) => verdict.to_string(),
        (_, _, Some(verdict)) => format!("open again, was {verdict}"),
        (status, ..) => status.name().to_owned(),
    }
}

pub(crate) fn print_finding(
    finding: &Finding,
    is_masked: bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    let quotes: Vec<String> = finding
        .spans()
        .iter()
        .take(if is_masked { 0 } else { 2 })
        .map(|span| format!("«{}»", shortened(&span.quote, 70)))
        .collect();
    output.line(format!(
        "       {:>+5.1}  {:<26} {}",
        finding.points,
        finding.indicator,
        quotes.join(" ")
    ))
}

fn print_view(view: &LeadView, revealed: bool, output: &mut Output) -> anyhow::Result<()> {
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
        print_posting(stored, !revealed && stored.posting.may_be_of_a_victim(), output)?;
    }
    if view.postings.len() > 1 {
        output.line("")?;
        output.line(spread_in_words(lead))?;
    }
    print_places(view, output)?;
    print_ties(view, revealed, output)?;
    print_templates(view, revealed, output)?;
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

fn print_posting(
    stored: &StoredPosting,
    is_masked: bool,
    output: &mut Output,
) -> anyhow::Result<()> {
    let posting = &stored.posting;
    output.line("")?;
    if is_masked {
        output.line(headline(posting, true, 0))?;
    } else {
        if let Some(title) = &posting.title {
            output.line(one_line(title))?;
        }
        for line in posting.text.lines() {
            output.line(format!("  | {}", one_line(line)))?;
        }
    }
    output.line(format!(
        "posting: {}  source: {}  captured: {}",
        posting.id, posting.source, posting.captured_at
    ))?;
    for (name, value) in
        [("address", &posting.url), ("author", &posting.author), ("employer", &posting.employer)]
    {
        if let Some(value) = value {
            // The address is that of the advert which the tip is about.
            let hides = is_masked && name != "address";
            let value = if hides { masked(value) } else { one_line(value) };
            output.line(format!("{name}: {value}"))?;
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
        print_finding(finding, is_masked, output)?;
        output.line(format!("              rule {} version {}", finding.rule, finding.version))?;
    }
    for found in &posting.contacts {
        let quote = contact(&found.span.quote, is_masked);
        let value = if is_masked { masked(&found.value) } else { one_line(&found.value) };
        output.line(format!("contact: {value}  «{quote}»"))?;
    }
    Ok(())
}
