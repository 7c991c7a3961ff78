use async_trait::async_trait;
use collect::{Collector, ListOf, Older, PassedOver, Place, Reading, Scan, ScanError, Shown};
use domain::{Capture, Outcome, Posting, PostingKind, Problem, Source};
use url::Url;

use crate::vk_wall::{Answer, Entry, Failure, Wall};

/// Posts on a page; the API gives no more.
const PAGE: usize = 100;
/// Pages fetched in one scan when the source sets no other number.
const DEFAULT_MAX_PAGES: usize = 10;
/// The version of the API whose answers are read.
const VERSION: &str = "5.199";
const SERVER: &str = "https://api.vk.com";

const BAD_ADDRESS: Outcome = Outcome::fault("source.not-a-wall");
const NOT_A_WALL: Outcome = Outcome::fault("timeline.not-json");
const BROKEN_POST: Outcome = Outcome::fault("post.broken");
const REMOVED: Outcome = Outcome::intended("post.removed");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");
const NOT_PUBLIC: Outcome = Outcome::intended("post.not-public");

/// The wall of a public community or account of VK (`https://vk.com/robota`), by the API
/// (<https://dev.vk.com/method/wall.get>). It needs a service token of an app of the desk, which
/// reads what anybody may read.
#[derive(Clone, Copy, Debug)]
pub struct Vk;

#[async_trait]
impl Collector for Vk {
    fn kind(&self) -> &'static str {
        "vk"
    }

    fn keys(&self) -> &'static [&'static str] {
        &["access_token"]
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let Some(first) = first_page(&scan.source.url) else {
            let detail =
                "give the address of a community or an account, as in https://vk.com/robota";
            let problem = Problem::new(BAD_ADDRESS, &scan.source.url, detail);
            return Err(ScanError::Incomplete(problem));
        };
        scan.send_keys_in_query(self.keys());
        let place = Place {
            first: &first,
            most_pages: DEFAULT_MAX_PAGES,
            is_counted: false,
            shown: |capture| match answer(capture)? {
                Answer::Wall(wall) => Some(shown(&capture.url, &wall)),
                Answer::Failure(_) => None,
            },
        };
        collect::walk_back(scan, place).await
    }

    /// Walls of communities, and those whose name does not tell; one that says it is a person's is none.
    fn place(&self, link: &Url) -> Option<String> {
        let name = link.path_segments()?.find(|part| !part.is_empty())?;
        let is_page = ["feed", "video", "photo", "away.php", "share.php", "search", "im", "wall"];
        if !is_vk(link) || is_page.contains(&name) || link.path().matches('/').count() > 1 {
            return None;
        }
        if let Some(post) = name.strip_prefix("wall-") {
            let number = post.split('_').next().filter(|number| !number.is_empty())?;
            return number.parse::<u64>().ok().map(|number| format!("https://vk.com/club{number}"));
        }
        match wall_of(name)? {
            ("owner_id", number) => {
                number.strip_prefix('-').map(|number| format!("https://vk.com/club{number}"))
            }
            // Pictures, films and posts of persons are named by numbers.
            (_, name) => {
                let is_thing = name
                    .rsplit_once('_')
                    .is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
                (!is_thing).then(|| format!("https://vk.com/{}", name.to_lowercase()))
            }
        }
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        match answer(capture) {
            Some(Answer::Wall(wall)) => {
                let posting = |entry: &Entry| posting(source, capture, entry);
                collect::read_list(capture, ListOf::Posts, &wall.entries(), posting)
            }
            Some(Answer::Failure(failure)) => {
                Reading::failed(Problem::new(outcome_of(&failure), &capture.url, failure.detail()))
            }
            None => {
                let detail = "the answer is neither a wall nor an error of the API";
                Reading::failed(Problem::new(NOT_A_WALL, &capture.url, detail))
            }
        }
    }
}

/// The address of the first page, from one that a browser shows or from the method's own.
fn first_page(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let (server, whose) = match parts.as_slice() {
        ["method", "wall.get"] => {
            let server = url.origin().ascii_serialization();
            let owner = collect::parameter(&url, "owner_id").map(|id| ("owner_id", id));
            let domain = || collect::parameter(&url, "domain").map(|name| ("domain", name));
            (server, owner.or_else(domain)?)
        }
        [name] if is_vk(&url) => (SERVER.to_owned(), wall_of(name)?),
        _ => return None,
    };
    let count = PAGE.to_string();
    let parameters = [(whose.0, whose.1.as_str()), ("count", count.as_str()), ("v", VERSION)];
    Url::parse_with_params(&format!("{server}/method/wall.get"), &parameters).ok().map(String::from)
}

fn is_vk(url: &Url) -> bool {
    matches!(url.host_str(), Some("vk.com" | "www.vk.com" | "m.vk.com" | "vk.ru" | "m.vk.ru"))
}

/// Communities are numbered below zero.
fn wall_of(name: &str) -> Option<(&'static str, String)> {
    let digits = |prefix: &str| {
        let digits = name.strip_prefix(prefix)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(digits)
    };
    if let Some(number) = ["club", "public", "event"].iter().find_map(|prefix| digits(prefix)) {
        return Some(("owner_id", format!("-{number}")));
    }
    if let Some(number) = digits("id") {
        return Some(("owner_id", number.to_owned()));
    }
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    is_name.then(|| ("domain", name.to_owned()))
}

fn answer(capture: &Capture) -> Option<Answer> {
    serde_json::from_slice(capture.content()).ok()
}

fn shown(address: &str, wall: &Wall) -> Shown {
    let positions = || wall.positions();
    let url = Url::parse(address).ok();
    let offset = url.as_ref().and_then(|url| collect::parameter(url, "offset")?.parse().ok());
    let next = offset.unwrap_or(0_usize).saturating_add(PAGE).to_string();
    let older = match collect::with_parameter(address, "offset", &next) {
        Some(next) if wall.items.len() >= PAGE => Older::At(next),
        _ => Older::None,
    };
    Shown { oldest: positions().min(), newest: positions().max(), older, ..Shown::default() }
}

/// What the numbers of errors say (<https://dev.vk.com/reference/errors>).
fn outcome_of(failure: &Failure) -> Outcome {
    match failure.error_code {
        5 | 27 | 28 | 1117 => Outcome::fault("vk.key-refused"),
        6 | 9 | 29 => Outcome::fault("vk.too-many-requests"),
        15 | 30 | 203 => Outcome::intended("vk.not-public"),
        18 | 19 | 37 => Outcome::fault("vk.gone-or-blocked"),
        100 | 113 | 125 => Outcome::fault("vk.no-such-wall"),
        // Whoever asks for it wants a person; we do not try another way.
        14 | 17 | 3300 => Outcome::fault("vk.wants-a-person"),
        1 | 10 | 36 => Outcome::fault("vk.server-error"),
        _ => Outcome::fault("vk.error"),
    }
}

fn posting(source: &Source, capture: &Capture, entry: &Entry) -> Result<Posting, PassedOver> {
    let post = entry.post.as_ref().ok_or((BROKEN_POST, "it has no number, owner or time"))?;
    if post.is_deleted() {
        return Err((REMOVED, "its author or the network took it away"));
    }
    if post.is_for_members() {
        return Err((NOT_PUBLIC, "it is for friends or for those who pay"));
    }
    let (text, mut links) = post.words();
    if text.is_empty() {
        return Err((NO_TEXT, "it has no words"));
    }
    links.extend(entry.passes_on.clone());
    let key = post.key();
    Ok(Posting {
        url: Some(format!("https://vk.com/wall{key}")),
        author: Some(post.author()),
        published_at: post.published_at(),
        hidden_links: links,
        images: post.images(),
        ..Posting::read(source, capture, PostingKind::SocialPost, key, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_browser_become_those_of_the_api() {
        let at = |server: &str, whose: &str| {
            Some(format!("{server}/method/wall.get?{whose}&count=100&v=5.199"))
        };
        for (address, expected) in [
            ("https://vk.com/robota.abroad", at(SERVER, "domain=robota.abroad")),
            ("https://m.vk.com/club12/", at(SERVER, "owner_id=-12")),
            ("https://vk.com/id12", at(SERVER, "owner_id=12")),
            (
                "http://127.0.0.1:8/method/wall.get?owner_id=-12&access_token=x",
                at("http://127.0.0.1:8", "owner_id=-12"),
            ),
            ("https://other.example/robota", None),
            ("https://vk.com/", None),
            ("https://vk.com/wall-1_2/x", None),
            ("vk", None),
        ] {
            assert_eq!(first_page(address), expected, "{address}");
        }
    }
}
