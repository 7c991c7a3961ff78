//! Many walks at once: what `scan` and `watch` are made of.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use collect::Web;
use domain::{Clock, HostStanding, Outcome, Source, SourceId};
use jiff::Timestamp;
use store::{Batch, Change, SledStore, Store as _};
use tokio::task::{AbortHandle, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::desk::lock;
use crate::lanes::{Errand, ErrandId, ErrandKind, Lanes};
use crate::media::{self, SourceMedia, fetch_media};
use crate::revisit::revisit_source;
use crate::scan::{STOP_FILE, SourceReport};
use crate::walk::walk_source;
use crate::writer::{Writer, beside, on_disk};
use crate::{Collectors, Desk, PipelineError, SourceRevisits};

const LEASE_LOST: Outcome = Outcome::fault("source.lease-lost");

/// How often a scan looks for the stop file, and at the clock.
pub(crate) const LOOK_AROUND: Duration = Duration::from_millis(500);
/// How often the leases of the walks that go on are taken anew: well within their term.
const BETWEEN_LEASES: Duration = Duration::from_secs(30);
/// How long the index remembers a host that is not asked any more, in days.
const HOST_REMEMBERED_DAYS: i64 = 2;

/// Walks sources, many hosts at once.
pub(crate) struct Scanner {
    desk: Arc<Mutex<Desk>>,
    web: Arc<dyn Web>,
    collectors: Arc<Collectors>,
    clock: Arc<dyn Clock>,
    stop_file: PathBuf,
    name: String,
    lanes: Lanes,
    writer: Writer,
    writing: JoinHandle<Result<(), PipelineError>>,
    /// Where it is looked up which pictures are to be fetched, one walk after the other: many readers
    /// at once take much memory. `None` if none are fetched.
    pictured: Option<Pictured>,
    walks: JoinSet<(ErrandId, Result<Ended, PipelineError>)>,
    handles: BTreeMap<ErrandId, AbortHandle>,
    leased_at: Instant,
}

/// The index, for one reader after the other.
type Pictured = Arc<tokio::sync::Mutex<Arc<SledStore>>>;

/// What came of an errand, and the pictures of what was flagged on the way.
struct Ended {
    report: SourceReport,
    media: Option<SourceMedia>,
}

/// What happened next.
pub(crate) enum Step {
    /// A walk came to its end.
    Walked(SourceId, SourceReport),
    /// Postings of a source were asked for again.
    Revisited(SourceId, SourceReport),
    /// Pictures of postings of a source were fetched.
    Fetched(SourceId, SourceReport),
    /// Nothing yet.
    Going,
    /// No source is left.
    Idle,
}

impl Scanner {
    /// A scanner without sources.
    pub(crate) async fn start(
        desk: Arc<Mutex<Desk>>,
        web: Arc<dyn Web>,
    ) -> Result<Self, PipelineError> {
        let standings = on_disk(&desk, hosts_remembered).await?;
        web.take_over(standings);
        let (name, collectors, clock, stop_file, hosts_at_once, pictured) = {
            let mut desk = lock(&desk);
            let stop_file = desk.dir.join(STOP_FILE);
            let hosts_at_once = desk.settings.config.polite.hosts_at_once;
            let media = desk.settings.config.snapshot.media;
            let pictured: Option<Pictured> = media.then(|| Arc::new(desk.store.clone().into()));
            let (collectors, clock) = (desk.collectors.clone(), desk.clock.clone());
            (desk.new_scanner(), collectors, clock, stop_file, hosts_at_once, pictured)
        };
        let (writer, writing) = Writer::start(desk.clone());
        Ok(Self {
            desk,
            web,
            collectors,
            clock,
            stop_file,
            name,
            lanes: Lanes::new(hosts_at_once),
            writer,
            writing,
            pictured,
            walks: JoinSet::new(),
            handles: BTreeMap::new(),
            leased_at: Instant::now(),
        })
    }

    /// Takes sources on, save those that it has in hand.
    pub(crate) fn add(&mut self, sources: impl IntoIterator<Item = Source>) {
        sources.into_iter().map(Errand::Walk).for_each(|errand| self.lanes.add(errand));
    }

    /// Takes postings on that are to be asked for again, save of sources for which that is in hand.
    pub(crate) fn add_revisits(&mut self, revisits: impl IntoIterator<Item = SourceRevisits>) {
        revisits.into_iter().map(Errand::Revisit).for_each(|errand| self.lanes.add(errand));
    }

    /// Takes postings on whose pictures are to be fetched.
    pub(crate) fn add_media(&mut self, media: impl IntoIterator<Item = SourceMedia>) {
        media.into_iter().map(Errand::Media).for_each(|errand| self.lanes.add(errand));
    }

    /// All postings of these sources whose pictures are to be fetched now: what was not to be had
    /// before, and what a scan that was cut short has left. The queue is gone through beside the desk.
    pub(crate) async fn media_due(
        &self,
        is_wanted: impl Fn(&SourceId) -> bool,
    ) -> Result<Vec<SourceMedia>, PipelineError> {
        let Some(pictured) = &self.pictured else { return Ok(Vec::new()) };
        let turn = pictured.lock().await;
        let store = turn.clone();
        let mut sources = lock(&self.desk).settings.sources.clone();
        sources.retain(|source| is_wanted(&source.id));
        let now = self.clock.now();
        let look = move || media::due_beside(&*store, &sources, now);
        beside("the queue could not be gone through", look).await
    }

    /// Whether somebody has put the stop file into the desk.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop_file.exists()
    }

    /// Goes on until a walk ends, and not for longer than it takes to look around. Safe to be
    /// dropped while it waits.
    pub(crate) async fn step(&mut self) -> Result<Step, PipelineError> {
        while let Some(errand) = self.lanes.next() {
            self.begin(errand);
        }
        if self.leased_at.elapsed() >= BETWEEN_LEASES {
            self.leased_at = Instant::now();
            self.go_on().await?;
        }
        let ended = match tokio::time::timeout(LOOK_AROUND, self.walks.join_next()).await {
            Err(_still_going) => return Ok(Step::Going),
            Ok(None) => return Ok(Step::Idle),
            Ok(Some(ended)) => ended,
        };
        let (id, Ended { report, media }) = self.outcome_of(ended)?;
        self.lanes.ended(&id);
        self.handles.remove(&id);
        self.add_media(media);
        Ok(match id {
            (source, ErrandKind::Walk) => Step::Walked(source, report),
            (source, ErrandKind::Revisit) => Step::Revisited(source, report),
            (source, ErrandKind::Media) => Step::Fetched(source, report),
        })
    }

    fn begin(&mut self, errand: Errand) {
        let (writer, web, collectors) =
            (self.writer.clone(), self.web.clone(), self.collectors.clone());
        let (clock, name, id) = (self.clock.clone(), self.name.clone(), errand.id());
        let (desk, of, pictured) = (self.desk.clone(), id.clone(), self.pictured.clone());
        let source = errand.source().clone();
        let handle = self.walks.spawn(async move {
            let (web, kinds) = (web.as_ref(), &*collectors);
            let report = match errand {
                Errand::Walk(source) => {
                    walk_source(&source, &desk, &writer, web, kinds, &*clock, &name).await
                }
                Errand::Revisit(revisits) => {
                    revisit_source(&revisits, &desk, &writer, web, kinds, &name).await
                }
                Errand::Media(media) => fetch_media(media, &desk, &writer, web, &name).await,
            };
            let ended = match report {
                Ok(report) => Ended::of(report, source, pictured, clock.now()).await,
                Err(error) => Err(error),
            };
            (of, ended)
        });
        self.handles.insert(id, handle);
    }

    fn outcome_of(
        &self,
        ended: Result<(ErrandId, Result<Ended, PipelineError>), JoinError>,
    ) -> Result<(ErrandId, Ended), PipelineError> {
        match ended {
            Ok((id, ended)) => Ok((id, ended?)),
            Err(error) => {
                let walk = self.handles.iter().find(|(_, handle)| handle.id() == error.id());
                match walk {
                    Some((id, _)) if error.is_cancelled() => {
                        let mut report = SourceReport::default();
                        report.tally.count(LEASE_LOST);
                        Ok((id.clone(), Ended { report, media: None }))
                    }
                    _ => Err(PipelineError::Refused(format!(
                        "a source's walk broke off inside the program: {error}"
                    ))),
                }
            }
        }
    }

    /// Takes the leases of all that is walked anew, and breaks off what another has taken meanwhile:
    /// this process was asleep for longer than a lease holds. Notes how we stand with hosts.
    async fn go_on(&mut self) -> Result<(), PipelineError> {
        let walked: Vec<SourceId> = self.lanes.walked().cloned().collect();
        let (name, standings) = (self.name.clone(), self.web.standings());
        let lost = on_disk(&self.desk, move |desk| {
            remember_hosts(desk, standings)?;
            let mut lost = Vec::new();
            for id in walked {
                if desk.take_lease(&id, &name)?.is_some() {
                    lost.push(id);
                }
            }
            Ok(lost)
        })
        .await?;
        for ((source, _), handle) in &self.handles {
            if lost.contains(source) {
                handle.abort();
            }
        }
        Ok(())
    }

    /// Breaks off what is walked still, brings everything to the disk and gives the sources back.
    pub(crate) async fn end(mut self) -> Result<(), PipelineError> {
        self.walks.shutdown().await;
        drop(self.writer);
        let written = self.writing.await.unwrap_or_else(|error| {
            Err(PipelineError::Refused(format!("the writer broke off: {error}")))
        });
        let (name, standings) = (self.name, self.web.standings());
        let given_back = on_disk(&self.desk, move |desk| {
            for (source, lease) in desk.store.leases()? {
                if lease.holder == name {
                    desk.store.end_lease(&source, &name)?;
                }
            }
            remember_hosts(desk, standings)?;
            Ok(desk.store.sync()?)
        });
        written.and(given_back.await)
    }
}

impl Ended {
    /// Looks up the pictures beside the desk: for hundreds of walks a second nobody waits for it.
    async fn of(
        mut report: SourceReport,
        source: Source,
        pictured: Option<Pictured>,
        now: Timestamp,
    ) -> Result<Self, PipelineError> {
        let flagged = std::mem::take(&mut report.flagged);
        let Some(pictured) = pictured.filter(|_| !flagged.is_empty()) else {
            return Ok(Self { report, media: None });
        };
        let turn = pictured.lock().await;
        let store = turn.clone();
        let look = move || media::of_flagged(&*store, source, &flagged, now);
        let media = beside("the pictures could not be looked up", look).await?;
        Ok(Self { report, media })
    }
}

fn remember_hosts(desk: &mut Desk, standings: Vec<HostStanding>) -> Result<(), PipelineError> {
    let changes = standings.into_iter().map(Change::PutHost).collect();
    Ok(desk.store.commit_relaxed(&Batch { changes, applied: None })?)
}

/// How we stand with hosts, by earlier runs; those that were not asked for long are forgotten.
fn hosts_remembered(desk: &mut Desk) -> Result<Vec<HostStanding>, PipelineError> {
    let today = desk.clock.now().as_second().div_euclid(24 * 60 * 60);
    let (recent, old): (Vec<_>, Vec<_>) = desk
        .store
        .hosts()?
        .into_iter()
        .partition(|host| (today - host.day).abs() <= HOST_REMEMBERED_DAYS);
    let changes = old.into_iter().map(|host| Change::ForgetHost { host: host.host }).collect();
    desk.store.commit_relaxed(&Batch { changes, applied: None })?;
    Ok(recent)
}
