use domain::Capture;
use scraper::ElementRef;
use url::Url;

use crate::html_tree::{link_target, parse_html};

/// Most feeds that are taken from a page; more are those of its parts.
const MOST: usize = 3;

/// The feeds that a page names in its head for programs to find, those of comments left out.
pub fn feeds_of(page: &Capture) -> Vec<String> {
    const TYPES: [&str; 3] =
        ["application/rss+xml", "application/atom+xml", "application/feed+json"];
    let decoded = crate::decode(page.content(), page.header("content-type"));
    let Ok(html) = parse_html(&decoded.text) else { return Vec::new() };
    let base = Url::parse(&page.url).ok();
    let links = html.root_element().descendants().filter_map(ElementRef::wrap);
    let feeds = links.filter_map(|link| {
        let link_to = link.value();
        let is_alternate = link_to.attr("rel").is_some_and(|rel| {
            rel.split_whitespace().any(|rel| rel.eq_ignore_ascii_case("alternate"))
        });
        let is_feed = link_to
            .attr("type")
            .is_some_and(|kind| TYPES.contains(&kind.split(';').next().unwrap_or_default().trim()));
        if link_to.name() != "link" || !is_alternate || !is_feed {
            return None;
        }
        link_target(link_to.attr("href")?, base.as_ref())
    });
    feeds.filter(|feed| !feed.contains("comments")).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use domain::{Source, SourceId};

    use super::*;
    use crate::file_capture::capture_of_file;

    #[test]
    fn the_feeds_of_a_page_are_found_in_its_head() {
        let page = "<head><link rel='alternate' type='application/rss+xml' href='/feed/'>\
            <link rel=alternate type='application/rss+xml' href='/comments/feed/'>\
            <link rel='stylesheet alternate' type='text/css' href='x.css'>\
            <link rel='alternate' type='application/atom+xml; charset=utf-8' href='https://a.example/atom'>\
            <link rel='alternate' hreflang='ro' href='/ro/'></head><a href='/rss'>RSS</a>";
        let source = Source::new(SourceId::new("a").unwrap(), "page", "", "b");
        let at = "https://board.example/ads/7".to_owned();
        let time = jiff::Timestamp::UNIX_EPOCH;
        let page = capture_of_file(&source, at, time, "text/html", page.into());
        assert_eq!(feeds_of(&page), ["https://board.example/feed/", "https://a.example/atom"]);
    }
}
