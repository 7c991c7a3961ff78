use async_trait::async_trait;
use collect::{Collector, ListOf, Markup, PassedOver, Reading, Scan, ScanError};
use domain::{Capture, Pay, Posting, PostingKind, Source};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::board::{self, BROKEN_JOB, Board};
use crate::stated_pay::period_within;

const HOSTS: [(&str, &str); 2] =
    [("jobs.lever.co", "https://api.lever.co"), ("jobs.eu.lever.co", "https://api.eu.lever.co")];
const FORM: &str = "https://jobs.lever.co/agency";

/// Ads on a page.
const PAGE: usize = 100;
/// Pages fetched in one scan when the source sets no other number.
const DEFAULT_MAX_PAGES: usize = 20;

/// A company's public board at Lever (`https://jobs.lever.co/agency`), a hundred ads a page. See
/// <https://github.com/lever/postings-api>.
#[derive(Clone, Copy, Debug)]
pub struct Lever;

#[async_trait]
impl Collector for Lever {
    fn kind(&self) -> &'static str {
        "lever"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let first = first_page(&scan.source.url).ok_or_else(|| board::bad_address(scan, FORM))?;
        board::walk_pages(scan, first, DEFAULT_MAX_PAGES, next_page).await
    }

    fn place(&self, link: &Url) -> Option<String> {
        board::place(link, &HOSTS)
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let Some(jobs) = jobs(capture) else { return board::unreadable(capture) };
        collect::read_list(capture, ListOf::Jobs, &jobs, |job| posting(source, capture, job))
    }
}

fn first_page(address: &str) -> Option<String> {
    let Board { server, name } = Board::at(address, &HOSTS, &["v0", "postings", "*"])?;
    Some(format!("{server}/v0/postings/{name}?mode=json&limit={PAGE}"))
}

fn jobs(capture: &Capture) -> Option<Vec<Value>> {
    serde_json::from_slice(capture.content()).ok()
}

/// A full page has another behind it, if only an empty one.
fn next_page(capture: &Capture) -> Option<String> {
    if jobs(capture)?.len() < PAGE {
        return None;
    }
    let url = Url::parse(&capture.url).ok()?;
    let skipped: usize =
        collect::parameter(&url, "skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
    collect::with_parameter(&capture.url, "skip", &skipped.saturating_add(PAGE).to_string())
}

/// A posting, as far as it is read. Texts are HTML.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    /// The title.
    text: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    categories: Categories,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    description: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    lists: Vec<List>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    additional: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    salary_description: String,
    salary_range: Option<SalaryRange>,
    hosted_url: String,
    /// Milliseconds since 1970.
    created_at: Option<i64>,
    country: Option<String>,
    workplace_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Categories {
    location: Option<String>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    all_locations: Vec<String>,
}

/// "What you will do", "We offer".
#[derive(Deserialize)]
struct List {
    #[serde(default, deserialize_with = "collect::null_as_default")]
    text: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    content: String,
}

#[derive(Deserialize)]
struct SalaryRange {
    min: Option<f64>,
    max: Option<f64>,
    currency: Option<String>,
    /// `per-month-salary`
    interval: Option<String>,
}

fn posting(source: &Source, capture: &Capture, job: &Value) -> Result<Posting, PassedOver> {
    let job: Job = board::described(job).ok_or((BROKEN_JOB, "it has no id, title or address"))?;
    let mut parts = vec![Markup::Html(job.description)];
    for list in job.lists {
        parts.push(Markup::Html(format!("<p>{}</p><ul>{}</ul>", list.text, list.content)));
    }
    parts.extend([Markup::Html(job.additional), Markup::Html(job.salary_description)]);
    let located = job.categories.all_locations.into_iter().chain(job.categories.location);
    let remote = job.workplace_type.filter(|kind| kind == "remote");
    let mut links = Vec::new();
    for link in parts.iter().flat_map(|part| part.links(None)) {
        if !links.contains(&link) {
            links.push(link);
        }
    }
    Ok(Posting {
        url: Some(job.hosted_url),
        title: Some(job.text.trim().to_owned()),
        published_at: job.created_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        places: board::places(located.chain(job.country).chain(remote).map(Some)),
        pay: job.salary_range.map(SalaryRange::pay),
        hidden_links: links,
        ..Posting::read(
            source,
            capture,
            PostingKind::JobAd,
            job.id,
            board::paragraphs(parts.iter().map(Markup::text)),
        )
    })
}

impl SalaryRange {
    fn pay(self) -> Pay {
        let period = self.interval.as_deref().and_then(period_within);
        Pay { min: self.min, max: self.max, currency: self.currency, period }
    }
}
