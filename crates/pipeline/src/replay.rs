//! The postings of a desk once more, in the order of its log: for views that keep all of them, not
//! only the flagged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Assessment, CaptureRole, Posting, Source, SourceId};
use evidence::{CaptureArchive, Entry, Event, EvidenceError, Vault};
use rules::RuleSet;
use store::Store;

use crate::{Collectors, Desk, Examiner, PipelineError, load_rules, retention};

/// What one capture held.
#[derive(Debug)]
pub struct Replayed {
    /// The number of its entry in the custody log.
    pub entry: u64,
    /// Its postings with their assessments under today's rules.
    pub postings: Vec<(Posting, Assessment)>,
}

/// What it takes to read a desk's postings once more, beside the desk while that is at work: as far
/// as the custody log went when it was made, under the rules as they are written now.
pub struct Replay {
    dir: PathBuf,
    vault: Vault,
    collectors: Arc<Collectors>,
    rule_set: RuleSet,
    index: Arc<dyn Store>,
    last: u64,
}

impl Desk {
    /// What it takes to read all postings once more.
    pub fn replay(&self) -> Result<Replay, PipelineError> {
        Ok(Replay {
            dir: self.dir.clone(),
            vault: self.vault.clone(),
            collectors: self.collectors.clone(),
            rule_set: load_rules(&self.dir.join("rules"))?,
            index: self.reader(),
            last: self.last_entry(),
        })
    }

    /// The number of the custody log's last entry.
    pub fn last_entry(&self) -> u64 {
        self.custody.head().0
    }
}

impl Replay {
    /// The number of the last entry that is read.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Reads the postings of all captures that came after this entry of the custody log, one capture
    /// at a time. Sources are read as they were defined when the capture was kept.
    pub fn after(
        &self,
        after: u64,
    ) -> Result<impl Iterator<Item = Result<Replayed, PipelineError>> + '_, PipelineError> {
        let custody = self.dir.join("custody");
        let mut sources = self.sources_at(after)?;
        let mut examiner = Examiner::new(&self.rule_set);
        let entries = self.entries(&custody, after)?;
        Ok(entries.filter_map(move |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            if let Event::Source { source } = entry.event {
                sources.insert(source.id.clone(), *source);
                return None;
            }
            replayed(&entry, &sources, &self.collectors, &self.vault, &mut examiner).transpose()
        }))
    }

    /// The entries after this one, up to the last: what comes behind it may be half written.
    fn entries(
        &self,
        custody: &Path,
        after: u64,
    ) -> Result<impl Iterator<Item = Result<Entry, EvidenceError>> + use<>, PipelineError> {
        let count = usize::try_from(self.last.saturating_sub(after)).unwrap_or(usize::MAX);
        Ok(evidence::entries(custody, after)?.take(count))
    }

    /// The sources as they were defined at this entry.
    fn sources_at(&self, entry: u64) -> Result<BTreeMap<SourceId, Source>, PipelineError> {
        let custody = self.dir.join("custody");
        let defined = |entry: Result<Entry, EvidenceError>| match entry {
            Ok(entry) => match entry.event {
                Event::Source { source } => Some(Ok((entry.seq, *source))),
                _ => None,
            },
            Err(error) => Some(Err(error)),
        };
        // A log is long and sources are seldom defined anew: when none was since, the index has
        // them as they were.
        let later = self.entries(&custody, entry)?.filter_map(defined).next().transpose()?;
        if later.is_none() && self.index.applied()? == self.last {
            let sources = self.index.sources()?.into_iter();
            return Ok(sources.map(|source| (source.id.clone(), source)).collect());
        }
        let mut sources = BTreeMap::new();
        for read in self.entries(&custody, 0)?.filter_map(defined) {
            let (seq, source) = read?;
            if seq > entry {
                break;
            }
            sources.insert(source.id.clone(), source);
        }
        Ok(sources)
    }
}

fn replayed(
    entry: &Entry,
    sources: &BTreeMap<SourceId, Source>,
    collectors: &Collectors,
    vault: &Vault,
    examiner: &mut Examiner<'_>,
) -> Result<Option<Replayed>, PipelineError> {
    let Event::Capture { source, role, file, offset, length, without, .. } = &entry.event else {
        return Ok(None);
    };
    // A source or collector that is gone was counted as a fault when the capture was folded.
    let (Some(source), false) = (sources.get(source), *role != CaptureRole::Page) else {
        return Ok(None);
    };
    let capture = CaptureArchive::read(vault, file, *offset, *length)?;
    let Some(reading) = collectors.read(source, &capture) else { return Ok(None) };
    let reading = retention::without_deleted(reading, without);
    let read = reading.postings.into_iter();
    let postings = read.map(|mut posting| {
        let (assessment, _) = examiner.examine_posting(&mut posting);
        (posting, assessment)
    });
    Ok(Some(Replayed { entry: entry.seq, postings: postings.collect() }))
}
