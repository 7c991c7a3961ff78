//! What the index answers, entry by entry, and what it is told.

use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::PoisonError;

use domain::{
    CaptureId, Checkpoint, HostStanding, KeyUse, Lead, LeadId, Lease, LinkKey, PostingId, Ruling,
    Sha256, Source, SourceId, Walk,
};
use jiff::Timestamp;

use super::SledStore;
use crate::dump::Line;
use crate::engine::Engine;
use crate::sidecar::VIEW;
use crate::store::{Counts, Store};
use crate::{
    Batch, Change, ContentMark, QueueFilter, StoreError, StoredCapture, StoredPosting, keys, seen,
    values,
};

impl Store for SledStore {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.apply(batch)?;
        self.make_durable()
    }

    fn commit_relaxed(&self, batch: &Batch) -> Result<(), StoreError> {
        self.apply(batch)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.make_durable()
    }

    fn applied(&self) -> Result<u64, StoreError> {
        self.engine()?;
        Ok(self.read_state().applied)
    }

    fn sources(&self) -> Result<Vec<Source>, StoreError> {
        self.read_all(&[keys::Kind::Source as u8], |_, value| values::read_json(value))
    }

    fn source(&self, id: &SourceId) -> Result<Option<Source>, StoreError> {
        self.read(&keys::source(id), values::read_json)
    }

    fn capture(&self, id: &CaptureId) -> Result<Option<StoredCapture>, StoreError> {
        self.read(&keys::capture(id)?, values::read_json)
    }

    fn latest_payload(
        &self,
        source: &SourceId,
        url: &str,
    ) -> Result<Option<(CaptureId, Sha256)>, StoreError> {
        self.read(&keys::latest(source, url), values::read_latest)
    }

    fn seen(&self, posting: &PostingId) -> Result<Option<ContentMark>, StoreError> {
        let id = keys::raw_posting(posting)?;
        let mark = self.read(&keys::shelf(&id), |shelf| Some(seen::mark_of(&id, shelf)))?;
        Ok(mark.flatten())
    }

    fn posting(&self, id: &PostingId) -> Result<Option<StoredPosting>, StoreError> {
        self.read(&keys::posting(id)?, values::read_json)
    }

    fn lead(&self, id: &LeadId) -> Result<Option<Lead>, StoreError> {
        self.read(&keys::lead(id), values::read_json)
    }

    fn lead_of(&self, posting: &PostingId) -> Result<Option<LeadId>, StoreError> {
        self.read(&keys::membership(posting)?, values::read_lead_id)
    }

    fn queue(&self, filter: &QueueFilter, limit: usize) -> Result<Vec<Lead>, StoreError> {
        let _whole_batches = self.read_state();
        let leads = self.walk_queue(filter, limit);
        self.watch(leads)
    }

    fn leads(&self, after: Option<&LeadId>, limit: usize) -> Result<Vec<Lead>, StoreError> {
        // No key lies between a lead's and the same with a zero byte at its end.
        let first = after.map_or_else(
            || vec![keys::Kind::Lead as u8],
            |after| [keys::lead(after), vec![0]].concat(),
        );
        let behind = vec![keys::Kind::Lead as u8 + 1];
        self.read_range(first..behind, limit, |_, value| values::read_json(value))
    }

    fn last_changes(&self) -> Result<Vec<(LeadId, u64)>, StoreError> {
        let mut changes = self.read_all(&[keys::Kind::Queue as u8], |key, value| {
            let (_, place) = keys::queue_parts(key)?;
            Some((keys::lead_of_place(place)?, values::read_change(value)?))
        })?;
        changes.sort_unstable();
        Ok(changes)
    }

    fn view_file(&self) -> Option<PathBuf> {
        Some(self.dir.join(VIEW))
    }

    fn linked(&self, key: &LinkKey, limit: usize) -> Result<Vec<PostingId>, StoreError> {
        self.read_first(&keys::links_of(key), limit, |entry, _| Some(keys::link_parts(entry)?.1))
    }

    fn link_keys(&self, posting: &PostingId) -> Result<Vec<LinkKey>, StoreError> {
        Ok(self.read(&keys::link_keys(posting)?, values::read_json)?.unwrap_or_default())
    }

    fn key_use(&self, key: &LinkKey) -> Result<Option<KeyUse>, StoreError> {
        self.read(&keys::key_use(key), values::read_json)
    }

    fn ruling(&self, seq: u64) -> Result<Option<Ruling>, StoreError> {
        self.read(&keys::ruling(seq), values::read_json)
    }

    fn ruled(&self, posting: &PostingId) -> Result<Vec<u64>, StoreError> {
        Ok(self.read(&keys::ruled(posting)?, values::read_json)?.unwrap_or_default())
    }

    fn checkpoint(&self, source: &SourceId) -> Result<Option<Checkpoint>, StoreError> {
        self.read(&keys::checkpoint(source), values::read_json)
    }

    fn walks(&self, source: &SourceId) -> Result<Vec<Walk>, StoreError> {
        Ok(self.read(&keys::walks(source), values::read_json)?.unwrap_or_default())
    }

    fn take_lease(
        &self,
        source: &SourceId,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let _one_at_a_time = self.leasing.lock().unwrap_or_else(PoisonError::into_inner);
        let held: Option<Lease> = self.read(&keys::lease(source), values::read_json)?;
        if let Some(held) = held.filter(|held| held.keeps_out(&lease.holder, now)) {
            return Ok(Some(held));
        }
        let change = Change::PutLease { source: source.clone(), lease: lease.clone() };
        self.apply(&Batch { changes: vec![change], applied: None })?;
        Ok(None)
    }

    fn end_lease(&self, source: &SourceId, holder: &str) -> Result<(), StoreError> {
        let _one_at_a_time = self.leasing.lock().unwrap_or_else(PoisonError::into_inner);
        let held: Option<Lease> = self.read(&keys::lease(source), values::read_json)?;
        if held.is_none_or(|held| held.holder != holder) {
            return Ok(());
        }
        let change = Change::EndLease { source: source.clone() };
        self.apply(&Batch { changes: vec![change], applied: None })
    }

    fn leases(&self) -> Result<Vec<(SourceId, Lease)>, StoreError> {
        self.read_all(&[keys::Kind::Lease as u8], |key, value| {
            Some((keys::text_id(key.get(1..)?)?, values::read_json(value)?))
        })
    }

    fn hosts(&self) -> Result<Vec<HostStanding>, StoreError> {
        self.read_all(&[keys::Kind::Host as u8], |_, value| values::read_json(value))
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        self.engine()?;
        Ok(self.read_state().counts)
    }

    fn dump(&self, write: &mut dyn Write) -> Result<(), StoreError> {
        let state = self.read_state();
        let engine = self.engine()?;
        Line::State { applied: state.applied, counts: state.counts }.write(write)?;
        let dumped = engine.with(|db| {
            for entry in db.range([keys::Kind::State as u8 + 1]..) {
                let (key, value) = entry.map_err(|error| engine.error(error))?;
                let lines = Line::of(&key, &value).ok_or_else(|| unreadable(&engine, &key))?;
                lines.iter().try_for_each(|line| line.write(write))?;
            }
            Ok(())
        });
        self.watch(dumped)
    }
}

impl SledStore {
    /// One entry, decoded.
    fn read<T>(
        &self,
        key: &[u8],
        decode: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let engine = self.engine()?;
        let entry = engine.get(key).and_then(|value| match value {
            None => Ok(None),
            Some(value) => decode(&value).map(Some).ok_or_else(|| unreadable(&engine, key)),
        });
        self.watch(entry)
    }

    /// All entries whose keys start with this, decoded, in the order of their keys.
    fn read_all<T>(
        &self,
        prefix: &[u8],
        decode: impl Fn(&[u8], &[u8]) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.read_first(prefix, usize::MAX, decode)
    }

    /// The first of them.
    fn read_first<T>(
        &self,
        prefix: &[u8],
        limit: usize,
        decode: impl Fn(&[u8], &[u8]) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.decode(|db| db.scan_prefix(prefix), limit, decode)
    }

    /// The first entries whose keys lie in a range.
    fn read_range<T>(
        &self,
        range: Range<Vec<u8>>,
        limit: usize,
        decode: impl Fn(&[u8], &[u8]) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.decode(|db| db.range(range), limit, decode)
    }

    fn decode<T>(
        &self,
        entries: impl FnOnce(&sled::Db) -> sled::Iter,
        limit: usize,
        decode: impl Fn(&[u8], &[u8]) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let _whole_batches = self.read_state();
        let engine = self.engine()?;
        let entries = engine.with(|db| {
            let mut decoded = Vec::new();
            for entry in entries(db).take(limit) {
                let (key, value) = entry.map_err(|error| engine.error(error))?;
                decoded.push(decode(&key, &value).ok_or_else(|| unreadable(&engine, &key))?);
            }
            Ok(decoded)
        });
        self.watch(entries)
    }

    /// Walks the wanted statuses side by side: each is in order, the first of all comes next.
    fn walk_queue(&self, filter: &QueueFilter, limit: usize) -> Result<Vec<Lead>, StoreError> {
        let engine = self.engine()?;
        engine.with(|db| {
            let scan = |status: &_| db.scan_prefix(keys::queue_of(*status)).keys().peekable();
            let mut walks: Vec<_> = filter.statuses().iter().map(scan).collect();
            let mut leads = Vec::new();
            while leads.len() < limit {
                let mut first: Option<(usize, Vec<u8>)> = None;
                for (walk, keys) in walks.iter_mut().enumerate() {
                    let key = match keys.peek() {
                        None => continue,
                        Some(Ok(key)) => key,
                        Some(Err(error)) => return Err(engine.error(error.clone())),
                    };
                    let (_, place) =
                        keys::queue_parts(key).ok_or_else(|| unreadable(&engine, key))?;
                    if first.as_ref().is_none_or(|(_, earliest)| place < &**earliest) {
                        first = Some((walk, place.to_vec()));
                    }
                }
                let Some((walk, place)) = first else { break };
                walks[walk].next();
                let lead = keys::lead_of_place(&place).map(|id| self.lead(&id)).transpose()?;
                let lead = lead.flatten().ok_or_else(|| {
                    engine.damaged("the queue has a place for a lead that is not there")
                })?;
                if filter.admits(&lead, |posting| self.posting(posting))? {
                    leads.push(lead);
                }
            }
            Ok(leads)
        })
    }
}

fn unreadable(engine: &Engine, key: &[u8]) -> StoreError {
    engine
        .damaged(format!("the entry {} does not read back", domain::hex(&key[..key.len().min(16)])))
}
