//! A rule or phrase over the archive: which postings it would have caught, and by which words.

use std::path::PathBuf;

use domain::{Band, Contact, Field, Finding, Language, Region, Score, Span};
use jiff::Timestamp;
use rules::{Assessor, Hunt, RuleSet, Subject};
use serde::Serialize;
use text::Folded;

use crate::AnalyticsError;
use crate::archive::{Archive, Column, Part};

/// A posting on which what is hunted for fires.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The posting.
    pub posting: String,
    /// The custody log's entry of its capture.
    pub entry: u64,
    /// Where it was collected.
    pub source: String,
    /// `und` if it cannot be told.
    pub lang: String,
    /// As the source states it.
    pub published_at: Option<Timestamp>,
    /// When it was fetched.
    pub captured_at: Timestamp,
    /// Its address, if it has one.
    pub url: Option<String>,
    /// The rules that fire, each with the words.
    pub found: Vec<Found>,
    /// The score in the archive.
    pub score: u32,
    /// The band in the archive.
    pub band: String,
    /// The score with the rule in the pack; `None` for a phrase.
    pub new_score: Option<Score>,
    /// Likewise the band.
    pub new_band: Option<Band>,
    /// Not flagged in the archive, and flagged with the rule in the pack.
    pub newly_flagged: bool,
}

/// One rule that fires.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// The rule; for a phrase, `any.hunt.phrase`.
    pub rule: String,
    /// The quoted words, in order of place.
    pub spans: Vec<Span>,
}

/// What a hunt came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HuntCounts {
    /// Wordings of postings that were looked at.
    pub read: u64,
    /// Those on which it fires.
    pub hits: u64,
    /// Hits that the archive has as flagged.
    pub flagged_already: u64,
    /// Hits that would be flagged, and are not.
    pub newly_flagged: u64,
}

const COLUMNS: [Column; 12] = [
    Column::Posting,
    Column::Entry,
    Column::Source,
    Column::Language,
    Column::Region,
    Column::PublishedAt,
    Column::CapturedAt,
    Column::Url,
    Column::Title,
    Column::Text,
    Column::Score,
    Column::Band,
];

/// Runs a hunt over what was captured since then, on `threads` threads. Hits come in the archive's
/// order: by day, then as they were read. Memory: one file a thread.
pub fn hunt<E: From<AnalyticsError>>(
    archive: &Archive,
    hunt: &Hunt,
    since: Option<Timestamp>,
    threads: usize,
    visit: &mut dyn FnMut(&Hit) -> Result<(), E>,
) -> Result<HuntCounts, E> {
    let mut counts = HuntCounts::default();
    let Some(alone) = &hunt.alone else { return Ok(counts) };
    let files = archive.files_since(since)?;
    for some in files.chunks(threads.max(1)) {
        let found = std::thread::scope(|scope| {
            let work = |file: &PathBuf| {
                let file = file.clone();
                scope.spawn(move || on_file(&file, alone, hunt.within.as_ref(), since))
            };
            let workers: Vec<_> = some.iter().map(work).collect();
            let ended = |worker: std::thread::ScopedJoinHandle<'_, _>| match worker.join() {
                Ok(found) => found,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            workers.into_iter().map(ended).collect::<Vec<_>>()
        });
        for on_file in found {
            let (read, hits) = on_file?;
            counts.read += read;
            for hit in hits {
                counts.hits += 1;
                counts.newly_flagged += u64::from(hit.newly_flagged);
                counts.flagged_already += u64::from(is_flagged(&hit.band));
                visit(&hit)?;
            }
        }
    }
    Ok(counts)
}

fn on_file(
    file: &std::path::Path,
    alone: &RuleSet,
    within: Option<&RuleSet>,
    since: Option<Timestamp>,
) -> Result<(u64, Vec<Hit>), AnalyticsError> {
    let part = Part::read(file, &COLUMNS)?;
    let words = |column| part.words(column);
    let (titles, texts, languages, regions) = (
        words(Column::Title)?,
        words(Column::Text)?,
        words(Column::Language)?,
        words(Column::Region)?,
    );
    let (postings, sources, urls, bands) = (
        words(Column::Posting)?,
        words(Column::Source)?,
        words(Column::Url)?,
        words(Column::Band)?,
    );
    let (entries, scores) = (part.marks(Column::Entry)?, part.scores()?);
    let (published, captured) = (part.times(Column::PublishedAt)?, part.times(Column::CapturedAt)?);
    let mut seeker = Seeker::new(alone);
    let mut judge = within.map(Seeker::new);
    let (mut read, mut hits) = (0, Vec::new());
    for row in 0..part.height() {
        let captured_at = captured.get(row).unwrap_or_default();
        if since.is_some_and(|since| captured_at < since.as_second()) {
            continue;
        }
        read += 1;
        let posting = Reading {
            title: titles.stated(row),
            text: texts.get(row),
            language: Language::from_code(languages.get(row)),
            region: regions.stated(row).and_then(Region::new),
        };
        let found = seeker.findings(posting);
        if found.is_empty() {
            continue;
        }
        let new_score = judge.as_mut().map(|judge| judge.score(posting));
        let new_band = new_score.map(Band::of);
        let band = bands.get(row).to_owned();
        hits.push(Hit {
            posting: postings.get(row).to_owned(),
            entry: entries.get(row).copied().unwrap_or_default(),
            source: sources.get(row).to_owned(),
            lang: languages.get(row).to_owned(),
            published_at: published.get(row).and_then(|at| Timestamp::from_second(at).ok()),
            captured_at: Timestamp::from_second(captured_at).unwrap_or_default(),
            url: urls.stated(row).map(ToOwned::to_owned),
            found,
            score: scores.get(row).copied().unwrap_or_default(),
            newly_flagged: new_band.is_some_and(Band::is_flagged) && !is_flagged(&band),
            band,
            new_score,
            new_band,
        });
    }
    Ok((read, hits))
}

fn is_flagged(band: &str) -> bool {
    [Band::Medium, Band::High, Band::Critical].iter().any(|flagged| flagged.name() == band)
}

#[derive(Clone, Copy)]
struct Reading<'a> {
    title: Option<&'a str>,
    text: &'a str,
    language: Option<Language>,
    region: Option<Region>,
}

/// Tries a rule set on postings, reusing its buffers.
struct Seeker<'r> {
    assessor: Assessor<'r>,
    /// Most hunts do not: then contacts need not be looked for.
    asks_for_contacts: bool,
    title: Folded,
    text: Folded,
}

impl<'r> Seeker<'r> {
    fn new(rule_set: &'r RuleSet) -> Self {
        Self {
            assessor: Assessor::new(rule_set),
            asks_for_contacts: rule_set.asks_for_contacts(),
            title: Folded::new(""),
            text: Folded::new(""),
        }
    }

    fn assess(&mut self, posting: Reading<'_>) -> domain::Assessment {
        self.title.refold(posting.title.unwrap_or(""));
        self.text.refold(posting.text);
        let mut contacts: Vec<Contact> = Vec::new();
        if self.asks_for_contacts {
            let title = posting.title.into_iter().map(|title| (Field::Title, title));
            for (field, words) in title.chain([(Field::Text, posting.text)]) {
                contacts.extend(text::contacts(field, words, posting.region));
            }
        }
        let subject = Subject {
            title: posting.title.map(|title| (title, &self.title)),
            text: (posting.text, &self.text),
            contacts: &contacts,
        };
        self.assessor.assess(&subject, posting.language)
    }

    fn findings(&mut self, posting: Reading<'_>) -> Vec<Found> {
        let assessment = self.assess(posting);
        let found = |finding: &Finding| Found {
            rule: finding.rule.to_string(),
            spans: finding.spans().to_vec(),
        };
        assessment.findings.iter().chain(&assessment.mitigations).map(found).collect()
    }

    fn score(&mut self, posting: Reading<'_>) -> Score {
        self.assess(posting).score
    }
}
