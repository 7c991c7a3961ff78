//! Writing a whole file of the desk, sealed or not.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};

use super::form::{FileKey, Head, MOST};

/// What is put into a file that is written anew.
pub(crate) struct Inlet<'a> {
    file: &'a mut File,
    sealing: Option<Sealing>,
}

struct Sealing {
    key: FileKey,
    /// Where the bytes begin, in the plain file, that wait for their frame.
    start: u64,
    waiting: Vec<u8>,
    sealed: Vec<u8>,
}

impl<'a> Inlet<'a> {
    pub(super) fn plain(file: &'a mut File) -> Self {
        Self { file, sealing: None }
    }

    pub(super) fn sealed(file: &'a mut File, head: Head, key: FileKey) -> io::Result<Self> {
        file.write_all(&head.to_bytes())?;
        let sealing = Sealing { key, start: 0, waiting: Vec::new(), sealed: Vec::new() };
        Ok(Self { file, sealing: Some(sealing) })
    }

    /// Puts bytes behind what is there.
    pub(crate) fn put(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let Some(sealing) = &mut self.sealing else { return self.file.write_all(bytes) };
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(bytes.len().min(MOST - sealing.waiting.len()));
            sealing.waiting.extend_from_slice(piece);
            bytes = rest;
            if sealing.waiting.len() == MOST {
                sealing.seal(self.file)?;
            }
        }
        Ok(())
    }

    /// Puts so many zeros behind it, which take no space or hardly any.
    pub(crate) fn put_zeros(&mut self, count: u64) -> io::Result<()> {
        let Some(sealing) = &mut self.sealing else {
            // The file system keeps no page for them. Something is always written behind them.
            return self.file.seek(SeekFrom::Current(count.cast_signed())).map(drop);
        };
        sealing.seal(self.file)?;
        sealing.key.seal_zeros(sealing.start, count, &mut sealing.sealed)?;
        sealing.start += count;
        sealing.write(self.file)
    }

    /// Copies so many bytes out of another file.
    pub(crate) fn copy(&mut self, from: &mut impl io::Read, length: u64) -> io::Result<()> {
        let (mut piece, mut left) = (vec![0; MOST], length);
        while left > 0 {
            let wanted = left.min(MOST as u64) as usize;
            match from.read(&mut piece[..wanted]) {
                Ok(0) => {
                    let what = "the file became shorter while it was read";
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
                }
                Ok(read) => {
                    self.put(&piece[..read])?;
                    left -= read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        match &mut self.sealing {
            Some(sealing) => sealing.seal(self.file),
            None => Ok(()),
        }
    }
}

impl Sealing {
    fn seal(&mut self, file: &mut File) -> io::Result<()> {
        if self.waiting.len() == MOST && self.waiting.iter().all(|byte| *byte == 0) {
            self.key.seal_zeros(self.start, MOST as u64, &mut self.sealed)?;
        } else {
            self.key.seal(self.start, &self.waiting, &mut self.sealed)?;
        }
        self.start += self.waiting.len() as u64;
        self.waiting.clear();
        self.write(file)
    }

    fn write(&mut self, file: &mut File) -> io::Result<()> {
        file.write_all(&self.sealed)?;
        self.sealed.clear();
        Ok(())
    }
}
