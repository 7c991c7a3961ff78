//! From the fields of a row to a posting, whatever kind of file it stood in.

use domain::{Capture, Language, Outcome, Posting, PostingId, PostingKind, Problem, Region, Sha256, Source};
use jiff::Timestamp;

use crate::plain_text;

const NO_TEXT: Outcome = Outcome::fault("row.no-text");

/// What a row says.
#[derive(Debug, Default)]
pub(crate) struct Row {
    pub(crate) id: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) author: Option<String>,
    pub(crate) employer: Option<String>,
    pub(crate) published_at: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) kind: Option<String>,
}

impl Row {
    /// The posting of this row; `place` is told when it has no words.
    pub(crate) fn posting(self, source: &Source, capture: &Capture, place: &str) -> Result<Posting, Problem> {
        let text = plain_text(self.text.as_deref().unwrap_or_default());
        let title = self.title.map(|title| plain_text(&title)).filter(|title| !title.is_empty());
        if text.is_empty() && title.is_none() {
            return Err(Problem::new(NO_TEXT, place, "the row has neither text nor title"));
        }
        let key = self.id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).unwrap_or_else(|| {
            let words = [title.as_deref().unwrap_or_default().as_bytes(), text.as_bytes()];
            format!("content-{}", &Sha256::of_parts(words).to_hex()[..16])
        });
        Ok(Posting {
            id: PostingId::derive(&source.id, &key),
            source: source.id.clone(),
            capture: capture.id.clone(),
            key,
            kind: match self.kind.as_deref() {
                Some("job_ad") => PostingKind::JobAd,
                Some("tip") => PostingKind::Tip,
                _ => PostingKind::SocialPost,
            },
            url: self.url.filter(|url| !url.is_empty()),
            title,
            text,
            author: self.author.filter(|author| !author.is_empty()),
            published_at: self.published_at.as_deref().and_then(time),
            captured_at: capture.fetched_at,
            language: self.lang.as_deref().and_then(Language::from_code).or(source.language),
            region: self.region.as_deref().and_then(Region::new).or(source.region),
            places: Vec::new(),
            pay: None,
            employer: self.employer.filter(|employer| !employer.is_empty()),
            hidden_links: Vec::new(),
            contacts: Vec::new(),
        })
    }
}

/// A time with its zone; a bare date is taken as midnight UTC.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let date: jiff::civil::Date = text.get(..10)?.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
    })
}
