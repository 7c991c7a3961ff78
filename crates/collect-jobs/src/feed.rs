use async_trait::async_trait;
use collect::{Collector, Reading, Scan, ScanError};
use domain::{Capture, PostingKind, Source};
use url::Url;

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

    /// Feeds are called by what they are, at the end of their path.
    fn place(&self, link: &Url) -> Option<String> {
        const NAMES: [&str; 6] = ["rss", "atom", "feed", "feed.json", "rss.xml", "feed.xml"];
        let last = link.path_segments()?.rfind(|part| !part.is_empty())?.to_ascii_lowercase();
        let is_feed = NAMES.contains(&last.as_str())
            || [".rss", ".atom"].iter().any(|ending| last.ends_with(ending))
            || last.ends_with(".xml")
                && ["rss", "feed", "atom"].iter().any(|name| last.contains(name));
        is_feed.then(|| link.to_string())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        collect::read_feed(source, capture, PostingKind::JobAd)
    }
}
