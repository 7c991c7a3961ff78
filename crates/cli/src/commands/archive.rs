use analytics::{Archive, Arrival};
use pipeline::Desk;

use super::progress::Progress;
use crate::args::Global;

/// Postings that are taken in at a time, and their text in bytes: what memory holds of them.
const POSTINGS_AT_A_TIME: usize = 20_000;
const BYTES_AT_A_TIME: usize = 32 << 20;

/// The desk's archive, with everything in it that the custody log has.
pub(crate) fn open(desk: &Desk, global: &Global) -> anyhow::Result<Archive> {
    let mut archive = Archive::open(&desk.dir().join("archive"))?;
    let last = desk.last_entry();
    if archive.applied() > last {
        // The desk was set back to a backup: the archive holds what is no longer there.
        archive.discard()?;
    }
    if archive.applied() == last {
        return Ok(archive);
    }
    let progress = Progress::things("archiving", last, global);
    let (mut arrivals, mut bytes, mut before) = (Vec::new(), 0, archive.applied());
    for replayed in desk.replay(archive.applied())? {
        let replayed = replayed?;
        // An entry is taken in whole: what the archive says it holds, it holds.
        if arrivals.len() >= POSTINGS_AT_A_TIME || bytes >= BYTES_AT_A_TIME {
            archive.take_in(std::mem::take(&mut arrivals), before)?;
            bytes = 0;
            progress.at(before, last);
        }
        before = replayed.entry;
        for (posting, assessment) in replayed.postings {
            bytes += posting.text.len();
            arrivals.push(Arrival { entry: replayed.entry, posting, assessment });
        }
    }
    archive.take_in(arrivals, last)?;
    progress.end();
    Ok(archive)
}

/// Throws the archive away; the next command that needs it makes it anew.
pub(crate) fn discard(desk: &Desk) -> anyhow::Result<()> {
    Ok(Archive::open(&desk.dir().join("archive"))?.discard()?)
}
