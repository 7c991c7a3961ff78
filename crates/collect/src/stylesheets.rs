//! The addresses of the stylesheets that a page is shown with.

use domain::{Capture, CaptureMethod};
use memchr::memmem;
use scraper::{ElementRef, Html};
use url::Url;

use crate::{base_of, decode, link_target, parse_html};

/// More are not asked for.
const MOST: usize = 8;
/// Longer addresses are asked of nobody.
const LONGEST: usize = 8 * 1024;

/// The stylesheets that a page names for screens, as absolute http or https addresses, in order, each
/// once, the first eight. None of what is no HTML page that was fetched.
pub fn stylesheets(page: &Capture) -> Vec<String> {
    if !may_name_stylesheets(page) {
        return Vec::new();
    }
    let text = decode(page.content(), page.header("content-type")).text;
    let Ok(html) = parse_html(&text) else { return Vec::new() };
    named(&html, Url::parse(&page.url).ok())
}

/// Tells of most captures that name none, without parsing them.
pub fn may_name_stylesheets(page: &Capture) -> bool {
    let kind = page.header("content-type").unwrap_or_default().trim().to_ascii_lowercase();
    let is_html = ["text/html", "application/xhtml"].iter().any(|html| kind.starts_with(html));
    let says = |word: &str| memmem::find(page.content(), word.as_bytes()).is_some();
    is_html && page.method == CaptureMethod::Http && (says("tylesheet") || says("TYLESHEET"))
}

fn named(html: &Html, page: Option<Url>) -> Vec<String> {
    let base = base_of(html, page);
    let elements = html.root_element().descendants().filter_map(ElementRef::wrap);
    let links = elements.filter(|element| element.value().name() == "link");
    let mut found: Vec<String> = Vec::new();
    for link in links.filter(|link| is_for_screens(*link)) {
        let target = link.attr("href").and_then(|href| link_target(href, base.as_ref()));
        let Some(mut url) = target.and_then(|target| Url::parse(&target).ok()) else { continue };
        url.set_fragment(None);
        let is_web = ["http", "https"].contains(&url.scheme()) && url.as_str().len() <= LONGEST;
        if is_web && found.len() < MOST && !found.iter().any(|known| known == url.as_str()) {
            found.push(url.into());
        }
    }
    found
}

/// Whether a link is a stylesheet that a browser applies when nobody chooses (HTML, 4.6.7.17).
fn is_for_screens(link: ElementRef<'_>) -> bool {
    let says = |name: &str| link.attr(name).unwrap_or_default().trim().to_ascii_lowercase();
    let rel = says("rel");
    let rel: Vec<&str> = rel.split_ascii_whitespace().collect();
    let kind = says("type");
    rel.contains(&"stylesheet")
        && !rel.contains(&"alternate")
        && link.attr("disabled").is_none()
        && (kind.is_empty() || kind.starts_with("text/css"))
        && !["print", "speech", "aural"].contains(&says("media").as_str())
}

#[cfg(test)]
mod tests {
    use domain::{CaptureId, CaptureRole, Peer, Sha256, SourceId};

    use super::*;

    fn page(kind: &str, body: &str) -> Capture {
        let source = SourceId::new("jobs-iasi").unwrap();
        let url = "https://board.example/jobs/7".to_owned();
        let (sha256, fetched_at) = (Sha256::of(body.as_bytes()), jiff::Timestamp::UNIX_EPOCH);
        Capture {
            id: CaptureId::derive(&source, &url, fetched_at, &sha256),
            source,
            role: CaptureRole::Page,
            method: CaptureMethod::Http,
            url,
            redirects: Vec::new(),
            fetched_at,
            status: 200,
            request_headers: Vec::new(),
            response_headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.as_bytes().to_vec(),
            sha256,
            decoded: None,
            peer: Peer::default(),
        }
    }

    #[test]
    fn a_page_names_the_stylesheets_that_a_browser_would_apply() {
        let html = "<link rel=stylesheet href=/a.css#x><link REL='icon STYLESHEET' href='b.css?1'>\
            <link rel=stylesheet href=/a.css><link rel='alternate stylesheet' href=/night.css>\
            <link rel=stylesheet media=print href=/print.css><link rel=icon href=/i.png>\
            <link rel=stylesheet media='screen and (min-width: 1px)' href=//cdn.example/c.css>\
            <link rel=stylesheet disabled href=/off.css><link rel=stylesheet type=text/less href=/l>\
            <link rel=stylesheet href='data:text/css,a{}'><link rel=stylesheet href='ftp://h/d.css'>\
            <!-- <link rel=stylesheet href=/none.css> --><link rel=stylesheet>";
        let expected = [
            "https://board.example/a.css",
            "https://board.example/jobs/b.css?1",
            "https://cdn.example/c.css",
        ];
        assert_eq!(stylesheets(&page("text/html", html)), expected);
        assert_eq!(stylesheets(&page("application/json", html)), Vec::<String>::new());
        let based = format!("<base href='/deep/'>{}", "<link rel=stylesheet href=b.css>");
        let found = stylesheets(&page("text/html; charset=utf-8", &based));
        assert_eq!(found, ["https://board.example/deep/b.css"]);
    }

    #[test]
    fn of_many_the_first_eight_are_named_and_of_a_hostile_page_none() {
        let many = |count: usize| -> String {
            (0..count).map(|n| format!("<link rel=stylesheet href=/{n}.css>")).collect()
        };
        assert_eq!(stylesheets(&page("text/html", &many(50))).len(), 8);
        let deep = "<div>".repeat(100_000) + &many(1);
        assert_eq!(stylesheets(&page("text/html", &deep)), Vec::<String>::new());
    }
}
