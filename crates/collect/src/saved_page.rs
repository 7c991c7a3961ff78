//! A page that somebody else saved: read by whichever collector knows its form, and where none
//! does, its readable words as one posting.

use std::sync::Arc;

use domain::{Capture, Outcome, Posting, PostingKind, Problem, Source};
use jiff::Timestamp;
use url::Url;

use crate::page_text::{page_text, page_title};
use crate::{Reading, anchors, base_of, decode, parse_html};

/// Reads a page by the collector that knows its form. Without postings: none does.
pub type PageReader = Arc<dyn Fn(&Source, &Capture) -> Reading + Send + Sync>;

const TOO_COMPLEX: Outcome = Outcome::fault("page.too-complex");
const NO_TEXT: Outcome = Outcome::intended("page.no-text");
const NO_READER: Outcome = Outcome::intended("page.no-reader");

/// Fewer letters are a button, a banner or a redirect.
const FEWEST_LETTERS: usize = 20;

/// The postings of a saved page. `saved_at` is what whoever saved it says.
pub(crate) fn read_saved(
    source: &Source,
    page: &Capture,
    saved_at: Option<Timestamp>,
    pages: &PageReader,
) -> Reading {
    let mut reading = pages(source, page);
    if reading.postings.is_empty() {
        reading = read_words(source, page);
    }
    for posting in &mut reading.postings {
        posting.saved_at = saved_at;
        // A page that does not say where it stood has a file's name for an address.
        posting.url.take_if(|url| url.starts_with("file:"));
    }
    reading
}

fn read_words(source: &Source, page: &Capture) -> Reading {
    let decoded = decode(page.content(), page.header("content-type"));
    if !is_html(&decoded.text) {
        let detail = "neither HTML nor a form that a collector reads";
        return Reading::failed(Problem::new(NO_READER, &page.url, detail));
    }
    let html = match parse_html(&decoded.text) {
        Ok(html) => html,
        Err(error) => {
            return Reading::failed(Problem::new(TOO_COMPLEX, &page.url, error.to_string()));
        }
    };
    let base = Url::parse(&page.url).ok().filter(|url| url.scheme() != "file");
    let base = base_of(&html, base);
    let hidden_links = anchors(html.root_element(), base.as_ref());
    let (title, language) = (page_title(&html), html.root_element().attr("lang"));
    let language = language.and_then(domain::Language::from_code).or(source.language);
    let text = page_text(html);
    if text.chars().filter(|letter| letter.is_alphabetic()).count() < FEWEST_LETTERS {
        let detail = "the page has hardly any words";
        return Reading::failed(Problem::new(NO_TEXT, &page.url, detail));
    }
    let posting = Posting {
        url: Some(page.url.clone()),
        title,
        language,
        hidden_links,
        ..Posting::read(source, page, PostingKind::SocialPost, page.url.clone(), text)
    };
    Reading { postings: vec![posting], ..Reading::default() }
}

/// A tag of HTML near the beginning: pages saved by people start with comments and blanks.
fn is_html(text: &str) -> bool {
    let start = &text[..text.floor_char_boundary(8 * 1024)];
    let start = start.to_ascii_lowercase();
    ["<html", "<!doctype html", "<body", "<head", "<div", "<p>", "<p ", "<title", "<article"]
        .iter()
        .any(|tag| start.contains(tag))
}
