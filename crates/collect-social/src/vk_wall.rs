use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The answer to `wall.get`.
#[derive(Deserialize)]
pub(crate) enum Answer {
    #[serde(rename = "response")]
    Wall(Wall),
    #[serde(rename = "error")]
    Failure(Failure),
}

/// A page of a wall, newest first.
#[derive(Deserialize)]
pub(crate) struct Wall {
    pub(crate) items: Vec<Value>,
}

#[derive(Deserialize)]
pub(crate) struct Failure {
    pub(crate) error_code: i64,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    error_msg: String,
}

/// A post, as far as it is read; `wall_wallpost_full` of <https://github.com/VKCOM/vk-api-schema>.
#[derive(Deserialize)]
pub(crate) struct Post {
    id: i64,
    /// Whose wall it is on; communities are numbered below zero.
    owner_id: i64,
    from_id: Option<i64>,
    /// Seconds since 1970.
    date: i64,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    text: String,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    attachments: Vec<Value>,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    is_pinned: Flag,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    is_deleted: Flag,
    #[serde(default, deserialize_with = "collect::null_as_default")]
    friends_only: Flag,
    donut: Option<Donut>,
}

/// VK writes `1` and `true`.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Number(i64),
    #[default]
    Absent,
}

impl Flag {
    fn is_set(self) -> bool {
        matches!(self, Self::Bool(true) | Self::Number(1))
    }
}

/// What only those see who pay.
#[derive(Deserialize)]
struct Donut {
    #[serde(default, deserialize_with = "collect::null_as_default")]
    is_donut: bool,
}

/// A post to be read.
pub(crate) struct Entry {
    /// `None` if it is not what the documentation says.
    pub(crate) post: Option<Post>,
    /// The address of the post that it passes on with words of its own.
    pub(crate) passes_on: Option<String>,
}

impl Failure {
    pub(crate) fn detail(&self) -> String {
        let message: String = self.error_msg.chars().take(200).collect();
        format!("error {}: {message}", self.error_code)
    }
}

impl Wall {
    /// The times of its posts, in seconds; one that is held on top has none.
    pub(crate) fn positions(&self) -> impl Iterator<Item = u64> {
        let posts = self.items.iter().filter_map(|item| Post::deserialize(item).ok());
        let free = posts.filter(|post| !post.is_pinned.is_set());
        free.filter_map(|post| u64::try_from(post.date).ok())
    }

    /// The posts, each behind those that it passes on. One that adds no words to what it passes on
    /// is left out: that is its first author's.
    pub(crate) fn entries(self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for item in self.items {
            let passed_on = item.get("copy_history").and_then(|history| history.get(0)).cloned();
            let post = Post::deserialize(&item).ok();
            let Some(original) = passed_on else {
                entries.push(Entry { post, passes_on: None });
                continue;
            };
            let original = Post::deserialize(&original).ok();
            let passes_on =
                original.as_ref().map(|original| format!("https://vk.com/wall{}", original.key()));
            let adds_words = post.as_ref().is_some_and(|post| !post.text.trim().is_empty());
            entries.push(Entry { post: original, passes_on: None });
            if adds_words {
                entries.push(Entry { post, passes_on });
            }
        }
        entries
    }
}

impl Post {
    /// Its name for good: `-12_345`.
    pub(crate) fn key(&self) -> String {
        format!("{}_{}", self.owner_id, self.id)
    }

    /// `club12` or `id12`, as in the address of its author.
    pub(crate) fn author(&self) -> String {
        let author = self.from_id.unwrap_or(self.owner_id);
        let kind = if author < 0 { "club" } else { "id" };
        format!("{kind}{}", author.unsigned_abs())
    }

    pub(crate) fn published_at(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.date).ok()
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.is_deleted.is_set()
    }

    pub(crate) fn is_for_members(&self) -> bool {
        self.friends_only.is_set() || self.donut.as_ref().is_some_and(|donut| donut.is_donut)
    }

    /// Text as people see it, words of pictures, films, links and polls; and where words lead.
    pub(crate) fn words(&self) -> (String, Vec<String>) {
        let (text, mut links) = shown_text(&self.text);
        let mut parts = vec![text];
        for attachment in &self.attachments {
            let kind = attachment.get("type").and_then(Value::as_str).unwrap_or_default();
            let Some(thing) = attachment.get(kind) else { continue };
            let words = |name: &str| thing.get(name).and_then(Value::as_str).map(str::to_owned);
            parts
                .extend(["title", "text", "description", "question"].into_iter().filter_map(words));
            let answers = thing.get("answers").and_then(Value::as_array).into_iter().flatten();
            parts.extend(answers.filter_map(|one| one.get("text")?.as_str().map(str::to_owned)));
            let link = thing.get("url").and_then(Value::as_str).filter(|_| kind == "link");
            links.extend(link.map(str::to_owned));
        }
        let parts = parts.into_iter().map(|part| part.trim().to_owned());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        (parts.join("\n\n"), links)
    }
}

impl Post {
    /// The addresses of its photos, of each the largest.
    pub(crate) fn images(&self) -> Vec<String> {
        let mut images = collect::Images::default();
        let photos = self.attachments.iter().filter_map(|attachment| attachment.get("photo"));
        for photo in photos {
            let sizes = photo.get("sizes").and_then(Value::as_array).into_iter().flatten();
            let width = |size: &&Value| size.get("width").and_then(Value::as_u64).unwrap_or(0);
            let largest = sizes.max_by_key(width).and_then(|size| size.get("url")?.as_str());
            largest.into_iter().for_each(|address| images.add(address, None));
        }
        images.into_vec()
    }
}

/// `[club12|Робота]` is shown as `Робота` and leads to `https://vk.com/club12`.
fn shown_text(written: &str) -> (String, Vec<String>) {
    let (mut text, mut links) = (String::with_capacity(written.len()), Vec::new());
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('[') {
        text.push_str(before);
        let inside = after.split_once(']').and_then(|(inside, behind)| {
            let (target, words) = inside.split_once('|')?;
            Some((link_of(target)?, words, behind))
        });
        match inside {
            Some((link, words, behind)) => {
                text.push_str(words);
                links.push(link);
                rest = behind;
            }
            None => {
                text.push('[');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    (text, links)
}

fn link_of(target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") {
        return Some(target.to_owned());
    }
    // `[id12:bp-34_5|Name]` answers somebody's comment.
    let name = target.split(':').next()?;
    let is_page = ["id", "club", "public", "event"].iter().any(|kind| {
        name.strip_prefix(kind).is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    is_page.then(|| format!("https://vk.com/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_it_is_shown() {
        let (text, links) = shown_text("Ask [id7|Olha] or [club12:bp-3_4|us] [not|a link] [x");
        assert_eq!(text, "Ask Olha or us [not|a link] [x");
        assert_eq!(links, ["https://vk.com/id7", "https://vk.com/club12"]);
        let (text, links) = shown_text("[https://a.example/x|here]");
        assert_eq!(
            (text.as_str(), links.as_slice()),
            ("here", &["https://a.example/x".to_owned()][..])
        );
    }
}
