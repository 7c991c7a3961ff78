//! Carrying deletions out. The log speaks of a deletion before anything is gone: what a crash cuts
//! short is done again from the log, and done twice it is the same as once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::captures::CaptureArchive;
use crate::custody::CustodyLog;
use crate::custody_read::entries;
use crate::deletion::{Deleted, Deletion};
use crate::event::Event;
use crate::grave::Grave;
use crate::shortened::Cut;
use crate::{EvidenceError, durable};

/// What a run deletes lies here, in the desk's folder, until all of it is done.
pub const DELETION_PLAN: &str = "retention.plan";
/// Where packets lie that were made in the desk's folder.
pub const PACKETS: &str = "data/packets";
/// Where the records of who sent which tip lie.
pub const SENDERS: &str = "tips";

/// Deletes all that the log says is deleted after entry `after`: the bytes of captures, snapshots,
/// senders and packets first, the words in the log last. Memory grows with the number of deletions.
pub fn carry_out_deletions(
    desk: &Path,
    after: u64,
    log: &mut CustodyLog,
    captures: &mut CaptureArchive,
) -> Result<(), EvidenceError> {
    let custody = desk.join("custody");
    let mut deletions = Vec::new();
    for entry in entries(&custody, after)? {
        if let Event::Deletion(deletion) = entry?.event {
            deletions.push(*deletion);
        }
    }
    if deletions.is_empty() {
        return Ok(());
    }
    for (file, graves) in graves(&custody, &deletions)? {
        captures.bury(&file, &graves)?;
    }
    for deletion in &deletions {
        match &deletion.deleted {
            Deleted::Snapshot { file, .. } => remove(&desk.join("snapshots"), file)?,
            Deleted::Packet { file, .. } => remove(&desk.join(PACKETS), file)?,
            Deleted::Sender { files, .. } => {
                files.iter().try_for_each(|file| remove(&desk.join(SENDERS), file))?;
            }
            Deleted::LeftOver { file } => remove_left_over(desk, file)?,
            _ => {}
        }
    }
    let mut cuts: BTreeMap<u64, Cut<'_>> = BTreeMap::new();
    for deletion in &deletions {
        for short in &deletion.lines {
            let cut = cuts.entry(short.entry).or_default();
            cut.gone.push(&deletion.deleted);
            cut.line = Some(short.line);
        }
    }
    log.shorten(&cuts)
}

/// Where the captures lie that are deleted, by file and in its order. Their entries say it, whether
/// they are shortened already or not.
fn graves(
    custody: &Path,
    deletions: &[Deletion],
) -> Result<BTreeMap<String, Vec<Grave>>, EvidenceError> {
    let of_captures =
        deletions.iter().filter(|deletion| matches!(deletion.deleted, Deleted::Capture { .. }));
    let mut places: Vec<u64> =
        of_captures.flat_map(|deletion| &deletion.lines).map(|line| line.entry).collect();
    places.sort_unstable();
    let mut graves: BTreeMap<String, Vec<Grave>> = BTreeMap::new();
    let Some(first) = places.first() else { return Ok(graves) };
    for entry in entries(custody, first.saturating_sub(1))? {
        let entry = entry?;
        if places.binary_search(&entry.seq).is_err() {
            continue;
        }
        if let Event::Capture { capture, fetched_at, file, offset, length, .. }
        | Event::DeletedCapture { capture, fetched_at, file, offset, length, .. } = entry.event
        {
            let grave = Grave { capture, fetched_at, offset, length };
            graves.entry(file).or_default().push(grave);
        }
    }
    Ok(graves)
}

/// What crashes left and was set aside, from the desk's folder: ends of captures and of the log that
/// were never acknowledged.
pub const LEFT_OVER: [&str; 2] = ["captures/unacknowledged", "custody/torn"];

fn remove_left_over(desk: &Path, file: &str) -> Result<(), EvidenceError> {
    let place = file.rsplit_once('/').filter(|(folder, _)| LEFT_OVER.contains(folder));
    place.map_or(Ok(()), |(folder, name)| remove(&desk.join(folder), name))
}

/// Removes a file of a folder. A name that would lead out of it is none that we gave.
fn remove(dir: &Path, file: &str) -> Result<(), EvidenceError> {
    let is_plain = Path::new(file).file_name().is_some_and(|name| name == file);
    if is_plain && dir.join(file).is_file() {
        durable::remove(&dir.join(file))?;
    }
    Ok(())
}
