//! A captured page, written anew so that a person can look at it: its words, its layout and the
//! pictures that were captured with it, and nothing that runs, asks anybody for anything, or leads
//! away.
//!
//! It is not filtered but written from lists of what is known to be still: an element, attribute or
//! style that is not on a list is not in the result. Whoever shows it puts it behind a policy and a
//! sandbox all the same; each of the three alone has to hold.

mod held;
mod lists;
mod style;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;

use domain::Capture;
use url::Url;

use crate::{HtmlTooComplex, archive_record, decode, mhtml_file, parse_html};
use held::Held;
use writer::Writer;

/// How pictures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pictures {
    /// Blurred and grey; those behind words are left out.
    Veiled,
    /// As they are.
    Clear,
}

/// A page that is safe to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InertPage {
    /// A whole document. It has no address in it that a browser would ask.
    pub html: String,
    /// Pictures that are in it.
    pub pictures: usize,
    /// Pictures, films, frames and drawings that the page had and that are not in it: they were not
    /// captured, or may do more than show something.
    pub left_out: usize,
}

/// The page that a capture holds, safe to look at: one that was fetched, a saved one, one out of a
/// web archive. Pictures that were captured beside it are in their places, by their addresses. `None`
/// if it holds no HTML.
pub fn inert_page(
    capture: &Capture,
    beside: BTreeMap<String, Vec<u8>>,
    pictures: Pictures,
) -> Result<Option<InertPage>, HtmlTooComplex> {
    let kind = capture.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (page, held) = match kind.as_str() {
        "text/html" | "application/xhtml+xml" => (capture.clone(), Held::new(beside)),
        archive_record::RECORD_TYPE => match archive_record::page_of(capture) {
            Ok((page, _)) => (page, Held::default()),
            Err(_) => return Ok(None),
        },
        "multipart/related" => match mhtml_file::page_of(capture) {
            Some((page, _)) => (page, Held::new(mhtml_file::parts_of(capture))),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let decoded = decode(page.content(), page.header("content-type"));
    if !decoded.text.contains('<') || is_other_markup(&decoded.text) {
        return Ok(None);
    }
    let address = Url::parse(&page.url).ok().filter(|url| url.scheme() != "file");
    let html = parse_html(&decoded.text)?;
    Ok(Some(Writer::new(held, pictures, address).document(&html)))
}

/// Pictures, one below the other, as a page.
pub fn inert_pictures(pictures: &[Vec<u8>], how: Pictures) -> InertPage {
    Writer::new(Held::default(), how, None).pictures(pictures)
}

/// Feeds are sent as HTML by some servers; there is nothing to look at in them.
fn is_other_markup(text: &str) -> bool {
    let start = text.trim_start();
    let start = start[..start.floor_char_boundary(512)].to_ascii_lowercase();
    let is_feed = ["<rss", "<feed", "<rdf:rdf", "<urlset", "<sitemapindex"];
    start.starts_with(['{', '['])
        || (is_feed.iter().any(|tag| start.contains(tag)) && !start.contains("<html"))
}
