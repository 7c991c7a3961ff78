use async_trait::async_trait;
use collect::{Collector, Reading, Scan, ScanError, base_of};
use domain::{Capture, Language, Outcome, Posting, PostingKind, Problem, Source};
use scraper::Html;
use url::Url;

use crate::job_posting::{JobPosting, job_postings};
use crate::job_walk::{self, ListPage};
use crate::json_ld::json_ld;
use crate::microdata::microdata;
use crate::page_links::{Follow, page_links};
use crate::rdfa::rdfa;

const NO_JOB: Outcome = Outcome::fault("page.no-job-posting");
const TOO_COMPLEX: Outcome = Outcome::fault("page.too-complex");
const BROKEN_JSON: Outcome = Outcome::fault("json-ld.broken");
const EMPTY: Outcome = Outcome::fault("posting.empty");
const SUMMARY: Outcome = Outcome::intended("posting.summary-only");

/// Pages that carry a schema.org `JobPosting` as JSON-LD, microdata or RDFa, and lists that lead to them.
#[derive(Clone, Copy, Debug)]
pub struct JobPage;

#[async_trait]
impl Collector for JobPage {
    fn kind(&self) -> &'static str {
        "job-page"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let first = scan.source.url.clone();
        let Some(follow) = Follow::of(scan.source).map_err(ScanError::Incomplete)? else {
            scan.get(&first).await?;
            return Ok(());
        };
        job_walk::walk(scan, first, &|list| followed_links(list, &follow)).await
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        match parsed(capture) {
            Ok(page) => read_page(source, capture, &page),
            Err(problem) => Reading::failed(problem),
        }
    }
}

fn followed_links(list: &Capture, follow: &Follow) -> Result<ListPage, Problem> {
    let page = parsed(list)?;
    let Ok(address) = Url::parse(&list.url) else { return Ok(ListPage::default()) };
    let found = page_links(&page, &address);
    let jobs = found.links.iter().filter(|link| follow.matches(link)).map(Url::to_string);
    Ok(ListPage { jobs: jobs.collect(), next: found.next.map(String::from) })
}

/// The page in a capture.
pub(crate) fn parsed(capture: &Capture) -> Result<Html, Problem> {
    let decoded = collect::decode(capture.content(), capture.header("content-type"));
    collect::parse_html(&decoded.text)
        .map_err(|error| Problem::new(TOO_COMPLEX, &capture.url, error.to_string()))
}

fn read_page(source: &Source, capture: &Capture, page: &Html) -> Reading {
    let address = Url::parse(&capture.url).ok();
    let base = base_of(page, address.clone());
    let scripts = json_ld(page);
    let stated = job_postings(&scripts.values, base.as_ref());
    let marked = job_postings(&microdata(page, base.as_ref()), base.as_ref());
    let described = job_postings(&rdfa(page, base.as_ref()), base.as_ref());
    let jobs = without_repeats(without_repeats(stated, marked), described);

    let mut reading = Reading::default();
    for (number, why) in &scripts.broken {
        let place = format!("{}#json-ld={number}", capture.url);
        reading.problems.push(Problem::new(BROKEN_JSON, place, why));
    }
    let follow = Follow::of(source).ok().flatten();
    if jobs.is_empty() && reading.problems.is_empty() {
        let is_list =
            address.is_some_and(|address| is_list(page, capture, &address, follow.as_ref()));
        if !is_list {
            let detail =
                "found no schema.org JobPosting, neither as JSON-LD nor as microdata or RDFa";
            reading.problems.push(Problem::new(NO_JOB, &capture.url, detail));
        }
        return reading;
    }
    let page_language = page.root_element().attr("lang").and_then(Language::from_code);
    for (number, (job, key)) in jobs.iter().zip(keys(&jobs, &capture.url)).enumerate() {
        let place = || format!("{}#job={}", capture.url, number + 1);
        if job.title.is_none() && job.text.is_empty() {
            let detail = "the JobPosting has neither title nor text";
            reading.problems.push(Problem::new(EMPTY, place(), detail));
        } else if follow.is_some() && is_summary(job, &capture.url) {
            let detail = "the list shows a title; the ad is on its own page";
            reading.problems.push(Problem::new(SUMMARY, place(), detail));
        } else {
            reading.postings.push(posting(source, capture, job, key, page_language));
        }
    }
    reading
}

/// A list is a page that leads to pages of the wanted sort and is none of them itself.
fn is_list(page: &Html, capture: &Capture, address: &Url, follow: Option<&Follow>) -> bool {
    let Some(follow) = follow else { return false };
    let asked = capture.redirects.iter().filter_map(|url| Url::parse(url).ok());
    if std::iter::once(address.clone()).chain(asked).any(|url| follow.matches(&url)) {
        return false;
    }
    page_links(page, address).links.iter().any(|link| follow.matches(link))
}

fn is_summary(job: &JobPosting, page: &str) -> bool {
    job.text.is_empty() && job.url.as_deref().is_some_and(|url| url != page)
}

/// Sites often mark up one ad in several forms; it is taken from the first of them then.
fn without_repeats(mut stated: Vec<JobPosting>, marked: Vec<JobPosting>) -> Vec<JobPosting> {
    let agree = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let of_scripts = stated.len();
    for job in marked {
        let same = |other: &JobPosting| {
            agree(&job.identifier, &other.identifier)
                || (agree(&job.title, &other.title)
                    && (job.url == other.url || job.url.is_none() || other.url.is_none()))
        };
        if !stated[..of_scripts].iter().any(same) {
            stated.push(job);
        }
    }
    stated
}

/// What names each job for good: the employer's number for it, else its address, else its place on
/// the page. Where a page repeats a name, the place is added.
fn keys(jobs: &[JobPosting], page: &str) -> Vec<String> {
    let name = |job: &JobPosting| match (&job.identifier, &job.employer) {
        // Numbers are the employer's own: on a board two employers may use the same one.
        (Some(id), Some(employer)) => Some(format!("{employer} {id}")),
        (Some(id), None) => Some(id.clone()),
        (None, _) => job.url.clone(),
    };
    let names: Vec<Option<String>> = jobs.iter().map(name).collect();
    let key = |(number, name): (usize, &Option<String>)| match name {
        Some(name) if names.iter().flatten().filter(|other| *other == name).count() == 1 => {
            name.clone()
        }
        Some(name) => format!("{name}#{}", number + 1),
        None if jobs.len() == 1 => page.to_owned(),
        None => format!("{page}#{}", number + 1),
    };
    names.iter().enumerate().map(key).collect()
}

fn posting(
    source: &Source,
    capture: &Capture,
    job: &JobPosting,
    key: String,
    page_language: Option<Language>,
) -> Posting {
    Posting {
        url: Some(job.url.clone().unwrap_or_else(|| capture.url.clone())),
        title: job.title.clone(),
        published_at: job.published,
        language: job.language.or(page_language),
        places: job.places.clone(),
        pay: job.pay.clone(),
        employer: job.employer.clone(),
        hidden_links: job.hidden_links.clone(),
        images: job.images.clone(),
        ..Posting::read(source, capture, PostingKind::JobAd, key, job.text.clone())
    }
}
