//! Who may log in: `accounts.json` in the desk's folder, the only home of what it says. It is
//! written whole, synced, and readable by its owner alone, since it holds the secrets of second
//! factors. The command line changes it while the app runs; each takes a lock, and the app reads it
//! again when it has changed.

mod account;
mod book;
pub(crate) mod password;
pub(crate) mod second_factor;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::WebError;

pub use account::{Account, Role};
pub(crate) use account::{ApiToken, SavedView, Scope};
pub(crate) use book::Book;

/// The file's name in the desk's folder.
pub const ACCOUNTS_FILE: &str = "accounts.json";

/// The accounts of a desk.
pub struct Accounts {
    path: PathBuf,
    /// What was read last, and how the file looked then.
    read: Mutex<Option<(Look, Book)>>,
}

type Look = (SystemTime, u64);

impl Accounts {
    /// The accounts of the desk in this folder. There may be none yet.
    pub fn of(desk: &Path) -> Self {
        Self { path: desk.join(ACCOUNTS_FILE), read: Mutex::new(None) }
    }

    /// All accounts, by login.
    pub fn all(&self) -> Result<Vec<Account>, WebError> {
        Ok(self.book()?.accounts)
    }

    /// The book as it is now; read again only when the file has changed.
    pub(crate) fn book(&self) -> Result<Book, WebError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let look = self.look()?;
        if let (Some((seen, book)), Some(look)) = (&*read, &look)
            && seen == look
        {
            return Ok(book.clone());
        }
        let book = self.read_file()?;
        *read = look.map(|look| (look, book.clone()));
        Ok(book)
    }

    /// Changes the book under the lock, from what the file holds then. Nothing is written when the
    /// change is refused.
    pub(crate) fn change<T>(
        &self,
        change: impl FnOnce(&mut Book) -> Result<T, WebError>,
    ) -> Result<T, WebError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let lock_path = self.path.with_extension("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(WebError::file("open", &lock_path))?;
        lock.lock().map_err(WebError::file("lock", &lock_path))?;
        let mut book = self.read_file()?;
        let result = change(&mut book)?;
        self.write_file(&book)?;
        *read = self.look()?.map(|look| (look, book));
        Ok(result)
    }

    fn look(&self) -> Result<Option<Look>, WebError> {
        let seen = fs::metadata(&self.path).and_then(|file| Ok((file.modified()?, file.len())));
        match seen {
            Ok(look) => Ok(Some(look)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(WebError::file("read", &self.path)(error)),
        }
    }

    fn read_file(&self) -> Result<Book, WebError> {
        match fs::read(&self.path) {
            Ok(bytes) => Book::read(&bytes)
                .map_err(|what| WebError::Accounts { path: self.path.clone(), what }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Book::default()),
            Err(error) => Err(WebError::file("read", &self.path)(error)),
        }
    }

    /// After a crash there is the old file or the new one, never a half.
    fn write_file(&self, book: &Book) -> Result<(), WebError> {
        let part = self.path.with_extension("json.part");
        let failed = |error| WebError::file("write", &self.path)(error);
        // A half-written file of before may have other rights.
        let _ = fs::remove_file(&part);
        let mut file = owners_alone(&part).map_err(failed)?;
        file.write_all(&book.to_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&part, &self.path).map_err(failed)?;
        if cfg!(unix) {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn owners_alone(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn owners_alone(path: &Path) -> std::io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}
