//! Works out what is past its time. Reads the log a few times, and each capture that may go or that
//! may show a lead still; memory grows with what goes, not with what is kept.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CaptureId, CaptureRole, Found, PostingId, Sha256, SourceId};
use evidence::{Because, Deleted, Deletion, Event, ShortLine};
use store::Store as _;

use super::RetentionReport;
use super::fates::{Fate, Fates, all_leads};
use super::files::{left_over, of_packet, of_sender};
use super::listed::{Listed, each_capture};
use crate::{Desk, PipelineError};

/// Most lines of the log that one deletion speaks of.
const MOST_LINES: usize = 500;

/// What a run would delete.
#[derive(Debug, Default)]
pub struct RetentionPlan {
    /// Each with the bytes of a capture, 0 of anything else.
    deletions: Vec<(Deletion, u64)>,
    /// Keys of postings that stay, which those that go had shown to be common.
    common: Vec<Event>,
    on_hold: usize,
}

impl RetentionPlan {
    /// What goes, in the order of the log.
    pub fn deletions(&self) -> impl Iterator<Item = &Deletion> {
        self.deletions.iter().map(|(deletion, _)| deletion)
    }

    /// What goes, counted by reason.
    pub fn report(&self) -> RetentionReport {
        RetentionReport::of(&self.deletions, self.on_hold)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.deletions.is_empty()
    }

    /// What is written into the log.
    pub(crate) fn events(self) -> Vec<Event> {
        let deletions = self.deletions.into_iter();
        let deletions = deletions.map(|(deletion, _)| Event::Deletion(Box::new(deletion)));
        self.common.into_iter().chain(deletions).collect()
    }

    pub(super) fn add(
        &mut self,
        deleted: Deleted,
        lines: Vec<ShortLine>,
        because: Because,
        bytes: u64,
    ) {
        self.deletions.push((Deletion { deleted, lines, because }, bytes));
    }
}

/// What is known of the log before the captures are looked at.
#[derive(Default)]
struct Survey {
    held: BTreeSet<PostingId>,
    /// The entry of each source's last checkpoint.
    last_checkpoints: BTreeMap<SourceId, u64>,
    /// Captures of what came in the place of postings: theirs is what becomes of it.
    instead: BTreeMap<CaptureId, BTreeSet<PostingId>>,
    /// Captures of parts of pages, with the postings whose pages they are of.
    parts: BTreeMap<CaptureId, BTreeSet<PostingId>>,
    /// Keys that the log says are common, each with its posting and entry.
    common: BTreeMap<(Sha256, PostingId), u64>,
}

/// Works out what goes.
pub(crate) fn plan(desk: &Desk) -> Result<RetentionPlan, PipelineError> {
    let config = &desk.settings.config.retention;
    let now = desk.clock.now();
    let survey = Survey::of(desk)?;
    let mut fates = Fates::of(&*desk.store, config, now, survey.held.clone())?;
    if let Some(since) = fates.seen_since() {
        each_capture(desk, &mut |capture| {
            if capture.fetched_at >= since {
                for posting in capture.postings()?.into_iter().flatten() {
                    fates.saw(&posting, capture.fetched_at)?;
                }
            }
            Ok(())
        })?;
    }
    let mut plan = RetentionPlan { on_hold: fates.on_hold, ..RetentionPlan::default() };
    let latest = fates.latest_to_go();
    each_capture(desk, &mut |capture| match latest {
        Some(latest) if capture.fetched_at <= latest => {
            of_capture(&mut plan, &fates, &survey, capture)
        }
        _ => Ok(()),
    })?;
    of_log(desk, &mut plan, &fates, &survey)?;
    left_over(desk, &mut plan, &fates)?;
    if !plan.is_empty() {
        plan.common = common_keys(desk, &fates, &survey)?;
    }
    Ok(plan)
}

impl Survey {
    fn of(desk: &Desk) -> Result<Self, PipelineError> {
        let mut survey = Self::default();
        for held in desk.holds()? {
            survey.held.extend(held.postings);
        }
        for entry in evidence::entries(&desk.dir.join("custody"), 0)? {
            let entry = entry?;
            match entry.event {
                Event::Checkpoint { source, .. } => {
                    survey.last_checkpoints.insert(source, entry.seq);
                }
                Event::Revisit { posting, found, capture: Some(capture), .. }
                    if !matches!(found, Found::Unchanged | Found::Changed) =>
                {
                    survey.instead.entry(capture).or_default().insert(posting);
                }
                Event::Image { posting, capture: Some(capture), .. }
                | Event::Stylesheet { posting, capture: Some(capture), .. } => {
                    survey.parts.entry(capture).or_default().insert(posting);
                }
                Event::CommonKey { posting, key, .. } => {
                    survey.common.insert((key, posting), entry.seq);
                }
                _ => {}
            }
        }
        Ok(survey)
    }
}

/// A capture goes when all its postings may; else those that may are not read out of it any more.
fn of_capture(
    plan: &mut RetentionPlan,
    fates: &Fates<'_>,
    survey: &Survey,
    listed: &Listed<'_>,
) -> Result<(), PipelineError> {
    let Event::Capture { capture, payload, record, url, source, role, .. } = &listed.entry.event
    else {
        return Ok(());
    };
    let Some(postings) = listed.postings()? else { return Ok(()) };
    let of_others = [&survey.instead, &survey.parts].into_iter();
    let of_others = of_others.filter_map(|known| known.get(capture)).flatten().cloned();
    let mut stays = false;
    let mut going: BTreeMap<Because, Vec<PostingId>> = BTreeMap::new();
    for posting in postings.into_iter().chain(of_others) {
        match fates.of_posting(&posting, listed.fetched_at)? {
            Fate::Stays => stays = true,
            Fate::Goes(because) => going.entry(because).or_default().push(posting),
        }
    }
    if !stays {
        // Of several reasons, that of a lead; a page without postings goes by its age.
        let of_lead = going.keys().find(|because| because.lead.is_some()).cloned();
        let because = match of_lead.or_else(|| going.keys().next().cloned()) {
            Some(because) => because,
            None => match fates.of_clear(listed.fetched_at) {
                Fate::Goes(because) => because,
                Fate::Stays => return Ok(()),
            },
        };
        let deleted =
            Deleted::Capture { capture: capture.clone(), payload: *payload, record: *record };
        let line = listed.entry.short_line(&[&deleted])?;
        plan.add(deleted, vec![line], because.clone(), listed.length);
        return of_sender(plan, listed.desk, source, url, because);
    }
    // Nothing is read out of a part of a page: it stays for as long as one posting that has it does.
    if *role != CaptureRole::Page {
        return Ok(());
    }
    let capture = capture.clone();
    let parts: Vec<(Because, Deleted)> = going
        .into_iter()
        .map(|(because, postings)| {
            (because, Deleted::Postings { capture: capture.clone(), postings })
        })
        .collect();
    let gone: Vec<&Deleted> = parts.iter().map(|(_, deleted)| deleted).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let line = listed.entry.short_line(&gone)?;
    for (because, deleted) in parts {
        plan.add(deleted, vec![line], because, 0);
    }
    Ok(())
}

/// Snapshots, what people wrote, packets, and how far sources had been read.
fn of_log(
    desk: &Desk,
    plan: &mut RetentionPlan,
    fates: &Fates<'_>,
    survey: &Survey,
) -> Result<(), PipelineError> {
    let mut words: BTreeMap<Because, Vec<ShortLine>> = BTreeMap::new();
    let mut positions: BTreeMap<SourceId, (Because, Vec<ShortLine>)> = BTreeMap::new();
    let configured: BTreeSet<&SourceId> =
        desk.settings.sources.iter().map(|source| &source.id).collect();
    for entry in evidence::entries(&desk.dir.join("custody"), 0)? {
        let entry = entry?;
        match &entry.event {
            Event::Snapshot { snapshot, .. } => {
                if let Fate::Goes(because) = fates.of_posting(&snapshot.posting, entry.time)? {
                    let (file, sha256) = (snapshot.file.clone(), snapshot.sha256);
                    let deleted = Deleted::Snapshot { file, sha256 };
                    let line = entry.short_line(&[&deleted])?;
                    plan.add(deleted, vec![line], because, 0);
                }
            }
            Event::Note { lead, .. }
            | Event::Decision { lead, .. }
            | Event::Reveal { lead, .. }
            | Event::Receipt { lead, .. }
            | Event::Hold { lead, .. }
            | Event::HoldLifted { lead, .. } => {
                if let Fate::Goes(because) = fates.of_name(lead)? {
                    words.entry(because).or_default().push(entry.short_line(&[&Deleted::Words])?);
                }
            }
            Event::Merge { leads, .. } | Event::Split { leads, .. } => {
                let fates = leads.iter().map(|lead| fates.of_name(lead));
                let fates = fates.collect::<Result<Vec<Fate>, _>>()?;
                if let Some(Fate::Goes(because)) = fates.first()
                    && fates.iter().all(|fate| *fate != Fate::Stays)
                {
                    let line = entry.short_line(&[&Deleted::Words])?;
                    words.entry(because.clone()).or_default().push(line);
                }
            }
            Event::CommonKey { posting, .. }
            | Event::Image { posting, .. }
            | Event::Stylesheet { posting, .. } => {
                if let Fate::Goes(because) = fates.of_posting(posting, entry.time)? {
                    words.entry(because).or_default().push(entry.short_line(&[&Deleted::Words])?);
                }
            }
            Event::Checkpoint { source, .. } => {
                let is_needed = survey.last_checkpoints.get(source) == Some(&entry.seq)
                    && configured.contains(source);
                if let (false, Fate::Goes(because)) = (is_needed, fates.of_clear(entry.time)) {
                    let deleted = Deleted::Positions { source: source.clone() };
                    let line = entry.short_line(&[&deleted])?;
                    let (_, lines) =
                        positions.entry(source.clone()).or_insert((because, Vec::new()));
                    lines.push(line);
                }
            }
            Event::Export { lead, packet, file, .. } => {
                of_packet(desk, plan, fates.of_name(lead)?, file, packet)?;
            }
            Event::Handover { lead, encrypted, file, .. } => {
                of_packet(desk, plan, fates.of_name(lead)?, file, encrypted)?;
            }
            _ => {}
        }
    }
    for (because, lines) in words {
        for lines in lines.chunks(MOST_LINES) {
            plan.add(Deleted::Words, lines.to_vec(), because.clone(), 0);
        }
    }
    for (source, (because, lines)) in positions {
        for lines in lines.chunks(MOST_LINES) {
            let deleted = Deleted::Positions { source: source.clone() };
            plan.add(deleted, lines.to_vec(), because.clone(), 0);
        }
    }
    Ok(())
}

/// The keys of postings that stay which too many use to tie anything. That they are common was shown
/// by postings that may be going: without a word of it in the log, an index that is made anew would
/// tie by them, and a decision about one lead would fall on another.
fn common_keys(
    desk: &Desk,
    fates: &Fates<'_>,
    survey: &Survey,
) -> Result<Vec<Event>, PipelineError> {
    let mut common: BTreeMap<Sha256, Event> = BTreeMap::new();
    for lead in desk.store.queue(&all_leads(), usize::MAX)? {
        if fates.of_lead(&lead.id) != Fate::Stays {
            continue;
        }
        for posting in &lead.postings {
            for key in desk.store.link_keys(posting)? {
                let Some(mut used) = desk.store.key_use(&key)? else { continue };
                let digest = key.digest();
                let is_said = survey.common.contains_key(&(digest, posting.clone()));
                if !link::is_common(&used) || is_said || common.contains_key(&digest) {
                    continue;
                }
                used.seats.clear();
                used.told_apart = false;
                let (posting, kind) = (posting.clone(), key.kind);
                common.insert(digest, Event::CommonKey { posting, kind, key: digest, used });
            }
        }
    }
    Ok(common.into_values().collect())
}
