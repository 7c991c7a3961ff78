//! Job boards that answer in JSON: Greenhouse, Lever, SmartRecruiters, Ashby.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::{Collector, Reading};
use collect_jobs::{Ashby, Greenhouse, Lever, SmartRecruiters};
use domain::{Checkpoint, Source};
use proptest::prelude::*;
use saved::{PaperSite, TIMEOUT};
use serde_json::{Value, json};

const BOARDS: [(&dyn Collector, &str, &str); 4] = [
    (&Greenhouse, "https://boards.greenhouse.io/invented", "greenhouse.json"),
    (&Lever, "https://jobs.lever.co/invented", "lever.json"),
    (&Ashby, "https://jobs.ashbyhq.com/invented", "ashby.json"),
    (&SmartRecruiters, "https://careers.smartrecruiters.com/Invented", "smartrecruiters-job.json"),
];
const LEVER: &str = "https://api.lever.co/v0/postings/invented?mode=json&limit=100";
const SMART: &str = "https://api.smartrecruiters.com/v1/companies/Invented/postings";

fn read(board: &dyn Collector, body: impl Into<Vec<u8>>) -> Reading {
    let url = "https://api.example/v1/list";
    saved::read(board, url, Some("application/json; charset=utf-8"), body)
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

async fn walk(
    site: &mut PaperSite,
    board: &dyn Collector,
    source: &Source,
    checkpoint: &mut Checkpoint,
    prefix: &str,
) -> Vec<String> {
    site.walk(board, source, checkpoint, prefix).await.unwrap()
}

#[test]
fn ads_are_read_with_places_pay_employer_and_links() {
    for (board, _, page) in BOARDS {
        let reading = read(board, saved::page(page));
        insta::assert_json_snapshot!(board.kind(), reading.postings);
        let expected: &[&str] = match board.kind() {
            "ashby" => &["job.not-listed", "job.broken"],
            "smartrecruiters" => &[],
            _ => &["job.broken"],
        };
        assert_eq!(problems(&reading), expected, "{}", board.kind());
    }
}

#[tokio::test]
async fn the_address_that_a_browser_shows_leads_to_the_list_of_the_api() {
    let expected = [
        "https://boards-api.greenhouse.io/v1/boards/invented/jobs?content=true",
        LEVER,
        "https://api.ashbyhq.com/posting-api/job-board/invented?includeCompensation=true",
        "https://api.smartrecruiters.com/v1/companies/Invented/postings?limit=100",
    ];
    for ((board, address, _), expected) in BOARDS.into_iter().zip(expected) {
        let mut site = PaperSite::default();
        let source = saved::source(board.kind(), address);
        let asked = walk(&mut site, board, &source, &mut Checkpoint::default(), "").await;
        assert_eq!(asked, [expected]);
        // The address of the API itself does as well, on any server.
        let path = expected.splitn(4, '/').nth(3).unwrap();
        let local = format!("http://127.0.0.1:8080/{path}");
        let source = saved::source(board.kind(), &local);
        let asked = walk(&mut site, board, &source, &mut Checkpoint::default(), "").await;
        assert_eq!(asked, [local]);
    }
}

#[tokio::test]
async fn an_address_that_is_no_board_is_refused_in_a_sentence() {
    for (board, _, _) in BOARDS {
        let source = saved::source(board.kind(), "https://agency.example/");
        let ended = PaperSite::default().walk(board, &source, &mut Checkpoint::default(), "").await;
        let refused = ended.unwrap_err().to_string();
        assert!(refused.contains("source.not-a-board"), "{refused}");
        assert!(refused.contains("give the address of a board, as in https://"), "{refused}");
    }
}

#[test]
fn what_is_no_board_is_named() {
    for (board, _, _) in BOARDS {
        for body in ["", "<html>", "7", r#"{"ok":false,"error":"Document not found"}"#] {
            assert_eq!(problems(&read(board, body)), ["board.not-json"], "{}", board.kind());
        }
        assert_eq!(problems(&read(board, "[".repeat(100_000))), ["board.not-json"]);
    }
    assert_eq!(problems(&read(&Lever, "[]")), ["board.empty"]);
    assert_eq!(problems(&read(&Greenhouse, r#"{"jobs":[]}"#)), ["board.empty"]);
    let empty = r#"{"totalFound":0,"content":[]}"#;
    assert_eq!(problems(&read(&SmartRecruiters, empty)), ["board.empty"]);
    assert_eq!(problems(&read(&SmartRecruiters, r#"{"id":"1","jobAd":{}}"#)), ["job.broken"]);
}

#[test]
fn an_edited_ad_is_the_same_posting() {
    for (board, _, page) in BOARDS {
        let before = read(board, saved::page(page)).postings.remove(0);
        let mut answer: Value = serde_json::from_str(&saved::page(page)).unwrap();
        let job = first_ad(&mut answer);
        for title in ["title", "text", "name"] {
            if job[title].is_string() {
                job[title] = "Other work".into();
            }
        }
        let after = read(board, answer.to_string()).postings.remove(0);
        assert_eq!(before.id, after.id, "{}", board.kind());
        assert_ne!(before.content_digest(), after.content_digest());
    }
}

/// The first ad of an answer.
fn first_ad(answer: &mut Value) -> &mut Value {
    let list = if answer["jobs"].is_array() { &mut answer["jobs"] } else { answer };
    if list.is_array() { &mut list[0] } else { list }
}

#[test]
fn a_field_without_a_value_costs_no_ad_but_what_it_would_have_said() {
    const NEEDED: [&str; 9] =
        ["id", "title", "text", "name", "absolute_url", "hostedUrl", "jobUrl", "jobAd", "isListed"];
    for (board, _, page) in BOARDS {
        let mut answer: Value = serde_json::from_str(&saved::page(page)).unwrap();
        let names: Vec<String> =
            first_ad(&mut answer).as_object().unwrap().keys().cloned().collect();
        let ads = read(board, answer.to_string()).postings.len();
        for name in names.iter().filter(|name| !NEEDED.contains(&name.as_str())) {
            let mut answer = answer.clone();
            first_ad(&mut answer)[name] = Value::Null;
            let reading = read(board, answer.to_string());
            assert_eq!(reading.postings.len(), ads, "{} {name}", board.kind());
        }
    }
}

fn lever_page(from: usize, count: usize) -> String {
    let job = |n| json!({"id": format!("id{n}"), "text": "Work", "hostedUrl": "https://a.example"});
    Value::from((from..from + count).map(job).collect::<Vec<_>>()).to_string()
}

#[tokio::test]
async fn full_pages_have_others_behind_them_and_a_limit_delays_them() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.validates = true;
    site.put(LEVER, lever_page(0, 100));
    site.put(&format!("{LEVER}&skip=100"), lever_page(100, 100));
    site.put(&format!("{LEVER}&skip=200"), lever_page(200, 3));
    let source = |max_pages| Source {
        max_pages: Some(max_pages),
        ..saved::source("lever", "https://jobs.lever.co/invented")
    };
    let asked = walk(&mut site, &Lever, &source(2), &mut checkpoint, LEVER).await;
    assert_eq!(asked, ["", "&skip=100"]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    assert_eq!(walk(&mut site, &Lever, &source(2), &mut checkpoint, LEVER).await, ["&skip=200"]);
    // From the beginning again, and whole: an ad in the midst may have been edited.
    let asked = walk(&mut site, &Lever, &source(9), &mut checkpoint, LEVER).await;
    assert_eq!(asked, ["", "&skip=100", "&skip=200"]);
    assert_eq!(site.tally.of("fetch.not-modified"), 0);
    assert_eq!(checkpoint, Checkpoint::default());
}

#[tokio::test]
async fn a_page_that_failed_is_where_the_next_walk_goes_on() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let source = saved::source("lever", "https://jobs.lever.co/invented");
    site.put(LEVER, lever_page(0, 100));
    site.fail(&format!("{LEVER}&skip=100"), TIMEOUT);
    walk(&mut site, &Lever, &source, &mut checkpoint, LEVER).await;
    assert_eq!(walk(&mut site, &Lever, &source, &mut checkpoint, LEVER).await, ["&skip=100"]);
    // It fails for good: begun anew.
    let asked = walk(&mut site, &Lever, &source, &mut checkpoint, LEVER).await;
    assert_eq!(asked, ["", "&skip=100"]);
    site.put(&format!("{LEVER}&skip=100"), lever_page(100, 1));
    assert_eq!(walk(&mut site, &Lever, &source, &mut checkpoint, LEVER).await, ["&skip=100"]);
    assert_eq!(walk(&mut site, &Lever, &source, &mut checkpoint, LEVER).await, ["", "&skip=100"]);
}

#[tokio::test]
async fn each_ad_of_a_list_is_fetched_by_its_own_address() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let source = saved::source("smartrecruiters", "https://jobs.smartrecruiters.com/Invented");
    site.put(&format!("{SMART}?limit=100"), saved::page("smartrecruiters-list.json"));
    let second = json!({"totalFound": 3, "content": [{"id": "744000002"}]});
    site.put(&format!("{SMART}?limit=100&offset=2"), second.to_string());
    site.put(&format!("{SMART}/744000001"), saved::page("smartrecruiters-job.json"));
    let asked = walk(&mut site, &SmartRecruiters, &source, &mut checkpoint, SMART).await;
    assert_eq!(asked, ["?limit=100", "?limit=100&offset=2", "/744000001", "/744000002"]);
    assert_eq!(site.tally.of("fetch.not-found"), 1);
    // Nothing on the list has changed, but an ad may have.
    site.validates = true;
    for _ in 0..2 {
        let asked = walk(&mut site, &SmartRecruiters, &source, &mut checkpoint, SMART).await;
        assert!(asked.contains(&"/744000001".to_owned()), "{asked:?}");
    }
    assert_eq!(site.tally.of("fetch.not-modified"), 1);
    let list = read(&SmartRecruiters, saved::page("smartrecruiters-list.json"));
    assert_eq!(problems(&list), ["board.list", "job.broken"]);
}

proptest! {
    #[test]
    fn a_damaged_answer_is_read_without_a_panic(
        board in 0usize..4,
        cuts in proptest::collection::vec((0usize..2000, 0usize..40, "[<>\"'{}:,a-z0-9\\[\\]. -]{0,6}"), 1..5),
    ) {
        let (board, _, page) = BOARDS[board];
        let mut body = saved::page(page).into_bytes();
        for (at, length, put) in cuts {
            let at = at.min(body.len());
            let end = (at + length).min(body.len());
            body.splice(at..end, put.bytes());
        }
        for posting in read(board, body).postings {
            prop_assert!(posting.title.is_some());
        }
    }
}
