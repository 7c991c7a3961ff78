//! Bluesky: walked by cursor, read post by post, its fields checked against the published schemas.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::Reading;
use collect_social::Bluesky;
use domain::{Checkpoint, Source};
use proptest::prelude::*;
use saved::{PaperSite, TIMEOUT};
use serde_json::{Value, json};

const SEARCH: &str = "https://a.example/xrpc/app.bsky.feed.searchPosts?q=robota";

fn post(number: u64) -> Value {
    let time = format!("2026-03-01T10:{:02}:00.000Z", number);
    json!({
        "uri": format!("at://did:plc:aaaa2222/app.bsky.feed.post/{number}"),
        "cid": "bafyone",
        "author": {"did": "did:plc:aaaa2222", "handle": "agency.example.org"},
        "record": {"text": format!("Оголошення {number}"), "createdAt": time, "langs": ["uk"]},
        "indexedAt": time,
    })
}

/// A search that finds posts 1 to `newest`, four on a page.
fn search(site: &mut PaperSite, newest: u64) {
    for last in 1..=newest {
        let from = last.saturating_sub(3).max(1);
        let posts: Vec<Value> = (from..=last).rev().map(post).collect();
        let mut page = json!({"posts": posts, "hitsTotal": newest});
        if from > 1 {
            page["cursor"] = from.to_string().into();
        }
        if last == newest {
            site.put(SEARCH, page.to_string());
        }
        site.put(&format!("{SEARCH}&cursor={}", last + 1), page.to_string());
    }
}

fn source(max_pages: usize) -> Source {
    Source { max_pages: Some(max_pages), ..saved::source("bluesky", SEARCH) }
}

async fn walk(site: &mut PaperSite, checkpoint: &mut Checkpoint) -> Vec<String> {
    site.walk(&Bluesky, &source(3), checkpoint, SEARCH).await.unwrap()
}

fn read(body: &str) -> Reading {
    saved::read(&Bluesky, SEARCH, Some("application/json"), body)
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

#[tokio::test]
async fn a_search_is_walked_back_to_what_is_known_and_the_rest_comes_next_time() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    search(&mut site, 20);
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&cursor=17", "&cursor=13"]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    search(&mut site, 21);
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&cursor=9", "&cursor=5"]);
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
}

#[tokio::test]
async fn a_post_held_on_top_does_not_end_the_walk() {
    const FEED: &str = "https://a.example/xrpc/app.bsky.feed.getAuthorFeed?actor=a.example";
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let source = saved::source("bluesky", FEED);
    let entry = |number: u64| json!({"post": post(number)});
    site.put(FEED, json!({"feed": [entry(1)]}).to_string());
    site.walk(&Bluesky, &source, &mut checkpoint, FEED).await.unwrap();
    let mut held = entry(1);
    held["reason"] = json!({"$type": "app.bsky.feed.defs#reasonPin"});
    site.put(FEED, json!({"feed": [held, entry(9), entry(8)], "cursor": "8"}).to_string());
    site.put(&format!("{FEED}&cursor=8"), json!({"feed": [entry(2), entry(1)]}).to_string());
    let asked = site.walk(&Bluesky, &source, &mut checkpoint, FEED).await.unwrap();
    assert_eq!(asked, ["", "&cursor=8"]);
}

#[tokio::test]
async fn a_later_page_that_fails_leaves_the_checkpoint_where_it_was() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    search(&mut site, 8);
    site.fail(&format!("{SEARCH}&cursor=5"), TIMEOUT);
    let ended = site.walk(&Bluesky, &source(3), &mut checkpoint, SEARCH).await;
    assert!(ended.unwrap_err().to_string().contains("channel.walk-broken-off"));
    assert_eq!(checkpoint, Checkpoint::default());
}

#[tokio::test]
async fn a_server_that_wants_a_log_in_is_counted_and_asked_no_other_way() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.fail(SEARCH, domain::Outcome::fault("fetch.forbidden"));
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
    assert_eq!(site.tally.of("fetch.forbidden"), 1);
}

#[tokio::test]
async fn an_address_that_is_no_feed_is_refused() {
    let source = saved::source("bluesky", "https://bsky.app/about");
    let mut site = PaperSite::default();
    let ended = site.walk(&Bluesky, &source, &mut Checkpoint::default(), "").await;
    assert!(ended.unwrap_err().to_string().contains("source.not-a-feed"));
}

#[test]
fn an_author_feed_is_read_with_all_words_that_people_see() {
    let reading = read(&saved::page("bluesky-author-feed.json"));
    insta::assert_json_snapshot!(reading.postings);
    let named = ["post.not-public", "post.no-text", "post.broken", "post.broken"];
    assert_eq!(problems(&reading), named);
}

#[test]
fn an_edited_post_is_the_same_posting() {
    let page = |post: Value| json!({"posts": [post]}).to_string();
    let before = read(&page(post(1))).postings.remove(0);
    let mut edited = post(1);
    edited["record"]["text"] = "Інше".into();
    let after = read(&page(edited)).postings.remove(0);
    assert_eq!(before.id, after.id);
    assert_ne!(before.content_digest(), after.content_digest());
}

#[test]
fn what_is_no_feed_is_named() {
    assert_eq!(problems(&read(r#"{"posts":[]}"#)), ["timeline.empty"]);
    for body in ["", "{}", "[]", "<html>", r#"{"error":"InvalidRequest","message":"no"}"#] {
        assert_eq!(problems(&read(body)), ["timeline.not-json"], "{body}");
    }
    assert_eq!(problems(&read(&"[".repeat(100_000))), ["timeline.not-json"]);
}

/// The fields that the schema of `name` requires of its part `part`.
fn required(lexicons: &std::path::Path, name: &str, part: &str) -> Vec<String> {
    let path = lexicons.join("app/bsky").join(name).with_extension("json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let part = &schema["defs"][part];
    let object = [&part["record"], &part["output"]["schema"], part];
    let fields = object.iter().find_map(|object| object["required"].as_array()).unwrap();
    fields.iter().map(|field| field.as_str().unwrap().to_owned()).collect()
}

/// What the schemas leave open may be absent, and what they require is all that we rely on.
#[test]
fn posts_with_only_what_the_published_schemas_require_are_read() {
    let Some(data) = saved::reference_data() else { return };
    let lexicons = data.join("atproto/lexicons");
    let only = |object: &Value, fields: &[String]| {
        let kept = fields.iter().map(|field| (field.clone(), object[field].clone()));
        Value::Object(kept.collect())
    };
    let mut bare = only(&post(1), &required(&lexicons, "feed/defs", "postView"));
    bare["record"] = only(&bare["record"], &required(&lexicons, "feed/post", "main"));
    bare["author"] = only(&bare["author"], &required(&lexicons, "actor/defs", "profileViewBasic"));
    let embeds = [
        ("images", "image", json!({"images": [{"image": {}, "alt": "words"}]}), "/images/0"),
        (
            "gallery",
            "image",
            json!({"items": [{"image": {}, "alt": "words", "aspectRatio": {}}]}),
            "/items/0",
        ),
        (
            "external",
            "external",
            json!({"external": {"uri": "https://e.example/", "title": "words", "description": ""}}),
            "/external",
        ),
    ];
    assert_eq!(required(&lexicons, "feed/getAuthorFeed", "main"), ["feed"]);
    assert_eq!(required(&lexicons, "feed/searchPosts", "main"), ["posts"]);
    assert_eq!(required(&lexicons, "feed/defs", "feedViewPost"), ["post"]);
    let reading = read(&json!({"feed": [{"post": bare}]}).to_string());
    assert_eq!((reading.postings.len(), problems(&reading).len()), (1, 0));
    for (file, part, embed, at) in embeds {
        let fields = required(&lexicons, &format!("embed/{file}"), part);
        let object = embed.pointer(at).unwrap();
        assert!(fields.iter().all(|field| object.get(field).is_some()), "{file}: {fields:?}");
        let mut post = bare.clone();
        post["record"]["text"] = "".into();
        post["record"]["embed"] = embed;
        let reading = read(&json!({"posts": [post]}).to_string());
        assert_eq!(reading.postings[0].text, "words", "{file}");
    }
}

#[test]
fn a_post_shows_its_own_pictures_and_a_still_of_its_film() {
    let pictures = json!({"$type": "app.bsky.embed.images#view", "images": [
        {"thumb": "https://cdn.example/t/a", "fullsize": "https://cdn.example/f/a", "alt": ""},
        {"thumb": "https://cdn.example/t/b", "fullsize": "https://cdn.example/f/b", "alt": ""}]});
    let film =
        json!({"$type": "app.bsky.embed.video#view", "thumbnail": "https://cdn.example/still"});
    let quoted =
        json!({"record": {"embeds": [{"images": [{"fullsize": "https://cdn.example/not"}]}]}});
    let beside = json!({"$type": "app.bsky.embed.recordWithMedia#view", "media": pictures,
        "record": quoted});
    for (embed, expected) in [
        (pictures, ["f/a", "f/b"].as_slice()),
        (film, &["still"]),
        (quoted, &[]),
        (beside, &["f/a", "f/b"]),
    ] {
        let mut post = post(1);
        post["embed"] = embed.clone();
        let reading = read(&json!({"posts": [post]}).to_string());
        let expected: Vec<String> =
            expected.iter().map(|at| format!("https://cdn.example/{at}")).collect();
        assert_eq!(reading.postings[0].images, expected, "{embed}");
    }
}

proptest! {
    #[test]
    fn any_words_are_read_without_a_panic(
        text in any::<String>(),
        uri in "at://[a-z:./]{0,40}",
        time in "[0-9TZ:.-]{0,30}",
        body in any::<String>(),
    ) {
        let mut post = post(1);
        post["record"]["text"] = text.into();
        post["record"]["createdAt"] = time.into();
        post["uri"] = uri.into();
        read(&json!({"posts": [post]}).to_string());
        read(&body);
    }
}
