//! The way into sled. sled 0.34 may open a shortened file as an empty database, without an error,
//! and destroy the rest by opening it; other damage makes it panic. So files that were not closed
//! in order are never opened in place: a copy is opened and walked, and takes their place only when
//! it is proven whole. Everything else is set aside, kept, and told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::index::{Index, Records};
use crate::keys::{self, META, Meta};
use crate::sidecar::{self, FORMAT, Sidecar};
use crate::sled_store::SledRecords;

/// How the index was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// There was none.
    Fresh,
    /// As it was closed.
    AsLeft,
    /// Not closed in order, checked and whole.
    Recovered,
    /// Damaged: moved away and kept, and a fresh one begun.
    SetAside {
        /// What was wrong.
        reason: String,
        /// Where it is kept.
        kept_at: PathBuf,
    },
}

/// Opens the database in `dir` if it can be trusted, else a fresh one.
pub(crate) fn open(dir: &Path) -> Result<(Index<SledRecords>, Opened), StoreError> {
    remove_scratch(dir)?;
    let (found, outcome) = match sidecar::read(dir) {
        None if !dir.exists() => return Ok((start(dir)?, Opened::Fresh)),
        None => (Err("its side file store.json is missing".to_owned()), Opened::Recovered),
        Some(Err(error)) => {
            (Err(format!("its side file store.json cannot be read: {error}")), Opened::Recovered)
        }
        Some(Ok(side)) if side.format > FORMAT => {
            return Err(StoreError::Newer {
                path: dir.to_owned(),
                found: side.format,
                known: FORMAT,
            });
        }
        Some(Ok(side)) if side.condemned => {
            (Err("reading it failed last time".to_owned()), Opened::Recovered)
        }
        Some(Ok(side)) if !dir.exists() => (
            Err(format!("its folder is gone, {} records with it", side.records)),
            Opened::Recovered,
        ),
        Some(Ok(side)) if side.clean => (open_clean(dir, &side), Opened::AsLeft),
        Some(Ok(side)) => (open_unclean(dir, &side), Opened::Recovered),
    };
    match found {
        Ok(index) => Ok((index, outcome)),
        Err(reason) => {
            let kept_at = set_aside(dir)?;
            Ok((start(dir)?, Opened::SetAside { reason, kept_at }))
        }
    }
}

/// A fresh database; whatever lies in the folder is gone.
pub(crate) fn start(dir: &Path) -> Result<Index<SledRecords>, StoreError> {
    if dir.exists() {
        std::fs::remove_dir_all(dir).map_err(StoreError::file("remove", dir))?;
    }
    sidecar::write(dir, &Sidecar { format: FORMAT, ..Sidecar::default() })?;
    open_files(dir).map_err(StoreError::Damaged)
}

fn open_clean(dir: &Path, side: &Sidecar) -> Result<Index<SledRecords>, String> {
    let files = sidecar::measure(dir).map_err(|error| error.to_string())?;
    for wanted in &side.files {
        match files.iter().find(|(name, ..)| *name == wanted.0) {
            None => return Err(format!("its file {} is missing", wanted.0)),
            Some(found) if found.1 != wanted.1 => {
                return Err(format!(
                    "its file {} has {} bytes and had {}",
                    wanted.0, found.1, wanted.1
                ));
            }
            Some(found) if found != wanted => {
                return Err(format!("its file {} was changed", wanted.0));
            }
            Some(_) => {}
        }
    }
    let index = open_files(dir)?;
    let meta = guarded(|| index.meta())?;
    if (meta.applied, meta.records) != (side.applied, side.records) {
        return Err(format!("it holds {} records and had {}", meta.records, side.records));
    }
    let open = Sidecar { clean: false, files: Vec::new(), ..side.clone() };
    sidecar::write(dir, &open).map_err(|error| error.to_string())?;
    Ok(index)
}

fn open_unclean(dir: &Path, side: &Sidecar) -> Result<Index<SledRecords>, String> {
    let length = std::fs::metadata(dir.join("db")).map_or(0, |file| file.len());
    if length < side.db_length {
        return Err(format!("its file db has {length} bytes and had {}", side.db_length));
    }
    let scratch = scratch(dir);
    copy(dir, &scratch).map_err(|error| error.to_string())?;
    let index = open_files(&scratch)?;
    prove(&index, side)?;
    drop(index);
    std::fs::remove_dir_all(dir)
        .and_then(|()| std::fs::rename(&scratch, dir))
        .map_err(|error| error.to_string())?;
    open_files(dir)
}

/// Walks everything: what is counted inside must be there, and no less than was known outside.
fn prove(index: &Index<SledRecords>, side: &Sidecar) -> Result<(), String> {
    let meta = guarded(|| index.meta())?;
    let mut records = 0;
    guarded(|| {
        index.records.scan(&[], &mut |key, value| {
            if key == META {
                keys::read::<Meta>(value)?;
            } else {
                records += 1;
            }
            Ok(true)
        })
    })?;
    if records != meta.records {
        return Err(format!("it holds {records} records and counted {}", meta.records));
    }
    if meta.applied < side.applied {
        return Err(format!("it ends at entry {} and had reached {}", meta.applied, side.applied));
    }
    Ok(())
}

fn open_files(dir: &Path) -> Result<Index<SledRecords>, String> {
    let records = catch_unwind(AssertUnwindSafe(|| SledRecords::open(dir)))
        .map_err(|_| "the database broke off while opening it".to_owned())??;
    Ok(Index::over(records))
}

/// Runs a read that may panic inside the database.
fn guarded<T>(read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read))
        .map_err(|_| "the database broke off while reading it".to_owned())?
        .map_err(|error| error.to_string())
}

fn set_aside(dir: &Path) -> Result<PathBuf, StoreError> {
    remove_scratch(dir)?;
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let free = (1..)
        .map(|number| dir.with_file_name(format!("{name}.damaged-{number}")))
        .find(|path| !path.exists());
    let kept_at = free.unwrap_or_else(|| dir.with_extension("damaged"));
    if dir.exists() {
        std::fs::rename(dir, &kept_at).map_err(StoreError::file("move", dir))?;
    } else {
        std::fs::create_dir(&kept_at).map_err(StoreError::file("make", &kept_at))?;
    }
    let side = sidecar::path_of(dir);
    if side.exists() {
        std::fs::rename(&side, kept_at.join("store.json"))
            .map_err(StoreError::file("move", &side))?;
    }
    Ok(kept_at)
}

fn scratch(dir: &Path) -> PathBuf {
    dir.with_extension("scratch")
}

fn remove_scratch(dir: &Path) -> Result<(), StoreError> {
    let scratch = scratch(dir);
    if !scratch.exists() {
        return Ok(());
    }
    // A crash between removing the old files and moving the proven copy leaves the copy alone.
    if !dir.exists() {
        return std::fs::rename(&scratch, dir).map_err(StoreError::file("move", &scratch));
    }
    std::fs::remove_dir_all(&scratch).map_err(StoreError::file("remove", &scratch))
}

fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(to).map_err(StoreError::file("make", to))?;
    for item in std::fs::read_dir(from).map_err(StoreError::file("read", from))? {
        let item = item.map_err(StoreError::file("read", from))?;
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copy(&item.path(), &target)?;
        } else {
            std::fs::copy(item.path(), &target).map_err(StoreError::file("copy", item.path()))?;
        }
    }
    Ok(())
}
