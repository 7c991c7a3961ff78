use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use domain::{
    CaptureId, Checkpoint, HostStanding, KeyUse, Lead, LeadId, LeadStatus, Lease, LinkKey,
    PostingId, Ruling, Sha256, Source, SourceId, Walk,
};
use jiff::Timestamp;

use crate::batch::with_walk;
use crate::dump::Line;
use crate::keys::{self, AddressDigest};
use crate::store::{Counts, Store};
use crate::{
    Batch, Change, ContentMark, QueueFilter, StoreError, StoredCapture, StoredPosting, values,
};

/// An index that is gone when it is dropped. For the tests of what stands on a store, and the
/// yardstick for every other: it shares no way of keeping or ordering things with them.
#[derive(Default)]
pub struct MemoryStore {
    content: RwLock<Content>,
}

#[derive(Default)]
struct Content {
    applied: u64,
    sources: BTreeMap<SourceId, Source>,
    captures: BTreeMap<CaptureId, StoredCapture>,
    latest: BTreeMap<AddressDigest, (CaptureId, Sha256)>,
    seen: BTreeMap<PostingId, ContentMark>,
    postings: BTreeMap<PostingId, StoredPosting>,
    leads: BTreeMap<LeadId, Lead>,
    last_changes: BTreeMap<LeadId, u64>,
    memberships: BTreeMap<PostingId, LeadId>,
    links: BTreeSet<(LinkKey, PostingId)>,
    key_uses: BTreeMap<LinkKey, KeyUse>,
    link_keys: BTreeMap<PostingId, Vec<LinkKey>>,
    rulings: BTreeMap<u64, Ruling>,
    ruled: BTreeMap<PostingId, BTreeSet<u64>>,
    checkpoints: BTreeMap<SourceId, Checkpoint>,
    walks: BTreeMap<SourceId, Vec<Walk>>,
    leases: BTreeMap<SourceId, Lease>,
    hosts: BTreeMap<String, HostStanding>,
}

impl Content {
    /// Nothing is refused here any more: `check` has seen the batch.
    fn apply(&mut self, change: &Change) {
        match change {
            Change::PutSource(source) => {
                self.sources.insert(source.id.clone(), source.clone());
            }
            Change::PutCapture(stored) => {
                let StoredCapture { id, source, url, payload, .. } = stored;
                self.latest.insert(keys::address(source, url), (id.clone(), *payload));
                self.captures.insert(id.clone(), stored.clone());
            }
            Change::SeePosting { id, content } => {
                self.seen.insert(id.clone(), *content);
            }
            Change::PutPosting(stored) => {
                self.postings.insert(stored.posting.id.clone(), as_read_back(stored));
            }
            Change::PutLead(lead) => {
                for posting in self.leads.get(&lead.id).into_iter().flat_map(|old| &old.postings) {
                    if self.memberships.get(posting) == Some(&lead.id) {
                        self.memberships.remove(posting);
                    }
                }
                for posting in &lead.postings {
                    self.memberships.insert(posting.clone(), lead.id.clone());
                }
                self.leads.insert(lead.id.clone(), lead.clone());
                self.last_changes.insert(lead.id.clone(), self.applied);
            }
            Change::RemoveLead(id) => {
                let removed = self.leads.remove(id);
                self.last_changes.remove(id);
                for posting in removed.iter().flat_map(|old| &old.postings) {
                    if self.memberships.get(posting) == Some(id) {
                        self.memberships.remove(posting);
                    }
                }
            }
            Change::PutLinkKeys { posting, keys } => {
                self.links.extend(keys.iter().map(|key| (key.clone(), posting.clone())));
                self.link_keys.insert(posting.clone(), keys.clone());
            }
            Change::PutKeyUse { key, used } => {
                self.key_uses.insert(key.clone(), used.clone());
            }
            Change::PutRuling(ruling) => {
                for posting in ruling.groups.iter().flatten() {
                    self.ruled.entry(posting.clone()).or_default().insert(ruling.seq);
                }
                self.rulings.insert(ruling.seq, ruling.clone());
            }
            Change::RemoveRuling(seq) => {
                let ruling = self.rulings.remove(seq);
                for posting in ruling.iter().flat_map(|ruling| &ruling.groups).flatten() {
                    if let Some(ruled) = self.ruled.get_mut(posting) {
                        ruled.remove(seq);
                    }
                }
                self.ruled.retain(|_, ruled| !ruled.is_empty());
            }
            Change::SetCheckpoint { source, checkpoint } => {
                self.checkpoints.insert(source.clone(), checkpoint.clone());
            }
            Change::AddWalk { source, walk } => {
                let walks = self.walks.entry(source.clone()).or_default();
                *walks = with_walk(std::mem::take(walks), walk);
            }
            Change::PutLease { source, lease } => {
                self.leases.insert(source.clone(), lease.clone());
            }
            Change::EndLease { source } => {
                self.leases.remove(source);
            }
            Change::PutHost(standing) => {
                self.hosts.insert(standing.host.clone(), standing.clone());
            }
            Change::ForgetHost { host } => {
                self.hosts.remove(host);
            }
        }
    }

    fn counts(&self) -> Counts {
        let of = |status| self.leads.values().filter(|lead| lead.status() == status).count() as u64;
        Counts {
            sources: self.sources.len() as u64,
            captures: self.captures.len() as u64,
            postings_seen: self.seen.len() as u64,
            postings_flagged: self.postings.len() as u64,
            leads_open: of(LeadStatus::Open),
            leads_claimed: of(LeadStatus::Claimed),
            leads_decided: of(LeadStatus::Decided),
        }
    }

    fn in_order(&self) -> Vec<&Lead> {
        let mut leads: Vec<_> = self.leads.values().collect();
        leads.sort_by_key(|lead| (Reverse(lead.score), lead.opened_at, &lead.id));
        leads
    }
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> RwLockReadGuard<'_, Content> {
        self.content.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        let applied = content.applied;
        if let Some(given) = batch.applied.filter(|given| *given < applied) {
            return Err(StoreError::Backwards { applied, given });
        }
        batch.changes.iter().try_for_each(check)?;
        content.applied = batch.applied.unwrap_or(applied);
        for change in &batch.changes {
            content.apply(change);
        }
        Ok(())
    }

    fn commit_relaxed(&self, batch: &Batch) -> Result<(), StoreError> {
        self.commit(batch)
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn applied(&self) -> Result<u64, StoreError> {
        Ok(self.read().applied)
    }

    fn sources(&self) -> Result<Vec<Source>, StoreError> {
        Ok(self.read().sources.values().cloned().collect())
    }

    fn source(&self, id: &SourceId) -> Result<Option<Source>, StoreError> {
        Ok(self.read().sources.get(id).cloned())
    }

    fn capture(&self, id: &CaptureId) -> Result<Option<StoredCapture>, StoreError> {
        keys::raw_capture(id)?;
        Ok(self.read().captures.get(id).cloned())
    }

    fn latest_payload(
        &self,
        source: &SourceId,
        url: &str,
    ) -> Result<Option<(CaptureId, Sha256)>, StoreError> {
        Ok(self.read().latest.get(&keys::address(source, url)).cloned())
    }

    fn seen(&self, posting: &PostingId) -> Result<Option<ContentMark>, StoreError> {
        keys::raw_posting(posting)?;
        Ok(self.read().seen.get(posting).copied())
    }

    fn posting(&self, id: &PostingId) -> Result<Option<StoredPosting>, StoreError> {
        keys::raw_posting(id)?;
        Ok(self.read().postings.get(id).cloned())
    }

    fn lead(&self, id: &LeadId) -> Result<Option<Lead>, StoreError> {
        Ok(self.read().leads.get(id).cloned())
    }

    fn lead_of(&self, posting: &PostingId) -> Result<Option<LeadId>, StoreError> {
        keys::raw_posting(posting)?;
        Ok(self.read().memberships.get(posting).cloned())
    }

    fn queue(&self, filter: &QueueFilter, limit: usize) -> Result<Vec<Lead>, StoreError> {
        let content = self.read();
        let mut wanted = Vec::new();
        for lead in content.in_order() {
            if wanted.len() == limit {
                break;
            }
            if filter.admits(lead, |posting| Ok(content.postings.get(posting).cloned()))? {
                wanted.push(lead.clone());
            }
        }
        Ok(wanted)
    }

    fn last_changes(&self) -> Result<Vec<(LeadId, u64)>, StoreError> {
        Ok(self.read().last_changes.clone().into_iter().collect())
    }

    fn leads(&self, after: Option<&LeadId>, limit: usize) -> Result<Vec<Lead>, StoreError> {
        let content = self.read();
        let rest = content.leads.values().filter(|lead| after.is_none_or(|after| lead.id > *after));
        Ok(rest.take(limit).cloned().collect())
    }

    fn linked(&self, key: &LinkKey, limit: usize) -> Result<Vec<PostingId>, StoreError> {
        let content = self.read();
        let under = content.links.iter().filter(|(other, _)| other == key);
        Ok(under.map(|(_, posting)| posting.clone()).take(limit).collect())
    }

    fn link_keys(&self, posting: &PostingId) -> Result<Vec<LinkKey>, StoreError> {
        keys::raw_posting(posting)?;
        Ok(self.read().link_keys.get(posting).cloned().unwrap_or_default())
    }

    fn key_use(&self, key: &LinkKey) -> Result<Option<KeyUse>, StoreError> {
        Ok(self.read().key_uses.get(key).cloned())
    }

    fn ruling(&self, seq: u64) -> Result<Option<Ruling>, StoreError> {
        Ok(self.read().rulings.get(&seq).cloned())
    }

    fn ruled(&self, posting: &PostingId) -> Result<Vec<u64>, StoreError> {
        keys::raw_posting(posting)?;
        let content = self.read();
        Ok(content.ruled.get(posting).into_iter().flatten().copied().collect())
    }

    fn checkpoint(&self, source: &SourceId) -> Result<Option<Checkpoint>, StoreError> {
        Ok(self.read().checkpoints.get(source).cloned())
    }

    fn walks(&self, source: &SourceId) -> Result<Vec<Walk>, StoreError> {
        Ok(self.read().walks.get(source).cloned().unwrap_or_default())
    }

    fn take_lease(
        &self,
        source: &SourceId,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        let held = content.leases.get(source);
        if let Some(held) = held.filter(|held| held.keeps_out(&lease.holder, now)) {
            return Ok(Some(held.clone()));
        }
        content.leases.insert(source.clone(), lease.clone());
        Ok(None)
    }

    fn end_lease(&self, source: &SourceId, holder: &str) -> Result<(), StoreError> {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        if content.leases.get(source).is_some_and(|held| held.holder == holder) {
            content.leases.remove(source);
        }
        Ok(())
    }

    fn leases(&self) -> Result<Vec<(SourceId, Lease)>, StoreError> {
        Ok(self.read().leases.iter().map(|(id, lease)| (id.clone(), lease.clone())).collect())
    }

    fn hosts(&self) -> Result<Vec<HostStanding>, StoreError> {
        Ok(self.read().hosts.values().cloned().collect())
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        Ok(self.read().counts())
    }

    fn dump(&self, write: &mut dyn Write) -> Result<(), StoreError> {
        let content = self.read();
        let mut lines = vec![Line::State { applied: content.applied, counts: content.counts() }];
        lines.extend(content.sources.values().cloned().map(|source| Line::Source { source }));
        lines.extend(content.captures.values().cloned().map(|capture| Line::Capture { capture }));
        for (address, (capture, payload)) in &content.latest {
            let address = domain::hex(address);
            lines.push(Line::Latest { address, capture: capture.clone(), payload: *payload });
        }
        for (posting, seen) in &content.seen {
            lines.push(Line::seen(posting.clone(), *seen));
        }
        for stored in content.postings.values() {
            lines.push(Line::Posting { stored: Box::new(stored.clone()) });
        }
        lines.extend(content.leads.values().cloned().map(|lead| Line::Lead { lead }));
        for (posting, lead) in &content.memberships {
            lines.push(Line::Membership { posting: posting.clone(), lead: lead.clone() });
        }
        for status in [LeadStatus::Open, LeadStatus::Claimed, LeadStatus::Decided] {
            let of_status = content.in_order().into_iter().filter(|lead| lead.status() == status);
            lines.extend(of_status.map(|lead| Line::Queue { status, lead: lead.id.clone() }));
        }
        for (link, posting) in &content.links {
            lines.push(Line::Link { link: link.clone(), posting: posting.clone() });
        }
        for (source, checkpoint) in &content.checkpoints {
            let (source, checkpoint) = (source.clone(), checkpoint.clone());
            lines.push(Line::Checkpoint { source, checkpoint });
        }
        for (source, walks) in &content.walks {
            lines.push(Line::Walks { source: source.clone(), walks: walks.clone() });
        }
        for (link, used) in &content.key_uses {
            lines.push(Line::KeyUse { link: link.clone(), used: used.clone() });
        }
        for (posting, keys) in &content.link_keys {
            lines.push(Line::LinkKeys { posting: posting.clone(), keys: keys.clone() });
        }
        for ruling in content.rulings.values() {
            lines.push(Line::Ruling { ruling: ruling.clone() });
        }
        for (posting, ruled) in &content.ruled {
            let rulings = ruled.iter().copied().collect();
            lines.push(Line::Ruled { posting: posting.clone(), rulings });
        }
        for (source, lease) in &content.leases {
            lines.push(Line::Lease { source: source.clone(), lease: lease.clone() });
        }
        lines.extend(content.hosts.values().cloned().map(|standing| Line::Host { standing }));
        lines.iter().try_for_each(|line| line.write(write))
    }
}

/// Refuses what no store can keep.
fn check(change: &Change) -> Result<(), StoreError> {
    match change {
        Change::PutCapture(stored) => keys::raw_capture(&stored.id).map(drop),
        Change::SeePosting { id, .. } => keys::raw_posting(id).map(drop),
        Change::PutPosting(stored) => {
            keys::raw_posting(&stored.posting.id)?;
            values::posting(stored).map(drop)
        }
        Change::PutLead(lead) => {
            lead.postings.iter().try_for_each(|id| keys::raw_posting(id).map(drop))
        }
        Change::PutLinkKeys { posting, .. } => keys::raw_posting(posting).map(drop),
        Change::PutRuling(ruling) => {
            ruling.groups.iter().flatten().try_for_each(|id| keys::raw_posting(id).map(drop))
        }
        Change::PutSource(_)
        | Change::RemoveLead(_)
        | Change::RemoveRuling(_)
        | Change::PutKeyUse { .. }
        | Change::SetCheckpoint { .. }
        | Change::AddWalk { .. }
        | Change::PutLease { .. }
        | Change::EndLease { .. }
        | Change::PutHost(_)
        | Change::ForgetHost { .. } => Ok(()),
    }
}

/// As it comes out of a store that keeps it as JSON: pay that is no number is no pay.
fn as_read_back(stored: &StoredPosting) -> StoredPosting {
    let kept = values::posting(stored).ok();
    kept.and_then(|kept| values::read_json(&kept)).unwrap_or_else(|| stored.clone())
}
