//! The archive of captures: WARC files that grow at their end alone.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use domain::{Capture, CaptureId, Sha256};

use crate::at_rest::{Growing, Vault};
use crate::capture_records::{BODY_BYTES, read_capture, write_capture, write_warcinfo};
use crate::durable;
use crate::grave::{self, Grave};
use crate::{EvidenceError, Recovery};

/// A file that is this long gets no further capture.
const FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Where bytes are kept that no custody entry lists.
pub(crate) const UNACKNOWLEDGED: &str = "unacknowledged";
const DESCRIPTION: &str =
    "public pages captured by a desk; each capture is listed in its custody log";

/// The archive, open for writing. One process has it at a time; the desk's lock sees to that.
#[derive(Debug)]
pub struct CaptureArchive {
    vault: Vault,
    file_bytes: u64,
    current: Option<(FileName, Growing)>,
    /// The last name that was given, or that a custody entry speaks of.
    last: Option<FileName>,
}

/// Where a capture was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Name of the WARC file in `captures/`.
    pub file: String,
    /// First byte of its records there.
    pub offset: u64,
    /// Length of its records in bytes.
    pub length: u64,
    /// Over these bytes.
    pub record: Sha256,
}

impl CaptureArchive {
    /// Opens the archive of a desk, `captures/`, and makes it if there is none. `acknowledged` is file and
    /// end of the last capture that the custody log lists; bytes beyond are what a crash left
    /// between capture and entry, and are moved to `unacknowledged/`.
    pub fn open(
        vault: &Vault,
        acknowledged: Option<(String, u64)>,
    ) -> Result<(Self, Recovery), EvidenceError> {
        let dir = &vault.desk().join(CAPTURES);
        durable::make_dir(dir)?;
        let mut archive =
            Self { vault: vault.clone(), file_bytes: FILE_BYTES, current: None, last: None };
        let mut recovery = Recovery::default();
        let end = match acknowledged {
            Some((file, end)) => {
                Some((FileName::parse(&file).ok_or_else(|| no_name(dir, &file))?, end))
            }
            None => None,
        };
        let mut reaches = false;
        for name in archive_files(dir)? {
            match &end {
                Some((last, _)) if name < *last => {}
                Some((last, end)) if name == *last => {
                    let file = name.to_string();
                    reaches = vault.reaches(&place(&file), *end)?;
                    if reaches {
                        recovery.notes.extend(vault.set_aside(&file, *end)?);
                        let growing = vault.open_growing(&place(&file))?;
                        archive.current = growing.map(|growing| (name, growing));
                    }
                }
                _ => recovery.notes.extend(archive.set_aside(name)?),
            }
        }
        archive.last = end.map(|(name, _)| name);
        if let (false, Some(last)) = (reaches, &archive.last) {
            recovery.notes.push(format!(
                "{} is missing or shorter than the custody log says; run `fusion evidence verify`. \
                 Captures go on in a new file",
                dir.join(last.to_string()).display()
            ));
        }
        Ok((archive, recovery))
    }

    /// Starts a new file at another length than 256 MiB.
    pub fn with_file_bytes(mut self, bytes: u64) -> Self {
        self.file_bytes = bytes;
        self
    }

    /// Puts a capture at the end of the archive. When this returns it is on disk and synced; on
    /// error nothing of it stays.
    pub fn append(&mut self, capture: &Capture) -> Result<Stored, EvidenceError> {
        let mut stored = self.append_batch(&[capture])?;
        Ok(stored.remove(0))
    }

    /// Puts several captures at the end of the archive with one sync: all of them or none.
    pub fn append_batch(&mut self, captures: &[&Capture]) -> Result<Vec<Stored>, EvidenceError> {
        let Some(first) = captures.first() else { return Ok(Vec::new()) };
        captures.iter().try_for_each(|capture| check(capture))?;
        let (name, base) = self.place(first)?;
        let mut bytes = Vec::new();
        let mut stored = Vec::with_capacity(captures.len());
        for capture in captures {
            let start = bytes.len();
            if base == 0 && start == 0 {
                write_warcinfo(&name.to_string(), capture.fetched_at, DESCRIPTION, &mut bytes);
            }
            write_capture(capture, &mut bytes);
            stored.push(Stored {
                file: name.to_string(),
                offset: base + start as u64,
                length: (bytes.len() - start) as u64,
                record: Sha256::of(&bytes[start..]),
            });
        }
        let (_, file) = match &mut self.current {
            Some(current) if base > 0 => current,
            current => current.insert((name, self.vault.make_growing(&place(&name.to_string()))?)),
        };
        let parts = stored.iter().map(|stored| {
            let start = (stored.offset - base) as usize;
            &bytes[start..start + stored.length as usize]
        });
        if let Err(error) = file.append(parts, &bytes) {
            if base == 0 {
                // An archive file that holds nothing would be listed nowhere.
                self.current = None;
                let path = self.vault.desk().join(place(&name.to_string()));
                let _ = fs::remove_file(path);
            }
            return Err(error);
        }
        self.last = Some(name);
        Ok(stored)
    }

    /// Reads a capture back: exactly the one that was appended.
    pub fn read(
        vault: &Vault,
        file: &str,
        offset: u64,
        length: u64,
    ) -> Result<Capture, EvidenceError> {
        let name = FileName::parse(file).ok_or_else(|| no_name(vault.desk(), file))?;
        let place = place(&name.to_string());
        let mut span = Vec::new();
        let read = vault.open_file(&place).and_then(|mut from| {
            from.seek(SeekFrom::Start(offset))?;
            from.take(length).read_to_end(&mut span)
        });
        let at = format!("byte {offset}");
        read.map_err(|error| vault.unreadable(&place, &at, error))?;
        let damaged = |what: String| EvidenceError::damaged(&vault.desk().join(&place), at, what);
        if (span.len() as u64) < length {
            return Err(damaged("the file ends inside the capture".to_owned()));
        }
        read_capture(&span).map_err(damaged)
    }

    /// Puts tombstones in the place of captures of one file. Done again, it is the same as once. What
    /// of it the file does not hold (any more) is passed over: that is for `verify` to say.
    pub(crate) fn bury(&mut self, file: &str, graves: &[Grave]) -> Result<(), EvidenceError> {
        let name = FileName::parse(file).ok_or_else(|| no_name(self.vault.desk(), file))?;
        let place = place(&name.to_string());
        if !self.vault.desk().join(&place).is_file() {
            return Ok(());
        }
        grave::bury(&self.vault, &place, graves)?;
        if self.current.as_ref().is_some_and(|(current, _)| *current == name) {
            // It is another file by now, of the same name.
            self.current = self.vault.open_growing(&place)?.map(|growing| (name, growing));
        }
        Ok(())
    }

    /// The file that takes the next capture, and its length: a new one (length 0) when the present
    /// one is full or a new day has begun. A capture of an earlier day, kept late, goes where the
    /// archive stands: names follow the order of writing.
    fn place(&self, capture: &Capture) -> Result<(FileName, u64), EvidenceError> {
        // Years before 0 have no such name; they all go under day 0.
        let day = capture.fetched_at.strftime("%Y%m%d").to_string().parse().unwrap_or(0);
        match (&self.current, self.last) {
            (Some((name, file)), _) if file.len() < self.file_bytes && day <= name.day => {
                Ok((*name, file.len()))
            }
            (_, Some(last)) if day <= last.day => {
                Ok((FileName { day: last.day, number: last.number + 1 }, 0))
            }
            _ => Ok((FileName { day, number: 1 }, 0)),
        }
    }

    /// A file of which no custody entry lists anything.
    fn set_aside(&self, name: FileName) -> Result<Option<String>, EvidenceError> {
        let note = self.vault.set_aside(&name.to_string(), 0)?;
        durable::remove(&self.vault.desk().join(place(&name.to_string())))?;
        Ok(note)
    }
}

/// Where the archive lies in a desk.
pub(crate) const CAPTURES: &str = "captures";

fn place(file: &str) -> String {
    format!("{CAPTURES}/{file}")
}

/// `20261123-000001.warc.gz`: UTC day of the first capture, and a number within the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileName {
    day: u32,
    number: u32,
}

impl FileName {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (day, number) = name.strip_suffix(".warc.gz")?.split_once('-')?;
        let parsed = Self { day: day.parse().ok()?, number: number.parse().ok()? };
        (parsed.to_string() == name).then_some(parsed)
    }
}

impl std::fmt::Display for FileName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08}-{:06}.warc.gz", self.day, self.number)
    }
}

fn archive_files(dir: &Path) -> Result<Vec<FileName>, EvidenceError> {
    let mut names = Vec::new();
    for file in fs::read_dir(dir).map_err(EvidenceError::file("read", dir))? {
        let file = file.map_err(EvidenceError::file("read", dir))?;
        names.extend(file.file_name().to_str().and_then(FileName::parse));
    }
    names.sort();
    Ok(names)
}

/// What is wrong now would only be found when it is too late to collect it again.
fn check(capture: &Capture) -> Result<(), EvidenceError> {
    let id = &capture.id;
    let refused =
        |why: String| Err(EvidenceError::Refused { what: format!("capture {id}: {why}") });
    if capture.body.len() as u64 > BODY_BYTES {
        return refused(format!("its body is longer than {BODY_BYTES} bytes"));
    }
    if Sha256::of(&capture.body) != capture.sha256 {
        return refused("its digest is not that of its body".into());
    }
    let derived =
        CaptureId::derive(&capture.source, &capture.url, capture.fetched_at, &capture.sha256);
    if derived != *id {
        return refused(format!("by what it holds its id is {derived}"));
    }
    Ok(())
}

fn no_name(dir: &Path, file: &str) -> EvidenceError {
    let error = io::Error::new(io::ErrorKind::InvalidInput, "that is no name of a capture file");
    EvidenceError::file("read", dir.join(file))(error)
}
