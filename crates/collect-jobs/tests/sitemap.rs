//! How sitemaps are read and walked.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect_jobs::Sitemap;
use domain::{Checkpoint, Source};
use proptest::prelude::*;
use saved::{PaperSite, TIMEOUT};

const BOARD: &str = "https://board.example";

fn source(max_pages: usize) -> Source {
    Source {
        follow: Some("^/job/".to_owned()),
        max_pages: Some(max_pages),
        ..saved::source("sitemap", "https://board.example/index.xml")
    }
}

fn site(pages: &[(&str, &str)]) -> PaperSite {
    let mut site = PaperSite::default();
    let index = "<sitemapindex><sitemap><loc>/jobs.xml</loc></sitemap>\
        <sitemap><loc>/index.xml</loc></sitemap></sitemapindex>";
    site.put(&format!("{BOARD}/index.xml"), index);
    list(&mut site, pages);
    site
}

fn list(site: &mut PaperSite, pages: &[(&str, &str)]) {
    let mut map = "<urlset><url><loc>/about</loc></url>\
        <url><loc>https://other.example/job/1</loc></url>"
        .to_owned();
    for (page, changed) in pages {
        map += &format!("<url><loc>{page}</loc><lastmod>{changed}</lastmod></url>");
        site.put(&format!("{BOARD}{page}"), format!("ad {page} {changed}"));
    }
    site.put(&format!("{BOARD}/jobs.xml"), map + "</urlset>");
}

async fn walk(site: &mut PaperSite, checkpoint: &mut Checkpoint, most: usize) -> Vec<String> {
    let asked = site.walk(&Sitemap, &source(most), checkpoint, BOARD).await.unwrap();
    asked.into_iter().filter(|url| url.starts_with("/job/")).collect()
}

#[tokio::test]
async fn pages_are_fetched_once_and_again_when_they_changed() {
    let mut checkpoint = Checkpoint::default();
    // The desk's day is 1 March 2026: the second page may change again today.
    let mut site = site(&[("/job/1", "2026-02-01"), ("/job/2", "2026-03-01")]);
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/job/1", "/job/2"]);
    assert_eq!(site.tally.of("sitemap.other-host"), 1);
    assert_eq!(site.tally.of("sitemap.not-followed"), 1);
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/job/2"]);
    assert_eq!(site.tally.of("sitemap.not-changed"), 1);
    list(&mut site, &[("/job/1", "2026-02-02T10:00:00Z")]);
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/job/1"]);
    assert_eq!(checkpoint.positions.keys().filter(|name| name.starts_with("page ")).count(), 1);
}

#[tokio::test]
async fn the_limit_and_a_fault_delay_pages_and_lose_none() {
    let mut checkpoint = Checkpoint::default();
    let mut site = site(&[("/job/1", "2026-02-01"), ("/job/2", "2026-02-01")]);
    site.fail(&format!("{BOARD}/job/1"), TIMEOUT);
    assert_eq!(walk(&mut site, &mut checkpoint, 1).await, ["/job/1"]);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
    site.put(&format!("{BOARD}/job/1"), "ad");
    assert_eq!(walk(&mut site, &mut checkpoint, 9).await, ["/job/2", "/job/1"]);
    assert!(walk(&mut site, &mut checkpoint, 9).await.is_empty());
}

#[tokio::test]
async fn the_limit_is_counted_once_though_it_ends_maps_and_pages() {
    let mut site = large_index();
    assert_eq!(walk(&mut site, &mut Checkpoint::default(), 1).await.len(), 1);
    assert_eq!(site.tally.of("scan.page-limit"), 1);
}

/// An index of 25 sitemaps with a page each.
fn large_index() -> PaperSite {
    let mut site = PaperSite::default();
    let mut index = "<sitemapindex>".to_owned();
    for number in 0..25 {
        index += &format!("<sitemap><loc>/map-{number}.xml</loc></sitemap>");
        let map = format!(
            "<urlset><url><loc>/job/{number}</loc><lastmod>2026-02-01</lastmod></url></urlset>"
        );
        site.put(&format!("{BOARD}/map-{number}.xml"), map);
        site.put(&format!("{BOARD}/job/{number}"), format!("ad {number}"));
    }
    site.put(&format!("{BOARD}/index.xml"), index + "</sitemapindex>");
    site
}

#[tokio::test]
async fn an_index_of_more_maps_than_a_scan_reads_is_read_in_turns() {
    let (mut site, mut checkpoint) = (large_index(), Checkpoint::default());
    let mut pages = std::collections::BTreeSet::new();
    for _ in 0..3 {
        pages.extend(walk(&mut site, &mut checkpoint, 10).await);
    }
    assert_eq!(pages.len(), 25, "{pages:?}");
}

#[test]
fn real_sitemaps_list_what_they_hold() {
    let Some(data) = saved::reference_data() else { return };
    let expected = [
        ("sitemap-hreflang.xml", "lists 3 pages and 1 further sitemaps"),
        ("sitemap.xml", "lists 84 pages and 0 further sitemaps"),
        ("sitemap.xml.gz", "lists 84 pages and 0 further sitemaps"),
        ("sitemap2.xml", "lists 0 pages and 2 further sitemaps"),
    ];
    for (name, listed) in expected {
        let body = std::fs::read(data.join("sitemaps").join(name)).unwrap();
        let reading = saved::read(&Sitemap, BOARD, None, body);
        let details: Vec<_> = reading.problems.iter().map(|p| p.to_string()).collect();
        assert!(details.len() == 1 && details[0].contains(listed), "{name}: {details:?}");
    }
}

#[tokio::test]
async fn a_sitemap_of_plain_lines_is_read_and_an_entry_without_an_address_is_named() {
    let (mut site, mut checkpoint) = (PaperSite::default(), Checkpoint::default());
    let lines = "\u{feff}https://board.example/job/1\r\n\r\nhttps://board.example/job/2\r\n";
    site.put(&format!("{BOARD}/index.xml"), lines);
    assert_eq!(walk(&mut site, &mut checkpoint, 50).await, ["/job/1", "/job/2"]);

    let blank = "<urlset><url><loc> </loc></url><url><loc>/job/1</loc></url></urlset>";
    site.put(&format!("{BOARD}/index.xml"), blank);
    let mut checkpoint = Checkpoint::default();
    // It is not the sitemap itself, which a blank address would lead to.
    let source = Source { follow: None, ..source(50) };
    let asked = site.walk(&Sitemap, &source, &mut checkpoint, BOARD).await.unwrap();
    assert_eq!(asked, ["/index.xml", "/job/1"]);
    let reading = saved::read(&Sitemap, &source.url, Some("text/xml"), blank);
    let problems: Vec<_> = reading.problems.iter().map(|problem| problem.outcome.name).collect();
    assert_eq!(problems, ["sitemap.list", "sitemap.no-address"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>, words in "(<|>|/|urlset|url|loc|lastmod|&| |a){0,40}") {
        saved::read(&Sitemap, BOARD, None, bytes);
        saved::read(&Sitemap, BOARD, None, format!("<urlset>{words}"));
    }
}
