//! The contract over plain ordered records: what is the same for every home of the index.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::{
    CaptureId, Checkpoint, Lead, LeadId, LeadStatus, LinkKind, PostingId, Sha256, Source, SourceId,
};

use crate::keys::{self, META, Meta, QUEUE_ID, kind};
use crate::{
    Batch, Change, Counts, QueueFilter, Seen, Store, StoreError, StoredCapture, StoredPosting,
};

/// What a batch comes down to: a value, or `None` to remove.
pub type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Ordered records under byte keys; the least that a home of the index must do.
pub trait Records: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Visits keys with this prefix in order, until `visit` says `false`.
    fn scan(
        &self,
        prefix: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError>;
    /// Takes all writes or none.
    fn write(&self, writes: Writes) -> Result<(), StoreError>;
    /// Makes what was written stay.
    fn make_durable(&self) -> Result<(), StoreError>;
}

/// An index over some records.
#[derive(Default)]
pub struct Index<R> {
    pub(crate) records: R,
    /// One writer at a time: counts are read, changed and written back.
    writing: Mutex<()>,
}

impl<R: Records> Index<R> {
    pub(crate) fn over(records: R) -> Self {
        Self { records, writing: Mutex::new(()) }
    }

    pub(crate) fn meta(&self) -> Result<Meta, StoreError> {
        self.records.get(META)?.map_or(Ok(Meta::default()), |bytes| keys::read(&bytes))
    }

    fn writer(&self) -> MutexGuard<'_, ()> {
        // A writer that panicked has written nothing: its batch is one write at its end.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, batch: &Batch) -> Result<(), StoreError> {
        let _writer = self.writer();
        let mut pending =
            Pending { records: &self.records, writes: Writes::new(), meta: self.meta()? };
        for change in &batch.changes {
            pending.change(change)?;
        }
        if let Some(applied) = batch.applied {
            pending.meta.applied = applied;
        }
        let Pending { mut writes, meta, .. } = pending;
        writes.insert(META.to_vec(), Some(keys::value(&meta)));
        self.records.write(writes)
    }

    fn read<T: serde::de::DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.records.get(key)?.map(|bytes| keys::read(&bytes)).transpose()
    }

    fn matches(&self, filter: &QueueFilter, lead: &Lead) -> Result<bool, StoreError> {
        if !filter.matches_lead(lead) {
            return Ok(false);
        }
        if !filter.asks_for_postings() {
            return Ok(true);
        }
        for id in &lead.postings {
            if self.posting(id)?.is_some_and(|stored| filter.matches_posting(&stored)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn queue_of(
        &self,
        status: LeadStatus,
        filter: &QueueFilter,
        limit: usize,
        leads: &mut Vec<Lead>,
    ) -> Result<(), StoreError> {
        let mut found = 0;
        self.records.scan(&keys::queue_prefix(status), &mut |key, _| {
            let id =
                std::str::from_utf8(key.get(QUEUE_ID..).unwrap_or_default()).unwrap_or_default();
            let lead: Option<Lead> = self.read(&keys::key(kind::LEAD, id))?;
            let lead = lead.ok_or_else(|| {
                StoreError::Damaged(format!("the queue names lead `{id}`, which is not there"))
            })?;
            if self.matches(filter, &lead)? {
                found += 1;
                leads.push(lead);
            }
            Ok(found < limit)
        })
    }
}

/// A batch on its way to becoming writes.
struct Pending<'a, R> {
    records: &'a R,
    writes: Writes,
    meta: Meta,
}

impl<R: Records> Pending<'_, R> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.writes.get(key) {
            Some(pending) => Ok(pending.clone()),
            None => self.records.get(key),
        }
    }

    /// Puts a record; tells whether its key is new.
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<bool, StoreError> {
        let new = self.get(&key)?.is_none();
        self.meta.records += u64::from(new);
        self.writes.insert(key, Some(value));
        Ok(new)
    }

    fn remove(&mut self, key: Vec<u8>) -> Result<(), StoreError> {
        if self.get(&key)?.is_some() {
            self.meta.records -= 1;
            self.writes.insert(key, None);
        }
        Ok(())
    }

    fn change(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::PutSource(source) => {
                let new =
                    self.put(keys::key(kind::SOURCE, source.id.as_str()), keys::value(source))?;
                self.meta.counts.sources += u64::from(new);
            }
            Change::PutCapture { id, source, url, payload, file, offset, length, .. } => {
                let stored = StoredCapture {
                    source: source.clone(),
                    file: file.clone(),
                    offset: *offset,
                    length: *length,
                };
                let new = self.put(keys::capture(id), keys::value(&stored))?;
                self.meta.counts.captures += u64::from(new);
                self.put(keys::latest(source, url), keys::value(&(id, payload)))?;
            }
            Change::SeePosting { id, content, band, .. } => {
                let new = self.put(keys::seen(id), keys::seen_value(content, *band))?;
                self.meta.counts.postings_seen += u64::from(new);
            }
            Change::PutPosting(stored) => {
                let new = self.put(keys::posting(&stored.posting.id), keys::value(stored))?;
                self.meta.counts.postings_flagged += u64::from(new);
            }
            Change::PutLead(lead) => self.put_lead(lead)?,
            Change::PutLinkKey { kind, value, posting, lead } => {
                self.put(keys::link(*kind, value, posting), keys::value(&(posting, lead)))?;
            }
            Change::SetCheckpoint { source, checkpoint } => {
                self.put(keys::key(kind::CHECKPOINT, source.as_str()), keys::value(checkpoint))?;
            }
        }
        Ok(())
    }

    fn put_lead(&mut self, lead: &Lead) -> Result<(), StoreError> {
        let key = keys::lead(&lead.id);
        if let Some(before) = self.get(&key)? {
            let before: Lead = keys::read(&before)?;
            *count_of(&mut self.meta.counts, before.status()) -= 1;
            self.remove(keys::queue(&before))?;
        }
        *count_of(&mut self.meta.counts, lead.status()) += 1;
        self.put(keys::queue(lead), vec![keys::VALUE_FORMAT])?;
        self.put(key, keys::value(lead))?;
        Ok(())
    }
}

fn count_of(counts: &mut Counts, status: LeadStatus) -> &mut u64 {
    match status {
        LeadStatus::Open => &mut counts.leads_open,
        LeadStatus::Claimed => &mut counts.leads_claimed,
        LeadStatus::Decided => &mut counts.leads_decided,
    }
}

impl<R: Records> Store for Index<R> {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        self.take(batch)?;
        self.records.make_durable()
    }

    fn commit_relaxed(&self, batch: &Batch) -> Result<(), StoreError> {
        self.take(batch)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.records.make_durable()
    }

    fn applied(&self) -> Result<u64, StoreError> {
        Ok(self.meta()?.applied)
    }

    fn source(&self, id: &SourceId) -> Result<Option<Source>, StoreError> {
        self.read(&keys::key(kind::SOURCE, id.as_str()))
    }

    fn capture(&self, id: &CaptureId) -> Result<Option<StoredCapture>, StoreError> {
        self.read(&keys::capture(id))
    }

    fn latest_payload(
        &self,
        source: &SourceId,
        url: &str,
    ) -> Result<Option<(CaptureId, Sha256)>, StoreError> {
        self.read(&keys::latest(source, url))
    }

    fn seen(&self, id: &PostingId) -> Result<Option<Seen>, StoreError> {
        self.records.get(&keys::seen(id))?.map(|bytes| keys::read_seen(&bytes)).transpose()
    }

    fn posting(&self, id: &PostingId) -> Result<Option<StoredPosting>, StoreError> {
        self.read(&keys::posting(id))
    }

    fn lead(&self, id: &LeadId) -> Result<Option<Lead>, StoreError> {
        self.read(&keys::lead(id))
    }

    fn queue(&self, filter: &QueueFilter, limit: usize) -> Result<Vec<Lead>, StoreError> {
        let mut leads = Vec::new();
        for status in [LeadStatus::Open, LeadStatus::Claimed, LeadStatus::Decided] {
            if filter.wants(status) && limit > 0 {
                self.queue_of(status, filter, limit, &mut leads)?;
            }
        }
        leads.sort_by(|a, b| (b.score, a.opened_at, &a.id).cmp(&(a.score, b.opened_at, &b.id)));
        leads.truncate(limit);
        Ok(leads)
    }

    fn linked(&self, kind: LinkKind, value: &str) -> Result<Vec<(PostingId, LeadId)>, StoreError> {
        let mut found = Vec::new();
        self.records.scan(&keys::link_prefix(kind, value), &mut |_, bytes| {
            found.push(keys::read(bytes)?);
            Ok(true)
        })?;
        Ok(found)
    }

    fn checkpoint(&self, source: &SourceId) -> Result<Option<Checkpoint>, StoreError> {
        self.read(&keys::key(kind::CHECKPOINT, source.as_str()))
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        Ok(self.meta()?.counts)
    }

    fn dump(&self, out: &mut dyn Write) -> Result<(), StoreError> {
        let failed = |error| StoreError::file("write", "the dump")(error);
        self.records.scan(&[], &mut |key, value| {
            let hex =
                |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            writeln!(out, "{} {}", hex(key), hex(value)).map_err(failed)?;
            Ok(true)
        })
    }
}
