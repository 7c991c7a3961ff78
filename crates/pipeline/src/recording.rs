//! What happens at a desk: into its log, then into its index, then to whoever watches.

use domain::LeadId;
use evidence::{Entry, Event};
use store::{Batch, Change, Store as _};

use crate::fold::Folder;
use crate::staging::Staging;
use crate::{Desk, PipelineError, retention};

impl Desk {
    /// Writes events into the custody log, synced, and folds them into the store.
    pub(crate) fn record(
        &mut self,
        actor: &str,
        events: Vec<Event>,
    ) -> Result<Vec<Entry>, PipelineError> {
        let entries = self.record_in_log(actor, events)?;
        self.store.sync()?;
        Ok(entries)
    }

    /// The same without making the index durable, which costs far more than the log: for what changes
    /// nothing in it but the number of the last entry. The index catches up from the log if need be.
    pub(crate) fn record_in_log(
        &mut self,
        actor: &str,
        events: Vec<Event>,
    ) -> Result<Vec<Entry>, PipelineError> {
        self.record_together(events.into_iter().map(|event| (actor, event)))
    }

    /// The same for what several people did at once.
    pub(crate) fn record_together<'a>(
        &mut self,
        acts: impl ExactSizeIterator<Item = (&'a str, Event)>,
    ) -> Result<Vec<Entry>, PipelineError> {
        self.is_in_step()?;
        let entries = self.custody.append_together(self.clock.now(), acts)?;
        self.fold_together(&entries)?;
        Ok(entries)
    }

    /// An entry that could not be folded would be skipped by the next one that can: after such a
    /// failure nothing is written any more until the desk is opened again and has caught up.
    pub(crate) fn is_in_step(&self) -> Result<(), PipelineError> {
        let (logged, applied) = (self.custody.head().0, self.store.applied()?);
        if retention::is_unfinished(&self.dir) {
            return Err(PipelineError::Refused(
                "deleting what is past its time failed half way; start again, and it is completed"
                    .to_owned(),
            ));
        }
        if applied == logged {
            return Ok(());
        }
        Err(PipelineError::Refused(format!(
            "the index holds entry {applied} of the custody log and not {logged}, after a failure; \
             start again, and it catches up"
        )))
    }

    pub(crate) fn folder(&self) -> Folder<'_, '_> {
        self.folder_on(Staging::new(&*self.store))
    }

    /// One that goes on where another left off.
    pub(crate) fn folder_on<'s>(&self, staging: Staging<'s>) -> Folder<'_, 's> {
        Folder::new(staging, &self.collectors, &self.settings.rule_set, &self.vault)
    }

    pub(crate) fn fold_together(&self, entries: &[Entry]) -> Result<(), PipelineError> {
        let mut folder = self.folder();
        for entry in entries {
            folder.fold(entry, None)?;
        }
        self.commit_folded(entries, &folder.take_batch())
    }

    /// Keeps what entries change. Durable with the next sync of the store; until then the log alone has
    /// it, which is enough.
    pub(crate) fn commit_folded(
        &self,
        entries: &[Entry],
        batch: &Batch,
    ) -> Result<(), PipelineError> {
        let Some((last, before)) = entries.split_last() else { return Ok(()) };
        self.store.commit_relaxed(batch)?;
        if !self.watchers.is_empty() {
            before.iter().for_each(|entry| self.tell(entry, &[]));
            self.tell(last, &changed_leads(batch));
        }
        Ok(())
    }

    /// Tells whoever watches of an entry and of the leads that it changed.
    pub(crate) fn tell(&self, entry: &Entry, leads: &[LeadId]) {
        self.watchers.iter().for_each(|watcher| watcher(entry, leads, &*self.store));
    }
}

fn changed_leads(batch: &Batch) -> Vec<LeadId> {
    let changed = batch.changes.iter().filter_map(|change| match change {
        Change::PutLead(lead) => Some(lead.id.clone()),
        Change::RemoveLead(id) => Some(id.clone()),
        _ => None,
    });
    changed.collect()
}
