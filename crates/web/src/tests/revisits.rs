//! What became of postings at their sources is seen on the page of their lead.

use domain::Found;
use evidence::{CustodyLog, Event};

use super::house::{House, some_postings};
use crate::accounts::Role;

/// A house whose first lead's posting was asked for again, with these results.
async fn house(found: &[Found]) -> House {
    House::prepared(&some_postings(), |dir, leads| {
        let (mut log, _) = CustodyLog::open(&dir.join("custody")).unwrap();
        let posting = leads[0].founder().unwrap();
        for (found, day) in found.iter().zip(29..) {
            let (lead, posting, found) = (leads[0].clone(), posting.clone(), *found);
            let at = format!("2026-11-{day}T11:00:00Z").parse().unwrap();
            let event = Event::Revisit { lead, posting, found, why: None, capture: None };
            log.append(at, "fusion", vec![event]).unwrap();
        }
        log.seal().unwrap();
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_posting_that_is_gone_is_said_to_be_and_what_that_may_mean() {
    let house = house(&[Found::Unchanged, Found::Gone]).await;
    let lead = house.leads()[0].clone();
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get(&format!("/leads/{lead}")).await.is(200);
    page.says("asked for again: unchanged")
        .says("Posting 1 is not to be seen at its source any more")
        .says("asked for again: gone at its source, 2026-11-30 11:00")
        .says("think of urgency before anything else");
    let uk = olena.get(&format!("/leads/{lead}?lang=uk")).await.is(200);
    uk.says("Допис 1 у джерелі більше не видно");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_came_back_or_was_never_away_is_not() {
    for found in [&[Found::Gone, Found::Unchanged][..], &[Found::Refused], &[]] {
        let house = house(found).await;
        let lead = house.leads()[0].clone();
        let mut olena = house.somebody("olena", &[Role::Investigator]);
        let page = olena.get(&format!("/leads/{lead}")).await.is(200);
        assert!(!page.text.contains("is not to be seen at its source"), "{found:?}");
    }
}
