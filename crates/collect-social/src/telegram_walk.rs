use collect::{Page, Scan, ScanError};
use domain::{Outcome, OutcomeClass, Problem};
use url::Url;

use crate::telegram::page_of;
use crate::telegram_page::ChannelPage;

/// Pages fetched in one scan when the source sets no other number; a page holds up to 20 posts.
const DEFAULT_MAX_PAGES: usize = 20;

const NEWEST: &str = "newest_post";
const GAP_FROM: &str = "gap_from";
const GAP_TO: &str = "gap_to";

const PAGE_LIMIT: Outcome = Outcome::intended("scan.page-limit");
const STUCK: Outcome = Outcome::fault("channel.paging-stuck");
const BROKEN_OFF: Outcome = Outcome::fault("channel.walk-broken-off");

/// Walks a channel from its newest post back to the newest one known, then goes on with what an
/// earlier walk left out.
///
/// The checkpoint holds `newest_post`, and `gap_from` and `gap_to` when the page limit was met: the
/// posts between the two are still to be fetched.
pub(crate) async fn walk(scan: &mut Scan<'_>) -> Result<(), ScanError> {
    let known = position(scan, NEWEST).unwrap_or(0);
    let mut gap = position(scan, GAP_FROM).zip(position(scan, GAP_TO));
    let mut pages_left = scan.source.max_pages.unwrap_or(DEFAULT_MAX_PAGES).max(1);

    let newest = walk_back(scan, None, known, &mut pages_left).await?;
    match &newest.end {
        End::FirstPageFailed => return Ok(()),
        End::Failed(url) => {
            let detail =
                "the page could not be read; the next scan starts again from the newest post";
            return Err(ScanError::Incomplete(Problem::new(BROKEN_OFF, url, detail)));
        }
        End::Reached => {}
        // An older gap is taken in: what lies between the two is fetched twice at most.
        End::Left(to) => gap = Some((gap.map_or(known, |(from, _)| from.min(known)), *to)),
    }
    if let Some((from, to)) = gap.filter(|_| matches!(newest.end, End::Reached)) {
        let older = walk_back(scan, Some(to), from, &mut pages_left).await?;
        gap = match older.end {
            End::Reached => None,
            End::Left(to) => Some((from, to)),
            // New posts are safe; the gap is tried again next time, from as far as we came.
            End::FirstPageFailed | End::Failed(_) => Some((from, older.smallest.unwrap_or(to))),
        };
    }
    remember(scan, known.max(newest.largest.unwrap_or(0)), gap);
    Ok(())
}

/// What came of walking backwards.
struct Walked {
    largest: Option<u64>,
    smallest: Option<u64>,
    end: End,
}

enum End {
    /// At the wanted post, or at the channel's first.
    Reached,
    /// The page limit was met, or paging does not go on; posts before this one are left.
    Left(u64),
    /// The first page could not be read; the problem is counted.
    FirstPageFailed,
    /// A later page could not be read.
    Failed(String),
}

/// Fetches pages from before post `before` (from the newest if `None`) back to post `until`.
async fn walk_back(
    scan: &mut Scan<'_>,
    mut before: Option<u64>,
    until: u64,
    pages_left: &mut usize,
) -> Result<Walked, ScanError> {
    let mut walked = Walked { largest: None, smallest: None, end: End::Reached };
    loop {
        let url = address(&scan.source.url, before);
        if *pages_left == 0 {
            let detail = "the scan's most pages are fetched; the rest comes next time";
            scan.fail(Problem::new(PAGE_LIMIT, &url, detail));
            walked.end = End::Left(before.unwrap_or(u64::MAX));
            return Ok(walked);
        }
        *pages_left -= 1;
        let page = match get(scan, &url).await? {
            Got::Page(page) => page,
            Got::NothingNew => return Ok(walked),
            Got::Failed | Got::Refused if walked.largest.is_none() => {
                walked.end = End::FirstPageFailed;
                return Ok(walked);
            }
            Got::Refused => {
                walked.end = End::Left(before.unwrap_or(u64::MAX));
                return Ok(walked);
            }
            Got::Failed => {
                walked.end = End::Failed(url);
                return Ok(walked);
            }
        };
        let (Some(smallest), Some(largest)) = (page.smallest(), page.largest()) else {
            return Ok(walked);
        };
        if before.is_some_and(|before| smallest >= before) {
            let detail = "the page shows no older posts than the one before it";
            scan.fail(Problem::new(STUCK, &url, detail));
            walked.end = End::Left(before.unwrap_or(smallest));
            return Ok(walked);
        }
        walked.largest = walked.largest.max(Some(largest));
        walked.smallest = Some(smallest);
        // Without a link to older posts a channel is at its beginning. When posts that we know lie
        // further back, the link was lost: then the address is tried all the same.
        let at_beginning = smallest <= 1 || (!page.has_older && until == 0);
        if smallest <= until.saturating_add(1) || at_beginning {
            return Ok(walked);
        }
        before = Some(smallest);
    }
}

enum Got {
    Page(ChannelPage),
    NothingNew,
    /// By a rule of ours, such as the day's budget: no fault, and the rest comes next time.
    Refused,
    Failed,
}

async fn get(scan: &mut Scan<'_>, url: &str) -> Result<Got, ScanError> {
    match scan.get(url).await? {
        // The same bytes as last time do not say that the walk got further last time.
        Page::New(capture) | Page::Unchanged(Some(capture)) => match page_of(&capture) {
            Ok(page) => Ok(Got::Page(page)),
            // Reading the capture counts the problem.
            Err(_) => Ok(Got::Failed),
        },
        Page::Unchanged(None) => Ok(Got::NothingNew),
        Page::Failed(problem) if problem.outcome.class == OutcomeClass::Intended => {
            Ok(Got::Refused)
        }
        Page::Failed(_) => Ok(Got::Failed),
    }
}

fn address(source: &str, before: Option<u64>) -> String {
    let Some(before) = before else { return source.to_owned() };
    match Url::parse(source) {
        Ok(mut url) => {
            url.query_pairs_mut().clear().append_pair("before", &before.to_string());
            url.into()
        }
        Err(_) => format!("{source}?before={before}"),
    }
}

fn position(scan: &Scan<'_>, name: &str) -> Option<u64> {
    scan.checkpoint.get(name)?.parse().ok()
}

fn remember(scan: &mut Scan<'_>, newest: u64, gap: Option<(u64, u64)>) {
    // Pages further back are not asked for again; their validators would pile up.
    scan.checkpoint.positions.retain(|name, _| !name.contains("?before="));
    if newest > 0 {
        scan.checkpoint.set(NEWEST, newest.to_string());
    }
    for (name, value) in [(GAP_FROM, gap.map(|gap| gap.0)), (GAP_TO, gap.map(|gap| gap.1))] {
        match value {
            Some(value) => scan.checkpoint.set(name, value.to_string()),
            None => _ = scan.checkpoint.positions.remove(name),
        }
    }
}
