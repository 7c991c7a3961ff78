//! `store.json`, the small file beside the database's own: what the database must hold, written
//! where the database cannot lose it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::{StoreError, folder};

/// The highest format that this program reads, and the one that it writes.
pub(crate) const FORMAT: u64 = 9;

const NAME: &str = "store.json";
const NEW_NAME: &str = "store.json.new";
/// Left by a view of the index for its next start; see `Store::view_file`. Not the database's, and
/// not copied with it.
pub(crate) const VIEW: &str = "view";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sidecar {
    format: u64,
    /// Closed in order, and not opened since: `files` says what each file must be.
    pub clean: bool,
    /// Found damaged while it was open; to be set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
    /// What the database holds at least; exactly, when clean.
    pub state: State,
    /// Every file of the database, when clean.
    pub files: Vec<SealedFile>,
    /// BLAKE3 of this very file with this field empty.
    check: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SealedFile {
    /// From the index's folder, with `/`.
    pub name: String,
    pub len: u64,
    /// 64 hex digits.
    pub blake3: String,
    /// When it was written last, in nanoseconds since 1970. A file of the same length that nobody has
    /// written to since is not read again at every start: a desk of a million postings has
    /// gigabytes. What rots on the disk all the same, the library finds when it reads the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<u64>,
}

/// What reading the side file gave.
pub(crate) enum Found {
    Sidecar(Sidecar),
    Missing,
    /// Of a format that this program no longer reads.
    Earlier(u64),
    /// Not what this program wrote.
    Garbled,
}

impl Sidecar {
    /// Of a database that is open, or was when the process died.
    pub(crate) fn open(state: State) -> Self {
        Self {
            format: FORMAT,
            clean: false,
            damaged: None,
            state,
            files: Vec::new(),
            check: String::new(),
        }
    }

    /// Of a database that was found damaged.
    pub(crate) fn damaged(reason: &str) -> Self {
        Self { damaged: Some(reason.to_owned()), ..Self::open(State::default()) }
    }

    /// Of a database in `dir` that nobody has open. Reads and syncs all its files.
    pub(crate) fn sealed(dir: &Path, state: State) -> Result<Self, StoreError> {
        let mut files = Vec::new();
        for name in database_files(dir)? {
            let path = dir.join(&name);
            folder::sync(&path)?;
            let (len, blake3) = fingerprint(&path).map_err(StoreError::file("read", &path))?;
            let (_, written) = look(&path).map_err(StoreError::file("read", &path))?;
            files.push(SealedFile { name: portable(&name), len, blake3, written });
        }
        for below in [dir.to_owned(), dir.join("blobs")] {
            if below.is_dir() {
                folder::sync_folder(&below)?;
            }
        }
        Ok(Self { clean: true, files, ..Self::open(state) })
    }

    /// Reads the side file of `dir`.
    pub(crate) fn read(dir: &Path) -> Result<Found, StoreError> {
        let path = dir.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
            Err(error) => return Err(StoreError::file("read", &path)(error)),
        };
        // A later format may look different in all but this.
        let format = serde_json::from_slice::<serde_json::Value>(&bytes)
            .ok()
            .and_then(|json| json.get("format")?.as_u64());
        if let Some(found) = format.filter(|format| *format > FORMAT) {
            return Err(StoreError::TooNew { dir: dir.to_owned(), found, known: FORMAT });
        }
        if let Some(earlier) = format.filter(|format| *format < FORMAT) {
            return Ok(Found::Earlier(earlier));
        }
        let Ok(sidecar) = serde_json::from_slice::<Self>(&bytes) else { return Ok(Found::Garbled) };
        let whole = sidecar.format == FORMAT && sidecar.check == sidecar.checksum();
        Ok(if whole { Found::Sidecar(sidecar) } else { Found::Garbled })
    }

    /// Puts it in the place of the old one; a crash leaves one or the other.
    pub(crate) fn write(mut self, dir: &Path) -> Result<(), StoreError> {
        self.check = self.checksum();
        let bytes = serde_json::to_vec(&self).expect("a side file has only strings for keys");
        let (new, path) = (dir.join(NEW_NAME), dir.join(NAME));
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        });
        written.map_err(StoreError::file("write", &new))?;
        fs::rename(&new, &path).map_err(StoreError::file("write", &path))?;
        folder::sync_folder(dir)
    }

    /// The first way in which the files of `dir` are not those that were sealed.
    pub(crate) fn difference(&self, dir: &Path) -> Result<Option<String>, StoreError> {
        let present = database_files(dir)?;
        if let Some(extra) =
            present.iter().map(|name| portable(name)).find(|name| self.file(name).is_none())
        {
            return Ok(Some(format!("the file {extra} was added")));
        }
        for sealed in &self.files {
            let path = dir.join(&sealed.name);
            if !path.is_file() {
                return Ok(Some(format!("the file {} is missing", sealed.name)));
            }
            let (len, written) = look(&path).map_err(StoreError::file("read", &path))?;
            if len != sealed.len {
                let name = &sealed.name;
                return Ok(Some(format!("{name} has {len} bytes instead of {}", sealed.len)));
            }
            if written.is_some() && written == sealed.written {
                continue;
            }
            let (_, blake3) = fingerprint(&path).map_err(StoreError::file("read", &path))?;
            if blake3 != sealed.blake3 {
                return Ok(Some(format!("the content of {} has changed", sealed.name)));
            }
        }
        Ok(None)
    }

    fn file(&self, name: &str) -> Option<&SealedFile> {
        self.files.iter().find(|file| file.name == name)
    }

    fn checksum(&self) -> String {
        let unchecked = Self { check: String::new(), ..self.clone() };
        let bytes = serde_json::to_vec(&unchecked).expect("a side file has only strings for keys");
        blake3::hash(&bytes).to_hex().to_string()
    }
}

/// The files of the database in `dir`: all but ours.
pub(crate) fn database_files(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut files = folder::files(dir)?;
    // With a view that was half written, of whatever ending.
    let is_ours = |name: &Path| {
        let is_view = name.file_stem() == Some(VIEW.as_ref()) && name.parent() == Some("".as_ref());
        is_view || name == Path::new(NAME) || name == Path::new(NEW_NAME)
    };
    files.retain(|name| !is_ours(name));
    Ok(files)
}

/// Length and time of the last writing.
fn look(path: &Path) -> io::Result<(u64, Option<u64>)> {
    let file = fs::metadata(path)?;
    let written = file.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Ok((file.len(), written.and_then(|since| u64::try_from(since.as_nanos()).ok())))
}

fn fingerprint(path: &Path) -> io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    let len = io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok((len, hasher.finalize().to_hex().to_string()))
}

fn portable(name: &Path) -> String {
    name.to_string_lossy().replace('\\', "/")
}
