//! VK: walls by the API, its errors by their numbers.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::{Collector as _, Reading};
use collect_social::Vk;
use domain::{Checkpoint, Source};
use proptest::prelude::*;
use saved::PaperSite;
use serde_json::{Value, json};

const WALL: &str = "https://vk.com/robota_abroad";
const POSTS: &str = "https://api.vk.com/method/wall.get?domain=robota_abroad&count=100&v=5.199";

fn post(number: usize) -> Value {
    json!({"id": number, "owner_id": -12, "from_id": -12, "date": 1_772_359_200 + number,
        "text": format!("Оголошення {number}")})
}

/// Posts from the newest to the oldest of these.
fn wall(newest: usize, count: usize) -> String {
    let posts: Vec<Value> = (0..count).map(|back| post(newest - back)).collect();
    json!({"response": {"count": newest, "items": posts}}).to_string()
}

fn read(body: &str) -> Reading {
    saved::read(&Vk, POSTS, Some("application/json; charset=utf-8"), body)
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

async fn walk(site: &mut PaperSite, checkpoint: &mut Checkpoint) -> Vec<String> {
    let source = Source { max_pages: Some(3), ..saved::source("vk", WALL) };
    site.walk(&Vk, &source, checkpoint, POSTS).await.unwrap()
}

#[tokio::test]
async fn a_wall_is_walked_back_to_what_is_known() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.put(POSTS, wall(150, 100));
    site.put(&format!("{POSTS}&offset=100"), wall(50, 50));
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&offset=100"]);
    site.put(POSTS, wall(160, 100));
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
}

#[tokio::test]
async fn a_post_held_on_top_does_not_end_the_walk() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.put(POSTS, wall(10, 10));
    walk(&mut site, &mut checkpoint).await;
    let mut answer: Value = serde_json::from_str(&wall(300, 99)).unwrap();
    let mut held = post(1);
    held["is_pinned"] = 1.into();
    answer["response"]["items"].as_array_mut().unwrap().insert(0, held);
    site.put(POSTS, answer.to_string());
    site.put(&format!("{POSTS}&offset=100"), wall(201, 100));
    site.put(&format!("{POSTS}&offset=200"), wall(101, 100));
    assert_eq!(walk(&mut site, &mut checkpoint).await, ["", "&offset=100", "&offset=200"]);
}

#[tokio::test]
async fn an_error_leaves_the_checkpoint_where_it_was() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    site.put(POSTS, json!({"error": {"error_code": 6, "error_msg": "Too many"}}).to_string());
    assert_eq!(walk(&mut site, &mut checkpoint).await, [""]);
    assert_eq!(checkpoint, Checkpoint::default());
}

#[test]
fn posts_are_read_with_what_they_pass_on() {
    let reading = read(&saved::page("vk-wall.json"));
    insta::assert_json_snapshot!(reading.postings);
    let expected =
        ["post.no-text", "post.removed", "post.not-public", "post.not-public", "post.broken"];
    assert_eq!(problems(&reading), expected);
}

#[test]
fn errors_are_named_by_their_numbers() {
    for (code, expected) in [
        (5, "vk.key-refused"),
        (6, "vk.too-many-requests"),
        (15, "vk.not-public"),
        (18, "vk.gone-or-blocked"),
        (30, "vk.not-public"),
        (100, "vk.no-such-wall"),
        (14, "vk.wants-a-person"),
        (10, "vk.server-error"),
        (9999, "vk.error"),
    ] {
        let reading = read(&json!({"error": {"error_code": code, "error_msg": "x"}}).to_string());
        assert_eq!(problems(&reading), [expected], "{code}");
        assert!(reading.problems[0].detail.contains(&code.to_string()));
    }
    for body in ["", "{}", "[]", "<html>", r#"{"response": []}"#] {
        assert_eq!(problems(&read(body)), ["timeline.not-json"], "{body}");
    }
    assert_eq!(problems(&read(r#"{"response": {"items": []}}"#)), ["timeline.empty"]);
}

/// The network's own list of errors says what we take their numbers for.
#[test]
fn the_numbers_of_errors_are_those_of_the_networks_own_list() {
    let Some(data) = saved::reference_data() else { return };
    let text = std::fs::read_to_string(data.join("vk_schema/errors.json")).unwrap();
    let errors: Value = serde_json::from_str(&text).unwrap();
    let code = |name: &str| errors["errors"][format!("api_error_{name}")]["code"].as_i64().unwrap();
    for (name, expected) in [
        ("auth", "vk.key-refused"),
        ("group_auth", "vk.key-refused"),
        ("app_auth", "vk.key-refused"),
        ("auth_access_token_has_expired", "vk.key-refused"),
        ("too_many", "vk.too-many-requests"),
        ("flood", "vk.too-many-requests"),
        ("rate_limit", "vk.too-many-requests"),
        ("access", "vk.not-public"),
        ("private_profile", "vk.not-public"),
        ("access_group", "vk.not-public"),
        ("user_deleted", "vk.gone-or-blocked"),
        ("blocked", "vk.gone-or-blocked"),
        ("user_banned", "vk.gone-or-blocked"),
        ("param", "vk.no-such-wall"),
        ("param_user_id", "vk.no-such-wall"),
        ("param_group_id", "vk.no-such-wall"),
        ("captcha", "vk.wants-a-person"),
        ("auth_validation", "vk.wants-a-person"),
        ("recaptcha", "vk.wants-a-person"),
        ("unknown", "vk.server-error"),
        ("server", "vk.server-error"),
        ("timeout", "vk.server-error"),
    ] {
        let error = json!({"error": {"error_code": code(name), "error_msg": ""}});
        assert_eq!(problems(&read(&error.to_string())), [expected], "{name}");
    }
}

#[test]
fn the_kind_names_the_key_that_it_needs() {
    assert_eq!(Vk.keys(), ["access_token"]);
}

#[test]
fn a_post_shows_the_largest_form_of_each_of_its_photos() {
    let size =
        |width: u32| json!({"width": width, "url": format!("https://sun.example/{width}.jpg")});
    let mut post = post(1);
    post["attachments"] = json!([
        {"type": "photo", "photo": {"sizes": [size(75), size(1280), size(604)]}},
        {"type": "link", "link": {"url": "https://e.example/", "photo": {"sizes": [size(9)]}}},
        {"type": "photo", "photo": {"sizes": [size(510)]}},
        {"type": "photo", "photo": {}},
    ]);
    let answer = json!({"response": {"count": 1, "items": [post]}}).to_string();
    let expected = [1280, 510].map(|width| format!("https://sun.example/{width}.jpg"));
    assert_eq!(read(&answer).postings[0].images, expected);
}

proptest! {
    #[test]
    fn any_words_are_read_without_a_panic(words in any::<String>(), number in any::<i64>(), body in any::<String>()) {
        let post = json!({"id": number, "owner_id": number, "date": number, "text": words});
        read(&json!({"response": {"items": [post]}}).to_string());
        read(&body);
    }
}
