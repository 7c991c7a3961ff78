//! Jetstream: of a stream that carries everybody's posts, what is wanted is kept once, with its edits and
//! its end, and all else is counted and forgotten.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use collect::{CaptureSink, Collector as _, KeepError, Reading, SavedWeb, Scan};
use collect_social::Jetstream;
use domain::{Capture, Checkpoint, Language, PostingId, Problem, Source, Tally, Wanted};
use proptest::prelude::*;
use serde_json::{Value, json};

const STREAM: &str = "wss://jetstream.example/subscribe";
const ASKED: &str = "wss://jetstream.example/subscribe?wantedCollections=app.bsky.feed.post&maxMessageSizeBytes=1000000";
const NOON: u64 = 1_772_366_400_000_000;
const MINUTE: u64 = 60_000_000;

fn wanting(wanted: Wanted) -> Source {
    Source { wanted: Box::new(wanted), ..saved::source("jetstream", STREAM) }
}

fn source() -> Source {
    wanting(Wanted { words: vec!["РОБОТ".to_owned()], ..Wanted::default() })
}

fn event(operation: &str, number: u64, text: &str) -> Value {
    let mut event = json!({
        "did": "did:plc:vyhadana2222", "time_us": NOON + number, "kind": "commit",
        "commit": {"rev": "3mfyaaaaaaa2a", "operation": operation, "collection": "app.bsky.feed.post",
            "rkey": format!("post{number}"), "cid": "bafyone"},
    });
    if operation != "delete" {
        event["commit"]["record"] = json!({"text": text, "createdAt": "2026-03-01T12:00:00.000Z"});
    }
    event
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

/// A desk on paper: what was kept, and what is known by it.
#[derive(Default)]
struct Paper {
    captures: Vec<Capture>,
    /// The words of each posting, or `None` when it is gone.
    known: BTreeMap<PostingId, Option<String>>,
    checkpoint: Checkpoint,
    tally: Tally,
    problems: Vec<Problem>,
}

impl Paper {
    async fn walk(&mut self, source: &Source, web: &SavedWeb) {
        let before = self.checkpoint.clone();
        let mut scan = Scan::new(source, before, web, self);
        Jetstream.fetch(&mut scan).await.unwrap();
        let (checkpoint, tally, problems) = (scan.checkpoint, scan.tally, scan.problems);
        (self.checkpoint, self.tally, self.problems) = (checkpoint, tally, problems);
    }

    fn words(&self) -> Vec<&str> {
        self.known.values().flatten().map(String::as_str).collect()
    }
}

#[async_trait]
impl CaptureSink for Paper {
    async fn keep(&mut self, capture: &Capture) -> Result<bool, KeepError> {
        let Reading { postings, gone, .. } = Jetstream.read(&source(), capture);
        for id in gone {
            assert!(self.known.insert(id, None).is_some(), "nobody asked for its end");
        }
        self.known.extend(postings.into_iter().map(|posting| (posting.id, Some(posting.text))));
        self.captures.push(capture.clone());
        Ok(true)
    }

    async fn known(&mut self, ids: &[PostingId]) -> Result<BTreeSet<PostingId>, KeepError> {
        let is_known = |id: &&PostingId| self.known.get(id).is_some_and(Option::is_some);
        Ok(ids.iter().filter(is_known).cloned().collect())
    }
}

fn web() -> SavedWeb {
    SavedWeb::at("2026-03-01T12:05:00Z".parse().unwrap())
}

fn says(web: SavedWeb, cursor: Option<u64>, body: impl Into<Vec<u8>>) -> SavedWeb {
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
    web.with_answer(&format!("{ASKED}{cursor}"), 101, Vec::new(), body)
}

#[tokio::test]
async fn of_everybodys_posts_only_what_is_wanted_is_kept_with_its_edits_and_its_end() {
    let mut desk = Paper::default();
    desk.walk(&source(), &says(web(), None, saved::page("jetstream.ndjson"))).await;
    let kept: Vec<String> =
        desk.captures.iter().map(|part| String::from_utf8(part.body.clone()).unwrap()).collect();
    // A post, its edit and its end are three parts, so that each is read as what it was.
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(kept[0].contains("зробимо") && kept[1].contains("немає") && kept[2].contains("delete"));
    assert!(!kept.concat().contains("inshyi") && !kept.concat().contains("для своїх"));
    assert_eq!(desk.known.len(), 1);
    assert_eq!(desk.words(), [""; 0], "it is gone");
    for (name, times) in [
        ("event.not-wanted", 2),
        ("event.no-post", 2),
        ("event.not-ours", 1),
        ("fetch.new", 3),
        ("stream.closed", 1),
    ] {
        assert_eq!(desk.tally.of(name), times, "{name}");
    }
    assert_eq!(desk.captures[0].url, format!("{ASKED}#time_us=1772359200000001-1772359200000001"));
}

#[test]
fn events_are_read_with_all_words_that_people_see() {
    let mut part = saved::capture(STREAM, None, saved::page("jetstream.ndjson"));
    part.status = 101;
    let reading = Jetstream.read(&source(), &part);
    let posting = &reading.postings[0];
    assert_eq!(
        posting.text,
        "Робота за кордоном, документи зробимо\n\nЗбір полуниці\n\nВиїзд у понеділок"
    );
    assert_eq!(posting.key, "at://did:plc:vyhadana2222/app.bsky.feed.post/3mfyaaaaaaa22");
    let page = "https://bsky.app/profile/did:plc:vyhadana2222/post/3mfyaaaaaaa22";
    assert_eq!(posting.url.as_deref(), Some(page));
    assert_eq!(posting.author.as_deref(), Some("did:plc:vyhadana2222"));
    assert_eq!(posting.published_at.unwrap().to_string(), "2026-03-01T09:59:58.102Z");
    assert_eq!(posting.language, Some(Language::Uk));
    assert_eq!(posting.hidden_links, ["https://t.me/vyhadana_robota", "https://board.example/7"]);
    // Its evidence is cut to its own line.
    let row = posting.row.unwrap();
    let line = std::str::from_utf8(&part.body[row.start..row.end]).unwrap();
    assert!(line.contains("зробимо") && line.lines().count() == 1);
    assert_eq!(reading.gone.len(), 2);
    let named: Vec<&str> = reading.problems.iter().map(|problem| problem.outcome.name).collect();
    assert_eq!(named, ["event.broken", "event.broken", "post.not-public"]);
}

#[tokio::test]
async fn a_walk_goes_on_where_the_last_one_ended_and_keeps_nothing_twice() {
    let all: Vec<Value> =
        (1..=6).map(|number| event("create", number * MINUTE, "Робота в Польщі")).collect();
    let mut desk = Paper::default();
    desk.walk(&source(), &says(web(), None, lines(&all[..3]))).await;
    assert_eq!(desk.checkpoint.get("time_us"), Some((NOON + 3 * MINUTE).to_string().as_str()));
    assert_eq!(desk.words().len(), 3);
    // Five seconds are asked for again; what comes twice is known.
    let from = NOON + 3 * MINUTE - 5_000_000;
    desk.walk(&source(), &says(web(), Some(from), lines(&all[2..]))).await;
    assert_eq!((desk.words().len(), desk.tally.of("event.known")), (6, 1));
    let bodies: Vec<u8> = desk.captures.iter().flat_map(|part| part.body.clone()).collect();
    assert_eq!(String::from_utf8(bodies).unwrap().lines().count(), 6);
    // The server is an hour ahead: a time that has not come is nowhere to go on from.
    let at = desk.checkpoint.get("time_us").unwrap().parse::<u64>().unwrap();
    assert_eq!(at, NOON + 5 * MINUTE, "it is 12:05, and a message says that it is of 12:06");
}

#[tokio::test]
async fn a_stream_that_ends_is_opened_again_where_it_ended() {
    let first = lines(&[event("create", MINUTE, "Робота раз")]);
    let second = lines(&[event("create", 2 * MINUTE, "Робота два")]);
    let site = says(web(), None, first);
    let site = says(site, Some(NOON + MINUTE - 5_000_000), second);
    let mut desk = Paper::default();
    desk.walk(&source(), &site).await;
    assert_eq!(desk.words(), ["Робота раз", "Робота два"]);
    assert_eq!((desk.tally.of("stream.closed"), desk.tally.of("fetch.not-saved")), (2, 1));
}

#[tokio::test]
async fn what_the_server_did_not_keep_for_us_is_told() {
    let mut desk = Paper::default();
    desk.checkpoint.set("time_us", (NOON - 180 * MINUTE).to_string());
    let from = NOON - 180 * MINUTE - 5_000_000;
    desk.walk(&source(), &says(web(), Some(from), lines(&[event("create", 0, "Робота")]))).await;
    let gap = desk.problems.iter().find(|problem| problem.outcome.name == "stream.gap").unwrap();
    assert_eq!(
        gap.detail,
        "the server sent nothing of the time from 2026-03-01 09:00 UTC to 2026-03-01 12:00 UTC"
    );
    // A walk that ends with messages still coming is behind.
    let few = Wanted { messages: Some(1), ..*source().wanted };
    let mut desk = Paper::default();
    let late = SavedWeb::at("2026-03-01T14:00:00Z".parse().unwrap());
    desk.walk(&wanting(few), &says(late, None, lines(&[event("create", 0, "Робота")]))).await;
    assert_eq!(desk.tally.of("stream.behind"), 1);
}

#[tokio::test]
async fn what_is_no_event_is_counted_and_stops_nothing() {
    let deep = format!("{{\"did\": {}", "[".repeat(100_000));
    let mut strange = event("create", 3, "Робота");
    strange["commit"]["rkey"] = "../../x".into();
    let mut body = b"\xff\xfe\nnot json\n[]\n{}\n".to_vec();
    body.extend_from_slice(
        format!("{deep}\n{strange}\n{}\r\n", event("create", 4, "Робота")).as_bytes(),
    );
    body.extend_from_slice(lines(&[event("create", 5, "Робота")]).as_bytes());
    let mut desk = Paper::default();
    desk.walk(&source(), &says(web(), None, body)).await;
    assert_eq!((desk.tally.of("event.broken"), desk.words().len()), (7, 1));
}

#[test]
fn a_source_says_which_posts_it_wants() {
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    for (wanted, words) in [
        (Wanted::default(), "say which posts are wanted"),
        (Wanted { words: list(&["на"]), ..Wanted::default() }, "less than three letters"),
        (Wanted { accounts: list(&["jobs.example"]), ..Wanted::default() }, "is no DID"),
        (
            Wanted {
                words: list(&["робот"]), collections: list(&["posts"]), ..Wanted::default()
            },
            "is no kind of records",
        ),
    ] {
        let refused = Jetstream.refusal(&wanting(wanted)).unwrap();
        assert!(refused.contains(words), "{refused}");
    }
    assert_eq!(Jetstream.refusal(&source()), None);
    for url in ["wss://a.example/subscribe?cursor=1", "wss://a.example/", "mailto:a@b"] {
        let elsewhere = Source { url: url.to_owned(), ..source() };
        assert!(Jetstream.refusal(&elsewhere).unwrap().contains("without parameters"), "{url}");
    }
}

#[tokio::test]
async fn languages_accounts_and_kinds_of_records_are_sorted_out() {
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let in_language = |code: &str| {
        let mut event = event("create", 1, "Робота");
        event["commit"]["record"]["langs"] = json!([code]);
        event
    };
    let mut document = event("create", 2, "");
    document["commit"]["collection"] = "site.example.job".into();
    document["commit"]["record"] =
        json!({"title": "Робота", "content": "Умови в повідомленні", "url": "https://a.example/1"});
    let by = |did: &str| {
        let mut event = event("create", 3, "Робота");
        event["did"] = did.into();
        event
    };
    let words = list(&["робота"]);
    for (wanted, event, is_kept) in [
        (Wanted { languages: vec![Language::Uk], ..Wanted::default() }, in_language("uk-UA"), true),
        (Wanted { languages: vec![Language::Uk], ..Wanted::default() }, in_language("ja"), false),
        // Many programs state none.
        (Wanted { languages: vec![Language::Uk], ..Wanted::default() }, by("did:plc:a2"), true),
        (Wanted { accounts: list(&["did:plc:a2"]), ..Wanted::default() }, by("did:plc:a2"), true),
        (Wanted { accounts: list(&["did:plc:a2"]), ..Wanted::default() }, by("did:plc:b2"), false),
        (Wanted::default(), document.clone(), false),
        (Wanted { collections: list(&["site.example.job"]), ..Wanted::default() }, document, true),
    ] {
        let source = wanting(Wanted { words: words.clone(), ..wanted });
        let web = AnyAddress(lines(std::slice::from_ref(&event)));
        let mut desk = Paper::default();
        let mut scan = Scan::new(&source, Checkpoint::default(), &web, &mut desk);
        Jetstream.fetch(&mut scan).await.unwrap();
        assert_eq!(desk.known.len(), usize::from(is_kept), "{event}");
    }
}

/// Sends these messages whatever is asked, once.
struct AnyAddress(String);

#[async_trait]
impl collect::Web for AnyAddress {
    async fn get(
        &self,
        source: &Source,
        request: &collect::Request,
        robots: &mut Vec<Capture>,
    ) -> Result<collect::Fetched, collect::FetchRefusal> {
        web().get(source, request, robots).await
    }

    async fn listen(
        &self,
        source: &Source,
        request: &collect::Request,
        robots: &mut Vec<Capture>,
    ) -> Result<Box<dyn collect::LiveStream>, collect::FetchRefusal> {
        let is_first = !request.url.contains("cursor=");
        let address = if is_first { request.url.as_str() } else { "nowhere" };
        let web = web().with_answer(address, 101, Vec::new(), self.0.as_str());
        web.listen(source, request, robots).await
    }
}

#[test]
fn a_post_is_asked_for_again_by_its_name() {
    let mut part = saved::capture(
        "https://jetstream2.us-east.bsky.network/subscribe#time_us=1-2",
        None,
        saved::page("jetstream.ndjson"),
    );
    part.status = 101;
    let posting = Jetstream.read(&source(), &part).postings.remove(0);
    let asked = Jetstream.again(&posting, &part.url);
    let name = "at%3A%2F%2Fdid%3Aplc%3Avyhadana2222%2Fapp.bsky.feed.post%2F3mfyaaaaaaa22";
    let api = "xrpc/app.bsky.feed.getPosts?uris=";
    assert_eq!(asked, format!("https://public.api.bsky.app/{api}{name}"));
    let elsewhere = Jetstream.again(&posting, "http://127.0.0.1:7/subscribe#time_us=1-2");
    assert_eq!(elsewhere, format!("http://127.0.0.1:7/{api}{name}"));
    // A server that answers and does not show it says that it is gone.
    let gone = saved::read(&Jetstream, &asked, Some("application/json"), r#"{"posts": []}"#).gone;
    assert_eq!(gone, [posting.id]);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut part = saved::capture(STREAM, None, bytes);
        part.status = 101;
        Jetstream.read(&source(), &part);
    }
}
