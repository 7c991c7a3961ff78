use analytics::Archive;
use pipeline::Desk;

use super::progress::Progress;
use crate::args::Global;

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
    let replay = desk.replay()?;
    let read = replay.after(archive.applied())?;
    let read = read.map(|capture| Ok(capture.map(|read| (read.entry, read.postings))?));
    archive.take_in_all::<anyhow::Error>(read, last, &mut |entry| progress.at(entry, last))?;
    progress.end();
    Ok(archive)
}

/// Throws the archive away; the next command that needs it makes it anew.
pub(crate) fn discard(desk: &Desk) -> anyhow::Result<()> {
    Ok(Archive::open(&desk.dir().join("archive"))?.discard()?)
}
