//! Who wrote what is known of invented networks: how much of it linking finds, and that it does not
//! depend on the order in which postings come.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout, reason = "tests")]

mod invented;

use std::collections::BTreeMap;

use invented::{Dice, Linkable, ads};
use link::{MemoryNetwork, heed};
use proptest::prelude::*;

fn linkables(seed: u64, hands: usize, flagged: usize, ordinary: usize) -> Vec<Linkable> {
    let ads = ads(seed, hands, flagged, ordinary);
    ads.iter().enumerate().map(|(number, ad)| Linkable::of(ad, number)).collect()
}

/// The groups that postings make when they come in this order.
fn groups(postings: &[Linkable], order: &[usize]) -> Vec<Vec<u32>> {
    let mut network = MemoryNetwork::new();
    for number in order {
        postings[*number].arrive(&mut network, *number as u32);
    }
    network.groups()
}

fn pairs(count: usize) -> f64 {
    count as f64 * (count as f64 - 1.0) / 2.0
}

/// Of pairs that are in one group, those of one hand; of pairs of one hand, those in one group; and
/// the hands of the group that holds most pairs that are none.
fn measured(postings: &[Linkable], groups: &[Vec<u32>]) -> (f64, f64, Vec<usize>) {
    let (mut grouped, mut right) = (0.0, 0.0);
    let mut worst: (f64, Vec<usize>) = (0.0, Vec::new());
    let mut of_hands: BTreeMap<usize, usize> = BTreeMap::new();
    for posting in postings.iter().filter(|posting| !posting.is_ordinary) {
        *of_hands.entry(posting.hand).or_default() += 1;
    }
    for group in groups {
        let mut hands: BTreeMap<usize, usize> = BTreeMap::new();
        for number in group {
            *hands.entry(postings[*number as usize].hand).or_default() += 1;
        }
        let of_one_hand: f64 = hands.values().map(|count| pairs(*count)).sum();
        let wrong = pairs(group.len()) - of_one_hand;
        if wrong > worst.0 {
            let mut sizes: Vec<usize> = hands.values().copied().collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            worst = (wrong, sizes);
        }
        grouped += pairs(group.len());
        right += of_one_hand;
    }
    let true_pairs: f64 = of_hands.values().map(|count| pairs(*count)).sum();
    (right / grouped, right / true_pairs, worst.1)
}

#[test]
fn three_hundred_recruiters_are_told_apart_and_each_is_found() {
    for seed in [1, 2, 3] {
        let postings = linkables(seed, 300, 10_000, 5_000);
        let order: Vec<usize> = (0..postings.len()).collect();
        let groups = groups(&postings, &order);
        let (precision, recall, worst) = measured(&postings, &groups);
        println!(
            "seed {seed}: precision {precision:.4}, recall {recall:.4}, {} groups; \
             the largest false one holds postings of {} hands: {:?}",
            groups.len(),
            worst.len(),
            &worst[..worst.len().min(8)],
        );
        assert!(precision >= 0.98, "seed {seed}: precision {precision}");
        assert!(recall >= 0.95, "seed {seed}: recall {recall}");
    }
}

#[test]
fn twenty_orders_of_arrival_make_the_same_leads() {
    let postings = linkables(7, 300, 10_000, 5_000);
    let mut order: Vec<usize> = (0..postings.len()).collect();
    let expected = groups(&postings, &order);
    assert!(expected.iter().any(|group| group.len() > 10));
    let mut dice = Dice::new(7);
    for round in 0..20 {
        dice.shuffle(&mut order);
        assert_eq!(groups(&postings, &order), expected, "round {round}");
    }
}

/// A small world: few keys, so that much is shared; keys stop; people rule in the end.
#[derive(Clone, Debug)]
struct World {
    /// Of each posting its keys, its employer, its wording.
    postings: Vec<(Vec<u8>, u32, u32)>,
    rulings: Vec<(Vec<u8>, Vec<u8>)>,
}

fn world() -> impl Strategy<Value = World> {
    let posting = (proptest::collection::vec(0u8..12, 0..4), 0u32..8, 0u32..5);
    let postings = proptest::collection::vec(posting, 1..28);
    let side = || proptest::collection::vec(0u8..28, 1..4);
    let rulings =
        proptest::collection::vec((side(), proptest::collection::vec(0u8..28, 0..4)), 0..4);
    (postings, rulings).prop_map(|(postings, rulings)| World { postings, rulings })
}

fn key(number: u8) -> link::KeyDigest {
    let value = format!("+3800000000{number:02}");
    link::KeyDigest::of(&domain::LinkKey { kind: domain::LinkKind::Contact, value })
}

impl World {
    fn arrive(&self, network: &mut MemoryNetwork, number: usize) {
        let (keys, employer, wording) = &self.postings[number];
        let keys: Vec<_> = keys.iter().map(|number| key(*number)).collect();
        let employer = (*employer < 7).then_some(*employer);
        let signs = link::Signs { employer, wording: Some(*wording), is_ordinary: false };
        let Ok(()) = link::arrive(network, &(number as u32), &keys, &signs);
    }

    fn rule(&self, network: &mut MemoryNetwork) {
        for (one, other) in &self.rulings {
            let side = |side: &[u8], without: &[u8]| -> Vec<u32> {
                let mut side: Vec<u32> = side
                    .iter()
                    .filter(|n| !without.contains(n) && usize::from(**n) < self.postings.len())
                    .map(|n| u32::from(*n))
                    .collect();
                side.sort_unstable();
                side.dedup();
                side
            };
            let (one, other) = (side(one, other), side(other, &[]));
            let groups: Vec<Vec<u32>> =
                [one, other].into_iter().filter(|side| !side.is_empty()).collect();
            let named: Vec<u32> = groups.iter().flatten().copied().collect();
            network.put_ruling(groups);
            let Ok(()) = heed(network, &named);
        }
    }

    /// People rule, and take these of their rulings back, the last one first.
    fn rule_and_take_back(&self, network: &mut MemoryNetwork, taken_back: &[bool]) {
        self.rule(network);
        for place in (0..self.rulings.len()).rev() {
            if taken_back[place % taken_back.len()] {
                let named = network.remove_ruling(place);
                let Ok(()) = heed(network, &named);
            }
        }
    }

    /// Postings come in this order, and people rule when `before` of them are there.
    fn groups(&self, order: &[usize], before: usize) -> Vec<Vec<u32>> {
        let mut network = MemoryNetwork::new();
        for (place, number) in order.iter().enumerate() {
            if place == before {
                self.rule(&mut network);
            }
            self.arrive(&mut network, *number);
        }
        if before >= order.len() {
            self.rule(&mut network);
        }
        network.groups()
    }

    /// What was said last of each pair: one hand or not.
    fn said(&self, a: u32, b: u32) -> Option<bool> {
        let has = |side: &[u8], n: u32| side.iter().any(|m| u32::from(*m) == n);
        self.rulings.iter().rev().find_map(|(one, other)| {
            let side = |n: u32| match (has(one, n) && !has(other, n), has(other, n)) {
                (true, _) => Some(0),
                (_, true) => Some(1),
                _ => None,
            };
            Some(side(a)? == side(b)?)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn leads_follow_from_postings_and_people_whatever_the_order(
        world in world(), seed in any::<u64>(), before in 0usize..30
    ) {
        let mut order: Vec<usize> = (0..world.postings.len()).collect();
        let expected = world.groups(&order, usize::MAX);
        Dice::new(seed).shuffle(&mut order);
        prop_assert_eq!(&world.groups(&order, before), &expected);
        prop_assert_eq!(&world.groups(&order, usize::MAX), &expected);
    }

    #[test]
    fn no_posting_undoes_what_people_told_apart(world in world(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..world.postings.len()).collect();
        Dice::new(seed).shuffle(&mut order);
        for group in world.groups(&order, order.len() / 2) {
            for (at, a) in group.iter().enumerate() {
                for b in &group[..at] {
                    prop_assert_ne!(world.said(*a, *b), Some(false), "{} and {}", a, b);
                }
            }
        }
    }

    #[test]
    fn what_was_taken_back_was_never_said(
        world in world(), seed in any::<u64>(),
        taken_back in proptest::collection::vec(any::<bool>(), 1..5), before in 0usize..30
    ) {
        let mut order: Vec<usize> = (0..world.postings.len()).collect();
        Dice::new(seed).shuffle(&mut order);
        let before = before.min(order.len());
        let mut network = MemoryNetwork::new();
        order[..before].iter().for_each(|number| world.arrive(&mut network, *number));
        world.rule_and_take_back(&mut network, &taken_back);
        order[before..].iter().for_each(|number| world.arrive(&mut network, *number));
        let stands = |(place, _): &(usize, _)| !taken_back[place % taken_back.len()];
        let rulings = world.rulings.iter().cloned().enumerate().filter(stands);
        let without = World { rulings: rulings.map(|(_, ruling)| ruling).collect(), ..world.clone() };
        prop_assert_eq!(network.groups(), without.groups(&order, before));
    }

    /// Against a plain account of what a lead is, without any ruling.
    #[test]
    fn a_lead_is_what_keys_that_have_not_stopped_tie_together(world in world()) {
        let world = World { rulings: Vec::new(), ..world };
        let order: Vec<usize> = (0..world.postings.len()).collect();
        let mut group: Vec<usize> = order.clone();
        for key in 0u8..12 {
            let holders: Vec<usize> =
                order.iter().copied().filter(|n| world.postings[*n].0.contains(&key)).collect();
            let employers: std::collections::BTreeSet<u32> =
                holders.iter().map(|n| world.postings[*n].1).filter(|e| *e < 7).collect();
            if employers.len() > 5 {
                continue;
            }
            for pair in holders.windows(2) {
                let (from, to) = (group[pair[1]], group[pair[0]]);
                group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
            }
        }
        let mut expected: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (number, group) in group.iter().enumerate() {
            expected.entry(*group).or_default().push(number as u32);
        }
        let mut expected: Vec<Vec<u32>> = expected.into_values().collect();
        expected.sort();
        prop_assert_eq!(world.groups(&order, usize::MAX), expected);
    }
}
