//! The guard: the only way to the database. It never lets the library open files that are not proven
//! to be what was written, because that may empty them without a word.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::engine::Engine;
use crate::proof::prove;
use crate::sidecar::{Found, Sidecar, database_files};
use crate::state::State;
use crate::{StoreError, folder};

/// What opening an index found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// There was none; it is empty.
    Fresh,
    /// Closed in order last time, and every byte is as it was then.
    AsLeft,
    /// Not closed in order, or its files have changed; a copy was read through and proven to hold
    /// all that was ever made durable, and has taken its place.
    Recovered,
    /// Written in an earlier format. It is kept at `<dir>.before-rebuild` until the new one, which
    /// is empty as yet, is closed in order.
    Outdated {
        /// The format.
        format: u64,
    },
    /// Damaged. It is kept for those who want to know why, and an empty one is in its place.
    SetAside {
        /// What was wrong with it.
        reason: String,
        /// Where it is now.
        kept_at: PathBuf,
    },
}

/// An open database with all that belongs to it.
pub(crate) struct Opening {
    pub engine: Engine,
    pub state: State,
    pub opened: Opened,
    /// Held for as long as the index is open.
    pub lock: File,
}

/// Opens the index in `dir`.
pub(crate) fn open(dir: &Path) -> Result<Opening, StoreError> {
    let lock = folder::lock(dir)?;
    folder::tidy(dir)?;
    if is_vacant(dir)? {
        let engine = fresh(dir)?;
        return Ok(Opening { engine, state: State::default(), opened: Opened::Fresh, lock });
    }
    if let Found::Earlier(format) = Sidecar::read(dir)? {
        let engine = replace(dir)?;
        let opened = Opened::Outdated { format };
        return Ok(Opening { engine, state: State::default(), opened, lock });
    }
    match open_guarded(dir) {
        Ok((engine, state, opened)) => Ok(Opening { engine, state, opened, lock }),
        Err(StoreError::Damaged { reason, .. }) => {
            let kept_at = folder::set_aside(dir)?;
            let engine = fresh(dir)?;
            let opened = Opened::SetAside { reason, kept_at };
            Ok(Opening { engine, state: State::default(), opened, lock })
        }
        Err(error) => Err(error),
    }
}

/// Opens an empty index in `dir`. The one that is there is moved to `<dir>.before-rebuild`.
pub(crate) fn open_anew(dir: &Path) -> Result<Opening, StoreError> {
    let lock = folder::lock(dir)?;
    folder::tidy(dir)?;
    let engine = if dir.exists() { replace(dir)? } else { fresh(dir)? };
    Ok(Opening { engine, state: State::default(), opened: Opened::Fresh, lock })
}

/// Moves the index that is there to `<dir>.before-rebuild`, and opens an empty one.
fn replace(dir: &Path) -> Result<Engine, StoreError> {
    let before = folder::beside(dir, "before-rebuild");
    folder::remove(&before)?;
    folder::rename(dir, &before)?;
    fresh(dir)
}

/// Opens a database that is known to be whole and to hold this, and notes that it is open.
pub(crate) fn open_whole(dir: &Path, expected: State) -> Result<Engine, StoreError> {
    Sidecar::open(expected).write(dir)?;
    let engine = Engine::open(dir)?;
    match engine.state() {
        Ok(state) if state.unwrap_or_default() == expected => Ok(engine),
        Ok(_) => {
            engine.abandon();
            Err(StoreError::damaged(dir, "it does not hold what its side file store.json says"))
        }
        Err(error) => {
            engine.abandon();
            Err(error)
        }
    }
}

fn open_guarded(dir: &Path) -> Result<(Engine, State, Opened), StoreError> {
    let damaged = |reason: &str| StoreError::damaged(dir, reason);
    let sidecar = match Sidecar::read(dir)? {
        Found::Sidecar(sidecar) => sidecar,
        Found::Earlier(format) => return Err(damaged(&format!("it is of format {format}"))),
        Found::Missing => return Err(damaged("its side file store.json is missing")),
        Found::Garbled => return Err(damaged("its side file store.json does not read back")),
    };
    if let Some(reason) = &sidecar.damaged {
        return Err(damaged(reason));
    }
    let difference = if sidecar.clean { sidecar.difference(dir)? } else { None };
    if sidecar.clean && difference.is_none() {
        let engine = open_whole(dir, sidecar.state)?;
        return Ok((engine, sidecar.state, Opened::AsLeft));
    }
    let state = recover(dir, &sidecar).map_err(|error| match (error, difference) {
        (StoreError::Damaged { reason, .. }, Some(difference)) => {
            StoreError::damaged(dir, format!("{difference}; {reason}"))
        }
        (error, _) => error,
    })?;
    let engine = open_whole(dir, state)?;
    Ok((engine, state, Opened::Recovered))
}

/// Proves a copy of the database and puts it in the place of the original.
fn recover(dir: &Path, sidecar: &Sidecar) -> Result<State, StoreError> {
    let checking = folder::beside(dir, "checking");
    let files = database_files(dir)?;
    let proven = match prove_copy(dir, &files, &checking, sidecar) {
        // The library's own summary of the log (`snap.*`) is often what was torn by a hard stop. It
        // can do without: it then reads the whole log again.
        Err(StoreError::Damaged { reason, .. }) => {
            folder::remove(&checking)?;
            let is_summary = |name: &Path| name.to_string_lossy().starts_with("snap.");
            let without: Vec<_> = files.iter().filter(|name| !is_summary(name)).cloned().collect();
            if without.len() == files.len() {
                Err(StoreError::damaged(dir, reason))
            } else {
                prove_copy(dir, &without, &checking, sidecar)
            }
        }
        other => other,
    };
    match proven {
        Ok(state) => {
            // Should the process die between here and the opening, this says what must be there.
            Sidecar::open(state).write(&checking)?;
            folder::swap_in(&checking, dir)?;
            Ok(state)
        }
        Err(error) => {
            folder::remove(&checking)?;
            Err(error)
        }
    }
}

fn prove_copy(
    dir: &Path,
    files: &[PathBuf],
    checking: &Path,
    sidecar: &Sidecar,
) -> Result<State, StoreError> {
    folder::copy(files, dir, checking)?;
    let engine = Engine::open(checking)?;
    let proven = prove(&engine).and_then(|state| match lacks(&state, sidecar) {
        Some(lack) => Err(StoreError::damaged(dir, lack)),
        None => Ok(state),
    });
    match proven {
        Ok(state) => {
            engine.close()?;
            Ok(state)
        }
        Err(error) => {
            engine.abandon();
            Err(error)
        }
    }
}

/// What the side file promises and a database that is whole in itself does not hold.
fn lacks(state: &State, sidecar: &Sidecar) -> Option<String> {
    let promised = &sidecar.state;
    if state.batches < promised.batches || (sidecar.clean && state != promised) {
        return Some(format!(
            "it holds {} batches up to entry {} and must hold {} up to entry {}",
            state.batches, state.applied, promised.batches, promised.applied
        ));
    }
    None
}

fn is_vacant(dir: &Path) -> Result<bool, StoreError> {
    // A folder with nothing but a half-written first side file was never an index.
    Ok(!dir.exists() || (database_files(dir)?.is_empty() && !dir.join("store.json").exists()))
}

pub(crate) fn fresh(dir: &Path) -> Result<Engine, StoreError> {
    folder::make(dir)?;
    folder::sync_folder(dir.parent().unwrap_or(dir))?;
    open_whole(dir, State::default())
}
