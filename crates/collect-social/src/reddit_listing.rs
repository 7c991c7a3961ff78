use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// A page of posts or comments, as `.json` behind the address of a page gives it.
#[derive(Deserialize)]
pub(crate) struct Listing {
    data: Children,
}

#[derive(Deserialize)]
struct Children {
    /// Where the next page begins.
    after: Option<String>,
    children: Vec<Value>,
}

#[derive(Deserialize)]
struct Thing {
    kind: String,
    data: Value,
}

/// One thing of a listing.
pub(crate) enum Entry {
    Post(Box<Post>),
    /// A community, an account, "more comments".
    Other,
    /// Not what it should be.
    Broken,
}

/// A post (`t3`) or a comment (`t1`), as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Post {
    /// Its name for good, with its kind: `t3_48dxvx`.
    pub(crate) name: String,
    id: String,
    author: Option<String>,
    /// Seconds since 1970.
    created_utc: f64,
    /// Of a post.
    pub(crate) title: Option<String>,
    /// Markdown, of a post; empty for a link or a picture.
    selftext: Option<String>,
    selftext_html: Option<String>,
    /// Markdown, of a comment.
    body: Option<String>,
    body_html: Option<String>,
    permalink: Option<String>,
    /// Of a comment: what it belongs to.
    link_id: Option<String>,
    /// What a post that is a link shows.
    url: Option<String>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    is_self: bool,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    stickied: bool,
    subreddit_type: Option<String>,
    /// Of a post that is several pictures: their order, and what is known of each.
    #[serde(default)]
    gallery_data: Value,
    #[serde(default)]
    media_metadata: Value,
    /// The post that this one passes on.
    #[serde(default, deserialize_with = "collect::null_as_default")]
    crosspost_parent_list: Vec<Post>,
}

impl Listing {
    pub(crate) fn after(&self) -> Option<&str> {
        self.data.after.as_deref().filter(|after| !after.is_empty())
    }

    pub(crate) fn entries(self) -> Vec<Entry> {
        self.data.children.into_iter().map(Entry::of).collect()
    }
}

impl Entry {
    fn of(thing: Value) -> Self {
        let Ok(thing) = serde_json::from_value::<Thing>(thing) else { return Self::Broken };
        if !matches!(thing.kind.as_str(), "t1" | "t3") {
            return Self::Other;
        }
        match serde_json::from_value::<Post>(thing.data) {
            Ok(post) if post.title.is_some() || post.body.is_some() => Self::Post(Box::new(post)),
            _ => Self::Broken,
        }
    }

    /// When it was written, in seconds; `None` for one that is held on top.
    pub(crate) fn position(&self) -> Option<u64> {
        match self {
            Self::Post(post) if !post.stickied => post.published_at()?.as_second().try_into().ok(),
            _ => None,
        }
    }
}

impl Post {
    /// What this post passes on, or itself.
    pub(crate) fn original(&self) -> &Self {
        self.crosspost_parent_list.first().unwrap_or(self)
    }

    pub(crate) fn published_at(&self) -> Option<Timestamp> {
        let since_1970 = SignedDuration::try_from_secs_f64(self.created_utc).ok()?;
        Timestamp::from_duration(since_1970).ok()
    }

    /// `None` when the account is gone.
    pub(crate) fn author(&self) -> Option<&str> {
        self.author.as_deref().filter(|author| *author != "[deleted]")
    }

    /// Its author or a moderator took the words away.
    pub(crate) fn is_removed(&self) -> bool {
        let words = self.body.as_deref().or(self.selftext.as_deref());
        matches!(words.map(str::trim), Some("[deleted]" | "[removed]"))
    }

    pub(crate) fn is_for_members(&self) -> bool {
        self.subreddit_type
            .as_deref()
            .is_some_and(|kind| !matches!(kind, "public" | "restricted" | "user" | "archived"))
    }

    /// Mark-up off.
    pub(crate) fn text(&self) -> String {
        match self.html() {
            Some(html) => collect::plain_text(html).trim().to_owned(),
            None => {
                let words = self.body.as_deref().or(self.selftext.as_deref());
                words.unwrap_or_default().trim().to_owned()
            }
        }
    }

    /// Where people see it, on the server of `origin`.
    pub(crate) fn page(&self, origin: &str) -> Option<String> {
        if let Some(path) = self
            .permalink
            .as_deref()
            .filter(|path| path.starts_with("/r/") || path.starts_with("/user/"))
        {
            return Some(format!("{origin}{path}"));
        }
        // Older answers give a comment no address.
        let post = self.link_id.as_deref()?.strip_prefix("t3_")?;
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (is_name(post) && is_name(&self.id))
            .then(|| format!("{origin}/comments/{post}/_/{}", self.id))
    }

    /// Where words of the text, and a post that is a link, lead.
    /// `/r/name` and the like are on the server of `origin`.
    pub(crate) fn links(&self, origin: Option<&Url>) -> Vec<String> {
        let tree = self.html().and_then(|html| collect::parse_html(html).ok());
        let mut links =
            tree.map(|tree| collect::anchors(tree.root_element(), origin)).unwrap_or_default();
        let shown = self.url.as_deref().filter(|_| !self.is_self && self.title.is_some());
        links.extend(shown.and_then(|url| collect::link_target(url, origin)));
        links
    }

    /// The addresses of the pictures that a post is. A preview of a page that it links to is not its
    /// own.
    pub(crate) fn images(&self) -> Vec<String> {
        let mut images = collect::Images::default();
        let shown = self.url.as_deref().filter(|_| !self.is_self && self.title.is_some());
        if let Some(address) = shown.filter(|address| collect::is_image_address(address)) {
            images.add(address, None);
        }
        let items = self.gallery_data.get("items").and_then(Value::as_array).into_iter().flatten();
        for id in items.filter_map(|item| item.get("media_id")?.as_str()) {
            let source = self.media_metadata.get(id).and_then(|known| known.get("s")?.get("u"));
            if let Some(address) = source.and_then(Value::as_str) {
                // Answers that were not asked for raw write `&amp;`.
                images.add(&address.replace("&amp;", "&"), None);
            }
        }
        images.into_vec()
    }

    fn html(&self) -> Option<&str> {
        self.body_html.as_deref().or(self.selftext_html.as_deref())
    }
}
