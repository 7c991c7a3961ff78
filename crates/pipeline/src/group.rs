//! What a group of jobs writes: once into the archive, once into the log, then into the index.

use std::collections::BTreeSet;

use domain::{Capture, CaptureRole, Lease, Source, SourceId};
use evidence::Event;
use store::Store as _;
use tokio::sync::oneshot;

use crate::desk::{Kept, PROGRAM};
use crate::snapshots::read_capture;
use crate::staging::Staging;
use crate::writer::{Begun, Job, Told};
use crate::{Desk, PipelineError, snapshots};

/// Jobs that are written together, and what has come of each so far.
#[derive(Default)]
struct Group {
    standings: Vec<Standing>,
    /// What goes into the log, each with the job that it comes of. `None` is a capture's: where it
    /// lies in the archive is not known yet.
    events: Vec<(usize, Option<Event>)>,
    /// The addresses whose captures are new; of two that are kept together, the first.
    addresses: BTreeSet<(SourceId, String)>,
}

enum Standing {
    Begun(Option<Begun>, Told<Begun>),
    Kept(Box<Capture>, Kept, Told<Kept>),
    Ended(SourceId, String, Told<()>),
}

impl Desk {
    /// Writes all of these and tells each what came of it; gives the number of log entries. What
    /// fails for one fails for all: the log holds all of a group or nothing.
    pub(crate) fn write_together(&mut self, jobs: Vec<Job>) -> usize {
        let mut group = Group::default();
        let mut planned = Ok(());
        for job in jobs {
            planned = planned.and(group.add(self, job));
        }
        let written = planned.and_then(|()| self.write_group(&mut group));
        let failure = written.as_ref().err();
        group.standings.into_iter().for_each(|standing| standing.tell(failure));
        written.unwrap_or(0)
    }

    /// Keeps one capture outside of a scan, and everything that follows from it.
    pub(crate) fn keep(&mut self, capture: &Capture) -> Result<Kept, PipelineError> {
        let (told, mut answer) = oneshot::channel();
        self.write_together(vec![Job::Keep(Box::new(capture.clone()), told)]);
        let kept = answer.try_recv();
        kept.unwrap_or_else(|_| Err(PipelineError::Refused("it was not kept".to_owned())))
    }

    fn write_group(&mut self, group: &mut Group) -> Result<usize, PipelineError> {
        self.is_in_step()?;
        let jobs: Vec<usize> = group.events.iter().map(|(job, _)| *job).collect();
        let events = self.archive(group)?;
        let mut entries = self.custody.append(self.clock.now(), PROGRAM, events)?;
        let mut flagged = Vec::new();
        let store = self.store.clone();
        let mut folder = self.folder_on(Staging::new(&*store));
        let at_hand = group.standings.iter().filter_map(|standing| match standing {
            Standing::Kept(capture, ..) => Some((&capture.id, &**capture)),
            Standing::Begun(..) | Standing::Ended(..) => None,
        });
        let mut pages = folder.read_ahead(&entries, &at_hand.collect())?;
        for (entry, job) in entries.iter().zip(jobs) {
            let folding = folder.fold(entry, pages.remove(&entry.seq))?;
            let Standing::Kept(_, kept, _) = &mut group.standings[job] else { continue };
            kept.tally.merge(&folding.tally);
            kept.problems.extend(folding.problems);
            kept.met.merge(folding.met);
            kept.flagged = folding.flagged.iter().map(|(_, posting)| posting.clone()).collect();
            flagged.push((job, folding.flagged));
        }
        let staging = folder.into_staging();
        let pages = flagged.iter().filter_map(|(job, flagged)| match &group.standings[*job] {
            Standing::Kept(capture, ..) => Some((&**capture, &**flagged)),
            Standing::Begun(..) | Standing::Ended(..) => None,
        });
        // The index takes entries in the order of the log, and a lead that many of them change once.
        let frozen = snapshots::missing(self, &staging.network, &pages.collect::<Vec<_>>())
            .and_then(|taken| Ok(self.custody.append(self.clock.now(), PROGRAM, taken)?));
        let mut folder = self.folder_on(staging);
        for entry in frozen.iter().flatten() {
            folder.fold(entry, None)?;
        }
        // What could not be frozen is captured all the same; the next opening of the desk freezes it.
        let batch = folder.take_batch();
        let failure = match frozen {
            Ok(snapshots) => {
                entries.extend(snapshots);
                None
            }
            Err(error) => Some(error),
        };
        self.commit_folded(&entries, &batch)?;
        failure.map_or(Ok(()), Err)?;
        for standing in &group.standings {
            if let Standing::Ended(source, holder, _) = standing {
                self.store.end_lease(source, holder)?;
            }
        }
        Ok(entries.len())
    }

    /// Puts the group's new captures into the archive, and gives all its events.
    fn archive(&mut self, group: &mut Group) -> Result<Vec<Event>, PipelineError> {
        let planned = std::mem::take(&mut group.events);
        let of_job = |job: usize| match &group.standings[job] {
            Standing::Kept(capture, ..) => Some(&**capture),
            Standing::Begun(..) | Standing::Ended(..) => None,
        };
        let new = planned.iter().filter(|(_, event)| event.is_none());
        let captures: Vec<&Capture> = new.filter_map(|(job, _)| of_job(*job)).collect();
        let stored = self.captures.append_batch(&captures)?;
        let mut places = captures.into_iter().zip(stored);
        let events = planned.into_iter().filter_map(|(_, event)| {
            event
                .or_else(|| places.next().map(|(capture, stored)| Event::captured(capture, stored)))
        });
        Ok(events.collect())
    }

    fn begin(
        &mut self,
        source: &Source,
        holder: &str,
    ) -> Result<(Begun, Option<Event>), PipelineError> {
        if let Some(held) = self.take_lease(&source.id, holder)? {
            return Ok((Begun::Leased(held), None));
        }
        let changed = self.store.source(&source.id)?.as_ref() != Some(source);
        let event = changed.then(|| Event::Source { source: Box::new(source.clone()) });
        Ok((Begun::From(self.store.checkpoint(&source.id)?.unwrap_or_default()), event))
    }

    /// Takes a source for a scanner, or for longer. Gives the lease of another that has it.
    pub(crate) fn take_lease(
        &mut self,
        source: &SourceId,
        holder: &str,
    ) -> Result<Option<Lease>, PipelineError> {
        let now = self.clock.now();
        Ok(self.store.take_lease(source, &Lease::from(now, holder), now)?)
    }

    fn is_latest(&self, capture: &Capture) -> Result<bool, PipelineError> {
        let latest = self.store.latest_payload(&capture.source, &capture.url)?;
        let Some((latest, _)) = latest.filter(|(_, payload)| *payload == capture.sha256) else {
            return Ok(false);
        };
        // The word that a page is gone is not the page, also where a site says it with the same bytes.
        let is_page = capture.role != CaptureRole::Page || capture.is_page();
        Ok(is_page || read_capture(self, &latest)?.is_none_or(|kept| !kept.is_page()))
    }
}

impl Group {
    /// Works out what a job is going to write. It has its standing in any case, to be told.
    fn add(&mut self, desk: &mut Desk, job: Job) -> Result<(), PipelineError> {
        let number = self.standings.len();
        match job {
            Job::Begin(source, holder, told) => {
                let begun = desk.begin(&source, &holder);
                let (begun, event, failure) = match begun {
                    Ok((begun, event)) => (Some(begun), event, Ok(())),
                    Err(error) => (None, None, Err(error)),
                };
                self.standings.push(Standing::Begun(begun, told));
                self.events.extend(event.map(|event| (number, Some(event))));
                failure
            }
            Job::Keep(capture, told) => {
                let known = desk.is_latest(&capture);
                let address = (capture.source.clone(), capture.url.clone());
                let new = matches!(known, Ok(false)) && self.addresses.insert(address);
                self.events.extend(new.then_some((number, None)));
                self.standings.push(Standing::Kept(capture, Kept { new, ..Kept::default() }, told));
                known.map(drop)
            }
            Job::End(events, source, holder, told) => {
                self.events.extend(events.into_iter().map(|event| (number, Some(event))));
                self.standings.push(Standing::Ended(source, holder, told));
                Ok(())
            }
        }
    }
}

impl Standing {
    /// Who has gone away meanwhile need not be told.
    fn tell(self, failure: Option<&PipelineError>) {
        match self {
            Self::Begun(begun, told) => {
                let begun =
                    begun.ok_or_else(|| PipelineError::Refused("it did not begin".to_owned()));
                let _ = told.send(failure.map_or(begun, |error| Err(of_all(error))));
            }
            Self::Kept(_, kept, told) => {
                let _ = told.send(failure.map_or(Ok(kept), |error| Err(of_all(error))));
            }
            Self::Ended(_, _, told) => {
                let _ = told.send(failure.map_or(Ok(()), |error| Err(of_all(error))));
            }
        }
    }
}

/// A failure of the group is one of each of its jobs.
fn of_all(error: &PipelineError) -> PipelineError {
    PipelineError::Refused(error.to_string())
}
