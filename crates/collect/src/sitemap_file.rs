use std::io::Read;

use flate2::read::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::Event;

use crate::stated_time;

/// What the protocol (sitemaps.org) allows a file to hold, unpacked.
const MAX_BYTES: u64 = 50 << 20;
const MAX_ENTRIES: usize = 50_000;
const MAX_DEPTH: usize = 100;

/// What a sitemap lists, in its order.
#[derive(Debug, Default, PartialEq)]
pub struct SitemapFile {
    /// The pages.
    pub pages: Vec<Listed>,
    /// Further sitemaps, if it is an index.
    pub maps: Vec<Listed>,
    /// Entries without an address.
    pub nameless: usize,
    /// Why the rest could not be read.
    pub broken_off: Option<String>,
}

/// One entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// The address as it is written.
    pub address: String,
    /// When it was changed; for a date alone, its last moment, so that a page which changes twice
    /// on one day is not passed over.
    pub changed: Option<Timestamp>,
}

/// Reads a sitemap or an index of sitemaps, packed with gzip or not. `None` if it is neither.
pub fn read_sitemap(content: &[u8], content_type: Option<&str>) -> Option<SitemapFile> {
    let (mut unpacked, mut cut_off) = (Vec::new(), None);
    let content = if content.starts_with(&[0x1f, 0x8b]) {
        match MultiGzDecoder::new(content).take(MAX_BYTES).read_to_end(&mut unpacked) {
            Ok(size) if size as u64 == MAX_BYTES => cut_off = Some("unpacks to over 50 MB".into()),
            Ok(_) => {}
            Err(error) => cut_off = Some(format!("cannot be unpacked: {error}")),
        }
        unpacked.as_slice()
    } else {
        content
    };
    let text = crate::decode(content, content_type).text;
    let mut file = read_xml(&text).or_else(|| read_lines(&text))?;
    file.broken_off = cut_off.or(file.broken_off);
    Some(file)
}

/// A sitemap may be a plain text with an address on each line. A page is none, whatever links it shows.
fn read_lines(text: &str) -> Option<SitemapFile> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let mut file = SitemapFile::default();
    for line in lines.filter(|line| !line.is_empty()) {
        let is_address = (line.starts_with("https://") || line.starts_with("http://"))
            && !line.contains(char::is_whitespace);
        if !is_address {
            return None;
        }
        if file.pages.len() == MAX_ENTRIES {
            file.broken_off = Some("lists more than 50,000 addresses".to_owned());
            break;
        }
        file.pages.push(Listed { address: line.to_owned(), changed: None });
    }
    (!file.pages.is_empty()).then_some(file)
}

fn read_xml(text: &str) -> Option<SitemapFile> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut file = SitemapFile::default();
    let (mut is_sitemap, mut open, mut words) = (false, Vec::<String>::new(), String::new());
    let mut entry = Listed::default();
    file.broken_off = loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let name = local(tag.name().0);
                if open.is_empty() {
                    is_sitemap = matches!(name.as_str(), "urlset" | "sitemapindex");
                    if !is_sitemap {
                        return None;
                    }
                }
                if open.len() == 1 {
                    entry = Listed::default();
                }
                words.clear();
                open.push(name);
            }
            Ok(Event::End(_)) => {
                let Some(name) = open.pop() else { continue };
                match (name.as_str(), open.len()) {
                    ("loc", 2) => entry.address = words.trim().to_owned(),
                    ("lastmod", 2) => entry.changed = changed(words.trim()),
                    ("url" | "sitemap", 1) if entry.address.is_empty() => file.nameless += 1,
                    ("url", 1) => file.pages.push(std::mem::take(&mut entry)),
                    ("sitemap", 1) => file.maps.push(std::mem::take(&mut entry)),
                    _ => {}
                }
                words.clear();
            }
            Ok(Event::Text(text)) => words.push_str(&text),
            Ok(Event::CData(text)) => words.push_str(&text),
            Ok(Event::GeneralRef(reference)) => {
                let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                let named = || resolve_html5_entity(&reference).map(str::to_owned);
                words.push_str(&character.or_else(named).unwrap_or_default());
            }
            Ok(Event::Eof) if open.is_empty() => break None,
            Ok(Event::Eof) => break Some("ends before its elements are closed".to_owned()),
            Ok(_) => {}
            Err(error) => break Some(format!("byte {}: {error}", reader.error_position())),
        }
        if open.len() > MAX_DEPTH {
            break Some("nested too deep".to_owned());
        }
        if file.pages.len() + file.maps.len() > MAX_ENTRIES {
            break Some("lists more than 50,000 addresses".to_owned());
        }
    };
    is_sitemap.then_some(file)
}

fn local(name: &str) -> String {
    name.rsplit_once(':').map_or(name, |(_, local)| local).to_ascii_lowercase()
}

fn changed(text: &str) -> Option<Timestamp> {
    let time = stated_time(text)?;
    let is_date = !text.contains(':');
    if is_date { time.checked_add(SignedDuration::from_hours(24)).ok() } else { Some(time) }
}
