//! Pictures of the pages of flagged postings, where a browser is to take them. They are taken when a
//! walk is over and what the page shows has been fetched, outside of the desk's lock: a browser takes
//! seconds. The snapshot without a picture stands from the first moment on, and stays when the browser
//! fails.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use domain::{Capture, CaptureId, LeadId, Outcome, PostingId, Problem, Snapshot, SourceId};
use evidence::{Browser, Event, Picture, Sought, Viewed, has_a_picture};
use jiff::SignedDuration;
use serde::Deserialize;
use store::{QueueFilter, Store as _, StoredPosting};

use crate::desk::{PROGRAM, lock};
use crate::marks::{marks_of, sought_of};
use crate::snapshots::{SOFTWARE, read_capture};
use crate::writer::on_disk;
use crate::{Desk, PipelineError, STOP_FILE, SourceReport, media};

const TAKEN: Outcome = Outcome::done("screenshot.taken");
const FAILED: Outcome = Outcome::fault("screenshot.failed");

/// Most leads whose pages are looked at in one go, the most urgent first.
const MOST_LEADS: usize = 1000;
/// Pages that were captured longer ago have no picture taken: the browser had its chances.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(72);

/// `[snapshot]` of `fusion.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SnapshotConfig {
    /// `off`, `auto` (the first Chromium or Chrome on the path), or a browser's file.
    pub browser: String,
    /// How many hours after its capture a posting's page is asked for again while its lead is of
    /// interest, in growing order; after the last of them, at each multiple of it. Empty: never.
    pub again_after_h: Vec<u32>,
    /// Whether the pictures that a flagged posting shows are fetched and frozen with it.
    pub media: bool,
}

impl Default for SnapshotConfig {
    fn default() -> Self {
        Self { browser: "off".to_owned(), again_after_h: vec![24, 72, 168], media: true }
    }
}

impl SnapshotConfig {
    /// Refuses hours that are none or do not grow; the error is a sentence.
    pub(crate) fn check(&self) -> Result<(), PipelineError> {
        let hours = &self.again_after_h;
        if hours.first() == Some(&0) || hours.windows(2).any(|two| two[0] >= two[1]) {
            return Err(PipelineError::Config(format!(
                "fusion.toml: snapshot.again_after_h = {hours:?}: write hours that grow, from 1 on, \
                 as in [24, 72, 168], or [] for never"
            )));
        }
        Ok(())
    }

    /// The browser that is to be used; the error is a sentence.
    pub fn browser(&self) -> Result<Option<Browser>, String> {
        match self.browser.as_str() {
            "off" => Ok(None),
            "auto" => match std::env::var_os("PATH").and_then(|path| Browser::find(&path)) {
                Some(browser) => Ok(Some(browser)),
                None => Err("no Chromium or Chrome is on the path".to_owned()),
            },
            file => Browser::at(Path::new(file)).map(Some),
        }
    }
}

/// A posting whose page has no picture yet.
#[derive(Clone)]
struct Due {
    posting: PostingId,
    capture: CaptureId,
    source: SourceId,
}

/// What the browser and the files are made from.
struct Wanted {
    /// Each with the parts of the page that were kept for it.
    postings: Vec<(StoredPosting, Vec<Capture>)>,
    page: Capture,
}

/// Takes the pictures that are due, and tells what came of it by source.
pub(crate) async fn take_due(
    desk: &Arc<Mutex<Desk>>,
) -> Result<BTreeMap<SourceId, SourceReport>, PipelineError> {
    let mut reports: BTreeMap<SourceId, SourceReport> = BTreeMap::new();
    let config = lock(desk).settings.config.snapshot.clone();
    if config.browser == "off" {
        return Ok(reports);
    }
    let due = on_disk(desk, due).await?;
    if due.is_empty() {
        return Ok(reports);
    }
    let browser = config.browser();
    let stop = lock(desk).dir.join(STOP_FILE);
    for of_page in due.chunk_by(|a, b| a.capture == b.capture) {
        if stop.exists() {
            break;
        }
        let (page, capture) = (of_page.to_vec(), of_page[0].capture.clone());
        let Some(wanted) = on_disk(desk, move |desk| wanted(desk, &page)).await? else { continue };
        let report = reports.entry(of_page[0].source.clone()).or_default();
        // A page is shown once, whatever number of postings it shows.
        let sought: Vec<Sought> =
            wanted.postings.iter().flat_map(|(stored, _)| sought_of(stored)).collect();
        let parts = wanted.postings.iter().flat_map(|(_, parts)| parts.clone()).collect();
        let postings = wanted.postings.len() as u64;
        match shown(&browser, wanted.page.clone(), parts, sought).await? {
            Ok(picture) => {
                on_disk(desk, move |desk| keep(desk, &wanted, &picture)).await?;
                report.tally.add(TAKEN, postings);
            }
            Err(why) => {
                report.tally.add(FAILED, postings);
                let what = format!("no picture of the page, the snapshot stands without: {why}");
                report.problems.push(Problem::new(FAILED, capture.as_str(), what));
            }
        }
    }
    Ok(reports)
}

/// Has the browser show a page, where it holds up nobody.
async fn shown(
    browser: &Result<Option<Browser>, String>,
    page: Capture,
    parts: Vec<Capture>,
    sought: Vec<Sought>,
) -> Result<Result<Picture, String>, PipelineError> {
    let browser = match browser {
        Ok(Some(browser)) => browser.clone(),
        Ok(None) => return Ok(Err("there is no browser".to_owned())),
        Err(error) => return Ok(Err(error.clone())),
    };
    let shown = tokio::task::spawn_blocking(move || browser.picture(&page, &parts, &sought)).await;
    shown.map_err(|error| PipelineError::Refused(format!("a picture broke off inside: {error}")))
}

/// The postings of open and claimed leads whose page has no picture, page by page.
fn due(desk: &mut Desk) -> Result<Vec<Due>, PipelineError> {
    let now = desk.clock.now();
    let has_media = desk.settings.config.snapshot.media;
    let mut due = Vec::new();
    for lead in desk.store.queue(&QueueFilter::default(), MOST_LEADS)? {
        for id in &lead.postings {
            let Some(stored) = desk.store.posting(id)? else { continue };
            let posting = stored.posting;
            let of_its_page =
                |taken: &&Snapshot| taken.posting == *id && taken.capture == posting.capture;
            let taken: Vec<&Snapshot> = lead.snapshots.iter().filter(of_its_page).collect();
            let has_picture = taken.iter().any(|taken| Viewed::is_in(&taken.file));
            let is_recent = now.duration_since(posting.captured_at) <= TRIED_FOR;
            if taken.is_empty() || has_picture || !is_recent || posting.row.is_some() {
                continue;
            }
            // It is to show what the posting shows.
            if has_media && media::are_awaited(&lead, &posting, now) {
                continue;
            }
            let (capture, source) = (posting.capture, posting.source);
            due.push(Due { posting: posting.id, capture, source });
        }
    }
    due.sort_by(|a, b| (&a.capture, &a.posting).cmp(&(&b.capture, &b.posting)));
    Ok(due)
}

/// What is needed for the picture of the page of these postings; `None` when it is none that a browser
/// shows.
fn wanted(desk: &mut Desk, due: &[Due]) -> Result<Option<Wanted>, PipelineError> {
    let Some(Due { capture, .. }) = due.first() else { return Ok(None) };
    let mut postings = Vec::new();
    for due in due {
        let stored = desk.store.posting(&due.posting)?;
        if let Some(stored) = stored.filter(|stored| stored.posting.capture == *capture) {
            let parts = media::kept_before(desk, &stored.posting)?.into_values().collect();
            postings.push((stored, parts));
        }
    }
    let page = read_capture(desk, capture)?.filter(has_a_picture);
    let Some(page) = page.filter(|_| !postings.is_empty()) else { return Ok(None) };
    Ok(Some(Wanted { postings, page }))
}

/// Writes the snapshots with the picture, each with its own marks, and their entries.
fn keep(desk: &mut Desk, wanted: &Wanted, picture: &Picture) -> Result<(), PipelineError> {
    let Wanted { postings, page } = wanted;
    let (mut events, mut sought) = (Vec::new(), 0);
    for (stored, parts) in postings {
        let marks = marks_of(stored, picture, sought);
        sought += marks.len();
        let posting = &stored.posting;
        if desk.store.lead_of(&posting.id)?.is_none() {
            // It was deleted while the browser was at work.
            continue;
        }
        let beside = media::beside_with(desk, page, parts.iter().cloned())?;
        let viewed = Viewed {
            posting,
            assessment: &stored.assessment,
            page,
            beside: &beside,
            picture,
            marks: &marks,
            taken_at: desk.clock.now(),
            software: SOFTWARE,
        };
        let (file, sha256) = viewed.take(&desk.vault)?;
        let (posting, capture) = (posting.id.clone(), page.id.clone());
        let lead = LeadId::founded_by(&posting);
        let snapshot = Snapshot { posting, capture, file, sha256 };
        events.push(Event::Snapshot { lead, snapshot });
    }
    desk.record(PROGRAM, events)?;
    Ok(())
}
