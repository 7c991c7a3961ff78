//! The errand of fetching the parts of pages of postings of one source: by the source's terms, through
//! the polite client, under the source's lease.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use collect::{Page, Scan, Web};
use domain::{
    Capture, CaptureId, CaptureRole, Checkpoint, Outcome, OutcomeClass, PagePart, PostingId,
    Problem, Source, SourceId,
};
use jiff::SignedDuration;
use link::{Look, look_at};
use store::Store as _;
use url::Url;

use super::keep::{Fetched, keep};
use super::{Part, SourceMedia, due};
use crate::scan::SourceReport;
use crate::sink::Sink;
use crate::snapshots::read_capture;
use crate::writer::{Begun, Writer, on_disk};
use crate::{Desk, PipelineError};

/// The names under which parts of a kind are counted.
struct Names {
    /// What a part is called in a sentence.
    word: &'static str,
    kept: Outcome,
    /// It stands under an address that was fetched shortly before.
    known: Outcome,
    refused: Outcome,
    failed: Outcome,
}

impl Names {
    /// A part for which a request came to nothing.
    fn of(&self, outcome: Outcome) -> Outcome {
        match outcome.class {
            OutcomeClass::Fault => self.failed,
            OutcomeClass::Done | OutcomeClass::Intended => self.refused,
        }
    }
}

const fn names(kind: PagePart) -> Names {
    match kind {
        PagePart::Image => Names {
            word: "picture",
            kept: Outcome::done("image.kept"),
            known: Outcome::done("image.known"),
            refused: Outcome::intended("image.refused"),
            failed: Outcome::fault("image.failed"),
        },
        PagePart::Stylesheet => Names {
            word: "stylesheet",
            kept: Outcome::done("stylesheet.kept"),
            known: Outcome::done("stylesheet.known"),
            refused: Outcome::intended("stylesheet.refused"),
            failed: Outcome::fault("stylesheet.failed"),
        },
    }
}

/// Parts are due, and come with the next errand.
const LATER: Outcome = Outcome::intended("image.later");
const LEASED: Outcome = Outcome::intended("source.leased");

/// Most postings whose parts are fetched in one errand, so that a walk of the same host has its
/// turn.
const MOST_AT_ONCE: usize = 100;
/// It was kept once, and is no more.
const DELETED: &str = "image.deleted";
/// For so long a part that was fetched for one posting is that of another with its address.
const SAME_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Fetches the parts of postings and writes down what came of it, posting by posting: who is cut
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
    let mut errand =
        Errand { source: &source, desk, writer, web, report, missing: BTreeMap::new() };
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
    /// What came to nothing on this errand, by address: postings of one page have parts in common.
    missing: BTreeMap<String, Outcome>,
}

/// What is to be fetched of a posting.
struct Wanted {
    page: CaptureId,
    /// The address that the page answered under.
    address: String,
    parts: Vec<Part>,
}

impl Errand<'_> {
    async fn fetch_of(&mut self, posting: PostingId) -> Result<(), PipelineError> {
        let id = posting.clone();
        let Some(wanted) = on_disk(self.desk, move |desk| wanted(desk, &id)).await? else {
            return Ok(());
        };
        let mut fetched = Vec::new();
        for part in wanted.parts {
            let (kind, number) = (part.kind, part.number);
            let capture = self.fetch(&posting, &part, &wanted.address).await?;
            let (capture, look) = match capture {
                Ok(image) if kind == PagePart::Image => {
                    let (image, look) = looked_at(image).await?;
                    (Ok(image), Some(look))
                }
                capture => (capture, None),
            };
            fetched.push(Fetched { kind, number, capture, look });
        }
        let page = wanted.page;
        on_disk(self.desk, move |desk| keep(desk, &posting, &page, fetched)).await
    }

    /// The part at an address, or the name of what kept us from it.
    async fn fetch(
        &mut self,
        posting: &PostingId,
        part: &Part,
        page: &str,
    ) -> Result<Result<Capture, String>, PipelineError> {
        let (source, url, role) = (self.source.id.clone(), part.address.clone(), part.role());
        let known = on_disk(self.desk, move |desk| recent(desk, &source, &url, role)).await?;
        if let Some(known) = known {
            self.report.tally.count(names(part.kind).known);
            return Ok(Ok(known));
        }
        if let Some(outcome) = self.missing.get(&part.address) {
            self.report.tally.count(names(part.kind).of(*outcome));
            return Ok(Err(outcome.name.to_owned()));
        }
        self.get(posting, part, page).await
    }

    async fn get(
        &mut self,
        posting: &PostingId,
        part: &Part,
        page: &str,
    ) -> Result<Result<Capture, String>, PipelineError> {
        let address = &part.address;
        let source = guarded(self.source, address, page);
        let mut sink = Sink::new(self.writer);
        let mut scan = Scan::new(&source, Checkpoint::default(), self.web, &mut sink);
        let got = scan.get_part(address, part.kind).await;
        let Scan { tally, .. } = scan;
        let got = got.map_err(|error| {
            sink.failure.unwrap_or_else(|| PipelineError::Refused(error.to_string()))
        })?;
        let failed = match &got {
            Page::Failed(problem) => Some(problem.outcome),
            Page::New(_) | Page::Unchanged(_) => None,
        };
        // A request that came to nothing is told as what it says of the part.
        for (outcome, times) in tally.iter().filter(|(outcome, _)| Some(*outcome) != failed) {
            self.report.tally.add(outcome, times);
        }
        match got {
            Page::New(capture) => {
                self.report.tally.count(names(part.kind).kept);
                Ok(Ok(*capture))
            }
            // As it was when it was last kept: that capture is the evidence.
            Page::Unchanged(same) => {
                self.report.tally.count(names(part.kind).known);
                let url = same.map_or_else(|| address.to_owned(), |same| same.url);
                let (id, role) = (self.source.id.clone(), part.role());
                let kept = on_disk(self.desk, move |desk| latest(desk, &id, &url, role)).await?;
                Ok(kept.ok_or_else(|| DELETED.to_owned()))
            }
            Page::Failed(problem) => {
                self.fail(posting, part, &problem);
                Ok(Err(problem.outcome.name.to_owned()))
            }
        }
    }

    fn fail(&mut self, posting: &PostingId, part: &Part, problem: &Problem) {
        let names = names(part.kind);
        let (word, outcome) = (names.word, names.of(problem.outcome));
        self.missing.insert(part.address.clone(), problem.outcome);
        self.report.tally.count(outcome);
        let Problem { outcome: Outcome { name, .. }, place, detail } = problem;
        let what = format!("a {word} of posting {posting} is not kept ({name}): {detail}");
        self.report.problems.push(Problem::new(outcome, place, what));
    }
}

impl Part {
    /// What it is kept as.
    fn role(&self) -> CaptureRole {
        match self.kind {
            PagePart::Image => CaptureRole::Image,
            PagePart::Stylesheet => CaptureRole::Stylesheet,
        }
    }
}

/// A picture with what is seen of it. Decoding takes a moment, and holds up nobody here.
async fn looked_at(image: Capture) -> Result<(Capture, Look), PipelineError> {
    let looked = tokio::task::spawn_blocking(move || {
        let look = look_at(image.content());
        (image, look)
    });
    let broken = |error| PipelineError::Refused(format!("a picture broke off inside: {error}"));
    looked.await.map_err(broken)
}

/// The source as a part of this address is fetched for it. A posting may name any address, and a
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
    let parts = due(&lead, &stored.posting, desk.clock.now());
    let Some(page) = desk.store.capture(&stored.posting.capture)? else { return Ok(None) };
    Ok(Some(Wanted { page: page.id, address: page.url, parts }))
}

/// The latest capture of an address, if it is a part of this role.
fn latest(
    desk: &mut Desk,
    source: &SourceId,
    address: &str,
    role: CaptureRole,
) -> Result<Option<Capture>, PipelineError> {
    let Some((capture, _)) = desk.store.latest_payload(source, address)? else { return Ok(None) };
    let is_part = desk.store.capture(&capture)?.is_some_and(|known| known.role == role);
    if is_part { read_capture(desk, &capture) } else { Ok(None) }
}

/// The same, if it was fetched shortly before.
fn recent(
    desk: &mut Desk,
    source: &SourceId,
    address: &str,
    role: CaptureRole,
) -> Result<Option<Capture>, PipelineError> {
    let now = desk.clock.now();
    let latest = latest(desk, source, address, role)?;
    Ok(latest.filter(|part| now.duration_since(part.fetched_at).abs() <= SAME_FOR))
}
