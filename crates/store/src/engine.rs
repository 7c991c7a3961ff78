//! The database library, with the care that it needs: every call may panic or fail for good, and its
//! flush does not reach the disk.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::state::State;
use crate::{StoreError, folder, keys, quiet};

/// Memory for pages read and written, as they lie on the disk, packed; in memory they take about three
/// times as much. Twice of it makes no import or scan faster. Beyond the cache the library keeps some
/// hundred bytes a page to find it again, which is why seen postings lie on shelves (`seen.rs`).
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// Every so often the library writes out what it has gathered, so that bulk work between two syncs
/// does not pile up in memory.
const FLUSH_EVERY_MS: u64 = 500;

/// An open database in a folder.
pub(crate) struct Engine {
    db: sled::Db,
    dir: PathBuf,
    /// Our own handle of the database's file: `flush` of this version calls `sync_file_range`, which
    /// neither writes the file's length nor reaches through the drive's cache.
    file: File,
    /// Large values lie in files of their own, which the library never syncs. Those that we did.
    synced_blobs: Mutex<BTreeSet<OsString>>,
}

impl Engine {
    /// Opens the database in `dir`, making one if there is none. This writes to its files: never to
    /// be called on files that are not known to be whole, save on a copy.
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .mode(sled::Mode::LowSpace)
            .flush_every_ms(Some(FLUSH_EVERY_MS));
        let db = quiet::catch(|| config.open())
            .map_err(|panic| StoreError::damaged(dir, panic))?
            .map_err(|error| StoreError::of_sled(dir, error))?;
        let path = dir.join("db");
        let file = File::options().read(true).write(true).open(&path);
        let file = file.map_err(StoreError::file("open", &path))?;
        Ok(Self { db, dir: dir.to_owned(), file, synced_blobs: Mutex::default() })
    }

    /// Does something with the database. A panic in it is damage.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&sled::Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        quiet::catch(|| work(&self.db))
            .unwrap_or_else(|panic| Err(StoreError::damaged(&self.dir, panic)))
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<sled::IVec>, StoreError> {
        self.with(|db| db.get(key).map_err(|error| self.error(error)))
    }

    /// Applies the batch, as a whole or not at all.
    pub(crate) fn apply(&self, batch: sled::Batch) -> Result<(), StoreError> {
        self.with(|db| db.apply_batch(batch).map_err(|error| self.error(error)))
    }

    /// Brings everything applied so far to the disk.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        self.with(|db| db.flush().map_err(|error| self.error(error)))?;
        self.sync_blobs()?;
        self.file.sync_data().map_err(StoreError::file("sync", &self.dir.join("db")))
    }

    fn sync_blobs(&self) -> Result<(), StoreError> {
        let blobs = self.dir.join("blobs");
        let mut synced = self.synced_blobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut present = BTreeSet::new();
        let mut any_new = false;
        for entry in fs::read_dir(&blobs).map_err(StoreError::file("read", &blobs))? {
            let entry = entry.map_err(StoreError::file("read", &blobs))?;
            let path = entry.path();
            if !synced.contains(&entry.file_name()) {
                any_new = true;
                match folder::sync(&path) {
                    // The library clears away those that it needs no more, at any time.
                    Err(_) if !path.exists() => continue,
                    done => done?,
                }
            }
            present.insert(entry.file_name());
        }
        *synced = present;
        if any_new { folder::sync_folder(&blobs) } else { Ok(()) }
    }

    /// What the database says that it holds; nothing yet, when it has never kept a batch.
    pub(crate) fn state(&self) -> Result<Option<State>, StoreError> {
        let Some(value) = self.get(&keys::state())? else { return Ok(None) };
        let state = State::read(&value);
        let state = state.ok_or_else(|| self.damaged("its own account does not read back"))?;
        Ok(Some(state))
    }

    /// Closes the database and waits until the library's threads have let go of its files.
    pub(crate) fn close(self) -> Result<(), StoreError> {
        if let Err(error) = self.sync() {
            self.abandon();
            return Err(error);
        }
        let Self { db, dir, file, .. } = self;
        quiet::catch(|| drop(db)).map_err(|panic| StoreError::damaged(&dir, panic))?;
        // The library holds this very lock for as long as any of its threads can still write.
        let free = folder::within_a_moment(|| file.try_lock());
        let path = dir.join("db");
        free.map_err(|error| StoreError::file("close", &path)(error.into()))
    }

    /// Lets go of a database that has failed without asking it to clean up, which may fail again,
    /// within a panic even, and would end the process. Its memory stays taken until then.
    pub(crate) fn abandon(self) {
        mem::forget(self.db);
    }

    pub(crate) fn error(&self, error: sled::Error) -> StoreError {
        StoreError::of_sled(&self.dir, error)
    }

    pub(crate) fn damaged(&self, reason: impl Into<String>) -> StoreError {
        StoreError::damaged(&self.dir, reason)
    }
}
