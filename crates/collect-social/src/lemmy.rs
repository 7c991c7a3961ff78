use async_trait::async_trait;
use collect::{Collector, ListOf, Older, PassedOver, Place, Reading, Scan, ScanError, Shown};
use domain::{Capture, Outcome, Posting, PostingKind, Problem, Source};
use url::Url;

use crate::lemmy_list::{Answer, Lists, View};

/// Pages fetched in one scan when the source sets no other number; a page holds up to 50 posts.
const DEFAULT_MAX_PAGES: usize = 10;

const BAD_ADDRESS: Outcome = Outcome::fault("source.not-a-listing");
const NOT_A_LISTING: Outcome = Outcome::fault("timeline.not-json");
const BROKEN_POST: Outcome = Outcome::fault("post.broken");
const REMOVED: Outcome = Outcome::intended("post.removed");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");
const NOT_PUBLIC: Outcome = Outcome::intended("post.not-public");

/// Public posts and comments of a Lemmy server: all its own (`https://server/`), a community
/// (`https://server/c/name`, its comments with `?dataType=Comment`), an account
/// (`https://server/u/name`), a search (`https://server/search?q=robota`). See
/// <https://join-lemmy.org/api/>.
#[derive(Clone, Copy, Debug)]
pub struct Lemmy;

#[async_trait]
impl Collector for Lemmy {
    fn kind(&self) -> &'static str {
        "lemmy"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let Some(first) = first_page(&scan.source.url) else {
            let detail = "give the address of a server, a community, an account or a search";
            let problem = Problem::new(BAD_ADDRESS, &scan.source.url, detail);
            return Err(ScanError::Incomplete(problem));
        };
        let place = Place {
            first: &first,
            most_pages: DEFAULT_MAX_PAGES,
            is_counted: false,
            shown: |capture| {
                let answer = answer(capture)?;
                let cursor = answer.next_page.clone();
                Some(shown(&capture.url, cursor.as_deref(), &answer.lists()?))
            },
        };
        collect::walk_back(scan, place).await
    }

    /// A community that is named with its server: no other network writes it so.
    fn place(&self, link: &Url) -> Option<String> {
        let mut parts = link.path_segments()?.filter(|part| !part.is_empty());
        let community = parts.next().filter(|part| *part == "c").and_then(|_| parts.next())?;
        let (name, server) = community.split_once('@')?;
        let is_plain = |text: &str, more: &[u8]| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
        };
        let is_place = is_plain(name, b"_") && is_plain(server, b".-") && server.contains('.');
        is_place.then(|| format!("{}/c/{community}", link.origin().ascii_serialization()))
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let Some(lists) = answer(capture).and_then(Answer::lists) else {
            let detail = "the answer is no JSON list of posts or comments";
            return Reading::failed(Problem::new(NOT_A_LISTING, &capture.url, detail));
        };
        collect::read_list(capture, ListOf::Posts, &lists.all(), |view| {
            posting(source, capture, view.as_ref())
        })
    }
}

/// The address of the first page, from one that a browser shows.
fn first_page(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let method = |name: &str, parameters: &[(&str, &str)]| {
        let server = url.origin().ascii_serialization();
        let all = parameters.iter().chain(&[("sort", "New"), ("limit", "50")]);
        let first = Url::parse_with_params(&format!("{server}/api/v3/{name}"), all);
        first.ok().map(String::from)
    };
    let list = if collect::parameter(&url, "dataType").as_deref() == Some("Comment") {
        "comment/list"
    } else {
        "post/list"
    };
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => method(list, &[("type_", "Local")]),
        ["c", name] => method(list, &[("type_", "All"), ("community_name", name)]),
        ["u", name] => method("user", &[("username", name)]),
        ["search"] => {
            let words = collect::parameter(&url, "q")?;
            method("search", &[("q", &words), ("type_", "All"), ("listing_type", "All")])
        }
        _ => None,
    }
}

fn answer(capture: &Capture) -> Option<Answer> {
    serde_json::from_slice(capture.content()).ok()
}

/// Lists of posts have cursors; all others are paged by number.
fn shown(address: &str, cursor: Option<&str>, lists: &Lists) -> Shown {
    let next = match cursor {
        Some(cursor) => collect::with_parameter(address, "page_cursor", cursor),
        // A last page after one with a cursor.
        None if lists.is_empty() || address.contains("page_cursor=") => None,
        None => {
            let page = Url::parse(address)
                .ok()
                .and_then(|url| collect::parameter(&url, "page")?.parse::<u32>().ok());
            let next = page.unwrap_or(1).saturating_add(1).to_string();
            collect::with_parameter(address, "page", &next)
        }
    };
    let older = next.map_or(Older::None, Older::At);
    Shown { oldest: lists.oldest(), newest: lists.newest(), older, ..Shown::default() }
}

fn posting(source: &Source, capture: &Capture, view: Option<&View>) -> Result<Posting, PassedOver> {
    let view = view.ok_or((BROKEN_POST, "it has no address, author, time or words"))?;
    if view.is_for_members() {
        return Err((NOT_PUBLIC, "it is from a community for members"));
    }
    if view.is_removed() {
        return Err((REMOVED, "its author or a moderator took it away"));
    }
    let title = view.post.name.as_deref().map(str::trim).filter(|title| !title.is_empty());
    let text = view.text();
    if text.is_empty() && title.is_none() {
        return Err((NO_TEXT, "it has no words"));
    }
    let key = view.post.ap_id.clone();
    Ok(Posting {
        url: Some(key.clone()),
        title: title.map(str::to_owned),
        author: Some(view.author()),
        published_at: view.published_at(),
        hidden_links: view.post.url.iter().cloned().collect(),
        images: view.images(),
        ..Posting::read(source, capture, PostingKind::SocialPost, key, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_browser_become_those_of_the_api() {
        let at = |rest: &str| Some(format!("https://l.example/api/v3/{rest}&sort=New&limit=50"));
        for (path, expected) in [
            ("", at("post/list?type_=Local")),
            ("c/robota", at("post/list?type_=All&community_name=robota")),
            ("c/robota@b.example", at("post/list?type_=All&community_name=robota%40b.example")),
            ("c/a?dataType=Comment", at("comment/list?type_=All&community_name=a")),
            ("u/agency", at("user?username=agency")),
            ("search?q=praca", at("search?q=praca&type_=All&listing_type=All")),
            ("search", None),
            ("post/1", None),
        ] {
            assert_eq!(first_page(&format!("https://l.example/{path}")), expected, "{path}");
        }
    }
}
