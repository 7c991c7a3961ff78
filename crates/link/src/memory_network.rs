use std::collections::BTreeSet;
use std::convert::Infallible;

use domain::{KeyUse, LinkKey, LinkKind, Sha256};
use rustc_hash::FxHashMap;

use crate::key::{Ties, Words, ties};
use crate::network::{Met, Network, Part, Retold, Said};
use crate::stop::{Signs, is_stopped, learn};

/// A network that is gone when it is dropped, of postings numbered from 0. For tests, for measuring,
/// and the yardstick for the one that a desk keeps. A million postings take 1.4 GB at most, while the
/// table of keys grows.
///
/// With a million postings it knows some ten million keys, most of them of one posting alone, and no
/// two of those of a posting lie near each other: what takes time is to wait for memory. So there is
/// one table of keys, asked once for each, and it is small: what few keys have lies elsewhere.
#[derive(Default)]
pub struct MemoryNetwork {
    known: FxHashMap<KeyDigest, Known>,
    shared: Vec<Shared>,
    /// Holders beyond the first: a posting, and the place of the holder before it; 0 for none.
    holders: Vec<(u32, u32)>,
    words: Vec<Words>,
    /// The keys of all postings, one after another.
    keys: Vec<KeyDigest>,
    /// Where each posting's begin and end there.
    key_places: Vec<(u32, u32)>,
    rulings: Vec<Vec<Vec<u32>>>,
    said: FxHashMap<u32, Vec<Said>>,
    groups: Vec<u32>,
    members: Vec<Vec<u32>>,
    told_apart: BTreeSet<u32>,
}

/// Stands for no posting and for no group.
const NONE: u32 = u32::MAX;

/// What every key has.
#[derive(Clone, Copy)]
struct Known {
    /// Its first holder.
    first: u32,
    /// Its place in `shared`, and one; 0 if it has none.
    shared: u32,
}

/// What a key has that more than one posting holds, or of which something is learned.
#[derive(Default)]
struct Shared {
    /// The last holder beyond the first, as a place in `holders` and one.
    last: u32,
    used: KeyUse,
    /// Seats beyond the first holder's.
    seats: Vec<u32>,
}

impl Known {
    const NEW: Self = Self { first: NONE, shared: 0 };

    fn shared(self, of: &[Shared]) -> Option<&Shared> {
        of.get((self.shared as usize).checked_sub(1)?)
    }

    /// Makes it one that has.
    fn shared_mut<'s>(&mut self, of: &'s mut Vec<Shared>) -> &'s mut Shared {
        if self.shared == 0 {
            of.push(Shared::default());
            self.shared = of.len() as u32;
        }
        &mut of[self.shared as usize - 1]
    }
}

/// A key in 64 bits, of which the first say its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest(u64);

const KINDS: [LinkKind; 8] = [
    LinkKind::Contact,
    LinkKind::Text,
    LinkKind::Template,
    LinkKind::Page,
    LinkKind::Person,
    LinkKind::Image,
    LinkKind::Likeness,
    LinkKind::Layout,
];

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
        *at(&mut self.words, posting, Words::default()) = words;
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

    fn known(&self, key: KeyDigest) -> Option<Known> {
        self.known.get(&key).copied()
    }

    /// The first holder of a key, and the other seats.
    fn seats_of(&self, key: KeyDigest) -> impl Iterator<Item = u32> {
        let known = self.known(key);
        let first = known.map(|known| known.first).filter(|first| *first != NONE);
        let others = known.and_then(|known| known.shared(&self.shared));
        first.into_iter().chain(others.into_iter().flat_map(|shared| shared.seats.iter().copied()))
    }

    /// The first holder of a key, then the others, the last one first.
    fn holders_of(&self, known: Known) -> impl Iterator<Item = u32> {
        let mut next = known.shared(&self.shared).map_or(0, |shared| shared.last);
        let others = std::iter::from_fn(move || {
            let (posting, before) = *self.holders.get((next as usize).checked_sub(1)?)?;
            next = before;
            Some(posting)
        });
        Some(known.first).filter(|first| *first != NONE).into_iter().chain(others)
    }

    fn keys_of(&self, posting: u32) -> &[KeyDigest] {
        let (from, to) = self.key_places.get(posting as usize).copied().unwrap_or_default();
        self.keys.get(from as usize..to as usize).unwrap_or_default()
    }

    fn put_group(&mut self, postings: Vec<u32>) -> u32 {
        let group = self.members.len() as u32;
        for posting in &postings {
            *at(&mut self.groups, *posting, NONE) = group;
        }
        self.members.push(postings);
        group
    }
}

/// The place of a posting in a list by posting, which grows to hold it.
fn at<T: Clone>(list: &mut Vec<T>, posting: u32, nothing: T) -> &mut T {
    let place = posting as usize;
    if list.len() <= place {
        list.resize(place + 1, nothing);
    }
    &mut list[place]
}

impl Network for MemoryNetwork {
    type Posting = u32;
    type Key = KeyDigest;
    type Group = u32;
    type Signs = Signs;
    type Error = Infallible;

    /// A processor waits for several places of memory at once where nothing that it does meanwhile
    /// depends on them: so all are looked for before the first is needed.
    fn expect(&self, keys: &[KeyDigest]) {
        let known = keys.iter().filter(|key| self.known.contains_key(key)).count();
        std::hint::black_box(known);
    }

    fn meet(
        &mut self,
        key: &KeyDigest,
        flagged: Option<&u32>,
        signs: &Signs,
    ) -> Result<Met<u32>, Infallible> {
        let learns = signs.concern(key.kind());
        if flagged.is_none() && !learns {
            let is_stopped = self.is_stopped(key)?;
            return Ok(Met { other: None, was_stopped: is_stopped, is_stopped });
        }
        let has_it = flagged.is_some_and(|posting| self.keys_of(*posting).contains(key));
        let known = self.known.entry(*key).or_insert(Known::NEW);
        let stops = |known: &Known, shared: &[Shared]| {
            known.shared(shared).is_some_and(|shared| is_stopped(&shared.used))
        };
        let was_stopped = stops(known, &self.shared);
        if learns {
            learn(&mut known.shared_mut(&mut self.shared).used, key.kind(), signs);
        }
        let is_stopped = stops(known, &self.shared);
        let before = *known;
        if let Some(posting) = flagged.filter(|_| !has_it) {
            if known.first == NONE {
                known.first = *posting;
            } else {
                let shared = known.shared_mut(&mut self.shared);
                self.holders.push((*posting, shared.last));
                shared.last = self.holders.len() as u32;
            }
        }
        let other = flagged.and_then(|posting| self.holders_of(before).find(|o| o != posting));
        Ok(Met { other, was_stopped, is_stopped })
    }

    fn ties(&self, key: &KeyDigest) -> Ties {
        ties(key.kind())
    }

    fn agrees(&self, key: &KeyDigest, a: &u32, b: &u32) -> Result<bool, Infallible> {
        let both = self.words.get(*a as usize).zip(self.words.get(*b as usize));
        Ok(both.is_some_and(|(a, b)| a.agree(b, key.kind())))
    }

    fn seats(&self, key: &KeyDigest) -> Result<Vec<u32>, Infallible> {
        Ok(self.seats_of(*key).collect())
    }

    fn has_seat(&self, key: &KeyDigest, group: Option<&u32>) -> Result<bool, Infallible> {
        let group = group.copied().unwrap_or(NONE);
        let of = |seat: u32| self.groups.get(seat as usize).copied().unwrap_or(NONE);
        Ok(self.seats_of(*key).any(|seat| of(seat) == group))
    }

    fn add_seat(&mut self, key: &KeyDigest, posting: &u32) -> Result<(), Infallible> {
        let known = self.known.entry(*key).or_insert(Known::NEW);
        known.shared_mut(&mut self.shared).seats.push(*posting);
        Ok(())
    }

    fn is_stopped(&self, key: &KeyDigest) -> Result<bool, Infallible> {
        let known = self.known(*key);
        let shared = known.and_then(|known| known.shared(&self.shared));
        Ok(shared.is_some_and(|shared| is_stopped(&shared.used)))
    }

    fn set_told_apart(&mut self, key: &KeyDigest, told: bool) -> Result<Retold, Infallible> {
        let before = self.is_stopped(key)?;
        let known = self.known.entry(*key).or_insert(Known::NEW);
        if told || known.shared != 0 {
            known.shared_mut(&mut self.shared).used.told_apart = told;
        }
        let changed = before != self.is_stopped(key)?;
        Ok(if changed { Retold::Changed } else { Retold::Same })
    }

    fn holders(&self, key: &KeyDigest) -> Result<Vec<u32>, Infallible> {
        let known = self.known(*key);
        Ok(known.into_iter().flat_map(|known| self.holders_of(known)).collect())
    }

    fn keys(&self, posting: &u32) -> Result<Vec<KeyDigest>, Infallible> {
        Ok(self.keys_of(*posting).to_vec())
    }

    fn put_keys(&mut self, posting: &u32, keys: Vec<KeyDigest>) -> Result<(), Infallible> {
        let from = self.keys.len() as u32;
        self.keys.extend(keys);
        *at(&mut self.key_places, *posting, (0, 0)) = (from, self.keys.len() as u32);
        Ok(())
    }

    fn said(&self, posting: &u32) -> Result<Vec<Said>, Infallible> {
        Ok(self.said.get(posting).cloned().unwrap_or_default())
    }

    fn ruling(&self, seq: u64) -> Result<Vec<Vec<u32>>, Infallible> {
        Ok(self.rulings.get(seq as usize).cloned().unwrap_or_default())
    }

    fn group(&self, posting: &u32) -> Result<Option<u32>, Infallible> {
        Ok(self.groups.get(*posting as usize).copied().filter(|group| *group != NONE))
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
            *at(&mut self.groups, *posting, NONE) = largest;
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
