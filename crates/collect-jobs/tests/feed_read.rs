//! What is read out of feeds.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use collect::Reading;
use collect_jobs::Feed;
use proptest::prelude::*;

fn read(body: impl Into<Vec<u8>>) -> Reading {
    saved::read(&Feed, "https://robota.example/feed.xml", None, body)
}

fn problems(reading: &Reading) -> Vec<String> {
    reading
        .problems
        .iter()
        .map(|problem| format!("{} {}", problem.outcome, problem.place))
        .collect()
}

fn titles(body: &str) -> Vec<String> {
    read(body).postings.into_iter().map(|posting| posting.title.unwrap_or_default()).collect()
}

#[test]
fn an_rss_feed_is_read_with_its_flaws() {
    let reading = read(saved::page("feed.rss"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(problems(&reading), ["entry.empty https://robota.example/feed.xml#entry=3"]);
}

#[test]
fn an_atom_feed_is_read() {
    let reading = read(saved::page("feed.atom"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(reading.problems, []);
}

#[test]
fn a_json_feed_is_read() {
    let reading = read(saved::page("feed.json"));
    insta::assert_json_snapshot!(reading.postings);
    assert_eq!(problems(&reading), ["entry.empty https://robota.example/feed.xml#entry=3"]);
}

#[test]
fn what_is_no_feed_is_named() {
    for body in ["", "<html><body>Not found</body></html>", "{\"a\": 1}", "plain words", "<?xml"] {
        assert_eq!(
            problems(&read(body)),
            ["feed.not-a-feed https://robota.example/feed.xml"],
            "{body}"
        );
    }
    let empty = read("<rss version='2.0'><channel><title>x</title></channel></rss>");
    assert_eq!(problems(&empty), ["feed.empty https://robota.example/feed.xml"]);
}

#[test]
fn a_feed_that_breaks_off_gives_the_entries_before_the_break() {
    let body = saved::page("feed.rss");
    let cut = body.find("Робота поруч").unwrap();
    let reading = read(&body[..cut]);
    assert_eq!(reading.postings.len(), 1);
    let broken = "<rss><channel><item><title>one</title></item><item><title>two<!-- cut";
    assert_eq!(titles(broken), ["one"]);
    assert_eq!(problems(&read(broken)), ["feed.broken-off https://robota.example/feed.xml"]);
}

#[test]
fn feeds_that_break_the_rules_are_read_all_the_same() {
    let after_junk = "Warning: something\n<br/>\n<?xml version='1.0'?><rss><channel><item><title>a</title></item></channel></rss>";
    assert_eq!(titles(after_junk), ["a"]);
    assert_eq!(titles("<rss><item><title>a</title><item><title>b</title>"), ["a", "b"]);
    assert_eq!(
        titles("<rss><item><title>&nbsp;R&amp;amp;D &ouml; &bogus; & co</title></item></rss>"),
        ["R&D ö &bogus; & co"]
    );
    assert_eq!(
        titles(
            "<x:feed xmlns:x='http://www.w3.org/2005/Atom'><x:entry><x:title>a</x:title></x:entry></x:feed>"
        ),
        ["a"]
    );
}

#[test]
fn entries_with_one_guid_stay_apart() {
    let body = "<rss><item><guid>0</guid><link>http://a.example/1</link><title>a</title></item>\
                <item><guid>0</guid><link>http://a.example/2</link><title>b</title></item>\
                <item><title>c</title></item><item><title>d</title></item></rss>";
    let keys: Vec<_> = read(body).postings.into_iter().map(|posting| posting.key).collect();
    assert_eq!(keys[..2], ["0 http://a.example/1", "0 http://a.example/2"]);
    assert_ne!(keys[2], keys[3]);
}

#[test]
fn hostile_feeds_cost_little() {
    let deep = format!("<rss>{}", "<a>".repeat(300_000));
    assert_eq!(problems(&read(deep)), ["feed.broken-off https://robota.example/feed.xml"]);
    let deep_text = format!("<rss><item><description>{}", "<div>".repeat(300_000));
    assert_eq!(read(deep_text).postings.len(), 0);
    let entities = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><rss><item><title>&b;</title></item></rss>";
    assert_eq!(titles(entities), ["&b;"]);
    let json = format!("{{\"items\": {}", "[".repeat(300_000));
    assert_eq!(read(json).postings.len(), 0);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read(body);
    }

    #[test]
    fn a_damaged_feed_is_read_without_a_panic(
        name in proptest::sample::select(&["feed.rss", "feed.atom", "feed.json"]),
        cuts in proptest::collection::vec((0usize..3000, 0usize..60, "[<>\"'/=&;:a-z0-9\\[! ]{0,6}"), 1..6)
    ) {
        let mut body = saved::page(name).into_bytes();
        for (at, length, put) in cuts {
            let at = at.min(body.len());
            let end = (at + length).min(body.len());
            body.splice(at..end, put.bytes());
        }
        for posting in read(body).postings {
            prop_assert!(posting.title.is_some() || !posting.text.is_empty());
        }
    }
}
