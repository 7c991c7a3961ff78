//! Tips: what people hand in. The words become a posting and always stand on the queue, since
//! somebody thought them worth sending; who sent them is written into a record of its own, apart
//! from the custody log and the captures, so that it goes into no packet and can be erased.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use collect::{TIP_KIND, TipForm, TipSender, picture_kind, tip_address, tip_capture};
use domain::{
    Assessment, CaptureRole, Language, LeadId, LinkKind, PostingId, Region, Sha256, Source,
    SourceId,
};
use evidence::Event;
use jiff::Timestamp;
use serde::Serialize;
use store::Store;

use crate::desk::PROGRAM;
use crate::{Desk, Examiner, PipelineError};

/// The folder of the records of who sent what.
pub(crate) const SENDERS: &str = "tips";
/// The source that all tips are kept under.
const SOURCE: &str = "tips";
/// Version of a sender's record.
const FORMAT: u32 = 1;
/// Most postings with the same contact that are looked at.
const MOST_SEEN: usize = 100;
/// Most screenshots of a tip, and the largest in bytes.
const MOST_SCREENSHOTS: usize = 20;
const LARGEST_SCREENSHOT: usize = 20 * 1024 * 1024;

/// A tip as it is handed in.
#[derive(Clone, Debug, Default)]
pub struct Tip {
    /// What was written down.
    pub form: TipForm,
    /// The bytes of its screenshots, in order: PNG, JPEG, WebP or GIF.
    pub screenshots: Vec<Vec<u8>>,
    /// The language of its words, if known.
    pub language: Option<Language>,
    /// Whose phone formats to expect.
    pub region: Option<Region>,
}

/// Something of a tip that stands in a lead already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenBefore {
    /// A contact, or the same words.
    pub kind: LinkKind,
    /// The contact; the fingerprint of the words.
    pub value: String,
    /// Where it was seen.
    pub lead: LeadId,
}

/// What came of a tip.
#[derive(Clone, Debug, Serialize)]
pub struct TipReceipt {
    /// Its posting.
    pub posting: PostingId,
    /// Its lead on the queue.
    pub lead: Option<LeadId>,
    /// Whether it was handed in for the first time.
    pub new: bool,
    /// What the rules say to its words.
    pub assessment: Assessment,
    /// What other leads have in common with it.
    pub seen_before: Vec<SeenBefore>,
    /// How many screenshots are kept with it.
    pub screenshots: usize,
    /// Whether who sent it is on record.
    pub sender_kept: bool,
}

#[derive(Serialize)]
struct SenderRecord<'a> {
    format: u32,
    tip: &'a str,
    posting: &'a PostingId,
    received_at: Timestamp,
    taken_in_by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<&'a str>,
}

impl Desk {
    /// Takes a tip in. Its sender's record is on disk before anything is acknowledged.
    pub fn tip(&mut self, tip: &Tip, by: &str) -> Result<TipReceipt, PipelineError> {
        let kinds = check(tip)?;
        let source = self.tip_source()?;
        let text = tip.form.posting_text();
        let digests: Vec<Sha256> = tip.screenshots.iter().map(|bytes| Sha256::of(bytes)).collect();
        let address = tip_address(&text, &digests);
        let key = address.rsplit('/').next().unwrap_or_default();
        let posting = PostingId::derive(&source.id, key);
        let now = self.clock.now();
        let sender_kept = !tip.form.sender.is_empty();
        if sender_kept {
            let record = record_of(&tip.form.sender, key, &posting, now, by);
            keep_sender(&self.dir.join(SENDERS), key, &record)?;
        }
        for ((number, bytes), kind) in (1..).zip(&tip.screenshots).zip(kinds) {
            let address = format!("{address}/screenshot-{number}");
            let picture = tip_capture(&source, address, now, Some(kind), bytes.clone(), None, None);
            self.keep(&picture)?;
        }
        let words =
            tip_capture(&source, address, now, None, text.into_bytes(), tip.language, tip.region);
        let new = self.keep(&words)?.new;
        let (assessment, seen_before) = self.seen_before(&source, &words, &posting)?;
        Ok(TipReceipt {
            lead: self.store.lead_of(&posting)?,
            posting,
            new,
            assessment,
            seen_before,
            screenshots: tip.screenshots.len(),
            sender_kept,
        })
    }

    /// The source of tips, written into the log when it is not there yet.
    pub(crate) fn tip_source(&mut self) -> Result<Source, PipelineError> {
        let source = source_of_tips();
        if self.store.source(&source.id)?.as_ref() != Some(&source) {
            self.record(PROGRAM, vec![Event::Source { source: Box::new(source.clone()) }])?;
        }
        Ok(source)
    }

    fn seen_before(
        &self,
        source: &Source,
        words: &domain::Capture,
        posting: &PostingId,
    ) -> Result<(Assessment, Vec<SeenBefore>), PipelineError> {
        let reading = self.collectors.of(&source.kind).map(|tips| tips.read(source, words));
        let mut read =
            reading.unwrap_or_default().postings.into_iter().next().ok_or_else(|| {
                PipelineError::Refused("the tip that was kept cannot be read back".to_owned())
            })?;
        let mut examiner = Examiner::new(&self.settings.rule_set);
        let (assessment, keys) = examiner.examine_posting(&mut read);
        let mut seen: Vec<SeenBefore> = Vec::new();
        for key in keys.keys.iter().filter(|key| key.kind != LinkKind::Template) {
            for other in self.store.linked(key, MOST_SEEN)? {
                let Some(lead) = self.store.lead_of(&other)?.filter(|_| other != *posting) else {
                    continue;
                };
                let found = SeenBefore { kind: key.kind, value: key.value.clone(), lead };
                if !seen.contains(&found) {
                    seen.push(found);
                }
            }
        }
        Ok((assessment, seen))
    }
}

/// What everything is kept under that people hand in.
pub(crate) fn source_of_tips() -> Source {
    let id = SourceId::new(SOURCE).expect("a word of letters is an id");
    Source::new(id, TIP_KIND, SOURCE, "handed in by people")
}

/// The sort of each screenshot, or what is wrong with the tip in one sentence.
fn check(tip: &Tip) -> Result<Vec<&'static str>, PipelineError> {
    let refused = |what: String| Err(PipelineError::Refused(what));
    let sender = &tip.form.sender;
    if !sender.is_empty() && sender.consent.is_none() {
        return refused(
            "the tip says who sent it and not what they agreed to: add `Consent: ...` in their words, or leave the sender out"
                .to_owned(),
        );
    }
    if tip.form.posting_text().is_empty() && tip.screenshots.is_empty() {
        return refused("the tip is empty: it has no text, link, phone or screenshot".to_owned());
    }
    if tip.screenshots.len() > MOST_SCREENSHOTS {
        return refused(format!("a tip has at most {MOST_SCREENSHOTS} screenshots"));
    }
    let mut kinds = Vec::new();
    for (number, bytes) in (1..).zip(&tip.screenshots) {
        if bytes.len() > LARGEST_SCREENSHOT {
            return refused(format!(
                "screenshot {number} has more than {LARGEST_SCREENSHOT} bytes"
            ));
        }
        match picture_kind(bytes) {
            Some(kind) => kinds.push(kind),
            None => {
                return refused(format!(
                    "screenshot {number} is no picture: PNG, JPEG, WebP and GIF are taken"
                ));
            }
        }
    }
    Ok(kinds)
}

fn record_of<'a>(
    sender: &'a TipSender,
    tip: &'a str,
    posting: &'a PostingId,
    received_at: Timestamp,
    taken_in_by: &'a str,
) -> SenderRecord<'a> {
    SenderRecord {
        format: FORMAT,
        tip,
        posting,
        received_at,
        taken_in_by,
        from: sender.name.as_deref(),
        organisation: sender.organisation.as_deref(),
        reach: sender.reach.as_deref(),
        consent: sender.consent.as_deref(),
    }
}

/// Writes a record that only the desk's owner may read. The same tip from somebody else is a second
/// record beside the first.
fn keep_sender(dir: &Path, tip: &str, record: &SenderRecord<'_>) -> Result<(), PipelineError> {
    fs::create_dir_all(dir).map_err(PipelineError::file("make", dir))?;
    let json = serde_json::to_string_pretty(record).map_err(|error| {
        PipelineError::Refused(format!("cannot write down who sent the tip: {error}"))
    })?;
    for number in 1_u32.. {
        let path = dir.join(format!("{tip}-{number}.json"));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(PipelineError::file("write", &path)(error)),
            Ok(mut file) => {
                return writeln!(file, "{json}")
                    .and_then(|()| file.sync_all())
                    .and_then(|()| File::open(dir)?.sync_all())
                    .map_err(PipelineError::file("write", &path));
            }
        }
    }
    Err(PipelineError::Refused("all names of the tip's record are taken".to_owned()))
}

/// The screenshots that belong to a tip's words: kept before them, under addresses that begin with
/// theirs.
pub(crate) fn screenshots_of(
    store: &dyn Store,
    page: &domain::Capture,
) -> Result<Vec<domain::CaptureId>, PipelineError> {
    let mut found = Vec::new();
    if page.role != CaptureRole::Page || !page.url.starts_with("file:///tip/") {
        return Ok(found);
    }
    for number in 1..=MOST_SCREENSHOTS {
        let address = format!("{}/screenshot-{number}", page.url);
        match store.latest_payload(&page.source, &address)? {
            Some((id, _)) => found.push(id),
            None => break,
        }
    }
    Ok(found)
}
