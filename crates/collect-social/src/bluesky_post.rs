use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::at_name::at_datetime;

/// The answer to `app.bsky.feed.getAuthorFeed` or `app.bsky.feed.searchPosts`: a page of posts, and
/// where the next one is.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) cursor: Option<String>,
    #[serde(flatten)]
    list: List,
}

#[derive(Deserialize)]
enum List {
    #[serde(rename = "feed")]
    Feed(Vec<Value>),
    #[serde(rename = "posts")]
    Posts(Vec<Value>),
}

/// A post and its place in the feed.
pub(crate) struct Entry {
    /// `None` if it is not what the documentation says.
    pub(crate) post: Option<Post>,
    /// When the feed got it, in milliseconds: feeds are in this order.
    pub(crate) position: Option<u64>,
}

#[derive(Deserialize)]
struct FeedEntry {
    post: Value,
    reason: Option<Reason>,
}

/// Why a post stands in the feed of another account than its author's.
#[derive(Deserialize)]
struct Reason {
    #[serde(rename = "$type")]
    kind: Option<String>,
    #[serde(rename = "indexedAt")]
    indexed_at: Option<String>,
}

/// `app.bsky.feed.defs#postView`, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Post {
    pub(crate) uri: String,
    pub(crate) author: Author,
    pub(crate) record: Record,
    #[serde(rename = "indexedAt")]
    indexed_at: String,
    /// What is shown with it, with addresses; the record has names alone.
    #[serde(default)]
    embed: Value,
}

/// `app.bsky.actor.defs#profileViewBasic`, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Author {
    pub(crate) handle: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    val: String,
}

/// `app.bsky.feed.post`, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Record {
    text: String,
    #[serde(rename = "createdAt")]
    created_at: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    pub(crate) langs: Vec<String>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    facets: Vec<Facet>,
    embed: Option<Embed>,
    labels: Option<OwnLabels>,
}

/// What its author says of it.
#[derive(Deserialize)]
struct OwnLabels {
    #[serde(default, deserialize_with = "collect::null_as_default")]
    values: Vec<Label>,
}

#[derive(Deserialize)]
struct Facet {
    features: Vec<Feature>,
}

/// A link has a `uri`; mentions and hashtags have none.
#[derive(Deserialize)]
struct Feature {
    uri: Option<String>,
}

/// All kinds of `app.bsky.embed` that hold words of the author; of a quoted post nothing is read.
#[derive(Deserialize)]
struct Embed {
    #[serde(default, deserialize_with = "collect::null_as_default")]
    images: Vec<Described>,
    /// Of a gallery.
    #[serde(default, deserialize_with = "collect::null_as_default")]
    items: Vec<Described>,
    /// Of a film.
    alt: Option<String>,
    external: Option<External>,
    /// Beside a quoted post.
    media: Option<Box<Embed>>,
}

#[derive(Deserialize)]
struct Described {
    #[serde(default, deserialize_with = "collect::null_as_default")]
    alt: String,
}

/// The card of a page.
#[derive(Deserialize)]
struct External {
    uri: String,
    title: String,
    description: String,
}

impl Answer {
    pub(crate) fn entries(self) -> Vec<Entry> {
        match self.list {
            List::Posts(posts) => posts.into_iter().map(|post| Entry::of(post, None)).collect(),
            List::Feed(feed) => feed.into_iter().map(Entry::of_feed).collect(),
        }
    }
}

impl Reason {
    fn is_pin(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| kind.ends_with("#reasonPin"))
    }
}

impl Entry {
    fn of_feed(entry: Value) -> Self {
        match serde_json::from_value::<FeedEntry>(entry) {
            Ok(entry) => {
                let is_held = entry.reason.as_ref().is_some_and(Reason::is_pin);
                let passed_on = entry.reason.and_then(|reason| at_datetime(&reason.indexed_at?));
                let read = Self::of(entry.post, passed_on);
                // An old post that is held on top says nothing of how far back the page reaches.
                if is_held { Self { position: None, ..read } } else { read }
            }
            Err(_) => Self { post: None, position: None },
        }
    }

    fn of(post: Value, passed_on: Option<Timestamp>) -> Self {
        let post = serde_json::from_value::<Post>(post).ok();
        let time = passed_on.or_else(|| post.as_ref()?.listed_at());
        let position = time.and_then(|time| u64::try_from(time.as_millisecond()).ok());
        Self { post, position }
    }
}

impl Post {
    /// As its author's program says; the server's word if that is no time.
    pub(crate) fn published_at(&self) -> Option<Timestamp> {
        self.record.created_at().or_else(|| at_datetime(&self.indexed_at))
    }

    /// What feeds are sorted by: the earlier of the two times, so that a date in the future does not
    /// keep a post on top.
    fn listed_at(&self) -> Option<Timestamp> {
        let (created, indexed) = (self.record.created_at(), at_datetime(&self.indexed_at));
        created.into_iter().chain(indexed).min()
    }

    /// The addresses of its pictures, and of a still of its film; those of a quoted post or of a card's
    /// page are not its own.
    pub(crate) fn images(&self) -> Vec<String> {
        let mut images = collect::Images::default();
        for shown in [Some(&self.embed), self.embed.get("media")].into_iter().flatten() {
            let lists = ["images", "items"].iter().filter_map(|name| shown.get(*name)?.as_array());
            let one_by_one = lists.flatten().filter_map(|one| one.get("fullsize"));
            for address in one_by_one.chain(shown.get("thumbnail")).filter_map(Value::as_str) {
                images.add(address, None);
            }
        }
        images.into_vec()
    }

    /// Its author asks not to be shown to people without an account.
    pub(crate) fn is_for_members(&self) -> bool {
        self.author.labels.iter().any(Label::is_for_members) || self.record.is_for_members()
    }
}

impl Label {
    fn is_for_members(&self) -> bool {
        self.val == "!no-unauthenticated"
    }
}

impl Record {
    /// Its author asks that it be not shown to people without an account.
    pub(crate) fn is_for_members(&self) -> bool {
        self.labels.iter().flat_map(|labels| &labels.values).any(Label::is_for_members)
    }

    /// As its author's program says.
    pub(crate) fn created_at(&self) -> Option<Timestamp> {
        at_datetime(&self.created_at)
    }

    /// Text, descriptions of pictures and films, the words of a page's card.
    pub(crate) fn text(&self) -> String {
        let mut parts = vec![self.text.as_str()];
        for embed in self.embeds() {
            parts.extend(embed.images.iter().chain(&embed.items).map(|one| one.alt.as_str()));
            parts.extend(embed.alt.as_deref());
            let card = embed.external.iter();
            parts.extend(card.flat_map(|card| [card.title.as_str(), card.description.as_str()]));
        }
        parts.retain(|part| !part.trim().is_empty());
        parts.join("\n\n").trim().to_owned()
    }

    /// Where words of the text and the card lead.
    pub(crate) fn links(&self) -> Vec<String> {
        let features = self.facets.iter().flat_map(|facet| &facet.features);
        let cards = self.embeds().filter_map(|embed| embed.external.as_ref());
        let mut links = Vec::new();
        let all = features.filter_map(|feature| feature.uri.as_ref());
        for link in all.chain(cards.map(|card| &card.uri)) {
            if !links.contains(link) {
                links.push(link.clone());
            }
        }
        links
    }

    fn embeds(&self) -> impl Iterator<Item = &Embed> {
        let embed = self.embed.as_ref();
        embed.into_iter().chain(embed.and_then(|embed| embed.media.as_deref()))
    }
}
