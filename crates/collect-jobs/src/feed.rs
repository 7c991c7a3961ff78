use async_trait::async_trait;
use collect::{Collector, Reading, Scan, ScanError};
use domain::{Capture, PostingKind, Source};

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
        collect::read_feed(source, capture, PostingKind::JobAd)
    }
}
