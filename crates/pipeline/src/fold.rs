//! From entries of the custody log to a batch of the store. The only way into the store: taken
//! when something happens, after a crash, and for a rebuild. Depends on nothing but the entries, the
//! captures, the rules and what was folded before.

use std::collections::BTreeSet;
use std::rc::Rc;

use domain::{
    CaptureId, CaptureRole, Claim, Decision, Lead, LeadId, Note, Outcome, PagePart, PartFetch,
    PostingId, Problem, Revisit, Ruling, Sha256, Snapshot, Tally,
};
use evidence::{CaptureArchive, Entry, Event, Vault};
use jiff::Timestamp;
use rules::RuleSet;
use store::{Batch, Change, ContentMark, Store as _, StoredCapture, StoredPosting};

use crate::ahead::{Page, Read};
use crate::met::Met;
use crate::network::StagedNetwork;
use crate::staging::Staging;
use crate::{Collectors, Desk, Examiner, PipelineError};

const FLAGGED: Outcome = Outcome::done("posting.flagged");
const TIP: Outcome = Outcome::done("posting.tip");
const CLEAR: Outcome = Outcome::done("posting.clear");
/// Seen before with other words; counted beside what became of it.
const EDITED: Outcome = Outcome::done("posting.edited");
/// Seen before, and taken away since.
const GONE: Outcome = Outcome::done("posting.gone");
const UNCHANGED: Outcome = Outcome::intended("posting.unchanged");
pub(crate) const NO_COLLECTOR: Outcome = Outcome::fault("capture.unknown-kind");

/// What came of one entry.
#[derive(Default)]
pub(crate) struct Folding {
    pub tally: Tally,
    pub problems: Vec<Problem>,
    /// Postings of this capture that are on a lead now, each with the name of the lead that it
    /// would be alone: they need a snapshot.
    pub flagged: Vec<(LeadId, PostingId)>,
    pub met: Met,
}

/// Folds entries, one after another, into batches.
pub(crate) struct Folder<'a, 's> {
    pub(crate) collectors: &'a Collectors,
    pub(crate) vault: &'a Vault,
    pub(crate) rule_set: &'a RuleSet,
    examiner: Examiner<'a>,
    /// What the entries since the last batch change.
    staging: Staging<'s>,
}

impl<'a, 's> Folder<'a, 's> {
    /// `staging` is what was folded before and is not committed yet.
    pub(crate) fn new(
        staging: Staging<'s>,
        collectors: &'a Collectors,
        rule_set: &'a RuleSet,
        vault: &'a Vault,
    ) -> Self {
        Self { collectors, vault, rule_set, examiner: Examiner::new(rule_set), staging }
    }

    /// What is known by now.
    pub(crate) fn staging(&self) -> &Staging<'s> {
        &self.staging
    }

    /// What the entries change that were folded since the last batch.
    pub(crate) fn take_batch(&mut self) -> Batch {
        self.staging.take_batch()
    }

    /// The same, to be looked at or gone on with.
    pub(crate) fn into_staging(self) -> Staging<'s> {
        self.staging
    }

    /// Whether it is time to take a batch: what is not committed lies in memory.
    pub(crate) fn holds_much(&self) -> bool {
        self.staging.is_large()
    }

    /// Works out what an entry changes. `page` spares reading its page when that was read ahead. After
    /// an error nothing that was folded may be committed.
    pub(crate) fn fold(
        &mut self,
        entry: &Entry,
        page: Option<Page>,
    ) -> Result<Folding, PipelineError> {
        let mut folding = Folding::default();
        self.staging.begin(entry.seq);
        match &entry.event {
            Event::Source { source } => self.staging.put_source((**source).clone()),
            Event::Capture { .. } => self.fold_capture(entry, page, &mut folding)?,
            Event::Checkpoint { source, checkpoint } => {
                let change = Change::SetCheckpoint {
                    source: source.clone(),
                    checkpoint: checkpoint.clone(),
                };
                self.staging.put(change);
            }
            Event::Walk { source, walk } => {
                let change = Change::AddWalk { source: source.clone(), walk: walk.clone() };
                self.staging.put(change);
            }
            Event::Snapshot { snapshot, .. } => self.fold_snapshot(snapshot)?,
            Event::Revisit { posting, found, why, capture, .. } => {
                let network = &mut self.staging.network;
                if let Some(lead) = network.lead_of(posting)? {
                    let (why, capture) = (why.clone(), capture.clone());
                    let row = Revisit::once(posting.clone(), *found, why, capture, entry.time);
                    network.act(lead, |lead| Revisit::note(&mut lead.revisits, row));
                }
            }
            Event::Image { .. } | Event::Stylesheet { .. } => {
                fold_part(&entry.event, entry.time, &mut self.staging.network)?;
            }
            Event::View { .. }
            | Event::Reveal { .. }
            | Event::Approval { .. }
            | Event::Export { .. }
            | Event::Handover { .. }
            | Event::Receipt { .. }
            | Event::Timestamp { .. }
            | Event::Verification { .. }
            | Event::AtRest { .. }
            | Event::Hold { .. }
            | Event::HoldLifted { .. }
            // What was deleted is not there to be folded; common keys are known before the first entry.
            | Event::CommonKey { .. }
            | Event::Deletion(_)
            | Event::DeletedCapture { .. }
            | Event::DeletedSnapshot { .. }
            | Event::DeletedWords { .. } => {}
            act => fold_act(act, entry, &mut self.staging.network)?,
        }
        Ok(folding)
    }

    /// A snapshot proves that the posting was flagged once. Under rules that would not flag it now
    /// its lead is opened again all the same, with today's assessment: what people decided on it
    /// must not vanish.
    fn fold_snapshot(&mut self, snapshot: &Snapshot) -> Result<(), PipelineError> {
        if self.staging.network.lead_of(&snapshot.posting)?.is_none() {
            self.reopen(&snapshot.posting, &snapshot.capture)?;
        }
        let network = &mut self.staging.network;
        if let Some(lead) = network.lead_of(&snapshot.posting)? {
            network.act(lead, |lead| lead.snapshots.push(snapshot.clone()));
        }
        Ok(())
    }

    fn reopen(&mut self, posting: &PostingId, capture: &CaptureId) -> Result<(), PipelineError> {
        let Some(stored) = self.staging.capture(capture)? else { return Ok(()) };
        let capture = CaptureArchive::read(self.vault, &stored.file, stored.offset, stored.length)?;
        let source = self.staging.source(&capture.source)?;
        let mut postings = Page::read(self.collectors, source, &capture, &[]).postings.into_iter();
        let found = postings.find(|read| read.posting.id == *posting);
        let Some(Read { mut posting, sheets, .. }) = found else { return Ok(()) };
        posting.stylesheets = sheets.named().to_vec();
        let (assessment, keys) = self.examiner.examine_posting(&mut posting);
        self.staging.network.flag(StoredPosting { posting, assessment }, &keys)?;
        Ok(())
    }

    fn fold_capture(
        &mut self,
        entry: &Entry,
        page: Option<Page>,
        folding: &mut Folding,
    ) -> Result<(), PipelineError> {
        let Event::Capture {
            capture: id,
            source,
            role,
            url,
            payload,
            file,
            offset,
            length,
            without,
            ..
        } = &entry.event
        else {
            return Ok(());
        };
        self.staging.put_capture(StoredCapture {
            id: id.clone(),
            source: source.clone(),
            role: *role,
            url: url.clone(),
            payload: *payload,
            file: file.clone(),
            offset: *offset,
            length: *length,
        });
        if *role != CaptureRole::Page {
            return Ok(());
        }
        let defined = self.staging.source(source)?;
        let is_tip = defined.as_ref().is_some_and(|source| source.kind.0 == collect::TIP_KIND);
        let page = match page.filter(|page| page.is_by(defined.as_ref())) {
            Some(page) => page,
            None => {
                let capture = CaptureArchive::read(self.vault, file, *offset, *length)?;
                Page::read(self.collectors, defined, &capture, without)
            }
        };
        for problem in page.problems {
            folding.tally.count(problem.outcome);
            folding.problems.push(problem);
        }
        for gone in page.gone {
            self.fold_gone(gone, url, folding)?;
        }
        for read in page.postings {
            folding.met.read(&read.posting);
            self.fold_posting(read, is_tip, folding)?;
        }
        Ok(())
    }

    /// A posting that was seen before and is not shown any more is counted once: the capture proves
    /// that it was gone by then. When it comes back it is looked at again.
    fn fold_gone(
        &mut self,
        id: PostingId,
        url: &str,
        folding: &mut Folding,
    ) -> Result<(), PipelineError> {
        let gone = gone_mark();
        if self.staging.seen(&id)?.is_some_and(|seen| seen != gone) {
            let place = format!("{url}#posting={id}");
            folding.tally.count(GONE);
            folding.problems.push(Problem::new(
                GONE,
                place,
                "was seen before and is not shown any more",
            ));
            self.staging.see(id, gone);
        }
        Ok(())
    }

    /// A tip was handed in by somebody who thought it worth a look: it stands on the queue whatever the
    /// rules find in it.
    fn fold_posting(
        &mut self,
        read: Read,
        is_tip: bool,
        folding: &mut Folding,
    ) -> Result<(), PipelineError> {
        let Read { mut posting, content, examined, sheets } = read;
        let seen_before = self.staging.seen(&posting.id)?;
        if seen_before == Some(content) {
            folding.tally.count(UNCHANGED);
            return Ok(());
        }
        if seen_before.is_some_and(|seen| seen != gone_mark()) {
            folding.tally.count(EDITED);
        }
        self.staging.see(posting.id.clone(), content);
        folding.met.new_one(&posting);

        let (assessment, keys) =
            examined.unwrap_or_else(|| self.examiner.examine_posting(&mut posting));
        let network = &mut self.staging.network;
        if !assessment.band.is_flagged() && !is_tip {
            folding.tally.count(CLEAR);
            network.pass(&posting.id, &keys)?;
            return Ok(());
        }
        posting.stylesheets = sheets.named().to_vec();
        folding.tally.count(if assessment.band.is_flagged() { FLAGGED } else { TIP });
        folding.flagged.push((LeadId::founded_by(&posting.id), posting.id.clone()));
        network.flag(StoredPosting { posting, assessment }, &keys)?;
        Ok(())
    }
}

impl Desk {
    /// Which of these postings were read before and are still there, as far as we know.
    pub(crate) fn known(&self, ids: Vec<PostingId>) -> Result<BTreeSet<PostingId>, PipelineError> {
        let mut known = BTreeSet::new();
        for id in ids {
            if self.store.seen(&id)?.is_some_and(|seen| seen != gone_mark()) {
                known.insert(id);
            }
        }
        Ok(known)
    }
}

/// A part of a posting's page: what came of it stands on the lead, and what a picture is ties the
/// posting to others that show it.
fn fold_part(
    event: &Event,
    at: Timestamp,
    network: &mut StagedNetwork<'_>,
) -> Result<(), PipelineError> {
    let (part, posting, page, number, capture, why) = match event {
        Event::Image { posting, page, number, capture, why, .. } => {
            (PagePart::Image, posting, page, number, capture, why)
        }
        Event::Stylesheet { posting, page, number, capture, why, .. } => {
            (PagePart::Stylesheet, posting, page, number, capture, why)
        }
        _ => return Ok(()),
    };
    let Some(lead) = network.lead_of(posting)? else { return Ok(()) };
    let fetch = PartFetch {
        posting: posting.clone(),
        page: page.clone(),
        number: *number,
        capture: capture.clone(),
        why: why.clone(),
        at,
    };
    network.act(lead, |lead| PartFetch::note(lead.fetched_mut(part), fetch));
    if let Event::Image { sha256: Some(sha256), look, .. } = event {
        network.show(posting, &link::image_keys(sha256, look.as_ref()))?;
    }
    Ok(())
}

/// Stands in place of the content of a posting that was taken away.
fn gone_mark() -> ContentMark {
    ContentMark::from(Sha256::of(b"taken away at its source"))
}

/// What a person did with leads. An entry may name a lead that today's rules would not open. What
/// people did stands all the same: the snapshot entry, which comes before any of it, brings the lead
/// back.
fn fold_act(
    act: &Event,
    entry: &Entry,
    network: &mut StagedNetwork<'_>,
) -> Result<(), PipelineError> {
    let (by, at) = (entry.actor.clone(), entry.time);
    match act {
        Event::Claim { lead: id } => {
            if let Some(lead) = network.named(id)? {
                let claim = Claim { at, by, lead: lead.id.clone() };
                network.act(lead, |lead| lead.claim = Some(claim));
            }
        }
        Event::Release { lead: id } => {
            if let Some(lead) = network.named(id)? {
                network.act(lead, |lead| lead.claim = None);
            }
        }
        Event::Note { lead: id, text } => {
            if let Some(lead) = network.named(id)? {
                let note = Note { by, at, text: text.clone(), lead: lead.id.clone() };
                network.act(lead, |lead| lead.notes.push(note));
            }
        }
        Event::Decision { lead: id, verdict, reason } => {
            if let Some(lead) = network.named(id)? {
                let decision = Decision {
                    by,
                    at,
                    verdict: *verdict,
                    reason: reason.clone(),
                    lead: lead.id.clone(),
                    postings: lead.postings.clone(),
                };
                fold_decision(lead, decision, entry.seq, network)?;
            }
        }
        Event::Withdrawal { lead: id } => {
            if let Some(lead) = network.named(id)? {
                let claim = Claim { at, by, lead: lead.id.clone() };
                fold_withdrawal(lead, claim, network)?;
            }
        }
        Event::Merge { postings, reason, .. } => {
            let (reason, groups) = (reason.clone(), vec![postings.clone()]);
            network.heed(Ruling { seq: entry.seq, by, at, reason, groups })?;
        }
        Event::Split { groups, reason, .. } => {
            let (reason, groups) = (reason.clone(), groups.clone());
            network.heed(Ruling { seq: entry.seq, by, at, reason, groups })?;
        }
        _ => {}
    }
    Ok(())
}

/// The last decision is taken back, and with it that its postings were taken as one: they are one
/// lead still if their keys or other words of people make them one.
fn fold_withdrawal(
    lead: Rc<Lead>,
    claim: Claim,
    network: &mut StagedNetwork<'_>,
) -> Result<(), PipelineError> {
    let taken_back = lead.decisions.last().cloned();
    network.act(lead, |lead| {
        lead.decisions.pop();
        lead.claim = Some(claim);
    });
    if let Some(decision) = taken_back {
        network.unheed(&decision)?;
    }
    Ok(())
}

/// The postings that were decided on as one stay together, whatever is learned later about the keys
/// that brought them together.
fn fold_decision(
    lead: Rc<Lead>,
    decision: Decision,
    seq: u64,
    network: &mut StagedNetwork<'_>,
) -> Result<(), PipelineError> {
    let ruling = Ruling {
        seq,
        by: decision.by.clone(),
        at: decision.at,
        reason: decision.reason.clone(),
        groups: vec![decision.postings.clone()],
    };
    network.act(lead, |lead| {
        lead.decisions.push(decision);
        lead.claim = None;
    });
    if ruling.groups[0].len() > 1 {
        network.heed(ruling)?;
    }
    Ok(())
}
