use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use collect::{Collector, Listed, Page, Reading, Scan, ScanError, read_sitemap};
use domain::{Capture, Outcome, Problem, Source};
use jiff::Timestamp;
use url::Url;

use crate::job_page::JobPage;
use crate::job_walk::{DEFAULT_MAX_PAGES, PAGE_LIMIT, is_mendable};
use crate::page_links::{Follow, same_host};

const NOT_A_SITEMAP: Outcome = Outcome::fault("sitemap.not-a-sitemap");
const BROKEN_OFF: Outcome = Outcome::fault("sitemap.broken-off");
const BAD_ADDRESS: Outcome = Outcome::intended("sitemap.other-host");
const NOT_FOLLOWED: Outcome = Outcome::intended("sitemap.not-followed");
const NOT_CHANGED: Outcome = Outcome::intended("sitemap.not-changed");
const NO_ADDRESS: Outcome = Outcome::fault("sitemap.no-address");
const LIST: Outcome = Outcome::intended("sitemap.list");

/// Sitemaps that are read in one scan although fewer pages are allowed: without them no page is known.
const LEAST_MAPS: usize = 10;

/// A sitemap, or an index of them, and the job pages that it lists.
#[derive(Clone, Copy, Debug)]
pub struct Sitemap;

#[async_trait]
impl Collector for Sitemap {
    fn kind(&self) -> &'static str {
        "sitemap"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let follow = Follow::of(scan.source).map_err(ScanError::Incomplete)?;
        let most = scan.source.max_pages.unwrap_or(DEFAULT_MAX_PAGES).max(1);
        let number =
            scan.checkpoint.get("walk").and_then(|walk| walk.parse().ok()).unwrap_or(0) + 1;
        scan.checkpoint.set("walk", number.to_string());
        let mut walk = Walk {
            number,
            maps_left: most.max(LEAST_MAPS),
            pages_left: most,
            saw_all: true,
            ..Walk::default()
        };
        walk.maps(scan, follow.as_ref()).await?;
        walk.pages(scan).await?;
        walk.forget(scan);
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let Some(file) = read_sitemap(capture.content(), capture.header("content-type")) else {
            return JobPage.read(source, capture);
        };
        let (pages, maps) = (file.pages.len(), file.maps.len());
        let detail = format!("lists {pages} pages and {maps} further sitemaps");
        let mut reading = Reading::failed(Problem::new(LIST, &capture.url, detail));
        if file.nameless > 0 {
            let detail = format!("{} entries have no address", file.nameless);
            reading.problems.push(Problem::new(NO_ADDRESS, &capture.url, detail));
        }
        if let Some(why) = file.broken_off {
            reading.problems.push(Problem::new(BROKEN_OFF, &capture.url, why));
        }
        reading
    }
}

#[derive(Default)]
struct Walk {
    /// Which walk of the source this is, counted from 1.
    number: u64,
    /// How many more sitemaps may be fetched, and how many pages: an index of a thousand sitemaps
    /// must not keep every page from being read.
    maps_left: usize,
    pages_left: usize,
    /// More pages were wanted, and that is noted.
    limit_met: bool,
    /// Every sitemap was read to its end.
    saw_all: bool,
    maps: BTreeSet<String>,
    /// Pages in the order of the sitemaps, with the change that a later visit need not look at.
    order: Vec<String>,
    pages: BTreeMap<String, Option<Timestamp>>,
}

impl Walk {
    async fn maps(
        &mut self,
        scan: &mut Scan<'_>,
        follow: Option<&Follow>,
    ) -> Result<(), ScanError> {
        let mut waiting = std::collections::VecDeque::from([scan.source.url.clone()]);
        while let Some(url) = waiting.pop_front() {
            if !self.maps.insert(url.clone()) {
                continue;
            }
            if !may_fetch(&mut self.maps_left, &mut self.limit_met, scan, &url) {
                self.saw_all = false;
                return Ok(());
            }
            scan.checkpoint.set(format!("map {url}"), self.number.to_string());
            // Asked for whole: an index that is as it was may lead to sitemaps that are not, and
            // pages that the limit left out are to be found again.
            scan.checkpoint.positions.remove(&format!("etag {url}"));
            scan.checkpoint.positions.remove(&format!("last-modified {url}"));
            let (Page::New(capture) | Page::Unchanged(Some(capture))) = scan.get(&url).await?
            else {
                self.saw_all = false;
                continue;
            };
            let found = read_sitemap(capture.content(), capture.header("content-type"));
            let (Some(file), Ok(base)) = (found, Url::parse(&capture.url)) else {
                let detail = "neither a sitemap nor an index of sitemaps";
                scan.fail(Problem::new(NOT_A_SITEMAP, &url, detail));
                self.saw_all = false;
                continue;
            };
            self.saw_all &= file.broken_off.is_none();
            for map in file.maps {
                match same_host(&map.address, &base, &base) {
                    Some(map) => waiting.push_back(map.into()),
                    None => scan.tally.count(BAD_ADDRESS),
                }
            }
            // What an earlier walk had to leave out comes first.
            waiting.make_contiguous().sort_by_key(|map| {
                let noted = scan.checkpoint.get(&format!("map {map}"));
                noted.and_then(|walk| walk.parse::<u64>().ok()).unwrap_or(0)
            });
            for page in file.pages {
                self.list(scan, follow, &base, page, capture.fetched_at);
            }
        }
        Ok(())
    }

    fn list(
        &mut self,
        scan: &mut Scan<'_>,
        follow: Option<&Follow>,
        base: &Url,
        page: Listed,
        now: Timestamp,
    ) {
        let Some(url) = same_host(&page.address, base, base) else {
            return scan.tally.count(BAD_ADDRESS);
        };
        if follow.is_some_and(|follow| !follow.matches(&url)) {
            return scan.tally.count(NOT_FOLLOWED);
        }
        // A change that is not over yet, or is dated to come, proves nothing.
        let changed = page.changed.filter(|changed| *changed <= now);
        if self.pages.insert(url.to_string(), changed).is_none() {
            self.order.push(url.into());
        }
    }

    /// Pages never visited come first, then those visited longest ago.
    async fn pages(&mut self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let mut order = std::mem::take(&mut self.order);
        order.sort_by_key(|url| visit(scan, url).0);
        for url in order {
            let changed = self.pages.get(&url).copied().flatten();
            if changed.is_some() && visit(scan, &url).1 >= changed {
                scan.tally.count(NOT_CHANGED);
                continue;
            }
            if !may_fetch(&mut self.pages_left, &mut self.limit_met, scan, &url) {
                return Ok(());
            }
            let failed = match scan.get(&url).await? {
                Page::Failed(problem) => is_mendable(&problem),
                _ => false,
            };
            let changed = changed.filter(|_| !failed).map_or(String::new(), |at| at.to_string());
            scan.checkpoint.set(format!("page {url}"), format!("{} {changed}", self.number));
        }
        Ok(())
    }

    /// What is listed no more is forgotten, or the checkpoint would grow for ever.
    fn forget(&self, scan: &mut Scan<'_>) {
        if self.saw_all {
            scan.checkpoint.positions.retain(|name, _| match name.split_once(' ') {
                Some((_, url)) => self.pages.contains_key(url) || self.maps.contains(url),
                None => true,
            });
        }
    }
}

/// Takes one of what is left; that nothing is left is told once a scan.
fn may_fetch(left: &mut usize, limit_met: &mut bool, scan: &mut Scan<'_>, url: &str) -> bool {
    if *left == 0 {
        if !*limit_met {
            let detail = "the scan's most pages are fetched; the rest comes next time";
            scan.fail(Problem::new(PAGE_LIMIT, url, detail));
        }
        *limit_met = true;
        return false;
    }
    *left -= 1;
    true
}

/// In which walk a page was visited last, and the change that was seen then.
fn visit(scan: &Scan<'_>, url: &str) -> (u64, Option<Timestamp>) {
    let noted = scan.checkpoint.get(&format!("page {url}")).unwrap_or_default();
    let (walk, changed) = noted.split_once(' ').unwrap_or((noted, ""));
    (walk.parse().unwrap_or(0), changed.parse().ok())
}
