use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// One entry of a timeline; <https://docs.joinmastodon.org/entities/Status/>.
pub(crate) enum Status {
    Post(Box<Post>),
    /// Not what the documentation says.
    Broken,
}

/// A post, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Post {
    id: String,
    /// Its name for good, on every server.
    pub(crate) uri: String,
    /// Where people see it.
    pub(crate) url: Option<String>,
    /// HTML.
    content: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    pub(crate) spoiler_text: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    pub(crate) visibility: Option<String>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) language: Option<String>,
    pub(crate) account: Account,
    /// The post that this one passes on.
    pub(crate) reblog: Option<Box<Post>>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    media_attachments: Vec<Media>,
    poll: Option<Poll>,
    /// What mentions and hashtags of the text link to.
    #[serde(default, deserialize_with = "collect::null_as_default")]
    mentions: Vec<Linked>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    tags: Vec<Linked>,
}

/// An account, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) acct: String,
}

#[derive(Deserialize)]
struct Media {
    /// What the picture shows, in its author's words; ads put text there too.
    description: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The file as the server has it, and as the author's server has it.
    url: Option<String>,
    remote_url: Option<String>,
    /// A smaller picture; of a film a still.
    preview_url: Option<String>,
}

#[derive(Deserialize)]
struct Linked {
    url: String,
}

#[derive(Deserialize)]
struct Poll {
    #[serde(default, deserialize_with = "collect::null_as_default")]
    options: Vec<PollOption>,
}

#[derive(Deserialize)]
struct PollOption {
    title: String,
}

impl Status {
    pub(crate) fn of(value: Value) -> Self {
        serde_json::from_value(value).map_or(Self::Broken, |post| Self::Post(Box::new(post)))
    }

    /// Its place in the timeline: the server's number grows with time. Servers that number with
    /// letters are followed by the time itself, in milliseconds.
    pub(crate) fn position(&self) -> Option<u64> {
        let Self::Post(post) = self else { return None };
        let time = || u64::try_from(post.created_at?.as_millisecond()).ok();
        post.id.parse().ok().or_else(time)
    }
}

impl Post {
    /// Text, answers of a poll, descriptions of pictures.
    pub(crate) fn text(&self) -> String {
        let mut parts = vec![collect::plain_text(&self.content)];
        parts.extend(self.poll.iter().flat_map(|poll| &poll.options).map(|o| o.title.clone()));
        parts.extend(self.media_attachments.iter().filter_map(|media| media.description.clone()));
        parts.retain(|part| !part.trim().is_empty());
        parts.join("\n\n").trim().to_owned()
    }

    /// The addresses of its pictures, and of a still of each of its films.
    pub(crate) fn images(&self) -> Vec<String> {
        let mut images = collect::Images::default();
        for media in &self.media_attachments {
            let address = match media.kind.as_deref() {
                Some("image") => media.url.as_ref().or(media.remote_url.as_ref()),
                Some("video" | "gifv") => media.preview_url.as_ref(),
                _ => None,
            };
            address.into_iter().for_each(|address| images.add(address, None));
        }
        images.into_vec()
    }

    /// Where words of the text lead, hashtags and mentions aside.
    pub(crate) fn links(&self) -> Vec<String> {
        if !self.content.contains("href") {
            return Vec::new();
        }
        let Ok(tree) = collect::parse_html(&self.content) else { return Vec::new() };
        let links = collect::anchors(tree.root_element(), None);
        let is_inner = |link: &String| {
            self.mentions.iter().chain(&self.tags).any(|linked| linked.url == *link)
        };
        links.into_iter().filter(|link| !is_inner(link)).collect()
    }
}
