//! What a flagged posting's page is seen with, the pictures that the posting shows and the stylesheets
//! that the page names: fetched soon after a posting is flagged, kept like pages, and frozen in a
//! snapshot beside the first. Pictures are compared with those of other postings.

mod errand;
mod keep;

use domain::{Lead, PagePart, PartFetch, Posting, PostingId, Source};
use jiff::{SignedDuration, Timestamp};
use store::Store;

use crate::PipelineError;
use crate::revisit::{is_followed, is_of_the_web, wanted};

pub(crate) use errand::fetch_media;
pub(crate) use keep::{beside_with, kept_before};

/// Most parts of a kind that are fetched of a posting, the first.
pub(crate) const MOST_OF_A_KIND: usize = 8;
/// What could not be had is tried again after this long: a host's budget is one of a day.
const BETWEEN_TRIES: SignedDuration = SignedDuration::from_hours(24);
/// The parts of postings that were captured longer ago are not asked for: they had their chances.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(72);
/// For so long something else may wait for parts that are fetched shortly.
const AWAITED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// Postings of one source whose parts are to be fetched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SourceMedia {
    /// The source, by whose terms they are fetched.
    pub(crate) source: Source,
    pub(crate) postings: Vec<PostingId>,
}

impl SourceMedia {
    /// Takes on those of another errand to the same source.
    pub(crate) fn take_on(&mut self, other: Self) {
        let new = other.postings.into_iter().filter(|id| !self.postings.contains(id));
        let new: Vec<PostingId> = new.collect();
        self.postings.extend(new);
    }
}

/// Of postings of a source that were flagged just now, those whose parts are to be fetched. The desk may
/// be at work meanwhile.
pub(crate) fn of_flagged(
    store: &dyn Store,
    source: Source,
    flagged: &[PostingId],
    now: Timestamp,
) -> Result<Option<SourceMedia>, PipelineError> {
    if source.paused || !is_of_the_web(&source.url) {
        return Ok(None);
    }
    let mut postings = Vec::new();
    for id in flagged {
        let Some(stored) = store.posting(id)? else { continue };
        // Most show nothing, and a lead may be long.
        if parts(&stored.posting).next().is_none() {
            continue;
        }
        let Some(lead) = lead_with(store, id)? else { continue };
        if is_followed(&lead) && has_due(&lead, &stored.posting, now) {
            postings.push(id.clone());
        }
    }
    Ok((!postings.is_empty()).then_some(SourceMedia { source, postings }))
}

/// The lead that a posting is on. It may just be taken into another, whose name is then asked for again.
fn lead_with(store: &dyn Store, posting: &PostingId) -> Result<Option<Lead>, PipelineError> {
    let mut asked = None;
    loop {
        let id = store.lead_of(posting)?;
        let Some(id) = id.filter(|id| asked.as_ref() != Some(id)) else { return Ok(None) };
        if let Some(lead) = store.lead(&id)? {
            return Ok(Some(lead));
        }
        asked = Some(id);
    }
}

/// All postings whose parts are to be fetched, beside a desk that is at work.
pub(crate) fn due_beside(
    store: &dyn Store,
    sources: &[Source],
    now: Timestamp,
) -> Result<Vec<SourceMedia>, PipelineError> {
    let due = wanted(store, sources, &|lead, posting| has_due(lead, posting, now))?;
    let due = due.into_iter().map(|due| SourceMedia { source: due.source, postings: due.postings });
    Ok(due.collect())
}

fn has_due(lead: &Lead, posting: &Posting, now: Timestamp) -> bool {
    !due(lead, posting, now).is_empty()
}

/// A part of a page: of this kind, of this number among them, at this address.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    kind: PagePart,
    number: u32,
    address: String,
}

/// The parts of a posting's page that are to be fetched now.
fn due(lead: &Lead, posting: &Posting, now: Timestamp) -> Vec<Part> {
    if posting.row.is_some() || now.duration_since(posting.captured_at) > TRIED_FOR {
        return Vec::new();
    }
    let is_due = |part: &Part| tried(lead, posting, part).is_none_or(|tried| is_due(tried, now));
    parts(posting).filter(is_due).collect()
}

/// What a posting's page is seen with.
fn parts(posting: &Posting) -> impl Iterator<Item = Part> + '_ {
    PagePart::ALL.into_iter().flat_map(|kind| {
        let numbered = (1..).zip(posting.parts(kind)).take(MOST_OF_A_KIND);
        numbered.map(move |(number, address)| Part { kind, number, address: address.clone() })
    })
}

/// What came of the last try for a part.
fn tried<'l>(lead: &'l Lead, posting: &Posting, part: &Part) -> Option<&'l PartFetch> {
    let place = (&posting.id, &posting.capture, part.number);
    lead.fetched(part.kind)
        .iter()
        .find(|tried| (&tried.posting, &tried.page, tried.number) == place)
}

/// Whether some of a posting's parts are about to be fetched for the first time.
pub(crate) fn are_awaited(lead: &Lead, posting: &Posting, now: Timestamp) -> bool {
    now.duration_since(posting.captured_at) < AWAITED_FOR
        && due(lead, posting, now).iter().any(|part| tried(lead, posting, part).is_none())
}

fn is_due(tried: &PartFetch, now: Timestamp) -> bool {
    const FOR_GOOD: [&str; 9] = [
        "fetch.robots-disallow",
        "fetch.forbidden",
        "fetch.not-found",
        "fetch.bad-url",
        "fetch.private-address",
        "fetch.no-image",
        "fetch.no-stylesheet",
        "fetch.too-large",
        "fetch.redirect-loop",
    ];
    let is_settled = tried.why.as_deref().is_none_or(|why| FOR_GOOD.contains(&why));
    // A clock that stood in another year has waited long enough too.
    !is_settled && now.duration_since(tried.at).abs() >= BETWEEN_TRIES
}

#[cfg(test)]
mod stylesheet_tests;
#[cfg(test)]
mod tests;
