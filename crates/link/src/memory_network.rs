use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::convert::Infallible;

use domain::{KeyUse, LinkKey, LinkKind, Sha256};
use rustc_hash::FxHashMap;

use crate::key::{Words, ties_all};
use crate::network::{Met, Network, Part, Retold, Said};
use crate::stop::{Signs, is_stopped, learn};

/// A network that is gone when it is dropped, of postings numbered from 0. For tests, for measuring,
/// and the yardstick for the one that a desk keeps. About 900 bytes a posting.
#[derive(Default)]
pub struct MemoryNetwork {
    /// From a key to its first holder, and to its last one as a place in `holders`.
    held: FxHashMap<KeyDigest, (u32, u32)>,
    /// Holders beyond the first: a posting, and the place of the holder before it; 0 for none.
    holders: Vec<(u32, u32)>,
    /// Seats beyond the first holder's.
    seats: FxHashMap<KeyDigest, Vec<u32>>,
    words: FxHashMap<u32, Words>,
    uses: FxHashMap<KeyDigest, KeyUse>,
    /// The keys of all postings, one after another.
    keys: Vec<KeyDigest>,
    /// Where each posting's begin and end there.
    key_places: FxHashMap<u32, (u32, u32)>,
    rulings: Vec<Vec<Vec<u32>>>,
    said: FxHashMap<u32, Vec<Said>>,
    groups: FxHashMap<u32, u32>,
    members: Vec<Vec<u32>>,
    told_apart: BTreeSet<u32>,
}

/// A key in 64 bits, of which the first say its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest(u64);

const KINDS: [LinkKind; 5] =
    [LinkKind::Contact, LinkKind::Text, LinkKind::Template, LinkKind::Page, LinkKind::Person];

impl KeyDigest {
    /// The digest of a key.
    pub fn of(key: &LinkKey) -> Self {
        let kind = KINDS.iter().position(|kind| *kind == key.kind).unwrap_or(0) as u64;
        let value = match key.kind {
            LinkKind::Template => u64::from_str_radix(&key.value, 16).unwrap_or(0),
            _ => {
                let digest = Sha256::of(key.value.as_bytes());
                let (first, _) = digest.as_bytes().split_first_chunk().unwrap_or((&[0; 8], &[]));
                u64::from_be_bytes(*first)
            }
        };
        Self(kind << 61 | value >> 3)
    }

    fn kind(self) -> LinkKind {
        KINDS[(self.0 >> 61) as usize % KINDS.len()]
    }
}

impl MemoryNetwork {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers what a posting's text is compared by. To be done before it arrives.
    pub fn put_words(&mut self, posting: u32, words: Words) {
        self.words.insert(posting, words);
    }

    /// Remembers a ruling: the postings of one hand in each group. To be followed by
    /// [`heed`](crate::heed).
    pub fn put_ruling(&mut self, groups: Vec<Vec<u32>>) {
        let seq = self.rulings.len() as u64;
        let apart = groups.len() > 1;
        for (side, group) in groups.iter().enumerate() {
            for posting in group {
                let said = Said { seq, side: side as u32, apart };
                self.said.entry(*posting).or_default().push(said);
            }
        }
        self.rulings.push(groups);
    }

    /// Forgets a ruling that was taken back, by its place among all that were put; gives the postings
    /// that it named. To be followed by [`heed`](crate::heed) of these.
    pub fn remove_ruling(&mut self, place: usize) -> Vec<u32> {
        // Its place stays, so that later ones keep theirs.
        let groups = self.rulings.get_mut(place).map(std::mem::take).unwrap_or_default();
        let named: Vec<u32> = groups.into_iter().flatten().collect();
        for posting in &named {
            if let Some(said) = self.said.get_mut(posting) {
                said.retain(|said| said.seq != place as u64);
            }
        }
        named
    }

    /// All groups: each sorted, the groups by their first posting.
    pub fn groups(&self) -> Vec<Vec<u32>> {
        let mut groups: Vec<Vec<u32>> = self.members.clone();
        groups.retain(|members| !members.is_empty());
        groups.iter_mut().for_each(|members| members.sort_unstable());
        groups.sort();
        groups
    }

    fn key_use(&self, key: KeyDigest) -> Option<&KeyUse> {
        self.uses.get(&key)
    }

    /// The first holder of a key, then the others, the last one first.
    fn holders_of(&self, key: KeyDigest) -> impl Iterator<Item = u32> {
        let held = self.held.get(&key).copied();
        let mut next = held.map_or(0, |(_, last)| last);
        let others = std::iter::from_fn(move || {
            let (posting, before) = *self.holders.get((next as usize).checked_sub(1)?)?;
            next = before;
            Some(posting)
        });
        held.map(|(first, _)| first).into_iter().chain(others)
    }

    fn hold(&mut self, key: KeyDigest, posting: u32) {
        match self.held.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert((posting, 0));
            }
            Entry::Occupied(mut held) => {
                let (_, last) = held.get_mut();
                self.holders.push((posting, *last));
                *last = self.holders.len() as u32;
            }
        }
    }

    fn put_group(&mut self, postings: Vec<u32>) -> u32 {
        let group = self.members.len() as u32;
        for posting in &postings {
            self.groups.insert(*posting, group);
        }
        self.members.push(postings);
        group
    }
}

impl Network for MemoryNetwork {
    type Posting = u32;
    type Key = KeyDigest;
    type Group = u32;
    type Signs = Signs;
    type Error = Infallible;

    fn meet(
        &mut self,
        key: &KeyDigest,
        flagged: Option<&u32>,
        signs: &Signs,
    ) -> Result<Met<u32>, Infallible> {
        let was_stopped = self.is_stopped(key)?;
        if signs.concern(key.kind()) {
            learn(self.uses.entry(*key).or_default(), key.kind(), signs);
        }
        let is_stopped = self.is_stopped(key)?;
        let Some(posting) = flagged else {
            return Ok(Met { other: None, was_stopped, is_stopped });
        };
        let other = self.holders_of(*key).find(|other| other != posting);
        let has_it = self.key_places.contains_key(posting) && self.keys(posting)?.contains(key);
        if !has_it {
            self.hold(*key, *posting);
        }
        Ok(Met { other, was_stopped, is_stopped })
    }

    fn ties_all(&self, key: &KeyDigest) -> bool {
        ties_all(key.kind())
    }

    fn agrees(&self, key: &KeyDigest, a: &u32, b: &u32) -> Result<bool, Infallible> {
        let both = self.words.get(a).zip(self.words.get(b));
        Ok(both.is_some_and(|(a, b)| a.agree(b, key.kind())))
    }

    fn seats(&self, key: &KeyDigest) -> Result<Vec<u32>, Infallible> {
        let first = self.held.get(key).map(|(first, _)| *first).into_iter();
        Ok(first.chain(self.seats.get(key).into_iter().flatten().copied()).collect())
    }

    fn add_seat(&mut self, key: &KeyDigest, posting: &u32) -> Result<(), Infallible> {
        self.seats.entry(*key).or_default().push(*posting);
        Ok(())
    }

    fn is_stopped(&self, key: &KeyDigest) -> Result<bool, Infallible> {
        Ok(self.key_use(*key).is_some_and(is_stopped))
    }

    fn set_told_apart(&mut self, key: &KeyDigest, told: bool) -> Result<Retold, Infallible> {
        let before = self.is_stopped(key)?;
        if told || self.uses.contains_key(key) {
            self.uses.entry(*key).or_default().told_apart = told;
        }
        let changed = before != self.is_stopped(key)?;
        Ok(if changed { Retold::Changed } else { Retold::Same })
    }

    fn holders(&self, key: &KeyDigest) -> Result<Vec<u32>, Infallible> {
        Ok(self.holders_of(*key).collect())
    }

    fn keys(&self, posting: &u32) -> Result<Vec<KeyDigest>, Infallible> {
        let place = self.key_places.get(posting);
        let keys = place.and_then(|(from, to)| self.keys.get(*from as usize..*to as usize));
        Ok(keys.unwrap_or_default().to_vec())
    }

    fn put_keys(&mut self, posting: &u32, keys: Vec<KeyDigest>) -> Result<(), Infallible> {
        let from = self.keys.len() as u32;
        self.keys.extend(keys);
        self.key_places.insert(*posting, (from, self.keys.len() as u32));
        Ok(())
    }

    fn said(&self, posting: &u32) -> Result<Vec<Said>, Infallible> {
        Ok(self.said.get(posting).cloned().unwrap_or_default())
    }

    fn ruling(&self, seq: u64) -> Result<Vec<Vec<u32>>, Infallible> {
        Ok(self.rulings.get(seq as usize).cloned().unwrap_or_default())
    }

    fn group(&self, posting: &u32) -> Result<Option<u32>, Infallible> {
        Ok(self.groups.get(posting).copied())
    }

    fn members(&self, group: &u32) -> Result<Vec<u32>, Infallible> {
        Ok(self.members.get(*group as usize).cloned().unwrap_or_default())
    }

    fn is_told_apart(&self, group: &u32) -> Result<bool, Infallible> {
        Ok(self.told_apart.contains(group))
    }

    fn join(&mut self, groups: BTreeSet<u32>, newcomer: Option<&u32>) -> Result<(), Infallible> {
        let size = |group: &u32| self.members.get(*group as usize).map_or(0, Vec::len);
        let largest = groups.iter().copied().max_by_key(|group| (size(group), *group));
        let Some(largest) = largest else {
            self.put_group(newcomer.copied().into_iter().collect());
            return Ok(());
        };
        let mut moving: Vec<u32> = newcomer.copied().into_iter().collect();
        for group in groups.into_iter().filter(|group| *group != largest) {
            moving.append(&mut self.members[group as usize]);
        }
        for posting in &moving {
            self.groups.insert(*posting, largest);
        }
        self.members[largest as usize].extend(moving);
        Ok(())
    }

    fn regroup(&mut self, groups: BTreeSet<u32>, parts: Vec<Part<u32>>) -> Result<(), Infallible> {
        for group in groups {
            self.members[group as usize].clear();
            self.told_apart.remove(&group);
        }
        for part in parts {
            let group = self.put_group(part.postings);
            if part.told_apart {
                self.told_apart.insert(group);
            }
        }
        Ok(())
    }
}
