//! HTML pages that a person saved in a browser: the bare page, "Webpage, complete", SingleFile.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Capture, Clock, Source};
use jiff::Timestamp;
use jiff::fmt::strtime;
use url::Url;

use crate::file_capture::capture_of_file;
use crate::file_opening;
use crate::saved_page::{PageReader, read_saved};
use crate::{Collector, Reading, Scan, ScanError, decode};

/// How far into a page its origin is looked for.
const HEAD: usize = 64 * 1024;

/// Pages that were saved as HTML.
pub(crate) struct HtmlFile {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) pages: PageReader,
}

#[async_trait]
impl Collector for HtmlFile {
    fn kind(&self) -> &'static str {
        "html"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let (name, bytes) = file_opening::whole(scan.source)?;
        let now = self.clock.now();
        let capture = capture_of_file(scan.source, name.address(), now, "text/html", bytes);
        scan.keep(&capture).await?;
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let decoded = decode(capture.content(), capture.header("content-type"));
        let origin = origin_of(&decoded.text);
        let page =
            Capture { url: origin.url.unwrap_or_else(|| capture.url.clone()), ..capture.clone() };
        read_saved(source, &page, origin.saved_at, &self.pages)
    }
}

/// Where a saved page stood, and when it was saved.
#[derive(Debug, Default, PartialEq, Eq)]
struct Origin {
    url: Option<String>,
    saved_at: Option<Timestamp>,
}

/// By the comment of the program that saved it, else by what the page says of itself.
fn origin_of(page: &str) -> Origin {
    let head = &page[..page.floor_char_boundary(HEAD)];
    let mut comments =
        head.split("<!--").skip(1).map(|rest| rest.split("-->").next().unwrap_or(""));
    let by_comment =
        comments.find_map(|comment| single_file(comment).or_else(|| complete(comment)));
    by_comment.unwrap_or_else(|| Origin { url: stated_address(head), saved_at: None })
}

/// ```text
/// Page saved with SingleFile
/// url: https://example.org/ad/1
/// saved date: Thu Nov 26 2026 14:03:11 GMT+0200 (Eastern European Standard Time)
/// ```
fn single_file(comment: &str) -> Option<Origin> {
    if !comment.trim_start().starts_with("Page saved with SingleFile") {
        return None;
    }
    let field = |name: &str| {
        let value = comment.lines().find_map(|line| line.trim().strip_prefix(name))?;
        Some(value.trim())
    };
    let saved_at = field("saved date:").and_then(|date| {
        let date = date.split(" (").next()?;
        let parsed = strtime::parse("%a %b %d %Y %H:%M:%S GMT%z", date).ok()?;
        parsed.to_timestamp().ok()
    });
    Some(Origin { url: field("url:").and_then(web_address), saved_at })
}

/// `saved from url=(0029)https://example.org/ad/1`, as browsers write it at the top.
fn complete(comment: &str) -> Option<Origin> {
    let rest = comment.trim().strip_prefix("saved from url=")?;
    let address = rest.split_once(')').map_or(rest, |(_, address)| address);
    Some(Origin { url: Some(web_address(address)?), saved_at: None })
}

/// `<link rel="canonical">` or `og:url`.
fn stated_address(head: &str) -> Option<String> {
    let tags = head.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or(""));
    let is_stated = |tag: &str| {
        let lower = tag.to_ascii_lowercase();
        lower.starts_with("link") && lower.contains("canonical")
            || lower.starts_with("meta") && lower.contains("og:url")
    };
    tags.filter(|tag| is_stated(tag)).find_map(|tag| {
        let html = crate::parse_html(&format!("<{tag}>")).ok()?;
        let mut elements = html.root_element().descendants().filter_map(scraper::ElementRef::wrap);
        elements.find_map(|element| {
            web_address(element.attr("href").or_else(|| element.attr("content"))?)
        })
    })
}

pub(crate) fn web_address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, url: Option<&str>, saved_at: Option<&str>) {
        let origin = origin_of(page);
        assert_eq!(origin.url.as_deref(), url, "{page}");
        assert_eq!(origin.saved_at.map(|time| time.to_string()).as_deref(), saved_at, "{page}");
    }

    #[test]
    fn the_program_that_saved_a_page_says_where_it_stood_and_when() {
        check(
            "<!DOCTYPE html> <html lang=uk><!--\n Page saved with SingleFile \n url: https://b.example/1?a=2 \n saved date: Thu Nov 26 2026 14:03:11 GMT+0200 (за східноєвропейським часом)\n--><meta charset=utf-8>",
            Some("https://b.example/1?a=2"),
            Some("2026-11-26T12:03:11Z"),
        );
        check(
            "<!-- saved from url=(0022)https://b.example/ad/1 -->\r\n<html>",
            Some("https://b.example/ad/1"),
            None,
        );
        check("<!-- Page saved with SingleFile -->", None, None);
        check("<!-- saved from url=(0014)about:internet --><html>", None, None);
    }

    #[test]
    fn else_the_page_says_it_itself() {
        for page in [
            "<link href='https://b.example/1' rel='canonical'>",
            "<META property=\"og:url\" content=\"https://b.example/1\">",
            "<!-- a comment --><link rel=stylesheet href=x><link rel=canonical href=https://b.example/1>",
        ] {
            check(page, Some("https://b.example/1"), None);
        }
        check("<link rel=canonical href=/1>", None, None);
        check("", None, None);
    }

    proptest::proptest! {
        #[test]
        fn any_page_has_an_origin_or_none(page in "(<!--|-->|Page saved with SingleFile|url:|saved date:|saved from url=|\\(|\\)|<link|canonical|href=|>|\\PC|\n){0,30}") {
            origin_of(&page);
        }
    }
}
