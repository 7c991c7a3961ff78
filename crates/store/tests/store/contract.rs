//! What every store promises, told on each of them.

use domain::{
    Band, Contact, ContactKind, Field, IndicatorId, Language, Lead, LeadId, LeadStatus, LinkKey,
    LinkKind, Sha256, Span, Spread, Verdict,
};
use store::{
    Batch, Change, ContentMark, MemoryStore, Opened, QueueFilter, SledStore, Store, StoreError,
};

use crate::samples::{
    at, batch, capture, capture_id, checkpoint, decision, dump, host, key_use, lead, lease,
    link_key, phone, posting_id, ruling, see, source, source_id, stored,
};

fn on_each_store(story: impl Fn(&dyn Store)) {
    story(&MemoryStore::new());
    let dir = tempfile::tempdir().unwrap();
    let (store, opened) = SledStore::open(&dir.path().join("store")).unwrap();
    assert_eq!(opened, Opened::Fresh);
    story(&store);
    store.close().unwrap();
}

fn queue(store: &dyn Store, filter: &QueueFilter) -> Vec<LeadId> {
    store.queue(filter, usize::MAX).unwrap().into_iter().map(|lead| lead.id).collect()
}

fn ids(numbers: &[u64]) -> Vec<LeadId> {
    numbers.iter().map(|n| LeadId::founded_by(&posting_id(*n))).collect()
}

#[test]
fn what_was_put_comes_back_and_what_was_not_does_not() {
    on_each_store(|store| {
        let kept = stored(4, 1, Language::Uk, "document-retention");
        let changes = vec![
            Change::PutSource(source(1)),
            capture(2, 1, "https://a.example/", "page"),
            see(3, "words"),
            Change::PutPosting(Box::new(kept.clone())),
            Change::PutLead(lead(4, 90, 0)),
            checkpoint(1, "17"),
        ];
        store.commit(&batch(1, changes)).unwrap();

        assert_eq!(store.source(&source_id(1)).unwrap(), Some(source(1)));
        assert_eq!(store.sources().unwrap(), [source(1)]);
        assert_eq!(store.capture(&capture_id(2)).unwrap().unwrap().offset, 2_000);
        let words = ContentMark::from(Sha256::of(b"words"));
        assert_eq!(store.seen(&posting_id(3)).unwrap(), Some(words));
        assert_eq!(store.posting(&posting_id(4)).unwrap(), Some(kept));
        assert_eq!(store.lead(&lead(4, 90, 0).id).unwrap(), Some(lead(4, 90, 0)));
        assert_eq!(store.lead_of(&posting_id(4)).unwrap(), Some(lead(4, 90, 0).id));
        let read_to = store.checkpoint(&source_id(1)).unwrap().unwrap();
        assert_eq!(read_to.get("newest"), Some("17"));

        assert_eq!(store.source(&source_id(2)).unwrap(), None);
        assert_eq!(store.capture(&capture_id(1)).unwrap(), None);
        assert_eq!(store.seen(&posting_id(4)).unwrap(), None);
        assert_eq!(store.posting(&posting_id(3)).unwrap(), None);
        assert_eq!(store.lead_of(&posting_id(3)).unwrap(), None);
        assert_eq!(store.checkpoint(&source_id(2)).unwrap(), None);
    });
}

#[test]
fn the_last_capture_of_an_address_is_the_latest_source_by_source() {
    on_each_store(|store| {
        let url = "https://a.example/";
        store.commit(&batch(1, vec![capture(1, 1, url, "old")])).unwrap();
        store.commit(&batch(2, vec![capture(2, 1, url, "new"), capture(3, 2, url, "x")])).unwrap();
        let latest = store.latest_payload(&source_id(1), url).unwrap();
        assert_eq!(latest, Some((capture_id(2), Sha256::of(b"new"))));
        let other = store.latest_payload(&source_id(2), url).unwrap();
        assert_eq!(other, Some((capture_id(3), Sha256::of(b"x"))));
        assert_eq!(store.latest_payload(&source_id(1), "https://b.example/").unwrap(), None);
        assert!(store.capture(&capture_id(1)).unwrap().is_some(), "the old one is forgotten");
    });
}

#[test]
fn the_queue_goes_by_score_then_age_then_id() {
    on_each_store(|store| {
        let mut same_age = [lead(5, 70, 9), lead(6, 70, 9)];
        same_age.sort_by(|a, b| a.id.cmp(&b.id));
        let mut changes: Vec<_> = same_age.iter().cloned().map(Change::PutLead).collect();
        for (n, percent, opened) in [(1, 50, 3), (2, 99, 8), (3, 70, 2), (4, 70, -2_000_000_000)] {
            changes.push(Change::PutLead(lead(n, percent, opened)));
        }
        store.commit(&batch(1, changes)).unwrap();
        let mut expected = ids(&[2, 4, 3]);
        expected.extend(same_age.map(|lead| lead.id));
        expected.extend(ids(&[1]));
        assert_eq!(queue(store, &QueueFilter::default()), expected);
        let first: Vec<_> = store.queue(&QueueFilter::default(), 2).unwrap();
        assert_eq!(
            first.iter().map(|lead| &lead.id).collect::<Vec<_>>(),
            [&expected[0], &expected[1]]
        );
        assert!(store.queue(&QueueFilter::default(), 0).unwrap().is_empty());
    });
}

#[test]
fn a_lead_moves_through_the_queue_as_it_is_claimed_and_decided() {
    on_each_store(|store| {
        let all = vec![Change::PutLead(lead(1, 90, 0)), Change::PutLead(lead(2, 80, 0))];
        store.commit(&batch(1, all)).unwrap();
        let claimed = Lead { claimed_by: Some("Olena Example".to_owned()), ..lead(1, 90, 0) };
        store.commit(&batch(2, vec![Change::PutLead(claimed)])).unwrap();
        let of = |status| QueueFilter { status: Some(status), ..QueueFilter::default() };
        assert_eq!(queue(store, &of(LeadStatus::Open)), ids(&[2]));
        assert_eq!(queue(store, &of(LeadStatus::Claimed)), ids(&[1]));
        assert_eq!(queue(store, &QueueFilter::default()), ids(&[1, 2]));

        let decided = Lead { decisions: vec![decision(Verdict::Monitor)], ..lead(1, 95, 0) };
        store.commit(&batch(3, vec![Change::PutLead(decided)])).unwrap();
        assert_eq!(queue(store, &QueueFilter::default()), ids(&[2]));
        assert_eq!(queue(store, &of(LeadStatus::Decided)), ids(&[1]));
        let all = QueueFilter { all_statuses: true, ..QueueFilter::default() };
        assert_eq!(queue(store, &all), ids(&[1, 2]));
        let counts = store.counts().unwrap();
        assert_eq!((counts.leads_open, counts.leads_claimed, counts.leads_decided), (1, 0, 1));
        assert_eq!(counts.leads(), 2);
    });
}

#[test]
fn each_filter_narrows_the_queue() {
    on_each_store(|store| {
        let mut first = lead(1, 90, 0);
        first.claimed_by = Some("Olena Example".to_owned());
        let mut second = lead(2, 70, 0);
        second.postings.push(posting_id(3));
        let decided = Lead { decisions: vec![decision(Verdict::Escalate)], ..lead(4, 50, 0) };
        let mut changes: Vec<_> = [first, second, decided].map(Change::PutLead).into();
        for (n, source, language, indicator) in [
            (1, 1, Language::Uk, "document-retention"),
            (2, 1, Language::Ru, "debt-bondage"),
            (3, 2, Language::Ro, "document-retention"),
            (4, 2, Language::Ro, "debt-bondage"),
        ] {
            let kept = stored(n, source, language, indicator);
            changes.push(Change::PutPosting(Box::new(kept)));
        }
        store.commit(&batch(1, changes)).unwrap();

        let any = QueueFilter::default();
        let retention = Some(IndicatorId::new("document-retention").unwrap());
        for (filter, expected) in [
            (QueueFilter { band_at_least: Some(Band::High), ..any.clone() }, &[1, 2][..]),
            (QueueFilter { band_at_least: Some(Band::Critical), ..any.clone() }, &[1]),
            (QueueFilter { claimed_by: Some("Olena Example".to_owned()), ..any.clone() }, &[1]),
            (QueueFilter { claimed_by: Some("Nobody Example".to_owned()), ..any.clone() }, &[]),
            (QueueFilter { source: Some(source_id(2)), ..any.clone() }, &[2]),
            (QueueFilter { language: Some(Language::Uk), ..any.clone() }, &[1]),
            (QueueFilter { indicator: retention.clone(), ..any.clone() }, &[1, 2]),
            (QueueFilter { verdict: Some(Verdict::Escalate), ..any.clone() }, &[4]),
            (QueueFilter { verdict: Some(Verdict::Dismiss), ..any.clone() }, &[]),
            // Both hold for lead 2, but for two different postings of it.
            (QueueFilter { indicator: retention, source: Some(source_id(1)), ..any.clone() }, &[1]),
        ] {
            assert_eq!(queue(store, &filter), ids(expected), "{filter:?}");
        }
    });
}

#[test]
fn a_posting_follows_its_lead() {
    on_each_store(|store| {
        let both = Lead { postings: vec![posting_id(1), posting_id(2)], ..lead(1, 90, 0) };
        store.commit(&batch(1, vec![Change::PutLead(both.clone())])).unwrap();
        assert_eq!(store.lead_of(&posting_id(2)).unwrap(), Some(both.id.clone()));

        // Split: the second posting founds a lead of its own, then the first lead lets go of it.
        store.commit(&batch(2, vec![Change::PutLead(lead(2, 80, 0))])).unwrap();
        store.commit(&batch(3, vec![Change::PutLead(lead(1, 90, 0))])).unwrap();
        assert_eq!(store.lead_of(&posting_id(1)).unwrap(), Some(lead(1, 90, 0).id));
        assert_eq!(store.lead_of(&posting_id(2)).unwrap(), Some(lead(2, 80, 0).id));

        let empty = Lead { postings: Vec::new(), ..lead(2, 80, 0) };
        store.commit(&batch(4, vec![Change::PutLead(empty)])).unwrap();
        assert_eq!(store.lead_of(&posting_id(2)).unwrap(), None);
    });
}

#[test]
fn a_link_key_finds_its_postings_and_no_others() {
    on_each_store(|store| {
        let keys = ["+380000000001", "+38000000000", "+380000000001", "a\0b", "a"];
        let changes = keys.iter().zip(1..).map(|(key, n)| link_key(key, n)).collect();
        store.commit(&batch(1, changes)).unwrap();
        let mut both = [1, 3].map(posting_id);
        both.sort();
        let linked = |key: &LinkKey| store.linked(key, usize::MAX).unwrap();
        assert_eq!(linked(&phone("+380000000001")), both);
        assert_eq!(store.linked(&phone("+380000000001"), 1).unwrap(), both[..1]);
        assert_eq!(linked(&phone("a")).len(), 1);
        assert_eq!(linked(&phone("")), []);
        assert_eq!(linked(&LinkKey { kind: LinkKind::Text, ..phone("a") }), []);
        assert_eq!(store.link_keys(&posting_id(4)).unwrap()[0], phone("a\0b"));
        assert_eq!(store.link_keys(&posting_id(9)).unwrap(), []);
    });
}

#[test]
fn what_people_said_is_found_from_each_posting_that_they_named() {
    on_each_store(|store| {
        store.commit(&batch(1, vec![ruling(1, &[1, 2]), key_use("a", 7)])).unwrap();
        store.commit(&batch(2, vec![ruling(2, &[2, 3, 4])])).unwrap();
        assert_eq!(store.ruled(&posting_id(2)).unwrap(), [1, 2]);
        assert!(store.ruled(&posting_id(9)).unwrap().is_empty());
        let groups = store.ruling(2).unwrap().unwrap().groups;
        assert_eq!(groups, [vec![posting_id(2), posting_id(3)], vec![posting_id(4)]]);
        assert_eq!(store.ruling(3).unwrap(), None);
        assert_eq!(store.key_use(&phone("a")).unwrap().unwrap().employers, [7].into());
        assert_eq!(store.key_use(&phone("b")).unwrap(), None);
        // What was taken back is found from none of them; the rest is.
        store.commit(&batch(3, vec![Change::RemoveRuling(2), Change::RemoveRuling(9)])).unwrap();
        assert_eq!(store.ruling(2).unwrap(), None);
        assert_eq!(store.ruled(&posting_id(2)).unwrap(), [1]);
        assert!(store.ruled(&posting_id(4)).unwrap().is_empty());
    });
}

#[test]
fn a_lead_that_went_into_another_leaves_the_queue_and_its_postings_stay_found() {
    on_each_store(|store| {
        let all = [lead(1, 90, 0), lead(2, 80, 0)].map(Change::PutLead);
        store.commit(&batch(1, all.into())).unwrap();
        let both = Lead { postings: vec![posting_id(1), posting_id(2)], ..lead(1, 90, 0) };
        let joined = vec![Change::PutLead(both.clone()), Change::RemoveLead(lead(2, 80, 0).id)];
        store.commit(&batch(2, joined)).unwrap();
        assert_eq!(queue(store, &QueueFilter::default()), ids(&[1]));
        assert_eq!(store.lead(&lead(2, 80, 0).id).unwrap(), None);
        assert_eq!(store.lead_of(&posting_id(2)).unwrap(), Some(both.id));
        assert_eq!(store.counts().unwrap().leads(), 1);
        store.commit(&batch(3, vec![Change::RemoveLead(lead(1, 90, 0).id)])).unwrap();
        assert_eq!(store.lead_of(&posting_id(2)).unwrap(), None);
    });
}

#[test]
fn a_view_learns_which_leads_it_has_to_look_at_again() {
    on_each_store(|store| {
        let three = [lead(1, 90, 0), lead(2, 80, 0), lead(3, 70, 0)].map(Change::PutLead);
        store.commit(&batch(4, three.into())).unwrap();
        store.commit(&batch(5, vec![see(9, "of no lead")])).unwrap();
        let claimed = Lead { claimed_by: Some("Example".to_owned()), ..lead(2, 80, 0) };
        let gone = Change::RemoveLead(lead(3, 70, 0).id);
        store.commit(&batch(6, vec![Change::PutLead(claimed), gone])).unwrap();
        let mut changes: Vec<_> = ids(&[1, 2]).into_iter().zip([4, 6]).collect();
        changes.sort();
        assert_eq!(store.last_changes().unwrap(), changes);
    });
}

#[test]
fn a_decided_lead_with_a_posting_more_is_open_again() {
    on_each_store(|store| {
        let decided = Lead { decisions: vec![decision(Verdict::Dismiss)], ..lead(1, 90, 0) };
        store.commit(&batch(1, vec![Change::PutLead(decided.clone())])).unwrap();
        assert_eq!(queue(store, &QueueFilter::default()), []);
        let more = Lead { postings: vec![posting_id(1), posting_id(99)], ..decided };
        store.commit(&batch(2, vec![Change::PutLead(more.clone())])).unwrap();
        assert_eq!(queue(store, &QueueFilter::default()), ids(&[1]));
        assert_eq!((more.verdict(), more.suggestion()), (None, Some(Verdict::Dismiss)));
        let decided = QueueFilter { verdict: Some(Verdict::Dismiss), ..QueueFilter::default() };
        assert_eq!(queue(store, &decided), []);
    });
}

#[test]
fn applying_a_batch_again_changes_nothing_and_an_older_one_is_refused() {
    on_each_store(|store| {
        let second = batch(2, vec![Change::PutLead(lead(1, 90, 0)), see(1, "a")]);
        store.commit(&batch(1, vec![Change::PutSource(source(1))])).unwrap();
        store.commit(&second).unwrap();
        let once = dump(store);
        store.commit(&second).unwrap();
        store.commit_relaxed(&Batch { applied: None, ..second.clone() }).unwrap();
        assert_eq!(dump(store), once);
        let older = store.commit(&batch(1, vec![Change::PutSource(source(2))]));
        assert!(matches!(older, Err(StoreError::Backwards { applied: 2, given: 1 })));
        assert_eq!(dump(store), once);
        assert_eq!(store.applied().unwrap(), 2);
    });
}

#[test]
fn a_batch_with_something_that_cannot_be_kept_leaves_no_trace() {
    on_each_store(|store| {
        let empty = dump(store);
        let mut endless = stored(1, 1, Language::En, "debt-bondage");
        endless.assessment.findings[0].points = f64::INFINITY;
        let mut short_id = lead(1, 90, 0);
        short_id.postings = vec![domain::PostingId::new("p-1").unwrap()];
        for bad in [Change::PutPosting(Box::new(endless)), Change::PutLead(short_id)] {
            let refused = store.commit(&batch(1, vec![Change::PutSource(source(1)), bad]));
            let sentence = refused.unwrap_err().to_string();
            assert!(sentence.starts_with("the index cannot keep"), "{sentence}");
        }
        assert_eq!(dump(store), empty);
        assert_eq!(store.applied().unwrap(), 0);
    });
}

#[test]
fn points_come_back_to_the_last_bit() {
    on_each_store(|store| {
        for n in 0..200 {
            let kept = stored(n, 1, Language::Uk, "debt-bondage");
            store
                .commit_relaxed(&batch(1, vec![Change::PutPosting(Box::new(kept.clone()))]))
                .unwrap();
            assert_eq!(store.posting(&posting_id(n)).unwrap(), Some(kept));
        }
    });
}

#[test]
fn a_source_has_one_scanner_until_it_is_given_back_or_the_lease_runs_out() {
    on_each_store(|store| {
        let take = |holder, second| {
            let lease = lease(holder, second);
            store.take_lease(&source_id(1), &lease, at(second)).unwrap().map(|held| held.holder)
        };
        let first = Some("scanner-1".to_owned());
        assert_eq!(take(1, 0), None);
        assert_eq!(take(2, 60), first, "two scanners have one source");
        assert_eq!(take(1, 100), None, "the holder cannot go on");
        assert_eq!(take(2, 200), first, "the lease was not taken anew");
        assert_eq!(take(2, 220), None, "a lease that has run out keeps others away");
        store.end_lease(&source_id(1), "scanner-1").unwrap();
        assert_eq!(store.leases().unwrap(), [(source_id(1), lease(2, 220))], "not its own");
        store.end_lease(&source_id(1), "scanner-2").unwrap();
        assert_eq!(store.leases().unwrap(), []);
        assert_eq!(take(1, 221), None);
    });
}

#[test]
fn of_many_scanners_that_ask_at_once_one_gets_the_source() {
    on_each_store(|store| {
        let got = std::thread::scope(|threads| {
            let scanners: Vec<_> = (0..16)
                .map(|n| {
                    threads.spawn(move || {
                        store.take_lease(&source_id(1), &lease(n, 0), at(0)).unwrap().is_none()
                    })
                })
                .collect();
            scanners.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(got.into_iter().filter(|got| *got).count(), 1);
    });
}

#[test]
fn how_we_stand_with_hosts_is_kept_until_it_is_forgotten() {
    on_each_store(|store| {
        store
            .commit(&Batch { changes: vec![host(2, 1), host(1, 5), host(2, 9)], applied: None })
            .unwrap();
        let asked: Vec<u32> = store.hosts().unwrap().iter().map(|host| host.asked).collect();
        assert_eq!(asked, [5, 9]);
        let forget = Change::ForgetHost { host: "https://board-1.example".to_owned() };
        store.commit(&Batch { changes: vec![forget], applied: None }).unwrap();
        assert_eq!(store.hosts().unwrap().len(), 1);
    });
}

#[test]
fn a_lead_is_found_by_its_route_its_contact_and_its_time() {
    on_each_store(|store| {
        let mut reached = stored(4, 1, Language::Uk, "document-retention");
        let contact = |kind, value: &str| Contact {
            kind,
            value: value.to_owned(),
            span: Span::quoting(Field::Text, "+380671234567", 0..13).unwrap(),
        };
        reached.posting.contacts = vec![
            contact(ContactKind::Phone, "+380671234567"),
            contact(ContactKind::Handle, "telegram:olena_jobs"),
        ];
        let mut route = lead(4, 90, 100);
        route.spread.from = ["UA".to_owned()].into();
        route.spread.to = ["TR".to_owned(), "DE".to_owned()].into();
        let changes = vec![
            Change::PutPosting(Box::new(reached)),
            Change::PutLead(route),
            Change::PutPosting(Box::new(stored(6, 1, Language::Uk, "document-retention"))),
            Change::PutLead(Lead { spread: Spread::default(), ..lead(6, 80, 0) }),
        ];
        store.commit(&batch(1, changes)).unwrap();
        let any = QueueFilter::default();
        let text = |text: &str| Some(text.to_owned());
        for (filter, found) in [
            (QueueFilter { from: text("UA"), ..any.clone() }, true),
            (QueueFilter { to: text("DE"), from: text("UA"), ..any.clone() }, true),
            (QueueFilter { to: text("UA"), ..any.clone() }, false),
            (QueueFilter { contact: text("067 123-45-67"), ..any.clone() }, true),
            (QueueFilter { contact: text("@Olena_Jobs"), ..any.clone() }, true),
            (QueueFilter { contact: text("@olena"), ..any.clone() }, false),
            (QueueFilter { since: Some(at(100)), ..any.clone() }, true),
            (QueueFilter { since: Some(at(101)), ..any.clone() }, false),
        ] {
            let expected = if found { ids(&[4]) } else { Vec::new() };
            assert_eq!(queue(store, &filter), expected, "{filter:?}");
        }
        assert_eq!(queue(store, &any), ids(&[4, 6]));
    });
}
