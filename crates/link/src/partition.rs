//! The groups of a set of postings, worked out from nothing but their keys and what people said.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::key::Ties;
use crate::network::{Network, Part, Said, are_told_apart};

/// The groups of these postings, which are sorted. It must hold all that is tied to any of them.
pub(crate) fn partition<N: Network>(
    network: &N,
    postings: &[N::Posting],
) -> Result<Vec<Part<N::Posting>>, N::Error> {
    let mut said = Vec::with_capacity(postings.len());
    for posting in postings {
        said.push(network.said(posting)?);
    }
    let mut groups = Groups::new(said);
    let (ruled, by_key) = together(network, postings)?;
    ruled.iter().for_each(|tied| groups.tie(tied));
    for (key, holders) in by_key {
        if holders.len() < 2 || network.is_stopped(&key)? {
            continue;
        }
        match network.ties(&key) {
            Ties::Nobody => continue,
            Ties::All => {
                groups.tie(&holders);
                continue;
            }
            Ties::Agreeing => {}
        }
        for (at, one) in holders.iter().enumerate() {
            for other in &holders[..at] {
                if groups.may_tie(*one, *other)
                    && network.agrees(&key, &postings[*one], &postings[*other])?
                {
                    groups.tie(&[*one, *other]);
                }
            }
        }
    }
    Ok(groups.parts(postings))
}

/// Postings by place, those of one hand by each ruling, and those that have each key.
type Together<K> = (Vec<Vec<usize>>, BTreeMap<K, Vec<usize>>);

/// Postings that may be tied to each other: what people said, the latest before the earlier, and the
/// keys in their order.
fn together<N: Network>(
    network: &N,
    postings: &[N::Posting],
) -> Result<Together<N::Key>, N::Error> {
    let mut by_ruling: BTreeMap<(Reverse<u64>, u32), Vec<usize>> = BTreeMap::new();
    let mut by_key: BTreeMap<N::Key, Vec<usize>> = BTreeMap::new();
    for (at, posting) in postings.iter().enumerate() {
        for said in network.said(posting)? {
            by_ruling.entry((Reverse(said.seq), said.side)).or_default().push(at);
        }
        for key in network.keys(posting)? {
            by_key.entry(key).or_default().push(at);
        }
    }
    Ok((by_ruling.into_values().collect(), by_key))
}

/// Groups as they grow.
struct Groups {
    /// What people said of each posting.
    said: Vec<Vec<Said>>,
    /// The group of each posting, by the place of one of its postings.
    group: Vec<usize>,
    members: Vec<Vec<usize>>,
    /// Those members of which people told something apart.
    told: Vec<Vec<usize>>,
}

impl Groups {
    fn new(said: Vec<Vec<Said>>) -> Self {
        let told = said.iter().enumerate().map(|(at, said)| {
            if said.iter().any(|said| said.apart) { vec![at] } else { Vec::new() }
        });
        Self {
            group: (0..said.len()).collect(),
            members: (0..said.len()).map(|at| vec![at]).collect(),
            told: told.collect(),
            said,
        }
    }

    /// Ties each of these to the one before.
    fn tie(&mut self, tied: &[usize]) {
        for pair in tied.windows(2) {
            if self.may_tie(pair[0], pair[1]) {
                self.join(self.group[pair[0]], self.group[pair[1]]);
            }
        }
    }

    /// Whether a tie between these two would bring groups together, and may.
    fn may_tie(&self, one: usize, other: usize) -> bool {
        let (a, b) = (self.group[one], self.group[other]);
        a != b && !self.holds_apart(a, b)
    }

    fn holds_apart(&self, a: usize, b: usize) -> bool {
        let apart = |a: usize, b: usize| are_told_apart(&self.said[a], &self.said[b]);
        self.told[a].iter().any(|one| self.told[b].iter().any(|other| apart(*one, *other)))
    }

    /// The smaller moves into the larger.
    fn join(&mut self, a: usize, b: usize) {
        let (to, from) =
            if self.members[a].len() < self.members[b].len() { (b, a) } else { (a, b) };
        let members = std::mem::take(&mut self.members[from]);
        for member in &members {
            self.group[*member] = to;
        }
        self.members[to].extend(members);
        let told = std::mem::take(&mut self.told[from]);
        self.told[to].extend(told);
    }

    fn parts<P: Clone + Ord>(self, postings: &[P]) -> Vec<Part<P>> {
        let groups = self.members.into_iter().zip(self.told);
        let parts = groups.filter(|(members, _)| !members.is_empty()).map(|(mut members, told)| {
            members.sort_unstable();
            let postings = members.iter().map(|at| postings[*at].clone()).collect();
            Part { postings, told_apart: !told.is_empty() }
        });
        parts.collect()
    }
}
