use std::collections::BTreeMap;

use domain::{Language, Sha256};
use jiff::Timestamp;
use url::Url;

use crate::{Images, anchors, parse_html};

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
    /// Its headline.
    pub(crate) title: Option<Markup>,
    /// Content, summary, description: whatever the feed gives.
    pub(crate) bodies: Vec<Markup>,
    /// The entry's own page.
    pub(crate) link: Option<String>,
    /// What relative addresses are relative to, if the feed says so.
    pub(crate) base: Option<String>,
    /// Who wrote it, as the feed names them.
    pub(crate) author: Option<String>,
    /// When it was published.
    pub(crate) published: Option<Timestamp>,
    /// When it was last changed.
    pub(crate) updated: Option<Timestamp>,
    /// As the entry states it.
    pub(crate) language: Option<Language>,
    /// The addresses of pictures that go with it, as they are written.
    pub(crate) images: Vec<String>,
    /// Smaller forms of them.
    pub(crate) thumbnails: Vec<String>,
}

/// Text of a feed, and whether its mark-up means anything.
#[derive(Clone, Debug)]
pub enum Markup {
    /// It is words alone.
    Plain(String),
    /// It is HTML.
    Html(String),
}

impl Markup {
    /// The words as a reader sees them.
    pub fn text(&self) -> String {
        match self {
            Self::Plain(text) => text.trim().to_owned(),
            // Without a tag the line breaks are all that gives the text its shape.
            Self::Html(html) if !html.contains('<') => {
                let lines = html.lines().map(crate::plain_text);
                lines.collect::<Vec<_>>().join("\n").trim().to_owned()
            }
            Self::Html(html) => crate::plain_text(html).trim().to_owned(),
        }
    }

    /// The words on one line.
    pub fn line(&self) -> String {
        self.text().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Adds the pictures that it shows.
    pub fn add_images(&self, images: &mut Images, base: Option<&Url>) {
        if let Self::Html(html) = self {
            images.add_of_html(html, base);
        }
    }

    /// Where its words lead; of plain text nothing.
    pub fn links(&self, base: Option<&Url>) -> Vec<String> {
        match self {
            Self::Html(html) if html.contains("href") => match parse_html(html) {
                Ok(tree) => anchors(tree.root_element(), base),
                // The text was read without a tree and stays; mark-up like this is no ad's.
                Err(_) => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

impl FeedContent {
    /// What names each entry for good: its id, else its address, else a digest of its words. Where a
    /// feed gives several entries the same name, the address is added, and failing that the digest,
    /// so that none of them stands for another.
    pub(crate) fn keys(&self) -> Vec<String> {
        let link = |entry: &FeedEntry| entry.link.clone().unwrap_or_default();
        let name = |entry: &FeedEntry| {
            let named = entry.id.clone().or_else(|| entry.link.clone());
            named.unwrap_or_else(|| digest(entry))
        };
        let plain: Vec<String> = self.entries.iter().map(name).collect();
        let linked = repeated_told_apart(&plain, &self.entries, link);
        repeated_told_apart(&linked, &self.entries, digest)
    }
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
