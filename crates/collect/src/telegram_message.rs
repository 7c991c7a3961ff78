//! A message of a Telegram export: its words, whose they are, and where they lead.

use domain::{Capture, Outcome, Posting, PostingKind, Source};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

const NOT_JSON: Outcome = Outcome::fault("row.not-json");
const NO_NUMBER: Outcome = Outcome::fault("post.no-number");
const SERVICE: Outcome = Outcome::intended("post.service-message");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");

/// Most links of one message.
const MOST_LINKS: usize = 500;

/// Reads a message of a chat; `Err` is what it is counted as, and why.
pub(crate) fn message(
    source: &Source,
    capture: &Capture,
    kind: PostingKind,
    chat: &str,
    chat_name: Option<&str>,
    json: &[u8],
) -> Result<Posting, (Outcome, &'static str)> {
    let message: Value =
        serde_json::from_slice(json).map_err(|_| (NOT_JSON, "the message is no JSON"))?;
    if message["type"] == "service" {
        return Err((SERVICE, "said by Telegram, not by a person"));
    }
    let number = message["id"].as_i64().ok_or((NO_NUMBER, "the message has no number"))?;
    let text = words_of(&message);
    if text.is_empty() {
        return Err((NO_TEXT, "a picture, film or file without words"));
    }
    // A post that was passed on is its first author's.
    let said = |field: &str| message[field].as_str().filter(|name| !name.trim().is_empty());
    let author = said("forwarded_from").or_else(|| said("from")).or(chat_name);
    Ok(Posting {
        author: author.map(|name| name.trim().to_owned()),
        published_at: published(&message),
        language: source.language,
        hidden_links: links_of(&message),
        ..Posting::read(source, capture, kind, format!("{chat}/{number}"), text)
    })
}

/// The text, then what stands beside it on the screen: a poll, a file's name, a shared contact, a
/// place.
fn words_of(message: &Value) -> String {
    let mut parts = vec![rich_text(&message["text"])];
    parts.push(rich_text(&message["poll"]["question"]));
    for answer in message["poll"]["answers"].as_array().into_iter().flatten() {
        parts.push(rich_text(&answer["text"]));
    }
    // `(File not included. Change data exporting settings to download.)` is Telegram's.
    let file = message["file_name"].as_str().filter(|name| !name.starts_with('('));
    parts.extend(file.map(str::to_owned));
    let contact = &message["contact_information"];
    let names = ["first_name", "last_name", "phone_number"];
    let contact: Vec<&str> = names
        .iter()
        .filter_map(|field| contact[*field].as_str())
        .filter(|word| !word.is_empty())
        .collect();
    parts.push(contact.join(" "));
    parts.extend(
        ["place_name", "address"]
            .iter()
            .filter_map(|field| message[*field].as_str().map(str::to_owned)),
    );
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|p| !p.is_empty()).collect();
    parts.join("\n\n")
}

/// A string, or pieces that are strings or objects with a `text`.
fn rich_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(pieces) => pieces
            .iter()
            .filter_map(|piece| piece.as_str().or_else(|| piece["text"].as_str()))
            .collect(),
        _ => String::new(),
    }
}

/// Where words and buttons lead.
fn links_of(message: &Value) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    let pieces = message["text"].as_array().into_iter().flatten();
    let entities = message["text_entities"].as_array().into_iter().flatten();
    let behind_words = pieces
        .chain(entities)
        .filter(|piece| piece["type"] == "text_link")
        .filter_map(|piece| piece["href"].as_str());
    let rows = message["inline_bot_buttons"].as_array().into_iter().flatten();
    let buttons = rows
        .flat_map(|row| row.as_array().into_iter().flatten())
        .filter(|button| button["type"] == "url")
        .filter_map(|button| button["data"].as_str());
    for link in behind_words.chain(buttons).filter_map(|link| crate::link_target(link, None)) {
        if links.len() < MOST_LINKS && !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

/// Old exports have the local time of the machine alone; it is taken as UTC.
fn published(message: &Value) -> Option<Timestamp> {
    let seconds = &message["date_unixtime"];
    let seconds = seconds.as_i64().or_else(|| seconds.as_str()?.parse().ok());
    let local = || {
        let time: DateTime = message["date"].as_str()?.parse().ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    };
    seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).or_else(local)
}
