//! What is known of a posting before its page is asked for again.

use std::collections::BTreeMap;

use collect::{Collector, Reading};
use domain::{Capture, Found, Lead, Posting, PostingId, Sha256, Source};
use store::Store as _;
use url::Url;

use super::is_of_the_web;
use crate::snapshots::read_capture;
use crate::{Desk, PipelineError};

/// Its source's page says that it was taken away.
pub(super) const TAKEN_AWAY: &str = "source.taken-away";
/// The page answers, and the posting is not read out of it.
pub(super) const WITHOUT_IT: &str = "page.without-it";

/// An address that is asked, for the sake of these postings.
pub(super) struct Ask {
    pub(super) address: String,
    /// What the server said of the version that we have.
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) postings: Vec<Known>,
}

/// A posting as we know it.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) id: PostingId,
    /// The address that it gives as its own, where that is another page of the host that is asked.
    pub(super) own: Option<String>,
    /// The address that is asked is its own page, as far as we know.
    pub(super) is_alone: bool,
    /// Over its words when it was last looked at.
    pub(super) content: Sha256,
}

/// What a page says of a posting; the words when they are others.
pub(super) struct Judged {
    pub(super) found: Found,
    pub(super) why: Option<&'static str>,
    pub(super) changed: Option<Box<Posting>>,
}

impl Known {
    /// Holds what was read out of a page against what is known.
    pub(super) fn judge(&self, reading: &Reading) -> Judged {
        let there = reading.postings.iter().find(|posting| posting.id == self.id);
        let (found, why, changed) = match there {
            Some(there) if there.content_digest() == self.content => (Found::Unchanged, None, None),
            Some(there) => (Found::Changed, None, Some(Box::new(there.clone()))),
            None if reading.gone.contains(&self.id) => (Found::Gone, Some(TAKEN_AWAY), None),
            None => (Found::NotShown, Some(WITHOUT_IT), None),
        };
        Judged { found, why, changed }
    }
}

/// The addresses to ask for these postings, each once; postings that are not on a lead any more, or
/// whose page was deleted, are left out.
pub(super) fn asks(
    desk: &Desk,
    source: &Source,
    collector: &dyn Collector,
    postings: &[PostingId],
) -> Result<Vec<Ask>, PipelineError> {
    let mut asks: BTreeMap<String, Vec<Known>> = BTreeMap::new();
    for id in postings {
        let Some(lead) = desk.store.lead_of(id)?.map(|lead| desk.store.lead(&lead)).transpose()?
        else {
            continue;
        };
        let (Some(lead), Some(stored)) = (lead, desk.store.posting(id)?) else { continue };
        let posting = stored.posting;
        let Some(page) = desk.store.capture(&posting.capture)? else { continue };
        if !is_of_the_web(&page.url) {
            continue;
        }
        let address = collector.again(&posting, &page.url);
        let content = last_content(desk, source, collector, &lead, &posting)?;
        let (own, is_alone) = own_page(&posting, &address);
        let known = Known { id: posting.id, own, is_alone, content };
        asks.entry(address).or_default().push(known);
    }
    let mut found = Vec::new();
    for (address, postings) in asks {
        // What came in the page's place the last time is no version of it.
        let latest = latest(desk, source, &address)?.filter(Capture::is_page);
        let header = |name| latest.as_ref().and_then(|page| page.header(name)).map(str::to_owned);
        let (etag, last_modified) = (header("etag"), header("last-modified"));
        found.push(Ask { address, etag, last_modified, postings });
    }
    Ok(found)
}

/// The latest capture of an address.
pub(super) fn latest(
    desk: &Desk,
    source: &Source,
    address: &str,
) -> Result<Option<Capture>, PipelineError> {
    match desk.store.latest_payload(&source.id, address)? {
        Some((capture, _)) => read_capture(desk, &capture),
        None => Ok(None),
    }
}

/// The posting's own page, if it is another than the one that is asked and on the same host: a
/// posting may give any address, and for none but its source's host do we know that we may. And
/// whether the one that is asked is its own.
fn own_page(posting: &Posting, address: &str) -> (Option<String>, bool) {
    let own = posting.url.as_deref().and_then(|own| Url::parse(own).ok());
    let (Some(mut own), Ok(asked)) = (own, Url::parse(address)) else { return (None, true) };
    own.set_fragment(None);
    let is_alone = own == asked;
    ((!is_alone && own.origin() == asked.origin()).then(|| own.into()), is_alone)
}

/// Over the words that the posting had when it was last looked at: those of the latest snapshot
/// before the last revisit, or of its first. Snapshots since then, which a scan or a revisit that was
/// cut short has taken, are what is to be found out now.
fn last_content(
    desk: &Desk,
    source: &Source,
    collector: &dyn Collector,
    lead: &Lead,
    posting: &Posting,
) -> Result<Sha256, PipelineError> {
    let revisits = lead.revisits.iter().filter(|row| row.posting == posting.id);
    let looked_at = revisits.filter(|row| row.found.is_answer()).map(|row| row.last_at).max();
    let taken = lead.snapshots.iter().filter(|taken| taken.posting == posting.id);
    let mut captures = Vec::new();
    for taken in taken {
        captures.extend(read_capture(desk, &taken.capture)?.filter(Capture::is_page));
    }
    captures.sort_by_key(|capture| capture.fetched_at);
    let known = match looked_at {
        Some(at) => captures.iter().rfind(|capture| capture.fetched_at <= at),
        None => None,
    };
    let read = known.or(captures.first()).and_then(|capture| {
        let postings = collector.read(source, capture).postings;
        postings.into_iter().find(|read| read.id == posting.id)
    });
    Ok(read.as_ref().unwrap_or(posting).content_digest())
}
