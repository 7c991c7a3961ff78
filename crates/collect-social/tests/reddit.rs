//! Reddit: listings walked by `after`, read post by post.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use std::io::Read as _;

use collect::Reading;
use collect_social::Reddit;
use domain::{Checkpoint, Source};
use proptest::prelude::*;
use saved::{PaperSite, TIMEOUT};
use serde_json::{Value, json};

const COMMUNITY: &str = "https://r.example/r/robota";
const FIRST: &str = "https://r.example/r/robota/new.json?limit=100&raw_json=1";

fn post(number: u64) -> Value {
    json!({"kind": "t3", "data": {
        "name": format!("t3_{number}"),
        "id": number.to_string(),
        "author": "agency_invented",
        "created_utc": 1_772_359_200.0 + f64::from(u32::try_from(number).unwrap()),
        "title": format!("Робота {number}"),
        "selftext": "Житло даємо",
        "permalink": format!("/r/robota/comments/{number}/_/"),
        "is_self": true,
    }})
}

fn page(posts: &[Value], after: Option<u64>) -> String {
    let after = after.map(|number| format!("t3_{number}"));
    json!({"kind": "Listing", "data": {"after": after, "children": posts}}).to_string()
}

/// A community with posts 1 to `newest`, four on a page.
fn community(site: &mut PaperSite, newest: u64) {
    for last in 1..=newest {
        let from = last.saturating_sub(3).max(1);
        let posts: Vec<Value> = (from..=last).rev().map(post).collect();
        let page = page(&posts, (from > 1).then_some(from));
        if last == newest {
            site.put(FIRST, page.clone());
        }
        site.put(&format!("{FIRST}&after=t3_{}", last + 1), page);
    }
}

fn source(max_pages: usize) -> Source {
    Source { max_pages: Some(max_pages), ..saved::source("reddit", COMMUNITY) }
}

async fn walk(site: &mut PaperSite, checkpoint: &mut Checkpoint) -> Vec<String> {
    site.walk(&Reddit, &source(3), checkpoint, FIRST).await.unwrap()
}

fn read(body: &str) -> Reading {
    saved::read(&Reddit, FIRST, Some("application/json"), body)
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

#[tokio::test]
async fn a_community_is_walked_back_to_what_is_known_and_the_rest_comes_next_time() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    community(&mut site, 20);
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&after=t3_17", "&after=t3_13"]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    community(&mut site, 21);
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&after=t3_9", "&after=t3_5"]);
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
}

#[tokio::test]
async fn a_post_held_on_top_does_not_end_the_walk() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    community(&mut site, 4);
    walk(&mut site, &mut checkpoint).await;
    community(&mut site, 9);
    let mut held = post(1);
    held["data"]["stickied"] = true.into();
    site.put(FIRST, page(&[held, post(9), post(8), post(7)], Some(7)));
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&after=t3_7"]);
}

#[tokio::test]
async fn pages_that_fail_or_are_refused_leave_the_checkpoint_where_it_was() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    community(&mut site, 8);
    site.fail(&format!("{FIRST}&after=t3_5"), TIMEOUT);
    let ended = site.walk(&Reddit, &source(3), &mut checkpoint, FIRST).await;
    assert!(ended.unwrap_err().to_string().contains("channel.walk-broken-off"));
    site.fail(FIRST, domain::Outcome::intended("fetch.robots-disallow"));
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
    assert_eq!(checkpoint, Checkpoint::default());
}

#[tokio::test]
async fn an_address_that_is_no_listing_is_refused() {
    let source = saved::source("reddit", "https://r.example/about");
    let mut site = PaperSite::default();
    let ended = site.walk(&Reddit, &source, &mut Checkpoint::default(), "").await;
    assert!(ended.unwrap_err().to_string().contains("source.not-a-listing"));
}

#[test]
fn a_listing_is_read_post_by_post() {
    let reading = read(&saved::page("reddit-listing.json"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(
        problems(&reading),
        ["post.removed", "post.not-public", "entry.not-a-post", "post.broken", "post.broken"]
    );
}

#[test]
fn an_edited_post_is_the_same_posting() {
    let before = read(&page(&[post(1)], None)).postings.remove(0);
    let mut edited = post(1);
    edited["data"]["selftext"] = "Інше".into();
    let after = read(&page(&[edited], None)).postings.remove(0);
    assert_eq!(before.id, after.id);
    assert_ne!(before.content_digest(), after.content_digest());
}

#[test]
fn what_is_no_listing_is_named() {
    assert_eq!(problems(&read(&page(&[], None))), ["timeline.empty"]);
    for body in ["", "{}", "[]", "<html>", r#"{"message":"Forbidden","error":403}"#] {
        assert_eq!(problems(&read(body)), ["timeline.not-json"], "{body}");
    }
    assert_eq!(problems(&read(&"[".repeat(100_000))), ["timeline.not-json"]);
}

/// Answers of the real server: every post and comment is read whole, or its silence has a name.
#[test]
fn all_things_of_the_reference_listings_are_accounted_for() {
    let Some(data) = saved::reference_data() else { return };
    let file = std::fs::File::open(data.join("reddit/reddit_listings.ndjson.gz")).unwrap();
    let mut lines = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut lines).unwrap();
    let (mut listings, mut posts, mut comments, mut communities) = (0, 0, 0, 0);
    for line in lines.lines() {
        let answer: Value = serde_json::from_str(line).unwrap();
        let reading = read(&answer["body"].to_string());
        listings += 1;
        let things = answer["body"]["data"]["children"].as_array().unwrap();
        let of = |kind: &str| things.iter().filter(|thing| thing["kind"] == kind).count();
        posts += of("t3");
        comments += of("t1");
        communities += of("t5");
        assert_eq!(reading.postings.len(), of("t1") + of("t3"), "{}", answer["uri"]);
        assert_eq!(problems(&reading), vec!["entry.not-a-post"; of("t5")], "{}", answer["uri"]);
        let read_things = things.iter().filter(|thing| thing["kind"] != "t5");
        for (thing, posting) in read_things.zip(&reading.postings) {
            let thing = &thing["data"];
            assert_eq!(posting.key, thing["name"].as_str().unwrap());
            assert_eq!(posting.title.as_deref(), thing["title"].as_str().map(str::trim));
            assert_eq!(posting.author.is_none(), thing["author"] == "[deleted]");
            let seconds = posting.published_at.unwrap().as_second();
            assert_eq!(Some(seconds), thing["created_utc"].as_f64().map(|time| time as i64));
            let words = thing["body"].as_str().or(thing["selftext"].as_str()).unwrap();
            assert_eq!(posting.text.is_empty(), words.trim().is_empty(), "{}", posting.key);
            assert!(posting.url.is_some(), "{}", posting.key);
        }
    }
    println!("{listings} listings: {posts} posts, {comments} comments, {communities} communities");
    assert_eq!((listings, posts > 150, comments > 20), (12, true, true));
}

#[test]
fn links_to_the_same_server_are_whole_addresses() {
    let body = json!({"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {
        "name": "t3_a", "id": "a", "created_utc": 1772359200.0, "title": "Praca", "selftext": "x",
        "selftext_html": "<p><a href='/r/robota'>tu</a></p>", "url": "/r/other/comments/b/",
        "permalink": "/r/robota/comments/a/", "crosspost_parent_list": null,
    }}]}});
    let links = read(&body.to_string()).postings.remove(0).hidden_links;
    assert_eq!(links, ["https://r.example/r/robota", "https://r.example/r/other/comments/b/"]);
}

#[test]
fn a_post_shows_the_picture_that_it_links_to_or_its_gallery() {
    let mut linked = post(1);
    linked["data"]["is_self"] = false.into();
    linked["data"]["url"] = "https://i.example/a.jpeg".into();
    let mut elsewhere = linked.clone();
    elsewhere["data"]["url"] = "https://board.example/jobs/7".into();
    let mut gallery = post(2);
    gallery["data"]["gallery_data"] = json!({"items": [{"media_id": "y"}, {"media_id": "x"}]});
    gallery["data"]["media_metadata"] = json!({
        "x": {"s": {"u": "https://p.example/x.jpg?width=1&amp;s=2"}},
        "y": {"s": {"u": "https://p.example/y.jpg"}},
        "z": {"s": {"u": "https://p.example/not.jpg"}},
    });
    for (post, expected) in [
        (linked, ["https://i.example/a.jpeg"].as_slice()),
        (elsewhere, &[]),
        (gallery, &["https://p.example/y.jpg", "https://p.example/x.jpg?width=1&s=2"]),
    ] {
        assert_eq!(read(&page(&[post], None)).postings[0].images, expected);
    }
}

proptest! {
    #[test]
    fn any_words_are_read_without_a_panic(
        html in any::<String>(),
        time in any::<f64>(),
        link in any::<String>(),
        body in any::<String>(),
    ) {
        let mut post = post(1);
        post["data"]["selftext_html"] = html.into();
        post["data"]["created_utc"] = time.into();
        post["data"]["permalink"] = link.into();
        read(&page(&[post], None));
        read(&body);
    }
}
