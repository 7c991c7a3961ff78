//! The one way to the files of `captures/` and `snapshots/`: whoever reads or writes them does it
//! through a [`Vault`], which knows whether they are sealed.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::form::{HEAD, Head, MARK};
use super::growing::Growing;
use super::index::Index;
use super::inlet::Inlet;
use super::keyring::{FILE, KeyId, Keyring};
use super::sealed_file::{Kept, SealedFile};
use crate::EvidenceError;
use crate::durable::{self, AppendFile};

/// So many files are known by their frames: walks go from one to the next.
const KNOWN: usize = 64;

/// The files of a desk's captures and snapshots, with what opens them if they are sealed. Copies share
/// what they know.
#[derive(Clone, Debug)]
pub struct Vault {
    desk: PathBuf,
    keys: Option<Arc<Keyring>>,
    known: Arc<Mutex<VecDeque<Known>>>,
}

/// A sealed file whose frames were walked.
#[derive(Debug)]
struct Known {
    place: String,
    head: Head,
    index: Arc<Index>,
}

/// How a file lies on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lies {
    /// As it was given.
    Plain,
    /// Sealed with the data key of this number.
    Sealed(KeyId),
}

impl Vault {
    /// The vault of a desk. `key` is the file of the key outside, which an encrypted desk needs and
    /// another one does not look at.
    pub fn open(desk: &Path, key: Option<&Path>) -> Result<Self, EvidenceError> {
        let keys = Keyring::open(desk, key)?.map(Arc::new);
        Ok(Self { desk: desk.to_owned(), keys, known: Arc::default() })
    }

    /// The same without looking for keys.
    pub(super) fn without_keys(desk: &Path) -> Self {
        Self { desk: desk.to_owned(), keys: None, known: Arc::default() }
    }

    /// The same desk with these keys.
    pub(super) fn having(self, keys: Option<Arc<Keyring>>) -> Self {
        Self { keys, ..self }
    }

    /// The desk's folder.
    pub fn desk(&self) -> &Path {
        &self.desk
    }

    /// Whether what is written from now on is sealed.
    pub fn seals(&self) -> bool {
        self.keys.as_deref().is_some_and(|keys| keys.sealing().is_some())
    }

    pub(super) fn keys(&self) -> Option<&Keyring> {
        self.keys.as_deref()
    }

    /// All of a snapshot, as it was taken.
    pub fn read_snapshot(&self, file: &str) -> Result<Vec<u8>, EvidenceError> {
        let mut bytes = Vec::new();
        let read =
            self.open_file(&snapshot(file)).and_then(|mut kept| kept.read_to_end(&mut bytes));
        read.map_err(|error| self.unreadable(&snapshot(file), "its start", error))?;
        Ok(bytes)
    }

    /// A snapshot to be read piece by piece.
    pub(crate) fn open_snapshot(&self, file: &str) -> Result<Kept, EvidenceError> {
        let place = snapshot(file);
        self.open_file(&place).map_err(|error| self.unreadable(&place, "its start", error))
    }

    /// Why a file of the desk cannot be read: it is damaged, or the system does not give it.
    pub(crate) fn unreadable(&self, place: &str, at: &str, error: io::Error) -> EvidenceError {
        let path = self.desk.join(place);
        match error.kind() {
            ErrorKind::InvalidData => EvidenceError::damaged(&path, at, error.to_string()),
            _ => EvidenceError::file("read", path)(error),
        }
    }

    /// Opens a file by its place in the desk, as in `snapshots/NAME`.
    pub(crate) fn open_file(&self, place: &str) -> io::Result<Kept> {
        self.open_at(&self.desk.join(place), place)
    }

    /// The same of one that lies elsewhere for a moment.
    pub(super) fn open_at(&self, path: &Path, place: &str) -> io::Result<Kept> {
        let mut file = File::open(path)?;
        let Some(head) = head_of(&mut file)? else {
            file.seek(SeekFrom::Start(0))?;
            return Ok(Kept::Plain(file));
        };
        let Some(keys) = self.keys() else {
            return Err(damaged(format!("it is encrypted, and {FILE} with its key is not there")));
        };
        let Some(data_key) = keys.key(head.key_id()) else {
            let id = head.key_id();
            return Err(damaged(format!(
                "it is encrypted with a key {id} that {FILE} does not have"
            )));
        };
        let Some(key) = head.open(data_key, place) else {
            let what = "how it is encrypted was changed, or it belongs in another place";
            return Err(damaged(what.to_owned()));
        };
        let length = file.metadata()?.len();
        let index = self.index_of(&mut file, length, place, head)?;
        if head.length().is_some_and(|whole| whole != index.plain || index.sealed != length) {
            let whole = head.length().unwrap_or_default();
            return Err(damaged(format!(
                "it has {} bytes of {whole}, or more behind them",
                index.plain
            )));
        }
        let grows = head.length().is_none();
        Ok(Kept::Sealed(Box::new(SealedFile::new((file, length), grows, key, index))))
    }

    /// The frames of a file. One that grew since is walked from where it ended.
    fn index_of(
        &self,
        file: &mut File,
        length: u64,
        place: &str,
        head: Head,
    ) -> io::Result<Arc<Index>> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = {
            let known = known();
            let found = known.iter().find(|known| known.place == place && known.head == head);
            found.map(|known| known.index.clone())
        };
        let found = found.filter(|index| index.sealed <= length && index.is_of(&mut *file));
        let mut index = found.unwrap_or_else(|| Arc::new(Index::empty()));
        if index.sealed < length {
            Arc::make_mut(&mut index).walk(file, length)?;
        }
        // A snapshot is read once, and has few frames.
        if head.length().is_none() {
            let mut known = known();
            known.retain(|known| known.place != place);
            known.push_back(Known { place: place.to_owned(), head, index: index.clone() });
            if known.len() > KNOWN {
                known.pop_front();
            }
        }
        Ok(index)
    }

    /// Puts a whole file in place; after a crash there is the old one or the new one.
    pub(crate) fn put(&self, place: &str, bytes: &[u8]) -> Result<(), EvidenceError> {
        let path = self.desk.join(place);
        self.write_anew(place, Some(bytes.len() as u64), |inlet| {
            inlet.put(bytes).map_err(EvidenceError::file("write", &path))
        })
    }

    /// The same for a file that is too large for memory. `length` is that of the plain file; `None` of one
    /// that grows.
    pub(crate) fn write_anew(
        &self,
        place: &str,
        length: Option<u64>,
        write: impl FnOnce(&mut Inlet<'_>) -> Result<(), EvidenceError>,
    ) -> Result<(), EvidenceError> {
        self.write_and_check(place, length, write, |_| Ok(()))
    }

    /// The same, and looked at before it is put in place.
    pub(super) fn write_and_check(
        &self,
        place: &str,
        length: Option<u64>,
        write: impl FnOnce(&mut Inlet<'_>) -> Result<(), EvidenceError>,
        check: impl FnOnce(&Path) -> Result<(), EvidenceError>,
    ) -> Result<(), EvidenceError> {
        let path = self.desk.join(place);
        durable::write_anew_checked(&path, |file| self.fill(file, place, length, write), check)
    }

    /// Puts one of several whole files in place. None of them counts before their folder is synced.
    pub(crate) fn put_unnamed(&self, place: &str, bytes: &[u8]) -> Result<(), EvidenceError> {
        let path = self.desk.join(place);
        let put =
            |inlet: &mut Inlet<'_>| inlet.put(bytes).map_err(EvidenceError::file("write", &path));
        let length = Some(bytes.len() as u64);
        durable::write_unnamed(&path, |file| self.fill(file, place, length, put), |_| Ok(()))
    }

    /// Fills a file, plain or sealed as the vault is.
    fn fill(
        &self,
        file: &mut File,
        place: &str,
        length: Option<u64>,
        write: impl FnOnce(&mut Inlet<'_>) -> Result<(), EvidenceError>,
    ) -> Result<(), EvidenceError> {
        let path = self.desk.join(place);
        let failed = || EvidenceError::file("write", &path);
        let mut inlet = match self.sealing() {
            None => Inlet::plain(file),
            Some(data_key) => {
                let (head, key) = Head::new(data_key, place, length).map_err(failed())?;
                Inlet::sealed(file, head, key).map_err(failed())?
            }
        };
        write(&mut inlet)?;
        inlet.end().map_err(failed())
    }

    fn sealing(&self) -> Option<&super::keyring::DataKey> {
        self.keys().and_then(Keyring::sealing)
    }

    /// Makes a file that grows; it must not be there yet.
    pub(crate) fn make_growing(&self, place: &str) -> Result<Growing, EvidenceError> {
        let path = self.desk.join(place);
        let sealing = match self.sealing() {
            None => None,
            Some(key) => {
                Some(Head::new(key, place, None).map_err(EvidenceError::file("make", &path))?)
            }
        };
        Ok(Growing::new(AppendFile::create(&path)?, sealing))
    }

    /// Opens a file that grows; `None` if it does not lie as it would be written now, or cannot be gone
    /// on with: captures go on in another one.
    pub(crate) fn open_growing(&self, place: &str) -> Result<Option<Growing>, EvidenceError> {
        let path = self.desk.join(place);
        let wanted = self.sealing().map_or(Lies::Plain, |key| Lies::Sealed(key.id()));
        if self.lies(place)? != wanted {
            return Ok(None);
        }
        let file = AppendFile::open(&path)?;
        match self.open_file(place) {
            Ok(Kept::Plain(_)) => Ok(Some(Growing::new(file, None))),
            Ok(Kept::Sealed(sealed)) if sealed.may_grow() => {
                Ok(Some(Growing::going_on(file, sealed.key().clone(), sealed.index.plain)))
            }
            Ok(Kept::Sealed(_)) => Ok(None),
            Err(error) if error.kind() == ErrorKind::InvalidData => Ok(None),
            Err(error) => Err(EvidenceError::file("read", &path)(error)),
        }
    }

    /// How a file lies, by its first bytes.
    pub(crate) fn lies(&self, place: &str) -> Result<Lies, EvidenceError> {
        lies(&self.desk.join(place))
    }
}

/// How a file lies, by its first bytes.
pub(super) fn lies(path: &Path) -> Result<Lies, EvidenceError> {
    let head = File::open(path).and_then(|mut file| head_of(&mut file));
    match head {
        Ok(None) => Ok(Lies::Plain),
        Ok(Some(head)) => Ok(Lies::Sealed(head.key_id())),
        // It is sealed, with what is torn off.
        Err(error) if error.kind() == ErrorKind::InvalidData => Ok(Lies::Sealed(KeyId([0; 8]))),
        Err(error) => Err(EvidenceError::file("read", path)(error)),
    }
}

/// The head of a sealed file; `None` of a file that is not sealed.
fn head_of(file: &mut File) -> io::Result<Option<Head>> {
    let mut bytes = Vec::with_capacity(HEAD);
    file.take(HEAD as u64).read_to_end(&mut bytes)?;
    if !bytes.starts_with(MARK) {
        return Ok(None);
    }
    let head = bytes.first_chunk().and_then(Head::parse);
    head.map(Some).ok_or_else(|| damaged("it ends before what is encrypted".to_owned()))
}

pub(super) fn damaged(what: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

fn snapshot(file: &str) -> String {
    format!("snapshots/{file}")
}
