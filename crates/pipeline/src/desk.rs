//! A desk: one folder that one process owns. Opening it brings every part to the same point, after
//! a crash too.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Capture, Clock, LeadId, Problem, Source, Tally};
use evidence::{CaptureArchive, CustodyLog, Entry, Event};
use serde::Serialize;
use store::{Opened, SledStore, Store};

use crate::fold::{Folder, Folding};
use crate::met::Met;
use crate::{Collectors, Health, PipelineError, Schedule, Settings, health, snapshots};

/// The name under which the program itself writes into the custody log.
pub(crate) const PROGRAM: &str = "fusion";

/// Something that opening the desk found and mended; a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenNote(pub String);

/// An open desk. Only one process has it at a time.
pub struct Desk {
    pub(crate) dir: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) collectors: Arc<Collectors>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) captures: CaptureArchive,
    pub(crate) custody: CustodyLog,
    pub(crate) store: SledStore,
    watchers: Vec<Watcher>,
    notes: Vec<OpenNote>,
    /// Held for as long as the desk is open.
    _lock: File,
}

/// Is told of every entry of the custody log, once it stands in the index.
type Watcher = Box<dyn Fn(&Entry, &dyn Store) + Send>;

/// What came of keeping a capture.
#[derive(Default)]
pub(crate) struct Kept {
    pub new: bool,
    pub tally: Tally,
    pub problems: Vec<Problem>,
    pub met: Met,
}

impl Desk {
    /// Opens the desk in this folder. What a crash left half done is completed or set aside, and
    /// noted in [`Desk::notes`].
    pub fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, PipelineError> {
        Self::open_store(dir, clock, false)
    }

    /// Opens the desk and makes its index anew from entry 1.
    pub(crate) fn open_rebuilding(
        dir: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PipelineError> {
        Self::open_store(dir, clock, true)
    }

    fn open_store(dir: &Path, clock: Arc<dyn Clock>, anew: bool) -> Result<Self, PipelineError> {
        let collectors = Arc::new(Collectors::new(clock.clone()));
        let settings = Settings::read(dir, &collectors)?;
        let lock = own(dir)?;

        let mut notes = Vec::new();
        let custody_dir = dir.join("custody");
        let (custody, recovery) = CustodyLog::open(&custody_dir)?;
        notes.extend(recovery.notes.into_iter().map(OpenNote));
        let last = evidence::last_captures(&custody_dir)?;
        let (captures, recovery) = CaptureArchive::open(&dir.join("captures"), last.end)?;
        notes.extend(recovery.notes.into_iter().map(OpenNote));

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
            captures,
            custody,
            store,
            watchers: Vec::new(),
            notes,
            _lock: lock,
        };
        let caught_up = desk.catch_up()?;
        if (caught_up || !closed_in_order)
            && let Some(entry) = last.page
        {
            desk.complete(&entry)?;
        }
        Ok(desk)
    }

    /// Folds the entries that the store has not seen; tells whether there were any.
    fn catch_up(&mut self) -> Result<bool, PipelineError> {
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
        let captures = self.dir.join("captures");
        let mut folder =
            Folder::new(&self.store, &self.collectors, &self.settings.rule_set, &captures);
        for entry in evidence::entries(&self.dir.join("custody"), applied)? {
            let folding = folder.fold(&entry?, None)?;
            self.store.commit_relaxed(&folding.batch)?;
        }
        self.store.sync()?;
        self.notes.push(OpenNote(format!(
            "the index was {} entries behind the custody log and has caught up",
            logged - applied
        )));
        Ok(true)
    }

    /// Takes the snapshots of the last captured page that a crash kept from being taken. Captures
    /// are kept one after another, so no earlier page can lack one.
    fn complete(&mut self, last_page: &Entry) -> Result<(), PipelineError> {
        let Event::Capture { file, offset, length, .. } = &last_page.event else { return Ok(()) };
        let capture = CaptureArchive::read(&self.dir.join("captures"), file, *offset, *length)?;
        let Some(source) = self.store.source(&capture.source)? else { return Ok(()) };
        let Some(collector) = self.collectors.of(&source.kind) else { return Ok(()) };
        let read = collector.read(&source, &capture).postings.into_iter();
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

    /// What people wrote for it: settings, sources, rules.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The index, for reading.
    pub fn store(&self) -> &dyn Store {
        &self.store
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

    /// Has somebody told of every entry of the custody log from now on, as soon as the index holds it.
    /// They are told while the desk is at work: they must be quick and must not ask it for anything.
    pub fn watch(&mut self, watcher: impl Fn(&Entry, &dyn Store) + Send + 'static) {
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
        self.store.close()?;
        Ok(())
    }

    /// Writes events into the custody log, synced, and folds them into the store.
    pub(crate) fn record(
        &mut self,
        actor: &str,
        events: Vec<Event>,
    ) -> Result<Vec<Entry>, PipelineError> {
        let entries = self.custody.append(self.clock.now(), actor, events)?;
        for entry in &entries {
            self.fold(entry, None)?;
        }
        Ok(entries)
    }

    fn fold(&mut self, entry: &Entry, capture: Option<&Capture>) -> Result<Folding, PipelineError> {
        let captures = self.dir.join("captures");
        let mut folder =
            Folder::new(&self.store, &self.collectors, &self.settings.rule_set, &captures);
        let folding = folder.fold(entry, capture)?;
        self.store.commit(&folding.batch)?;
        self.watchers.iter().for_each(|watcher| watcher(entry, &self.store));
        Ok(folding)
    }

    /// Keeps a capture and everything that follows from it: bytes on disk, custody entry, index,
    /// snapshots. Not new when the last capture of this address holds the same payload.
    pub(crate) fn keep(&mut self, capture: &Capture) -> Result<Kept, PipelineError> {
        let latest = self.store.latest_payload(&capture.source, &capture.url)?;
        if latest.is_some_and(|(_, payload)| payload == capture.sha256) {
            return Ok(Kept::default());
        }
        let stored = self.captures.append(capture)?;
        let event = Event::Capture {
            capture: capture.id.clone(),
            source: capture.source.clone(),
            role: capture.role,
            url: capture.url.clone(),
            fetched_at: capture.fetched_at,
            payload: capture.sha256,
            file: stored.file,
            offset: stored.offset,
            length: stored.length,
            record: stored.record,
        };
        let entries = self.custody.append(self.clock.now(), PROGRAM, vec![event])?;
        let mut kept = Kept { new: true, ..Kept::default() };
        for entry in &entries {
            let folding = self.fold(entry, Some(capture))?;
            snapshots::take_missing(self, capture, &folding.flagged)?;
            kept.tally.merge(&folding.tally);
            kept.problems.extend(folding.problems);
            kept.met.merge(folding.met);
        }
        Ok(kept)
    }
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
