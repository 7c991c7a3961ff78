//! Evidence of flagged postings: taken at once, since posts vanish.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Capture, CaptureId, LeadId, PostingId, Snapshot};
use evidence::{Event, ToFreeze};
use store::Store;
use url::Url;

use crate::desk::PROGRAM;
use crate::look::capture_in;
use crate::network::StagedNetwork;
use crate::{Desk, PipelineError, tip};

pub(crate) const SOFTWARE: &str = concat!("fusion ", env!("CARGO_PKG_VERSION"));

/// Takes a snapshot of each of these postings of a page that has none of its present capture yet, and
/// writes it into the log.
pub(crate) fn take_missing(
    desk: &mut Desk,
    page: &Capture,
    flagged: &[(LeadId, PostingId)],
) -> Result<(), PipelineError> {
    let events = missing(desk, &StagedNetwork::new(&*desk.store), &[(page, flagged)])?;
    if !events.is_empty() {
        desk.record(PROGRAM, events)?;
    }
    Ok(())
}

/// The same for several pages, by a network that may know more than the index; to be written into the
/// log by the caller.
pub(crate) fn missing(
    desk: &Desk,
    network: &StagedNetwork<'_>,
    pages: &[(&Capture, &[(LeadId, PostingId)])],
) -> Result<Vec<Event>, PipelineError> {
    let mut taken = Taken::default();
    let (mut wanted, mut besides) = (Vec::new(), Vec::new());
    for (page, flagged) in pages {
        let before = wanted.len();
        for (lead, posting) in *flagged {
            let Some(stored) = network.posting(posting)? else { continue };
            // The posting may stand as an earlier page had it, which said more.
            if stored.posting.capture == page.id && taken.note(network, posting, &page.id)? {
                wanted.push((lead, stored, *page, besides.len()));
            }
        }
        besides.push(if wanted.len() > before { belonging_to(desk, page)? } else { Vec::new() });
    }
    let to_freeze = wanted.iter().map(|(_, stored, page, beside)| ToFreeze {
        posting: &stored.posting,
        assessment: &stored.assessment,
        page,
        beside: &besides[*beside],
    });
    let files = evidence::take_snapshots(&desk.vault, &to_freeze.collect::<Vec<_>>(), SOFTWARE)?;
    let snapshots = wanted.iter().zip(files).map(|((lead, stored, page, _), (file, sha256))| {
        let (posting, capture) = (stored.posting.id.clone(), page.id.clone());
        let snapshot = Snapshot { posting, capture, file, sha256 };
        Event::Snapshot { lead: (*lead).clone(), snapshot }
    });
    Ok(snapshots.collect())
}

/// Which snapshots there are, of leads as they stand, and which are going to be taken. Each lead is
/// looked up once: many postings of a page may be on one, and that may have thousands.
#[derive(Default)]
struct Taken(BTreeMap<LeadId, BTreeSet<(PostingId, CaptureId)>>);

impl Taken {
    /// Notes that one is taken of this posting as this capture has it; `false` when it is already, or
    /// when the posting is on no lead.
    fn note(
        &mut self,
        network: &StagedNetwork<'_>,
        posting: &PostingId,
        capture: &CaptureId,
    ) -> Result<bool, PipelineError> {
        let Some(lead) = network.lead_of(posting)? else { return Ok(false) };
        let taken = self.0.entry(lead.id.clone()).or_insert_with(|| {
            let taken = lead.snapshots.iter();
            taken.map(|taken| (taken.posting.clone(), taken.capture.clone())).collect()
        });
        Ok(taken.insert((posting.clone(), capture.clone())))
    }
}

pub(crate) fn is_taken(
    desk: &Desk,
    posting: &PostingId,
    capture: &CaptureId,
) -> Result<bool, PipelineError> {
    let network = StagedNetwork::new(&*desk.store);
    Ok(!Taken::default().note(&network, posting, capture)?)
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
