//! Writes down what a revisit found, with a snapshot of words that have changed, and of what came in
//! the place of a page.

use domain::{CaptureId, Found, Lead, LeadId, Posting, PostingId, Snapshot};
use evidence::Event;
use store::{Store as _, StoredPosting};

use crate::desk::PROGRAM;
use crate::snapshots::{SOFTWARE, belonging_to, is_taken, read_capture};
use crate::{Desk, Examiner, PipelineError};

/// What is to be written about one posting.
pub(super) struct Finding {
    pub(super) posting: PostingId,
    pub(super) found: Found,
    pub(super) why: Option<String>,
    /// The capture that shows it.
    pub(super) capture: Option<CaptureId>,
    /// That capture is what came in the place of the posting's own page.
    pub(super) is_instead: bool,
    /// The posting with its new words.
    pub(super) changed: Option<Box<Posting>>,
}

/// Writes findings into the log, each behind the snapshot that belongs to it; all of them or none.
pub(super) fn keep(desk: &mut Desk, findings: Vec<Finding>) -> Result<(), PipelineError> {
    let mut events = Vec::new();
    for finding in findings {
        let lead = desk.store.lead_of(&finding.posting)?;
        let Some(lead) = lead.map(|lead| desk.store.lead(&lead)).transpose()?.flatten() else {
            // It was deleted while its page was asked for.
            continue;
        };
        if let Some(capture) = finding.capture.as_ref().filter(|_| finding.is_instead)
            && is_news(&lead, &finding)
        {
            events.extend(instead(desk, &finding.posting, capture)?);
        }
        let Finding { posting, found, why, capture, changed, .. } = finding;
        if let Some(changed) = changed {
            events.extend(snapshot(desk, *changed)?);
        }
        let lead = LeadId::founded_by(&posting);
        events.push(Event::Revisit { lead, posting, found, why, capture });
    }
    if !events.is_empty() {
        desk.record(PROGRAM, events)?;
    }
    Ok(())
}

/// Whether the last time that the posting was asked for told something else. What is said week after
/// week is kept as a capture, and frozen once.
fn is_news(lead: &Lead, finding: &Finding) -> bool {
    let rows = lead.revisits.iter().filter(|row| row.posting == finding.posting);
    rows.max_by_key(|row| row.last_at)
        .is_none_or(|last| (last.found, &last.why) != (finding.found, &finding.why))
}

/// Freezes what came in the place of a posting's page.
fn instead(
    desk: &Desk,
    posting: &PostingId,
    capture: &CaptureId,
) -> Result<Option<Event>, PipelineError> {
    let Some(StoredPosting { posting, assessment }) = desk.store.posting(posting)? else {
        return Ok(None);
    };
    if posting.capture == *capture || is_taken(desk, &posting.id, capture)? {
        return Ok(None);
    }
    let Some(answer) = read_capture(desk, capture)? else { return Ok(None) };
    let beside = belonging_to(desk, &answer)?;
    let (file, sha256) =
        evidence::take_instead(&desk.vault, &posting, &assessment, &answer, &beside, SOFTWARE)?;
    let lead = LeadId::founded_by(&posting.id);
    let snapshot = Snapshot { posting: posting.id, capture: answer.id, file, sha256 };
    Ok(Some(Event::Snapshot { lead, snapshot }))
}

/// Freezes a posting as its capture shows it now, whether the rules would still flag it or not,
/// unless that was done when the capture was kept.
fn snapshot(desk: &Desk, mut posting: Posting) -> Result<Option<Event>, PipelineError> {
    if is_taken(desk, &posting.id, &posting.capture)? {
        return Ok(None);
    }
    let Some(page) = read_capture(desk, &posting.capture)? else { return Ok(None) };
    let beside = belonging_to(desk, &page)?;
    let mut examiner = Examiner::new(&desk.settings.rule_set);
    let (assessment, _) = examiner.examine_posting(&mut posting);
    let at = page.fetched_at;
    let vault = &desk.vault;
    let taken =
        evidence::take_snapshot(vault, &posting, &assessment, &page, &beside, at, SOFTWARE)?;
    let ((file, sha256), lead) = (taken, LeadId::founded_by(&posting.id));
    let (posting, capture) = (posting.id, posting.capture);
    let snapshot = Snapshot { posting, capture, file, sha256 };
    Ok(Some(Event::Snapshot { lead, snapshot }))
}
