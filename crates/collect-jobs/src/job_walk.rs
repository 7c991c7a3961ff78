use std::collections::BTreeSet;

use collect::{Page, Scan, ScanError};
use domain::{Capture, Outcome, Problem};

/// Pages fetched in one scan when the source sets no other number.
pub(crate) const DEFAULT_MAX_PAGES: usize = 200;

pub(crate) const PAGE_LIMIT: Outcome = Outcome::intended("scan.page-limit");

/// What one page of a list leads to.
#[derive(Debug, Default)]
pub(crate) struct ListPage {
    /// Addresses of job pages, in their order.
    pub(crate) jobs: Vec<String>,
    /// The next page of the same list.
    pub(crate) next: Option<String>,
}

/// How a page of a list is read.
pub(crate) type ReadList<'a> = &'a (dyn Fn(&Capture) -> Result<ListPage, Problem> + Send + Sync);

/// Gets the pages of the list that begins at `first` and the job pages they lead to. Pages not yet
/// seen come first, then those seen longest ago, so that a limit delays pages and loses none.
pub(crate) async fn walk(
    scan: &mut Scan<'_>,
    first: String,
    read_list: ReadList<'_>,
) -> Result<(), ScanError> {
    let mut walk =
        Walk { left: scan.source.max_pages.unwrap_or(DEFAULT_MAX_PAGES).max(1), ..Walk::default() };
    walk.lists(scan, first, read_list).await?;
    if walk.lists.is_empty() {
        return Ok(());
    }
    walk.jobs(scan).await?;
    walk.remember(scan);
    Ok(())
}

#[derive(Default)]
struct Walk {
    /// How many more pages may be fetched.
    left: usize,
    /// More pages were wanted.
    limit_met: bool,
    /// Lists that were read.
    lists: Vec<String>,
    /// Job pages that they lead to, in their order.
    jobs: Vec<String>,
    /// Job pages that were asked for.
    visited: BTreeSet<String>,
    /// Something is left to do, so that the lists must be read again next time.
    unfinished: bool,
    /// Every list was read to its end.
    saw_all: bool,
}

impl Walk {
    async fn lists(
        &mut self,
        scan: &mut Scan<'_>,
        first: String,
        read_list: ReadList<'_>,
    ) -> Result<(), ScanError> {
        let mut next = Some(first);
        let mut seen = BTreeSet::new();
        while let Some(url) = next.take() {
            if !seen.insert(url.clone()) {
                break;
            }
            if !self.may_fetch(scan, &url) {
                return Ok(());
            }
            let capture = match scan.get(&url).await? {
                Page::New(capture) | Page::Unchanged(Some(capture)) => capture,
                // Nothing new on this list, nor on those behind it. A walk that broke off cannot
                // end here: its checkpoint, and with it the validators, was not kept.
                Page::Unchanged(None) => return Ok(()),
                Page::Failed(problem) => {
                    self.unfinished |= is_mendable(&problem);
                    return Ok(());
                }
            };
            self.lists.push(url.clone());
            let found = match read_list(&capture) {
                Ok(found) => found,
                Err(problem) => {
                    scan.fail(problem);
                    return Ok(());
                }
            };
            for job in found.jobs {
                if seen.insert(job.clone()) {
                    self.jobs.push(job);
                }
            }
            next = found.next;
        }
        self.saw_all = true;
        Ok(())
    }

    async fn jobs(&mut self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut order = self.jobs.clone();
        order.sort_by_key(|url| walk_number(scan, &format!("job {url}")));
        for url in order {
            if !self.may_fetch(scan, &url) {
                return Ok(());
            }
            if let Page::Failed(problem) = scan.get(&url).await? {
                self.unfinished |= is_mendable(&problem);
            }
            self.visited.insert(url);
        }
        Ok(())
    }

    /// Whether the limit allows one more page; counts the limit when it is met.
    fn may_fetch(&mut self, scan: &mut Scan<'_>, url: &str) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return true;
        }
        if !self.limit_met {
            let detail = "the scan's most pages are fetched; the rest comes next time";
            scan.fail(Problem::new(PAGE_LIMIT, url, detail));
        }
        self.limit_met = true;
        self.unfinished = true;
        false
    }

    fn remember(&self, scan: &mut Scan<'_>) {
        let number = walk_number(scan, "walk") + 1;
        scan.checkpoint.set("walk", number.to_string());
        for url in &self.visited {
            scan.checkpoint.set(format!("job {url}"), number.to_string());
        }
        if self.unfinished {
            for url in &self.lists {
                scan.checkpoint.positions.remove(&format!("etag {url}"));
                scan.checkpoint.positions.remove(&format!("last-modified {url}"));
            }
        }
        if self.saw_all {
            // What no list leads to any more is forgotten, or the checkpoint would grow for ever.
            let pages = self.jobs.iter().chain(&self.lists);
            let listed: BTreeSet<&str> = pages.map(String::as_str).collect();
            scan.checkpoint.positions.retain(|name, _| match name.split_once(' ') {
                Some((_, url)) => listed.contains(url),
                None => true,
            });
        }
    }
}

fn walk_number(scan: &Scan<'_>, position: &str) -> u64 {
    scan.checkpoint.get(position).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// What is gone or forbidden for good is not asked for again on its own; what the day's budget or
/// a server's bad hour kept from us is.
pub(crate) fn is_mendable(problem: &Problem) -> bool {
    const FOR_GOOD: [&str; 4] =
        ["fetch.not-found", "fetch.robots-disallow", "fetch.bad-url", "fetch.private-address"];
    !FOR_GOOD.contains(&problem.outcome.name)
}
