//! Reads RSS (0.9x, 1.0, 2.0) and Atom (0.3, 1.0) event by event, and forgives what feeds get
//! wrong: tags left open, mark-up that was not escaped, undefined entities, an undeclared prefix,
//! an end in the midst of things. What came before a break is read.
//!
//! A ready-made reader (feed-rs 3.0) was tried and put aside: it panics on an author such as
//! `«name@example.org»` and prints the address with the panic, it refuses a whole feed for one bad
//! entry, and passes over entries without a link in silence.

use std::collections::BTreeMap;

use domain::Language;
use quick_xml::Reader;
use quick_xml::escape::{resolve_html5_entity, unescape_with};
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::feed_entry::{FeedContent, FeedEntry};
use crate::feed_field::{Field, Space};

/// Feeds are five elements deep; outside of an entry's text nothing nests further.
const MAX_DEPTH: usize = 100;

/// Reads a feed out of decoded text. `None` if there is no feed in it.
pub(crate) fn read_xml_feed(text: &str) -> Option<FeedContent> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut walk = Walk::default();
    let broken_off = loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => walk.start(&tag),
            Ok(Event::Empty(tag)) => {
                walk.start(&tag);
                walk.end(tag.name().0);
            }
            Ok(Event::End(tag)) => walk.end(tag.name().0.trim()),
            Ok(Event::Text(text)) => walk.text(&text),
            Ok(Event::CData(text)) => walk.cdata(&text),
            Ok(Event::GeneralRef(reference)) => walk.reference(&reference),
            Ok(Event::Eof) => break None,
            Ok(_) => {}
            Err(error) => break Some(format!("byte {}: {error}", reader.error_position())),
        }
        if walk.open.len() > MAX_DEPTH {
            break Some(format!("byte {}: nested too deep", reader.buffer_position()));
        }
    };
    walk.finish(broken_off)
}

/// Where we are in the feed.
#[derive(Default)]
struct Walk {
    /// Names of the open elements outside of fields.
    open: Vec<String>,
    prefixes: BTreeMap<String, String>,
    is_feed: bool,
    base: Option<String>,
    entry: Option<OpenEntry>,
    field: Option<Field>,
    feed: FeedContent,
}

struct OpenEntry {
    /// How many elements were open outside of it.
    depth: usize,
    entry: FeedEntry,
}

impl Walk {
    fn start(&mut self, tag: &BytesStart<'_>) {
        if let Some(field) = &mut self.field {
            field.start_inner(tag);
            return;
        }
        self.note_prefixes(tag);
        let (space, local) = self.name_of(tag.name().0);
        let core = space == Space::Core;
        match local.as_str() {
            "rss" | "rdf" | "feed" | "channel" if core && self.entry.is_none() => {
                self.is_feed = true;
                self.base = attribute(tag, "xml:base").or(self.base.take());
                self.feed.language = language(tag).or(self.feed.language);
            }
            "item" | "entry" if core => {
                // An entry does not stand in another: the one before was left open.
                if let Some(open) = &self.entry {
                    self.open.truncate(open.depth);
                }
                self.end_entry();
                self.is_feed = true;
                self.entry = Some(OpenEntry { depth: self.open.len(), entry: self.new_entry(tag) });
            }
            "language" if self.entry.is_none() => self.field = Some(Field::new(space, local, tag)),
            _ if self.entry.is_some() => {
                self.field = Some(Field::new(space, local, tag));
                return;
            }
            _ => {}
        }
        if self.field.is_none() {
            self.open.push(tag.name().0.to_owned());
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(field) = &mut self.field {
            // A parent that ends takes what was left open in it along.
            let ends_parent = self.open.iter().any(|open| open == name);
            if !field.ends_with(name) && !ends_parent {
                return;
            }
            self.end_field();
            if !ends_parent {
                return;
            }
        }
        let Some(depth) = self.open.iter().rposition(|open| open == name) else { return };
        self.open.truncate(depth);
        if self.entry.as_ref().is_some_and(|entry| entry.depth >= depth) {
            self.end_entry();
        }
    }

    fn text(&mut self, escaped: &str) {
        if let Some(field) = &mut self.field {
            field.text(escaped, escaped);
        }
    }

    fn cdata(&mut self, text: &str) {
        if let Some(field) = &mut self.field {
            field.text(text, text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let Some(field) = &mut self.field else { return };
        let raw = format!("&{};", &**reference);
        let character = reference.resolve_char_ref().ok().flatten().map(String::from);
        let named = || resolve_html5_entity(reference).map(str::to_owned);
        // An unknown entity stays as it is written.
        let text = character.or_else(named).unwrap_or_else(|| raw.clone());
        field.text(&text, &raw);
    }

    fn end_field(&mut self) {
        let Some(field) = self.field.take() else { return };
        match &mut self.entry {
            Some(open) => field.fill(&mut open.entry),
            None => self.feed.language = field.language().or(self.feed.language),
        }
    }

    fn end_entry(&mut self) {
        self.end_field();
        if let Some(open) = self.entry.take() {
            self.feed.entries.push(open.entry);
        }
    }

    fn new_entry(&self, tag: &BytesStart<'_>) -> FeedEntry {
        FeedEntry {
            id: attribute(tag, "rdf:about"),
            base: attribute(tag, "xml:base").or(self.base.clone()),
            language: language(tag),
            ..FeedEntry::default()
        }
    }

    fn finish(mut self, broken_off: Option<String>) -> Option<FeedContent> {
        let unclosed = || {
            let open = !self.open.is_empty();
            open.then(|| "the feed ends before its elements are closed".to_owned())
        };
        self.feed.broken_off = broken_off.or_else(unclosed);
        // An entry that was cut off is left for the next reading: half a text is no posting.
        if self.field.is_none() {
            self.end_entry();
        }
        self.is_feed.then_some(self.feed)
    }

    fn note_prefixes(&mut self, tag: &BytesStart<'_>) {
        for attribute in tag.attributes().with_checks(false).flatten() {
            if let Some(prefix) = attribute.key.0.strip_prefix("xmlns:") {
                self.prefixes.insert(prefix.to_owned(), attribute.value.to_ascii_lowercase());
            }
        }
    }

    fn name_of(&self, name: &str) -> (Space, String) {
        match name.split_once(':') {
            None => (Space::Core, name.to_ascii_lowercase()),
            Some((prefix, local)) => {
                let declared = self.prefixes.get(prefix).map(String::as_str);
                (Space::of(prefix, declared), local.to_ascii_lowercase())
            }
        }
    }
}

/// An attribute's value with entities resolved.
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.html_attributes();
    let found = attributes.with_checks(false).flatten().find(|found| found.key.0 == name)?;
    let value = unescape_with(&found.value, resolve_html5_entity).unwrap_or(found.value.clone());
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The language that an element states by `xml:lang`.
pub(crate) fn language(tag: &BytesStart<'_>) -> Option<Language> {
    Language::from_code(&attribute(tag, "xml:lang")?)
}
