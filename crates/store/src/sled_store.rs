mod answers;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use crate::engine::Engine;
use crate::fold::fold;
use crate::opening::{self, Opening};
use crate::proof::prove;
use crate::sidecar::Sidecar;
use crate::state::State;
use crate::store::Store as _;
use crate::{Batch, Opened, StoreError, folder};

/// The index in a folder of its own, on sled, behind a guard that never lets a torn file pass for an
/// empty or smaller index.
///
/// Beside the folder `store/` lie `store.lock`, and for a while `store.checking`, `store.replaced`
/// and `store.before-rebuild`; for good, until a person removes them, `store.damaged-1` and so on.
pub struct SledStore {
    dir: PathBuf,
    /// Taken when the store is closed, and replaced when it is emptied.
    engine: RwLock<Option<Arc<Engine>>>,
    /// As of the last batch. Locked for writing while a batch is applied, so that a reader of
    /// several entries never sees half of one.
    state: RwLock<State>,
    /// How many batches are known to be durable.
    durable: Mutex<u64>,
    /// Held while a lease is looked at and changed.
    leasing: Mutex<()>,
    /// Why nothing can be asked any more.
    failed: OnceLock<Failure>,
    /// Held for as long as the store is open.
    _lock: std::fs::File,
}

enum Failure {
    /// To be set aside.
    Damaged(String),
    /// The disk would not write: what the files hold is to be proven at the next opening.
    Disk(String),
}

impl SledStore {
    /// Opens the index in `dir`, or makes one. See [`Opened`] for what may come of it; after
    /// anything but [`Opened::AsLeft`] the caller applies the log's entries after
    /// [`applied`](Store::applied).
    pub fn open(dir: &Path) -> Result<(Self, Opened), StoreError> {
        Ok(Self::new(dir, opening::open(dir)?))
    }

    /// Opens an empty index in `dir`. The one that was there is kept at `<dir>.before-rebuild` until
    /// the new one is closed in order.
    pub fn discard_and_open(dir: &Path) -> Result<(Self, Opened), StoreError> {
        Ok(Self::new(dir, opening::open_anew(dir)?))
    }

    fn new(dir: &Path, opening: Opening) -> (Self, Opened) {
        let Opening { engine, state, opened, lock } = opening;
        let store = Self {
            dir: dir.to_owned(),
            engine: RwLock::new(Some(Arc::new(engine))),
            state: RwLock::new(state),
            durable: Mutex::new(state.batches),
            leasing: Mutex::new(()),
            failed: OnceLock::new(),
            _lock: lock,
        };
        (store, opened)
    }

    /// Closes the index and seals its files, so that the next opening needs no proof. Dropping the
    /// store does the same, and can only log when it fails.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.seal()?;
        folder::remove(&folder::beside(&self.dir, "before-rebuild"))
    }

    /// Writes the index anew without the space that replaced entries take up; the old files are
    /// replaced once the new ones are proven to hold the same. Needs as much free disk as that.
    pub fn compact(mut self) -> Result<Self, StoreError> {
        self.sync()?;
        let state = *self.read_state();
        let checking = folder::beside(&self.dir, "checking");
        let written = rewrite(&*self.engine()?, &checking, &state);
        if written.is_err() {
            folder::remove(&checking)?;
        }
        self.watch(written)?;
        self.close_engine()?;
        folder::swap_in(&checking, &self.dir)?;
        let engine = opening::open_whole(&self.dir, state)?;
        *self.taken() = Some(Arc::new(engine));
        Ok(self)
    }

    /// Empties the index for its caller to fill again, and leaves nothing of what it held on the disk,
    /// nor of those that were set aside or kept from before a rebuild. Who reads beside the caller
    /// waits, then finds it as far as it is filled.
    pub fn empty(&self) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = self.engine.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = place.take() {
            self.alone(engine)?.close()?;
        }
        folder::remove_with_those_beside(&self.dir)?;
        *state = State::default();
        *durable = state.batches;
        *place = Some(Arc::new(opening::fresh(&self.dir)?));
        Ok(())
    }

    /// The database, once nobody else is in the middle of reading an entry.
    fn alone(&self, engine: Arc<Engine>) -> Result<Engine, StoreError> {
        let mut engine = engine;
        for _ in 0..500 {
            engine = match Arc::try_unwrap(engine) {
                Ok(engine) => return Ok(engine),
                Err(shared) => shared,
            };
            std::thread::sleep(Duration::from_millis(20));
        }
        let error = std::io::Error::other("somebody does not end reading it");
        Err(StoreError::file("close", &self.dir)(error))
    }

    fn taken(&mut self) -> &mut Option<Arc<Engine>> {
        self.engine.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn close_engine(&mut self) -> Result<(), StoreError> {
        match self.taken().take() {
            Some(engine) => self.alone(engine)?.close(),
            None => Ok(()),
        }
    }

    fn seal(&mut self) -> Result<(), StoreError> {
        self.engine()?;
        let state = *self.read_state();
        self.close_engine()?;
        Sidecar::sealed(&self.dir, state)?.write(&self.dir)
    }

    /// The database, unless it has failed before.
    fn engine(&self) -> Result<Arc<Engine>, StoreError> {
        match self.failed.get() {
            Some(Failure::Damaged(reason)) => Err(StoreError::damaged(&self.dir, reason)),
            Some(Failure::Disk(error)) => {
                Err(StoreError::file("go on writing", &self.dir)(std::io::Error::other(&**error)))
            }
            None => {
                let engine = self.engine.read().unwrap_or_else(PoisonError::into_inner);
                // Emptying it can fail half-way; closing is the other time when it is not there.
                engine.clone().ok_or_else(|| {
                    let error = std::io::Error::other("it was emptied and could not be made anew");
                    StoreError::file("read", &self.dir)(error)
                })
            }
        }
    }

    /// Looks at what came of a call: damage leaves a mark, so that the next opening sets the index
    /// aside.
    fn watch<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        let Err(StoreError::Damaged { reason, .. }) = &result else { return result };
        if self.failed.set(Failure::Damaged(reason.clone())).is_ok() {
            let _writing = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = Sidecar::damaged(reason).write(&self.dir) {
                tracing::error!(%error, "cannot mark the index as damaged");
            }
        }
        result
    }

    /// The same for a call that writes: after the disk has refused once, what the database has in
    /// memory and what is on the disk may differ.
    fn watch_write<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::File { error, .. }) = &result {
            let _ = self.failed.set(Failure::Disk(error.to_string()));
        }
        self.watch(result)
    }

    fn read_state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn apply(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let engine = self.engine()?;
        let kept = |key: &[u8]| Ok(engine.get(key)?.map(|value| value.to_vec()));
        let writes = self.watch(fold(batch, *state, &kept))?;
        let mut entries = sled::Batch::default();
        for (key, value) in writes.entries {
            match value {
                Some(value) => entries.insert(key, value),
                None => entries.remove(key),
            }
        }
        self.watch_write(engine.apply(entries))?;
        *state = writes.state;
        Ok(())
    }

    /// Brings what was applied to the disk, then notes it in the side file: never the other way
    /// round, or a power cut in between would make a whole index look damaged.
    fn make_durable(&self) -> Result<(), StoreError> {
        let state = *self.read_state();
        let done = {
            let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
            let engine = self.engine()?;
            if *durable >= state.batches {
                return Ok(());
            }
            let done = engine.sync().and_then(|()| Sidecar::open(state).write(&self.dir));
            if done.is_ok() {
                *durable = state.batches;
            }
            done
        };
        self.watch_write(done)
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        if self.taken().is_none() {
            return;
        }
        if self.failed.get().is_none() && !std::thread::panicking() {
            if let Err(error) = self.seal() {
                tracing::warn!(%error, "the index could not be closed in order");
            }
        } else if let Some(engine) = self.taken().take().and_then(Arc::into_inner) {
            engine.abandon();
        }
    }
}

/// Writes every entry into a new database in `dir` and proves it.
fn rewrite(engine: &Engine, dir: &Path, state: &State) -> Result<(), StoreError> {
    folder::remove(dir)?;
    folder::make(dir)?;
    Sidecar::open(*state).write(dir)?;
    let new = Engine::open(dir)?;
    engine.with(|db| {
        let mut entries = db.iter();
        loop {
            let mut batch = sled::Batch::default();
            let mut any = false;
            for entry in entries.by_ref().take(1_000) {
                let (key, value) = entry.map_err(|error| engine.error(error))?;
                batch.insert(key, value);
                any = true;
            }
            if !any {
                return Ok(());
            }
            new.apply(batch)?;
        }
    })?;
    let proven = prove(&new)?;
    if proven != *state {
        return Err(engine.damaged("its entries are not those that it counts"));
    }
    new.close()
}
