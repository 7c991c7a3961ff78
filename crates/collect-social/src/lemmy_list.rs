use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// An answer that holds posts, comments, or both: `post/list`, `comment/list`, `user`, `search` of
/// <https://join-lemmy.org/api/>.
#[derive(Deserialize)]
pub(crate) struct Answer {
    posts: Option<Vec<Value>>,
    comments: Option<Vec<Value>>,
    /// The cursor of the next page, where pages have cursors.
    pub(crate) next_page: Option<String>,
}

/// What an answer holds, posts before comments.
pub(crate) struct Lists {
    /// `None` is one that is not what the documentation says.
    pub(crate) posts: Vec<Option<View>>,
    pub(crate) comments: Vec<Option<View>>,
}

/// A post or a comment with its author and community, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct View {
    #[serde(alias = "comment")]
    pub(crate) post: Entry,
    creator: Creator,
    community: Community,
}

/// A post has a `name`, a comment `content`.
#[derive(Deserialize)]
pub(crate) struct Entry {
    /// Its name for good, on every server, and where people see it.
    pub(crate) ap_id: String,
    /// The title of a post.
    pub(crate) name: Option<String>,
    /// Markdown.
    body: Option<String>,
    content: Option<String>,
    alt_text: Option<String>,
    /// What a post that is a link shows.
    pub(crate) url: Option<String>,
    published: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    deleted: bool,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    removed: bool,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    featured_community: bool,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    featured_local: bool,
}

#[derive(Deserialize)]
struct Creator {
    name: String,
    actor_id: String,
}

#[derive(Deserialize)]
struct Community {
    visibility: Option<String>,
}

impl Answer {
    /// `None` if it holds neither list.
    pub(crate) fn lists(self) -> Option<Lists> {
        if self.posts.is_none() && self.comments.is_none() {
            return None;
        }
        let posts = self.posts.unwrap_or_default().into_iter().map(View::of_post).collect();
        let comments =
            self.comments.unwrap_or_default().into_iter().map(View::of_comment).collect();
        Some(Lists { posts, comments })
    }
}

impl Lists {
    pub(crate) fn is_empty(&self) -> bool {
        self.posts.is_empty() && self.comments.is_empty()
    }

    /// How far back the answer is whole. Posts and comments are paged side by side, and the list
    /// that does not reach as far says so.
    pub(crate) fn oldest(&self) -> Option<u64> {
        [&self.posts, &self.comments].into_iter().filter_map(|list| positions(list).min()).max()
    }

    pub(crate) fn newest(&self) -> Option<u64> {
        positions(&self.posts).chain(positions(&self.comments)).max()
    }

    pub(crate) fn all(self) -> Vec<Option<View>> {
        self.posts.into_iter().chain(self.comments).collect()
    }
}

fn positions(list: &[Option<View>]) -> impl Iterator<Item = u64> {
    list.iter().flatten().filter_map(View::position)
}

impl View {
    fn of_post(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok().filter(|view: &Self| view.post.name.is_some())
    }

    fn of_comment(mut value: Value) -> Option<Self> {
        // The post that it belongs to is somebody else's.
        value.as_object_mut()?.remove("post");
        serde_json::from_value(value).ok().filter(|view: &Self| view.post.content.is_some())
    }

    /// When it was written, in milliseconds; `None` for one that is held on top.
    fn position(&self) -> Option<u64> {
        let is_held = self.post.featured_community || self.post.featured_local;
        let time = self.published_at().filter(|_| !is_held)?;
        time.as_millisecond().try_into().ok()
    }

    /// Older servers write no zone and mean UTC.
    pub(crate) fn published_at(&self) -> Option<Timestamp> {
        let text = &self.post.published;
        let utc = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
        text.parse().ok().or_else(utc)
    }

    /// Its author or a moderator took it away.
    pub(crate) fn is_removed(&self) -> bool {
        self.post.deleted || self.post.removed
    }

    pub(crate) fn is_for_members(&self) -> bool {
        self.community.visibility.as_deref().is_some_and(|to| !matches!(to, "Public" | "Unlisted"))
    }

    /// `name@server`.
    pub(crate) fn author(&self) -> String {
        let server = Url::parse(&self.creator.actor_id).ok();
        match server.as_ref().and_then(Url::host_str) {
            Some(server) => format!("{}@{server}", self.creator.name),
            None => self.creator.name.clone(),
        }
    }

    /// The picture that a post is.
    pub(crate) fn images(&self) -> Vec<String> {
        let mut images = collect::Images::default();
        let shown = self.post.url.as_deref().filter(|url| collect::is_image_address(url));
        shown.into_iter().for_each(|address| images.add(address, None));
        images.into_vec()
    }

    /// Text and the description of a picture, as they were written.
    pub(crate) fn text(&self) -> String {
        let parts = [&self.post.body, &self.post.content, &self.post.alt_text];
        let parts: Vec<&str> = parts
            .into_iter()
            .filter_map(|part| part.as_deref())
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        parts.join("\n\n")
    }
}
