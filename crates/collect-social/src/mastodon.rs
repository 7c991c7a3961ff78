use async_trait::async_trait;
use collect::{
    Collector, KeepError, ListOf, Older, Page, PassedOver, Place, Reading, Scan, ScanError, Shown,
};
use domain::{Capture, Language, Outcome, Posting, PostingKind, Problem, Source};
use url::Url;

use crate::mastodon_status::{Account, Status};

/// Pages fetched in one scan when the source sets no other number; a page holds up to 40 posts.
const DEFAULT_MAX_PAGES: usize = 10;
/// Where the checkpoint keeps the number that the server knows the account by.
const ACCOUNT: &str = "account_id";

const BAD_ADDRESS: Outcome = Outcome::fault("source.not-a-timeline");
const NO_ACCOUNT: Outcome = Outcome::fault("account.not-found");
const NOT_A_TIMELINE: Outcome = Outcome::fault("timeline.not-json");
const BROKEN_POST: Outcome = Outcome::fault("post.broken");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");
const NOT_PUBLIC: Outcome = Outcome::intended("post.not-public");

/// A public timeline of a Mastodon server, or of another that speaks its API: a hashtag
/// (`https://server/tags/robota`), an account (`https://server/@name`), or all that is public
/// (`https://server/public`, `https://server/public/local`). See
/// <https://docs.joinmastodon.org/methods/timelines/>.
#[derive(Clone, Copy, Debug)]
pub struct Mastodon;

#[async_trait]
impl Collector for Mastodon {
    fn kind(&self) -> &'static str {
        "mastodon"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let first = match timeline(&scan.source.url) {
            Some(Timeline::At(address)) => address,
            Some(Timeline::Of { server, account }) => {
                match account_number(scan, &server, &account).await? {
                    Some(number) => {
                        format!(
                            "{server}/api/v1/accounts/{number}/statuses?limit=40&exclude_reblogs=true"
                        )
                    }
                    // Why is counted; asked again next time.
                    None => return Ok(()),
                }
            }
            None => {
                let detail = "give the address of a hashtag, an account or the public timeline";
                return Err(ScanError::Incomplete(Problem::new(
                    BAD_ADDRESS,
                    &scan.source.url,
                    detail,
                )));
            }
        };
        let place = Place {
            first: &first,
            most_pages: DEFAULT_MAX_PAGES,
            is_counted: false,
            shown: |capture| Some(shown(capture, &statuses(capture)?)),
        };
        collect::walk_back(scan, place).await
    }

    /// Addresses of accounts, of posts by them, and of hashtags look alike on all servers; what other
    /// networks have in the same form is not taken for one.
    fn place(&self, link: &Url) -> Option<String> {
        const OTHERS: [&str; 9] = [
            "tiktok.com",
            "youtube.com",
            "medium.com",
            "threads.net",
            "threads.com",
            "t.me",
            "vk.com",
            "odysee.com",
            "rumble.com",
        ];
        let server = link.origin().ascii_serialization();
        let host = link.host_str()?.trim_start_matches("www.").trim_start_matches("m.");
        let parts: Vec<&str> = link.path_segments()?.filter(|part| !part.is_empty()).collect();
        let place = match parts.as_slice() {
            [account] => account.strip_prefix('@').map(|name| format!("@{name}")),
            [account, post] if post.bytes().all(|byte| byte.is_ascii_digit()) => {
                account.strip_prefix('@').map(|name| format!("@{name}"))
            }
            _ => None,
        };
        place.filter(|_| !OTHERS.contains(&host)).map(|place| format!("{server}/{place}"))
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        if serde_json::from_slice::<Account>(capture.content()).is_ok() {
            // The answer to "what is this account's number?" holds no posts.
            return Reading::default();
        }
        let Some(statuses) = statuses(capture) else {
            let detail = "the answer is no JSON list of posts";
            return Reading::failed(Problem::new(NOT_A_TIMELINE, &capture.url, detail));
        };
        collect::read_list(capture, ListOf::Posts, &statuses, |status| {
            posting(source, capture, status)
        })
    }
}

/// What a source's address names.
#[derive(Debug, PartialEq, Eq)]
enum Timeline {
    /// The address of the first page.
    At(String),
    /// An account, whose number the server must be asked for first.
    Of { server: String, account: String },
}

/// Understands the addresses that a browser shows, and those of the API itself.
fn timeline(address: &str) -> Option<Timeline> {
    let url = Url::parse(address).ok()?;
    let server = url.origin().ascii_serialization();
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let at = |path: String| Some(Timeline::At(format!("{server}/api/v1/timelines/{path}")));
    match parts.as_slice() {
        ["api", ..] => Some(Timeline::At(url.into())),
        ["tags", tag] => at(format!("tag/{tag}?limit=40")),
        ["public"] => at("public?limit=40".to_owned()),
        ["public", "local"] => at("public?local=true&limit=40".to_owned()),
        [account] => {
            let account = account.strip_prefix('@')?.to_owned();
            Some(Timeline::Of { server, account })
        }
        _ => None,
    }
}

/// The account's number, asked for once.
async fn account_number(
    scan: &mut Scan<'_>,
    server: &str,
    account: &str,
) -> Result<Option<String>, KeepError> {
    if let Some(known) = scan.checkpoint.get(ACCOUNT) {
        return Ok(Some(known.to_owned()));
    }
    let url = format!("{server}/api/v1/accounts/lookup?acct={account}");
    let capture = match scan.get(&url).await? {
        Page::New(capture) | Page::Unchanged(Some(capture)) => capture,
        Page::Unchanged(None) | Page::Failed(_) => return Ok(None),
    };
    let found = serde_json::from_slice::<Account>(capture.content()).ok();
    let number = found.map(|found| found.id).filter(|id| {
        // It becomes part of an address.
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    match &number {
        Some(number) => scan.checkpoint.set(ACCOUNT, number.clone()),
        None => scan.fail(Problem::new(NO_ACCOUNT, &url, "the answer names no account")),
    }
    Ok(number)
}

fn statuses(capture: &Capture) -> Option<Vec<Status>> {
    let values: Vec<serde_json::Value> = serde_json::from_slice(capture.content()).ok()?;
    Some(values.into_iter().map(Status::of).collect())
}

fn shown(capture: &Capture, statuses: &[Status]) -> Shown {
    let positions = || statuses.iter().filter_map(Status::position);
    let older = capture.header("link").and_then(next_page).map_or(Older::None, Older::At);
    Shown { oldest: positions().min(), newest: positions().max(), older, ..Shown::default() }
}

/// The target of `rel="next"` (RFC 8288).
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|one| {
        let (target, parameters) = one.trim().strip_prefix('<')?.split_once('>')?;
        let mut parameters = parameters.split(';').map(str::trim);
        parameters.any(|parameter| parameter == "rel=\"next\"").then(|| target.to_owned())
    })
}

fn posting(source: &Source, capture: &Capture, status: &Status) -> Result<Posting, PassedOver> {
    let Status::Post(post) = status else {
        return Err((BROKEN_POST, "it has no address, author or text"));
    };
    // What was passed on is its first author's.
    let post = post.reblog.as_deref().unwrap_or(post);
    if !matches!(post.visibility.as_deref(), None | Some("public" | "unlisted")) {
        return Err((NOT_PUBLIC, "it is for followers or single people"));
    }
    let text = post.text();
    if text.is_empty() {
        return Err((NO_TEXT, "a picture or film without words"));
    }
    let title = Some(post.spoiler_text.trim().to_owned()).filter(|title| !title.is_empty());
    Ok(Posting {
        url: Some(post.url.clone().unwrap_or_else(|| post.uri.clone())),
        title,
        author: Some(post.account.acct.clone()),
        published_at: post.created_at,
        language: post.language.as_deref().and_then(Language::from_code),
        hidden_links: post.links(),
        images: post.images(),
        ..Posting::read(source, capture, PostingKind::SocialPost, post.uri.clone(), text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_browser_become_those_of_the_api() {
        let at = |path: &str| Some(Timeline::At(format!("https://m.example/api/v1/{path}")));
        let of = |account: &str| {
            let (server, account) = ("https://m.example".to_owned(), account.to_owned());
            Some(Timeline::Of { server, account })
        };
        for (path, expected) in [
            ("tags/robota", at("timelines/tag/robota?limit=40")),
            ("public/local/", at("timelines/public?local=true&limit=40")),
            ("api/v1/timelines/public", at("timelines/public")),
            ("@jobs", of("jobs")),
            ("@jobs@other.example", of("jobs@other.example")),
            ("about", None),
            ("", None),
        ] {
            assert_eq!(timeline(&format!("https://m.example/{path}")), expected, "{path}");
        }
    }

    #[test]
    fn the_next_page_is_the_link_that_says_so() {
        let link = r#"<https://m.example/a?min_id=9>; rel="prev", <https://m.example/a?max_id=1>; rel="next""#;
        assert_eq!(next_page(link).as_deref(), Some("https://m.example/a?max_id=1"));
        assert_eq!(next_page(r#"<https://m.example/a>; rel="prev""#), None);
        assert_eq!(next_page("next"), None);
    }
}
