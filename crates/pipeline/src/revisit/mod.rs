//! Flagged postings are asked for again for as long as somebody works on their lead: what changed is
//! frozen once more, what was taken away is known to be gone.

mod errand;
mod keep;
mod known;
mod schedule;

use std::collections::BTreeMap;

use domain::{Lead, LeadStatus, Posting, PostingId, Source, SourceId, Verdict};
use jiff::Timestamp;
use store::Store;
use url::Url;

use crate::retention::all_leads;
use crate::{Desk, PipelineError};

pub(crate) use errand::revisit_source;

/// Postings of one source whose pages are to be asked for again.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRevisits {
    /// The source, by whose terms they are asked for.
    pub source: Source,
    /// The postings: those never asked for first, then those asked for longest ago.
    pub postings: Vec<PostingId>,
}

impl Desk {
    /// The postings that are to be asked for again now, by `[snapshot] again_after_h`.
    pub fn revisits_due(&self) -> Result<Vec<SourceRevisits>, PipelineError> {
        let hours = &self.settings.config.snapshot.again_after_h;
        due_beside(&*self.store, &self.settings.sources, hours, self.clock.now())
    }

    /// All postings that can be asked for again, due or not.
    pub fn revisits_possible(&self) -> Result<Vec<SourceRevisits>, PipelineError> {
        wanted(&*self.store, &self.settings.sources, &|_, _| true)
    }
}

/// The same as [`Desk::revisits_due`], beside a desk that is at work.
pub(crate) fn due_beside(
    store: &dyn Store,
    sources: &[Source],
    hours: &[u32],
    now: Timestamp,
) -> Result<Vec<SourceRevisits>, PipelineError> {
    wanted(store, sources, &|lead, posting| {
        let revisits = lead.revisits.iter().filter(|row| row.posting == posting.id);
        schedule::is_due(hours, posting.captured_at, revisits, now)
    })
}

/// When a posting was last asked for, and when it was captured.
type Place = (Option<Timestamp>, Timestamp);

/// The postings of leads that somebody works on, or will, which came from the web and are admitted.
pub(crate) fn wanted(
    store: &dyn Store,
    sources: &[Source],
    admits: &dyn Fn(&Lead, &Posting) -> bool,
) -> Result<Vec<SourceRevisits>, PipelineError> {
    let is_asked = |source: &&Source| !source.paused && is_of_the_web(&source.url);
    let asked: BTreeMap<&SourceId, &Source> =
        sources.iter().filter(is_asked).map(|source| (&source.id, source)).collect();
    let mut found: BTreeMap<SourceId, Vec<(Place, PostingId)>> = BTreeMap::new();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    for lead in store.queue(&all_leads(), usize::MAX)?.into_iter().filter(is_followed) {
        for id in &lead.postings {
            let Some(stored) = store.posting(id)? else { continue };
            let posting = stored.posting;
            if posting.row.is_none()
                && asked.contains_key(&posting.source)
                && admits(&lead, &posting)
            {
                let asked = lead.revisits.iter().filter(|row| row.posting == *id);
                let place = (asked.map(|row| row.last_at).max(), posting.captured_at);
                found.entry(posting.source).or_default().push((place, posting.id));
            }
        }
    }
    let revisits = found.into_iter().filter_map(|(id, mut postings)| {
        postings.sort();
        let postings = postings.into_iter().map(|(_, posting)| posting).collect();
        Some(SourceRevisits { source: (**asked.get(&id)?).clone(), postings })
    });
    Ok(revisits.collect())
}

/// Whether a lead is still of interest: nobody has decided that it is nothing, or another's.
pub(crate) fn is_followed(lead: &Lead) -> bool {
    match lead.verdict() {
        _ if lead.status() == LeadStatus::Claimed => true,
        None | Some(Verdict::Monitor | Verdict::Escalate) => true,
        Some(Verdict::Dismiss | Verdict::Refer) => false,
    }
}

/// Files and tips lie on the desk; nobody is asked for them.
pub(crate) fn is_of_the_web(address: &str) -> bool {
    let url = Url::parse(address);
    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
pub(crate) mod site;
#[cfg(test)]
pub(crate) mod site_desk;
#[cfg(test)]
mod tests;
