//! From an entry of the custody log to a batch of the store. The only way into the store: taken
//! when something happens, after a crash, and for a rebuild. Depends on nothing but the entry, the
//! captures, the rules and what was folded before.

use std::collections::BTreeMap;
use std::path::Path;

use collect::Reading;
use domain::{
    Assessment, Capture, CaptureId, CaptureRole, Decision, Lead, LeadId, Note, Outcome, Posting,
    PostingId, Problem, Snapshot, Tally,
};
use evidence::{CaptureArchive, Entry, Event};
use rules::RuleSet;
use store::{Batch, Change, ContentMark, Store, StoredPosting};

use crate::met::Met;
use crate::{Collectors, Examiner, PipelineError};

const FLAGGED: Outcome = Outcome::done("posting.flagged");
const CLEAR: Outcome = Outcome::done("posting.clear");
const UNCHANGED: Outcome = Outcome::intended("posting.unchanged");
const NO_COLLECTOR: Outcome = Outcome::fault("capture.unknown-kind");

/// What came of one entry.
#[derive(Default)]
pub(crate) struct Folding {
    pub batch: Batch,
    pub tally: Tally,
    pub problems: Vec<Problem>,
    /// Postings of this capture that are on a lead now, each with the lead: they need a snapshot.
    pub flagged: Vec<(LeadId, PostingId)>,
    pub met: Met,
}

/// Folds entries into batches.
pub(crate) struct Folder<'a> {
    store: &'a dyn Store,
    collectors: &'a Collectors,
    captures: &'a Path,
    examiner: Examiner<'a>,
}

impl<'a> Folder<'a> {
    pub(crate) fn new(
        store: &'a dyn Store,
        collectors: &'a Collectors,
        rule_set: &'a RuleSet,
        captures: &'a Path,
    ) -> Self {
        Self { store, collectors, captures, examiner: Examiner::new(rule_set) }
    }

    /// Works out what an entry changes. `capture` spares reading it back when it is at hand.
    pub(crate) fn fold(
        &mut self,
        entry: &Entry,
        capture: Option<&Capture>,
    ) -> Result<Folding, PipelineError> {
        let mut folding = Folding::default();
        folding.batch.applied = Some(entry.seq);
        match &entry.event {
            Event::Source { source } => {
                folding.batch.changes.push(Change::PutSource(source.clone()));
            }
            Event::Capture { .. } => self.fold_capture(entry, capture, &mut folding)?,
            Event::Checkpoint { source, checkpoint } => {
                let change = Change::SetCheckpoint {
                    source: source.clone(),
                    checkpoint: checkpoint.clone(),
                };
                folding.batch.changes.push(change);
            }
            Event::Walk { source, walk } => {
                let change = Change::AddWalk { source: source.clone(), walk: walk.clone() };
                folding.batch.changes.push(change);
            }
            Event::Snapshot { lead, snapshot } => {
                self.fold_snapshot(lead, snapshot, &mut folding)?;
            }
            Event::Claim { lead } => {
                let by = entry.actor.clone();
                self.change_lead(lead, &mut folding, |lead| lead.claimed_by = Some(by))?;
            }
            Event::Release { lead } => {
                self.change_lead(lead, &mut folding, |lead| lead.claimed_by = None)?;
            }
            Event::Note { lead, text } => {
                let note = Note { by: entry.actor.clone(), at: entry.time, text: text.clone() };
                self.change_lead(lead, &mut folding, |lead| lead.notes.push(note))?;
            }
            Event::Decision { lead, verdict, reason } => {
                let decision = Decision {
                    by: entry.actor.clone(),
                    at: entry.time,
                    verdict: *verdict,
                    reason: reason.clone(),
                };
                self.change_lead(lead, &mut folding, |lead| {
                    lead.decisions.push(decision);
                    lead.claimed_by = None;
                })?;
            }
            Event::Withdrawal { lead } => {
                let by = entry.actor.clone();
                self.change_lead(lead, &mut folding, |lead| {
                    lead.decisions.pop();
                    lead.claimed_by = Some(by);
                })?;
            }
            Event::View { .. }
            | Event::Reveal { .. }
            | Event::Export { .. }
            | Event::Verification { .. } => {}
        }
        Ok(folding)
    }

    fn change_lead(
        &self,
        id: &LeadId,
        folding: &mut Folding,
        change: impl FnOnce(&mut Lead),
    ) -> Result<(), PipelineError> {
        // An entry may name a lead that today's rules would not open. What people did stands all
        // the same: the snapshot entry, which comes before any of it, brings the lead back.
        if let Some(mut lead) = self.store.lead(id)? {
            change(&mut lead);
            folding.batch.changes.push(Change::PutLead(lead));
        }
        Ok(())
    }

    /// A snapshot proves that the posting was flagged once. Under rules that would not flag it now
    /// its lead is opened again all the same, with today's assessment: what people decided on it
    /// must not vanish.
    fn fold_snapshot(
        &mut self,
        lead: &LeadId,
        snapshot: &Snapshot,
        folding: &mut Folding,
    ) -> Result<(), PipelineError> {
        let lead = match self.store.lead(lead)? {
            Some(lead) => Some(lead),
            None => self.reopen(&snapshot.posting, &snapshot.capture, folding)?,
        };
        if let Some(mut lead) = lead {
            lead.snapshots.push(snapshot.clone());
            folding.batch.changes.push(Change::PutLead(lead));
        }
        Ok(())
    }

    fn reopen(
        &mut self,
        posting: &PostingId,
        capture: &CaptureId,
        folding: &mut Folding,
    ) -> Result<Option<Lead>, PipelineError> {
        let Some(stored) = self.store.capture(capture)? else { return Ok(None) };
        let capture =
            CaptureArchive::read(self.captures, &stored.file, stored.offset, stored.length)?;
        let postings = self.read(&capture)?.postings;
        let Some(mut posting) = postings.into_iter().find(|read| read.id == *posting) else {
            return Ok(None);
        };
        let (assessment, _) = self.examiner.examine_posting(&mut posting);
        let lead = new_lead(&posting, &assessment);
        folding
            .batch
            .changes
            .push(Change::PutPosting(Box::new(StoredPosting { posting, assessment })));
        Ok(Some(lead))
    }

    fn fold_capture(
        &mut self,
        entry: &Entry,
        capture: Option<&Capture>,
        folding: &mut Folding,
    ) -> Result<(), PipelineError> {
        let Event::Capture {
            capture: id, source, role, url, payload, file, offset, length, ..
        } = &entry.event
        else {
            return Ok(());
        };
        folding.batch.changes.push(Change::PutCapture {
            id: id.clone(),
            source: source.clone(),
            role: *role,
            url: url.clone(),
            payload: *payload,
            file: file.clone(),
            offset: *offset,
            length: *length,
        });
        if *role == CaptureRole::Robots {
            return Ok(());
        }
        let read_back;
        let capture = match capture {
            Some(capture) => capture,
            None => {
                read_back = CaptureArchive::read(self.captures, file, *offset, *length)?;
                &read_back
            }
        };
        let reading = self.read(capture)?;
        for problem in reading.problems {
            folding.tally.count(problem.outcome);
            folding.problems.push(problem);
        }
        let mut on_this_page = BTreeMap::new();
        for posting in reading.postings {
            folding.met.read(&posting);
            self.fold_posting(posting, &mut on_this_page, folding)?;
        }
        Ok(())
    }

    fn read(&self, capture: &Capture) -> Result<Reading, PipelineError> {
        let source = self.store.source(&capture.source)?;
        let collector = source.as_ref().and_then(|source| self.collectors.of(&source.kind));
        let (Some(source), Some(collector)) = (&source, collector) else {
            return Ok(Reading::failed(Problem::new(
                NO_COLLECTOR,
                capture.id.as_str(),
                format!("no collector can read source `{}`", capture.source),
            )));
        };
        Ok(collector.read(source, capture))
    }

    /// `on_this_page` holds the content of postings that this same batch has seen already.
    fn fold_posting(
        &mut self,
        mut posting: Posting,
        on_this_page: &mut BTreeMap<PostingId, ContentMark>,
        folding: &mut Folding,
    ) -> Result<(), PipelineError> {
        let content = ContentMark::from(posting.content_digest());
        let seen_before = match on_this_page.get(&posting.id) {
            Some(seen) => Some(*seen),
            None => self.store.seen(&posting.id)?,
        };
        if seen_before == Some(content) {
            folding.tally.count(UNCHANGED);
            return Ok(());
        }
        on_this_page.insert(posting.id.clone(), content);
        folding.met.new_one(&posting);

        let (assessment, keys) = self.examiner.examine_posting(&mut posting);
        folding.batch.changes.push(Change::SeePosting { id: posting.id.clone(), content });
        if !assessment.band.is_flagged() {
            folding.tally.count(CLEAR);
            return Ok(());
        }
        folding.tally.count(FLAGGED);
        let lead = self.lead_with(&posting, &assessment)?;
        folding.flagged.push((lead.id.clone(), posting.id.clone()));
        for key in keys {
            folding.batch.changes.push(Change::PutLinkKey {
                kind: key.kind,
                value: key.value,
                posting: posting.id.clone(),
                lead: lead.id.clone(),
            });
        }
        let says_more = lead.score <= assessment.score;
        folding.batch.changes.push(Change::PutLead(lead));
        if says_more {
            let stored = StoredPosting { posting, assessment };
            folding.batch.changes.push(Change::PutPosting(Box::new(stored)));
        }
        Ok(())
    }

    /// The lead of a flagged posting: as it was when the posting was edited at its source, new
    /// otherwise. A lead's score never falls because its author softened the words.
    fn lead_with(&self, posting: &Posting, assessment: &Assessment) -> Result<Lead, PipelineError> {
        let Some(mut lead) = self.store.lead(&LeadId::founded_by(&posting.id))? else {
            return Ok(new_lead(posting, assessment));
        };
        lead.score = lead.score.max(assessment.score);
        lead.band = lead.band.max(assessment.band);
        Ok(lead)
    }
}

fn new_lead(posting: &Posting, assessment: &Assessment) -> Lead {
    Lead {
        id: LeadId::founded_by(&posting.id),
        postings: vec![posting.id.clone()],
        score: assessment.score,
        band: assessment.band,
        opened_at: posting.captured_at,
        claimed_by: None,
        decisions: Vec::new(),
        notes: Vec::new(),
        snapshots: Vec::new(),
    }
}
