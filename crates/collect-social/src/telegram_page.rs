use domain::PostMarks;
use jiff::Timestamp;
use scraper::{CaseSensitivity, ElementRef, Html};
use url::Url;

use crate::telegram_marks::marks;

/// One page of a public channel's preview (`t.me/s/<channel>`), as a browser without an account
/// sees it. The class names are Telegram's own.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ChannelPage {
    /// Oldest first, as on the page.
    pub(crate) posts: Vec<Post>,
    /// Messages whose number could not be read, by their place on the page.
    pub(crate) unnumbered: Vec<usize>,
    /// There is a link to older posts.
    pub(crate) has_older: bool,
}

/// One message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) channel: String,
    pub(crate) number: u64,
    /// With line breaks, mark-up off. Empty for pictures without words.
    pub(crate) text: String,
    /// The owner's handle.
    pub(crate) author: String,
    pub(crate) published: Option<Timestamp>,
    /// Where words of the text and the buttons under it lead, what it was forwarded from, and the
    /// page that it shows a card of.
    pub(crate) links: Vec<String>,
    /// The preview says that it is shown in the app alone.
    pub(crate) is_withheld: bool,
    /// "Channel created", "pinned a message": said by Telegram, not by the channel.
    pub(crate) is_service: bool,
    /// The addresses of its photos, and of a still of each of its films.
    pub(crate) images: Vec<String>,
    /// Numbers that pictures of this message's album have for themselves.
    pub(crate) album: Vec<u64>,
    /// Views, media, whether it was edited, whose it passes on.
    pub(crate) marks: PostMarks,
}

impl ChannelPage {
    pub(crate) fn smallest(&self) -> Option<u64> {
        self.posts.iter().map(|post| post.number).min()
    }

    /// Pictures of an album have numbers of their own.
    pub(crate) fn largest(&self) -> Option<u64> {
        let numbers = self.posts.iter().flat_map(|post| post.album.iter().chain([&post.number]));
        numbers.copied().max()
    }

    /// When the oldest post was published.
    pub(crate) fn oldest_at(&self) -> Option<Timestamp> {
        self.posts.iter().filter_map(|post| post.published).min()
    }

    /// Rows of numbers that are not on the page though it shows posts before and after them.
    pub(crate) fn gaps(&self) -> Vec<(u64, u64)> {
        let shown = self.posts.iter().flat_map(|post| post.album.iter().chain([&post.number]));
        let (first, last) = (self.smallest().unwrap_or(0), self.largest().unwrap_or(0));
        let mut numbers: Vec<u64> =
            shown.copied().filter(|number| (first..=last).contains(number)).collect();
        numbers.sort_unstable();
        let pairs = numbers.iter().zip(numbers.iter().skip(1));
        let gap = |(before, after): (&u64, &u64)| {
            let (from, to) = (before.checked_add(1)?, after.checked_sub(1)?);
            (from <= to).then_some((from, to))
        };
        pairs.filter_map(gap).collect()
    }
}

/// Reads a preview page. `None` if it is another page: a private channel, a group, a block.
pub(crate) fn channel_page(page: &Html) -> Option<ChannelPage> {
    let root = page.root_element();
    let is_preview = with_class(root, "tgme_channel_history").next().is_some()
        || with_class(root, "tgme_widget_message").next().is_some();
    if !is_preview {
        return None;
    }
    let mut found = ChannelPage { has_older: has_older(root), ..ChannelPage::default() };
    for (place, message) in with_class(root, "tgme_widget_message").enumerate() {
        match post(message) {
            Some(post) => found.posts.push(post),
            None => found.unnumbered.push(place + 1),
        }
    }
    Some(found)
}

fn post(message: ElementRef<'_>) -> Option<Post> {
    let (channel, number) = message.attr("data-post")?.split_once('/')?;
    // Pictures of an album are numbered `channel/12?single`.
    let number = number.split('?').next()?.parse().ok()?;
    let plain = !channel.is_empty()
        && channel.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain {
        return None;
    }
    let owner = with_class(message, "tgme_widget_message_owner_name").next();
    let handle = owner.and_then(|owner| handle(owner.attr("href")?));
    let time = with_class(message, "tgme_widget_message_date").find_map(|date| {
        date.descendants().filter_map(ElementRef::wrap).find_map(|inner| inner.attr("datetime"))
    });
    let words = words(message);
    let texts: Vec<String> = words.iter().map(|part| text_of(*part)).collect();
    let base = Url::parse("https://t.me/").ok();
    let mut links: Vec<String> = Vec::new();
    let anchors = words
        .into_iter()
        .chain(with_class(message, "tgme_widget_message_inline_row"))
        .flat_map(|part| collect::anchors(part, base.as_ref()));
    let pointers = ["tgme_widget_message_forwarded_from_name", "tgme_widget_message_link_preview"];
    let pointed = pointers
        .into_iter()
        .flat_map(|class| with_class(message, class))
        .filter_map(|link| collect::link_target(link.attr("href")?, base.as_ref()));
    for link in anchors.chain(pointed) {
        // `https://t.me/?q=#work` is what a hashtag links to.
        if !link.starts_with("https://t.me/?") && !links.contains(&link) {
            links.push(link);
        }
    }
    let parts = with_class(message, "tgme_widget_message_grouped_wrap")
        .flat_map(|album| collect::anchors(album, base.as_ref()))
        .filter_map(|link| {
            let number = link.split('?').next()?.rsplit('/').next()?;
            number.parse().ok()
        });
    Some(Post {
        channel: channel.to_owned(),
        number,
        text: texts.join("\n\n").trim().to_owned(),
        author: handle.unwrap_or_else(|| channel.to_owned()),
        published: time.and_then(|time| time.parse().ok()),
        links,
        is_withheld: with_class(message, "message_media_not_supported").next().is_some(),
        is_service: has_class(message, "service_message"),
        images: images(message, base.as_ref()),
        album: parts.collect(),
        marks: marks(message),
    })
}

/// The picture of the account, of what it replies to and of a card's page have other classes.
fn images(message: ElementRef<'_>, base: Option<&Url>) -> Vec<String> {
    const SHOWN: [&str; 2] = ["tgme_widget_message_photo_wrap", "tgme_widget_message_video_thumb"];
    let elements = message.descendants().filter_map(ElementRef::wrap);
    let mut images = collect::Images::default();
    for element in elements.filter(|element| SHOWN.iter().any(|class| has_class(*element, class))) {
        let background = element.attr("style").and_then(|style| {
            let (_, address) = style.split_once("background-image:url(")?;
            Some(address.split_once(')')?.0.trim_matches(['\'', '"', ' ']))
        });
        if let Some(address) = background {
            images.add(address, base);
        }
    }
    images.into_vec()
}

/// The parts of a message that its author wrote: the text, a poll's question and answers. What it
/// replies to is quoted above it in the same classes and is somebody else's.
fn words(message: ElementRef<'_>) -> Vec<ElementRef<'_>> {
    const WORDS: [&str; 3] = [
        "tgme_widget_message_text",
        "tgme_widget_message_poll_question",
        "tgme_widget_message_poll_option_text",
    ];
    let elements = message.descendants().filter_map(ElementRef::wrap);
    let is_words = |element: &ElementRef<'_>| {
        WORDS.iter().any(|class| has_class(*element, class))
            && !element.ancestors().filter_map(ElementRef::wrap).any(|outer| {
                has_class(outer, "tgme_widget_message_reply")
                    || WORDS.iter().any(|class| has_class(outer, class))
            })
    };
    elements.filter(is_words).collect()
}

fn text_of(element: ElementRef<'_>) -> String {
    collect::plain_text(&element.inner_html())
}

fn has_older(root: ElementRef<'_>) -> bool {
    let mut links = root.descendants().filter_map(ElementRef::wrap);
    links.any(|link| link.attr("href").is_some_and(|href| href.contains("before=")))
}

/// `robota` for `https://t.me/robota` and `https://t.me/s/robota`.
fn handle(href: &str) -> Option<String> {
    let path = href.split(['?', '#']).next()?.trim_end_matches('/');
    let handle = path.rsplit('/').next()?;
    let plain = handle.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (plain && !handle.is_empty()).then(|| handle.to_owned())
}

pub(crate) fn with_class<'p>(
    root: ElementRef<'p>,
    class: &str,
) -> impl Iterator<Item = ElementRef<'p>> {
    let elements = root.descendants().filter_map(ElementRef::wrap);
    elements.filter(move |element| has_class(*element, class))
}

fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    element.value().has_class(class, CaseSensitivity::CaseSensitive)
}
