//! Walking a place that shows its newest posts first: back to the newest one known, then on with
//! what an earlier walk left out.

use std::collections::BTreeSet;

use domain::{Capture, Outcome, OutcomeClass, Problem};
use jiff::{SignedDuration, Timestamp};

use crate::{Page, Scan, ScanError};

const NEWEST: &str = "newest_post";
const GAP_FROM: &str = "gap_from";
const GAP_AT: &str = "gap_at";
/// When pages of known posts were last read again.
const LOOKED_BACK: &str = "looked_back_at";

/// Posts up to this age are read again for edits and removals, so often, on so many pages at most. What
/// stands on the newest page is read at every walk.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(48);
const LOOKS_BACK_EVERY: SignedDuration = SignedDuration::from_hours(12);
const MOST_LOOKED_BACK: usize = 3;

const PAGE_LIMIT: Outcome = Outcome::intended("scan.page-limit");
const STUCK: Outcome = Outcome::fault("channel.paging-stuck");
const BROKEN_OFF: Outcome = Outcome::fault("channel.walk-broken-off");
const MISSING: Outcome = Outcome::intended("post.missing");

/// What one page shows of the row of posts. Positions are numbers that grow from older posts to
/// newer ones: a post's number, or its time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Position of its oldest post; `None` on a page without posts.
    pub oldest: Option<u64>,
    /// Position of its newest post.
    pub newest: Option<u64>,
    /// Where the posts before its oldest are.
    pub older: Older,
    /// How old its oldest post was when the page was fetched, and when that was; where it is said, posts
    /// that may still be edited are read again now and then.
    pub oldest_at: Option<(Timestamp, Timestamp)>,
}

/// Where older posts are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Older {
    /// Nowhere: this is the beginning.
    #[default]
    None,
    /// The page itself says.
    At(String),
    /// It should be here though the page does not say so: asked for only when posts that we know lie
    /// further back.
    Perhaps(String),
}

/// A place that is walked.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The page with the newest posts.
    pub first: &'a str,
    /// Pages fetched in one scan when the source sets no other number.
    pub most_pages: usize,
    /// Positions are numbers without holes: the one before post 7 is post 6.
    pub is_counted: bool,
    /// Reads a page; `None` if it is another sort of page. Reading the capture counts the problem.
    pub shown: fn(&Capture) -> Option<Shown>,
}

/// Walks a place.
///
/// Known posts that are young enough to be edited are read again twice a day.
///
/// The checkpoint holds `newest_post`, and `gap_from` and `gap_at` when the page limit was met: the
/// posts after the one, from the address of the other on, are still to be fetched.
pub async fn walk_back(scan: &mut Scan<'_>, place: Place<'_>) -> Result<(), ScanError> {
    let known = position(scan, NEWEST).unwrap_or(0);
    let mut gap = position(scan, GAP_FROM).zip(scan.checkpoint.get(GAP_AT).map(str::to_owned));
    let mut walk = Walk {
        place,
        pages_left: scan.source.max_pages.unwrap_or(place.most_pages).max(1),
        asked: BTreeSet::new(),
        looks_back: MOST_LOOKED_BACK,
        looked_back_at: scan.checkpoint.get(LOOKED_BACK).and_then(|at| at.parse().ok()),
    };
    let newest = walk.back(scan, place.first.to_owned(), known).await?;
    match &newest.end {
        End::FirstPageFailed => return Ok(()),
        End::Failed(url) => {
            let detail =
                "the page could not be read; the next scan starts again from the newest post";
            return Err(ScanError::Incomplete(Problem::new(BROKEN_OFF, url, detail)));
        }
        End::Reached => {}
        // An older gap is taken in: what lies between the two is fetched twice at most.
        End::Left(at) => gap = Some((gap.map_or(known, |(from, _)| from.min(known)), at.clone())),
    }
    if let Some((from, at)) = gap.clone().filter(|_| matches!(newest.end, End::Reached)) {
        let older = walk.back(scan, at.clone(), from).await?;
        gap = match older.end {
            End::Reached => None,
            // New posts are safe; the gap is tried again next time, from as far as we came.
            End::Left(at) | End::Failed(at) => Some((from, at)),
            End::FirstPageFailed => Some((from, at)),
        };
    }
    remember(scan, place.first, known.max(newest.newest.unwrap_or(0)), gap);
    Ok(())
}

struct Walk<'a> {
    place: Place<'a>,
    pages_left: usize,
    /// Addresses asked for in this walk.
    asked: BTreeSet<String>,
    /// Pages of known posts that may be read yet.
    looks_back: usize,
    looked_back_at: Option<Timestamp>,
}

/// What came of walking backwards.
struct Walked {
    newest: Option<u64>,
    end: End,
}

enum End {
    /// At the wanted post, or at the first of all.
    Reached,
    /// The page limit was met, or paging does not go on; what this page would show is left.
    Left(String),
    /// The first page could not be read; the problem is counted.
    FirstPageFailed,
    /// A later page could not be read.
    Failed(String),
}

impl Walk<'_> {
    /// Fetches pages from this one back to post `until`.
    async fn back(
        &mut self,
        scan: &mut Scan<'_>,
        mut url: String,
        until: u64,
    ) -> Result<Walked, ScanError> {
        let mut walked = Walked { newest: None, end: End::Reached };
        let mut oldest = u64::MAX;
        // Known posts are read again from here on: what fails is counted, and nothing is left undone.
        let mut is_known = false;
        loop {
            if self.pages_left == 0 && is_known {
                return Ok(walked);
            }
            if self.pages_left == 0 {
                let detail = "the scan's most pages are fetched; the rest comes next time";
                scan.fail(Problem::new(PAGE_LIMIT, &url, detail));
                walked.end = End::Left(url);
                return Ok(walked);
            }
            self.pages_left -= 1;
            self.asked.insert(url.clone());
            let shown = match self.get(scan, &url).await? {
                Got::Page(shown) => shown,
                Got::NothingNew => return Ok(walked),
                Got::Failed | Got::Refused if is_known => return Ok(walked),
                Got::Failed | Got::Refused if walked.newest.is_none() => {
                    walked.end = End::FirstPageFailed;
                    return Ok(walked);
                }
                Got::Refused => {
                    walked.end = End::Left(url);
                    return Ok(walked);
                }
                Got::Failed => {
                    walked.end = End::Failed(url);
                    return Ok(walked);
                }
            };
            let (Some(from), Some(to)) = (shown.oldest, shown.newest) else { return Ok(walked) };
            walked.newest = walked.newest.max(Some(to));
            if self.place.is_counted && oldest != u64::MAX && to.saturating_add(1) < oldest {
                let missing = oldest - to - 1;
                let detail = format!(
                    "{missing} numbers between two pages are not shown: deleted, or never public"
                );
                scan.fail(Problem::new(MISSING, &url, detail));
            }
            is_known = from <= until.saturating_add(self.place.is_counted.into());
            if is_known && !self.looks_back_from(scan, &shown) {
                return Ok(walked);
            }
            let next = match shown.older {
                Older::At(next) => next,
                Older::Perhaps(next) if until > 0 => next,
                Older::None | Older::Perhaps(_) => return Ok(walked),
            };
            if is_known && (from > oldest || self.asked.contains(&next)) {
                return Ok(walked);
            }
            if from > oldest || self.asked.contains(&next) {
                let detail = "the page shows no older posts than the one before it";
                scan.fail(Problem::new(STUCK, &url, detail));
                walked.end = End::Left(url);
                return Ok(walked);
            }
            oldest = from;
            url = next;
        }
    }

    /// Whether the posts before this page are read again though we know them.
    fn looks_back_from(&mut self, scan: &mut Scan<'_>, shown: &Shown) -> bool {
        let Some((oldest_at, now)) = shown.oldest_at else { return false };
        let rests = |at: Timestamp| {
            (SignedDuration::ZERO..LOOKS_BACK_EVERY).contains(&now.duration_since(at))
        };
        let is_young = now.duration_since(oldest_at) < LOOKS_BACK;
        if self.looks_back == 0 || !is_young || self.looked_back_at.is_some_and(rests) {
            return false;
        }
        self.looks_back -= 1;
        scan.checkpoint.set(LOOKED_BACK, now.to_string());
        true
    }

    async fn get(&self, scan: &mut Scan<'_>, url: &str) -> Result<Got, ScanError> {
        match scan.get(url).await? {
            // The same bytes as last time do not say that the walk got further last time.
            Page::New(capture) | Page::Unchanged(Some(capture)) => {
                Ok((self.place.shown)(&capture).map_or(Got::Failed, Got::Page))
            }
            Page::Unchanged(None) => Ok(Got::NothingNew),
            Page::Failed(problem) if problem.outcome.class == OutcomeClass::Intended => {
                Ok(Got::Refused)
            }
            Page::Failed(_) => Ok(Got::Failed),
        }
    }
}

enum Got {
    Page(Shown),
    NothingNew,
    /// By a rule of ours, such as the day's budget: no fault, and the rest comes next time.
    Refused,
    Failed,
}

fn position(scan: &Scan<'_>, name: &str) -> Option<u64> {
    scan.checkpoint.get(name)?.parse().ok()
}

fn remember(scan: &mut Scan<'_>, first: &str, newest: u64, gap: Option<(u64, String)>) {
    // Pages further back are not asked for again; their validators would pile up.
    scan.checkpoint
        .positions
        .retain(|name, _| name.split_once(' ').is_none_or(|(_, address)| address == first));
    if newest > 0 {
        scan.checkpoint.set(NEWEST, newest.to_string());
    }
    match gap {
        Some((from, at)) => {
            scan.checkpoint.set(GAP_FROM, from.to_string());
            scan.checkpoint.set(GAP_AT, at);
        }
        None => {
            scan.checkpoint.positions.remove(GAP_FROM);
            scan.checkpoint.positions.remove(GAP_AT);
        }
    }
}
