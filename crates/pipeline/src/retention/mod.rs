//! Retention: what is past its time is deleted, and what stays still proves itself.
//!
//! [`plan`] works out what goes; it reads and changes nothing. A run writes the plan into the desk's
//! folder, then its deletions into the custody log, then carries them out, then makes the index anew
//! from what is left. The plan is taken away last: a desk that finds one when it is opened brings it
//! to its end first.

mod config;
mod daily;
mod fates;
mod files;
mod holds;
mod listed;
mod plan;
mod report;
mod unfinished;

use domain::{Capture, LeadId};
use evidence::Entry;
use store::{Batch, Change, Store as _};

pub use config::RetentionConfig;
pub(crate) use daily::Daily;
pub(crate) use fates::all_leads;
pub use holds::Held;
pub use plan::RetentionPlan;
pub use report::{RetentionReport, RetentionRow};
pub(crate) use unfinished::{finish, is_unfinished};

use crate::{Desk, PipelineError};

impl Desk {
    /// What a run would delete now.
    pub fn retention_plan(&self) -> Result<RetentionPlan, PipelineError> {
        plan::plan(self)
    }

    /// Deletes what is past its time, in the name of `by`. Once this has begun, it comes to its end:
    /// after a crash at the next opening.
    pub fn retain(&mut self, by: &str) -> Result<RetentionReport, PipelineError> {
        self.is_in_step()?;
        let plan = self.retention_plan()?;
        let report = plan.report();
        if plan.is_empty() {
            return Ok(report);
        }
        let before = self.lead_names()?;
        unfinished::begin(&self.dir, self.custody.head().0, self.clock.now(), by, plan.events())?;
        finish(&self.dir, &mut self.custody, &mut self.captures)?;
        self.settle_after_deletions()?;
        self.tell_of_deletions(before)?;
        Ok(report)
    }

    /// Makes the index anew without what was deleted, drops the archive, which is made anew when
    /// somebody asks, and takes the plan away. What no entry of the log says, who walks which source
    /// and how we stand with hosts, is carried over.
    pub(crate) fn settle_after_deletions(&mut self) -> Result<(), PipelineError> {
        let hosts = self.store.hosts()?.into_iter().map(Change::PutHost);
        let leases = self.store.leases()?.into_iter();
        let leases = leases.map(|(source, lease)| Change::PutLease { source, lease });
        let changes = hosts.chain(leases).collect();
        self.store.empty()?;
        self.store.commit(&Batch { changes, applied: None })?;
        self.catch_up()?;
        let archive = self.dir.join("archive");
        match std::fs::remove_dir_all(&archive) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(PipelineError::file("remove", &archive)(error));
            }
            _ => {}
        }
        unfinished::end(&self.dir)
    }

    fn lead_names(&self) -> Result<Vec<LeadId>, PipelineError> {
        let leads = self.store.queue(&all_leads(), usize::MAX)?;
        Ok(leads.into_iter().map(|lead| lead.id).collect())
    }

    /// Whoever watches the desk looks at each lead again that was there or is there.
    fn tell_of_deletions(&self, before: Vec<LeadId>) -> Result<(), PipelineError> {
        let mut leads = self.lead_names()?;
        leads.extend(before);
        leads.sort();
        leads.dedup();
        let last = self.custody.head().0.saturating_sub(1);
        if let Some(entry) = evidence::entries(&self.dir.join("custody"), last)?.next() {
            self.tell(&entry?, &leads);
        }
        Ok(())
    }
}

/// A reading of a capture without the postings that are deleted out of it.
pub(crate) fn without_deleted(
    mut reading: collect::Reading,
    without: &[domain::PostingId],
) -> collect::Reading {
    if !without.is_empty() {
        reading.postings.retain(|posting| !without.contains(&posting.id));
        reading.gone.retain(|posting| !without.contains(posting));
    }
    reading
}

/// The postings of a capture's entry that are not to be read out of it any more.
pub(crate) fn deleted_of(entry: &Entry) -> &[domain::PostingId] {
    match &entry.event {
        evidence::Event::Capture { without, .. } => without,
        _ => &[],
    }
}

/// The tip, by the end of its address, that a capture belongs to: its words or a screenshot.
pub(crate) fn tip_of(capture: &Capture) -> Option<&str> {
    capture.url.strip_prefix("file:///tip/")?.split('/').next()
}

#[cfg(test)]
mod tests;
