use async_trait::async_trait;
use collect::{Collector, ListOf, PassedOver, Reading, Scan, ScanError, stated_time};
use domain::{Capture, Language, Pay, Posting, PostingKind, Source};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::board::{self, BROKEN_JOB, Board, Named};
use crate::job_posting::stated_markup;

const HOSTS: [(&str, &str); 4] = [
    ("boards.greenhouse.io", "https://boards-api.greenhouse.io"),
    ("job-boards.greenhouse.io", "https://boards-api.greenhouse.io"),
    ("boards.eu.greenhouse.io", "https://boards-api.eu.greenhouse.io"),
    ("job-boards.eu.greenhouse.io", "https://boards-api.eu.greenhouse.io"),
];
const FORM: &str = "https://boards.greenhouse.io/agency";

/// A company's public board at Greenhouse (`https://boards.greenhouse.io/agency`): one answer with
/// all its ads. See <https://developers.greenhouse.io/job-board.html>.
#[derive(Clone, Copy, Debug)]
pub struct Greenhouse;

#[async_trait]
impl Collector for Greenhouse {
    fn kind(&self) -> &'static str {
        "greenhouse"
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
    let Board { server, name } = Board::at(address, &HOSTS, &["v1", "boards", "*"])?;
    Some(format!("{server}/v1/boards/{name}/jobs?content=true"))
}

#[derive(Deserialize)]
struct Answer {
    jobs: Vec<Value>,
}

/// A job, as far as it is read.
#[derive(Deserialize)]
struct Job {
    id: u64,
    title: String,
    absolute_url: String,
    /// HTML, escaped once more.
    #[serde(default, deserialize_with = "collect::null_as_default")]
    content: String,
    location: Option<Named>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    offices: Vec<Office>,
    first_published: Option<String>,
    updated_at: Option<String>,
    language: Option<String>,
    company_name: Option<String>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    pay_input_ranges: Vec<PayRange>,
}

#[derive(Deserialize)]
struct Office {
    name: Option<String>,
    /// An address, or a name for one.
    #[serde(default, deserialize_with = "collect::null_as_default")]
    location: Value,
}

#[derive(Deserialize)]
struct PayRange {
    min_cents: Option<f64>,
    max_cents: Option<f64>,
    currency_type: Option<String>,
}

fn posting(source: &Source, capture: &Capture, job: &Value) -> Result<Posting, PassedOver> {
    let job: Job = board::described(job).ok_or((BROKEN_JOB, "it has no id, title or address"))?;
    let content = stated_markup(&job.content);
    let offices = job.offices.into_iter().map(|office| {
        let inner = office.location.get("name").unwrap_or(&office.location);
        inner.as_str().map(str::to_owned).or(office.name)
    });
    let published = job.first_published.or(job.updated_at);
    Ok(Posting {
        url: Some(job.absolute_url),
        title: Some(job.title.trim().to_owned()),
        published_at: published.as_deref().and_then(stated_time),
        language: job.language.as_deref().and_then(Language::from_code),
        places: board::places(job.location.map(|place| place.name).into_iter().chain(offices)),
        pay: job.pay_input_ranges.into_iter().next().map(PayRange::pay),
        employer: job.company_name.filter(|name| !name.trim().is_empty()),
        hidden_links: content.links(None),
        ..Posting::read(source, capture, PostingKind::JobAd, job.id.to_string(), content.text())
    })
}

impl PayRange {
    fn pay(self) -> Pay {
        let whole = |cents: Option<f64>| cents.map(|cents| cents / 100.0);
        let (min, max) = (whole(self.min_cents), whole(self.max_cents));
        Pay { min, max, currency: self.currency_type, period: None }
    }
}
