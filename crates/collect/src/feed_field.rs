use domain::Language;
use quick_xml::events::BytesStart;

use crate::feed_entry::{FeedEntry, Markup};
use crate::feed_xml::{attribute, language};
use crate::{is_image_address, stated_time};

/// Which vocabulary an element belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// RSS or Atom itself.
    Core,
    /// Dublin Core.
    DublinCore,
    /// RSS 1.0 `content:`.
    Content,
    /// Anything else: pictures, podcasts, maps. Their titles and texts are not the entry's.
    Other,
}

impl Space {
    /// By the declared address; by the customary prefix where none was declared.
    pub(crate) fn of(prefix: &str, declared: Option<&str>) -> Self {
        const CORE: [&str; 7] = [
            "www.w3.org/2005/atom",
            "purl.org/atom/ns",
            "purl.org/rss/1.0",
            "purl.org/net/rss",
            "my.netscape.com",
            "backend.userland.com/rss",
            "www.w3.org/1999/02/22-rdf-syntax-ns",
        ];
        match declared {
            Some(address) if address.contains("/rss/1.0/modules/content") => Self::Content,
            Some(address) if address.contains("/rss/1.0/modules/") => Self::Other,
            Some(address) if address.contains("purl.org/dc/") => Self::DublinCore,
            Some(address) if CORE.iter().any(|core| address.contains(core)) => Self::Core,
            Some(_) => Self::Other,
            None => match prefix {
                "rss" | "rdf" | "atom" | "a" => Self::Core,
                "dc" | "dcterms" => Self::DublinCore,
                "content" => Self::Content,
                _ => Self::Other,
            },
        }
    }
}

/// An element of an entry while it is read.
pub(crate) struct Field {
    space: Space,
    local: String,
    tag_name: String,
    /// Elements of the same name inside of it that are still open.
    same_inside: usize,
    kind: Option<String>,
    /// Atom 0.3: `xml`, `escaped` or `base64`.
    mode: Option<String>,
    relation: Option<String>,
    href: Option<String>,
    base: Option<String>,
    is_permalink: bool,
    language: Option<Language>,
    /// The text with entities resolved and tags left out.
    text: String,
    /// The text with its inner tags, as mark-up.
    markup: String,
    has_elements: bool,
    /// Where in `text` an inner `<name>` began and ended: a person's name in Atom.
    name_start: Option<usize>,
    name_end: Option<usize>,
    images: Vec<String>,
    thumbnails: Vec<String>,
}

impl Field {
    pub(crate) fn new(space: Space, local: String, tag: &BytesStart<'_>) -> Self {
        let mut field = Self {
            space,
            local,
            tag_name: tag.name().0.to_owned(),
            same_inside: 0,
            kind: attribute(tag, "type"),
            mode: attribute(tag, "mode"),
            relation: attribute(tag, "rel"),
            href: attribute(tag, "href"),
            base: attribute(tag, "xml:base"),
            is_permalink: attribute(tag, "isPermaLink").is_none_or(|value| value != "false"),
            language: language(tag),
            text: String::new(),
            markup: String::new(),
            has_elements: false,
            name_start: None,
            name_end: None,
            images: Vec::new(),
            thumbnails: Vec::new(),
        };
        field.note_image(tag);
        field
    }

    /// Notes a picture that goes with the entry: an enclosure (RSS, Atom), `media:content`,
    /// `media:thumbnail` (<https://www.rssboard.org/media-rss>).
    fn note_image(&mut self, tag: &BytesStart<'_>) {
        let local = tag.local_name().into_inner().to_ascii_lowercase();
        let is_enclosure = attribute(tag, "rel").as_deref() == Some("enclosure");
        let address = match local.as_str() {
            "enclosure" | "thumbnail" => attribute(tag, "url"),
            "content" if self.space == Space::Other => attribute(tag, "url"),
            "link" if is_enclosure => attribute(tag, "href"),
            _ => None,
        };
        let Some(address) = address else { return };
        if local == "thumbnail" {
            self.thumbnails.push(address);
            return;
        }
        let kind = attribute(tag, "medium").or_else(|| attribute(tag, "type"));
        let is_image = match kind {
            Some(kind) => kind == "image" || kind.starts_with("image/"),
            None => is_image_address(&address),
        };
        if is_image {
            self.images.push(address);
        }
    }

    pub(crate) fn start_inner(&mut self, tag: &BytesStart<'_>) {
        self.has_elements = true;
        self.note_image(tag);
        if tag.name().0 == self.tag_name {
            self.same_inside += 1;
        }
        if tag.local_name().into_inner() == "name" && self.name_start.is_none() {
            self.name_start = Some(self.text.len());
        }
        // A prefix on an element of XHTML says nothing in HTML.
        let whole: &str = tag;
        let prefix = tag.name().prefix().map_or(0, |prefix| prefix.into_inner().len() + 1);
        self.markup.push('<');
        self.markup.push_str(&whole[prefix..]);
        self.markup.push('>');
    }

    /// Notes the end of an element; tells whether it was the end of this field.
    pub(crate) fn ends_with(&mut self, name: &str) -> bool {
        if name == self.tag_name {
            if self.same_inside == 0 {
                return true;
            }
            self.same_inside -= 1;
        }
        let local = name.rsplit(':').next().unwrap_or(name);
        if local == "name" && self.name_end.is_none() {
            self.name_end = Some(self.text.len());
        }
        // `</br>` would be a second line break.
        if !["br", "hr", "img", "wbr"].contains(&local) {
            self.markup.push_str("</");
            self.markup.push_str(local);
            self.markup.push('>');
        }
        false
    }

    pub(crate) fn text(&mut self, text: &str, markup: &str) {
        self.text.push_str(text);
        self.markup.push_str(markup);
    }

    /// The language that the field's text names.
    pub(crate) fn language(&self) -> Option<Language> {
        Language::from_code(self.text.trim())
    }

    /// Puts what was read into its place in the entry. The first of several wins, save for bodies,
    /// of which all are kept.
    pub(crate) fn fill(mut self, entry: &mut FeedEntry) {
        use Space::{Content, Core, DublinCore};
        entry.images.append(&mut self.images);
        entry.thumbnails.append(&mut self.thumbnails);
        match (self.space, self.local.as_str()) {
            (Core | DublinCore, "title") if entry.title.is_none() => entry.title = self.markup(),
            (Core, "description" | "summary" | "content" | "fullitem" | "body" | "div")
            | (Content, "encoded")
            | (DublinCore, "description") => {
                entry.language = self.language.or(entry.language);
                entry.base = self.base.clone().or(entry.base.take());
                entry.bodies.extend(self.markup());
            }
            (Core, "guid" | "id") | (DublinCore, "identifier") => self.fill_id(entry),
            (Core, "link") => self.fill_link(entry),
            (Core, "author") | (DublinCore, "creator" | "author") if entry.author.is_none() => {
                entry.author = self.person();
            }
            (Core, "pubdate" | "published" | "issued")
            | (DublinCore, "date" | "created" | "issued") => {
                entry.published = entry.published.or_else(|| stated_time(&self.text));
            }
            (Core, "updated" | "modified") | (DublinCore, "modified") => {
                entry.updated = entry.updated.or_else(|| stated_time(&self.text));
            }
            (Core | DublinCore, "language") => entry.language = self.language().or(entry.language),
            _ => {}
        }
    }

    fn fill_id(self, entry: &mut FeedEntry) {
        let Some(id) = self.stated() else { return };
        if self.local == "guid" && self.is_permalink && id.starts_with("http") {
            entry.link.get_or_insert(id.clone());
        }
        if self.space == Space::Core {
            entry.id = Some(id);
        } else {
            entry.id.get_or_insert(id);
        }
    }

    fn fill_link(self, entry: &mut FeedEntry) {
        let itself = matches!(self.relation.as_deref(), None | Some("alternate" | ""));
        if let Some(link) = self.href.clone().or_else(|| self.stated())
            && itself
        {
            entry.link = Some(link);
        }
    }

    /// Text of a known kind: what Atom declares, and HTML for RSS, which declares nothing. `None`
    /// for what is no text: a picture or an attachment in base64.
    fn markup(&self) -> Option<Markup> {
        if self.mode.as_deref() == Some("base64") {
            return None;
        }
        if self.has_elements {
            return Some(Markup::Html(self.markup.clone()));
        }
        let atom_text =
            matches!(self.local.as_str(), "summary" | "content") && self.space == Space::Core;
        match self.kind.as_deref() {
            Some("text" | "text/plain") => Some(Markup::Plain(self.text.clone())),
            Some("html" | "xhtml") => Some(Markup::Html(self.text.clone())),
            Some(kind) if kind.contains("html") || kind.contains("xml") => {
                Some(Markup::Html(self.text.clone()))
            }
            Some(kind) if kind.contains('/') && !kind.starts_with("text/") => None,
            // Atom says plain text; publishers forget the attribute more often than they write
            // about tags.
            None if atom_text && !self.text.contains("</") => {
                Some(Markup::Plain(self.text.clone()))
            }
            _ => Some(Markup::Html(self.text.clone())),
        }
    }

    fn person(&self) -> Option<String> {
        let name = self.name_start.map(|start| {
            self.text.get(start..self.name_end.unwrap_or(self.text.len())).unwrap_or_default()
        });
        let name = name.unwrap_or(&self.text).split_whitespace().collect::<Vec<_>>().join(" ");
        (!name.is_empty()).then_some(name)
    }

    fn stated(&self) -> Option<String> {
        let text = self.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}
