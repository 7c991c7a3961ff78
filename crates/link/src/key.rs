//! What two postings can share, and how much it says.

use domain::{Contact, ContactKind, Field, ImageHash, LinkKey, LinkKind, Posting, Sha256, Span};
use text::{Folded, ShortSketch, Sketch};
use url::Url;

use crate::layout::layout;
use crate::stop::Signs;

/// A posting that lists more contacts than this speaks for many hands: a digest of other people's
/// ads. Its contacts bring nothing together.
pub const MOST_CONTACTS: usize = 6;

/// The keys of a posting and its marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Keys {
    /// Sorted, each once.
    pub keys: Vec<LinkKey>,
    /// Why its contacts do not speak for one hand, when they do not.
    pub list: Option<String>,
    /// A mark that near-copies of the text nearly always share.
    pub wording: u32,
    /// A mark for the employer that the source names.
    pub employer: Option<u32>,
    sketch: Option<ShortSketch>,
    /// The address of the posting itself, by which others forward it or point to it.
    own: Option<LinkKey>,
}

/// Least share of pairs of words that near-copies have in common.
pub const LEAST_LIKENESS: f64 = 0.5;

/// Most of the 256 bits of their hashes in which two pictures differ that look nearly the same.
const MOST_UNLIKE: u32 = 31;

/// What two postings are compared by when a key of words or of a picture's look hints that they may
/// be the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    sketch: Option<ShortSketch>,
    employer: Option<u32>,
    images: Vec<ImageHash>,
}

impl Words {
    /// Whether two postings that share such a key are of one hand by it. The same words or nearly the
    /// same picture under the names of two employers are a board's more often than a recruiter's.
    pub fn agree(&self, other: &Self, kind: LinkKind) -> bool {
        let employers = self.employer.zip(other.employer);
        let is_same = || match kind {
            LinkKind::Template => {
                let sketches = self.sketch.as_ref().zip(other.sketch.as_ref());
                sketches.is_some_and(|(a, b)| a.likeness(b) >= LEAST_LIKENESS)
            }
            LinkKind::Likeness => self.nearest_image(other).is_some(),
            _ => true,
        };
        employers.is_none_or(|(a, b)| a == b) && is_same()
    }

    /// Of pictures that look nearly the same, ours of the most alike.
    pub(crate) fn nearest_image(&self, other: &Self) -> Option<ImageHash> {
        let pairs = self.images.iter().flat_map(|a| other.images.iter().map(move |b| (a, b)));
        let near = pairs.map(|(a, b)| (a.distance(b), *a)).filter(|(far, _)| *far <= MOST_UNLIKE);
        near.min().map(|(_, image)| image)
    }

    /// The same with the pictures that the keys of the posting tell of.
    #[must_use]
    pub fn with_images<'k>(mut self, keys: impl IntoIterator<Item = &'k LinkKey>) -> Self {
        self.images = images_of(keys);
        self
    }
}

impl Keys {
    /// What the posting says about who uses its keys.
    pub fn signs(&self, is_ordinary: bool) -> Signs {
        Signs { employer: self.employer, wording: Some(self.wording), is_ordinary }
    }

    /// What its text is compared by.
    pub fn words(&self) -> Words {
        let images = images_of(&self.keys);
        Words { sketch: self.sketch.clone(), employer: self.employer, images }
    }

    /// The same with the keys of its pictures, which are found later than those of its words.
    #[must_use]
    pub fn with_images(mut self, of_images: impl IntoIterator<Item = LinkKey>) -> Self {
        self.keys.extend(of_images.into_iter().filter(|key| is_image(key.kind)));
        self.keys.sort();
        self.keys.dedup();
        self
    }

    /// Those keys of which an ordinary posting says something.
    pub fn of_places(&self) -> impl Iterator<Item = &LinkKey> {
        self.keys.iter().filter(|key| is_place(key.kind) && Some(*key) != self.own.as_ref())
    }

    /// The keys by which the posting finds others of the same hand.
    pub fn of_one_hand(&self) -> impl Iterator<Item = &LinkKey> {
        let is_shown = |key: &&LinkKey| self.list.is_none() || !is_place(key.kind);
        self.keys.iter().filter(is_shown)
    }
}

/// Whether keys of this kind say where to turn, and not in which words.
pub(crate) fn is_place(kind: LinkKind) -> bool {
    matches!(kind, LinkKind::Contact | LinkKind::Page)
}

/// Whether keys of this kind are of a picture.
pub(crate) fn is_image(kind: LinkKind) -> bool {
    matches!(kind, LinkKind::Image | LinkKind::Likeness)
}

/// Which of the postings that share a key are of one hand by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// All that have it.
    All,
    /// Those of which [`Words::agree`] tells: keys of words and of looks only hint.
    Agreeing,
    /// None. It is shown to people, who may know more.
    Nobody,
}

/// Which postings keys of this kind tie.
pub fn ties(kind: LinkKind) -> Ties {
    match kind {
        LinkKind::Contact | LinkKind::Page | LinkKind::Image => Ties::All,
        LinkKind::Text | LinkKind::Template | LinkKind::Likeness | LinkKind::Person => {
            Ties::Agreeing
        }
        LinkKind::Layout => Ties::Nobody,
    }
}

/// The keys of a picture: its bytes, its look, and sixteen bands of its look, of which two pictures
/// that differ in few bits share one.
pub fn image_keys(sha256: &Sha256, look: Option<&ImageHash>) -> Vec<LinkKey> {
    let likeness = |value: String| LinkKey { kind: LinkKind::Likeness, value };
    let mut keys = vec![LinkKey { kind: LinkKind::Image, value: sha256.to_hex() }];
    if let Some(look) = look {
        keys.push(likeness(look.to_string()));
        let bands = look.as_bytes().chunks_exact(2).enumerate();
        keys.extend(
            bands.map(|(band, bits)| likeness(format!("d1/{band}:{:02x}{:02x}", bits[0], bits[1]))),
        );
    }
    keys
}

fn images_of<'k>(keys: impl IntoIterator<Item = &'k LinkKey>) -> Vec<ImageHash> {
    let of_looks = keys.into_iter().filter(|key| key.kind == LinkKind::Likeness);
    of_looks.filter_map(|key| key.value.parse().ok()).collect()
}

/// The keys of a posting. `body` is its folded text.
pub fn keys(posting: &Posting, body: &Folded) -> Keys {
    let mut keys: Vec<LinkKey> = placed_keys(posting).into_iter().map(|(key, _)| key).collect();
    let own = own_address(posting).map(|value| LinkKey { kind: LinkKind::Page, value });
    keys.extend(own.clone());
    keys.sort();
    keys.dedup();
    let contacts = keys.iter().filter(|key| key.kind == LinkKind::Contact).count();
    let list = (contacts > MOST_CONTACTS)
        .then(|| format!("it lists {contacts} contacts, as digests of other people's ads do"));
    if let Some(fingerprint) = text::fingerprint(body) {
        keys.push(LinkKey { kind: LinkKind::Text, value: fingerprint.to_hex() });
    }
    let sketch = text::sketch(body);
    keys.extend(sketch.iter().flat_map(Sketch::bands).map(template_key));
    let employer = posting.employer.as_deref().filter(|name| !name.trim().is_empty());
    let employer = employer.map(|name| mark(&text::fold_word(name)));
    let wording = sketch.as_ref().map_or_else(|| short_wording(posting, body), Sketch::wording);
    let layout = layout(posting, body);
    keys.extend(layout.map(|value| LinkKey { kind: LinkKind::Layout, value }));
    Keys { keys, list, wording, employer, sketch: sketch.as_ref().map(Sketch::short), own }
}

fn template_key(band: u64) -> LinkKey {
    LinkKey { kind: LinkKind::Template, value: format!("{band:016x}") }
}

/// Too short for a sketch: the words themselves.
fn short_wording(posting: &Posting, body: &Folded) -> u32 {
    let words: Vec<&str> = body.tokens().iter().map(|token| body.word(token)).collect();
    match posting.title.as_deref() {
        Some(title) if words.is_empty() => mark(title),
        _ if words.is_empty() => mark(posting.id.as_str()),
        _ => mark(&words.join(" ")),
    }
}

/// 32 bits for a set of at most some dozens.
fn mark(words: &str) -> u32 {
    let digest = domain::Sha256::of(words.as_bytes());
    let (first, _) = digest.as_bytes().split_first_chunk().unwrap_or((&[0; 4], &[]));
    u32::from_be_bytes(*first)
}

/// The contacts and addresses of a posting as keys, each with the place where it stands; links
/// behind words have none.
pub fn placed_keys(posting: &Posting) -> Vec<(LinkKey, Option<Span>)> {
    let own = own_handle(posting);
    let hidden: Vec<Contact> = posting
        .hidden_links
        .iter()
        .flat_map(|link| text::contacts(Field::Text, link, posting.region).into_iter().next())
        .collect();
    let shown = posting.contacts.iter().map(|contact| (contact, true));
    let all = shown.chain(hidden.iter().map(|contact| (contact, false)));
    let keys = all.filter_map(|(contact, is_shown)| {
        let key = key_of(contact).filter(|key| Some(&key.value) != own.as_ref())?;
        Some((key, is_shown.then(|| contact.span.clone())))
    });
    keys.collect()
}

/// The key that a contact is, if it points to one hand.
pub fn key_of(contact: &Contact) -> Option<LinkKey> {
    if let Some(post) = post_address(contact) {
        return Some(LinkKey { kind: LinkKind::Page, value: post });
    }
    if contact.kind == ContactKind::Url {
        let value = page(&contact.value)?;
        return Some(LinkKey { kind: LinkKind::Page, value });
    }
    let is_free_call = contact.kind == ContactKind::Phone && is_free_call(&contact.value);
    (!is_free_call).then(|| LinkKey { kind: LinkKind::Contact, value: contact.value.clone() })
}

/// `t.me/channel/123`: a post, whether forwarded or pointed to, and no channel to turn to.
fn post_address(contact: &Contact) -> Option<String> {
    let channel = contact.value.strip_prefix("telegram:")?;
    let (_, number) = telegram_post(&contact.span.quote)?;
    Some(format!("https://t.me/{channel}/{number}"))
}

/// The same for the posting itself.
fn own_address(posting: &Posting) -> Option<String> {
    let (channel, number) = telegram_post(posting.url.as_deref()?)?;
    Some(format!("https://t.me/{}/{number}", channel.to_lowercase()))
}

/// The channel and the number of a post in its address.
fn telegram_post(address: &str) -> Option<(&str, &str)> {
    let (_, path) = address.split_once("t.me/")?;
    let (channel, rest) = path.trim_start_matches("s/").split_once('/')?;
    let number = rest.split(['?', '#', '/']).next()?;
    let is_post = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_post.then_some((channel, number))
}

/// Numbers that are free to call are hotlines' and companies', not one hand's.
fn is_free_call(phone: &str) -> bool {
    const FREE: [&str; 8] =
        ["+380800", "+40800", "+373800", "+48800", "+49800", "+359800", "+7800", "+1800"];
    FREE.iter().any(|prefix| phone.starts_with(prefix))
}

/// The handle of the channel that the posting itself stands in: every post of it ends with that.
fn own_handle(posting: &Posting) -> Option<String> {
    let rest = posting.url.as_deref()?.split_once("t.me/")?.1.trim_start_matches("s/");
    let channel = rest.split(['/', '?']).next().filter(|channel| !channel.is_empty())?;
    Some(format!("telegram:{}", channel.to_lowercase()))
}

/// Words of paths that many sites have.
const COMMON_PAGES: &[&str] = &[
    "jobs",
    "job",
    "vacancies",
    "vacancy",
    "careers",
    "career",
    "contact",
    "contacts",
    "about",
    "apply",
    "index.html",
    "index.php",
    "home",
    "search",
    "login",
    "news",
    "blog",
    "robota",
    "rabota",
    "work",
    "ua",
    "uk",
    "ru",
    "ro",
    "en",
    "pl",
    "de",
];

/// The address as a key, if it is specific: no front page, no page that every site has. Addresses of
/// shorteners are specific, and kept as they were seen: nobody follows them.
fn page(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?.trim_start_matches("www.").to_owned();
    let segments = url.path_segments()?.filter(|segment| !segment.is_empty());
    let says = |segment: &&str| {
        segment.len() >= 4 && !COMMON_PAGES.contains(&segment.to_lowercase().as_str())
    };
    let is_specific = segments.clone().any(|segment| says(&segment)) || url.query().is_some();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    is_specific.then(|| format!("https://{host}{path}{query}"))
}

/// Whether a contact of this kind points to one hand by itself. A web address may not: half of all
/// ads link to the same job board.
pub fn is_key(kind: ContactKind) -> bool {
    kind != ContactKind::Url
}

/// How sure a reader can be, 0 to 1, that one hand wrote two postings that share this key. A
/// contact can be a board's own number; the same words can be a chain's honest template, and the same
/// picture one from a stock.
pub fn strength(key: &LinkKey) -> f64 {
    match key.kind {
        LinkKind::Person => 1.0,
        LinkKind::Contact if key.value.starts_with("at:") => 0.8,
        LinkKind::Contact => 0.9,
        LinkKind::Image => 0.8,
        LinkKind::Text => 0.7,
        LinkKind::Template | LinkKind::Page | LinkKind::Likeness => 0.6,
        LinkKind::Layout => 0.3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let contacts = text::contacts(Field::Text, text, domain::Region::new("UA"));
        contacts.iter().filter_map(key_of).map(|key| key.value).collect()
    }

    #[test]
    fn what_points_to_one_hand_is_a_key_and_what_everybody_links_to_is_none() {
        for (text, expected) in [
            ("067 123 45 67", vec!["+380671234567"]),
            ("гаряча лінія 0 800 500 335", vec![]),
            ("t.me/Robota_UA", vec!["telegram:robota_ua"]),
            ("переслано: https://t.me/Robota_UA/512", vec!["https://t.me/robota_ua/512"]),
            ("https://bit.ly/3xYzAbC", vec!["https://bit.ly/3xYzAbC"]),
            (
                "https://www.docs.example/forms/d/e/1FAIpQLSe?utm_source=x",
                vec!["https://docs.example/forms/d/e/1FAIpQLSe"],
            ),
            (
                "https://forms.example/apply?id=7&utm_medium=a&ysclid=b&_ga=c&igsh=d&v=2&mc_eid=e",
                vec!["https://forms.example/apply?id=7&v=2"],
            ),
            ("https://youtu.be/AbCdEfGh?si=x", vec!["https://youtu.be/AbCdEfGh"]),
            ("https://board.example/?gclid=x board.example/jobs?twclid=y", vec![]),
            ("https://board.example/ https://board.example/jobs/ board.example.com", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }
}
