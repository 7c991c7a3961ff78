//! The desk's network against the one in memory, and against itself in another order.

use std::collections::BTreeSet;

use domain::{
    Assessment, Band, CaptureId, Decision, Field, Lead, Note, Posting, PostingId, PostingKind,
    Region, Ruling, Score, Sha256, SourceId, Verdict,
};
use jiff::Timestamp;
use link::{KeyDigest, MemoryNetwork};
use proptest::prelude::*;
use store::{Batch, Change, MemoryStore, QueueFilter, Store, StoredPosting};
use text::Folded;

use super::StagedNetwork;

const WORDINGS: [&str; 3] = [
    "girls wanted for hotel work in {}, passport stays with the boss, no papers needed, leave tonight",
    "дівчата на роботу в {}, документи не потрібні, паспорт залишається у координатора, виїзд сьогодні",
    "fete pentru lucru la {}, pașaportul rămâne la manager, fără acte, plecare azi, biletul se reține",
];

/// An invented posting, but for its number.
#[derive(Clone, Debug)]
struct Ad {
    wording: usize,
    phones: Vec<u8>,
    employer: u8,
    score: u8,
}

fn at(seconds: usize) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds as i64).unwrap()
}

fn stored(number: usize, ad: &Ad) -> StoredPosting {
    let source = SourceId::new("invented").unwrap();
    let phones: Vec<String> =
        ad.phones.iter().map(|phone| format!("+38067000000{phone}")).collect();
    let words = WORDINGS[ad.wording].replace("{}", &format!("city{number}"));
    let text = format!("{words}, {}", phones.join(", "));
    let region = Region::new("UA");
    let posting = Posting {
        id: id(number),
        capture: CaptureId::new("c-000000000000000000000000").unwrap(),
        source,
        row: None,
        key: number.to_string(),
        kind: PostingKind::SocialPost,
        url: None,
        title: None,
        contacts: text::contacts(Field::Text, &text, region),
        text,
        author: Some(format!("Name {}", number % 3)),
        published_at: None,
        captured_at: at(number),
        language: None,
        region,
        places: Vec::new(),
        pay: None,
        employer: (ad.employer < 7).then(|| format!("Employer {}", ad.employer)),
        hidden_links: Vec::new(),
        images: Vec::new(),
        stylesheets: Vec::new(),
        saved_at: None,
        marks: domain::PostMarks::default(),
    };
    let score = Score::from_probability(f64::from(ad.score) / 100.0);
    let assessment = Assessment {
        language: None,
        score,
        band: Band::of(score),
        findings: Vec::new(),
        mitigations: Vec::new(),
        rule_set: Sha256::of(b"invented"),
    };
    StoredPosting { posting, assessment }
}

fn id(number: usize) -> PostingId {
    PostingId::derive(&SourceId::new("invented").unwrap(), &number.to_string())
}

/// A desk's index, each act folded and committed as the pipeline does it.
#[derive(Default)]
struct Index {
    store: MemoryStore,
    entries: u64,
}

impl Index {
    fn fold(&mut self, work: impl FnOnce(&mut StagedNetwork<'_>, u64)) {
        self.entries += 1;
        let mut network = StagedNetwork::new(&self.store);
        work(&mut network, self.entries);
        let batch = Batch { changes: network.into_changes(), applied: Some(self.entries) };
        self.store.commit(&batch).unwrap();
    }

    fn arrive(&mut self, stored: StoredPosting) {
        let keys = link::keys(&stored.posting, &Folded::new(&stored.posting.text));
        self.fold(|network, _| network.flag(stored, &keys).unwrap());
    }

    fn rule(&mut self, groups: Vec<Vec<PostingId>>) {
        let (by, reason) = ("Olena Example".to_owned(), "invented".to_owned());
        self.fold(|network, seq| {
            network.heed(Ruling { seq, by, at: at(0), reason, groups }).unwrap();
        });
    }

    fn leads(&self) -> Vec<Lead> {
        let all = QueueFilter { all_statuses: true, ..QueueFilter::default() };
        self.store.queue(&all, usize::MAX).unwrap()
    }

    /// The postings of each lead by number.
    fn groups(&self, postings: usize) -> BTreeSet<BTreeSet<usize>> {
        let number = |id: &PostingId| (0..postings).find(|n| self::id(*n) == *id).unwrap();
        self.leads().iter().map(|lead| lead.postings.iter().map(number).collect()).collect()
    }
}

/// The work of one entry of the log.
#[derive(Clone, Debug)]
enum Act {
    Arrive(Box<StoredPosting>),
    Rule(Vec<Vec<PostingId>>),
    Note(PostingId),
}

impl Act {
    fn fold(&self, network: &mut StagedNetwork<'_>, seq: u64) {
        let (by, reason) = ("Olena Example".to_owned(), "invented".to_owned());
        match self {
            Self::Arrive(stored) => {
                let keys = link::keys(&stored.posting, &Folded::new(&stored.posting.text));
                network.flag((**stored).clone(), &keys).unwrap();
            }
            Self::Rule(groups) => {
                let groups = groups.clone();
                network.heed(Ruling { seq, by, at: at(0), reason, groups }).unwrap();
            }
            Self::Note(posting) => {
                let Some(lead) = network.lead_of(posting).unwrap() else { return };
                let note = Note { by, at: at(seq as usize), text: reason, lead: lead.id.clone() };
                network.act(lead, |lead| lead.notes.push(note));
            }
        }
    }
}

/// What the index holds after these acts, so many of them committed at a time.
fn dump_of(acts: &[Act], together: usize) -> String {
    let store = MemoryStore::default();
    let mut seq = 0;
    for some in acts.chunks(together) {
        let mut network = StagedNetwork::new(&store);
        for act in some {
            seq += 1;
            act.fold(&mut network, seq);
        }
        let batch = Batch { changes: network.into_changes(), applied: Some(seq) };
        store.commit(&batch).unwrap();
    }
    let mut lines = Vec::new();
    store.dump(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn ads() -> impl Strategy<Value = Vec<Ad>> {
    let phones = proptest::collection::vec(0u8..6, 0..3);
    let posting = (0usize..3, phones, 0u8..9, 40u8..99)
        .prop_map(|(wording, phones, employer, score)| Ad { wording, phones, employer, score });
    proptest::collection::vec(posting, 1..14)
}

fn rulings() -> impl Strategy<Value = Vec<(Vec<usize>, Vec<usize>)>> {
    let side = || proptest::collection::vec(0usize..14, 1..3);
    proptest::collection::vec((side(), proptest::collection::vec(0usize..14, 0..3)), 0..3)
}

fn groups_of((one, other): &(Vec<usize>, Vec<usize>), postings: usize) -> Vec<Vec<usize>> {
    let is_there = |n: &&usize| **n < postings;
    let other: BTreeSet<usize> = other.iter().filter(is_there).copied().collect();
    let one: BTreeSet<usize> =
        one.iter().filter(is_there).filter(|n| !other.contains(n)).copied().collect();
    let sides = [one, other].into_iter().filter(|side| !side.is_empty());
    sides.map(|side| side.into_iter().collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_desk_makes_the_leads_that_the_network_in_memory_makes_in_any_order(
        ads in ads(), rulings in rulings(), turn in 0usize..14
    ) {
        let postings: Vec<StoredPosting> =
            ads.iter().enumerate().map(|(n, ad)| stored(n, ad)).collect();
        let mut memory = MemoryNetwork::new();
        for (number, stored) in postings.iter().enumerate() {
            let keys = link::keys(&stored.posting, &Folded::new(&stored.posting.text));
            memory.put_words(number as u32, keys.words());
            let digests: Vec<KeyDigest> = keys.of_one_hand().map(KeyDigest::of).collect();
            let Ok(()) = link::arrive(&mut memory, &(number as u32), &digests, &keys.signs(false));
        }
        let rulings: Vec<_> = rulings.iter().map(|r| groups_of(r, postings.len())).collect();
        for groups in &rulings {
            let numbers = |group: &Vec<usize>| group.iter().map(|n| *n as u32).collect();
            let groups: Vec<Vec<u32>> = groups.iter().map(numbers).collect();
            let named: Vec<u32> = groups.iter().flatten().copied().collect();
            memory.put_ruling(groups);
            let Ok(()) = link::heed(&mut memory, &named);
        }
        let expected: BTreeSet<BTreeSet<usize>> =
            memory.groups().iter().map(|g| g.iter().map(|n| *n as usize).collect()).collect();

        let mut turned = postings.clone();
        turned.rotate_left(turn % postings.len());
        let mut leads = Vec::new();
        for (order, ruled_first) in [(&postings, false), (&turned, false), (&turned, true)] {
            let mut index = Index::default();
            let rule = |index: &mut Index| {
                for groups in &rulings {
                    let ids = |group: &Vec<usize>| group.iter().map(|n| id(*n)).collect();
                    index.rule(groups.iter().map(ids).collect());
                }
            };
            if ruled_first {
                rule(&mut index);
            }
            order.iter().for_each(|stored| index.arrive(stored.clone()));
            if !ruled_first {
                rule(&mut index);
            }
            // Where people parted what many ties hold together, the order of the keys' names says which
            // ties are passed over, and the two networks name keys differently.
            if rulings.iter().all(|groups| groups.len() < 2) {
                prop_assert_eq!(&index.groups(postings.len()), &expected);
            }
            leads.push(index.leads());
        }
        prop_assert_eq!(&leads[0], &leads[1], "names, scores and spread, too");
        prop_assert_eq!(&leads[0], &leads[2]);
    }

    #[test]
    fn entries_leave_the_same_index_however_many_are_committed_together(
        ads in ads(), edits in ads(), rulings in rulings(), turn in 0usize..14
    ) {
        // Postings that come again with other words and scores, people's words and remarks among them.
        let arrive = |(number, ad)| Act::Arrive(Box::new(stored(number, ad)));
        let mut acts: Vec<Act> = ads.iter().enumerate().map(arrive).collect();
        let rulings = rulings.iter().map(|ruling| groups_of(ruling, ads.len()));
        let ids = |group: &Vec<usize>| group.iter().map(|n| id(*n)).collect();
        acts.extend(rulings.map(|groups| Act::Rule(groups.iter().map(ids).collect())));
        acts.extend((0..ads.len()).step_by(3).map(|number| Act::Note(id(number))));
        acts.extend(edits.iter().enumerate().map(arrive));
        let end = acts.len();
        acts.rotate_left(turn % end);
        let one_by_one = dump_of(&acts, 1);
        for together in [2, 5, end] {
            prop_assert_eq!(dump_of(&acts, together), one_by_one.clone(), "{} at a time", together);
        }
    }

    #[test]
    fn a_lead_never_scores_less_by_one_posting_more(ads in ads()) {
        let mut index = Index::default();
        let postings: Vec<StoredPosting> =
            ads.iter().enumerate().map(|(n, ad)| stored(n, ad)).collect();
        for (number, stored) in postings.iter().enumerate() {
            let before = index.leads();
            index.arrive(stored.clone());
            let now = index.leads();
            for lead in before {
                // A key that stops may part a lead; one that stays whole keeps its score.
                let whole = now.iter().find(|now| lead.postings.iter().all(|p| now.postings.contains(p)));
                if let Some(whole) = whole {
                    prop_assert!(whole.score >= lead.score, "after posting {}", number);
                }
            }
        }
    }
}

#[test]
fn a_decision_that_is_taken_back_leaves_the_index_as_if_it_had_not_been_made() {
    let ad = |wording| Ad { wording, phones: vec![1], employer: 8, score: 60 };
    let index = |decided: bool| {
        let mut index = Index::default();
        (0..3).for_each(|number| index.arrive(stored(number, &ad(number))));
        let lead = index.leads().remove(0);
        // A person told the first from the others, and then somebody decided on two that a person
        // told apart: the latest word counts, until it is taken back.
        let (first, rest) = lead.postings.split_first().unwrap();
        index.rule(vec![vec![first.clone()], rest.to_vec()]);
        let decision = Decision {
            by: "Mihai Example".to_owned(),
            at: at(9),
            verdict: Verdict::Monitor,
            reason: "invented".to_owned(),
            lead: lead.id.clone(),
            postings: vec![first.clone(), rest[0].clone()],
        };
        if decided {
            let (by, at, reason) = (decision.by.clone(), decision.at, String::new());
            let groups = vec![decision.postings.clone()];
            index.fold(|network, seq| {
                network.heed(Ruling { seq, by, at, reason, groups }).unwrap();
            });
            let together =
                |lead: &Lead| decision.postings.iter().all(|p| lead.postings.contains(p));
            assert!(index.leads().iter().any(together));
            index.fold(|network, _| network.unheed(&decision).unwrap());
        } else {
            index.entries += 2;
        }
        index.arrive(stored(3, &ad(0)));
        index
    };
    let (with, without) = (index(true), index(false));
    assert_eq!(with.leads(), without.leads());
    let dump = |index: &Index| {
        let mut lines = Vec::new();
        index.store.dump(&mut lines).unwrap();
        String::from_utf8(lines).unwrap()
    };
    assert_eq!(dump(&with), dump(&without));
}

#[test]
fn what_people_did_goes_with_the_posting_by_whose_name_they_did_it() {
    let mut index = Index::default();
    for number in 0..3 {
        let ad = Ad { wording: number, phones: vec![1], employer: 8, score: 60 };
        index.arrive(stored(number, &ad));
    }
    let lead = index.leads().remove(0);
    let decision = Decision {
        by: "Olena Example".to_owned(),
        at: at(9),
        verdict: Verdict::Monitor,
        reason: "invented".to_owned(),
        lead: lead.id.clone(),
        postings: lead.postings.clone(),
    };
    index.fold(|network, _| {
        let lead = network.named(&lead.id).unwrap().unwrap();
        network.act(lead, |lead| lead.decisions.push(decision));
    });
    let (first, rest) = lead.postings.split_first().unwrap();
    index.rule(vec![vec![first.clone()], rest.to_vec()]);
    let leads = index.leads();
    assert_eq!(leads.len(), 2);
    let of = |posting: &PostingId| leads.iter().find(|l| l.postings.contains(posting)).unwrap();
    assert_eq!(of(first).decisions.len(), 1);
    assert!(of(&rest[0]).decisions.is_empty());
    assert_eq!(of(first).id, lead.id);
    let removed = |change: &Change| matches!(change, Change::RemoveLead(_));
    assert!(!StagedNetwork::new(&index.store).into_changes().iter().any(removed));
}
