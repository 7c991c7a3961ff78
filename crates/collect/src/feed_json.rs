use domain::Language;
use serde_json::Value;

use crate::feed_entry::{FeedContent, FeedEntry, Markup};
use crate::stated_time;

/// Reads a JSON Feed (jsonfeed.org, version 1 and 1.1). `None` if it is JSON but no feed, or no
/// JSON at all. A field of the wrong type counts as missing; the entry stays.
pub(crate) fn read_json_feed(text: &str) -> Option<FeedContent> {
    let feed: Value = serde_json::from_str(text).ok()?;
    let items = feed.get("items")?.as_array()?;
    Some(FeedContent {
        entries: items.iter().map(entry).collect(),
        language: feed.get("language").and_then(language),
        broken_off: None,
    })
}

fn entry(item: &Value) -> FeedEntry {
    let field = |name: &str| item.get(name).and_then(text);
    let time = |name: &str| field(name).as_deref().and_then(stated_time);
    let html = field("content_html").map(Markup::Html);
    let plain = ["content_text", "summary"].into_iter().filter_map(field).map(Markup::Plain);
    FeedEntry {
        id: field("id"),
        title: field("title").map(Markup::Plain),
        bodies: html.into_iter().chain(plain).collect(),
        link: field("url").or_else(|| field("external_url")),
        base: None,
        author: author(item),
        published: time("date_published"),
        updated: time("date_modified"),
        language: item.get("language").and_then(language),
        images: field("image").into_iter().chain(attached(item)).collect(),
        thumbnails: Vec::new(),
    }
}

/// The attachments that are pictures.
fn attached(item: &Value) -> Vec<String> {
    let all = item.get("attachments").and_then(Value::as_array).into_iter().flatten();
    let images = all.filter(|one| {
        let kind = one.get("mime_type").and_then(Value::as_str);
        kind.is_some_and(|kind| kind.starts_with("image/"))
    });
    images.filter_map(|one| one.get("url").and_then(text)).collect()
}

fn author(item: &Value) -> Option<String> {
    let listed = item.get("authors").and_then(|authors| authors.get(0));
    text(listed.or_else(|| item.get("author"))?.get("name")?)
}

fn language(value: &Value) -> Option<Language> {
    Language::from_code(value.as_str()?)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        // Ids are strings, says the format; some feeds give numbers.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
