//! Writes down what came of fetching a posting's pictures, behind the snapshot that holds them.

use std::collections::BTreeMap;

use domain::{Capture, CaptureId, LeadId, Posting, PostingId, Snapshot};
use evidence::Event;
use link::Look;
use store::{Store as _, StoredPosting};

use crate::desk::PROGRAM;
use crate::snapshots::{SOFTWARE, belonging_to, read_capture, robots_of};
use crate::{Desk, PipelineError};

/// What came of one picture.
pub(super) struct Fetched {
    pub(super) number: u32,
    /// With what is seen of it; else the name of the outcome.
    pub(super) image: Result<(Capture, Look), String>,
}

/// Writes all of it or nothing.
pub(super) fn keep(
    desk: &mut Desk,
    posting: &PostingId,
    page: &CaptureId,
    fetched: Vec<Fetched>,
) -> Result<(), PipelineError> {
    // It was deleted, or has other pictures by now.
    if desk.store.lead_of(posting)?.is_none() {
        return Ok(());
    }
    let Some(stored) = desk.store.posting(posting)?.filter(|s| s.posting.capture == *page) else {
        return Ok(());
    };
    let lead = LeadId::founded_by(posting);
    let mut events = Vec::new();
    if fetched.iter().any(|fetched| fetched.image.is_ok()) {
        events.extend(snapshot(desk, &stored, &fetched)?);
    }
    events.extend(fetched.into_iter().map(|Fetched { number, image }| {
        let (capture, why, sha256, look) = match image {
            Err(why) => (None, Some(why), None, None),
            Ok((image, look)) => {
                let sha256 = domain::Sha256::of(image.content());
                let (sha256, look) = match look {
                    Look::Detailed(look) => (Some(sha256), Some(look)),
                    Look::Unseen => (Some(sha256), None),
                    Look::Plain => (None, None),
                };
                (Some(image.id), None, sha256, look)
            }
        };
        let (lead, posting, page) = (lead.clone(), posting.clone(), page.clone());
        Event::Image { lead, posting, page, number, capture, why, sha256, look }
    }));
    if !events.is_empty() {
        desk.record(PROGRAM, events)?;
    }
    Ok(())
}

/// Freezes the posting with all its pictures that are there.
fn snapshot(
    desk: &Desk,
    StoredPosting { posting, assessment }: &StoredPosting,
    fetched: &[Fetched],
) -> Result<Option<Event>, PipelineError> {
    let Some(page) = read_capture(desk, &posting.capture)? else { return Ok(None) };
    let mut images = kept_before(desk, posting)?;
    for one in fetched {
        images.extend(one.image.as_ref().ok().map(|(image, _)| (one.number, image.clone())));
    }
    let beside = beside_with(desk, &page, images.into_values())?;
    let vault = &desk.vault;
    let (file, sha256) =
        evidence::take_with_media(vault, posting, assessment, &page, &beside, SOFTWARE)?;
    let (posting, capture) = (posting.id.clone(), page.id);
    let lead = LeadId::founded_by(&posting);
    Ok(Some(Event::Snapshot { lead, snapshot: Snapshot { posting, capture, file, sha256 } }))
}

/// The pictures of a posting, as its page has them, that were kept so far, by their number.
pub(crate) fn kept_before(
    desk: &Desk,
    posting: &Posting,
) -> Result<BTreeMap<u32, Capture>, PipelineError> {
    let mut images = BTreeMap::new();
    let lead = desk.store.lead_of(&posting.id)?.map(|lead| desk.store.lead(&lead));
    for earlier in lead.transpose()?.flatten().map(|lead| lead.images).unwrap_or_default() {
        if earlier.posting == posting.id
            && earlier.page == posting.capture
            && let Some(capture) = earlier.capture
        {
            images.extend(read_capture(desk, &capture)?.map(|image| (earlier.number, image)));
        }
    }
    Ok(images)
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
