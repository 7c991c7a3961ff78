//! What linking asks of the network, and tells it.

use std::collections::BTreeSet;

use domain::{LeadId, LinkKey, PostingId};
use link::{Met, Network, Part, Retold, Said, Signs, Ties};
use store::StoreError;

use super::StagedNetwork;

impl Network for StagedNetwork<'_> {
    type Posting = PostingId;
    type Key = LinkKey;
    type Group = LeadId;
    type Signs = Signs;
    type Error = StoreError;

    fn meet(
        &mut self,
        key: &LinkKey,
        flagged: Option<&PostingId>,
        signs: &Signs,
    ) -> Result<Met<PostingId>, StoreError> {
        let mut used = self.key_use(key)?;
        let was_stopped = link::is_stopped(&used);
        if signs.concern(key.kind) && link::learn(&mut used, key.kind, signs) {
            self.key_uses.insert(key.clone(), used.clone());
        }
        let mut met = Met { other: None, was_stopped, is_stopped: link::is_stopped(&used) };
        if let Some(posting) = flagged {
            let staged = self.holders.entry(key.clone()).or_default();
            met.other = staged.iter().find(|other| *other != posting).cloned();
            staged.insert(posting.clone());
            if met.other.is_none() {
                let kept = self.store.linked(key, 2)?;
                met.other = kept.into_iter().find(|other| other != posting);
            }
        }
        Ok(met)
    }

    fn ties(&self, key: &LinkKey) -> Ties {
        link::ties(key.kind)
    }

    fn agrees(&self, key: &LinkKey, a: &PostingId, b: &PostingId) -> Result<bool, StoreError> {
        Ok(self.words(a)?.agree(&*self.words(b)?, key.kind))
    }

    fn seats(&self, key: &LinkKey) -> Result<Vec<PostingId>, StoreError> {
        Ok(self.key_use(key)?.seats.into_iter().collect())
    }

    fn add_seat(&mut self, key: &LinkKey, posting: &PostingId) -> Result<(), StoreError> {
        let mut used = self.key_use(key)?;
        used.seats.insert(posting.clone());
        self.key_uses.insert(key.clone(), used);
        Ok(())
    }

    fn is_stopped(&self, key: &LinkKey) -> Result<bool, StoreError> {
        Ok(link::is_stopped(&self.key_use(key)?))
    }

    fn set_told_apart(&mut self, key: &LinkKey, told: bool) -> Result<Retold, StoreError> {
        let mut used = self.key_use(key)?;
        if used.told_apart == told {
            return Ok(Retold::Same);
        }
        let before = link::is_stopped(&used);
        used.told_apart = told;
        let changed = before != link::is_stopped(&used);
        self.key_uses.insert(key.clone(), used);
        Ok(if changed { Retold::Changed } else { Retold::Same })
    }

    fn holders(&self, key: &LinkKey) -> Result<Vec<PostingId>, StoreError> {
        let mut holders: BTreeSet<PostingId> =
            self.store.linked(key, usize::MAX)?.into_iter().collect();
        holders.extend(self.holders.get(key).into_iter().flatten().cloned());
        Ok(holders.into_iter().collect())
    }

    fn keys(&self, posting: &PostingId) -> Result<Vec<LinkKey>, StoreError> {
        match self.link_keys.get(posting) {
            Some(staged) => Ok(staged.clone()),
            None => self.store.link_keys(posting),
        }
    }

    fn put_keys(&mut self, posting: &PostingId, keys: Vec<LinkKey>) -> Result<(), StoreError> {
        self.link_keys.insert(posting.clone(), keys);
        Ok(())
    }

    fn said(&self, posting: &PostingId) -> Result<Vec<Said>, StoreError> {
        let mut said = Vec::new();
        for seq in self.ruled(posting)? {
            let Some(sides) = self.sides(seq)? else { continue };
            let side = sides.of.get(posting).copied();
            said.extend(side.map(|side| Said { seq, side, apart: sides.apart }));
        }
        Ok(said)
    }

    fn ruling(&self, seq: u64) -> Result<Vec<Vec<PostingId>>, StoreError> {
        Ok(self.whole_ruling(seq)?.map(|ruling| ruling.groups).unwrap_or_default())
    }

    fn group(&self, posting: &PostingId) -> Result<Option<LeadId>, StoreError> {
        match self.memberships.get(posting) {
            Some(staged) => Ok(Some(staged.clone())),
            None => self.store.lead_of(posting),
        }
    }

    fn members(&self, group: &LeadId) -> Result<Vec<PostingId>, StoreError> {
        Ok(self.lead(group)?.map(|lead| lead.postings.clone()).unwrap_or_default())
    }

    fn is_told_apart(&self, group: &LeadId) -> Result<bool, StoreError> {
        Ok(self.lead(group)?.is_some_and(|lead| lead.told_apart))
    }

    fn join(
        &mut self,
        groups: BTreeSet<LeadId>,
        newcomer: Option<&PostingId>,
    ) -> Result<(), StoreError> {
        let mut joined = match newcomer {
            Some(posting) => self.alone(posting)?,
            None => None,
        };
        for group in &groups {
            let Some(lead) = self.lead(group)? else { continue };
            let lead = self.taken_out(lead);
            joined = joined.into_iter().chain([lead]).reduce(link::join);
        }
        if let Some(lead) = joined {
            let is_new = groups.iter().any(|group| *group != lead.id);
            let moved = if is_new {
                lead.postings.clone()
            } else {
                newcomer.cloned().into_iter().collect()
            };
            self.put(lead, moved);
        }
        Ok(())
    }

    fn regroup(
        &mut self,
        groups: BTreeSet<LeadId>,
        parts: Vec<Part<PostingId>>,
    ) -> Result<(), StoreError> {
        let (mut old, mut alone) = (Vec::new(), Vec::new());
        for group in &groups {
            let Some(lead) = self.lead(group)? else { continue };
            old.push(self.taken_out(lead));
        }
        for posting in parts.iter().flat_map(|part| &part.postings) {
            alone.extend(self.alone(posting)?);
        }
        for lead in link::divide(&old, parts, alone) {
            let moved = lead.postings.clone();
            self.put(lead, moved);
        }
        Ok(())
    }
}
