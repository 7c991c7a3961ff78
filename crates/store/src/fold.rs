//! From a batch to the entries of the tree that it writes.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Lead, LeadId, PostingId, Ruling};

use crate::batch::with_walk;
use crate::state::State;
use crate::{Batch, Change, StoreError, StoredCapture, keys, seen, values};

/// Looks an entry up in what is kept.
pub(crate) type Lookup<'a> = &'a dyn Fn(&[u8]) -> Result<Option<Vec<u8>>, StoreError>;

/// Everything that a batch writes, the new state among it. `None` takes an entry out.
pub(crate) struct Writes {
    pub entries: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub state: State,
}

/// Works out what a batch writes to a tree in this state. Writes nothing itself, so a batch that is
/// refused leaves no trace.
pub(crate) fn fold(
    batch: &Batch,
    mut state: State,
    kept: Lookup<'_>,
) -> Result<Writes, StoreError> {
    if let Some(given) = batch.applied {
        if given < state.applied {
            return Err(StoreError::Backwards { applied: state.applied, given });
        }
        state.applied = given;
    }
    let mut staging = Staging { kept, applied: state.applied, entries: BTreeMap::new() };
    for change in &batch.changes {
        staging.stage(change)?;
    }
    let mut entries = BTreeMap::new();
    for (key, new) in staging.entries {
        let old = kept(&key)?;
        if old != new {
            state.account(&key, old.as_deref(), new.as_deref());
            entries.insert(key, new);
        }
    }
    state.batches += 1;
    entries.insert(keys::state(), Some(values::json(&state)?));
    Ok(Writes { entries, state })
}

struct Staging<'a> {
    kept: Lookup<'a>,
    /// The log entry that the batch comes from.
    applied: u64,
    entries: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Staging<'_> {
    fn stage(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::PutSource(source) => self.put(keys::source(&source.id), values::json(source)?),
            Change::PutCapture(stored) => {
                let StoredCapture { id, source, url, payload, .. } = stored;
                self.put(keys::capture(id)?, values::json(stored)?);
                self.put(keys::latest(source, url), values::latest(id, payload)?);
            }
            Change::SeePosting { id, content } => {
                let id = keys::raw_posting(id)?;
                let key = keys::shelf(&id);
                let shelf = seen::put(&id, *content, self.get(&key)?.as_deref())?;
                self.put(key, shelf);
            }
            Change::PutPosting(stored) => {
                self.put(keys::posting(&stored.posting.id)?, values::posting(stored)?);
            }
            Change::PutLead(lead) => self.put_lead(lead)?,
            Change::RemoveLead(id) => self.remove_lead(id)?,
            Change::PutLinkKeys { posting, keys } => {
                for key in keys {
                    self.put(keys::link(key, posting)?, values::nothing());
                }
                self.put(keys::link_keys(posting)?, values::json(keys)?);
            }
            Change::PutKeyUse { key, used } => {
                self.put(keys::key_use(key), values::json(used)?);
            }
            Change::PutRuling(ruling) => self.put_ruling(ruling)?,
            Change::RemoveRuling(seq) => self.remove_ruling(*seq)?,
            Change::SetCheckpoint { source, checkpoint } => {
                self.put(keys::checkpoint(source), values::json(checkpoint)?);
            }
            Change::AddWalk { source, walk } => {
                let key = keys::walks(source);
                let kept = self.get(&key)?.and_then(|kept| values::read_json(&kept));
                let walks = with_walk(kept.unwrap_or_default(), walk);
                self.put(key, values::json(&walks)?);
            }
            Change::PutLease { source, lease } => {
                self.put(keys::lease(source), values::json(lease)?);
            }
            Change::EndLease { source } => {
                self.entries.insert(keys::lease(source), None);
            }
            Change::PutHost(standing) => {
                self.put(keys::host(&standing.host), values::json(standing)?);
            }
            Change::ForgetHost { host } => {
                self.entries.insert(keys::host(host), None);
            }
        }
        Ok(())
    }

    /// The lead itself, its one place in the queue, and the way back from each of its postings.
    fn put_lead(&mut self, lead: &Lead) -> Result<(), StoreError> {
        let key = keys::lead(&lead.id);
        if let Some(old) = self.kept_lead(&key, &lead.id)? {
            self.entries.insert(keys::queue(&old), None);
            let stays: BTreeSet<&PostingId> = lead.postings.iter().collect();
            for posting in old.postings.iter().filter(|posting| !stays.contains(posting)) {
                self.leave(posting, &lead.id)?;
            }
        }
        self.put(key, values::json(lead)?);
        self.put(keys::queue(lead), values::change(self.applied));
        for posting in &lead.postings {
            let (way, to) = (keys::membership(posting)?, values::lead_id(&lead.id));
            // A lead of hundreds of postings changes with each that comes: the ways that stand are not
            // written again.
            if self.get(&way)?.as_ref() != Some(&to) {
                self.put(way, to);
            }
        }
        Ok(())
    }

    fn remove_lead(&mut self, id: &LeadId) -> Result<(), StoreError> {
        let key = keys::lead(id);
        let Some(old) = self.kept_lead(&key, id)? else { return Ok(()) };
        self.entries.insert(keys::queue(&old), None);
        self.entries.insert(key, None);
        for posting in &old.postings {
            self.leave(posting, id)?;
        }
        Ok(())
    }

    /// Where a lead stood and of which postings it was: no more of it is read.
    fn kept_lead(&self, key: &[u8], id: &LeadId) -> Result<Option<Lead>, StoreError> {
        let Some(kept) = self.get(key)? else { return Ok(None) };
        let lead = values::read_standing(&kept).ok_or_else(|| StoreError::Unstorable {
            what: format!("lead {id}"),
            reason: "what is kept of it does not read back".to_owned(),
        })?;
        Ok(Some(lead))
    }

    /// Takes out the way from a posting to this lead. It may have moved to another lead meanwhile;
    /// then its way is right already.
    fn leave(&mut self, posting: &PostingId, lead: &LeadId) -> Result<(), StoreError> {
        let membership = keys::membership(posting)?;
        if self.get(&membership)? == Some(values::lead_id(lead)) {
            self.entries.insert(membership, None);
        }
        Ok(())
    }

    /// The ruling itself, and the way to it from each posting that it names.
    fn put_ruling(&mut self, ruling: &Ruling) -> Result<(), StoreError> {
        for posting in ruling.groups.iter().flatten() {
            let key = keys::ruled(posting)?;
            let kept = self.get(&key)?.and_then(|kept| values::read_json(&kept));
            let mut ruled: BTreeSet<u64> = kept.unwrap_or_default();
            ruled.insert(ruling.seq);
            self.put(key, values::json(&ruled)?);
        }
        self.put(keys::ruling(ruling.seq), values::json(ruling)?);
        Ok(())
    }

    fn remove_ruling(&mut self, seq: u64) -> Result<(), StoreError> {
        let kept = self.get(&keys::ruling(seq))?.and_then(|kept| values::read_json(&kept));
        let Some(ruling): Option<Ruling> = kept else { return Ok(()) };
        for posting in ruling.groups.iter().flatten() {
            let key = keys::ruled(posting)?;
            let kept = self.get(&key)?.and_then(|kept| values::read_json(&kept));
            let mut ruled: BTreeSet<u64> = kept.unwrap_or_default();
            ruled.remove(&seq);
            let left = if ruled.is_empty() { None } else { Some(values::json(&ruled)?) };
            self.entries.insert(key, left);
        }
        self.entries.insert(keys::ruling(seq), None);
        Ok(())
    }

    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.entries.insert(key, Some(value));
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.entries.get(key) {
            Some(staged) => Ok(staged.clone()),
            None => (self.kept)(key),
        }
    }
}
