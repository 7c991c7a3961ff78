use std::collections::BTreeMap;

use domain::{Language, Sha256};
use jiff::Timestamp;

/// A feed as read: RSS, Atom and JSON Feed in one form.
#[derive(Debug, Default)]
pub(crate) struct FeedContent {
    /// In the order of the feed.
    pub(crate) entries: Vec<FeedEntry>,
    /// As the feed states it.
    pub(crate) language: Option<Language>,
    /// Why the feed could not be read to its end, if so.
    pub(crate) broken_off: Option<String>,
}

/// One entry (`item`) of a feed.
#[derive(Debug, Default)]
pub(crate) struct FeedEntry {
    /// guid, id or rdf:about.
    pub(crate) id: Option<String>,
    pub(crate) title: Option<Markup>,
    /// Content, summary, description: whatever the feed gives.
    pub(crate) bodies: Vec<Markup>,
    /// The entry's own page.
    pub(crate) link: Option<String>,
    /// What relative addresses are relative to, if the feed says so.
    pub(crate) base: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) published: Option<Timestamp>,
    pub(crate) updated: Option<Timestamp>,
    pub(crate) language: Option<Language>,
}

/// Text of a feed, and whether its mark-up means anything.
#[derive(Clone, Debug)]
pub(crate) enum Markup {
    Plain(String),
    Html(String),
}

impl Markup {
    /// The words as a reader sees them.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Plain(text) => text.trim().to_owned(),
            // Without a tag the line breaks are all that gives the text its shape.
            Self::Html(html) if !html.contains('<') => {
                let lines = html.lines().map(collect::plain_text);
                lines.collect::<Vec<_>>().join("\n").trim().to_owned()
            }
            Self::Html(html) => collect::plain_text(html).trim().to_owned(),
        }
    }

    /// The words on one line.
    pub(crate) fn line(&self) -> String {
        self.text().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The mark-up, if it means anything.
    pub(crate) fn html(&self) -> Option<&str> {
        match self {
            Self::Plain(_) => None,
            Self::Html(html) => Some(html),
        }
    }
}

/// What names each entry for good: its id, else its address, else a digest of its words. Where a
/// feed gives several entries the same name, the address is added, and failing that the digest, so
/// that none of them stands for another.
pub(crate) fn keys(entries: &[FeedEntry]) -> Vec<String> {
    let link = |entry: &FeedEntry| entry.link.clone().unwrap_or_default();
    let name = |entry: &FeedEntry| {
        let named = entry.id.clone().or_else(|| entry.link.clone());
        named.unwrap_or_else(|| digest(entry))
    };
    let plain: Vec<String> = entries.iter().map(name).collect();
    let linked = repeated_told_apart(&plain, entries, link);
    repeated_told_apart(&linked, entries, digest)
}

fn repeated_told_apart(
    keys: &[String],
    entries: &[FeedEntry],
    suffix: impl Fn(&FeedEntry) -> String,
) -> Vec<String> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for key in keys {
        *times.entry(key).or_default() += 1;
    }
    let told_apart = |(key, entry): (&String, &FeedEntry)| match times[key.as_str()] {
        1 => key.clone(),
        _ => format!("{key} {}", suffix(entry)).trim_end().to_owned(),
    };
    keys.iter().zip(entries).map(told_apart).collect()
}

fn digest(entry: &FeedEntry) -> String {
    let title = entry.title.as_ref().map(Markup::line).unwrap_or_default();
    let bodies: Vec<String> = entry.bodies.iter().map(Markup::text).collect();
    let parts = std::iter::once(&title).chain(&bodies).map(String::as_bytes);
    Sha256::of_parts(parts).to_string()
}
