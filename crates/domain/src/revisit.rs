use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CaptureId, PostingId};

/// What came of asking for a posting's page again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is there with the same words.
    Unchanged,
    /// It is there with other words, which are frozen in a snapshot of their own.
    Changed,
    /// Its page is gone, or its source shows that it was taken away.
    Gone,
    /// The page answers and shows it no more: taken away, moved on, or the page has another form.
    NotShown,
    /// A rule of ours, or the host's wish, kept us from asking.
    Refused,
    /// It was asked for, and nothing that can be read came back.
    Failed,
}

impl Found {
    /// The word used in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::NotShown => "not_shown",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// Whether it says something of the posting, rather than of why we know nothing.
    pub fn is_answer(self) -> bool {
        !matches!(self, Self::Refused | Self::Failed)
    }

    /// Whether the posting was not to be seen.
    pub fn is_missing(self) -> bool {
        matches!(self, Self::Gone | Self::NotShown)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A posting's page was asked for again, once or several times in a row with the same result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisit {
    /// The posting.
    pub posting: PostingId,
    /// What was found.
    pub found: Found,
    /// The name of the outcome behind it, where the result has several: `fetch.not-found`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The capture that shows it, of the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<CaptureId>,
    /// UTC, the first time in the row.
    pub first_at: Timestamp,
    /// UTC, the last time in the row.
    pub last_at: Timestamp,
    /// How often.
    pub times: u32,
}

impl Revisit {
    /// One time.
    pub fn once(
        posting: PostingId,
        found: Found,
        why: Option<String>,
        capture: Option<CaptureId>,
        at: Timestamp,
    ) -> Self {
        Self { posting, found, why, capture, first_at: at, last_at: at, times: 1 }
    }

    /// Notes one more time: as one more of the posting's last row when the result is the same, else as
    /// a row of its own. Words that changed are never counted together, each is a snapshot.
    pub fn note(rows: &mut Vec<Self>, next: Self) {
        let last = rows.iter_mut().filter(|row| row.posting == next.posting);
        match last.max_by_key(|row| row.last_at) {
            Some(row)
                if row.found == next.found
                    && row.why == next.why
                    && next.found != Found::Changed =>
            {
                row.last_at = row.last_at.max(next.last_at);
                row.times = row.times.saturating_add(next.times);
                row.capture = next.capture.or(row.capture.take());
            }
            _ => rows.push(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(times: &[(&str, Found, i64)]) -> Vec<(String, Found, u32)> {
        let mut rows = Vec::new();
        for (posting, found, hour) in times {
            let at = Timestamp::from_second(hour * 3600).unwrap();
            let posting = posting.parse().unwrap();
            Revisit::note(&mut rows, Revisit::once(posting, *found, None, None, at));
        }
        rows.into_iter().map(|row| (row.posting.to_string(), row.found, row.times)).collect()
    }

    #[test]
    fn what_stays_the_same_is_one_row_and_each_change_is_another() {
        let (a, b) = ("p-aaaaaaaaaaaaaaaaaaaaaaaa", "p-bbbbbbbbbbbbbbbbbbbbbbbb");
        let rows = noted(&[
            (a, Found::Unchanged, 1),
            (b, Found::Gone, 1),
            (a, Found::Unchanged, 2),
            (a, Found::Changed, 3),
            (a, Found::Changed, 4),
            (a, Found::Unchanged, 5),
            (b, Found::Gone, 9),
        ]);
        assert_eq!(
            rows,
            [
                (a.to_owned(), Found::Unchanged, 2),
                (b.to_owned(), Found::Gone, 2),
                (a.to_owned(), Found::Changed, 1),
                (a.to_owned(), Found::Changed, 1),
                (a.to_owned(), Found::Unchanged, 1),
            ]
        );
    }
}
