//! Reading a feed out of a capture, whatever its form, and a posting out of an entry.

use domain::{Capture, Outcome, Posting, PostingKind, Problem, Source};
use url::Url;

use crate::feed_entry::{FeedContent, FeedEntry, Markup};
use crate::feed_json::read_json_feed;
use crate::feed_xml::read_xml_feed;
use crate::{Images, Reading};

const NOT_A_FEED: Outcome = Outcome::fault("feed.not-a-feed");
const BROKEN_OFF: Outcome = Outcome::fault("feed.broken-off");
const NO_ENTRIES: Outcome = Outcome::intended("feed.empty");
const EMPTY_ENTRY: Outcome = Outcome::fault("entry.empty");

/// Reads an RSS, Atom or JSON feed: one posting of this kind for each entry.
pub fn read_feed(source: &Source, capture: &Capture, kind: PostingKind) -> Reading {
    let decoded = crate::decode(capture.content(), capture.header("content-type"));
    let text = decoded.text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let feed = if text.starts_with('{') { read_json_feed(text) } else { read_xml_feed(text) };
    match feed {
        Some(feed) => reading(source, capture, kind, &feed),
        None => {
            let detail = "found no rss, RDF or feed element and no JSON feed";
            Reading::failed(Problem::new(NOT_A_FEED, &capture.url, detail))
        }
    }
}

fn reading(source: &Source, capture: &Capture, kind: PostingKind, feed: &FeedContent) -> Reading {
    let mut reading = Reading::default();
    for (number, (entry, key)) in feed.entries.iter().zip(feed.keys()).enumerate() {
        match posting(source, capture, kind, feed, entry, key) {
            Some(posting) => reading.postings.push(posting),
            None => {
                let place = format!("{}#entry={}", capture.url, number + 1);
                let detail = "the entry has neither title nor text";
                reading.problems.push(Problem::new(EMPTY_ENTRY, place, detail));
            }
        }
    }
    if let Some(why) = &feed.broken_off {
        let detail = format!("{why}; {} entries before it were read", feed.entries.len());
        reading.problems.push(Problem::new(BROKEN_OFF, &capture.url, detail));
    } else if feed.entries.is_empty() {
        let detail = "the feed has no entries";
        reading.problems.push(Problem::new(NO_ENTRIES, &capture.url, detail));
    }
    reading
}

fn posting(
    source: &Source,
    capture: &Capture,
    kind: PostingKind,
    feed: &FeedContent,
    entry: &FeedEntry,
    key: String,
) -> Option<Posting> {
    let title = entry.title.as_ref().map(Markup::line).filter(|title| !title.is_empty());
    let (body, text) = longest_body(&entry.bodies);
    if title.is_none() && text.is_empty() {
        return None;
    }
    let here = Url::parse(&capture.url).ok();
    let base = match (&here, &entry.base) {
        (Some(here), Some(base)) => Some(here.join(base).unwrap_or_else(|_| here.clone())),
        (None, Some(base)) => Url::parse(base).ok(),
        (_, None) => here,
    };
    Some(Posting {
        url: entry.link.as_deref().and_then(|link| crate::link_target(link, base.as_ref())),
        title,
        author: entry.author.clone(),
        published_at: entry.published.or(entry.updated),
        language: entry.language.or(feed.language),
        hidden_links: body.map_or(Vec::new(), |body| body.links(base.as_ref())),
        images: images(entry, body, base.as_ref()),
        ..Posting::read(source, capture, kind, key, text)
    })
}

/// What goes with an entry, then what its text shows; thumbnails where there is nothing larger.
fn images(entry: &FeedEntry, body: Option<&Markup>, base: Option<&Url>) -> Vec<String> {
    let mut images = Images::default();
    entry.images.iter().for_each(|address| images.add(address, base));
    if let Some(body) = body {
        body.add_images(&mut images, base);
    }
    if images.is_empty() {
        entry.thumbnails.iter().for_each(|address| images.add(address, base));
    }
    images.into_vec()
}

/// Feeds give the same text in several lengths; the longest is the ad.
fn longest_body(bodies: &[Markup]) -> (Option<&Markup>, String) {
    let mut longest = (None, String::new());
    for body in bodies {
        let text = body.text();
        if text.len() > longest.1.len() {
            longest = (Some(body), text);
        }
    }
    longest
}
