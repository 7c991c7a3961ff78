use async_trait::async_trait;
use collect::{Collector, Images, Reading, Scan, ScanError, base_of, plain_text, stated_time};
use domain::{Capture, Language, Outcome, Posting, PostingKind, Problem, Sha256, Source};
use scraper::{ElementRef, Html};
use serde_json::Value;
use url::Url;

use crate::job_page::parsed;
use crate::job_walk::{self, ListPage};
use crate::page_links::{Follow, same_host};
use crate::page_selectors::{PageSelectors, found, line};
use crate::stated_pay::stated_pay;

const BAD_SELECTORS: Outcome = Outcome::fault("source.bad-selectors");
const NOTHING_FOUND: Outcome = Outcome::fault("page.selectors-find-nothing");
const NO_WORDS: Outcome = Outcome::fault("posting.no-text");
const LIST: Outcome = Outcome::intended("page.list");
const UNREAD_DATE: Outcome = Outcome::intended("field.date-not-read");

/// Pages without mark-up for machines, read by the CSS selectors of the source: ads on pages of
/// their own that a list leads to (`link`), ads one below the other on a list (`item`), or one ad.
#[derive(Clone, Copy, Debug)]
pub struct Page;

#[async_trait]
impl Collector for Page {
    fn kind(&self) -> &'static str {
        "page"
    }

    fn refusal(&self, source: &Source) -> Option<String> {
        PageSelectors::of(source).err()
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let source = scan.source;
        let selectors = PageSelectors::of(source)
            .map_err(|why| ScanError::Incomplete(Problem::new(BAD_SELECTORS, &source.url, why)))?;
        let follow = Follow::of(source).map_err(ScanError::Incomplete)?;
        let first = source.url.clone();
        if selectors.link.is_none() && selectors.next.is_none() {
            scan.get(&first).await?;
            return Ok(());
        }
        let links = |list: &Capture| list_page(list, &selectors, follow.as_ref());
        job_walk::walk(scan, first, &links).await
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        let selectors = match PageSelectors::of(source) {
            Ok(selectors) => selectors,
            Err(why) => return Reading::failed(Problem::new(BAD_SELECTORS, &capture.url, why)),
        };
        match parsed(capture) {
            Ok(page) => PageReader::new(source, capture, &page, &selectors).read(),
            Err(problem) => Reading::failed(problem),
        }
    }
}

/// Where a list leads: to its ads, unless they stand on the list itself, and to its next page.
fn list_page(
    list: &Capture,
    selectors: &PageSelectors,
    follow: Option<&Follow>,
) -> Result<ListPage, Problem> {
    let page = parsed(list)?;
    let Ok(address) = Url::parse(&list.url) else { return Ok(ListPage::default()) };
    let Some(base) = base_of(&page, Some(address.clone())) else {
        return Ok(ListPage::default());
    };
    let target = |link: ElementRef<'_>| same_host(link.attr("href")?, &base, &address);
    let links = match selectors.item {
        Some(_) => Vec::new(),
        None => found(page.root_element(), selectors.link.as_ref()),
    };
    let jobs = links.into_iter().filter_map(target);
    let jobs = jobs.filter(|url| follow.is_none_or(|follow| follow.matches(url)));
    let next = found(page.root_element(), selectors.next.as_ref()).into_iter().find_map(target);
    Ok(ListPage { jobs: jobs.map(String::from).collect(), next: next.map(String::from) })
}

struct PageReader<'p> {
    source: &'p Source,
    capture: &'p Capture,
    page: &'p Html,
    selectors: &'p PageSelectors,
    base: Option<Url>,
    language: Option<Language>,
    reading: Reading,
}

impl<'p> PageReader<'p> {
    fn new(
        source: &'p Source,
        capture: &'p Capture,
        page: &'p Html,
        selectors: &'p PageSelectors,
    ) -> Self {
        let base = base_of(page, Url::parse(&capture.url).ok());
        let language = page.root_element().attr("lang").and_then(Language::from_code);
        Self { source, capture, page, selectors, base, language, reading: Reading::default() }
    }

    fn read(mut self) -> Reading {
        let root = self.page.root_element();
        if self.selectors.item.is_some() {
            let items = found(root, self.selectors.item.as_ref());
            if items.is_empty() {
                self.fail(NOTHING_FOUND, String::new(), "selectors.item finds nothing on the page");
            }
            for (number, item) in items.into_iter().enumerate() {
                self.read_item(number + 1, item);
            }
            return self.reading;
        }
        let links = found(root, self.selectors.link.as_ref()).len();
        let is_words = !found(root, self.selectors.text.as_ref()).is_empty();
        if self.is_first_page() && self.selectors.link.is_some() || !is_words && links > 0 {
            if links == 0 {
                self.fail(NOTHING_FOUND, String::new(), "selectors.link finds nothing on the list");
            } else {
                self.fail(LIST, String::new(), &format!("a list with {links} links to ads"));
            }
        } else if is_words {
            let url = self.capture.url.clone();
            self.read_ad(String::new(), root, url.clone(), url);
        } else {
            self.fail(NOTHING_FOUND, String::new(), "selectors.text finds nothing on the page");
        }
        self.reading
    }

    fn is_first_page(&self) -> bool {
        let mut asked = self.capture.redirects.iter().chain([&self.capture.url]);
        asked.any(|url| *url == self.source.url)
    }

    /// An ad on a list: named by its own address, else by its words.
    fn read_item(&mut self, number: usize, item: ElementRef<'p>) {
        let links = found(item, self.selectors.link.as_ref());
        let own = links
            .into_iter()
            .find_map(|link| collect::link_target(link.attr("href")?, self.base.as_ref()));
        let key = own.clone().unwrap_or_else(|| {
            let words = plain_text(&item.inner_html());
            format!("{} {}", self.capture.url, Sha256::of(words.as_bytes()))
        });
        let url = own.unwrap_or_else(|| self.capture.url.clone());
        self.read_ad(format!("#item={number}"), item, key, url);
    }

    fn read_ad(&mut self, place: String, root: ElementRef<'p>, key: String, url: String) {
        let selectors = self.selectors;
        let first_line = |selector| found(root, selector).into_iter().find_map(line);
        let words = found(root, selectors.text.as_ref());
        let mut parts: Vec<String> =
            words.iter().map(|part| plain_text(&part.inner_html()).trim().to_owned()).collect();
        let pay_words = first_line(selectors.pay.as_ref());
        let pay = pay_words.as_ref().and_then(|words| {
            stated_pay(&Value::from(words.as_str()), None, &|value| {
                value.as_str().map(str::to_owned)
            })
        });
        // Words about pay that are no plain number are still words of the ad.
        let unread_pay = pay_words.filter(|words| {
            pay.is_none() && !parts.iter().any(|part| part.contains(words.as_str()))
        });
        parts.extend(unread_pay);
        parts.retain(|part| !part.is_empty());
        let title = first_line(selectors.title.as_ref());
        if parts.is_empty() && title.is_none() {
            return self.fail(NO_WORDS, place, "the selectors find no words of an ad");
        }
        let dates = found(root, selectors.date.as_ref());
        let published_at = dates.iter().find_map(|date| {
            stated_time(&date.attr("datetime").map(str::to_owned).or_else(|| line(*date))?)
        });
        if published_at.is_none() && !dates.is_empty() {
            self.fail(UNREAD_DATE, place, "what selectors.date finds is no date that we can read");
        }
        let mut links = Vec::new();
        for link in words.iter().flat_map(|part| collect::anchors(*part, self.base.as_ref())) {
            if !links.contains(&link) {
                links.push(link);
            }
        }
        let mut images = Images::default();
        for shown in found(root, selectors.image.as_ref()) {
            images.add_shown(shown, self.base.as_ref());
        }
        let places = found(root, selectors.place.as_ref());
        let posting = Posting {
            url: Some(url),
            title,
            published_at,
            language: self.language,
            places: crate::board::places(places.into_iter().map(line)),
            pay,
            employer: first_line(selectors.employer.as_ref()),
            hidden_links: links,
            images: images.into_vec(),
            ..Posting::read(self.source, self.capture, PostingKind::JobAd, key, parts.join("\n\n"))
        };
        self.reading.postings.push(posting);
    }

    fn fail(&mut self, outcome: Outcome, place: String, detail: &str) {
        let place = format!("{}{place}", self.capture.url);
        self.reading.problems.push(Problem::new(outcome, place, detail));
    }
}
