//! The first half of verification: the chain of the custody log.

use std::fs::File;
use std::io::BufReader;

use domain::Sha256;

use crate::EvidenceError;
use crate::custody::{HEAD, Head, TORN};
use crate::custody_read::{segment_name, segment_number};
use crate::entry::{Entry, no_entry, stated_hash};
use crate::reading::Reading;
use crate::signed_head::{KEY, SIGNED, signed_head};
use crate::verify::{Fault, Verification};
use crate::verify_batch::{Line, next_lines, parsed};

/// How far the chain was followed.
struct Chain {
    seq: u64,
    hash: Option<Sha256>,
    sealed: Option<Head>,
    sealed_is_met: bool,
    /// The head under the desk's key, until its entry is met.
    signed: Option<(u64, Sha256)>,
}

impl Verification<'_> {
    pub(crate) fn custody(&mut self) -> Result<(), EvidenceError> {
        let sealed = self.head();
        let met = sealed == Some(Head::none());
        let signed = self.signed();
        let (hash, sealed_is_met) = (Some(no_entry()), met);
        let mut chain = Chain { seq: 0, hash, sealed, sealed_is_met, signed };
        let mut last = 0;
        let files = self.files;
        for (name, _) in files.of_folder("custody", TORN) {
            let Some(number) = segment_number(name) else { continue };
            self.missing_segments(last + 1, number);
            self.segment(number, &mut chain)?;
            last = number;
        }
        let expected = sealed.map_or(0, |head| head.segment);
        self.missing_segments(last + 1, expected.saturating_add(1));
        if expected <= last {
            self.sealed_end(&segment_name(last), &chain);
        }
        if let Some((seq, _)) = chain.signed.filter(|(seq, _)| *seq > 0) {
            let what = format!("the log ends before entry {seq}, which the desk's key signed");
            self.fault("custody", SIGNED, "its number", &what);
            self.fault("custody", &segment_name(last.max(1)), "its end", what);
        }
        Ok(())
    }

    /// What `head.json` says, if it is whole.
    fn head(&mut self) -> Option<Head> {
        if self.files.size("custody", HEAD).is_none() {
            // A desk that was never opened has no log, and nothing that it could have lost.
            if !self.files.is_empty() {
                self.missing("custody", HEAD);
            }
            return None;
        }
        let bytes = std::fs::read(self.files.path("custody", HEAD)).unwrap_or_default();
        self.advance(bytes.len() as u64);
        let head: Option<Head> = serde_json::from_slice(&bytes).ok();
        let whole = head.filter(|head| head.format == 1 && head.to_bytes() == bytes);
        if whole.is_none() {
            self.fault("custody", HEAD, "its start", "it is not as it was sealed");
        }
        whole
    }

    /// The head that the desk's key signed, if it did and all of it agrees.
    fn signed(&mut self) -> Option<(u64, Sha256)> {
        let sizes = [SIGNED, KEY].map(|name| self.files.size("custody", name));
        self.advance(sizes.into_iter().flatten().sum());
        match signed_head(&self.files.path("custody", "")) {
            None => None,
            Some(Ok(head)) => Some(head),
            Some(Err(what)) => {
                for name in [SIGNED, KEY] {
                    self.fault("custody", name, "the whole file", &what);
                }
                None
            }
        }
    }

    fn missing_segments(&mut self, from: u64, to: u64) {
        // No more than a person would read: a number can be damaged, too.
        for number in (from..to).take(100) {
            self.missing("custody", &segment_name(number));
        }
    }

    fn segment(&mut self, segment: u64, chain: &mut Chain) -> Result<(), EvidenceError> {
        self.segment = segment;
        let name = &segment_name(segment);
        let path = self.files.path("custody", name);
        let mut lines = match File::open(&path) {
            Ok(file) => BufReader::with_capacity(256 * 1024, file),
            Err(error) => {
                self.fault("custody", name, "its start", format!("it cannot be read: {error}"));
                return Ok(());
            }
        };
        let mut number = 0;
        loop {
            let (batch, end) = next_lines(&mut lines, number);
            number += batch.len() as u64;
            let mut entries = parsed(&batch, &path);
            let mut batch = batch.iter();
            while !entries.is_empty() {
                let readings = self.readings(&entries);
                let rest = entries.split_off(readings.len());
                for ((line, entry), reading) in (&mut batch).zip(entries).zip(readings) {
                    self.line(line, entry, reading, chain)?;
                }
                entries = rest;
            }
            match end {
                None => {}
                Some(Ok(())) => return Ok(()),
                Some(Err(error)) => {
                    let what = format!("it cannot be read: {error}");
                    self.fault("custody", name, format!("line {}", number + 1), what);
                    return Ok(());
                }
            }
        }
    }

    fn line(
        &mut self,
        line: &Line,
        entry: Result<Entry, EvidenceError>,
        reading: Reading,
        chain: &mut Chain,
    ) -> Result<(), EvidenceError> {
        let name = &segment_name(self.segment);
        self.advance(line.bytes.len() as u64 + u64::from(line.terminated));
        if !line.terminated {
            let what = "the line is not whole; if a crash left it, the next command sets it aside";
            self.fault("custody", name, line.place(), what);
        }
        match entry {
            Ok(entry) => {
                self.link(self.segment, line.number, &entry, chain);
                self.listed(&entry, reading);
            }
            Err(EvidenceError::Damaged { what, .. }) => {
                self.fault("custody", name, line.place(), what);
                chain.seq += 1;
                // The next line is still held against what this one states of itself.
                chain.hash = stated_hash(&line.bytes);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn link(&mut self, segment: u64, line: u64, entry: &Entry, chain: &mut Chain) {
        self.report.entries += 1;
        let (name, place) = (segment_name(segment), format!("line {line}"));
        if line == 1 && segment > 1 && entry.seq > chain.seq + 1 {
            let what = format!("entries {} to {} are missing", chain.seq + 1, entry.seq - 1);
            self.fault("custody", &segment_name(segment - 1), "its end", what);
        } else if entry.seq != chain.seq + 1 {
            let what =
                format!("it has entry {} and should have entry {}", entry.seq, chain.seq + 1);
            self.fault("custody", &name, &place, what);
        } else if chain.hash.is_some_and(|hash| hash != entry.prev) {
            let what = format!("entry {} does not continue the entry before it", entry.seq);
            self.fault("custody", &name, &place, what);
        }
        chain.seq = entry.seq;
        chain.hash = Some(entry.hash);
        if let Some((seq, hash)) = chain.signed.filter(|(seq, _)| *seq == entry.seq) {
            if hash != entry.hash {
                let what = format!("entry {seq} is not the one that the desk's key signed");
                self.fault("custody", &name, &place, what);
            }
            chain.signed = None;
        }
        let head = Head::at(entry.seq, entry.hash, segment);
        chain.sealed_is_met |= chain.sealed == Some(head);
    }

    fn sealed_end(&mut self, last: &str, chain: &Chain) {
        let Some(sealed) = chain.sealed else { return };
        if sealed.seq > chain.seq {
            let what =
                format!("the log ends with entry {}, it was sealed with {}", chain.seq, sealed.seq);
            self.fault("custody", last, "its end", &what);
            self.fault("custody", HEAD, "its number", what);
        } else if !chain.sealed_is_met && !self.log_has_faults() {
            let what = format!("entry {} has another hash than when it was sealed", sealed.seq);
            self.fault("custody", last, format!("entry {}", sealed.seq), &what);
            self.fault("custody", HEAD, "its hash", what);
        }
    }

    /// The seal cannot agree with a log that has faults of its own; those say enough.
    fn log_has_faults(&self) -> bool {
        // What an entry says may be wrong in a log whose chain is whole: such faults name the entry.
        let of_chain = |fault: &Fault| {
            fault.file.starts_with("custody/log-") && !fault.place.starts_with("entry ")
        };
        self.report.faults.iter().any(of_chain)
    }
}
