//! Where the frames of a sealed file lie.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::form::{FRAME_HEAD, Frame, HEAD};

/// The frames of a file, as far as they are whole and follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// Where each begins: in the plain file, and in the sealed one.
    frames: Vec<(u64, u64)>,
    /// Length of the plain file.
    pub(crate) plain: u64,
    /// Where the frames end in the sealed file.
    pub(crate) sealed: u64,
    /// How the last of them begins.
    last: [u8; FRAME_HEAD],
}

/// A frame among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where it begins in the plain file, and where the next one does.
    pub(crate) plain: (u64, u64),
    /// The same in the sealed file.
    pub(crate) sealed: (u64, u64),
}

impl Index {
    /// Of a file that is a head alone.
    pub(crate) fn empty() -> Self {
        Self { frames: Vec::new(), plain: 0, sealed: HEAD as u64, last: [0; FRAME_HEAD] }
    }

    /// Goes on from where it ended, up to this length of the sealed file or the first bytes that are no
    /// whole frame.
    pub(crate) fn walk(&mut self, file: impl Read + Seek, length: u64) -> io::Result<()> {
        let mut file = BufReader::new(file);
        file.seek(SeekFrom::Start(self.sealed))?;
        let mut head = [0; FRAME_HEAD];
        while length.saturating_sub(self.sealed) >= FRAME_HEAD as u64 {
            file.read_exact(&mut head)?;
            let frame = Frame::parse(&head).filter(|frame| frame.offset == self.plain);
            let Some(frame) = frame else { return Ok(()) };
            let end = self.sealed + FRAME_HEAD as u64 + frame.stored;
            if end > length {
                return Ok(());
            }
            self.frames.push((self.plain, self.sealed));
            self.last = head;
            self.plain += frame.length;
            self.sealed = end;
            file.seek_relative(frame.stored as i64)?;
        }
        Ok(())
    }

    /// Whether a file that has the same head still has these frames: a write that failed is cut off, and
    /// others come in its place. A nonce is never the same, so the last frame tells of all.
    pub(crate) fn is_of(&self, mut file: impl Read + Seek) -> bool {
        let Some((_, last)) = self.frames.last() else { return true };
        let mut head = [0; FRAME_HEAD];
        let read = file.seek(SeekFrom::Start(*last)).and_then(|_| file.read_exact(&mut head));
        read.is_ok() && head == self.last
    }

    /// The frame that has this byte of the plain file. `near` is looked at first: the one before.
    pub(crate) fn holding(&self, at: u64, near: usize) -> Option<(usize, Place)> {
        let holds =
            |number: usize| self.place(number).filter(|p| (p.plain.0..p.plain.1).contains(&at));
        let search = || self.frames.partition_point(|(plain, _)| *plain <= at).checked_sub(1);
        let near = [near, near + 1].into_iter().find(|number| holds(*number).is_some());
        let number = near.or_else(search)?;
        Some((number, holds(number)?))
    }

    /// Where the sealed file is to be cut so that the plain one ends here; `None` inside a frame.
    pub(crate) fn boundary(&self, at: u64) -> Option<u64> {
        if at == self.plain {
            return Some(self.sealed);
        }
        let number = self.frames.binary_search_by_key(&at, |(plain, _)| *plain).ok()?;
        self.frames.get(number).map(|(_, sealed)| *sealed)
    }

    fn place(&self, number: usize) -> Option<Place> {
        let (plain, sealed) = *self.frames.get(number)?;
        let end = self.frames.get(number + 1).copied().unwrap_or((self.plain, self.sealed));
        Some(Place { plain: (plain, end.0), sealed: (sealed, end.1) })
    }
}
