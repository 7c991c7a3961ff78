//! Writing that survives a power cut. Data is synced before it counts, a new name only after its
//! folder is synced too (on ext4 and XFS a file can be safe and its name still be lost), and a
//! write that fails half way leaves the file as long as it was.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use domain::Sha256;
use sha2::Digest as _;

use crate::EvidenceError;

/// The ending of a file that is being written. Such a file counts as nothing.
pub(crate) const PART: &str = "part";

/// How much is read at once where a digest alone is wanted.
pub(crate) const PIECE: usize = 256 * 1024;

/// Makes a folder and its parents, and their names durable.
pub(crate) fn make_dir(dir: &Path) -> Result<(), EvidenceError> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(EvidenceError::file("make", dir))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => Ok(()),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), EvidenceError> {
    // Elsewhere folders cannot be opened, and names are durable by themselves.
    if cfg!(unix) {
        File::open(dir)
            .and_then(|folder| folder.sync_all())
            .map_err(EvidenceError::file("sync", dir))?;
    }
    Ok(())
}

/// Puts a whole file in place: after a crash there is the old one or the new one, never a half.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    write_anew(path, |file| file.write_all(bytes).map_err(EvidenceError::file("write", path)))
}

/// The same for a file that is too large for memory.
pub(crate) fn write_anew(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<(), EvidenceError>,
) -> Result<(), EvidenceError> {
    write_anew_checked(path, write, |_| Ok(()))
}

/// The same for one that is looked at, where it was written, before it takes its place.
pub(crate) fn write_anew_checked(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<(), EvidenceError>,
    check: impl FnOnce(&Path) -> Result<(), EvidenceError>,
) -> Result<(), EvidenceError> {
    write_unnamed(path, write, check)?;
    sync_dir(folder_of(path))
}

/// The same for one of several: none of them counts before their folder is synced.
pub(crate) fn write_unnamed(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<(), EvidenceError>,
    check: impl FnOnce(&Path) -> Result<(), EvidenceError>,
) -> Result<(), EvidenceError> {
    let part = with_ending(path, PART);
    let failed = EvidenceError::file("write", path);
    let written = match File::create(&part) {
        Ok(mut file) => write(&mut file).and_then(|()| file.sync_all().map_err(failed)),
        Err(error) => Err(failed(error)),
    };
    let written = written.and_then(|()| check(&part));
    if let Err(error) = written {
        // A half-written file counts as nothing; it is taken away to give the space back.
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    fs::rename(&part, path).map_err(EvidenceError::file("write", path))
}

/// Removes a file, if it is there, and makes that durable.
pub(crate) fn remove(path: &Path) -> Result<(), EvidenceError> {
    match fs::remove_file(path) {
        Ok(()) => sync_dir(folder_of(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(EvidenceError::file("remove", path)(error)),
    }
}

/// Moves the bytes of a file from `start` on into a file of `aside`, then cuts them off. Gives the
/// new file's name. Safe to be interrupted anywhere and done again.
pub(crate) fn set_aside_tail(
    path: &Path,
    start: u64,
    aside: &Path,
) -> Result<String, EvidenceError> {
    make_dir(aside)?;
    let file = File::options().read(true).write(true).open(path);
    let mut file = file.map_err(EvidenceError::file("open", path))?;
    file.seek(SeekFrom::Start(start)).map_err(EvidenceError::file("read", path))?;
    let digest = digest_of(&mut file).map_err(EvidenceError::file("read", path))?;
    // The digest in the name keeps two tails apart that were torn off at the same place.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = format!("{name}.{start}.{}", &digest.to_hex()[..8]);
    let kept = aside.join(&name);
    let copied = file.seek(SeekFrom::Start(start)).and_then(|_| {
        let mut copy = File::create(&kept)?;
        io::copy(&mut file, &mut copy)?;
        copy.sync_all()
    });
    copied.map_err(EvidenceError::file("write", &kept))?;
    sync_dir(aside)?;
    file.set_len(start)
        .and_then(|()| file.sync_all())
        .map_err(EvidenceError::file("write", path))?;
    Ok(name)
}

/// The SHA-256 of what is left to read, in bounded memory.
pub(crate) fn digest_of(from: &mut impl Read) -> io::Result<Sha256> {
    digest_in(from, &mut vec![0; PIECE])
}

/// The same, in memory that is there already.
pub(crate) fn digest_in(from: &mut impl Read, piece: &mut [u8]) -> io::Result<Sha256> {
    let mut hasher = sha2::Sha256::new();
    loop {
        match from.read(piece) {
            Ok(0) => return Ok(Sha256::from_bytes(hasher.finalize().into())),
            Ok(length) => hasher.update(&piece[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A file that grows at its end alone.
#[derive(Debug)]
pub(crate) struct AppendFile {
    path: PathBuf,
    file: File,
    len: u64,
}

impl AppendFile {
    /// Opens a file that is there.
    pub(crate) fn open(path: &Path) -> Result<Self, EvidenceError> {
        let file =
            File::options().append(true).open(path).map_err(EvidenceError::file("open", path))?;
        let len = file.metadata().map_err(EvidenceError::file("open", path))?.len();
        Ok(Self { path: path.to_owned(), file, len })
    }

    /// Makes a file that must not be there yet.
    pub(crate) fn create(path: &Path) -> Result<Self, EvidenceError> {
        let file = File::options()
            .append(true)
            .create_new(true)
            .open(path)
            .map_err(EvidenceError::file("make", path))?;
        sync_dir(folder_of(path))?;
        Ok(Self { path: path.to_owned(), file, len: 0 })
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Appends and syncs; gives the offset. On error nothing of it stays: what could not be cut
    /// off at once is cut off before the next write.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<u64, EvidenceError> {
        let offset = self.len;
        let written = self.settle().and_then(|()| {
            (&self.file).write_all(bytes)?;
            // Also the length reaches the disk, since the data could not be read without it.
            self.file.sync_data()
        });
        match written {
            Ok(()) => {
                self.len += bytes.len() as u64;
                Ok(offset)
            }
            Err(error) => {
                if let Err(error) = self.settle() {
                    tracing::error!(file = %self.path.display(), %error, "cannot cut off a failed write");
                }
                Err(EvidenceError::file("write", &self.path)(error))
            }
        }
    }

    /// What is to be said when nothing was written.
    pub(crate) fn failed(&self, error: io::Error) -> EvidenceError {
        EvidenceError::file("write", &self.path)(error)
    }

    /// Brings the file back to the length that was acknowledged.
    fn settle(&self) -> io::Result<()> {
        let len = self.file.metadata()?.len();
        if len < self.len {
            let lost = format!("it has {len} bytes and had {}: its end was cut off", self.len);
            return Err(io::Error::other(lost));
        }
        if len > self.len {
            self.file.set_len(self.len)?;
            self.file.sync_all()?;
        }
        Ok(())
    }
}

/// `a/b.c` with ending `part`: `a/b.c.part`.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
