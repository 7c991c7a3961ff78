//! Pages, read and examined on all cores before their entries are folded one after another. What a
//! page shows and what the rules say of it does not hang on what was folded before; only whether a
//! posting is new does, and that is looked up again when its turn comes.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use collect::Reading;
use domain::{Assessment, Capture, CaptureId, CaptureRole, Posting, PostingId, Problem, Source};
use evidence::{CaptureArchive, Entry, Event, Vault};
use link::Keys;
use rayon::prelude::*;
use rules::RuleSet;
use store::ContentMark;

use crate::fold::{Folder, NO_COLLECTOR};
use crate::{Collectors, Examiner, PipelineError, retention};

/// So many postings at least are examined by one thread: fewer are not worth handing over.
const EXAMINED_BY_ONE: usize = 16;

/// What a captured page shows, as its source was defined when it was read.
pub(crate) struct Page {
    source: Option<Source>,
    pub(crate) postings: Vec<Read>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) gone: Vec<PostingId>,
}

/// A posting of a page.
pub(crate) struct Read {
    pub(crate) posting: Posting,
    pub(crate) content: ContentMark,
    /// What the rules say of it, when it was examined ahead.
    pub(crate) examined: Option<(Assessment, Keys)>,
    /// Those of its page.
    pub(crate) sheets: Arc<Sheets>,
}

/// The stylesheets of a page, looked for when one of its postings is flagged.
pub(crate) struct Sheets {
    page: Option<Capture>,
    named: OnceLock<Vec<String>>,
}

impl Sheets {
    fn of(page: &Capture) -> Self {
        let page = collect::may_name_stylesheets(page).then(|| page.clone());
        Self { page, named: OnceLock::new() }
    }

    /// Their addresses.
    pub(crate) fn named(&self) -> &[String] {
        self.named.get_or_init(|| self.page.as_ref().map(collect::stylesheets).unwrap_or_default())
    }
}

impl Page {
    /// Reads a capture, without the postings that are not to be read out of it any more.
    pub(crate) fn read(
        collectors: &Collectors,
        source: Option<Source>,
        capture: &Capture,
        without: &[PostingId],
    ) -> Self {
        let reading = source.as_ref().and_then(|source| collectors.read(source, capture));
        let reading = reading.unwrap_or_else(|| {
            Reading::failed(Problem::new(
                NO_COLLECTOR,
                capture.id.as_str(),
                format!("no collector can read source `{}`", capture.source),
            ))
        });
        let Reading { postings, problems, gone } = retention::without_deleted(reading, without);
        let sheets = Arc::new(Sheets::of(capture));
        let postings = postings.into_iter().map(|posting| Read {
            content: ContentMark::from(posting.content_digest()),
            examined: None,
            sheets: sheets.clone(),
            posting,
        });
        Self { source, postings: postings.collect(), problems, gone }
    }

    /// Whether this is what the source shows as it is defined now.
    pub(crate) fn is_by(&self, source: Option<&Source>) -> bool {
        self.source.as_ref() == source
    }

    fn read_back(
        collectors: &Collectors,
        vault: &Vault,
        source: Option<Source>,
        entry: &Entry,
        at_hand: Option<&Capture>,
    ) -> Option<Self> {
        let Event::Capture { file, offset, length, without, .. } = &entry.event else {
            return None;
        };
        let read_back;
        let capture = match at_hand {
            Some(capture) => capture,
            // What cannot be read back is told of when its turn comes.
            None => {
                read_back = CaptureArchive::read(vault, file, *offset, *length).ok()?;
                &read_back
            }
        };
        Some(Self::read(collectors, source, capture, without))
    }
}

impl Folder<'_, '_> {
    /// The pages of these entries by the entries' numbers, their new postings examined, to be given to
    /// [`Folder::fold`]. `at_hand` spares reading captures back.
    pub(crate) fn read_ahead(
        &self,
        entries: &[Entry],
        at_hand: &BTreeMap<&CaptureId, &Capture>,
    ) -> Result<BTreeMap<u64, Page>, PipelineError> {
        let mut wanted = Vec::new();
        for entry in entries {
            if let Event::Capture { capture, source, role: CaptureRole::Page, .. } = &entry.event {
                let at_hand = at_hand.get(capture).copied();
                wanted.push((entry, self.staging().source(source)?, at_hand));
            }
        }
        let (collectors, vault) = (self.collectors, self.vault);
        let read = wanted.into_par_iter().filter_map(|(entry, source, at_hand)| {
            let page = Page::read_back(collectors, vault, source, entry, at_hand)?;
            Some((entry.seq, page))
        });
        let mut pages: Vec<(u64, Page)> = read.collect();
        let mut new = Vec::new();
        for read in pages.iter_mut().flat_map(|(_, page)| &mut page.postings) {
            if self.staging().seen(&read.posting.id)? != Some(read.content) {
                new.push(read);
            }
        }
        examine(self.rule_set, new);
        Ok(pages.into_iter().collect())
    }
}

fn examine(rule_set: &RuleSet, postings: Vec<&mut Read>) {
    let postings = postings.into_par_iter().with_min_len(EXAMINED_BY_ONE);
    postings.for_each_init(
        || Examiner::new(rule_set),
        |examiner, read| {
            let (assessment, keys) = examiner.examine_posting(&mut read.posting);
            if assessment.band.is_flagged() {
                read.sheets.named();
            }
            read.examined = Some((assessment, keys));
        },
    );
}
