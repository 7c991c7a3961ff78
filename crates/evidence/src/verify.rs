//! Verification: reads a desk's evidence as it lies, mends nothing, and names every place that is
//! not as it was written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use domain::{LeadId, Sha256};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::EvidenceError;
use crate::at_rest::Vault;
use crate::deleting::DELETION_PLAN;
use crate::entry::Entry;
use crate::event::Event;
use crate::inventory::Inventory;
use crate::reading::{Depth, Reading};
use crate::verify_deletions::Shortened;
use crate::verify_mark::{Earlier, ReadEarlier, VerifyMark};

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// Captures, snapshots and words that were deleted when their time was past, with their tombstones
    /// and shortened lines in order.
    pub deleted: u64,
    /// Snapshots that were read.
    pub snapshots: u64,
    /// Bytes of evidence that are accounted for.
    pub bytes: u64,
    /// What an earlier run has read of them, if this one went on with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<ReadEarlier>,
    /// All that is not as it was written, in the order of the custody log.
    pub faults: Vec<Fault>,
    /// What a crash left behind and was set aside: no evidence, and no fault.
    pub notes: Vec<String>,
}

/// Verifies the evidence of the desk in this folder: the chain of the custody log, each capture and
/// snapshot that it lists, that there is nothing that it does not list, the packets that were handed
/// out and still lie there, and the keys. `progress` is told how many bytes of how many are done. Each
/// byte is read once, on all cores, in bounded memory.
pub fn verify(
    desk_dir: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VerifyReport, EvidenceError> {
    let mut told = |done, total, _: &VerifyMark| progress(done, total);
    let vault = Vault::open(desk_dir, None)?;
    verify_from(&vault, Depth::Digests, None, Timestamp::UNIX_EPOCH, &mut told)
}

/// The same of a desk that may be encrypted, as deep as is asked for; and what an earlier run has read up to its mark, as deep, is not
/// read again, unless it had faults or its file was written to since. The log and all else is gone
/// through as ever. `now` is when this run begins; `progress` is also told the mark that it is at. With
/// [`Depth::Contents`], memory is that of the largest capture on each core.
pub fn verify_from(
    vault: &Vault,
    depth: Depth,
    earlier: Option<&VerifyMark>,
    now: Timestamp,
    progress: &mut dyn FnMut(u64, u64, &VerifyMark),
) -> Result<VerifyReport, EvidenceError> {
    let desk_dir = vault.desk();
    let earlier = Earlier::of(desk_dir, earlier.filter(|mark| mark.depth() >= depth))?;
    let mark = earlier.mark().cloned().unwrap_or_else(|| VerifyMark::start(now, depth));
    let files = Inventory::of(vault)?;
    let mut verification = Verification {
        files: &files,
        depth,
        ends: BTreeMap::new(),
        snapshots: BTreeMap::new(),
        times: BTreeSet::new(),
        handed_out: BTreeMap::new(),
        approvals: BTreeMap::new(),
        shortened: Shortened::default(),
        segment: 0,
        report: VerifyReport::default(),
        total: files.bytes(),
        earlier,
        mark,
        progress,
    };
    verification.custody()?;
    verification.unfounded();
    verification.left_over();
    verification.packets();
    verification.keys();
    let mut report = verification.report;
    report.earlier = verification.earlier.report();
    report.notes.extend(files.notes());
    if desk_dir.join(DELETION_PLAN).exists() {
        report.notes.push(format!(
            "{DELETION_PLAN}: deleting what is past its time was cut short; the next command \
             completes it, and faults that come of it end"
        ));
    }
    Ok(report)
}

pub(crate) struct Verification<'a> {
    pub(crate) files: &'a Inventory,
    pub(crate) depth: Depth,
    /// How far each WARC file is listed.
    pub(crate) ends: BTreeMap<String, u64>,
    /// The snapshots that are listed, with the digest that the file has.
    pub(crate) snapshots: BTreeMap<String, Option<Sha256>>,
    /// The records and tokens of trusted time that are listed.
    pub(crate) times: BTreeSet<String>,
    /// The packets that were handed out, plain or encrypted, by name.
    pub(crate) handed_out: BTreeMap<String, Vec<Sha256>>,
    /// Who approved a lead since it was last decided.
    approvals: BTreeMap<LeadId, Vec<String>>,
    /// The lines that were shortened, until a deletion speaks of them.
    pub(crate) shortened: Shortened,
    /// The segment of the custody log that is being read.
    pub(crate) segment: u64,
    pub(crate) report: VerifyReport,
    total: u64,
    pub(crate) earlier: Earlier,
    mark: VerifyMark,
    progress: &'a mut dyn FnMut(u64, u64, &VerifyMark),
}

impl Verification<'_> {
    /// Checks what an entry says and what came of reading what it lists, and moves the mark behind it.
    pub(crate) fn listed(&mut self, entry: &Entry, reading: Reading) {
        let before = self.report.faults.len();
        self.check(entry, reading);
        self.mark.move_to(entry.seq, entry.hash, self.report.faults.len() > before);
    }

    fn check(&mut self, entry: &Entry, reading: Reading) {
        self.note_short(entry);
        match &entry.event {
            Event::Capture { file, offset, length, .. } => {
                self.report.captures += 1;
                self.capture(entry.seq, (file, *offset, *length), reading);
            }
            Event::DeletedCapture { file, offset, length, .. } => {
                self.capture(entry.seq, (file, *offset, *length), reading);
            }
            Event::Deletion(deletion) => self.deletion(entry, deletion),
            Event::DeletedWords { was, leads, .. } if was == "decision" => {
                leads.iter().for_each(|lead| drop(self.approvals.remove(lead)));
            }
            Event::Snapshot { snapshot, .. } => self.snapshot(snapshot, reading),
            Event::Timestamp { record, token, .. } => {
                for file in [record, token] {
                    if !self.times.insert(file.clone()) {
                        continue;
                    }
                    match self.files.size("time", file) {
                        Some(size) => self.advance(size),
                        None => self.missing("time", file),
                    }
                }
                let Reading::Time(faults) = reading else { return };
                for (file, what) in faults {
                    if self.files.size("time", &file).is_some() {
                        self.fault("time", &file, "the whole file", what);
                    }
                }
            }
            Event::Decision { lead, .. } => {
                self.approvals.remove(lead);
            }
            Event::Approval { lead, .. } => {
                self.approvals.entry(lead.clone()).or_default().push(entry.actor.clone());
            }
            Event::Handover { file, encrypted, .. } => self.note_packet(file, *encrypted),
            Event::Export { lead, approved_by, packet, file } => {
                self.note_packet(file, *packet);
                if !entry.is_from_format(3) {
                    return;
                }
                let approved = self.approvals.get(lead);
                let approved = approved.is_some_and(|by| by.contains(approved_by));
                if !approved || *approved_by == entry.actor {
                    let what = format!(
                        "entry {} exports a packet without the approval of a second person",
                        entry.seq
                    );
                    self.fault(
                        "custody",
                        &crate::custody_read::segment_name(self.segment),
                        format!("entry {}", entry.seq),
                        what,
                    );
                }
            }
            _ => {}
        }
    }

    pub(crate) fn missing(&mut self, folder: &str, file: &str) {
        self.fault(folder, file, "the whole file", "it is missing");
    }

    pub(crate) fn fault(
        &mut self,
        folder: &str,
        file: &str,
        place: impl Into<String>,
        what: impl Into<String>,
    ) {
        let file = format!("{folder}/{file}");
        self.report.faults.push(Fault { file, place: place.into(), what: what.into() });
    }

    pub(crate) fn advance(&mut self, bytes: u64) {
        self.report.bytes += bytes;
        (self.progress)(self.report.bytes.min(self.total), self.total, &self.mark);
    }
}
