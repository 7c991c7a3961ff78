//! What entries of the log change, on top of what the index holds. Entry after entry may be folded
//! before any of it is committed: each sees what those before it changed, so that the same is written
//! however the entries are cut into batches.

use std::collections::BTreeMap;

use domain::{CaptureId, PostingId, Source, SourceId};
use store::{Batch, Change, ContentMark, Store, StoreError, StoredCapture};

use crate::network::StagedNetwork;

/// So many postings may wait in memory to be committed, and those of one page more.
const MOST_POSTINGS: usize = 2_000;

/// The index with the changes to it that are not committed yet.
pub(crate) struct Staging<'s> {
    store: &'s dyn Store,
    pub(crate) network: StagedNetwork<'s>,
    /// In the order in which they came.
    plain: Vec<Change>,
    sources: BTreeMap<SourceId, Source>,
    captures: BTreeMap<CaptureId, StoredCapture>,
    seen: BTreeMap<PostingId, ContentMark>,
    applied: Option<u64>,
}

impl<'s> Staging<'s> {
    pub(crate) fn new(store: &'s dyn Store) -> Self {
        Self {
            store,
            network: StagedNetwork::new(store),
            plain: Vec::new(),
            sources: BTreeMap::new(),
            captures: BTreeMap::new(),
            seen: BTreeMap::new(),
            applied: None,
        }
    }

    /// What is staged from now on is of this entry.
    pub(crate) fn begin(&mut self, entry: u64) {
        self.applied = Some(entry);
    }

    /// Stages a change of what no entry of a batch asks for again.
    pub(crate) fn put(&mut self, change: Change) {
        self.plain.push(change);
    }

    pub(crate) fn put_source(&mut self, source: Source) {
        self.sources.insert(source.id.clone(), source.clone());
        self.plain.push(Change::PutSource(source));
    }

    pub(crate) fn put_capture(&mut self, capture: StoredCapture) {
        self.captures.insert(capture.id.clone(), capture.clone());
        self.plain.push(Change::PutCapture(capture));
    }

    pub(crate) fn see(&mut self, id: PostingId, content: ContentMark) {
        self.seen.insert(id, content);
    }

    pub(crate) fn source(&self, id: &SourceId) -> Result<Option<Source>, StoreError> {
        match self.sources.get(id) {
            Some(staged) => Ok(Some(staged.clone())),
            None => self.store.source(id),
        }
    }

    pub(crate) fn capture(&self, id: &CaptureId) -> Result<Option<StoredCapture>, StoreError> {
        match self.captures.get(id) {
            Some(staged) => Ok(Some(staged.clone())),
            None => self.store.capture(id),
        }
    }

    pub(crate) fn seen(&self, posting: &PostingId) -> Result<Option<ContentMark>, StoreError> {
        match self.seen.get(posting) {
            Some(staged) => Ok(Some(*staged)),
            None => self.store.seen(posting),
        }
    }

    /// So many postings were read that it is time to commit: each may take some kilobytes.
    pub(crate) fn is_large(&self) -> bool {
        self.seen.len() >= MOST_POSTINGS
    }

    /// All of it, as one batch; nothing is staged any more.
    pub(crate) fn take_batch(&mut self) -> Batch {
        let Self { plain, seen, network, applied, .. } =
            std::mem::replace(self, Self::new(self.store));
        let mut changes = plain;
        let seen = seen.into_iter();
        changes.extend(seen.map(|(id, content)| Change::SeePosting { id, content }));
        changes.extend(network.into_changes());
        Batch { changes, applied }
    }
}
