use async_trait::async_trait;
use collect::{Collector, Reading, Scan, ScanError};
use domain::{Capture, PostingKind, Source};

/// The comment feed of any site (RSS, Atom, JSON Feed), such as `https://site/comments/feed/` of
/// WordPress: under news about work abroad, recruiters answer those who ask.
#[derive(Clone, Copy, Debug)]
pub struct Comments;

#[async_trait]
impl Collector for Comments {
    fn kind(&self) -> &'static str {
        "comments"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let url = scan.source.url.clone();
        // One page is the whole walk; if it failed, it is counted, and asked for again next time.
        scan.get(&url).await?;
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        collect::read_feed(source, capture, PostingKind::SocialPost)
    }
}
