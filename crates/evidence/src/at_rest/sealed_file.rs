//! A file of the desk, opened for reading, sealed or not.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use super::form::FileKey;
use super::index::Index;

/// A file as it was before anybody sealed it.
#[derive(Debug)]
pub(crate) enum Kept {
    /// It is not sealed.
    Plain(File),
    /// It is.
    Sealed(Box<SealedFile>),
}

impl Kept {
    /// Its plain length in bytes.
    pub(crate) fn length(&self) -> io::Result<u64> {
        match self {
            Self::Plain(file) => Ok(file.metadata()?.len()),
            Self::Sealed(file) => Ok(file.index.plain),
        }
    }

    /// So many bytes at its end are no whole frame: torn off, or changed.
    pub(crate) fn torn(&self) -> u64 {
        match self {
            Self::Plain(_) => 0,
            Self::Sealed(file) => file.length - file.index.sealed,
        }
    }
}

impl Read for Kept {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(into),
            Self::Sealed(file) => file.read(into),
        }
    }
}

impl Seek for Kept {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Plain(file) => file.seek(to),
            Self::Sealed(file) => file.seek(to),
        }
    }
}

/// A sealed file. Holds one frame in memory.
#[derive(Debug)]
pub(crate) struct SealedFile {
    file: File,
    /// Of the file as it lies.
    length: u64,
    grows: bool,
    key: FileKey,
    pub(super) index: Arc<Index>,
    at: u64,
    /// The frame that is open: its number, and what lies where.
    open: Option<(usize, u64)>,
    frame: Vec<u8>,
    sealed: Vec<u8>,
}

impl SealedFile {
    pub(super) fn new(
        (file, length): (File, u64),
        grows: bool,
        key: FileKey,
        index: Arc<Index>,
    ) -> Self {
        let (frame, sealed) = (Vec::new(), Vec::new());
        Self { file, length, grows, key, index, at: 0, open: None, frame, sealed }
    }

    pub(super) fn key(&self) -> &FileKey {
        &self.key
    }

    /// Whether more can be put at its end: nothing is torn there, and it was not written whole.
    pub(super) fn may_grow(&self) -> bool {
        self.grows && self.length == self.index.sealed
    }

    /// Has the frame open that holds the present place; false at the end.
    fn turn_to(&mut self) -> io::Result<bool> {
        let near = self.open.map_or(0, |(number, _)| number);
        let Some((number, place)) = self.index.holding(self.at, near) else { return Ok(false) };
        if self.open.is_some_and(|(open, _)| open == number) {
            return Ok(true);
        }
        self.open = None;
        self.file.seek(SeekFrom::Start(place.sealed.0))?;
        self.sealed.resize((place.sealed.1 - place.sealed.0) as usize, 0);
        self.file.read_exact(&mut self.sealed)?;
        if !self.key.open(&self.sealed, &mut self.frame) {
            let what = format!("what is encrypted from byte {} on was changed", place.plain.0);
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        self.open = Some((number, place.plain.0));
        Ok(true)
    }
}

impl Read for SealedFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() || !self.turn_to()? {
            return Ok(0);
        }
        let start = self.open.map_or(0, |(_, start)| start);
        let mut rest = self.frame.get((self.at - start) as usize..).unwrap_or_default();
        let read = rest.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for SealedFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at, by),
            SeekFrom::End(by) => (self.index.plain, by),
        };
        let at = from.checked_add_signed(by);
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
