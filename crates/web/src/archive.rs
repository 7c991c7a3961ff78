//! The archive of all postings, read for the page of trends: brought up to date beside the desk when
//! somebody asks for it, and counted once for all who look.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use analytics::{AnalyticsError, Archive, Brief, BriefOptions, Week};
use jiff::{SignedDuration, Timestamp};
use pipeline::{PipelineError, Replay};

/// Counts below are not shown, as in a brief: a small count can point at a person.
pub(crate) const SHOWN_FROM: u64 = 5;
/// Weeks of past that a week is held against.
const PAST: i32 = 12;

/// What is known of the archive while the app runs.
#[derive(Default)]
pub(crate) struct Counted {
    /// Held while the archive is written.
    writing: Mutex<()>,
    last: Mutex<Option<Arc<Figures>>>,
}

/// A week in numbers.
pub(crate) struct Figures {
    /// How far the archive had come: the number of an entry of the custody log.
    pub(crate) applied: u64,
    pub(crate) brief: Brief,
    week: Week,
}

impl Counted {
    /// The numbers of the last whole week, out of the archive as it stands.
    pub(crate) fn figures(
        &self,
        desk: &Path,
        now: Timestamp,
    ) -> Result<Arc<Figures>, AnalyticsError> {
        let week = Week::of(now - SignedDuration::from_hours(7 * 24));
        // Whoever waits for the same numbers finds them made.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let archive = Archive::open(&desk.join("archive"))?;
        let applied = archive.applied();
        if let Some(known) = &*last
            && (known.week, known.applied) == (week, applied)
        {
            return Ok(known.clone());
        }
        let options = BriefOptions { week, past: PAST, shown_from: SHOWN_FROM, threads: 1 };
        let brief = analytics::brief(&archive, &options)?;
        let figures = Arc::new(Figures { applied, brief, week });
        *last = Some(figures.clone());
        Ok(figures)
    }

    /// Takes in what the desk has read since. `None`: somebody is at it already.
    pub(crate) fn bring_up_to_date(
        &self,
        desk: &Path,
        replay: &Replay,
    ) -> Option<Result<(), ArchiveError>> {
        let _writing = match self.writing.try_lock() {
            Ok(writing) => writing,
            Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(std::sync::TryLockError::WouldBlock) => return None,
        };
        Some(take_in(desk, replay))
    }
}

fn take_in(desk: &Path, replay: &Replay) -> Result<(), ArchiveError> {
    let mut archive = Archive::open(&desk.join("archive"))?;
    if archive.applied() > replay.last() {
        // The desk was set back to a backup: the archive holds what is no longer there.
        archive.discard()?;
    }
    if archive.applied() == replay.last() {
        return Ok(());
    }
    let read = replay.after(archive.applied())?;
    let read = read.map(|capture| Ok(capture.map(|read| (read.entry, read.postings))?));
    archive.take_in_all::<ArchiveError>(read, replay.last(), &mut |_| {})
}

/// Why the archive could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It could not be read or written.
    #[error(transparent)]
    Archive(#[from] AnalyticsError),
    /// A capture could not be read once more.
    #[error(transparent)]
    Desk(#[from] PipelineError),
}
