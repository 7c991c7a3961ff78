use async_trait::async_trait;
use collect::{Collector, ListOf, Older, PassedOver, Place, Reading, Scan, ScanError, Shown};
use domain::{Capture, Language, Outcome, Posting, PostingId, PostingKind, Problem, Source};
use url::Url;

use crate::at_name::{AtAccount, AtUri};
use crate::bluesky_post::{Answer, Entry};

/// Pages fetched in one scan when the source sets no other number; a page holds up to 100 posts.
const DEFAULT_MAX_PAGES: usize = 10;
/// Where what `bsky.app` shows can be asked for without an account.
pub(crate) const PUBLIC_API: &str = "https://public.api.bsky.app";
const AUTHOR_FEED: &str = "app.bsky.feed.getAuthorFeed";
const SEARCH: &str = "app.bsky.feed.searchPosts";
const POSTS: &str = "app.bsky.feed.getPosts";

/// The kind of records that people see as posts.
pub(crate) const POST: &str = "app.bsky.feed.post";

const BAD_ADDRESS: Outcome = Outcome::fault("source.not-a-feed");
const NOT_A_FEED: Outcome = Outcome::fault("timeline.not-json");
const BROKEN_POST: Outcome = Outcome::fault("post.broken");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");
const NOT_PUBLIC: Outcome = Outcome::intended("post.not-public");

/// Public posts of Bluesky: an account (`https://bsky.app/profile/agency.example.org`), a search
/// (`https://bsky.app/search?q=робота`), a hashtag (`https://bsky.app/hashtag/робота`), or either
/// method's own address on another server that speaks the AT Protocol. See
/// <https://docs.bsky.app/docs/api/app-bsky-feed-get-author-feed>.
#[derive(Clone, Copy, Debug)]
pub struct Bluesky;

#[async_trait]
impl Collector for Bluesky {
    fn kind(&self) -> &'static str {
        "bluesky"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let Some(first) = first_page(&scan.source.url) else {
            let detail = "give the address of a profile, a search or a hashtag";
            let problem = Problem::new(BAD_ADDRESS, &scan.source.url, detail);
            return Err(ScanError::Incomplete(problem));
        };
        let place = Place {
            first: &first,
            most_pages: DEFAULT_MAX_PAGES,
            is_counted: false,
            shown: |capture| Some(shown(&capture.url, answer(capture)?)),
        };
        collect::walk_back(scan, place).await
    }

    fn again(&self, posting: &Posting, page: &str) -> String {
        let server = Url::parse(page).map(|page| page.origin().ascii_serialization());
        let asked = server.ok().and_then(|server| post_itself(&server, &posting.key));
        asked.unwrap_or_else(|| page.to_owned())
    }

    fn place(&self, link: &Url) -> Option<String> {
        let parts: Vec<&str> = link.path_segments()?.filter(|part| !part.is_empty()).collect();
        let place = match parts.as_slice() {
            ["profile", account, ..] => format!("profile/{}", AtAccount::parse(account)?.as_str()),
            ["hashtag", tag] => format!("hashtag/{tag}"),
            _ => return None,
        };
        (link.host_str() == Some("bsky.app")).then(|| format!("https://bsky.app/{place}"))
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        read_answer(source, capture)
    }
}

/// Reads an answer of any of the methods. The one that is asked for posts by their names tells also
/// which of them are not there any more.
pub(crate) fn read_answer(source: &Source, capture: &Capture) -> Reading {
    let Some(answer) = answer(capture) else {
        let detail = "the answer is no JSON page of posts";
        return Reading::failed(Problem::new(NOT_A_FEED, &capture.url, detail));
    };
    let entries = answer.entries();
    let mut reading = collect::read_list(capture, ListOf::Posts, &entries, |entry| {
        posting(source, capture, entry)
    });
    let asked = Url::parse(&capture.url).ok().filter(|url| url.path().ends_with(POSTS));
    let names = asked.iter().flat_map(Url::query_pairs).filter(|(name, _)| name == "uris");
    for (_, uri) in names {
        let is_there = |entry: &Entry| entry.post.as_ref().is_none_or(|post| post.uri == uri);
        if !entries.iter().any(is_there) {
            reading.gone.push(PostingId::derive(&source.id, &uri));
        }
    }
    reading
}

/// Where a server shows this one post.
pub(crate) fn post_itself(server: &str, uri: &str) -> Option<String> {
    let is_post = AtUri::parse(uri)?.collection?.as_str() == POST;
    let address = format!("{server}/xrpc/{POSTS}");
    is_post.then(|| Url::parse_with_params(&address, [("uris", uri)]).ok().map(String::from))?
}

/// The address of the first page, from one that a browser shows or from the method's own.
fn first_page(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["xrpc", AUTHOR_FEED | SEARCH] => Some(url.into()),
        ["profile", account] => {
            let account = AtAccount::parse(account)?;
            method(AUTHOR_FEED, &[("actor", account.as_str()), ("limit", "100")])
        }
        ["search"] => {
            let words = collect::parameter(&url, "q")?;
            method(SEARCH, &[("q", &words), ("sort", "latest"), ("limit", "100")])
        }
        ["hashtag", tag] => {
            // The tag stands in the path as a part of an address; it is told by a query's rules.
            let written = format!("tag={}", tag.replace('+', "%2B"));
            let (_, tag) = url::form_urlencoded::parse(written.as_bytes()).next()?;
            let words = format!("#{tag}");
            method(SEARCH, &[("q", &words), ("sort", "latest"), ("limit", "100")])
        }
        _ => None,
    }
}

fn method(name: &str, parameters: &[(&str, &str)]) -> Option<String> {
    let address = format!("{PUBLIC_API}/xrpc/{name}");
    Url::parse_with_params(&address, parameters).ok().map(String::from)
}

fn answer(capture: &Capture) -> Option<Answer> {
    serde_json::from_slice(capture.content()).ok()
}

fn shown(address: &str, answer: Answer) -> Shown {
    let next = answer
        .cursor
        .as_deref()
        .and_then(|cursor| collect::with_parameter(address, "cursor", cursor));
    let entries = answer.entries();
    let positions = || entries.iter().filter_map(|entry| entry.position);
    Shown {
        oldest: positions().min(),
        newest: positions().max(),
        older: next.map_or(Older::None, Older::At),
        ..Shown::default()
    }
}

fn posting(source: &Source, capture: &Capture, entry: &Entry) -> Result<Posting, PassedOver> {
    let post = entry.post.as_ref().ok_or((BROKEN_POST, "it has no address, author or text"))?;
    let url =
        page_of(&post.uri).ok_or((BROKEN_POST, "its address is no at:// address of a post"))?;
    if post.is_for_members() {
        return Err((NOT_PUBLIC, "its author asks not to be shown without an account"));
    }
    let text = post.record.text();
    if text.is_empty() {
        return Err((NO_TEXT, "a picture or film without words"));
    }
    Ok(Posting {
        url: Some(url),
        author: Some(post.author.handle.clone()),
        published_at: post.published_at(),
        language: post.record.langs.iter().find_map(|code| Language::from_code(code)),
        hidden_links: post.record.links(),
        images: post.images(),
        ..Posting::read(source, capture, PostingKind::SocialPost, post.uri.clone(), text)
    })
}

/// Where people see a post of this name.
pub(crate) fn page_of(uri: &str) -> Option<String> {
    let uri = AtUri::parse(uri)?;
    let (account, key) = (uri.account.as_str(), uri.record_key.as_ref()?.as_str());
    let is_post = uri.collection?.as_str() == POST;
    is_post.then(|| format!("https://bsky.app/profile/{account}/post/{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_browser_become_those_of_the_api() {
        let feed = |rest: &str| Some(format!("{PUBLIC_API}/xrpc/{AUTHOR_FEED}?{rest}&limit=100"));
        let search = |words: &str| {
            Some(format!("{PUBLIC_API}/xrpc/{SEARCH}?q={words}&sort=latest&limit=100"))
        };
        let own = "https://a.example/xrpc/app.bsky.feed.searchPosts?q=robota";
        for (address, expected) in [
            ("https://bsky.app/profile/jobs.example.org", feed("actor=jobs.example.org")),
            ("https://bsky.app/profile/did:plc:abc/", feed("actor=did%3Aplc%3Aabc")),
            ("https://bsky.app/search?q=robota+praca", search("robota+praca")),
            ("https://bsky.app/hashtag/%D1%8F", search("%23%D1%8F")),
            (own, Some(own.to_owned())),
            ("https://bsky.app/profile/nobody", None),
            ("https://bsky.app/search?q=", None),
            ("https://a.example/xrpc/app.bsky.feed.getTimeline", None),
            ("bsky", None),
        ] {
            assert_eq!(first_page(address), expected, "{address}");
        }
    }
}
