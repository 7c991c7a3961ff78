//! The one writer of a scan. Hundreds of walks have something to keep at the same time; what waits
//! is written together, with one sync of the archive and one of the log for all of it. Nobody is
//! told that a thing is kept before it is.

use std::sync::mpsc as std_mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Capture, Checkpoint, Lease, Source, SourceId};
use evidence::Event;
use store::Store as _;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::desk::{Kept, lock};
use crate::{Desk, PipelineError};

/// Most jobs that are written together. A crash may leave so many pages without their snapshots, and who
/// decides meanwhile waits for a group; a lead that gains a posting by each page is written once a group.
pub(crate) const MOST_TOGETHER: usize = 64;
/// Most bytes of captures that are written together, save for one capture that is larger.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// So long a group waits for more. Hosts are asked seconds apart, so no walk is the later for it, and
/// one sync and one writing of each lead serve several pages instead of one.
const GATHERED_FOR: Duration = Duration::from_millis(50);
/// After so many entries the index is brought to the disk. It can do without: it is caught up from
/// the log when it lags behind.
const ENTRIES_BETWEEN_SYNCS: usize = 1000;

/// What a walk has to write, and where to tell it what came of it.
pub(crate) enum Job {
    /// A walk begins.
    Begin(Box<Source>, String, Told<Begun>),
    /// A capture is to be kept.
    Keep(Box<Capture>, Told<Kept>),
    /// A walk is over: what happened, and the source is given back.
    End(Vec<Event>, SourceId, String, Told<()>),
}

pub(crate) type Told<T> = oneshot::Sender<Result<T, PipelineError>>;

/// Whether a source may be walked.
pub(crate) enum Begun {
    /// From here on.
    From(Checkpoint),
    /// Somebody else walks it.
    Leased(Lease),
}

/// The way to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the writer; it ends, and the task gives its last word, when all ways to it are gone.
    pub(crate) fn start(
        desk: Arc<Mutex<Desk>>,
    ) -> (Self, tokio::task::JoinHandle<Result<(), PipelineError>>) {
        let (jobs, waiting) = mpsc::channel(MOST_TOGETHER);
        (Self { jobs }, tokio::spawn(write(desk, waiting)))
    }

    /// Takes a source and gives the checkpoint to start from. Its definition goes into the log when
    /// it is new or changed, since what is captured from now on is read by it.
    pub(crate) async fn begin(
        &self,
        source: &Source,
        holder: &str,
    ) -> Result<Begun, PipelineError> {
        self.ask(|told| Job::Begin(Box::new(source.clone()), holder.to_owned(), told)).await
    }

    /// Keeps a capture and everything that follows from it.
    pub(crate) async fn keep(&self, capture: &Capture) -> Result<Kept, PipelineError> {
        self.ask(|told| Job::Keep(Box::new(capture.clone()), told)).await
    }

    /// Writes into the log what a walk has come to, and gives the source back.
    pub(crate) async fn end(
        &self,
        source: &Source,
        holder: &str,
        events: Vec<Event>,
    ) -> Result<(), PipelineError> {
        self.ask(|told| Job::End(events, source.id.clone(), holder.to_owned(), told)).await
    }

    /// The job is made when there is a place for it: what waits takes no memory twice.
    async fn ask<T>(&self, job: impl FnOnce(Told<T>) -> Job) -> Result<T, PipelineError> {
        let gone = || PipelineError::Refused("the scan's writer has ended".to_owned());
        let place = self.jobs.reserve().await.map_err(|_| gone())?;
        let (told, answer) = oneshot::channel();
        place.send(job(told));
        answer.await.map_err(|_| gone())?
    }
}

async fn write(
    desk: Arc<Mutex<Desk>>,
    mut waiting: mpsc::Receiver<Job>,
) -> Result<(), PipelineError> {
    let thread = WritingThread::start(desk.clone());
    let mut written = Ok(());
    while written.is_ok()
        && let Some(first) = waiting.recv().await
    {
        written = thread.write(gather(first, &mut waiting).await).await;
    }
    thread.end().await;
    written?;
    on_disk(&desk, |desk| Ok(desk.store.sync()?)).await
}

/// The thread on which a scan writes. By thread, the index's library and the allocator keep memory of
/// what was read and written on it; a hundred megabytes were kept when any thread did it that was free.
struct WritingThread {
    groups: std_mpsc::Sender<Handed>,
    thread: std::thread::JoinHandle<()>,
}

/// Jobs that are written together, and where to tell that their walks know what came of them.
type Handed = (Vec<Job>, std_mpsc::Sender<Result<(), PipelineError>>);

impl WritingThread {
    fn start(desk: Arc<Mutex<Desk>>) -> Self {
        let (groups, coming) = std_mpsc::channel::<Handed>();
        let thread = std::thread::spawn(move || {
            let mut unsynced = 0;
            for (group, told) in coming {
                // Who has gone away meanwhile need not be told.
                let _ = told.send(write_and_sync(&mut lock(&desk), group, &mut unsynced));
            }
        });
        Self { groups, thread }
    }

    async fn write(&self, group: Vec<Job>) -> Result<(), PipelineError> {
        let (told, written) = std_mpsc::channel();
        let sent = self.groups.send((group, told));
        let wait = move || sent.ok().and_then(|()| written.recv().ok());
        let written = tokio::task::spawn_blocking(wait).await.ok().flatten();
        written.unwrap_or_else(|| {
            Err(PipelineError::Refused("writing broke off inside the program".to_owned()))
        })
    }

    /// Nobody has the desk for this any more when it returns.
    async fn end(self) {
        drop(self.groups);
        // How it ended was told with its last group.
        let _ = tokio::task::spawn_blocking(move || self.thread.join()).await;
    }
}

/// Writes a group, and brings the index to the disk when enough entries wait for that.
fn write_and_sync(
    desk: &mut Desk,
    group: Vec<Job>,
    unsynced: &mut usize,
) -> Result<(), PipelineError> {
    *unsynced += desk.write_together(group);
    if *unsynced >= ENTRIES_BETWEEN_SYNCS {
        desk.store.sync()?;
        *unsynced = 0;
    }
    Ok(())
}

/// What is written together with a job: what waits, and what comes soon while other walks are under way.
async fn gather(first: Job, waiting: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let until = Instant::now() + GATHERED_FOR;
    let mut bytes = size(&first);
    let mut group = vec![first];
    while group.len() < MOST_TOGETHER && bytes < MOST_BYTES {
        // The scanner has a way to the writer too; a walk has one and waits for one thing at a time.
        let may_come = group.len() + 1 < waiting.sender_strong_count();
        let next = match waiting.try_recv() {
            Ok(job) => Some(job),
            Err(_) if may_come => timeout_at(until, waiting.recv()).await.ok().flatten(),
            Err(_) => None,
        };
        let Some(job) = next else { break };
        bytes += size(&job);
        group.push(job);
    }
    group
}

/// Works on the desk where it does not hold up other walks' requests.
pub(crate) async fn on_disk<T: Send + 'static>(
    desk: &Arc<Mutex<Desk>>,
    work: impl FnOnce(&mut Desk) -> Result<T, PipelineError> + Send + 'static,
) -> Result<T, PipelineError> {
    let desk = desk.clone();
    let done = tokio::task::spawn_blocking(move || work(&mut lock(&desk))).await;
    done.unwrap_or_else(|error| {
        Err(PipelineError::Refused(format!("writing broke off inside the program: {error}")))
    })
}

/// Reads the index beside the desk, where that holds up no walk. `otherwise`: what it means if the
/// reading breaks off.
pub(crate) async fn beside<T: Send + 'static>(
    otherwise: &str,
    look: impl FnOnce() -> Result<T, PipelineError> + Send + 'static,
) -> Result<T, PipelineError> {
    let looked = tokio::task::spawn_blocking(look).await;
    looked.unwrap_or_else(|error| Err(PipelineError::Refused(format!("{otherwise}: {error}"))))
}

fn size(job: &Job) -> usize {
    match job {
        Job::Keep(capture, _) => capture.body.len(),
        Job::Begin(..) | Job::End(..) => 0,
    }
}
