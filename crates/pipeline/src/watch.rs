//! The scheduler: walks what is due, waits, and goes on until it is told to end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use collect::Web;
use domain::{Clock, Source, SourceId, Walk};
use evidence::Fault;
use jiff::Timestamp;
use store::Store;
use tokio::time::Instant;

use crate::desk::{PROGRAM, lock};
use crate::rehash::Rehash;
use crate::retention::Daily;
use crate::scanner::{LOOK_AROUND, Scanner, Step};
use crate::writer::{beside, on_disk};
use crate::{
    Desk, PipelineError, RetentionReport, Schedule, SourceReport, SourceRevisits, StampReport,
    pictures, revisit, stamp,
};

/// How often `sources.toml` is looked at for changes.
const BETWEEN_READINGS: Duration = Duration::from_secs(5);

/// How often the queue is gone through for postings that are to be asked for again.
const BETWEEN_REVISITS: Duration = Duration::from_secs(10 * 60);

/// What a watch tells while it goes on.
#[derive(Debug)]
pub enum WatchNews<'a> {
    /// A source was walked.
    Walked(&'a SourceId, &'a SourceReport),
    /// Postings of a source were asked for again.
    Revisited(&'a SourceId, &'a SourceReport),
    /// Pictures of postings of a source were fetched.
    Fetched(&'a SourceId, &'a SourceReport),
    /// `fusion.toml` or `sources.toml` was changed; the new sources and schedules hold from now on.
    Changed,
    /// Evidence that was read again is not as it was written.
    Fault(&'a Fault),
    /// All evidence was read again: so many captures and snapshots, so many faults.
    Rehashed(u64, u64),
    /// Evidence could not be read again.
    NotRehashed(&'a PipelineError),
    /// Authorities were asked for trusted time.
    Stamped(&'a StampReport),
    /// Nobody could be asked.
    NotStamped(&'a PipelineError),
    /// What is past its time was deleted, since `[retention] automatic` says so.
    Retained(&'a RetentionReport),
    /// It could not be deleted.
    NotRetained(&'a PipelineError),
    /// The change cannot be used; the old sources and schedules go on.
    Refused(&'a PipelineError),
}

/// Walks each source whenever its schedule says so, until `end` comes or a
/// [`STOP_FILE`](crate::STOP_FILE) stands in the desk; what is being walked then is broken off where
/// it waits, as in a scan. Sources and schedules are read anew when their files change; rules and the
/// ways towards hosts stay as they were. A source that takes long holds up no source of another host.
pub async fn watch(
    desk: Arc<Mutex<Desk>>,
    web: Arc<dyn Web>,
    told: &(dyn Fn(WatchNews<'_>) + Send + Sync),
    end: impl Future<Output = ()> + Send,
) -> Result<(), PipelineError> {
    // Asked for at each step, which must not wait for whoever works on the desk.
    let (clock, store, mut config) = {
        let desk = lock(&desk);
        (desk.clock.clone(), desk.store.clone(), desk.settings.config.clone())
    };
    let mut timetable = Timetable::of(&lock(&desk))?;
    let mut scanner = Scanner::start(desk.clone(), web).await?;
    let mut end = std::pin::pin!(end);
    let (mut daily, mut stamping) = (Daily::default(), stamp::Stamping::default());
    let mut revisits_at: Option<Instant> = None;
    let mut rehash = Rehash::of(&lock(&desk).dir);
    let (mut read_at, mut seen) = (Instant::now(), Written::of(&lock(&desk)));
    let watched = loop {
        if scanner.is_stopped() {
            break Ok(());
        }
        if read_at.elapsed() >= BETWEEN_READINGS {
            read_at = Instant::now();
            let mut desk = lock(&desk);
            let written = Written::of(&desk);
            if written != seen {
                seen = written;
                match desk.read_sources_anew().and_then(|()| Timetable::of(&desk)) {
                    Ok(new) => {
                        (timetable, config) = (new, desk.settings.config.clone());
                        told(WatchNews::Changed);
                    }
                    Err(error) => told(WatchNews::Refused(&error)),
                }
            }
        }
        if daily.is_due(&config.retention, clock.now()) {
            match on_disk(&desk, |desk| desk.retain(PROGRAM)).await {
                Ok(report) => told(WatchNews::Retained(&report)),
                Err(error) => told(WatchNews::NotRetained(&error)),
            }
        }
        if stamping.is_due(&config.time, clock.now()) {
            let stamped = tokio::select! {
                () = &mut end => break Ok(()),
                stamped = stamp::stamp_due(&desk) => stamped,
            };
            match stamped {
                Ok(report) => report.iter().for_each(|report| told(WatchNews::Stamped(report))),
                Err(error) => told(WatchNews::NotStamped(&error)),
            }
        }
        if rehash.is_due(&config.evidence, clock.now()) {
            let mut next = rehash.next(clock.now());
            let read = on_disk(&desk, move |desk| next.read(desk).map(|part| (next, part))).await;
            match read {
                Ok((next, part)) => {
                    rehash.note(&next);
                    part.faults.iter().for_each(|fault| told(WatchNews::Fault(fault)));
                    if let Some((files, faults)) = part.over {
                        told(WatchNews::Rehashed(files, faults));
                    }
                }
                Err(error) => {
                    rehash.give_up(clock.now());
                    told(WatchNews::NotRehashed(&error));
                }
            }
        }
        scanner.add(timetable.take_due(clock.now()));
        if revisits_at.is_none_or(|at| at.elapsed() >= BETWEEN_REVISITS) {
            revisits_at = Some(Instant::now());
            match revisits_due(&desk, clock.now()).await {
                Ok(revisits) => scanner.add_revisits(revisits),
                Err(error) => break Err(error),
            }
            match scanner.media_due(|_| true).await {
                Ok(media) => scanner.add_media(media),
                Err(error) => break Err(error),
            }
        }
        let mut step = tokio::select! {
            () = &mut end => break Ok(()),
            step = scanner.step() => step,
        };
        let with_pages = match &mut step {
            _ if config.snapshot.browser == "off" => None,
            Ok(Step::Walked(_, report)) if report.tally.of("posting.flagged") > 0 => Some(report),
            Ok(Step::Fetched(_, report)) => Some(report),
            _ => None,
        };
        if let Some(report) = with_pages {
            let pictured = tokio::select! {
                () = &mut end => break Ok(()),
                pictured = pictured(&desk, report) => pictured,
            };
            if let Err(error) = pictured {
                break Err(error);
            }
        }
        match step {
            Ok(Step::Walked(id, report)) => {
                told(WatchNews::Walked(&id, &report));
                let noted = timetable.walked(&*store, &id, &*clock);
                if let Err(error) = noted {
                    break Err(error);
                }
            }
            Ok(Step::Revisited(id, report)) => told(WatchNews::Revisited(&id, &report)),
            Ok(Step::Fetched(id, report)) => told(WatchNews::Fetched(&id, &report)),
            Ok(Step::Going) => {}
            Ok(Step::Idle) => {
                tokio::select! {
                    () = &mut end => break Ok(()),
                    () = tokio::time::sleep(LOOK_AROUND) => {}
                }
            }
            Err(error) => break Err(error),
        }
    };
    let ended = scanner.end().await;
    watched.and(ended)
}

/// Takes the pictures of pages that are due, and adds what came of it to a report. A browser takes its
/// time; whoever ends the watch does not wait for it.
async fn pictured(desk: &Arc<Mutex<Desk>>, report: &mut SourceReport) -> Result<(), PipelineError> {
    pictures::take_due(desk).await?.into_values().for_each(|more| report.merge(more));
    Ok(())
}

/// Goes through the queue beside the desk, which others work on meanwhile.
async fn revisits_due(
    desk: &Mutex<Desk>,
    now: Timestamp,
) -> Result<Vec<SourceRevisits>, PipelineError> {
    let (store, sources, hours) = {
        let desk = lock(desk);
        let hours = desk.settings.config.snapshot.again_after_h.clone();
        (desk.store.clone(), desk.settings.sources.clone(), hours)
    };
    let look = move || revisit::due_beside(&*store, &sources, &hours, now);
    beside("the queue could not be gone through", look).await
}

/// When the files of settings were written, and how long they are.
#[derive(PartialEq)]
struct Written([Option<(SystemTime, u64)>; 2]);

impl Written {
    fn of(desk: &Desk) -> Self {
        Self(["fusion.toml", "sources.toml"].map(|name| {
            let file = std::fs::metadata(desk.dir.join(name)).ok()?;
            Some((file.modified().ok()?, file.len()))
        }))
    }
}

/// When each source is due next.
struct Timetable {
    sources: BTreeMap<SourceId, Turn>,
}

struct Turn {
    source: Source,
    schedule: Schedule,
    last: Option<Walk>,
    /// Worked out once, since cron is slow to ask; `None` for a schedule that never comes.
    next: Option<Timestamp>,
    /// Not tried yet, neither now nor ever.
    fresh: bool,
    in_hand: bool,
}

impl Timetable {
    fn of(desk: &Desk) -> Result<Self, PipelineError> {
        let mut sources = BTreeMap::new();
        for source in desk.settings.sources.iter().filter(|source| !source.paused) {
            let schedule = desk.schedule(source)?;
            let last = desk.store.walks(&source.id)?.pop();
            let next = last.as_ref().and_then(|last| schedule.next(last.started_at));
            let fresh = last.is_none();
            let turn = Turn { source: source.clone(), schedule, last, next, fresh, in_hand: false };
            sources.insert(source.id.clone(), turn);
        }
        Ok(Self { sources })
    }

    /// The sources that are due and not in hand yet; they are in hand from now on.
    fn take_due(&mut self, now: Timestamp) -> Vec<Source> {
        let due = self.sources.values_mut().filter(|turn| !turn.in_hand && turn.is_due(now));
        due.map(|turn| {
            turn.in_hand = true;
            turn.source.clone()
        })
        .collect()
    }

    /// Notes a walk's end. One that could not be written down, since another had the source, counts
    /// as begun now: it is not tried again in the same turn.
    fn walked(
        &mut self,
        store: &dyn Store,
        id: &SourceId,
        clock: &dyn Clock,
    ) -> Result<(), PipelineError> {
        let Some(turn) = self.sources.get_mut(id) else { return Ok(()) };
        (turn.in_hand, turn.fresh) = (false, false);
        let last = store.walks(id)?.pop();
        let from = match &last {
            Some(walk) if Some(walk) != turn.last.as_ref() => walk.started_at,
            _ => clock.now(),
        };
        turn.next = turn.schedule.next(from);
        turn.last = last;
        Ok(())
    }
}

impl Turn {
    fn is_due(&self, now: Timestamp) -> bool {
        match &self.last {
            _ if self.fresh => true,
            // The clock was set back; see `Schedule::is_due`.
            Some(last) if last.started_at > now => self.schedule.is_due(Some(last), now),
            _ => self.next.is_some_and(|next| next <= now),
        }
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
