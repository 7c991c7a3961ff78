//! Pages that are made to hurt their readers: the scan of every kind of source goes on, within
//! bounded memory. What a server can do on the wire is in a table of `collect`.

use std::time::Duration;

use crate::desk::Desk;
use crate::hosts::peak_of;
use crate::kinds::{KINDS, KindSites};

const SIZE: usize = 1_000_000;
const MOST_MEMORY: u64 = 400_000_000;

fn repeated(piece: &str) -> String {
    piece.repeat(SIZE / piece.len())
}

fn hostile_pages() -> Vec<(&'static str, String)> {
    let data = |json: String| format!("<script type=\"application/ld+json\">{json}</script>");
    vec![
        ("deep arrays", repeated("[")),
        ("deep objects", repeated("{\"a\":")),
        ("deep replies", repeated("{\"data\":{\"children\":[")),
        ("deep elements", repeated("<div>")),
        ("deep formatting", repeated("<b><i>")),
        ("deep tables", repeated("<table><tr><td>")),
        ("deep mark-up of data", data(repeated("{\"@graph\":["))),
        (
            "many scopes",
            repeated("<p itemscope itemprop=a itemtype=\"https://schema.org/JobPosting\">"),
        ),
        ("one tag without end", format!("<a {}", repeated("x=y "))),
        ("many entities", format!("<rss><channel><item><title>{}", repeated("&amp;"))),
        ("entities of entities", {
            let mut page = "<!DOCTYPE r [<!ENTITY a0 \"ha\">".to_owned();
            for n in 1..40 {
                page += &format!("<!ENTITY a{n} \"&a{0};&a{0};\">", n - 1);
            }
            page + "]><rss><channel><item><title>&a39;</title></item></channel></rss>"
        }),
        ("many maps", repeated("<sitemap><loc>http://127.0.0.1:9/s.xml</loc></sitemap>")),
        ("numbers without end", format!("{{\"posts\":[{}", repeated("9"))),
        ("zeros", "\0".repeat(SIZE)),
        ("halves of letters", repeated("\\ud800")),
    ]
}

#[test]
fn no_page_stops_a_scan_of_any_kind_or_takes_more_than_its_memory() {
    let sites = KindSites::start();
    let desk = Desk::new();
    let (names, pages): (Vec<_>, Vec<_>) = hostile_pages().into_iter().unzip();
    let sources = (0..pages.len()).map(|host| sites.sources_of(host, &format!("-{host}")));
    std::fs::write(desk.dir().join("sources.toml"), sources.collect::<String>()).unwrap();
    sites.answer_all(pages);
    let said = desk.beside("said.json");
    let mut child = desk
        .command(&["--format", "json", "scan"])
        .stdout(std::fs::File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak_of(child.id()).unwrap_or(0).max(peak);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert_eq!(status.code(), Some(0));
    assert!(peak < MOST_MEMORY, "{peak} bytes of memory");
    let said = std::fs::read_to_string(said).unwrap();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let sources = said["sources"].as_array().unwrap();
    assert_eq!(sources.len(), KINDS.len() * names.len());
    for source in sources {
        let id = source["source"].as_str().unwrap();
        let (_, page) = id.rsplit_once('-').unwrap();
        let outcomes = source["outcomes"].to_string();
        let ended = outcomes.contains("source.finished") || outcomes.contains("source.incomplete");
        assert!(ended, "{id}, {}: {outcomes}", names[page.parse::<usize>().unwrap()]);
    }
    desk.fusion(&["evidence", "verify"]).ended(0);
}
