//! Random batches: the store on disk and the one in memory never differ, whatever happens between.

use std::path::Path;

use domain::{Band, Language, Lead, LeadStatus, Verdict};
use proptest::prelude::*;
use store::{Batch, Change, MemoryStore, Opened, QueueFilter, SledStore, Store};

use crate::samples::{
    at, capture, checkpoint, decision, dump, host, key_use, lead, lease, link_key, phone,
    posting_id, ruling, see, source, source_id, stored, walk,
};

const LANGUAGES: [Language; 3] = [Language::Uk, Language::Ro, Language::En];
const INDICATORS: [&str; 2] = ["debt-bondage", "document-retention"];

/// Few ids, so that most changes meet something that is there already.
fn change() -> impl Strategy<Value = Change> {
    let id = 0u64..8;
    prop_oneof![
        (0u64..3).prop_map(|n| Change::PutSource(source(n))),
        (id.clone(), 0u64..3, "[ab]", "[xyz]")
            .prop_map(|(n, of, url, payload)| capture(n, of, &url, &payload)),
        (id.clone(), "[xyz]").prop_map(|(n, content)| see(n, &content)),
        (id.clone(), 0u64..3, 0usize..3, 0usize..2).prop_map(|(n, of, language, indicator)| {
            let kept = stored(n, of, LANGUAGES[language], INDICATORS[indicator]);
            Change::PutPosting(Box::new(kept))
        }),
        a_lead().prop_map(Change::PutLead),
        (id.clone(), "[\\x00ab\u{ff}]{0,3}").prop_map(|(n, value)| link_key(&value, n)),
        ("[\\x00ab\u{ff}]{0,3}", 0u32..9).prop_map(|(value, employer)| key_use(&value, employer)),
        (0u64..4, proptest::collection::vec(0u64..8, 0..4))
            .prop_map(|(seq, postings)| ruling(seq, &postings)),
        (0u64..4).prop_map(Change::RemoveRuling),
        id.prop_map(|n| Change::RemoveLead(lead(n, 0, 0).id)),
        (0u64..3, "[0-9]").prop_map(|(n, position)| checkpoint(n, &position)),
        (0u64..3, 0u64..5).prop_map(|(n, new)| walk(n, new)),
        (0u64..3, 0u64..2, 0i64..3).prop_map(|(n, holder, seconds)| Change::PutLease {
            source: source_id(n),
            lease: lease(holder, seconds),
        }),
        (0u64..3).prop_map(|n| Change::EndLease { source: source_id(n) }),
        (0u64..3, 0u32..3).prop_map(|(n, asked)| host(n, asked)),
        (0u64..3).prop_map(|n| Change::ForgetHost { host: format!("https://board-{n}.example") }),
    ]
}

fn a_lead() -> impl Strategy<Value = Lead> {
    let postings = proptest::collection::vec(0u64..8, 0..4);
    (0u64..8, 0u8..=100, -3i64..3, postings, any::<bool>(), 0usize..3).prop_map(
        |(n, percent, opened, postings, claimed, decisions)| Lead {
            postings: postings.into_iter().map(posting_id).collect(),
            claimed_by: claimed.then(|| "Olena Example".to_owned()),
            decisions: [Verdict::Dismiss, Verdict::Refer][..decisions.min(2)]
                .iter()
                .map(|verdict| decision(*verdict))
                .collect(),
            ..lead(n, percent, opened)
        },
    )
}

/// What happens after a batch.
#[derive(Clone, Copy, Debug)]
enum Then {
    Nothing,
    Sync,
    Reopen,
    Drop,
    Compact,
}

fn then() -> impl Strategy<Value = Then> {
    prop_oneof![
        6 => Just(Then::Nothing),
        2 => Just(Then::Sync),
        1 => Just(Then::Reopen),
        1 => Just(Then::Drop),
        1 => Just(Then::Compact),
    ]
}

fn open(dir: &Path, expected: &Opened) -> SledStore {
    let (store, opened) = SledStore::open(dir).unwrap();
    assert_eq!(&opened, expected);
    store
}

fn filters() -> Vec<QueueFilter> {
    let any = QueueFilter::default();
    vec![
        any.clone(),
        QueueFilter { all_statuses: true, ..any.clone() },
        QueueFilter { status: Some(LeadStatus::Decided), ..any.clone() },
        QueueFilter { band_at_least: Some(Band::High), ..any.clone() },
        QueueFilter { verdict: Some(Verdict::Refer), ..any.clone() },
        QueueFilter { from: Some("MD".to_owned()), ..any.clone() },
        QueueFilter { to: Some("TR".to_owned()), since: Some(at(0)), ..any.clone() },
        QueueFilter { language: Some(Language::Ro), source: Some(source_id(1)), ..any },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_on_disk_holds_what_the_one_in_memory_holds(
        story in proptest::collection::vec((proptest::collection::vec(change(), 0..12), then()), 1..10)
    ) {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("store");
        let memory = MemoryStore::new();
        let mut disk = open(&dir, &Opened::Fresh);
        for (n, (changes, then)) in story.into_iter().enumerate() {
            let batch = Batch { changes, applied: (n % 3 > 0).then_some(n as u64) };
            memory.commit(&batch).unwrap();
            disk.commit_relaxed(&batch).unwrap();
            match then {
                Then::Nothing => {}
                Then::Sync => disk.sync().unwrap(),
                Then::Reopen => {
                    disk.close().unwrap();
                    disk = open(&dir, &Opened::AsLeft);
                }
                Then::Drop => {
                    drop(disk);
                    disk = open(&dir, &Opened::AsLeft);
                }
                Then::Compact => disk = disk.compact().unwrap(),
            }
            prop_assert_eq!(dump(&disk), dump(&memory));
        }
        prop_assert_eq!(disk.counts().unwrap(), memory.counts().unwrap());
        prop_assert_eq!(disk.last_changes().unwrap(), memory.last_changes().unwrap());
        for filter in filters() {
            for limit in [1, 3, usize::MAX] {
                prop_assert_eq!(disk.queue(&filter, limit).unwrap(), memory.queue(&filter, limit).unwrap());
            }
        }
        let mut after = None;
        loop {
            let leads = disk.leads(after.as_ref(), 2).unwrap();
            prop_assert_eq!(&leads, &memory.leads(after.as_ref(), 2).unwrap());
            let Some(last) = leads.last() else { break };
            after = Some(last.id.clone());
        }
        for value in ["", "a", "b", "\0", "a\0", "\u{ff}"] {
            for limit in [1, usize::MAX] {
                let found = disk.linked(&phone(value), limit).unwrap();
                prop_assert_eq!(found, memory.linked(&phone(value), limit).unwrap());
            }
        }
    }

    #[test]
    fn how_the_changes_are_cut_into_batches_does_not_matter(
        changes in proptest::collection::vec(change(), 1..40), cut in 1usize..40
    ) {
        let temp = tempfile::tempdir().unwrap();
        let stores = ["whole", "cut"].map(|name| open(&temp.path().join(name), &Opened::Fresh));
        stores[0].commit(&Batch { changes: changes.clone(), applied: Some(1) }).unwrap();
        for part in changes.chunks(cut) {
            stores[1].commit_relaxed(&Batch { changes: part.to_vec(), applied: Some(1) }).unwrap();
        }
        prop_assert_eq!(dump(&stores[0]), dump(&stores[1]));
    }
}
