//! A desk: one folder that one process owns. Opening it brings every part to the same point, after
//! a crash too.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::{Clock, LeadId, PostingId, Problem, Source, Tally};
use evidence::{CaptureArchive, CustodyLog, DeskKey, Entry, Event, Vault};
use serde::Serialize;
use store::{Opened, SledStore, Store};

use crate::met::Met;
use crate::sweep::sweep;
use crate::writer::MOST_TOGETHER;
use crate::{
    Collectors, Health, PipelineError, Schedule, Settings, health, network, retention, snapshots,
};

/// So many entries at most are folded before the index takes them in, when it catches up: a lead that
/// many of them change is written once.
const CAUGHT_UP_TOGETHER: usize = 256;

/// The name under which the program itself writes into the custody log.
pub(crate) const PROGRAM: &str = "fusion";

/// How often, and after what pause, closing a desk looks whether its index is still being read.
const LAST_READER_CHECKS: u32 = 200;
const LAST_READER_PAUSE: Duration = Duration::from_millis(10);

/// Something that opening the desk found and mended; a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenNote(pub String);

/// An open desk. Only one process has it at a time.
pub struct Desk {
    pub(crate) dir: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) collectors: Arc<Collectors>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vault: Vault,
    pub(crate) captures: CaptureArchive,
    pub(crate) custody: CustodyLog,
    pub(crate) store: Arc<SledStore>,
    pub(crate) watchers: Vec<Watcher>,
    notes: Vec<OpenNote>,
    /// How many scanners this process has had, to tell them apart.
    scanners: u64,
    /// Held for as long as the desk is open.
    _lock: File,
}

/// Is told of every entry of the custody log, once it stands in the index, and of the leads that it
/// made, changed or took into others.
type Watcher = Box<dyn Fn(&Entry, &[LeadId], &dyn Store) + Send>;

/// What came of keeping a capture.
#[derive(Default)]
pub(crate) struct Kept {
    pub new: bool,
    pub tally: Tally,
    pub problems: Vec<Problem>,
    pub met: Met,
    /// Postings of it that are on a lead.
    pub flagged: Vec<PostingId>,
}

impl Desk {
    /// Opens the desk in this folder. What a crash left half done is completed or set aside, and
    /// noted in [`Desk::notes`]. An encrypted desk is refused.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, PipelineError> {
        Self::open_with(dir, None, clock)
    }

    /// The same of a desk that may be encrypted; `key` is the file of its key.
    pub fn open_with(
        dir: &Path,
        key: Option<&Path>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PipelineError> {
        Self::open_store(dir, key, clock, false)
    }

    /// Opens the desk and makes its index anew from entry 1.
    pub(crate) fn open_rebuilding(
        dir: &Path,
        key: Option<&Path>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PipelineError> {
        Self::open_store(dir, key, clock, true)
    }

    fn open_store(
        dir: &Path,
        key: Option<&Path>,
        clock: Arc<dyn Clock>,
        anew: bool,
    ) -> Result<Self, PipelineError> {
        let collectors = Arc::new(Collectors::new(clock.clone()));
        let settings = Settings::read(dir, &collectors)?;
        let lock = own(dir)?;
        let vault = Vault::open(dir, key)?;

        let mut notes = Vec::new();
        let custody_dir = dir.join("custody");
        let (mut custody, recovery) = CustodyLog::open(&custody_dir)?;
        notes.extend(recovery.notes.into_iter().map(OpenNote));
        let mut last = evidence::last_captures(&custody_dir, MOST_TOGETHER)?;
        let (mut captures, recovery) = CaptureArchive::open(&vault, last.end.take())?;
        notes.extend(recovery.notes.into_iter().map(OpenNote));
        let half_deleted = retention::finish(dir, &mut custody, &mut captures)?;
        if half_deleted {
            last = evidence::last_captures(&custody_dir, MOST_TOGETHER)?;
            let note = "a deletion of what is past its time was cut short; it is completed";
            notes.push(OpenNote(note.to_owned()));
        }

        let store_dir = dir.join("store");
        let (store, opened) = if anew {
            SledStore::discard_and_open(&store_dir)?
        } else {
            SledStore::open(&store_dir)?
        };
        notes.extend(note_of(&opened));
        let closed_in_order = matches!(opened, Opened::AsLeft);

        let mut desk = Self {
            dir: dir.to_owned(),
            settings,
            collectors,
            clock,
            vault,
            captures,
            custody,
            store: Arc::new(store),
            watchers: Vec::new(),
            notes,
            scanners: 0,
            _lock: lock,
        };
        if desk.custody.head().0 == 0 {
            // A first session that is cut short has entries that nobody signed; the key then stands in
            // the log all the same, and whoever takes it away is found.
            desk.sign_head();
        }
        desk.end_leases()?;
        if half_deleted {
            desk.settle_after_deletions()?;
        }
        let caught_up = desk.catch_up()?;
        if caught_up || !closed_in_order {
            for page in &last.pages {
                desk.complete(page)?;
            }
            let swept = sweep(&desk)?;
            if swept.snapshots > 0 {
                let note = format!(
                    "{} snapshots with pictures were not taken to their end; they are taken again",
                    swept.snapshots
                );
                desk.notes.push(OpenNote(note));
            }
            if swept.time > 0 {
                let note = "trusted time was not taken to its end; it is asked for again";
                desk.notes.push(OpenNote(note.to_owned()));
            }
        }
        Ok(desk)
    }

    /// Folds the entries that the store has not seen; tells whether there were any.
    pub(crate) fn catch_up(&mut self) -> Result<bool, PipelineError> {
        let applied = self.store.applied()?;
        let (logged, _) = self.custody.head();
        if applied > logged {
            return Err(PipelineError::Config(format!(
                "the index has seen entry {applied} of the custody log, which ends at {logged}: the log has \
                 lost its end; run `fusion evidence verify`, restore {} from a backup, then `fusion store rebuild`",
                self.dir.join("custody").display()
            )));
        }
        if applied == logged {
            return Ok(false);
        }
        if applied == 0 {
            self.store.commit_relaxed(&network::common_keys::of_log(&self.dir.join("custody"))?)?;
        }
        let mut folder = self.folder();
        let mut waiting = evidence::entries(&self.dir.join("custody"), applied)?;
        let (mut folded, at_hand) = (0, BTreeMap::new());
        loop {
            let entries = waiting.by_ref().take(MOST_TOGETHER).collect::<Result<Vec<_>, _>>()?;
            if entries.is_empty() {
                break;
            }
            let mut pages = folder.read_ahead(&entries, &at_hand)?;
            for entry in &entries {
                folder.fold(entry, pages.remove(&entry.seq))?;
            }
            folded += entries.len();
            if folded >= CAUGHT_UP_TOGETHER || folder.holds_much() {
                self.store.commit_relaxed(&folder.take_batch())?;
                folded = 0;
            }
        }
        self.store.commit_relaxed(&folder.take_batch())?;
        drop(folder);
        self.store.sync()?;
        self.notes.push(OpenNote(format!(
            "the index was {} entries behind the custody log and has caught up",
            logged - applied
        )));
        Ok(true)
    }

    /// This process owns the desk: whoever had a source when another process owned it is no more.
    fn end_leases(&mut self) -> Result<(), PipelineError> {
        for (source, lease) in self.store.leases()? {
            self.store.end_lease(&source, &lease.holder)?;
        }
        Ok(())
    }

    /// A name for a scanner, which no other of this desk has.
    pub(crate) fn new_scanner(&mut self) -> String {
        self.scanners += 1;
        format!("scanner-{}", self.scanners)
    }

    /// Takes the snapshots of a captured page that a crash kept from being taken. So many captures
    /// are kept together at most, so no page before those can lack one.
    fn complete(&mut self, page: &Entry) -> Result<(), PipelineError> {
        let Event::Capture { file, offset, length, .. } = &page.event else { return Ok(()) };
        let capture = CaptureArchive::read(&self.vault, file, *offset, *length)?;
        let Some(source) = self.store.source(&capture.source)? else { return Ok(()) };
        let Some(reading) = self.collectors.read(&source, &capture) else { return Ok(()) };
        let reading = retention::without_deleted(reading, retention::deleted_of(page));
        let read = reading.postings.into_iter();
        let postings: Vec<_> =
            read.map(|posting| (LeadId::founded_by(&posting.id), posting.id)).collect();
        snapshots::take_missing(self, &capture, &postings)
    }

    /// What opening found and mended.
    pub fn notes(&self) -> &[OpenNote] {
        &self.notes
    }

    /// The desk's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The way to its captures and snapshots.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// What people wrote for it: settings, sources, rules.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The index, for reading.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The index again, for reading beside the desk while that is at work. Whoever has it lets go of
    /// it before the desk is closed.
    pub fn reader(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    /// Reads settings and sources anew, since they have changed; on error the old ones stay.
    pub(crate) fn read_sources_anew(&mut self) -> Result<(), PipelineError> {
        self.settings.read_sources_anew(&self.dir, &self.collectors)
    }

    /// The schedule of a source.
    pub fn schedule(&self, source: &Source) -> Result<Schedule, PipelineError> {
        Schedule::of(source, &self.settings.config.schedule)
    }

    /// The sources that are to be walked now, by their schedules.
    pub fn due(&self) -> Result<Vec<Source>, PipelineError> {
        let now = self.clock.now();
        let mut due = Vec::new();
        for source in self.settings.sources.iter().filter(|source| !source.paused) {
            let walks = self.store.walks(&source.id)?;
            if self.schedule(source)?.is_due(walks.last(), now) {
                due.push(source.clone());
            }
        }
        Ok(due)
    }

    /// How a source does, held against its own past.
    pub fn health(&self, source: &Source) -> Result<Health, PipelineError> {
        let walks = self.store.walks(&source.id)?;
        let schedule = self.schedule(source)?;
        let schedule = (!source.paused).then_some(&schedule);
        Ok(health(&walks, schedule, self.clock.now()))
    }

    /// Has somebody told of every entry of the custody log from now on, as soon as the index holds it,
    /// and of the leads that it changed; of entries that came together, with the last of them.
    /// They are told while the desk is at work: they must be quick and must not ask it for anything.
    pub fn watch(&mut self, watcher: impl Fn(&Entry, &[LeadId], &dyn Store) + Send + 'static) {
        self.watchers.push(Box::new(watcher));
    }

    /// Reads sources and rules again, after somebody has changed them. What cannot be used is refused
    /// and the desk goes on with what it had.
    pub fn read_settings_again(&mut self) -> Result<(), PipelineError> {
        self.settings = Settings::read(&self.dir, &self.collectors)?;
        Ok(())
    }

    /// Closes the desk in order. Dropping it without this is safe and costs a check at the next
    /// opening.
    pub fn close(mut self) -> Result<(), PipelineError> {
        self.custody.seal()?;
        self.sign_head();
        // Who reads beside the desk was told to end and does so within a moment.
        for _ in 0..LAST_READER_CHECKS {
            if Arc::strong_count(&self.store) == 1 {
                break;
            }
            std::thread::sleep(LAST_READER_PAUSE);
        }
        match Arc::into_inner(self.store) {
            Some(store) => store.close()?,
            None => tracing::warn!("the index is still being read; it is closed when that ends"),
        }
        Ok(())
    }

    /// Signs the head of the custody log with the desk's key. A desk whose key cannot be used works
    /// on, and says so: the chain holds without it.
    fn sign_head(&self) {
        let signed = DeskKey::open(&self.dir.join("keys")).and_then(|key| {
            evidence::sign_head(&self.dir.join("custody"), &key, self.custody.head())
        });
        if let Err(error) = signed {
            tracing::warn!(%error, "the head of the custody log is not signed");
        }
    }
}

/// A panic in another walk leaves the desk as the log has it: entries are folded whole.
pub(crate) fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

fn own(dir: &Path) -> Result<File, PipelineError> {
    let path = dir.join("desk.lock");
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(PipelineError::file("open", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(PipelineError::InUse(dir.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(PipelineError::file("lock", &path)(error)),
    }
}

fn note_of(opened: &Opened) -> Option<OpenNote> {
    match opened {
        Opened::Fresh | Opened::AsLeft => None,
        Opened::Outdated { format } => Some(OpenNote(format!(
            "the index was written in the earlier format {format} and was made anew from the custody log"
        ))),
        Opened::Recovered => Some(OpenNote(
            "the index was not closed in order last time; it was checked and is whole".to_owned(),
        )),
        Opened::SetAside { reason, kept_at } => Some(OpenNote(format!(
            "the index was damaged ({reason}); it is kept at {} and was made anew from the custody log",
            kept_at.display()
        ))),
    }
}
