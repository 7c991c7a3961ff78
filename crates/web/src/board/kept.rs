//! The board as a file, so that a start need not read every lead. It lies with the index, which
//! takes it away when it is made anew ([`store::Store::view_file`]), and says up to which entry of
//! the custody log it holds everything; what came later is looked at again. It is read part by part,
//! each with its digest: what does not read back is made from the index, as if there were no file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use domain::{LeadId, Sha256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Inner;
use super::acts::Act;
use super::rows::{Named, Row};

/// What the file starts with. The number changes with anything that a row says or how words are cut
/// (`pipeline::search_words`): a file of another number is not read.
const BEGINS: &[u8] = b"fusion board 2\n";

/// Rows and acts that are written together, and words.
const TOGETHER: usize = 2_000;
/// Ends a part of words that has so many leads.
const LEADS_TOGETHER: usize = 200_000;
/// No part is longer.
const MOST_BYTES: u32 = 256 * 1024 * 1024;

/// What a file holds, in this order.
#[derive(Serialize, Deserialize)]
pub(super) enum Part {
    Head(Head),
    Rows(Vec<Row>),
    Acts(Vec<KeptAct>),
    /// Each word with its rows: the first, then by how much each is greater than the one before.
    Words(Vec<(Box<str>, Vec<u32>)>),
    /// Without it, the file was not written to its end.
    End,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    /// The last entry of the custody log that the board took note of.
    pub(super) seen: u64,
    pub(super) rows: u32,
    pub(super) named: Named,
}

/// An act with its event as the log writes it, whose form keeps for longer than a number would.
#[derive(Serialize, Deserialize)]
pub(super) struct KeptAct {
    seq: u64,
    at: i128,
    by: String,
    event: String,
    leads: Vec<LeadId>,
}

impl KeptAct {
    fn of(act: &Act) -> io::Result<Self> {
        Ok(Self {
            seq: act.seq,
            at: act.at.as_nanosecond(),
            by: act.by.clone(),
            event: serde_json::to_string(&act.event)?,
            leads: act.leads.clone(),
        })
    }

    pub(super) fn into_act(self) -> io::Result<Act> {
        Ok(Act {
            seq: self.seq,
            at: Timestamp::from_nanosecond(self.at).map_err(io::Error::other)?,
            by: self.by,
            event: serde_json::from_str(&self.event)?,
            leads: self.leads,
        })
    }
}

/// Writes the board, whole or not at all.
pub(super) fn write(inner: &Inner, path: &Path) -> io::Result<()> {
    let part = path.with_extension("part");
    let written = File::create(&part).and_then(|file| {
        let mut parts = Writing(BufWriter::new(file));
        parts.0.write_all(BEGINS)?;
        write_parts(inner, &mut parts)?;
        parts.0.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    });
    written.and_then(|()| std::fs::rename(&part, path)).inspect_err(|_| {
        // It counts as nothing; only its space is missed.
        let _ = std::fs::remove_file(&part);
    })
}

fn write_parts(inner: &Inner, parts: &mut Writing) -> io::Result<()> {
    let rows = &inner.rows;
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    parts.write(&Part::Head(Head { seen: inner.seen, rows: count, named: rows.named() }))?;
    for first in (0..rows.len()).step_by(TOGETHER) {
        let some = first..rows.len().min(first + TOGETHER);
        parts.write(&Part::Rows(some.map(|row| rows.row(row)).collect()))?;
    }
    let mut acts = inner.acts.all().peekable();
    while acts.peek().is_some() {
        let some: io::Result<_> = acts.by_ref().take(TOGETHER).map(KeptAct::of).collect();
        parts.write(&Part::Acts(some?))?;
    }
    let (mut words, mut leads) = (Vec::new(), 0);
    for (word, of_word) in inner.words.all() {
        leads += of_word.len();
        words.push((word.into(), apart(of_word)));
        if words.len() >= TOGETHER || leads >= LEADS_TOGETHER {
            parts.write(&Part::Words(std::mem::take(&mut words)))?;
            leads = 0;
        }
    }
    parts.write(&Part::Words(words))?;
    parts.write(&Part::End)
}

fn apart(rows: &[u32]) -> Vec<u32> {
    let before = std::iter::once(&0).chain(rows);
    rows.iter().zip(before).map(|(row, before)| row.wrapping_sub(*before)).collect()
}

/// The rows that [`apart`] was given.
pub(super) fn together(apart: Vec<u32>) -> Vec<u32> {
    let mut row = 0_u32;
    let step = |step| {
        row = row.wrapping_add(step);
        row
    };
    apart.into_iter().map(step).collect()
}

struct Writing(BufWriter<File>);

impl Writing {
    fn write(&mut self, part: &Part) -> io::Result<()> {
        let bytes = postcard::to_allocvec(part).map_err(io::Error::other)?;
        write_framed(&mut self.0, &bytes)
    }
}

fn write_framed(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(Sha256::of(bytes).as_bytes())?;
    to.write_all(bytes)
}

/// A file that is being read.
pub(super) struct Reading(BufReader<File>);

impl Reading {
    /// `None`: there is no file, or it is of another form.
    pub(super) fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut file = BufReader::with_capacity(256 * 1024, file);
        let mut begins = [0; BEGINS.len()];
        file.read_exact(&mut begins)?;
        Ok((begins == BEGINS).then_some(Self(file)))
    }

    pub(super) fn next(&mut self) -> io::Result<Part> {
        let (mut length, mut digest) = ([0; 4], [0; 32]);
        self.0.read_exact(&mut length)?;
        self.0.read_exact(&mut digest)?;
        let length = u32::from_le_bytes(length);
        if length > MOST_BYTES {
            return Err(io::Error::other("a part of it is too long"));
        }
        let mut bytes = Vec::new();
        (&mut self.0).take(u64::from(length)).read_to_end(&mut bytes)?;
        if Sha256::of(&bytes).as_bytes() != &digest {
            return Err(io::Error::other("a part of it is not as it was written"));
        }
        postcard::from_bytes(&bytes).map_err(io::Error::other)
    }
}

/// The same file as if the log had gone on by a thousand entries.
#[cfg(test)]
pub(crate) fn of_a_later_entry(file: &[u8]) -> Vec<u8> {
    let (begins, rest) = file.split_at(BEGINS.len());
    let (length, rest) = rest.split_first_chunk::<4>().expect("a length");
    let (head, others) = rest[32..].split_at(u32::from_le_bytes(*length) as usize);
    let Part::Head(head) = postcard::from_bytes(head).expect("a head") else { panic!("no head") };
    let head = Part::Head(Head { seen: head.seen + 1_000, ..head });
    let mut later = begins.to_vec();
    let head = postcard::to_allocvec(&head).expect("a head again");
    write_framed(&mut later, &head).expect("memory takes it");
    [later, others.to_vec()].concat()
}
