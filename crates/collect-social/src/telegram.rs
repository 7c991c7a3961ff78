use async_trait::async_trait;
use collect::{Collector, Older, Place, Reading, Scan, ScanError, Shown};
use domain::{Capture, Outcome, Posting, PostingId, PostingKind, Problem, Source};
use url::Url;

use crate::telegram_page::{ChannelPage, Post, channel_page};

/// Pages fetched in one scan when the source sets no other number; a page holds up to 20 posts.
const DEFAULT_MAX_PAGES: usize = 20;

const NOT_A_PREVIEW: Outcome = Outcome::fault("page.not-a-channel-preview");
const TOO_COMPLEX: Outcome = Outcome::fault("page.too-complex");
const EMPTY_CHANNEL: Outcome = Outcome::intended("channel.empty");
const NO_TEXT: Outcome = Outcome::intended("post.no-text");
const NOT_IN_PREVIEW: Outcome = Outcome::intended("post.not-in-preview");
const SERVICE: Outcome = Outcome::intended("post.service-message");
const MISSING: Outcome = Outcome::intended("post.missing");
/// Numbers between two posts that are looked up as taken away; nobody deletes more between two scans
/// and leaves the posts around them.
const MOST_GONE: usize = 1000;

/// A page holds up to 20 posts; a post that is asked for again stands in its midst.
const NUMBERS_AFTER: u64 = 10;

const NO_NUMBER: Outcome = Outcome::fault("post.no-number");

/// A public Telegram channel, by the preview page that anyone can open without an account.
#[derive(Clone, Copy, Debug)]
pub struct Telegram;

#[async_trait]
impl Collector for Telegram {
    fn kind(&self) -> &'static str {
        "telegram"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let first = scan.source.url.clone();
        let place = Place {
            first: &first,
            most_pages: DEFAULT_MAX_PAGES,
            is_counted: true,
            shown: |capture| page_of(capture).ok().map(|page| shown(&page, capture)),
        };
        collect::walk_back(scan, place).await
    }

    /// The page of the posts up to a few numbers after it: between them it is either shown or missing.
    fn again(&self, posting: &Posting, page: &str) -> String {
        let number =
            posting.key.rsplit_once('/').and_then(|(_, number)| number.parse::<u64>().ok());
        let (Some(number), Ok(mut url)) = (number, Url::parse(page)) else {
            return page.to_owned();
        };
        let before = number.saturating_add(NUMBERS_AFTER).to_string();
        url.query_pairs_mut().clear().append_pair("before", &before);
        url.into()
    }

    fn place(&self, link: &Url) -> Option<String> {
        // Pages of Telegram's own under its name.
        const OWN: [&str; 9] = [
            "joinchat",
            "share",
            "addstickers",
            "addemoji",
            "addlist",
            "proxy",
            "socks",
            "iv",
            "c",
        ];
        let host = link.host_str()?.trim_start_matches("www.");
        let mut parts = link.path_segments()?.filter(|part| !part.is_empty()).peekable();
        parts.next_if_eq(&"s");
        let name = parts.next()?.to_ascii_lowercase();
        let is_name =
            name.len() > 3 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_place = ["t.me", "telegram.me", "telegram.dog"].contains(&host)
            && is_name
            && !OWN.contains(&name.as_str());
        is_place.then(|| format!("https://t.me/s/{name}"))
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        match page_of(capture) {
            Ok(page) => reading(source, capture, &page),
            Err(problem) => Reading::failed(problem),
        }
    }
}

/// What a page shows of the channel; older posts are asked for by the number they come before.
fn shown(page: &ChannelPage, capture: &Capture) -> Shown {
    let (oldest, newest) = (page.smallest(), page.largest());
    let before = oldest.filter(|number| *number > 1).and_then(|number| {
        let mut url = Url::parse(&capture.url).ok()?;
        url.query_pairs_mut().clear().append_pair("before", &number.to_string());
        Some(String::from(url))
    });
    let older = match before {
        None => Older::None,
        Some(before) if page.has_older => Older::At(before),
        // When posts that we know lie further back, the link was lost.
        Some(before) => Older::Perhaps(before),
    };
    let oldest_at = page.oldest_at().map(|at| (at, capture.fetched_at));
    Shown { oldest, newest, older, oldest_at }
}

/// The preview page in a capture.
fn page_of(capture: &Capture) -> Result<ChannelPage, Problem> {
    let decoded = collect::decode(capture.content(), capture.header("content-type"));
    let tree = collect::parse_html(&decoded.text)
        .map_err(|error| Problem::new(TOO_COMPLEX, &capture.url, error.to_string()))?;
    channel_page(&tree).ok_or_else(|| {
        let detail = "found no message history: the channel is private, gone, a group, or has its preview off";
        Problem::new(NOT_A_PREVIEW, &capture.url, detail)
    })
}

fn reading(source: &Source, capture: &Capture, page: &ChannelPage) -> Reading {
    let mut reading = Reading::default();
    for place in &page.unnumbered {
        let place = format!("{}#message={place}", capture.url);
        let detail = "the message has no post number";
        reading.problems.push(Problem::new(NO_NUMBER, place, detail));
    }
    for post in &page.posts {
        let place = || format!("{}#post={}", capture.url, post.number);
        if post.is_service {
            let detail = "said by Telegram, not by the channel";
            reading.problems.push(Problem::new(SERVICE, place(), detail));
        } else if post.text.is_empty() && post.is_withheld {
            let detail = "the preview says that it is shown in Telegram's own programs alone";
            reading.problems.push(Problem::new(NOT_IN_PREVIEW, place(), detail));
        } else if post.text.is_empty() {
            let detail = "a picture, film or file without words";
            reading.problems.push(Problem::new(NO_TEXT, place(), detail));
        } else {
            reading.postings.push(posting(source, capture, post));
        }
    }
    for (from, to) in page.gaps() {
        let place = format!("{}#post={from}", capture.url);
        let missing = to.saturating_sub(from).saturating_add(1);
        let detail = format!("{missing} numbers are not shown: deleted, or never public");
        reading.problems.push(Problem::new(MISSING, place, detail));
        let room = MOST_GONE.saturating_sub(reading.gone.len());
        let channel = page.posts.first().map_or("", |post| post.channel.as_str());
        let gone = (from..=to).take(room);
        reading
            .gone
            .extend(gone.map(|number| PostingId::derive(&source.id, &key(channel, number))));
    }
    if page.posts.is_empty() && page.unnumbered.is_empty() {
        let detail = "the page shows no messages";
        reading.problems.push(Problem::new(EMPTY_CHANNEL, &capture.url, detail));
    }
    reading
}

/// What names a post for good.
fn key(channel: &str, number: u64) -> String {
    format!("{channel}/{number}")
}

fn posting(source: &Source, capture: &Capture, post: &Post) -> Posting {
    let key = key(&post.channel, post.number);
    Posting {
        url: Some(format!("https://t.me/{key}")),
        author: Some(post.author.clone()),
        published_at: post.published,
        hidden_links: post.links.clone(),
        images: post.images.clone(),
        marks: post.marks.clone(),
        ..Posting::read(source, capture, PostingKind::SocialPost, key, post.text.clone())
    }
}
