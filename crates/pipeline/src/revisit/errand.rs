//! The errand of asking for the postings of one source again: by the source's terms, through the
//! polite client, under the source's lease.

use std::sync::{Arc, Mutex};

use collect::{Collector, Instead, Page, Scan, Web};
use domain::{Capture, CaptureId, Checkpoint, Found, Outcome, OutcomeClass, Problem};

use super::SourceRevisits;
use super::keep::{Finding, keep};
use super::known::{Ask, Judged, Known, asks, latest};
use crate::scan::SourceReport;
use crate::sink::Sink;
use crate::writer::{Begun, Writer, on_disk};
use crate::{Collectors, Desk, PipelineError};

const UNCHANGED: Outcome = Outcome::done("revisit.unchanged");
const CHANGED: Outcome = Outcome::done("revisit.changed");
const GONE: Outcome = Outcome::done("revisit.gone");
const NOT_SHOWN: Outcome = Outcome::done("revisit.not-shown");
const REFUSED: Outcome = Outcome::intended("revisit.refused");
const FAILED: Outcome = Outcome::fault("revisit.failed");
/// They are due, and come with the next errand.
const LATER: Outcome = Outcome::intended("revisit.later");
const LEASED: Outcome = Outcome::intended("source.leased");

/// Most postings that are asked for in one errand, so that a walk of the same host has its turn.
const MOST_AT_ONCE: usize = 200;

/// The page is not there any more, by the server's word.
const NOT_FOUND: &str = "fetch.not-found";

/// Asks for postings again and writes down what was found, page by page: who is cut short has lost
/// one page's findings, and asks for it again.
pub(crate) async fn revisit_source(
    revisits: &SourceRevisits,
    desk: &Arc<Mutex<Desk>>,
    writer: &Writer,
    web: &dyn Web,
    collectors: &Collectors,
    holder: &str,
) -> Result<SourceReport, PipelineError> {
    let SourceRevisits { source, postings } = revisits;
    let mut report = SourceReport::default();
    let Some(collector) = collectors.of(&source.kind) else { return Ok(report) };
    if let Begun::Leased(_other) = writer.begin(source, holder).await? {
        report.tally.count(LEASED);
        return Ok(report);
    }
    for _ in postings.iter().skip(MOST_AT_ONCE) {
        report.tally.count(LATER);
    }
    let asks = addresses(revisits.clone(), desk).await?;
    let mut sink = Sink::new(writer);
    sink.report = report;
    let mut scan = Scan::new(source, Checkpoint::default(), web, &mut sink);
    scan.send_keys_in_query(collector.keys());
    let mut errand = Errand { desk, collector, scan, report: SourceReport::default() };
    let mut asked = Ok(());
    for ask in asks {
        asked = errand.ask(ask).await;
        if asked.is_err() {
            break;
        }
    }
    let Errand { scan: Scan { tally, problems, .. }, report: found, .. } = errand;
    let Sink { mut report, failure, .. } = sink;
    if let Err(error) = asked {
        return Err(failure.unwrap_or(error));
    }
    // Requests that came to nothing are told as what they say of the postings.
    let told = |outcome: &Outcome| problems.iter().any(|problem| problem.outcome == *outcome);
    for (outcome, times) in tally.iter().filter(|(outcome, _)| !told(outcome)) {
        report.tally.add(outcome, times);
    }
    report.merge(found);
    writer.end(source, holder, Vec::new()).await?;
    Ok(report)
}

async fn addresses(
    revisits: SourceRevisits,
    desk: &Arc<Mutex<Desk>>,
) -> Result<Vec<Ask>, PipelineError> {
    on_disk(desk, move |desk| {
        let SourceRevisits { source, mut postings } = revisits;
        postings.truncate(MOST_AT_ONCE);
        let collectors = desk.collectors.clone();
        match collectors.of(&source.kind) {
            Some(collector) => asks(desk, &source, collector, &postings),
            None => Ok(Vec::new()),
        }
    })
    .await
}

struct Errand<'a> {
    desk: &'a Arc<Mutex<Desk>>,
    collector: &'a dyn Collector,
    scan: Scan<'a>,
    report: SourceReport,
}

/// What came of asking an address.
enum Answer {
    Page(Box<Capture>),
    /// With the capture of what came in the page's place.
    Nothing(Problem, Option<CaptureId>),
}

impl Errand<'_> {
    /// Asks one address, then the own pages of those postings that it does not show.
    async fn ask(&mut self, ask: Ask) -> Result<(), PipelineError> {
        for (name, value) in [("etag", ask.etag), ("last-modified", ask.last_modified)] {
            if let Some(value) = value {
                self.scan.checkpoint.set(format!("{name} {}", ask.address), value);
            }
        }
        let answer = self.get(&ask.address).await?;
        let mut findings = Vec::new();
        let mut unseen = Vec::new();
        for known in ask.postings {
            let finding = self.finding(&known, &answer);
            match &known.own {
                Some(_) if finding.found == Found::NotShown => unseen.push((known, finding)),
                _ => findings.push(finding),
            }
        }
        drop(answer);
        for (known, finding) in unseen {
            findings.push(self.ask_own(&known, finding).await?);
        }
        findings.iter().for_each(|finding| count(finding, &mut self.report));
        on_disk(self.desk, |desk| keep(desk, findings)).await
    }

    /// A list forgets what is old. The posting's own page knows better whether it is still there.
    async fn ask_own(&mut self, known: &Known, listed: Finding) -> Result<Finding, PipelineError> {
        let Some(own) = &known.own else { return Ok(listed) };
        let answer = self.get(own).await?;
        let finding = self.finding(&Known { own: None, is_alone: true, ..known.clone() }, &answer);
        // What keeps us from the own page does not take away what the list has shown.
        Ok(if finding.found.is_answer() {
            finding
        } else {
            Finding { capture: None, is_instead: false, ..listed }
        })
    }

    async fn get(&mut self, address: &str) -> Result<Answer, PipelineError> {
        let got = self.scan.get_again(address).await;
        let (page, instead) = got.map_err(|error| PipelineError::Refused(error.to_string()))?;
        match page {
            Page::New(capture) => Ok(Answer::Page(capture)),
            Page::Unchanged(Some(same)) => Ok(match self.latest(&same.url).await? {
                // It stands for another answer of the same bytes; what they show, they show still.
                Some(kept) if !kept.is_page() => {
                    Answer::Page(Box::new(Capture { id: kept.id, ..*same }))
                }
                Some(kept) => Answer::Page(Box::new(kept)),
                None => deleted(same.url),
            }),
            Page::Unchanged(None) => Ok(match self.latest(address).await? {
                Some(kept) => Answer::Page(Box::new(kept)),
                None => deleted(address.to_owned()),
            }),
            Page::Failed(problem) => {
                let capture = match instead {
                    None => None,
                    Some(Instead { capture, is_new: true }) => Some(capture.id),
                    Some(Instead { capture, is_new: false }) => {
                        self.latest(&capture.url).await?.map(|kept| kept.id)
                    }
                };
                Ok(Answer::Nothing(problem, capture))
            }
        }
    }

    async fn latest(&mut self, address: &str) -> Result<Option<Capture>, PipelineError> {
        let (source, address) = (self.scan.source.clone(), address.to_owned());
        on_disk(self.desk, move |desk| latest(desk, &source, &address)).await
    }

    fn finding(&self, known: &Known, answer: &Answer) -> Finding {
        let posting = known.id.clone();
        match answer {
            Answer::Page(page) => {
                let reading = self.collector.read(self.scan.source, page);
                let Judged { found, why, changed } = known.judge(&reading);
                let (why, capture) = (why.map(str::to_owned), Some(page.id.clone()));
                // A list without it holds other people's postings, and says less.
                let is_instead = known.is_alone && found.is_missing();
                Finding { posting, found, why, capture, is_instead, changed }
            }
            Answer::Nothing(problem, capture) => {
                let found = match problem.outcome {
                    Outcome { name: NOT_FOUND, .. } if known.is_alone => Found::Gone,
                    Outcome { name: NOT_FOUND, .. } => Found::NotShown,
                    Outcome { class: OutcomeClass::Fault, .. } => Found::Failed,
                    Outcome { .. } => Found::Refused,
                };
                let (why, capture) = (Some(problem.outcome.name.to_owned()), capture.clone());
                let is_instead = known.is_alone && capture.is_some();
                Finding { posting, found, why, capture, is_instead, changed: None }
            }
        }
    }
}

/// It was kept once, and is no more.
fn deleted(address: String) -> Answer {
    Answer::Nothing(Problem::new(FAILED, address, "its capture was deleted"), None)
}

/// Counts what was found, and names what a person wants to know of.
fn count(finding: &Finding, report: &mut SourceReport) {
    let (outcome, words) = match finding.found {
        Found::Unchanged => (UNCHANGED, None),
        Found::Changed => (CHANGED, Some("its words have changed, and are frozen again")),
        Found::Gone => (GONE, Some("it is gone at its source; what was captured is kept")),
        Found::NotShown => (NOT_SHOWN, Some("its page answers and does not show it any more")),
        Found::Refused => (REFUSED, Some("it was not asked for again")),
        Found::Failed => (FAILED, Some("its page could not be had again")),
    };
    report.tally.count(outcome);
    if let Some(words) = words {
        let why = finding.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let problem = Problem::new(outcome, finding.posting.as_str(), format!("{words}{why}"));
        report.problems.push(problem);
    }
}
