//! Which evidence files a desk has, and reading stretches of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use domain::Sha256;

use crate::EvidenceError;
use crate::at_rest::{Kept, Vault};
use crate::captures::{CAPTURES, FileName, UNACKNOWLEDGED};
use crate::custody::TORN;
use crate::deleting::PACKETS;
use crate::durable::{PART, digest_in};
use crate::verify_beside::KEYS;

const FOLDERS: [&str; 6] = ["captures", "custody", "snapshots", "time", KEYS, PACKETS];

/// The files of these folders, with their sizes, as they were when it was made.
pub(crate) struct Inventory {
    vault: Vault,
    /// By folder and name within it; files in deeper folders with their path. Of a file of the archive
    /// that is sealed, it is the length that it would have if it were not.
    sizes: BTreeMap<(&'static str, String), u64>,
    /// Sealed files of the archive that end with so many bytes that are nothing whole.
    torn: BTreeMap<String, u64>,
}

impl Inventory {
    pub(crate) fn of(vault: &Vault) -> Result<Self, EvidenceError> {
        let mut sizes = BTreeMap::new();
        for folder in FOLDERS {
            let mut found = Vec::new();
            list(&vault.desk().join(folder), "", &mut found)?;
            sizes.extend(found.into_iter().map(|(name, size)| ((folder, name), size)));
        }
        let mut torn = BTreeMap::new();
        let archive = sizes
            .iter_mut()
            .filter(|((folder, name), _)| *folder == CAPTURES && FileName::parse(name).is_some());
        for ((_, name), size) in archive {
            // One that cannot be opened is named when it is read.
            let kept = vault.open_file(&format!("{CAPTURES}/{name}"));
            if let Ok(kept @ Kept::Sealed(_)) = kept {
                *size = kept.length().unwrap_or(*size);
                torn.extend(Some((name.clone(), kept.torn())).filter(|(_, torn)| *torn > 0));
            }
        }
        Ok(Self { vault: vault.clone(), sizes, torn })
    }

    /// So many bytes at the end of a sealed file of the archive are nothing whole.
    pub(crate) fn torn(&self, file: &str) -> u64 {
        self.torn.get(file).copied().unwrap_or(0)
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The files of a folder, save those in its folder `besides`.
    pub(crate) fn of_folder<'a>(
        &'a self,
        folder: &'static str,
        besides: &'a str,
    ) -> impl Iterator<Item = (&'a str, u64)> {
        self.sizes
            .iter()
            .filter(move |((of, name), _)| *of == folder && !lies_in(name, besides))
            .map(|((_, name), size)| (name.as_str(), *size))
    }

    /// Whether there is no evidence: keys and packets are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.sizes.keys().all(|(folder, _)| [KEYS, PACKETS].contains(folder))
    }

    pub(crate) fn size(&self, folder: &'static str, name: &str) -> Option<u64> {
        self.sizes.get(&(folder, name.to_owned())).copied()
    }

    pub(crate) fn path(&self, folder: &str, name: &str) -> PathBuf {
        self.vault.desk().join(folder).join(name)
    }

    /// Of all files that verification reads.
    pub(crate) fn bytes(&self) -> u64 {
        let read =
            |name: &&(_, String)| !lies_in(&name.1, UNACKNOWLEDGED) && !lies_in(&name.1, TORN);
        self.sizes.iter().filter(|(name, _)| read(name)).map(|(_, size)| size).sum()
    }

    /// One sentence for each file that recovery set aside, or that a crash left half written.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> + '_ {
        let set_aside = |folder: &str, name: &str| match folder {
            "captures" => lies_in(name, UNACKNOWLEDGED) || is_part(name),
            "custody" => lies_in(name, TORN) || is_part(name),
            _ => is_part(name),
        };
        self.sizes.iter().filter(move |((folder, name), _)| set_aside(folder, name)).map(
            |((folder, name), size)| {
                format!(
                    "{folder}/{name}: {size} bytes left by a crash; never acknowledged, no evidence"
                )
            },
        )
    }
}

/// Whether a file is one that was being written when a crash came.
pub(crate) fn is_part(name: &str) -> bool {
    name.strip_suffix(PART).is_some_and(|name| name.ends_with('.'))
}

fn lies_in(name: &str, folder: &str) -> bool {
    !folder.is_empty() && name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

pub(crate) fn list(
    dir: &Path,
    prefix: &str,
    found: &mut Vec<(String, u64)>,
) -> Result<(), EvidenceError> {
    let files = match fs::read_dir(dir) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(EvidenceError::file("read", dir)(error)),
    };
    for file in files {
        let file = file.map_err(EvidenceError::file("read", dir))?;
        let name = format!("{prefix}{}", file.file_name().to_string_lossy());
        // Not followed: a link is no evidence, wherever it leads.
        let metadata = file.metadata().map_err(EvidenceError::file("read", file.path()))?;
        if metadata.is_dir() {
            list(&file.path(), &format!("{name}/"), found)?;
        } else {
            found.push((name, metadata.len()));
        }
    }
    Ok(())
}

/// Reads stretches of the files of the archive, one after another; keeps the file open and the
/// memory in use.
pub(crate) struct SpanReader {
    vault: Vault,
    open: Option<(String, Kept, u64)>,
    span: Vec<u8>,
}

impl SpanReader {
    pub(crate) fn new(vault: &Vault) -> Self {
        Self { vault: vault.clone(), open: None, span: Vec::new() }
    }

    pub(crate) fn read(&mut self, name: &str, offset: u64, length: u64) -> io::Result<&[u8]> {
        let mut file = self.at(name, offset)?;
        self.span.clear();
        (&mut file).take(length).read_to_end(&mut self.span)?;
        self.open = Some((name.to_owned(), file, offset + self.span.len() as u64));
        Ok(&self.span)
    }

    /// How many bytes of a stretch there are, and their digest; in no more memory than `piece`.
    pub(crate) fn digest(
        &mut self,
        name: &str,
        offset: u64,
        length: u64,
        piece: &mut [u8],
    ) -> io::Result<(u64, Sha256)> {
        let mut file = self.at(name, offset)?;
        let mut stretch = (&mut file).take(length);
        let digest = digest_in(&mut stretch, piece)?;
        let read = length - stretch.limit();
        self.open = Some((name.to_owned(), file, offset + read));
        Ok((read, digest))
    }

    /// The file, at this place.
    fn at(&mut self, name: &str, offset: u64) -> io::Result<Kept> {
        let (mut file, at) = match self.open.take() {
            Some((open, file, at)) if open == name => (file, at),
            _ => (self.vault.open_file(&format!("{CAPTURES}/{name}"))?, 0),
        };
        if at != offset {
            file.seek(SeekFrom::Start(offset))?;
        }
        Ok(file)
    }
}
