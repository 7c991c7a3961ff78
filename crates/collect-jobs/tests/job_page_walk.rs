//! How a job board is walked: its lists, then its job pages, politely and without losing one.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::ScanError;
use collect_jobs::JobPage;
use domain::{Checkpoint, Source};
use saved::{BUDGET, PaperSite, TIMEOUT};

const BOARD: &str = "https://board.example";

fn board(jobs: &[&str], next: Option<&str>) -> String {
    let links: String = jobs.iter().map(|job| format!("<a href='{job}'>ad</a>")).collect();
    let next =
        next.map_or(String::new(), |next| format!("<a rel='nofollow next' href='{next}'>→</a>"));
    format!("<body>{links}<a href='/about'>about</a>{next}</body>")
}

fn source(max_pages: usize) -> Source {
    Source {
        follow: Some(r"^/job/\d+".to_owned()),
        max_pages: Some(max_pages),
        ..saved::source("job-page", "https://board.example/jobs")
    }
}

async fn walk(site: &mut PaperSite, checkpoint: &mut Checkpoint, max_pages: usize) -> Vec<String> {
    site.walk(&JobPage, &source(max_pages), checkpoint, BOARD).await.unwrap()
}

fn site(jobs: usize) -> PaperSite {
    let mut site = PaperSite::default();
    site.validates = true;
    for job in 1..=jobs {
        site.put(&format!("{BOARD}/job/{job}"), format!("ad {job}"));
    }
    site
}

#[tokio::test]
async fn lists_are_followed_page_by_page_and_each_job_is_fetched_once() {
    let (mut site, mut checkpoint) = (site(4), Checkpoint::default());
    let first =
        ["/job/2", "job/1#apply", "/job/2?", "https://other.example/job/9", "mailto:a@b.example"];
    site.put(&format!("{BOARD}/jobs"), board(&first, Some("/jobs?page=2")));
    site.put(&format!("{BOARD}/jobs?page=2"), board(&["/job/1", "/job/3"], Some("/jobs")));
    site.put(&format!("{BOARD}/job/2?"), "the same");
    let asked = walk(&mut site, &mut checkpoint, 50).await;
    assert_eq!(asked, ["/jobs", "/jobs?page=2", "/job/2", "/job/1", "/job/2?", "/job/3"]);
    // Nothing new: one question.
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/jobs"]);
}

#[tokio::test]
async fn a_new_ad_on_the_list_is_fetched_first_and_known_ones_conditionally() {
    let (mut site, mut checkpoint) = (site(3), Checkpoint::default());
    site.put(&format!("{BOARD}/jobs"), board(&["/job/1", "/job/2"], None));
    walk(&mut site, &mut checkpoint, 50).await;
    site.put(&format!("{BOARD}/jobs"), board(&["/job/1", "/job/2", "/job/3"], None));
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/jobs", "/job/3", "/job/1", "/job/2"]);
    assert_eq!(site.tally.of("fetch.not-modified"), 2);
}

#[tokio::test]
async fn a_job_page_that_fails_is_tried_again_though_the_list_is_unchanged() {
    let (mut site, mut checkpoint) = (site(3), Checkpoint::default());
    site.put(&format!("{BOARD}/jobs"), board(&["/job/1", "/job/2", "/job/9"], None));
    site.fail(&format!("{BOARD}/job/1"), TIMEOUT);
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await.len(), 4);
    assert_eq!((site.tally.of("fetch.timeout"), site.tally.of("fetch.not-found")), (1, 1));
    site.put(&format!("{BOARD}/job/1"), "ad 1");
    assert!(walk(&mut site, &mut checkpoint, 50).await.contains(&"/job/1".to_owned()));
    // The page that is gone for good does not keep the list from resting.
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/jobs"]);
}

#[tokio::test]
async fn jobs_that_the_budget_kept_from_us_come_another_day() {
    let (mut site, mut checkpoint) = (site(2), Checkpoint::default());
    site.put(&format!("{BOARD}/jobs"), board(&["/job/1", "/job/2"], None));
    site.fail(&format!("{BOARD}/job/2"), BUDGET);
    walk(&mut site, &mut checkpoint, 50).await;
    site.put(&format!("{BOARD}/job/2"), "ad 2");
    walk(&mut site, &mut checkpoint, 50).await;
    assert_eq!(site.tally.of("fetch.new"), 1);
}

#[tokio::test]
async fn the_page_limit_delays_jobs_and_loses_none() {
    let (mut site, mut checkpoint) = (site(5), Checkpoint::default());
    let jobs = ["/job/1", "/job/2", "/job/3", "/job/4", "/job/5"];
    site.put(&format!("{BOARD}/jobs"), board(&jobs, None));
    assert_eq!(walk(&mut site, &mut checkpoint, 3).await, ["/jobs", "/job/1", "/job/2"]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    assert_eq!(walk(&mut site, &mut checkpoint, 3).await, ["/jobs", "/job/3", "/job/4"]);
    assert_eq!(walk(&mut site, &mut checkpoint, 3).await, ["/jobs", "/job/5", "/job/1"]);
}

#[tokio::test]
async fn a_walk_that_died_after_the_list_loses_no_job() {
    let (mut site, mut checkpoint) = (site(2), Checkpoint::default());
    site.validates = false;
    site.put(&format!("{BOARD}/jobs"), board(&["/job/1", "/job/2"], None));
    // The pages are kept, the checkpoint is not: the next walk gets the same bytes again.
    walk(&mut site, &mut checkpoint, 1).await;
    let mut checkpoint = Checkpoint::default();
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/jobs", "/job/1", "/job/2"]);
}

#[tokio::test]
async fn what_the_lists_no_longer_show_is_forgotten() {
    let (mut site, mut checkpoint) = (site(3), Checkpoint::default());
    site.put(&format!("{BOARD}/jobs"), board(&["/job/1", "/job/2"], None));
    walk(&mut site, &mut checkpoint, 50).await;
    site.put(&format!("{BOARD}/jobs"), board(&["/job/3"], None));
    walk(&mut site, &mut checkpoint, 50).await;
    let names: Vec<_> =
        checkpoint.positions.keys().filter(|name| name.starts_with("job ")).collect();
    assert_eq!(names, ["job https://board.example/job/3"]);
}

#[tokio::test]
async fn a_pattern_that_is_none_is_named_and_nothing_is_fetched() {
    let mut checkpoint = Checkpoint::default();
    let source = Source { follow: Some("(".to_owned()), ..source(5) };
    let ended = site(1).walk(&JobPage, &source, &mut checkpoint, BOARD).await;
    assert!(
        matches!(ended, Err(ScanError::Incomplete(problem)) if problem.outcome.name == "source.bad-follow")
    );
}

#[tokio::test]
async fn without_a_pattern_one_page_is_the_whole_source() {
    let (mut site, mut checkpoint) = (site(1), Checkpoint::default());
    let source = saved::source("job-page", "https://board.example/job/1");
    let asked = site.walk(&JobPage, &source, &mut checkpoint, BOARD).await.unwrap();
    assert_eq!(asked, ["/job/1"]);
}
