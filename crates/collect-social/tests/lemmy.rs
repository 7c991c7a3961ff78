//! Lemmy: walked by cursor or page number, posts and comments read side by side.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::Reading;
use collect_social::Lemmy;
use domain::{Checkpoint, Source};
use proptest::prelude::*;
use saved::{PaperSite, TIMEOUT};
use serde_json::{Value, json};

const COMMUNITY: &str = "https://l.example/c/robota";
const POSTS: &str =
    "https://l.example/api/v3/post/list?type_=All&community_name=robota&sort=New&limit=50";
const ACCOUNT: &str = "https://l.example/api/v3/user?username=agency&sort=New&limit=50";

fn view(kind: &str, number: u64) -> Value {
    let mut entry = json!({
        "id": number,
        "ap_id": format!("https://l.example/{kind}/{number}"),
        "published": format!("2026-03-01T10:{number:02}:00Z"),
    });
    let words = format!("Оголошення {number}");
    if kind == "post" {
        entry["name"] = words.into();
    } else {
        entry["content"] = words.into();
    }
    json!({
        kind: entry,
        "creator": {"name": "agency", "actor_id": "https://l.example/u/agency"},
        "community": {"name": "robota"},
    })
}

fn list(kind: &str, numbers: impl DoubleEndedIterator<Item = u64>) -> Vec<Value> {
    numbers.rev().map(|number| view(kind, number)).collect()
}

/// A community with posts 1 to `newest`, four on a page.
fn community(site: &mut PaperSite, newest: u64) {
    // A server that gives no cursor is asked for pages by number, up to an empty one.
    site.put(&format!("{POSTS}&page=2"), r#"{"posts":[]}"#);
    for last in 1..=newest {
        let from = last.saturating_sub(3).max(1);
        let mut page = json!({"posts": list("post", from..=last)});
        page["next_page"] = if from > 1 { format!("P{from}").into() } else { Value::Null };
        if last == newest {
            site.put(POSTS, page.to_string());
        }
        if from == 1 {
            page = json!({"posts": list("post", from..=last)});
        }
        site.put(&format!("{POSTS}&page_cursor=P{}", last + 1), page.to_string());
    }
}

fn source(max_pages: usize) -> Source {
    Source { max_pages: Some(max_pages), ..saved::source("lemmy", COMMUNITY) }
}

async fn walk(site: &mut PaperSite, checkpoint: &mut Checkpoint) -> Vec<String> {
    site.walk(&Lemmy, &source(3), checkpoint, POSTS).await.unwrap()
}

fn read(body: &str) -> Reading {
    saved::read(&Lemmy, POSTS, Some("application/json"), body)
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

#[tokio::test]
async fn a_community_is_walked_back_to_what_is_known_and_the_rest_comes_next_time() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    community(&mut site, 20);
    let pages = walk(&mut site, &mut checkpoint).await;
    assert_eq!(pages, ["", "&page_cursor=P17", "&page_cursor=P13"]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    community(&mut site, 21);
    let pages = walk(&mut site, &mut checkpoint).await;
    assert_eq!(pages, ["", "&page_cursor=P9", "&page_cursor=P5"]);
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
}

#[tokio::test]
async fn an_account_is_walked_until_posts_and_comments_are_both_known() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let account =
        Source { max_pages: Some(5), ..saved::source("lemmy", "https://l.example/u/agency") };
    let both = |posts: Vec<Value>, comments: Vec<Value>| {
        json!({"posts": posts, "comments": comments}).to_string()
    };
    // One post long ago, and comments of which a page holds but the last.
    site.put(ACCOUNT, both(list("post", 1..=1), list("comment", 8..=9)));
    site.put(&format!("{ACCOUNT}&page=2"), both(vec![], list("comment", 6..=7)));
    site.put(&format!("{ACCOUNT}&page=3"), both(vec![], vec![]));
    let pages = site.walk(&Lemmy, &account, &mut checkpoint, ACCOUNT).await.unwrap();
    assert_eq!(pages, ["", "&page=2", "&page=3"]);
    let pages = site.walk(&Lemmy, &account, &mut checkpoint, ACCOUNT).await.unwrap();
    assert_eq!(pages, [""]);
}

#[tokio::test]
async fn a_post_held_on_top_does_not_end_the_walk() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    community(&mut site, 4);
    walk(&mut site, &mut checkpoint).await;
    community(&mut site, 9);
    let mut posts = list("post", 7..=9);
    let mut held = view("post", 1);
    held["post"]["featured_community"] = true.into();
    posts.insert(0, held);
    site.put(POSTS, json!({"posts": posts, "next_page": "P7"}).to_string());
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&page_cursor=P7"]);
}

#[tokio::test]
async fn pages_that_fail_or_are_refused_leave_the_checkpoint_where_it_was() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    community(&mut site, 8);
    site.fail(&format!("{POSTS}&page_cursor=P5"), TIMEOUT);
    let ended = site.walk(&Lemmy, &source(3), &mut checkpoint, POSTS).await;
    assert!(ended.unwrap_err().to_string().contains("channel.walk-broken-off"));
    site.fail(POSTS, domain::Outcome::intended("fetch.robots-disallow"));
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
    assert_eq!(checkpoint, Checkpoint::default());
}

#[tokio::test]
async fn an_address_that_is_no_listing_is_refused() {
    let source = saved::source("lemmy", "https://l.example/post/1");
    let mut site = PaperSite::default();
    let ended = site.walk(&Lemmy, &source, &mut Checkpoint::default(), "").await;
    assert!(ended.unwrap_err().to_string().contains("source.not-a-listing"));
}

#[test]
fn posts_and_comments_are_read_one_by_one() {
    let reading = read(&saved::page("lemmy-search.json"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(
        problems(&reading),
        ["post.removed", "post.not-public", "post.broken", "post.no-text"]
    );
}

#[test]
fn an_edited_post_is_the_same_posting() {
    let page = |view: Value| json!({"posts": [view]}).to_string();
    let before = read(&page(view("post", 1))).postings.remove(0);
    let mut edited = view("post", 1);
    edited["post"]["body"] = "Інше".into();
    let after = read(&page(edited)).postings.remove(0);
    assert_eq!(before.id, after.id);
    assert_ne!(before.content_digest(), after.content_digest());
}

#[test]
fn what_is_no_listing_is_named() {
    assert_eq!(problems(&read(r#"{"posts":[]}"#)), ["timeline.empty"]);
    for body in ["", "{}", "<html>", r#"{"error":"couldnt_find_community"}"#] {
        assert_eq!(problems(&read(body)), ["timeline.not-json"], "{body}");
    }
    assert_eq!(problems(&read(&"[".repeat(100_000))), ["timeline.not-json"]);
}

proptest! {
    #[test]
    fn any_words_are_read_without_a_panic(
        words in any::<String>(),
        time in "[0-9TZ:.-]{0,30}",
        body in any::<String>(),
    ) {
        let mut view = view("comment", 1);
        view["comment"]["content"] = words.clone().into();
        view["comment"]["published"] = time.into();
        view["creator"]["actor_id"] = words.into();
        read(&json!({"comments": [view]}).to_string());
        read(&body);
    }
}
