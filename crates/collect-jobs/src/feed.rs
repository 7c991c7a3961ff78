use async_trait::async_trait;
use collect::{Collector, Reading, Scan, ScanError};
use domain::{Capture, Outcome, Posting, PostingKind, Problem, Source};
use url::Url;

use crate::feed_entry::{self, FeedContent, FeedEntry, Markup};
use crate::feed_json::read_json_feed;
use crate::feed_xml::read_xml_feed;

const NOT_A_FEED: Outcome = Outcome::fault("feed.not-a-feed");
const BROKEN_OFF: Outcome = Outcome::fault("feed.broken-off");
const NO_ENTRIES: Outcome = Outcome::intended("feed.empty");
const EMPTY_ENTRY: Outcome = Outcome::fault("entry.empty");

/// An RSS, Atom or JSON feed of job ads.
#[derive(Clone, Copy, Debug)]
pub struct Feed;

#[async_trait]
impl Collector for Feed {
    fn kind(&self) -> &'static str {
        "feed"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let url = scan.source.url.clone();
        // One page is the whole walk; if it failed, it is counted, and asked for again next time.
        scan.get(&url).await?;
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let decoded = collect::decode(capture.content(), capture.header("content-type"));
        let text = decoded.text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        let feed = if text.starts_with('{') { read_json_feed(text) } else { read_xml_feed(text) };
        match feed {
            Some(feed) => reading(source, capture, &feed),
            None => {
                let detail = "found no rss, RDF or feed element and no JSON feed";
                Reading::failed(Problem::new(NOT_A_FEED, &capture.url, detail))
            }
        }
    }
}

fn reading(source: &Source, capture: &Capture, feed: &FeedContent) -> Reading {
    let mut reading = Reading::default();
    let keys = feed_entry::keys(&feed.entries);
    for (number, (entry, key)) in feed.entries.iter().zip(keys).enumerate() {
        match posting(source, capture, feed, entry, key) {
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
        url: entry.link.as_deref().and_then(|link| collect::link_target(link, base.as_ref())),
        title,
        author: entry.author.clone(),
        published_at: entry.published.or(entry.updated),
        language: entry.language.or(feed.language),
        hidden_links: body.and_then(Markup::html).map_or(Vec::new(), |html| links(html, base)),
        ..Posting::read(source, capture, PostingKind::JobAd, key, text)
    })
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

fn links(html: &str, base: Option<Url>) -> Vec<String> {
    if !html.contains("href") {
        return Vec::new();
    }
    match collect::parse_html(html) {
        Ok(tree) => collect::anchors(tree.root_element(), base.as_ref()),
        // The text was read without a tree and stays; mark-up like this is no ad's.
        Err(_) => Vec::new(),
    }
}
