//! `fusion source test`: the first page with postings, or all of a file, shown, nothing kept.

use std::collections::BTreeMap;

use async_trait::async_trait;
use collect::{
    CaptureSink, Collector, FetchRefusal, Fetched, KeepError, Reading, Request, Scan, ScanError,
    Web,
};
use domain::{
    Assessment, Capture, CaptureRole, Checkpoint, Outcome, Posting, Problem, Source, SourceKind,
};
use rules::RuleSet;
use serde::Serialize;
use url::Url;

use crate::probe_files::probe_files;
use crate::{Collectors, Examiner};

const NOTHING_ASKED: Outcome = Outcome::fault("source.nothing-asked");

/// What one fetch of a source would read.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// The collector that read it: the one asked for, or the one that reads the most.
    pub kind: String,
    /// The address that answered.
    pub url: String,
    /// HTTP status.
    pub status: u16,
    /// Size of the body as received, of a file all that was read of it.
    pub bytes: usize,
    /// How many pages or parts of a file were read.
    pub parts: usize,
    /// How many postings they hold.
    pub found: usize,
    /// The first of them, with their assessment.
    pub postings: Vec<(Posting, Assessment)>,
    /// What could not be read, the first thousand.
    pub problems: Vec<Problem>,
    /// All that was met and is no posting, by name.
    pub outcomes: BTreeMap<&'static str, u64>,
}

/// Fetches the first page of a source that holds postings, and reads it. With `kind`, or where the host
/// tells it, the pages are those that the collector would ask for; otherwise the address itself is fetched, every
/// collector of pages tries, and the one that reads the most postings is shown. A source that is a file
/// or a folder is read whole.
pub async fn probe(
    source: &Source,
    kind: Option<&SourceKind>,
    web: &dyn Web,
    collectors: &Collectors,
    rule_set: &RuleSet,
) -> Result<Probe, Problem> {
    let kind = kind.cloned().or_else(|| kind_of_host(&source.url));
    if let Some(kind) = kind.as_ref().filter(|kind| collect::is_file_kind(&kind.0))
        && let Some(collector) = collectors.of(kind)
    {
        return probe_files(source, kind, collector, rule_set).await;
    }
    let captures = match &kind {
        Some(kind) => first_pages(source, kind, web, collectors).await?,
        None => vec![address_itself(source, web).await?],
    };
    let readings = captures.iter().map(|capture| {
        let (kind, reading) = best_reading(source, kind.as_ref(), capture, collectors);
        (capture, kind, reading)
    });
    let readings: Vec<_> = readings.collect();
    // Lists on the way to the first ad tell how much they list.
    let on_the_way: Vec<Problem> = match readings.split_last() {
        Some((_, lists)) => lists.iter().flat_map(|(_, _, list)| list.problems.clone()).collect(),
        None => Vec::new(),
    };
    let Some((capture, kind, reading)) = readings.into_iter().next_back() else {
        return Err(Problem::new(NOTHING_ASKED, &source.url, "no page was fetched"));
    };
    let mut examiner = Examiner::new(rule_set);
    let postings = reading.postings.into_iter().map(|mut posting| {
        let (assessment, _) = examiner.examine_posting(&mut posting);
        (posting, assessment)
    });
    let problems: Vec<Problem> = on_the_way.into_iter().chain(reading.problems).collect();
    let mut outcomes = BTreeMap::new();
    for problem in &problems {
        *outcomes.entry(problem.outcome.name).or_insert(0) += 1;
    }
    let postings: Vec<_> = postings.collect();
    Ok(Probe {
        kind,
        found: postings.len(),
        postings,
        problems,
        outcomes,
        url: capture.url.clone(),
        status: capture.status,
        bytes: capture.body.len(),
        parts: captures.len(),
    })
}

/// Places whose address tells how they are read.
fn kind_of_host(address: &str) -> Option<SourceKind> {
    let url = Url::parse(address).ok()?;
    let kind = match url.host_str()?.trim_start_matches("www.") {
        "t.me" => "telegram",
        "bsky.app" => "bluesky",
        "reddit.com" | "old.reddit.com" => "reddit",
        "boards.greenhouse.io" | "job-boards.greenhouse.io" => "greenhouse",
        "jobs.lever.co" | "jobs.eu.lever.co" => "lever",
        "careers.smartrecruiters.com" | "jobs.smartrecruiters.com" => "smartrecruiters",
        "jobs.ashbyhq.com" => "ashby",
        _ => return None,
    };
    Some(SourceKind(kind.to_owned()))
}

/// Pages that are fetched to come to one with postings: a list, its second page at most, an ad.
const MOST_PAGES: usize = 3;

/// A stream is listened to for so long, in seconds.
const LISTENS: u64 = 10;

/// What the collector asks for first, up to the first page that holds postings; the walk is broken
/// off behind it.
async fn first_pages(
    source: &Source,
    kind: &SourceKind,
    web: &dyn Web,
    collectors: &Collectors,
) -> Result<Vec<Capture>, Problem> {
    let Some(collector) = collectors.of(kind) else {
        let known = collectors.kinds().join(", ");
        let detail = format!("unknown kind `{}`; known: {known}", kind.0);
        return Err(Problem::new(Outcome::fault("source.unknown-kind"), &source.url, detail));
    };
    let mut shortly = source.clone();
    if !shortly.wanted.is_empty() {
        shortly.wanted.seconds = Some(shortly.wanted.seconds.unwrap_or(LISTENS).min(LISTENS));
    }
    let source = &shortly;
    let mut sink = FirstPages { source, collector, pages: Vec::new() };
    let mut scan = Scan::new(source, Checkpoint::default(), web, &mut sink);
    let ended = collector.fetch(&mut scan).await;
    let counted: Vec<String> =
        scan.tally.iter().map(|(outcome, times)| format!("{times} {outcome}")).collect();
    let met = scan.problems.into_iter().next();
    if sink.pages.is_empty() && met.is_none() && !counted.is_empty() {
        let detail = format!("nothing was kept of what came: {}", counted.join(", "));
        return Err(Problem::new(NOTHING_ASKED, &source.url, detail));
    }
    match (sink.pages, ended) {
        (pages, _) if !pages.is_empty() => Ok(pages),
        (_, Err(ScanError::Incomplete(problem))) => Err(met.unwrap_or(problem)),
        (pages, _) => met.map_or(Ok(pages), Err),
    }
}

/// Holds pages up to the first with postings, and refuses whatever comes behind it.
struct FirstPages<'a> {
    source: &'a Source,
    collector: &'a dyn Collector,
    pages: Vec<Capture>,
}

#[async_trait]
impl CaptureSink for FirstPages<'_> {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        if capture.role != CaptureRole::Page {
            return Ok(true);
        }
        self.pages.push(capture.clone());
        let is_found = !self.collector.read(self.source, capture).postings.is_empty();
        if is_found || self.pages.len() >= MOST_PAGES {
            return Err(KeepError("enough for a test".to_owned()));
        }
        Ok(true)
    }
}

async fn address_itself(source: &Source, web: &dyn Web) -> Result<Capture, Problem> {
    let request = Request { url: source.url.clone(), ..Request::default() };
    match web.get(source, &request, &mut Vec::new()).await {
        Ok(Fetched::Answer(capture) | Fetched::LargeAnswer(capture, _)) => Ok(*capture),
        Ok(Fetched::NotModified) => Err(Problem::new(
            Outcome::fault("fetch.unasked-304"),
            &source.url,
            "the server answered 304 though nothing was asked conditionally",
        )),
        Err(FetchRefusal { problem, .. }) => Err(problem),
    }
}

fn best_reading(
    source: &Source,
    kind: Option<&SourceKind>,
    capture: &Capture,
    collectors: &Collectors,
) -> (String, Reading) {
    let kinds = match kind {
        Some(kind) => vec![kind.clone()],
        None => ["telegram", "feed", "job-page", "sitemap"]
            .map(|kind| SourceKind(kind.to_owned()))
            .to_vec(),
    };
    let readings = kinds.into_iter().filter_map(|kind| {
        let reading = collectors.of(&kind)?.read(source, capture);
        Some((kind.0, reading))
    });
    // The first of the best: `max_by_key` would take the last.
    readings
        .rev()
        .max_by_key(|(_, reading)| {
            (reading.postings.len(), std::cmp::Reverse(reading.problems.len()))
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use collect::SavedWeb;
    use domain::FixedClock;
    use jiff::Timestamp;

    use super::*;

    async fn probed(address: &str, kind: Option<&str>) -> Result<Probe, Problem> {
        let listing = r#"{"kind":"Listing","data":{"after":"t3_a","children":[{"kind":"t3","data":
            {"name":"t3_a","author":"invented","created_utc":1772359200.0,"title":"Work abroad",
            "selftext":"Papers done","selftext_html":null,"permalink":"/r/robota/comments/a/",
            "id":"a","edited":false,"is_self":true,"stickied":false,"subreddit_type":"public",
            "url":"https://www.reddit.com/r/robota/comments/a/"}}]}}"#;
        let status = r#"[{"id":"7","uri":"https://m.example/7","created_at":"2026-03-01T10:00:00Z",
            "url":"https://m.example/@invented/7","content":"<p>Work</p>","visibility":"public",
            "spoiler_text":"","language":"en","reblog":null,"poll":null,"media_attachments":[],
            "account":{"id":"1","acct":"invented"}}]"#;
        let web = SavedWeb::at(Timestamp::UNIX_EPOCH)
            .with(
                "https://www.reddit.com/r/robota/new.json?limit=100&raw_json=1",
                "application/json",
                listing,
            )
            .with(
                "https://m.example/api/v1/timelines/tag/robota?limit=40",
                "application/json",
                status,
            );
        let collectors = Collectors::new(Arc::new(FixedClock(Timestamp::UNIX_EPOCH)));
        let rule_set = RuleSet::builtin().unwrap();
        let source = format!("id = \"a\"\nkind = \"feed\"\nurl = \"{address}\"\nbasis = \"b\"\n");
        let source: Source = toml::from_str(&source).unwrap();
        let kind = kind.map(|kind| SourceKind(kind.to_owned()));
        probe(&source, kind.as_ref(), &web, &collectors, &rule_set).await
    }

    /// A browser shows one address, the collector asks for another.
    #[tokio::test]
    async fn a_test_asks_for_what_the_collector_would_ask_for() {
        for (address, kind, expected) in [
            ("https://www.reddit.com/r/robota", None, "reddit"),
            ("https://m.example/tags/robota", Some("mastodon"), "mastodon"),
        ] {
            let probe = probed(address, kind).await.unwrap();
            assert_eq!((probe.kind.as_str(), probe.postings.len()), (expected, 1), "{address}");
        }
        let refused = probed("https://m.example/about", Some("mastodon")).await.unwrap_err();
        assert!(refused.outcome.name.starts_with("source."), "{refused}");
        let refused = probed("https://m.example/x", Some("nothing")).await.unwrap_err();
        assert_eq!(refused.outcome.name, "source.unknown-kind");
    }
}
