//! Writes down what came of fetching the parts of a posting's page, behind the snapshot that holds them.

use std::collections::BTreeMap;

use domain::{Capture, CaptureId, LeadId, PagePart, Posting, PostingId, Snapshot};
use evidence::Event;
use link::Look;
use store::{Store as _, StoredPosting};

use crate::desk::PROGRAM;
use crate::snapshots::{SOFTWARE, belonging_to, read_capture, robots_of};
use crate::{Desk, PipelineError};

/// What came of one part.
pub(super) struct Fetched {
    pub(super) kind: PagePart,
    pub(super) number: u32,
    /// Else the name of the outcome.
    pub(super) capture: Result<Capture, String>,
    /// What is seen of a picture.
    pub(super) look: Option<Look>,
}

/// Writes all of it or nothing.
pub(super) fn keep(
    desk: &mut Desk,
    posting: &PostingId,
    page: &CaptureId,
    fetched: Vec<Fetched>,
) -> Result<(), PipelineError> {
    // It was deleted, or has another page by now.
    if desk.store.lead_of(posting)?.is_none() {
        return Ok(());
    }
    let Some(stored) = desk.store.posting(posting)?.filter(|s| s.posting.capture == *page) else {
        return Ok(());
    };
    let lead = LeadId::founded_by(posting);
    let mut events = Vec::new();
    if fetched.iter().any(|fetched| fetched.capture.is_ok()) {
        events.extend(snapshot(desk, &stored, &fetched)?);
    }
    events.extend(fetched.into_iter().map(|one| one.event(lead.clone(), posting, page)));
    if !events.is_empty() {
        desk.record(PROGRAM, events)?;
    }
    Ok(())
}

impl Fetched {
    fn event(self, lead: LeadId, posting: &PostingId, page: &CaptureId) -> Event {
        let Self { kind, number, capture, look } = self;
        let (posting, page) = (posting.clone(), page.clone());
        let (capture, why) = match capture {
            Ok(capture) => (Some(capture), None),
            Err(why) => (None, Some(why)),
        };
        let id = capture.as_ref().map(|capture| capture.id.clone());
        if kind == PagePart::Stylesheet {
            return Event::Stylesheet { lead, posting, page, number, capture: id, why };
        }
        let digest = capture.map(|image| domain::Sha256::of(image.content()));
        let (sha256, look) = match look {
            Some(Look::Detailed(look)) => (digest, Some(look)),
            Some(Look::Unseen) => (digest, None),
            Some(Look::Plain) | None => (None, None),
        };
        Event::Image { lead, posting, page, number, capture: id, why, sha256, look }
    }
}

/// Freezes the posting with all parts of its page that are there.
fn snapshot(
    desk: &Desk,
    StoredPosting { posting, assessment }: &StoredPosting,
    fetched: &[Fetched],
) -> Result<Option<Event>, PipelineError> {
    let Some(page) = read_capture(desk, &posting.capture)? else { return Ok(None) };
    let mut parts = kept_before(desk, posting)?;
    for one in fetched {
        let place = (one.kind, one.number);
        parts.extend(one.capture.as_ref().ok().map(|capture| (place, capture.clone())));
    }
    let beside = beside_with(desk, &page, parts.into_values())?;
    let vault = &desk.vault;
    let (file, sha256) =
        evidence::take_with_media(vault, posting, assessment, &page, &beside, SOFTWARE)?;
    let (posting, capture) = (posting.id.clone(), page.id);
    let lead = LeadId::founded_by(&posting);
    Ok(Some(Event::Snapshot { lead, snapshot: Snapshot { posting, capture, file, sha256 } }))
}

/// The parts of a posting's page that were kept so far, by kind and number.
pub(crate) fn kept_before(
    desk: &Desk,
    posting: &Posting,
) -> Result<BTreeMap<(PagePart, u32), Capture>, PipelineError> {
    let mut parts = BTreeMap::new();
    let Some(lead) = desk.store.lead_of(&posting.id)? else { return Ok(parts) };
    let Some(lead) = desk.store.lead(&lead)? else { return Ok(parts) };
    for kind in PagePart::ALL {
        for earlier in lead.fetched(kind) {
            if earlier.posting == posting.id
                && earlier.page == posting.capture
                && let Some(capture) = &earlier.capture
            {
                let capture = read_capture(desk, capture)?;
                parts.extend(capture.map(|capture| ((kind, earlier.number), capture)));
            }
        }
    }
    Ok(parts)
}

/// What a snapshot shows beside the page, these parts of it among them, and what allowed us to fetch
/// them; each once.
pub(crate) fn beside_with(
    desk: &Desk,
    page: &Capture,
    parts: impl IntoIterator<Item = Capture>,
) -> Result<Vec<Capture>, PipelineError> {
    let mut beside = belonging_to(desk, page)?;
    for part in parts {
        let robots = robots_of(desk, &part)?;
        for capture in robots.into_iter().chain([part]) {
            if beside.iter().all(|known| known.id != capture.id) {
                beside.push(capture);
            }
        }
    }
    Ok(beside)
}
