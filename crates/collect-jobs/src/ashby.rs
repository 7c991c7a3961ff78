use async_trait::async_trait;
use collect::{Collector, ListOf, Markup, PassedOver, Reading, Scan, ScanError, stated_time};
use domain::{Capture, Outcome, Pay, Posting, PostingKind, Source};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::board::{self, BROKEN_JOB, Board};
use crate::stated_pay::period_within;

const HOSTS: [(&str, &str); 1] = [("jobs.ashbyhq.com", "https://api.ashbyhq.com")];
const FORM: &str = "https://jobs.ashbyhq.com/agency";

const NOT_LISTED: Outcome = Outcome::intended("job.not-listed");

/// A company's public board at Ashby (`https://jobs.ashbyhq.com/agency`): one answer with all its
/// ads. See <https://developers.ashbyhq.com/docs/public-job-posting-api>.
#[derive(Clone, Copy, Debug)]
pub struct Ashby;

#[async_trait]
impl Collector for Ashby {
    fn kind(&self) -> &'static str {
        "ashby"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let first = first_page(&scan.source.url).ok_or_else(|| board::bad_address(scan, FORM))?;
        scan.get(&first).await?;
        Ok(())
    }

    fn place(&self, link: &Url) -> Option<String> {
        board::place(link, &HOSTS)
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let Ok(answer) = serde_json::from_slice::<Answer>(capture.content()) else {
            return board::unreadable(capture);
        };
        collect::read_list(capture, ListOf::Jobs, &answer.jobs, |job| posting(source, capture, job))
    }
}

fn first_page(address: &str) -> Option<String> {
    let Board { server, name } = Board::at(address, &HOSTS, &["posting-api", "job-board", "*"])?;
    Some(format!("{server}/posting-api/job-board/{name}?includeCompensation=true"))
}

#[derive(Deserialize)]
struct Answer {
    jobs: Vec<Value>,
}

/// A job, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    title: String,
    job_url: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    description_html: String,
    published_at: Option<String>,
    location: Option<String>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    secondary_locations: Vec<Located>,
    address: Option<Address>,
    is_remote: Option<bool>,
    /// `false` is for those alone whom the company gives the address.
    is_listed: Option<bool>,
    compensation: Option<Compensation>,
}

#[derive(Deserialize)]
struct Located {
    location: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    postal_address: Option<PostalAddress>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostalAddress {
    address_locality: Option<String>,
    address_region: Option<String>,
    address_country: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Compensation {
    #[serde(default, deserialize_with = "collect::null_as_default")]
    summary_components: Vec<Component>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    compensation_type: Option<String>,
    /// `1 YEAR`
    interval: Option<String>,
    currency_code: Option<String>,
    min_value: Option<f64>,
    max_value: Option<f64>,
}

fn posting(source: &Source, capture: &Capture, job: &Value) -> Result<Posting, PassedOver> {
    let job: Job = board::described(job).ok_or((BROKEN_JOB, "it has no id, title or address"))?;
    if job.is_listed == Some(false) {
        return Err((NOT_LISTED, "the company does not show it on its board"));
    }
    let description = Markup::Html(job.description_html);
    let others = job.secondary_locations.into_iter().map(|place| place.location);
    let address = job.address.and_then(|address| address.postal_address).map(PostalAddress::line);
    let remote = job.is_remote.unwrap_or(false).then(|| "remote".to_owned());
    let salary = job.compensation.into_iter().flat_map(|pay| pay.summary_components);
    Ok(Posting {
        url: Some(job.job_url),
        title: Some(job.title.trim().to_owned()),
        published_at: job.published_at.as_deref().and_then(stated_time),
        places: board::places([job.location].into_iter().chain(others).chain([address, remote])),
        pay: salary.into_iter().find_map(Component::pay),
        hidden_links: description.links(None),
        ..Posting::read(source, capture, PostingKind::JobAd, job.id, description.text())
    })
}

impl PostalAddress {
    fn line(self) -> String {
        let parts = [self.address_locality, self.address_region, self.address_country];
        board::places(parts).join(", ")
    }
}

impl Component {
    /// Shares and bonuses are no pay.
    fn pay(self) -> Option<Pay> {
        let is_salary = self.compensation_type.as_deref() == Some("Salary");
        let (min, max) = (self.min_value, self.max_value);
        let period = self.interval.as_deref().and_then(period_within);
        let stated = is_salary && (min.is_some() || max.is_some());
        stated.then_some(Pay { min, max, currency: self.currency_code, period })
    }
}
