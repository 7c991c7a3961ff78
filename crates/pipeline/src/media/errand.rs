//! The errand of fetching the pictures of postings of one source: by the source's terms, through the
//! polite client, under the source's lease.

use std::sync::{Arc, Mutex};

use collect::{Page, Scan, Web};
use domain::{
    Capture, CaptureId, CaptureRole, Checkpoint, Outcome, OutcomeClass, PostingId, Problem, Source,
    SourceId,
};
use jiff::SignedDuration;
use link::{Look, look_at};
use store::Store as _;
use url::Url;

use super::keep::{Fetched, keep};
use super::{SourceMedia, due};
use crate::scan::SourceReport;
use crate::sink::Sink;
use crate::snapshots::read_capture;
use crate::writer::{Begun, Writer, on_disk};
use crate::{Desk, PipelineError};

const KEPT: Outcome = Outcome::done("image.kept");
/// It stands under an address that was fetched shortly before.
const KNOWN: Outcome = Outcome::done("image.known");
const REFUSED: Outcome = Outcome::intended("image.refused");
const FAILED: Outcome = Outcome::fault("image.failed");
/// They are due, and come with the next errand.
const LATER: Outcome = Outcome::intended("image.later");
const LEASED: Outcome = Outcome::intended("source.leased");

/// Most postings whose pictures are fetched in one errand, so that a walk of the same host has its
/// turn.
const MOST_AT_ONCE: usize = 100;
/// It was kept once, and is no more.
const DELETED: &str = "image.deleted";
/// For so long a picture that was fetched for one posting is that of another with its address.
const SAME_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Fetches the pictures of postings and writes down what came of it, posting by posting: who is cut
/// short has lost one posting's, and fetches them again.
pub(crate) async fn fetch_media(
    media: SourceMedia,
    desk: &Arc<Mutex<Desk>>,
    writer: &Writer,
    web: &dyn Web,
    holder: &str,
) -> Result<SourceReport, PipelineError> {
    let SourceMedia { source, postings } = media;
    let mut report = SourceReport::default();
    if let Begun::Leased(_other) = writer.begin(&source, holder).await? {
        report.tally.count(LEASED);
        return Ok(report);
    }
    for _ in postings.iter().skip(MOST_AT_ONCE) {
        report.tally.count(LATER);
    }
    let mut errand = Errand { source: &source, desk, writer, web, report };
    for posting in postings.into_iter().take(MOST_AT_ONCE) {
        errand.fetch_of(posting).await?;
    }
    let report = errand.report;
    writer.end(&source, holder, Vec::new()).await?;
    Ok(report)
}

struct Errand<'a> {
    source: &'a Source,
    desk: &'a Arc<Mutex<Desk>>,
    writer: &'a Writer,
    web: &'a dyn Web,
    report: SourceReport,
}

/// What is to be fetched of a posting.
struct Wanted {
    page: CaptureId,
    /// The address that the page answered under.
    address: String,
    images: Vec<(u32, String)>,
}

impl Errand<'_> {
    async fn fetch_of(&mut self, posting: PostingId) -> Result<(), PipelineError> {
        let id = posting.clone();
        let Some(wanted) = on_disk(self.desk, move |desk| wanted(desk, &id)).await? else {
            return Ok(());
        };
        let mut fetched = Vec::new();
        for (number, address) in wanted.images {
            let image = self.fetch(&posting, &address, &wanted.address).await?;
            fetched.push(Fetched { number, image });
        }
        let page = wanted.page;
        on_disk(self.desk, move |desk| keep(desk, &posting, &page, fetched)).await
    }

    /// The picture at an address with what is seen of it, or the name of what kept us from it.
    async fn fetch(
        &mut self,
        posting: &PostingId,
        address: &str,
        page: &str,
    ) -> Result<Result<(Capture, Look), String>, PipelineError> {
        let (source, url) = (self.source.id.clone(), address.to_owned());
        let known = on_disk(self.desk, move |desk| recent(desk, &source, &url)).await?;
        let image = match known {
            Some(known) => {
                self.report.tally.count(KNOWN);
                known
            }
            None => match self.get(posting, address, page).await? {
                Ok(image) => image,
                Err(why) => return Ok(Err(why)),
            },
        };
        // Decoding takes a moment, and holds up nobody here.
        let looked = tokio::task::spawn_blocking(move || {
            let look = look_at(image.content());
            (image, look)
        });
        let broken = |error| PipelineError::Refused(format!("a picture broke off inside: {error}"));
        Ok(Ok(looked.await.map_err(broken)?))
    }

    async fn get(
        &mut self,
        posting: &PostingId,
        address: &str,
        page: &str,
    ) -> Result<Result<Capture, String>, PipelineError> {
        let source = guarded(self.source, address, page);
        let mut sink = Sink::new(self.writer);
        let mut scan = Scan::new(&source, Checkpoint::default(), self.web, &mut sink);
        let got = scan.get_image(address).await;
        let Scan { tally, .. } = scan;
        let got = got.map_err(|error| {
            sink.failure.unwrap_or_else(|| PipelineError::Refused(error.to_string()))
        })?;
        let failed = match &got {
            Page::Failed(problem) => Some(problem.outcome),
            Page::New(_) | Page::Unchanged(_) => None,
        };
        // A request that came to nothing is told as what it says of the picture.
        for (outcome, times) in tally.iter().filter(|(outcome, _)| Some(*outcome) != failed) {
            self.report.tally.add(outcome, times);
        }
        match got {
            Page::New(image) => {
                self.report.tally.count(KEPT);
                Ok(Ok(*image))
            }
            // As it was when it was last kept: that capture is the evidence.
            Page::Unchanged(same) => {
                self.report.tally.count(KNOWN);
                let url = same.map_or_else(|| address.to_owned(), |same| same.url);
                let id = self.source.id.clone();
                let kept = on_disk(self.desk, move |desk| latest(desk, &id, &url)).await?;
                Ok(kept.ok_or_else(|| DELETED.to_owned()))
            }
            Page::Failed(problem) => {
                self.fail(posting, &problem);
                Ok(Err(problem.outcome.name.to_owned()))
            }
        }
    }

    fn fail(&mut self, posting: &PostingId, problem: &Problem) {
        let outcome = match problem.outcome.class {
            OutcomeClass::Fault => FAILED,
            OutcomeClass::Done | OutcomeClass::Intended => REFUSED,
        };
        self.report.tally.count(outcome);
        let Problem { outcome: Outcome { name, .. }, place, detail } = problem;
        let what = format!("a picture of posting {posting} is not kept ({name}): {detail}");
        self.report.problems.push(Problem::new(outcome, place, what));
    }
}

/// The source as a picture of this address is fetched for it. A posting may name any address, and a
/// source that may be on a private network must not become a way into it: but for the server that the
/// page came from, only public ones are asked.
fn guarded(source: &Source, address: &str, page: &str) -> Source {
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    let is_same = origin(address).is_some_and(|of| origin(page) == Some(of));
    Source { allow_private: source.allow_private && is_same, ..source.clone() }
}

fn wanted(desk: &mut Desk, posting: &PostingId) -> Result<Option<Wanted>, PipelineError> {
    let Some(lead) = desk.store.lead_of(posting)? else { return Ok(None) };
    let (Some(lead), Some(stored)) = (desk.store.lead(&lead)?, desk.store.posting(posting)?) else {
        return Ok(None);
    };
    let images = due(&lead, &stored.posting, desk.clock.now());
    let Some(page) = desk.store.capture(&stored.posting.capture)? else { return Ok(None) };
    Ok(Some(Wanted { page: page.id, address: page.url, images }))
}

/// The latest capture of an address, if it is a picture.
fn latest(
    desk: &mut Desk,
    source: &SourceId,
    address: &str,
) -> Result<Option<Capture>, PipelineError> {
    let Some((capture, _)) = desk.store.latest_payload(source, address)? else { return Ok(None) };
    let is_image = desk.store.capture(&capture)?.is_some_and(|it| it.role == CaptureRole::Image);
    if is_image { read_capture(desk, &capture) } else { Ok(None) }
}

/// The same, if it was fetched shortly before.
fn recent(
    desk: &mut Desk,
    source: &SourceId,
    address: &str,
) -> Result<Option<Capture>, PipelineError> {
    let now = desk.clock.now();
    let latest = latest(desk, source, address)?;
    Ok(latest.filter(|image| now.duration_since(image.fetched_at).abs() <= SAME_FOR))
}
