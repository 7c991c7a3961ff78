//! The index's folder and those beside it: what lies in it, copies, and moves that a crash in the
//! middle does not lose.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::StoreError;

/// The folder `<dir>.<suffix>` or file beside the index's folder.
pub(crate) fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.file_name().map_or_else(|| OsString::from("store"), OsString::from);
    name.push(".");
    name.push(suffix);
    dir.with_file_name(name)
}

/// Takes `<dir>.lock` for as long as the file is kept open.
pub(crate) fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = beside(dir, "lock");
    make(path.parent().unwrap_or(dir))?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::file("open", &path))?;
    // A process that was just forked off holds our locks until it has become what it shall be:
    // wait that long before saying that somebody is there.
    match within_a_moment(|| file.try_lock()) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::file("lock", &path)(error)),
    }
}

/// Tries for up to half a second.
pub(crate) fn within_a_moment(
    mut attempt: impl FnMut() -> Result<(), TryLockError>,
) -> Result<(), TryLockError> {
    for _ in 0..25 {
        match attempt() {
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
            done => return done,
        }
    }
    attempt()
}

/// Makes a folder and those above it.
pub(crate) fn make(dir: &Path) -> Result<(), StoreError> {
    if dir.as_os_str().is_empty() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(StoreError::file("make", dir))
}

/// Every file below `dir`, as a path from there, in order.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = dir.join(&folder);
        for entry in fs::read_dir(&path).map_err(StoreError::file("read", &path))? {
            let entry = entry.map_err(StoreError::file("read", &path))?;
            let name = folder.join(entry.file_name());
            if entry.file_type().map_err(StoreError::file("read", &path))?.is_dir() {
                folders.push(name);
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies these files of one folder into a new one, synced.
pub(crate) fn copy(files: &[PathBuf], from: &Path, to: &Path) -> Result<(), StoreError> {
    make(to)?;
    for name in files {
        let copy = to.join(name);
        make(copy.parent().unwrap_or(to))?;
        fs::copy(from.join(name), &copy).map_err(StoreError::file("copy to", &copy))?;
        sync(&copy)?;
    }
    Ok(())
}

/// Moves a folder to a name that is free.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(StoreError::file("rename", from))?;
    sync_folder(to.parent().unwrap_or(to))
}

/// Removes a folder and all in it, if it is there.
pub(crate) fn remove(dir: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::file("remove", dir)(error))
        }
        _ => Ok(()),
    }
}

/// Removes the index's folder and all copies of it: from before a rebuild, half checked, damaged.
pub(crate) fn remove_with_those_beside(dir: &Path) -> Result<(), StoreError> {
    remove(dir)?;
    for suffix in ["before-rebuild", "checking", "replaced"] {
        remove(&beside(dir, suffix))?;
    }
    let damaged = beside(dir, "damaged-");
    let damaged = damaged.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let parent = dir.parent().unwrap_or(dir);
    for entry in fs::read_dir(parent).map_err(StoreError::file("read", parent))? {
        let entry = entry.map_err(StoreError::file("read", parent))?;
        if entry.file_name().to_string_lossy().starts_with(&damaged) {
            remove(&entry.path())?;
        }
    }
    sync_folder(parent)
}

/// Puts the folder `new` in the place of `dir`. Dying in between leaves `dir` missing and the old
/// one at `<dir>.replaced`, which [`tidy`] puts back.
pub(crate) fn swap_in(new: &Path, dir: &Path) -> Result<(), StoreError> {
    let replaced = beside(dir, "replaced");
    rename(dir, &replaced)?;
    rename(new, dir)?;
    remove(&replaced)
}

/// Cleans up after a swap or a check that was cut short.
pub(crate) fn tidy(dir: &Path) -> Result<(), StoreError> {
    let replaced = beside(dir, "replaced");
    if !dir.exists() && replaced.exists() {
        rename(&replaced, dir)?;
    }
    remove(&replaced)?;
    remove(&beside(dir, "checking"))
}

/// Moves the folder to `<dir>.damaged-<n>`, the first number that is free.
pub(crate) fn set_aside(dir: &Path) -> Result<PathBuf, StoreError> {
    let mut number = 1;
    loop {
        let kept_at = beside(dir, &format!("damaged-{number}"));
        if !kept_at.exists() {
            rename(dir, &kept_at)?;
            return Ok(kept_at);
        }
        number += 1;
    }
}

/// Syncs a file's content to the disk.
pub(crate) fn sync(path: &Path) -> Result<(), StoreError> {
    // Windows syncs only what is open for writing.
    let file = File::options().read(true).write(true).open(path);
    file.and_then(|file| file.sync_all()).map_err(StoreError::file("sync", path))
}

/// Syncs which files a folder has. There is no such thing on Windows.
pub(crate) fn sync_folder(dir: &Path) -> Result<(), StoreError> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(StoreError::file("sync", dir))
}
