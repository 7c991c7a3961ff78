use async_trait::async_trait;
use collect::{Collector, Markup, Reading, Scan, ScanError, stated_time};
use domain::{Capture, Language, Outcome, Posting, PostingKind, Problem, Source};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::board::{self, BROKEN_JOB, Board, Named};
use crate::job_walk::{self, ListPage};

const HOSTS: [(&str, &str); 2] = [
    ("careers.smartrecruiters.com", "https://api.smartrecruiters.com"),
    ("jobs.smartrecruiters.com", "https://api.smartrecruiters.com"),
];
const FORM: &str = "https://careers.smartrecruiters.com/Agency";

/// Ads on a page of the list.
const PAGE: u64 = 100;

const LIST: Outcome = Outcome::intended("board.list");
const EMPTY: Outcome = Outcome::intended("board.empty");

/// A company's public board at SmartRecruiters (`https://careers.smartrecruiters.com/Agency`): a
/// list, and an answer for each ad. See <https://developers.smartrecruiters.com/docs/posting-api>.
#[derive(Clone, Copy, Debug)]
pub struct SmartRecruiters;

#[async_trait]
impl Collector for SmartRecruiters {
    fn kind(&self) -> &'static str {
        "smartrecruiters"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let first = first_page(&scan.source.url).ok_or_else(|| board::bad_address(scan, FORM))?;
        // An ad that was edited changes its own answer and not the list: the list is asked for whole.
        scan.checkpoint.positions.retain(|name, _| match name.split_once(' ') {
            Some(("etag" | "last-modified", url)) => !url.contains("/postings?"),
            _ => true,
        });
        job_walk::walk(scan, first, &list_page).await
    }

    fn place(&self, link: &Url) -> Option<String> {
        board::place(link, &HOSTS)
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let Ok(answer) = serde_json::from_slice::<Value>(capture.content()) else {
            return board::unreadable(capture);
        };
        if answer.get("jobAd").is_none() {
            return match board::described::<List>(&answer) {
                Some(list) => read_list(capture, &list),
                None => board::unreadable(capture),
            };
        }
        match board::described::<Job>(&answer) {
            Some(job) => {
                let postings = vec![posting(source, capture, job)];
                Reading { postings, ..Reading::default() }
            }
            None => {
                let detail = "the ad has no id, title or text";
                Reading::failed(Problem::new(BROKEN_JOB, &capture.url, detail))
            }
        }
    }
}

fn first_page(address: &str) -> Option<String> {
    let Board { server, name } = Board::at(address, &HOSTS, &["v1", "companies", "*", "postings"])?;
    Some(format!("{server}/v1/companies/{name}/postings?limit={PAGE}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    total_found: u64,
    content: Vec<Value>,
}

impl List {
    /// The ids of the ads; they become parts of addresses.
    fn ids(&self) -> impl Iterator<Item = &str> {
        let ids = self.content.iter().filter_map(|job| job.get("id")?.as_str());
        ids.filter(|id| {
            !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
    }
}

fn list_page(capture: &Capture) -> Result<ListPage, Problem> {
    let not_json = || board::not_json(capture);
    let list: List = serde_json::from_slice(capture.content()).map_err(|_| not_json())?;
    let url = Url::parse(&capture.url).map_err(|_| not_json())?;
    let jobs = list.ids().map(|id| {
        let mut job = url.clone();
        job.set_query(None);
        job.set_path(&format!("{}/{id}", url.path().trim_end_matches('/')));
        job.into()
    });
    let skipped: u64 = collect::parameter(&url, "offset").and_then(|n| n.parse().ok()).unwrap_or(0);
    let shown = skipped.saturating_add(list.content.len() as u64);
    let is_last = list.content.is_empty() || shown >= list.total_found;
    let next = if is_last {
        None
    } else {
        collect::with_parameter(&capture.url, "offset", &shown.to_string())
    };
    Ok(ListPage { jobs: jobs.collect(), next })
}

fn read_list(capture: &Capture, list: &List) -> Reading {
    if list.content.is_empty() {
        return Reading::failed(Problem::new(EMPTY, &capture.url, "the answer holds no jobs"));
    }
    let (shown, all) = (list.content.len(), list.total_found);
    let detail = format!("lists {shown} of {all} ads, each of which has an answer of its own");
    let mut reading = Reading::failed(Problem::new(LIST, &capture.url, detail));
    let nameless = shown - list.ids().count();
    if nameless > 0 {
        let detail = format!("{nameless} ads of the list have no usable id");
        reading.problems.push(Problem::new(BROKEN_JOB, &capture.url, detail));
    }
    reading
}

/// An ad, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    name: String,
    job_ad: JobAd,
    posting_url: Option<String>,
    released_date: Option<String>,
    company: Option<Named>,
    location: Option<Place>,
    language: Option<Code>,
}

#[derive(Deserialize)]
struct JobAd {
    sections: Sections,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sections {
    job_description: Option<Section>,
    qualifications: Option<Section>,
    additional_information: Option<Section>,
    company_description: Option<Section>,
}

/// Text is HTML.
#[derive(Deserialize)]
struct Section {
    title: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    full_location: Option<String>,
    city: Option<String>,
    region: Option<String>,
    country: Option<String>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    remote: bool,
}

#[derive(Deserialize)]
struct Code {
    code: Option<String>,
}

fn posting(source: &Source, capture: &Capture, job: Job) -> Posting {
    let sections = job.job_ad.sections;
    let sections = [
        sections.job_description,
        sections.qualifications,
        sections.additional_information,
        sections.company_description,
    ];
    let (mut parts, mut links) = (Vec::new(), Vec::new());
    for Section { title, text } in sections.into_iter().flatten() {
        let text = Markup::Html(text.unwrap_or_default());
        links.extend(text.links(None));
        let title = title.filter(|_| !text.text().is_empty()).unwrap_or_default();
        parts.push(format!("{}\n{}", title.trim(), text.text()));
    }
    let language = job.language.and_then(|language| Language::from_code(&language.code?));
    Posting {
        // An answer without the address of its page is named by its own.
        url: Some(job.posting_url.unwrap_or_else(|| capture.url.clone())),
        title: Some(job.name.trim().to_owned()),
        published_at: job.released_date.as_deref().and_then(stated_time),
        language,
        places: job.location.map_or(Vec::new(), Place::lines),
        employer: job.company.and_then(|company| company.name),
        hidden_links: links,
        ..Posting::read(source, capture, PostingKind::JobAd, job.id, board::paragraphs(parts))
    }
}

impl Place {
    fn lines(self) -> Vec<String> {
        let parts = || board::places([self.city, self.region, self.country]).join(", ");
        let line = self.full_location.filter(|line| !line.trim().is_empty());
        let remote = self.remote.then(|| "remote".to_owned());
        board::places([Some(line.unwrap_or_else(parts)), remote])
    }
}
