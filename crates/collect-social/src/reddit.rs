use async_trait::async_trait;
use collect::{Collector, ListOf, Older, PassedOver, Place, Reading, Scan, ScanError, Shown};
use domain::{Capture, Outcome, Posting, PostingKind, Problem, Source};
use url::Url;

use crate::reddit_listing::{Entry, Listing};

/// Pages fetched in one scan when the source sets no other number; the server shows 1000 posts at
/// most, 100 on a page.
const DEFAULT_MAX_PAGES: usize = 10;

const BAD_ADDRESS: Outcome = Outcome::fault("source.not-a-listing");
const NOT_A_LISTING: Outcome = Outcome::fault("timeline.not-json");
const BROKEN_POST: Outcome = Outcome::fault("post.broken");
const NOT_A_POST: Outcome = Outcome::intended("entry.not-a-post");
const REMOVED: Outcome = Outcome::intended("post.removed");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");
const NOT_PUBLIC: Outcome = Outcome::intended("post.not-public");

/// Public listings of Reddit, newest first: a community's posts
/// (`https://www.reddit.com/r/name`) or comments (`.../r/name/comments`), an account
/// (`.../user/name`), a search (`.../search?q=...`, `.../r/name/search?q=...`). See
/// <https://www.reddit.com/dev/api/#listings>.
#[derive(Clone, Copy, Debug)]
pub struct Reddit;

#[async_trait]
impl Collector for Reddit {
    fn kind(&self) -> &'static str {
        "reddit"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let Some(first) = first_page(&scan.source.url) else {
            let detail = "give the address of a community, its comments, an account or a search";
            let problem = Problem::new(BAD_ADDRESS, &scan.source.url, detail);
            return Err(ScanError::Incomplete(problem));
        };
        let place = Place {
            first: &first,
            most_pages: DEFAULT_MAX_PAGES,
            is_counted: false,
            shown: |capture| Some(shown(&capture.url, listing(capture)?)),
        };
        collect::walk_back(scan, place).await
    }

    /// Communities; an account is a person's.
    fn place(&self, link: &Url) -> Option<String> {
        let host = link.host_str()?;
        let is_reddit = host == "reddit.com" || host.ends_with(".reddit.com");
        let mut parts = link.path_segments()?.filter(|part| !part.is_empty());
        let name = parts.next().filter(|part| *part == "r").and_then(|_| parts.next())?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_reddit && is_name).then(|| format!("https://www.reddit.com/r/{}", name.to_lowercase()))
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let Some(listing) = listing(capture) else {
            let detail = "the answer is no JSON listing";
            return Reading::failed(Problem::new(NOT_A_LISTING, &capture.url, detail));
        };
        collect::read_list(capture, ListOf::Posts, &listing.entries(), |entry| {
            posting(source, capture, entry)
        })
    }
}

/// The address of the first page, from one that a browser shows.
fn first_page(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let server = url.origin().ascii_serialization();
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let listing = |path: String, parameters: &[(&str, &str)]| {
        let always = [("limit", "100"), ("raw_json", "1")];
        let all = parameters.iter().chain(&always);
        Url::parse_with_params(&format!("{server}/{path}.json"), all).ok().map(String::from)
    };
    let words = collect::parameter(&url, "q");
    match parts.as_slice() {
        ["search"] => listing("search".to_owned(), &[("q", &words?), ("sort", "new")]),
        ["r", name, "search"] => {
            let parameters =
                [("q", words?), ("sort", "new".to_owned()), ("restrict_sr", "1".to_owned())];
            let parameters = parameters.each_ref().map(|(name, value)| (*name, value.as_str()));
            listing(format!("r/{name}/search"), &parameters)
        }
        ["r", name] | ["r", name, "new"] => listing(format!("r/{name}/new"), &[]),
        ["r", name, "comments"] => listing(format!("r/{name}/comments"), &[]),
        ["user" | "u", name] => listing(format!("user/{name}"), &[("sort", "new")]),
        _ => None,
    }
}

fn listing(capture: &Capture) -> Option<Listing> {
    serde_json::from_slice(capture.content()).ok()
}

fn shown(address: &str, listing: Listing) -> Shown {
    let next = listing.after().and_then(|after| collect::with_parameter(address, "after", after));
    let entries = listing.entries();
    let positions = || entries.iter().filter_map(Entry::position);
    Shown {
        oldest: positions().min(),
        newest: positions().max(),
        older: next.map_or(Older::None, Older::At),
        ..Shown::default()
    }
}

fn posting(source: &Source, capture: &Capture, entry: &Entry) -> Result<Posting, PassedOver> {
    let post = match entry {
        // What was passed on is its first author's.
        Entry::Post(post) => post.original(),
        Entry::Other => return Err((NOT_A_POST, "a community, an account or a fold of comments")),
        Entry::Broken => return Err((BROKEN_POST, "it has no name, time or words")),
    };
    if post.is_for_members() {
        return Err((NOT_PUBLIC, "it is from a community for members"));
    }
    if post.is_removed() {
        return Err((REMOVED, "its author or a moderator took the words away"));
    }
    let title = post.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let text = post.text();
    if text.is_empty() && title.is_none() {
        return Err((NO_TEXT, "it has no words"));
    }
    let here = Url::parse(&capture.url).ok();
    let origin = here.as_ref().map(|url| url.origin().ascii_serialization());
    Ok(Posting {
        url: origin.and_then(|origin| post.page(&origin)),
        title: title.map(str::to_owned),
        author: post.author().map(str::to_owned),
        published_at: post.published_at(),
        hidden_links: post.links(here.as_ref()),
        images: post.images(),
        ..Posting::read(source, capture, PostingKind::SocialPost, post.name.clone(), text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_browser_become_those_of_listings() {
        let at = |path: &str, rest: &str| {
            Some(format!("https://r.example/{path}.json?{rest}limit=100&raw_json=1"))
        };
        for (path, expected) in [
            ("r/robota/", at("r/robota/new", "")),
            ("r/robota/comments", at("r/robota/comments", "")),
            ("user/agency", at("user/agency", "sort=new&")),
            ("search?q=praca+dla", at("search", "q=praca+dla&sort=new&")),
            ("r/robota/search?q=a", at("r/robota/search", "q=a&sort=new&restrict_sr=1&")),
            ("r/robota/comments/48dxvx/title", None),
            ("search", None),
            ("", None),
        ] {
            assert_eq!(first_page(&format!("https://r.example/{path}")), expected, "{path}");
        }
    }
}
