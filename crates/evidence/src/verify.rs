//! Verification: reads a desk's evidence as it lies, mends nothing, and names every place that is
//! not as it was written.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use domain::{CaptureId, Sha256, Snapshot};
use serde::Serialize;

use crate::captures::UNACKNOWLEDGED;
use crate::custody::{HEAD, Head, TORN};
use crate::custody_read::{read_line, segment_name, segment_number};
use crate::durable::digest_of;
use crate::event::{Entry, Event, no_entry, stated_hash};
use crate::inventory::{Inventory, SpanReader, is_part};
use crate::{EvidenceError, capture_records};

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The file, from the desk's folder: `captures/20261123-000001.warc.gz`.
    pub file: String,
    /// Where in it.
    pub place: String,
    /// What does not agree.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.file, self.place, self.what)
    }
}

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Custody entries that were read.
    pub entries: u64,
    /// Captures that were read.
    pub captures: u64,
    /// Snapshots that were read.
    pub snapshots: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// All that is not as it was written, in the order of the custody log.
    pub faults: Vec<Fault>,
    /// What a crash left behind and was set aside: no evidence, and no fault.
    pub notes: Vec<String>,
}

/// Verifies the evidence of the desk in this folder: the chain of the custody log, each capture and
/// snapshot that it lists, and that there is nothing that it does not list. `progress` is told how
/// many bytes of how many are done. Memory is that of the largest capture.
pub fn verify(
    desk_dir: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VerifyReport, EvidenceError> {
    let files = Inventory::of(desk_dir)?;
    let spans = SpanReader::new(desk_dir.join("captures"));
    let mut verification = Verification {
        files: &files,
        spans,
        ends: BTreeMap::new(),
        snapshots: BTreeMap::new(),
        report: VerifyReport::default(),
        total: files.bytes(),
        progress,
    };
    verification.custody()?;
    verification.left_over();
    let mut report = verification.report;
    report.notes.extend(files.notes());
    Ok(report)
}

struct Verification<'a> {
    files: &'a Inventory,
    spans: SpanReader,
    /// How far each WARC file is listed.
    ends: BTreeMap<String, u64>,
    /// The snapshots that are listed, with the digest that the file has.
    snapshots: BTreeMap<String, Option<Sha256>>,
    report: VerifyReport,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

/// How far the chain was followed.
struct Chain {
    seq: u64,
    hash: Option<Sha256>,
    sealed: Option<Head>,
    sealed_is_met: bool,
}

impl Verification<'_> {
    fn custody(&mut self) -> Result<(), EvidenceError> {
        let sealed = self.head();
        let met = sealed.is_some_and(|head| head.seq == 0 && head.hash == no_entry());
        let mut chain = Chain { seq: 0, hash: Some(no_entry()), sealed, sealed_is_met: met };
        let mut last = 0;
        let files = self.files;
        for (name, _) in files.of_folder("custody", TORN) {
            let Some(number) = segment_number(name) else { continue };
            for missing in last + 1..number.min(last + 10) {
                self.missing("custody", &segment_name(missing));
            }
            last = number;
            self.segment(name, &mut chain)?;
        }
        self.sealed_end(&segment_name(last.max(1)), &chain);
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

    fn segment(&mut self, name: &str, chain: &mut Chain) -> Result<(), EvidenceError> {
        let path = self.files.path("custody", name);
        let mut lines = match File::open(&path) {
            Ok(file) => BufReader::with_capacity(256 * 1024, file),
            Err(error) => {
                self.fault("custody", name, "its start", format!("it cannot be read: {error}"));
                return Ok(());
            }
        };
        let mut line = Vec::new();
        for number in 1_u64.. {
            let place = format!("line {number}");
            let terminated = match read_line(&mut lines, &mut line) {
                Ok(Some(terminated)) => terminated,
                Ok(None) => break,
                Err(error) => {
                    self.fault("custody", name, place, format!("it cannot be read: {error}"));
                    break;
                }
            };
            self.advance(line.len() as u64 + u64::from(terminated));
            if !terminated {
                let what =
                    "the line is not whole; if a crash left it, the next command sets it aside";
                self.fault("custody", name, &place, what);
            }
            match Entry::parse(&line, &path, &place) {
                Ok(entry) => {
                    self.link(name, &place, &entry, chain);
                    self.listed(&entry);
                }
                Err(EvidenceError::Damaged { what, .. }) => {
                    self.fault("custody", name, place, what);
                    chain.seq += 1;
                    // The next line is still held against what this one states of itself.
                    chain.hash = stated_hash(&line);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn link(&mut self, name: &str, place: &str, entry: &Entry, chain: &mut Chain) {
        self.report.entries += 1;
        if entry.seq != chain.seq + 1 {
            let what =
                format!("it has entry {} and should have entry {}", entry.seq, chain.seq + 1);
            self.fault("custody", name, place, what);
        } else if chain.hash.is_some_and(|hash| hash != entry.prev) {
            let what = format!("entry {} does not continue the entry before it", entry.seq);
            self.fault("custody", name, place, what);
        }
        chain.seq = entry.seq;
        chain.hash = Some(entry.hash);
        let head = Head::at(entry.seq, entry.hash);
        chain.sealed_is_met |= chain.sealed == Some(head);
    }

    fn sealed_end(&mut self, last: &str, chain: &Chain) {
        let Some(sealed) = chain.sealed else { return };
        if sealed.seq > chain.seq {
            let what =
                format!("the log ends with entry {}, it was sealed with {}", chain.seq, sealed.seq);
            self.fault("custody", last, "its end", &what);
            self.fault("custody", HEAD, "its number", what);
        } else if !chain.sealed_is_met && self.report.faults.iter().all(|fault| fault.is_no_log()) {
            let what = format!("entry {} has another hash than when it was sealed", sealed.seq);
            self.fault("custody", last, format!("entry {}", sealed.seq), &what);
            self.fault("custody", HEAD, "its hash", what);
        }
    }

    /// Checks what an entry lists.
    fn listed(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Capture { file, offset, length, record, .. } => {
                self.report.captures += 1;
                if let Err((place, what)) = self.capture(entry, file, *offset, *length, record) {
                    self.fault("captures", file, place, what);
                }
            }
            Event::Snapshot { snapshot, .. } => self.snapshot(snapshot),
            _ => {}
        }
    }

    fn capture(
        &mut self,
        entry: &Entry,
        file: &str,
        offset: u64,
        length: u64,
        record: &Sha256,
    ) -> Result<(), (String, String)> {
        let listed = self.ends.insert(file.to_owned(), offset.saturating_add(length));
        let place = format!("byte {offset}");
        let fail = |what: String| Err((place.clone(), what));
        let Some(size) = self.files.size("captures", file) else {
            // Said once for the file, not for each of its captures.
            return match listed {
                None => Err(("its start".into(), "the file is missing".into())),
                Some(_) => Ok(()),
            };
        };
        let before = listed.unwrap_or(0);
        if before != offset {
            let what =
                format!("entry {} lists bytes from {offset}, it should from {before}", entry.seq);
            return fail(what);
        }
        if offset.saturating_add(length) > size {
            return fail(format!(
                "the file ends at {size}, inside the capture of entry {}",
                entry.seq
            ));
        }
        let span = match self.spans.read(file, offset, length) {
            Ok(span) => span,
            Err(error) => return fail(format!("it cannot be read: {error}")),
        };
        let digest = Sha256::of(span);
        let read = if digest == *record {
            capture_records::read_capture(span)
        } else {
            Err(format!("{length} bytes have digest {digest}, entry {} states {record}", entry.seq))
        };
        self.advance(length);
        let capture = match read {
            Ok(capture) => capture,
            Err(what) => return fail(what),
        };
        match &entry.event {
            Event::Capture { capture: id, source, role, url, fetched_at, payload, .. }
                if (&capture.id, &capture.source, &capture.url) == (id, source, url)
                    && (capture.role, capture.fetched_at) == (*role, *fetched_at)
                    && capture.sha256 == *payload
                    && *id == CaptureId::derive(source, url, *fetched_at, payload) =>
            {
                Ok(())
            }
            _ => fail(format!("it holds another capture than entry {} says", entry.seq)),
        }
    }

    fn snapshot(&mut self, snapshot: &Snapshot) {
        self.report.snapshots += 1;
        let file = &snapshot.file;
        let known = self.snapshots.get(file).copied();
        let digest = match known {
            Some(digest) => digest,
            None => self.digest_of_snapshot(file),
        };
        self.snapshots.insert(file.clone(), digest);
        if digest.is_some_and(|digest| digest != snapshot.sha256) {
            let what =
                format!("it is not as it was taken: its digest should be {}", snapshot.sha256);
            self.fault("snapshots", file, "the whole file", what);
        }
    }

    fn digest_of_snapshot(&mut self, file: &str) -> Option<Sha256> {
        let Some(size) = self.files.size("snapshots", file) else {
            self.missing("snapshots", file);
            return None;
        };
        let path = self.files.path("snapshots", file);
        let digest = File::open(path).and_then(|mut file| digest_of(&mut file));
        self.advance(size);
        match digest {
            Ok(digest) => Some(digest),
            Err(error) => {
                self.fault("snapshots", file, "its start", format!("it cannot be read: {error}"));
                None
            }
        }
    }

    /// What no entry lists.
    fn left_over(&mut self) {
        const CRASH: &str = "if a crash left it, the next command sets it aside";
        let files = self.files;
        for (file, size) in files.of_folder("captures", UNACKNOWLEDGED) {
            match self.ends.get(file) {
                None => {
                    let what = format!("no custody entry lists the file; {CRASH}");
                    self.fault("captures", file, "its start", what);
                }
                Some(end) if size > *end => {
                    let what = format!("{} bytes that no custody entry lists; {CRASH}", size - end);
                    self.fault("captures", file, format!("byte {end}"), what);
                }
                Some(_) => {}
            }
        }
        for (file, _) in files.of_folder("snapshots", "") {
            if !self.snapshots.contains_key(file) && !is_part(file) {
                self.fault("snapshots", file, "the whole file", "no custody entry lists it");
            }
        }
        for (file, _) in files.of_folder("custody", TORN) {
            if segment_number(file).is_none() && file != HEAD && !is_part(file) {
                self.fault("custody", file, "the whole file", "it does not belong to the log");
            }
        }
    }

    fn missing(&mut self, folder: &str, file: &str) {
        self.fault(folder, file, "the whole file", "it is missing");
    }

    fn fault(
        &mut self,
        folder: &str,
        file: &str,
        place: impl Into<String>,
        what: impl Into<String>,
    ) {
        let file = format!("{folder}/{file}");
        self.report.faults.push(Fault { file, place: place.into(), what: what.into() });
    }

    fn advance(&mut self, bytes: u64) {
        self.report.bytes += bytes;
        (self.progress)(self.report.bytes.min(self.total), self.total);
    }
}

impl Fault {
    fn is_no_log(&self) -> bool {
        !self.file.starts_with("custody/log-")
    }
}
