//! Public timelines of Mastodon servers: walked by `Link`, read post by post.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use std::io::Read as _;

use collect::Reading;
use collect_social::Mastodon;
use domain::{Checkpoint, Source};
use proptest::prelude::*;
use saved::{PaperSite, TIMEOUT};
use serde_json::{Value, json};

const TAG: &str = "https://m.example/tags/robota";
const API: &str = "https://m.example/api/v1/";

fn status(id: u64) -> Value {
    json!({
        "id": id.to_string(),
        "uri": format!("https://m.example/users/agency/statuses/{id}"),
        "url": format!("https://m.example/@agency/{id}"),
        "content": format!("<p>Оголошення {id}<br>пишіть <a href='https://t.me/vyhadana'>сюди</a></p>"),
        "visibility": "public",
        "created_at": "2026-03-01T10:00:00.000Z",
        "language": "uk",
        "account": {"id": "7", "acct": "agency"},
        "reblog": null,
        "media_attachments": [],
    })
}

fn page(ids: impl Iterator<Item = u64>) -> String {
    Value::from(ids.map(status).collect::<Vec<_>>()).to_string()
}

/// A timeline with posts 1 to `newest`, four on a page, under this address of the API.
fn timeline(site: &mut PaperSite, first: &str, newest: u64) {
    let put = |site: &mut PaperSite, url: &str, last: u64| {
        let from = last.saturating_sub(3).max(1);
        site.put(url, page((from..=last).rev()));
        if from > 1 {
            site.say(url, "Link", &format!("<{first}&max_id={from}>; rel=\"next\""));
        }
    };
    put(site, first, newest);
    for last in 1..newest {
        put(site, &format!("{first}&max_id={}", last + 1), last);
    }
}

fn source(url: &str, max_pages: usize) -> Source {
    Source { max_pages: Some(max_pages), ..saved::source("mastodon", url) }
}

async fn walk(site: &mut PaperSite, url: &str, checkpoint: &mut Checkpoint) -> Vec<String> {
    site.walk(&Mastodon, &source(url, 3), checkpoint, API).await.unwrap()
}

fn read(body: &str) -> Reading {
    saved::read(&Mastodon, &format!("{API}timelines/tag/robota"), None, body)
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

#[tokio::test]
async fn a_hashtag_is_walked_back_to_what_is_known_and_the_rest_comes_next_time() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let first = format!("{API}timelines/tag/robota?limit=40");
    timeline(&mut site, &first, 20);
    let at = |id: u64| format!("timelines/tag/robota?limit=40&max_id={id}");
    let newest = "timelines/tag/robota?limit=40".to_owned();
    assert_eq!(walk(&mut site, TAG, &mut checkpoint).await, [newest.clone(), at(17), at(13)]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    timeline(&mut site, &first, 21);
    assert_eq!(walk(&mut site, TAG, &mut checkpoint).await, [newest.clone(), at(9), at(5)]);
    assert_eq!(walk(&mut site, TAG, &mut checkpoint).await, [newest]);
}

#[tokio::test]
async fn an_account_is_asked_for_its_number_once() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let url = "https://m.example/@agency";
    let lookup = format!("{API}accounts/lookup?acct=agency");
    site.fail(&lookup, TIMEOUT);
    assert_eq!(walk(&mut site, url, &mut checkpoint).await, ["accounts/lookup?acct=agency"]);
    site.put(&lookup, json!({"id": "../7", "acct": "agency"}).to_string());
    walk(&mut site, url, &mut checkpoint).await;
    assert_eq!(site.tally.of("account.not-found"), 1);
    site.put(&lookup, json!({"id": "7", "acct": "agency"}).to_string());
    let posts = "accounts/7/statuses?limit=40&exclude_reblogs=true".to_owned();
    timeline(&mut site, &format!("{API}{posts}"), 2);
    let asked = walk(&mut site, url, &mut checkpoint).await;
    assert_eq!(asked, ["accounts/lookup?acct=agency".to_owned(), posts.clone()]);
    assert_eq!(walk(&mut site, url, &mut checkpoint).await, [posts]);
}

#[tokio::test]
async fn an_address_that_is_no_timeline_is_refused() {
    let mut site = PaperSite::default();
    let ended = site
        .walk(&Mastodon, &source("https://m.example/about", 1), &mut Checkpoint::default(), "")
        .await;
    assert!(ended.unwrap_err().to_string().contains("source.not-a-timeline"));
}

#[test]
fn posts_are_read_with_all_words_that_people_see() {
    let mut post = status(1);
    post["spoiler_text"] = "Робота".into();
    post["poll"] = json!({"options": [{"title": "Так"}, {"title": "Ні"}]});
    post["media_attachments"] = json!([{"description": "Плакат: дівчата 18-25"}, {}]);
    let mut passed_on = status(2);
    passed_on["reblog"] = status(9);
    passed_on["reblog"]["account"]["acct"] = "first@other.example".into();
    let mut for_followers = status(3);
    for_followers["visibility"] = "private".into();
    let mut silent = status(4);
    silent["content"] = "".into();
    let broken = json!({"id": "5"});
    let page = Value::from(vec![post, passed_on, for_followers, silent, broken]).to_string();
    let reading = read(&page);
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(problems(&reading), ["post.not-public", "post.no-text", "post.broken"]);
}

#[test]
fn what_is_no_timeline_is_named() {
    assert_eq!(problems(&read("[]")), ["timeline.empty"]);
    for body in ["", "{}", "<html>", r#"{"error":"This method requires an authenticated user"}"#] {
        assert_eq!(problems(&read(body)), ["timeline.not-json"], "{body}");
    }
    assert_eq!(problems(&read(&"[".repeat(100_000))), ["timeline.not-json"]);
}

/// Answers of a real server: every post in a list is read, or its silence has a name.
#[test]
fn all_posts_of_the_reference_answers_are_accounted_for() {
    let Some(data) = saved::reference_data() else { return };
    let file = std::fs::File::open(data.join("mastodon/mastodon_api_responses.ndjson.gz")).unwrap();
    let mut lines = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut lines).unwrap();
    let (mut answers, mut posts, mut read_posts, mut without_words) = (0, 0, 0, 0);
    for line in lines.lines() {
        let answer: Value = serde_json::from_str(line).unwrap();
        let reading = read(&answer["body"].to_string());
        answers += 1;
        let Some(list) = answer["body"].as_array() else {
            assert_eq!(reading.postings.len(), 0);
            continue;
        };
        let is_post = |entry: &&Value| entry["uri"].is_string() && entry["content"].is_string();
        let in_list = list.iter().filter(is_post).count();
        posts += in_list;
        read_posts += reading.postings.len();
        without_words += problems(&reading).iter().filter(|name| **name == "post.no-text").count();
        let private = list.iter().filter(|entry| entry["visibility"] == "private").count();
        let hidden = problems(&reading).iter().filter(|name| **name == "post.not-public").count();
        assert!(hidden >= private, "{}", answer["uri"]);
        for posting in &reading.postings {
            assert!(posting.published_at.is_some(), "{}", posting.key);
            assert!(!posting.text.contains('<'), "{}", posting.text);
        }
    }
    assert_eq!(answers, 801);
    assert!(posts > 150, "{posts} posts");
    assert!(read_posts + without_words <= posts && read_posts * 10 > posts * 9);
}

#[test]
fn a_post_shows_its_pictures_and_a_still_of_each_film() {
    let mut status = status(1);
    let media = |kind: &str, name: &str| {
        json!({"id": name, "type": kind, "url": format!("https://files.example/{name}"),
            "preview_url": format!("https://files.example/small/{name}"), "description": null})
    };
    let mut elsewhere = media("image", "c.jpg");
    elsewhere["remote_url"] = elsewhere["url"].take();
    status["media_attachments"] = json!([
        media("image", "a.jpg"),
        media("gifv", "b.mp4"),
        elsewhere,
        media("audio", "d.mp3")
    ]);
    let reading = read(&json!([status]).to_string());
    let expected = ["a.jpg", "small/b.mp4", "c.jpg"];
    assert_eq!(
        reading.postings[0].images,
        expected.map(|at| format!("https://files.example/{at}"))
    );
}

proptest! {
    #[test]
    fn any_words_are_read_without_a_panic(
        content in any::<String>(),
        id in "[0-9a-z]{0,30}",
        time in "[0-9TZ:.-]{0,30}",
    ) {
        let mut post = status(1);
        post["content"] = content.into();
        post["id"] = id.into();
        post["created_at"] = time.into();
        read(&Value::from(vec![post]).to_string());
    }
}
