//! What a person can look at of a lead's evidence. Nothing of it runs or asks anybody for anything.

use collect::{InertPage, Pictures, inert_page, inert_pictures};
use domain::{Capture, CaptureId, Lead, Snapshot};
use evidence::{CaptureArchive, Stamp, Vault, Viewed, has_media, picture_in};
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
    /// What outside authorities say of when the snapshot was there; nothing while it waits for that.
    pub stamps: Vec<Stamp>,
    /// The capture is a page, not a file of rows.
    is_page: bool,
    /// Pictures that were handed in with a tip, or that the posting shows, each with its addresses.
    images: Vec<(Vec<String>, Vec<u8>)>,
    /// Where the snapshot lies, when it holds a picture of the page.
    with_picture: Option<Vault>,
}

/// Something of a posting's evidence that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The captured page, written anew.
    Page,
    /// Pictures: as a browser showed the page, as they were handed in, or as the posting shows them.
    Pictures,
}

/// The evidence of this number of a lead, out of the index and the desk's vault; `None` if there is
/// none. Whoever shows it to a person logs that first.
pub fn evidence_view(
    store: &dyn Store,
    vault: &Vault,
    lead: &Lead,
    number: usize,
) -> Result<Option<EvidenceView>, PipelineError> {
    let Some(snapshot) = lead.snapshots.get(number).cloned() else { return Ok(None) };
    let Some(capture) = capture_in(store, vault, &snapshot.capture)? else { return Ok(None) };
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
    let mut images = Vec::new();
    for id in tip::screenshots_of(store, &capture)?.iter().chain(images_in(&snapshot, lead)) {
        images.extend(capture_in(store, vault, id)?.map(|image| {
            let bytes = image.content().to_vec();
            (image.redirects.into_iter().chain([image.url]).collect(), bytes)
        }));
    }
    let with_picture = Viewed::is_in(&snapshot.file).then(|| vault.clone());
    let what = format!("snapshots/{}", snapshot.file);
    let stamps = evidence::stamps(vault.desk(), &what, &snapshot.sha256, capture.fetched_at)?;
    let is_page = row.is_none();
    Ok(Some(EvidenceView { snapshot, capture, body, stamps, is_page, images, with_picture }))
}

/// The pictures of the posting that a snapshot holds, in the order in which the page names them.
fn images_in<'l>(snapshot: &Snapshot, lead: &'l Lead) -> impl Iterator<Item = &'l CaptureId> {
    let (posting, page) = (snapshot.posting.clone(), snapshot.capture.clone());
    let of_it = lead.images.iter().filter(move |it| (&it.posting, &it.page) == (&posting, &page));
    let has_media = has_media(&snapshot.file);
    of_it.filter_map(|image| image.capture.as_ref()).filter(move |_| has_media)
}

impl EvidenceView {
    /// What there is to look at, beside the bytes.
    pub fn sights(&self) -> Vec<Sight> {
        let kind = self.capture.header("content-type").unwrap_or_default().to_ascii_lowercase();
        let kinds = ["text/html", "application/xhtml", "multipart/related", "application/warc"];
        let is_page = self.is_page && kinds.iter().any(|page| kind.trim().starts_with(page));
        let has_pictures = self.with_picture.is_some() || !self.images.is_empty();
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
            Sight::Page => {
                let named = self.images.iter().flat_map(|(addresses, bytes)| {
                    addresses.iter().map(|address| (address.clone(), bytes.clone()))
                });
                inert_page(&self.capture, named.collect(), pictures)
                    .map_err(|error| PipelineError::Refused(error.to_string()))
            }
            Sight::Pictures => {
                let mut all: Vec<Vec<u8>> =
                    self.images.iter().map(|(_, bytes)| bytes.clone()).collect();
                if let Some(vault) = &self.with_picture {
                    all.extend(picture_in(vault, &self.snapshot.file)?);
                }
                Ok(Some(inert_pictures(&all, pictures)))
            }
        }
    }
}

/// A capture read back out of the desk's vault.
pub(crate) fn capture_in(
    store: &dyn Store,
    vault: &Vault,
    id: &CaptureId,
) -> Result<Option<Capture>, PipelineError> {
    let Some(stored) = store.capture(id)? else { return Ok(None) };
    Ok(Some(CaptureArchive::read(vault, &stored.file, stored.offset, stored.length)?))
}
