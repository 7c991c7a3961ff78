//! What a person can look at of a lead's evidence. Nothing of it runs or asks anybody for anything.

use std::path::{Path, PathBuf};

use collect::{InertPage, Pictures, inert_page, inert_pictures};
use domain::{Capture, CaptureId, Lead, Snapshot};
use evidence::{CaptureArchive, Viewed, picture_in};
use store::Store;

use crate::{PipelineError, tip};

/// The evidence of one posting.
#[derive(Clone, Debug)]
pub struct EvidenceView {
    /// Its snapshot.
    pub snapshot: Snapshot,
    /// What the snapshot was made from.
    pub capture: Capture,
    /// What was answered; of a file of rows this posting's alone, since the others are other people's.
    pub body: Vec<u8>,
    /// The capture is a page, not a file of rows.
    is_page: bool,
    /// Pictures that were handed in with a tip.
    screenshots: Vec<Vec<u8>>,
    /// The snapshot's file, when it holds a picture of the page.
    with_picture: Option<PathBuf>,
}

/// Something of a posting's evidence that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The captured page, written anew.
    Page,
    /// Pictures: as a browser showed the page, or as they were handed in.
    Pictures,
}

/// The evidence of this number of a lead, out of the index and the desk's folder; `None` if there is
/// none. Whoever shows it to a person logs that first.
pub fn evidence_view(
    store: &dyn Store,
    dir: &Path,
    lead: &Lead,
    number: usize,
) -> Result<Option<EvidenceView>, PipelineError> {
    let Some(snapshot) = lead.snapshots.get(number).cloned() else { return Ok(None) };
    let Some(capture) = capture_in(store, dir, &snapshot.capture)? else { return Ok(None) };
    let posting = store.posting(&snapshot.posting)?.map(|stored| stored.posting);
    let row = posting.filter(|posting| posting.capture == capture.id).and_then(|p| p.row);
    let body = match row {
        Some(row) => {
            let content = capture.content();
            let parts = [content.get(..row.header), content.get(row.start..row.end)];
            parts.into_iter().flatten().collect::<Vec<_>>().concat()
        }
        None => capture.content().to_vec(),
    };
    let mut screenshots = Vec::new();
    for id in tip::screenshots_of(store, &capture)? {
        screenshots.extend(capture_in(store, dir, &id)?.map(|picture| picture.body));
    }
    let with_picture =
        Viewed::is_in(&snapshot.file).then(|| dir.join("snapshots").join(&snapshot.file));
    Ok(Some(EvidenceView {
        snapshot,
        capture,
        body,
        is_page: row.is_none(),
        screenshots,
        with_picture,
    }))
}

impl EvidenceView {
    /// What there is to look at, beside the bytes.
    pub fn sights(&self) -> Vec<Sight> {
        let kind = self.capture.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let kinds = ["text/html", "application/xhtml", "multipart/related", "application/warc"];
        let is_page = self.is_page && kinds.iter().any(|page| kind.trim().starts_with(page));
        let has_pictures = self.with_picture.is_some() || !self.screenshots.is_empty();
        let sights = [(is_page, Sight::Page), (has_pictures, Sight::Pictures)];
        sights.into_iter().filter(|(there, _)| *there).map(|(_, sight)| sight).collect()
    }

    /// A sight as a whole document; `None` if there is nothing to see. The error is a sentence.
    pub fn shown(
        &self,
        sight: Sight,
        pictures: Pictures,
    ) -> Result<Option<InertPage>, PipelineError> {
        if !self.sights().contains(&sight) {
            return Ok(None);
        }
        match sight {
            Sight::Page => inert_page(&self.capture, pictures)
                .map_err(|error| PipelineError::Refused(error.to_string())),
            Sight::Pictures => {
                let mut all = self.screenshots.clone();
                if let Some(file) = &self.with_picture {
                    all.extend(picture_in(file)?);
                }
                Ok(Some(inert_pictures(&all, pictures)))
            }
        }
    }
}

/// A capture read back out of the desk's folder.
pub(crate) fn capture_in(
    store: &dyn Store,
    dir: &Path,
    id: &CaptureId,
) -> Result<Option<Capture>, PipelineError> {
    let Some(stored) = store.capture(id)? else { return Ok(None) };
    let captures = dir.join("captures");
    Ok(Some(CaptureArchive::read(&captures, &stored.file, stored.offset, stored.length)?))
}
