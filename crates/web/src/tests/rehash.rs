//! What was found when evidence was read again is told to whoever reads the log.

use serde_json::{Value, json};

use super::house::{House, some_postings};
use crate::accounts::Role;

fn round(faults: &[Value], is_over: bool) -> Value {
    let ended_at = is_over.then_some("2026-11-27T11:00:00Z");
    json!({
        "format": 1, "began_at": "2026-11-27T10:00:00Z", "ended_at": ended_at, "entry": 9, "files": 5,
        "bytes": 1_500_000, "faults": faults.len(), "found": faults, "is_over": is_over,
    })
}

async fn house(round: Option<Value>) -> House {
    House::prepared(&some_postings(), |dir, _| {
        if let Some(round) = round {
            std::fs::write(dir.join("rehash.json"), round.to_string()).unwrap();
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_named_with_its_file_and_what_is_to_be_done() {
    let fault = json!({"file": "captures/20261128-000001.warc.gz", "place": "byte 512",
        "what": "700 bytes have digest <b>x</b>"});
    let house = house(Some(round(&[fault], true))).await;
    let mut ion = house.somebody("ion", &[Role::Liaison]);
    let page = ion.get("/audit").await.is(200);
    let page = page.says("captures/20261128-000001.warc.gz").says("byte 512");
    let page =
        page.says("1 thing is not as it was taken.").says("hold it against your last backup");
    let page = page.says("5 captures and snapshots, 2 MB").says("&lt;b&gt;x&lt;/b&gt;");
    assert!(!page.text.contains("Round under way"));
    for (language, words) in [
        ("uk", "1 річ не така, як була збережена."),
        ("ru", "1 объект не такой, каким был сохранён."),
        ("ro", "1 element nu mai este cum a fost păstrat."),
    ] {
        ion.get(&format!("/audit?lang={language}")).await.is(200).says(words);
    }
    // Whoever looks for one person's acts is not told of it each time.
    let page = ion.get("/audit?by=olena&lang=en").await.is(200);
    assert!(!page.text.contains("Evidence read again"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_under_way_does_not_hide_what_the_last_one_found() {
    let fault = json!({"file": "snapshots/p-1-c-1.wacz", "place": "the whole file",
        "what": "it is missing"});
    let mut going = round(&[], false);
    going["before"] = round(&[fault], true);
    let house = house(Some(going)).await;
    let mut olena = house.somebody("olena", &[Role::Investigator]);
    let page = olena.get("/audit").await.is(200);
    page.says("Round under way").says("Last whole round").says("snapshots/p-1-c-1.wacz");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_was_never_read_again_says_so_and_a_whole_one_too() {
    let house_of_none = house(None).await;
    let mut olena = house_of_none.somebody("olena", &[Role::Investigator]);
    olena.get("/audit").await.is(200).says("Nothing has been read again yet");
    let house_of_good = house(Some(round(&[], true))).await;
    let mut olena = house_of_good.somebody("olena", &[Role::Investigator]);
    olena.get("/audit").await.is(200).says("Every byte is as it was taken.").says("does well");
}
