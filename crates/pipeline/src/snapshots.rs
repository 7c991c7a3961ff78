//! Evidence of flagged postings: taken at once, since posts vanish.

use domain::{Capture, CaptureId, LeadId, PostingId, Snapshot};
use evidence::Event;
use store::Store;
use url::Url;

use crate::desk::PROGRAM;
use crate::look::capture_in;
use crate::{Desk, PipelineError, tip};

pub(crate) const SOFTWARE: &str = concat!("fusion ", env!("CARGO_PKG_VERSION"));

/// Takes a snapshot of each of these postings of a page that has none of its present capture yet, and
/// writes it into the log.
pub(crate) fn take_missing(
    desk: &mut Desk,
    page: &Capture,
    flagged: &[(LeadId, PostingId)],
) -> Result<(), PipelineError> {
    let events = missing(desk, page, flagged)?;
    if !events.is_empty() {
        desk.record(PROGRAM, events)?;
    }
    Ok(())
}

/// The same, to be written into the log by the caller.
pub(crate) fn missing(
    desk: &Desk,
    page: &Capture,
    flagged: &[(LeadId, PostingId)],
) -> Result<Vec<Event>, PipelineError> {
    let mut events = Vec::new();
    let mut beside: Option<Vec<Capture>> = None;
    for (lead, posting) in flagged {
        let Some(stored) = desk.store.posting(posting)? else { continue };
        let capture = &stored.posting.capture;
        // The posting may stand as an earlier page had it, which said more.
        if *capture != page.id || is_taken(desk, posting, capture)? {
            continue;
        }
        let beside = match &mut beside {
            Some(beside) => beside,
            none => none.insert(belonging_to(desk, page)?),
        };
        let (file, sha256) = evidence::take_snapshot(
            &desk.vault,
            &stored.posting,
            &stored.assessment,
            page,
            beside,
            page.fetched_at,
            SOFTWARE,
        )?;
        let snapshot =
            Snapshot { posting: posting.clone(), capture: capture.clone(), file, sha256 };
        events.push(Event::Snapshot { lead: lead.clone(), snapshot });
    }
    Ok(events)
}

pub(crate) fn is_taken(
    desk: &Desk,
    posting: &PostingId,
    capture: &CaptureId,
) -> Result<bool, PipelineError> {
    let lead = desk.store.lead_of(posting)?;
    let lead = lead.map(|lead| desk.store.lead(&lead)).transpose()?.flatten();
    Ok(lead.is_none_or(|lead| {
        lead.snapshots.iter().any(|taken| taken.posting == *posting && taken.capture == *capture)
    }))
}

pub(crate) fn read_capture(desk: &Desk, id: &CaptureId) -> Result<Option<Capture>, PipelineError> {
    capture_in(&*desk.store, &desk.vault, id)
}

/// What a snapshot shows beside the page: the robots.txt that allowed it, a tip's screenshots.
pub(crate) fn belonging_to(desk: &Desk, page: &Capture) -> Result<Vec<Capture>, PipelineError> {
    let mut beside: Vec<Capture> = robots_of(desk, page)?.into_iter().collect();
    for screenshot in tip::screenshots_of(&*desk.store, page)? {
        beside.extend(read_capture(desk, &screenshot)?);
    }
    Ok(beside)
}

/// The robots.txt under which the page was fetched.
pub(crate) fn robots_of(desk: &Desk, page: &Capture) -> Result<Option<Capture>, PipelineError> {
    let Ok(url) = Url::parse(&page.url) else { return Ok(None) };
    let Ok(robots) = url.join("/robots.txt") else { return Ok(None) };
    match desk.store.latest_payload(&page.source, robots.as_str())? {
        Some((id, _)) => read_capture(desk, &id),
        None => Ok(None),
    }
}
