use collect::base_of;
use domain::{Outcome, Problem, Source};
use regex::{Regex, RegexBuilder};
use scraper::{ElementRef, Html};
use url::Url;

const BAD_FOLLOW: Outcome = Outcome::fault("source.bad-follow");

/// Addresses longer than this are not followed.
const MAX_LENGTH: usize = 2_000;

/// Which links of a source are followed: those on the same host whose path and query match.
pub(crate) struct Follow(Regex);

impl Follow {
    /// The pattern of a source, if it has one.
    pub(crate) fn of(source: &Source) -> Result<Option<Self>, Problem> {
        let pattern = source.follow.as_deref();
        pattern.map(Self::new).transpose().map_err(|error| {
            let detail = format!("`follow` is no regular expression: {error}");
            Problem::new(BAD_FOLLOW, &source.url, detail)
        })
    }

    pub(crate) fn new(pattern: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(pattern).size_limit(1 << 20).build().map(Self)
    }

    pub(crate) fn matches(&self, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        // Analysts write `^/вакансії/`, addresses hold `/%D0%B2...`.
        self.0.is_match(&path) || self.0.is_match(&percent_decoded(&path))
    }
}

fn percent_decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| byte == b'%') {
            Some(escaped) => {
                bytes.push(escaped);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Where a page leads to on its own host: absolute, without fragment, each once, in page order.
#[derive(Debug, Default)]
pub(crate) struct PageLinks {
    pub(crate) links: Vec<Url>,
    /// The next page of the same list, by `rel="next"`.
    pub(crate) next: Option<Url>,
}

pub(crate) fn page_links(page: &Html, address: &Url) -> PageLinks {
    let mut found = PageLinks::default();
    let Some(base) = base_of(page, Some(address.clone())) else { return found };
    let mut seen = std::collections::BTreeSet::new();
    for element in page.root_element().descendants().filter_map(ElementRef::wrap) {
        let name = element.value().name();
        if name != "a" && name != "link" {
            continue;
        }
        let Some(url) = element.attr("href").and_then(|href| same_host(href, &base, address))
        else {
            continue;
        };
        let relations = element.attr("rel").unwrap_or_default().to_ascii_lowercase();
        if found.next.is_none() && relations.split_whitespace().any(|word| word == "next") {
            found.next = Some(url.clone());
        }
        if name == "a" && seen.insert(url.clone()) {
            found.links.push(url);
        }
    }
    found
}

pub(crate) fn same_host(href: &str, base: &Url, address: &Url) -> Option<Url> {
    let mut url = base.join(href.trim()).ok()?;
    url.set_fragment(None);
    let same = url.host() == address.host()
        && url.port_or_known_default() == address.port_or_known_default();
    let is_web = matches!(url.scheme(), "http" | "https");
    (same && is_web && url.as_str().len() <= MAX_LENGTH).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_written_as_a_reader_sees_the_address() {
        let follow = Follow::new(r"^/вакансії/\d+").unwrap();
        let matches = |url: &str| follow.matches(&Url::parse(url).unwrap());
        assert!(matches("https://board.example/вакансії/12?x=%zz"));
        assert!(!matches("https://board.example/news/12"));
        assert!(
            Follow::new(r"^/j\?id=%D0")
                .unwrap()
                .matches(&Url::parse("http://a.example/j?id=%D0%B2").unwrap())
        );
    }

    #[test]
    fn the_base_of_a_page_is_what_it_says() {
        let page = collect::parse_html("<base href='/ads/'><a href='1'>ad</a>").unwrap();
        let links = page_links(&page, &Url::parse("https://board.example/list").unwrap()).links;
        assert_eq!(links, [Url::parse("https://board.example/ads/1").unwrap()]);
    }
}
