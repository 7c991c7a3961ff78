use async_trait::async_trait;
use collect::{
    Collector, ListOf, Markup, Older, PassedOver, Place, Reading, Scan, ScanError, Shown,
    stated_time,
};
use domain::{Capture, Outcome, Pay, Posting, PostingKind, Problem, Source};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::board::{self, BROKEN_JOB};

/// Results on a page; the API gives no more.
const PAGE: usize = 50;
/// Pages fetched in one scan when the source sets no other number.
const DEFAULT_MAX_PAGES: usize = 10;

const BAD_ADDRESS: Outcome = Outcome::fault("source.not-a-search");

/// A search of Adzuna, or of another that speaks its API, by the address of the API with the words
/// searched for: `https://api.adzuna.com/v1/api/jobs/pl/search?app_id=1a2b3c4d&what=opiekunka`.
/// It needs an account's key. See <https://developer.adzuna.com/docs/search>.
#[derive(Clone, Copy, Debug)]
pub struct Adzuna;

#[async_trait]
impl Collector for Adzuna {
    fn kind(&self) -> &'static str {
        "adzuna"
    }

    /// The id of an account is no secret: it stands in the addresses of all answers.
    fn keys(&self) -> &'static [&'static str] {
        &["app_key"]
    }

    fn refusal(&self, source: &Source) -> Option<String> {
        first_page(&source.url).err().map(str::to_owned)
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let first = first_page(&scan.source.url).map_err(|detail| {
            ScanError::Incomplete(Problem::new(BAD_ADDRESS, &scan.source.url, detail))
        })?;
        scan.send_keys_in_query(self.keys());
        let place = Place {
            first: &first,
            most_pages: DEFAULT_MAX_PAGES,
            is_counted: false,
            shown: |capture| Some(shown(capture, &answer(capture)?)),
        };
        collect::walk_back(scan, place).await
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let Some(answer) = answer(capture) else { return board::unreadable(capture) };
        let posting = |job: &Value| posting(source, capture, job);
        collect::read_list(capture, ListOf::Jobs, &answer.results, posting)
    }
}

/// The address of the first page: newest first.
fn first_page(address: &str) -> Result<String, &'static str> {
    const FORM: &str = "give the address of a search of the API, as in \
        https://api.adzuna.com/v1/api/jobs/pl/search?app_id=1a2b3c4d&what=opiekunka";
    let url = Url::parse(address).map_err(|_| FORM)?;
    let parts: Vec<&str> = url.path_segments().map_or(Vec::new(), Iterator::collect);
    let search = parts.iter().position(|part| *part == "search").ok_or(FORM)?;
    if parts[..search].len() < 2 || collect::parameter(&url, "app_id").is_none() {
        return Err(FORM);
    }
    let first = with_page(&url, search, 1);
    let size = PAGE.to_string();
    [("results_per_page", size.as_str()), ("sort_by", "date")]
        .into_iter()
        .try_fold(first, |address, (name, value)| collect::with_parameter(&address, name, value))
        .ok_or(FORM)
}

/// The search stands at this part of the path; the number of the page follows.
fn with_page(url: &Url, search: usize, page: u32) -> String {
    let mut url = url.clone();
    let kept: Vec<String> = url
        .path_segments()
        .map_or(Vec::new(), |parts| parts.take(search + 1).map(str::to_owned).collect());
    url.set_path(&format!("{}/{page}", kept.join("/")));
    url.into()
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Value>,
}

fn answer(capture: &Capture) -> Option<Answer> {
    serde_json::from_slice(capture.content()).ok()
}

fn shown(capture: &Capture, answer: &Answer) -> Shown {
    let created = |job: &Value| -> Option<u64> {
        let time: Timestamp = stated_time(job.get("created")?.as_str()?)?;
        time.as_second().try_into().ok()
    };
    let positions = || answer.results.iter().filter_map(created);
    let next = || {
        let url = Url::parse(&capture.url).ok()?;
        let parts: Vec<&str> = url.path_segments()?.collect();
        let search = parts.iter().position(|part| *part == "search")?;
        let page: u32 = parts.get(search + 1)?.parse().ok()?;
        Some(with_page(&url, search, page.checked_add(1)?))
    };
    let is_full = answer.results.len() >= PAGE;
    let older = if is_full { next().map_or(Older::None, Older::At) } else { Older::None };
    Shown { oldest: positions().min(), newest: positions().max(), older, ..Shown::default() }
}

/// A result, as far as it is read.
#[derive(Deserialize)]
struct Job {
    id: Value,
    title: String,
    redirect_url: String,
    /// The beginning of the ad; the whole is on the page that it comes from.
    #[serde(default, deserialize_with = "collect::null_as_default")]
    description: String,
    created: Option<String>,
    company: Option<Displayed>,
    location: Option<Displayed>,
    salary_min: Option<f64>,
    salary_max: Option<f64>,
    /// `1`: the pay is Adzuna's guess.
    salary_is_predicted: Option<Value>,
}

#[derive(Deserialize)]
struct Displayed {
    display_name: Option<String>,
}

fn posting(source: &Source, capture: &Capture, job: &Value) -> Result<Posting, PassedOver> {
    const BROKEN: PassedOver = (BROKEN_JOB, "it has no id, title or address");
    let job: Job = board::described(job).ok_or(BROKEN)?;
    let key = match &job.id {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(BROKEN),
    };
    let pay = job.pay();
    let name = |displayed: Option<Displayed>| displayed.and_then(|named| named.display_name);
    let text = Markup::Html(job.description).text();
    Ok(Posting {
        url: Some(job.redirect_url),
        title: Some(Markup::Html(job.title).line()),
        published_at: job.created.as_deref().and_then(stated_time),
        places: board::places([name(job.location)]),
        pay,
        employer: name(job.company),
        ..Posting::read(source, capture, PostingKind::JobAd, key, text)
    })
}

impl Job {
    fn pay(&self) -> Option<Pay> {
        let is_guessed = match &self.salary_is_predicted {
            Some(Value::String(said)) => said == "1",
            Some(Value::Number(said)) => said.as_i64() == Some(1),
            Some(Value::Bool(said)) => *said,
            _ => false,
        };
        let (min, max) = (self.salary_min, self.salary_max);
        let is_stated = !is_guessed && (min.is_some() || max.is_some());
        is_stated.then_some(Pay { min, max, currency: None, period: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_begins_at_its_first_page_with_the_newest() {
        let search = "https://a.example/v1/api/jobs/pl/search";
        let expected = format!("{search}/1?app_id=i&what=a+b&results_per_page=50&sort_by=date");
        for given in ["?app_id=i&what=a+b", "/7?app_id=i&what=a+b&sort_by=salary"] {
            let found = first_page(&format!("{search}{given}"));
            let sorted = found.as_deref().map(|url| url.contains("/search/1?app_id=i&what=a+b"));
            assert_eq!(sorted, Ok(true), "{given}");
        }
        assert_eq!(first_page(&format!("{search}?app_id=i&what=a+b")), Ok(expected));
        for given in
            ["https://a.example/v1/api/jobs/pl/search?what=a", "https://a.example/?app_id=i", "a"]
        {
            assert!(first_page(given).is_err(), "{given}");
        }
    }
}
