//! Which postings belong together: the groups that their keys make, kept right as postings come.
//!
//! The groups follow from the postings, their keys and what people said, and from nothing else: the
//! order of arrival does not matter. Two postings are tied when they share a key that is not
//! stopped, or when a person put them in one group. Groups are what is tied together, through any
//! number of others; where a person told postings apart, ties are taken in a fixed order and one that
//! would bring those together is passed over.

use std::collections::BTreeSet;

use crate::key::Ties;
use crate::partition::partition;

/// Who has which key, and which postings are in one group: an index to read and to change.
pub trait Network {
    /// Names a posting.
    type Posting: Clone + Ord;
    /// Names a key. Ties are taken in the order of keys.
    type Key: Clone + Ord;
    /// Names a group.
    type Group: Clone + Ord;
    /// What a posting says about who uses its keys.
    type Signs;
    /// Why the index cannot be read.
    type Error;

    /// Hears which keys it will be asked for one after another. An index that is far away can begin
    /// to fetch them all at once.
    fn expect(&self, _keys: &[Self::Key]) {}

    /// Learns that a posting has the key; `flagged` names it when it is flagged, and it is then
    /// remembered among the holders.
    fn meet(
        &mut self,
        key: &Self::Key,
        flagged: Option<&Self::Posting>,
        signs: &Self::Signs,
    ) -> Result<Met<Self::Posting>, Self::Error>;

    /// Which of its holders a key ties: all, those of which [`agrees`](Network::agrees) tells, none.
    fn ties(&self, key: &Self::Key) -> Ties;

    /// Whether two postings that share this hint are tied.
    fn agrees(
        &self,
        key: &Self::Key,
        a: &Self::Posting,
        b: &Self::Posting,
    ) -> Result<bool, Self::Error>;

    /// Some holders of a hint, at least one of each group that has holders.
    fn seats(&self, key: &Self::Key) -> Result<Vec<Self::Posting>, Self::Error>;

    /// Whether one of them is of this group.
    fn has_seat(&self, key: &Self::Key, group: Option<&Self::Group>) -> Result<bool, Self::Error> {
        for seat in self.seats(key)? {
            if self.group(&seat)?.as_ref() == group {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds one to them.
    fn add_seat(&mut self, key: &Self::Key, posting: &Self::Posting) -> Result<(), Self::Error>;

    /// Whether the key brings nothing together.
    fn is_stopped(&self, key: &Self::Key) -> Result<bool, Self::Error>;

    /// Notes whether people told apart postings that share the key; tells whether it is stopped for
    /// other reasons, too.
    fn set_told_apart(&mut self, key: &Self::Key, told: bool) -> Result<Retold, Self::Error>;

    /// The flagged postings that have the key.
    fn holders(&self, key: &Self::Key) -> Result<Vec<Self::Posting>, Self::Error>;

    /// The keys of a flagged posting.
    fn keys(&self, posting: &Self::Posting) -> Result<Vec<Self::Key>, Self::Error>;

    /// Remembers the keys of a flagged posting.
    fn put_keys(
        &mut self,
        posting: &Self::Posting,
        keys: Vec<Self::Key>,
    ) -> Result<(), Self::Error>;

    /// What people said of a posting.
    fn said(&self, posting: &Self::Posting) -> Result<Vec<Said>, Self::Error>;

    /// The groups of postings of a ruling.
    fn ruling(&self, seq: u64) -> Result<Vec<Vec<Self::Posting>>, Self::Error>;

    /// The group of a flagged posting.
    fn group(&self, posting: &Self::Posting) -> Result<Option<Self::Group>, Self::Error>;

    /// The postings of a group.
    fn members(&self, group: &Self::Group) -> Result<Vec<Self::Posting>, Self::Error>;

    /// Whether people told some of its postings apart from others.
    fn is_told_apart(&self, group: &Self::Group) -> Result<bool, Self::Error>;

    /// Makes one group of these and of a posting that is in none yet.
    fn join(
        &mut self,
        groups: BTreeSet<Self::Group>,
        newcomer: Option<&Self::Posting>,
    ) -> Result<(), Self::Error>;

    /// Puts these parts in the place of these groups.
    fn regroup(
        &mut self,
        groups: BTreeSet<Self::Group>,
        parts: Vec<Part<Self::Posting>>,
    ) -> Result<(), Self::Error>;
}

/// What came of meeting a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met<P> {
    /// Another flagged posting that has it.
    pub other: Option<P>,
    /// It brought nothing together before.
    pub was_stopped: bool,
    /// It brings nothing together now.
    pub is_stopped: bool,
}

/// What came of noting whether a key's postings were told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retold {
    /// Nothing changed by it.
    Same,
    /// The key stopped, or brings together again.
    Changed,
}

/// That a person put a posting on this side in this ruling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The number of the ruling; later ones are greater.
    pub seq: u64,
    /// Which of its groups.
    pub side: u32,
    /// The ruling has other groups, too.
    pub apart: bool,
}

/// A group to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<P> {
    /// Its postings, sorted.
    pub postings: Vec<P>,
    /// People told some of them apart from others.
    pub told_apart: bool,
}

/// Takes in a flagged posting with its keys; one that came before may come again with others, and
/// keeps those that it had.
pub fn arrive<N: Network>(
    network: &mut N,
    posting: &N::Posting,
    keys: &[N::Key],
    signs: &N::Signs,
) -> Result<(), N::Error> {
    let mut all = network.keys(posting)?;
    let had = all.len();
    let new: Vec<N::Key> = keys.iter().filter(|key| !all.contains(key)).cloned().collect();
    all.extend(new);
    network.expect(&all);
    let mut touched = BTreeSet::new();
    let mut stopped = Vec::new();
    for key in &all {
        let met = network.meet(key, Some(posting), signs)?;
        if met.is_stopped && !met.was_stopped {
            stopped.push(key.clone());
        } else if let Some(other) = met.other.filter(|_| !met.is_stopped) {
            match network.ties(key) {
                Ties::All => touched.extend(network.group(&other)?),
                Ties::Agreeing => follow_hint(network, posting, key, &mut touched)?,
                Ties::Nobody => {}
            }
        }
    }
    if all.len() > had {
        network.put_keys(posting, all.clone())?;
    }
    let own = network.group(posting)?;
    let newcomer = own.is_none().then_some(posting);
    touched.extend(own);
    let is_ruled = !network.said(posting)?.is_empty();
    if stopped.is_empty() && !is_ruled && !any_told_apart(network, &touched)? {
        if newcomer.is_some() || touched.len() > 1 {
            network.join(touched, newcomer)?;
        }
        return take_seats(network, posting, &all);
    }
    if newcomer.is_some() {
        network.join(BTreeSet::new(), newcomer)?;
        touched.extend(network.group(posting)?);
    }
    let retold = if is_ruled { retell(network, &all)? } else { Vec::new() };
    for said in network.said(posting)? {
        let named: Vec<N::Posting> = network.ruling(said.seq)?.into_iter().flatten().collect();
        touched.extend(groups_of(network, &named)?);
    }
    for key in stopped.iter().chain(&retold) {
        touched.extend(groups_of(network, &network.holders(key)?)?);
    }
    settle(network, touched)
}

/// Adds the groups of those holders of a hint with whom the posting agrees. One of each group is
/// tried first; of near-copies it nearly always does.
fn follow_hint<N: Network>(
    network: &N,
    posting: &N::Posting,
    key: &N::Key,
    touched: &mut BTreeSet<N::Group>,
) -> Result<(), N::Error> {
    let mut other_groups = BTreeSet::new();
    for seat in network.seats(key)? {
        let Some(group) = network.group(&seat)?.filter(|group| !touched.contains(group)) else {
            continue;
        };
        if seat != *posting && network.agrees(key, posting, &seat)? {
            touched.insert(group);
        } else {
            other_groups.insert(group);
        }
    }
    other_groups.retain(|group| !touched.contains(group));
    if other_groups.is_empty() {
        return Ok(());
    }
    for holder in network.holders(key)? {
        let Some(group) = network.group(&holder)?.filter(|group| !touched.contains(group)) else {
            continue;
        };
        if holder != *posting && network.agrees(key, posting, &holder)? {
            touched.insert(group);
        }
    }
    Ok(())
}

/// Sees to it that the posting's group has a seat at each of its hints.
fn take_seats<N: Network>(
    network: &mut N,
    posting: &N::Posting,
    keys: &[N::Key],
) -> Result<(), N::Error> {
    let group = network.group(posting)?;
    for key in keys {
        if network.ties(key) == Ties::Agreeing && !network.has_seat(key, group.as_ref())? {
            network.add_seat(key, posting)?;
        }
    }
    Ok(())
}

/// Takes note of an ordinary posting: it founds no lead, and shows which keys everybody uses.
pub fn pass<N: Network>(
    network: &mut N,
    keys: &[N::Key],
    signs: &N::Signs,
) -> Result<(), N::Error> {
    let mut touched = BTreeSet::new();
    for key in keys {
        let met = network.meet(key, None, signs)?;
        if met.is_stopped && !met.was_stopped {
            touched.extend(groups_of(network, &network.holders(key)?)?);
        }
    }
    if touched.is_empty() { Ok(()) } else { settle(network, touched) }
}

/// Takes in what a person said about these postings, or took back: the index has the ruling already,
/// or has it no more.
pub fn heed<N: Network>(network: &mut N, postings: &[N::Posting]) -> Result<(), N::Error> {
    let mut touched = groups_of(network, postings)?;
    let mut keys = BTreeSet::new();
    for posting in postings {
        keys.extend(network.keys(posting)?);
    }
    for key in retell(network, &keys.into_iter().collect::<Vec<_>>())? {
        touched.extend(groups_of(network, &network.holders(&key)?)?);
    }
    settle(network, touched)
}

/// Whether two postings are told apart: the latest ruling that names both says.
pub(crate) fn are_told_apart(a: &[Said], b: &[Said]) -> bool {
    let both = a.iter().flat_map(|a| b.iter().filter(|b| b.seq == a.seq).map(move |b| (a, b)));
    both.max_by_key(|(a, _)| a.seq).is_some_and(|(a, b)| a.side != b.side)
}

/// Looks at which keys are shared across what people told apart; gives those that changed by it.
fn retell<N: Network>(network: &mut N, keys: &[N::Key]) -> Result<Vec<N::Key>, N::Error> {
    let mut changed = Vec::new();
    for key in keys {
        let mut said = Vec::new();
        for holder in network.holders(key)? {
            let of_holder = network.said(&holder)?;
            if of_holder.iter().any(|said| said.apart) {
                said.push(of_holder);
            }
        }
        let told = said
            .iter()
            .enumerate()
            .any(|(at, one)| said[..at].iter().any(|other| are_told_apart(one, other)));
        if network.set_told_apart(key, told)? == Retold::Changed {
            changed.push(key.clone());
        }
    }
    Ok(changed)
}

/// Groups these groups anew, with all that are tied to them and were kept apart by a ruling.
fn settle<N: Network>(network: &mut N, mut groups: BTreeSet<N::Group>) -> Result<(), N::Error> {
    let mut waiting: Vec<N::Group> = groups.iter().cloned().collect();
    while let Some(group) = waiting.pop() {
        // A group of which nobody told anything apart is all that its ties reach.
        if !network.is_told_apart(&group)? {
            continue;
        }
        for posting in network.members(&group)? {
            for near in groups_of(network, &tied_to(network, &posting)?)? {
                if groups.insert(near.clone()) {
                    waiting.push(near);
                }
            }
        }
    }
    let mut universe = BTreeSet::new();
    for group in &groups {
        universe.extend(network.members(group)?);
    }
    let universe: Vec<N::Posting> = universe.into_iter().collect();
    let parts = partition(network, &universe)?;
    network.regroup(groups, parts)?;
    for posting in &universe {
        let keys = network.keys(posting)?;
        take_seats(network, posting, &keys)?;
    }
    Ok(())
}

/// The postings that share a key with this one, or that a person named with it.
fn tied_to<N: Network>(network: &N, posting: &N::Posting) -> Result<Vec<N::Posting>, N::Error> {
    let mut tied = Vec::new();
    for key in network.keys(posting)? {
        if network.ties(&key) != Ties::Nobody && !network.is_stopped(&key)? {
            tied.extend(network.holders(&key)?);
        }
    }
    for said in network.said(posting)? {
        tied.extend(network.ruling(said.seq)?.into_iter().flatten());
    }
    Ok(tied)
}

fn groups_of<N: Network>(
    network: &N,
    postings: &[N::Posting],
) -> Result<BTreeSet<N::Group>, N::Error> {
    let mut groups = BTreeSet::new();
    for posting in postings {
        groups.extend(network.group(posting)?);
    }
    Ok(groups)
}

fn any_told_apart<N: Network>(network: &N, groups: &BTreeSet<N::Group>) -> Result<bool, N::Error> {
    for group in groups {
        if network.is_told_apart(group)? {
            return Ok(true);
        }
    }
    Ok(false)
}
