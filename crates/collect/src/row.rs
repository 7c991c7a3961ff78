//! From the fields of a row to a posting, whatever kind of file it stood in.

use domain::{
    Capture, Language, Outcome, Posting, PostingId, PostingKind, Problem, Region, RowPlace, Source,
};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

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
    pub(crate) hidden_links: Vec<String>,
}

impl Row {
    /// The posting of this row, or a problem at `place` when it has no words. A row without id is
    /// known by its content. Without a kind it is a job ad if it names an employer.
    pub(crate) fn posting(
        self,
        source: &Source,
        capture: &Capture,
        place: &str,
        row: RowPlace,
    ) -> Result<Posting, Problem> {
        let text = self.text.unwrap_or_default();
        let title = stated(self.title);
        if text.trim().is_empty() && title.is_none() {
            return Err(Problem::new(NO_TEXT, place, "the row has neither text nor title"));
        }
        let employer = stated(self.employer);
        let kind = match self.kind.as_deref() {
            Some("job_ad") => PostingKind::JobAd,
            Some("tip") => PostingKind::Tip,
            Some("social_post") => PostingKind::SocialPost,
            _ if employer.is_some() => PostingKind::JobAd,
            _ => PostingKind::default(),
        };
        let key = stated(self.id).unwrap_or_default();
        let mut posting = Posting {
            row: Some(row),
            url: stated(self.url),
            title,
            author: stated(self.author),
            published_at: self.published_at.as_deref().and_then(time),
            language: self.lang.as_deref().and_then(Language::from_code).or(source.language),
            region: self.region.as_deref().and_then(Region::new).or(source.region),
            employer,
            hidden_links: self.hidden_links,
            ..Posting::read(source, capture, kind, key, text)
        };
        if posting.key.is_empty() {
            posting.key = format!("content-{}", posting.content_digest().to_hex());
            posting.id = PostingId::derive(&source.id, &posting.key);
        }
        Ok(posting)
    }
}

fn stated(value: Option<String>) -> Option<String> {
    value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// A time with its zone; one without is taken as UTC, a bare date as its midnight.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let utc = |time: DateTime| TimeZone::UTC.to_timestamp(time).ok();
    let written = |format| strtime::parse(format, text).ok()?.to_date().ok();
    text.parse()
        .ok()
        .or_else(|| text.parse::<DateTime>().ok().and_then(utc))
        .or_else(|| text.parse::<Date>().ok().and_then(|date| utc(date.into())))
        .or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp()))
        .or_else(|| strtime::parse("%d.%m.%Y %H:%M", text).ok()?.to_datetime().ok().and_then(utc))
        .or_else(|| written("%d.%m.%Y").and_then(|date| utc(date.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z"),
            (" 2026-03-01 10:00:00 ", "2026-03-01T10:00:00Z"),
            ("2026-03-01", "2026-03-01T00:00:00Z"),
            ("Sun, 01 Mar 2026 10:00:00 +0200", "2026-03-01T08:00:00Z"),
            ("01.03.2026 10:05", "2026-03-01T10:05:00Z"),
            ("01.03.2026", "2026-03-01T00:00:00Z"),
        ] {
            assert_eq!(time(text).map(|time| time.to_string()).as_deref(), Some(expected));
        }
        assert_eq!(time("yesterday"), None);
    }
}
