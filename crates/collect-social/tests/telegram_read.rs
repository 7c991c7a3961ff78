//! What is read out of a channel's preview page.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::{Collector as _, Reading};
use collect_social::Telegram;
use proptest::prelude::*;

fn read(body: impl Into<Vec<u8>>) -> Reading {
    saved::read(&Telegram, "https://t.me/s/vyhadana_robota", Some("text/html; charset=utf-8"), body)
}

fn problems(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.outcome.name).collect()
}

#[test]
fn a_channel_page_is_read_post_by_post() {
    let reading = read(saved::page("channel.html"));
    insta::assert_json_snapshot!(reading.postings);
    insta::assert_debug_snapshot!(problems(&reading), @r#"
    [
        "post.no-number",
        "post.service-message",
        "post.no-text",
    ]
    "#);
}

#[test]
fn numbers_that_the_page_passes_over_are_counted_but_not_those_of_an_album() {
    let page = saved::page("channel.html").replace("vyhadana_robota/123", "vyhadana_robota/130");
    let problem = read(page.clone()).problems.pop().unwrap();
    assert_eq!(problem.outcome.name, "post.missing");
    assert!(problem.place.ends_with("#post=123"), "{}", problem.place);
    assert!(problem.detail.starts_with("7 numbers"), "{}", problem.detail);
    let picture =
        |number: u64| format!("<a href='https://t.me/vyhadana_robota/{number}?single'></a>");
    let album: String = (123..130).map(picture).collect();
    let album = format!("<div class='tgme_widget_message_grouped_wrap'>{album}</div>");
    let page = page.replacen(
        "<a class=\"tgme_widget_message_photo_wrap",
        &format!("{album}<a class=\"tgme_widget_message_photo_wrap"),
        1,
    );
    assert!(!problems(&read(page)).contains(&"post.missing"));
}

#[test]
fn a_post_is_asked_for_again_in_the_midst_of_its_neighbours() {
    let posting = read(saved::page("channel.html")).postings.remove(0);
    let (_, number) = posting.key.rsplit_once('/').unwrap();
    let before = number.parse::<u64>().unwrap() + 10;
    for page in ["https://t.me/s/vyhadana_robota", "https://t.me/s/vyhadana_robota?before=900"] {
        let expected = format!("https://t.me/s/vyhadana_robota?before={before}");
        assert_eq!(Telegram.again(&posting, page), expected);
    }
}

#[test]
fn what_the_preview_keeps_for_the_app_is_told_from_pictures_without_words() {
    let page = "<section class='tgme_channel_history'><div class='tgme_widget_message' data-post='a_b/1'>\
        <div class='message_media_not_supported_wrap'><div class='message_media_not_supported'>\
        <div class='message_media_not_supported_label'>Please open Telegram to view this post</div>\
        </div></div></div><div class='tgme_widget_message' data-post='a_b/2'></div></section>";
    assert_eq!(problems(&read(page)), ["post.not-in-preview", "post.no-text"]);
}

#[test]
fn a_page_without_a_history_is_named() {
    assert_eq!(problems(&read(saved::page("no-preview.html"))), ["page.not-a-channel-preview"]);
    assert_eq!(problems(&read("")), ["page.not-a-channel-preview"]);
    assert_eq!(problems(&read(saved::page("no-messages.html"))), ["channel.empty"]);
}

#[test]
fn hostile_mark_up_costs_little_and_is_named() {
    let page = saved::page("channel.html");
    for hostile in ["<div>", "<b><i>", "<table><tr><td>"] {
        let body = page.replace("Ольга", &hostile.repeat(100_000));
        assert_eq!(problems(&read(body)), ["page.too-complex"], "{hostile}");
    }
    let text = page.replace("Ольга", &"О".repeat(1_000_000));
    assert_eq!(read(text).postings.len(), 3);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read(body);
    }

    #[test]
    fn a_damaged_page_is_read_without_a_panic(
        cuts in proptest::collection::vec((0usize..9000, 0usize..60, "[<>\"'/=&;a-z0-9 ]{0,6}"), 1..6)
    ) {
        let mut body = saved::page("channel.html").into_bytes();
        for (at, length, put) in cuts {
            let at = at.min(body.len());
            let end = (at + length).min(body.len());
            body.splice(at..end, put.bytes());
        }
        for posting in read(body).postings {
            prop_assert!(!posting.text.is_empty());
            prop_assert!(posting.key.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        }
    }
}
