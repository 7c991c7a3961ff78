use std::time::Duration;

use async_trait::async_trait;
use collect::{Collector, Fate, Live, Message, Reading, Scan, ScanError};
use domain::{Capture, Outcome, Posting, PostingKind, Problem, RowPlace, Source};
use url::Url;

use crate::at_name::{Did, Nsid};
use crate::bluesky::{POST, PUBLIC_API, page_of, post_itself, read_answer};
use crate::jetstream_event::{Event, Operation};

/// How long a walk listens, and to how many messages, when the source says nothing else.
const DEFAULT_SECONDS: u64 = 60;
const DEFAULT_MESSAGES: u64 = 1_000_000;
/// More names in an address than that, and servers refuse it.
const MOST_ACCOUNTS: usize = 100;
const MOST_COLLECTIONS: usize = 20;
/// The server is asked to pass over what is larger.
const LARGEST_MESSAGE: &str = "1000000";
/// The answer of a server that opened a stream; what else we ask for are pages.
const STREAM: u16 = 101;

const BROKEN: Outcome = Outcome::fault("event.broken");
const NO_POST: Outcome = Outcome::intended("event.no-post");
const NOT_WANTED: Outcome = Outcome::intended("event.not-wanted");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");
const NOT_PUBLIC: Outcome = Outcome::intended("post.not-public");

/// The stream of all public posts of Bluesky and whoever else speaks the AT Protocol, by the address of
/// a Jetstream (`wss://jetstream2.us-east.bsky.network/subscribe`). Of it the source says what it wants;
/// all else is forgotten at once. See <https://github.com/bluesky-social/jetstream>.
#[derive(Clone, Copy, Debug)]
pub struct Jetstream;

#[async_trait]
impl Collector for Jetstream {
    fn kind(&self) -> &'static str {
        "jetstream"
    }

    fn refusal(&self, source: &Source) -> Option<String> {
        let wanted = &source.wanted;
        if stream_of(&source.url).is_none() {
            return Some(
                "give the stream's address without parameters, as in wss://jetstream2.us-east.bsky.network/subscribe"
                    .to_owned(),
            );
        }
        // The whole network's posts in a language are nobody's business.
        if wanted.words.is_empty() && wanted.accounts.is_empty() {
            return Some(
                "say which posts are wanted, as in wanted.words = [\"робота за кордоном\"] or wanted.accounts = [\"did:plc:...\"]"
                    .to_owned(),
            );
        }
        if let Some(word) = wanted.words.iter().find(|word| word.trim().chars().count() < 3) {
            return Some(format!(
                "wanted.words `{word}` has less than three letters, and is everywhere"
            ));
        }
        if let Some(account) = wanted.accounts.iter().find(|account| Did::parse(account).is_none())
        {
            return Some(format!(
                "wanted.accounts `{account}` is no DID, as in did:plc:abc; a profile's address shows the handle alone"
            ));
        }
        if let Some(kind) = wanted.collections.iter().find(|kind| Nsid::parse(kind).is_none()) {
            return Some(format!(
                "wanted.collections `{kind}` is no kind of records, as in {POST}"
            ));
        }
        if wanted.accounts.len() > MOST_ACCOUNTS || wanted.collections.len() > MOST_COLLECTIONS {
            return Some(format!(
                "one source wants at most {MOST_ACCOUNTS} accounts and {MOST_COLLECTIONS} collections; make several of it"
            ));
        }
        None
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let source = scan.source;
        let Some(stream) = stream_of(&source.url) else {
            let detail = self.refusal(source).unwrap_or_default();
            let outcome = Outcome::fault("source.not-a-stream");
            return Err(ScanError::Incomplete(Problem::new(outcome, &source.url, detail)));
        };
        let live = Live {
            address: &|from| address(&stream, source, from),
            sort: &|message| sort(source, message),
            longest: Duration::from_secs(source.wanted.seconds.unwrap_or(DEFAULT_SECONDS)),
            most: source.wanted.messages.unwrap_or(DEFAULT_MESSAGES),
        };
        collect::listen(scan, live).await
    }

    /// A post is asked for by its name, where people without an account may ask.
    fn again(&self, posting: &Posting, page: &str) -> String {
        let server = Url::parse(page).ok().map(|page| match page.host_str() {
            Some(host) if host.ends_with(".bsky.network") => PUBLIC_API.to_owned(),
            _ => page.origin().ascii_serialization(),
        });
        let asked = server.and_then(|server| post_itself(&server, &posting.key));
        asked.unwrap_or_else(|| page.to_owned())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        if capture.status != STREAM {
            return read_answer(source, capture);
        }
        let mut reading = Reading::default();
        for (row, place, line) in collect::lines_of(capture) {
            let event = std::str::from_utf8(line).ok().and_then(Event::parse);
            let removed = event.as_ref().filter(|event| {
                event.commit.as_ref().is_some_and(|commit| commit.operation == Operation::Delete)
            });
            if let Some(gone) = removed.and_then(|event| event.posting_id(source)) {
                reading.gone.push(gone);
                continue;
            }
            match event.ok_or(BROKEN_EVENT).and_then(|event| posting(source, capture, &event, row))
            {
                Ok(posting) => reading.postings.push(posting),
                Err((outcome, detail)) => {
                    reading.problems.push(Problem::new(outcome, place, detail));
                }
            }
        }
        reading
    }
}

const BROKEN_EVENT: (Outcome, &str) = (BROKEN, "the message is no event of a record");

/// The stream's address, if it is one.
fn stream_of(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let is_stream = matches!(url.scheme(), "ws" | "wss" | "http" | "https")
        && url.path().ends_with("/subscribe")
        && url.query().is_none();
    is_stream.then_some(url)
}

/// Asks for what the source wants, as far as the server sorts it out.
fn address(stream: &Url, source: &Source, from: Option<u64>) -> String {
    let mut url = stream.clone();
    let mut query = url.query_pairs_mut();
    for kind in collections(source) {
        query.append_pair("wantedCollections", kind);
    }
    for account in &source.wanted.accounts {
        query.append_pair("wantedDids", account);
    }
    query.append_pair("maxMessageSizeBytes", LARGEST_MESSAGE);
    if let Some(from) = from {
        query.append_pair("cursor", &from.to_string());
    }
    drop(query);
    url.into()
}

/// The kinds of records that the source wants.
fn collections(source: &Source) -> impl Iterator<Item = &str> {
    let stated = &source.wanted.collections;
    stated.iter().map(String::as_str).chain(stated.is_empty().then_some(POST))
}

/// What a message is to this source. Servers send events of accounts unasked, and may send anything.
fn sort(source: &Source, message: &str) -> Message {
    let Some(event) = Event::parse(message) else {
        return Message { time_us: None, fate: Fate::Broken(BROKEN_EVENT.1) };
    };
    Message { time_us: Some(event.time_us), fate: fate(source, &event) }
}

fn fate(source: &Source, event: &Event) -> Fate {
    let Some(commit) = &event.commit else { return Fate::PassedOver(NO_POST) };
    let Some(id) = event.posting_id(source) else { return Fate::Broken(BROKEN_EVENT.1) };
    let accounts = &source.wanted.accounts;
    let is_of_theirs = accounts.is_empty() || accounts.iter().any(|did| did == event.did());
    if !is_of_theirs || !collections(source).any(|kind| kind == commit.collection) {
        return Fate::PassedOver(NOT_WANTED);
    }
    let words = event.words().filter(|words| !words.is_for_members && !words.is_empty());
    let is_wanted = words.is_some_and(|words| words.is_wanted(source));
    match commit.operation {
        Operation::Create if is_wanted => Fate::Wanted(id),
        Operation::Create => Fate::PassedOver(NOT_WANTED),
        Operation::Update if is_wanted => Fate::Edited(id),
        Operation::Update | Operation::Delete => Fate::OfKnown(id),
    }
}

fn posting(
    source: &Source,
    capture: &Capture,
    event: &Event,
    row: RowPlace,
) -> Result<Posting, (Outcome, &'static str)> {
    let uri = event.uri().ok_or(BROKEN_EVENT)?;
    let words = event.words().ok_or((BROKEN, "the record is no post"))?;
    if words.is_for_members {
        return Err((NOT_PUBLIC, "its author asks not to be shown without an account"));
    }
    if words.is_empty() {
        return Err((NO_TEXT, "a picture or film without words"));
    }
    Ok(Posting {
        row: Some(row),
        url: page_of(&uri),
        author: Some(event.did().to_owned()),
        published_at: words.created_at.or_else(|| event.time()),
        language: words.language(),
        title: words.title,
        hidden_links: words.links,
        ..Posting::read(source, capture, PostingKind::SocialPost, uri, words.text)
    })
}
