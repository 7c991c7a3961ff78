use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::StoreError;
use crate::guard::{self, Opened};
use crate::index::{Index, Records, Writes};
use crate::keys::{self, META, Meta};
use crate::sidecar::{self, FORMAT, Sidecar};

/// An index on disk, in sled, behind the guard.
pub type SledStore = Index<SledRecords>;

/// sled keeps up to 1.6 times as much in memory as it is told.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Records in a sled database.
pub struct SledRecords {
    dir: PathBuf,
    db: sled::Db,
    /// For syncing what sled's own flush leaves to the system.
    file: File,
    side: Mutex<Sidecar>,
}

impl SledStore {
    /// Opens the index in `dir`, or begins one. A damaged one is set aside, and said so.
    pub fn open(dir: &Path) -> Result<(Self, Opened), StoreError> {
        guard::open(dir)
    }

    /// Begins a new index in `dir`; what was there is gone. For making it anew.
    pub fn discard_and_open(dir: &Path) -> Result<(Self, Opened), StoreError> {
        Ok((guard::start(dir)?, Opened::Fresh))
    }

    /// Closes in order: the next opening trusts the files without walking them.
    pub fn close(self) -> Result<(), StoreError> {
        self.records.make_durable()?;
        let Meta { applied, records, .. } = self.meta()?;
        let dir = self.records.dir.clone();
        drop(self);
        let files = sidecar::measure(&dir)?;
        let db_length =
            files.iter().find(|(name, ..)| name == "db").map_or(0, |(_, length, _)| *length);
        let side = Sidecar {
            format: FORMAT,
            clean: true,
            condemned: false,
            applied,
            records,
            db_length,
            files,
        };
        sidecar::write(&dir, &side)
    }
}

impl SledRecords {
    pub(crate) fn open(dir: &Path) -> Result<Self, String> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .mode(sled::Mode::HighThroughput)
            .flush_every_ms(None);
        let db = config.open().map_err(|error| format!("the database says: {error}"))?;
        let file = File::open(dir.join("db")).map_err(|error| error.to_string())?;
        let side = Sidecar { format: FORMAT, ..Sidecar::default() };
        Ok(Self { dir: dir.to_owned(), db, file, side: Mutex::new(side) })
    }

    /// Runs a call into sled: its errors and panics become one error, and leave a mark, so that the
    /// next opening does not trust the files.
    fn guarded<T>(&self, call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
        let what = match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Ok(value)) => return Ok(value),
            // A full disk is no damage.
            Ok(Err(sled::Error::Io(error))) => {
                return Err(StoreError::file("use", &self.dir)(error));
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the database broke off".to_owned(),
        };
        // Best effort: without the mark the walk at the next opening finds the damage.
        let _ = sidecar::write(
            &self.dir,
            &Sidecar { format: FORMAT, condemned: true, ..Sidecar::default() },
        );
        Err(StoreError::Damaged(what))
    }
}

impl Records for SledRecords {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.guarded(|| Ok(self.db.get(key)?.map(|value| value.to_vec())))
    }

    fn scan(
        &self,
        prefix: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut items = self.db.scan_prefix(prefix);
        while let Some((key, value)) = self.guarded(|| items.next().transpose())? {
            if !visit(&key, &value)? {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, writes: Writes) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.guarded(|| self.db.apply_batch(batch))
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        self.guarded(|| self.db.flush())?;
        let length = self
            .file
            .sync_all()
            .and_then(|()| self.file.metadata())
            .map_err(StoreError::file("sync", &self.dir))?
            .len();
        let meta: Meta = self.get(META)?.map_or(Ok(Meta::default()), |bytes| keys::read(&bytes))?;
        let mut side = self.side.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        side.applied = meta.applied;
        side.records = meta.records;
        side.db_length = length;
        sidecar::write(&self.dir, &side)
    }
}
