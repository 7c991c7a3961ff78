//! The conformance files of a widely used feed parser: none may crash us, the well-formed ones are
//! read.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../collect/tests/saved/mod.rs"]
mod saved;

use std::collections::BTreeMap;

use collect::Reading;
use collect_jobs::Feed;

/// Where we differ from what the files expect, by a part of the file's name, and why.
const DISAGREEMENTS: [(&str, &str); 12] = [
    (
        "base64",
        "text in base64 (Atom 0.3, attachments) is not read; the entry is counted if nothing else is in it",
    ),
    ("author_map_author", "a name is given without the e-mail address beside it"),
    ("author_detail_name", "RSS has one field for both; it is kept as it was written"),
    ("entry_content_and_summary", "the longest text is the ad; the summary is its beginning"),
    ("div_escaped_markup", "escaped twice: the tags are words of the text"),
    (
        "text_plain_brackets",
        "plain text keeps its angle brackets; our comparison takes them for tags",
    ),
    ("http_entry_id_base", "an id is a name and not an address: it is not resolved"),
    ("base_content_location", "relative to the address that answered"),
    ("base_docuri", "relative to the address that answered"),
    (
        "entity_in_doctype",
        "entities that a feed declares itself are not expanded: that is how bombs are built",
    ),
    ("not_a_doctype", "`<!` opens a comment in HTML; what stands in it is not shown by a browser"),
    ("item_image_link_conflict", "a host's name is written in lower case"),
];

/// The header that the file says it is served with: `Header: Content-type: ...`.
fn content_type(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find(|line| line.trim_start().starts_with("Header:"))?;
    let (name, value) = line.trim_start().strip_prefix("Header:")?.trim().split_once(':')?;
    name.eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
}

fn outcome(reading: &Reading) -> &'static str {
    let faults = reading.problems.iter().map(|problem| problem.outcome.name);
    let named = faults.into_iter().find(|name| name.starts_with("feed."));
    named.unwrap_or(if reading.postings.is_empty() { "entries empty" } else { "read" })
}

#[test]
fn conformance_feeds_are_read_and_none_crashes() {
    let Some(data) = saved::reference_data() else { return };
    let mut table: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut not_feeds = Vec::new();
    let folder = data.join("feeds");
    for path in saved::files_under(&folder) {
        let body = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        let group = name.rsplit_once('/').unwrap().0.to_owned();
        let kind = content_type(&body);
        let reading = saved::read(&Feed, "http://feeds.example/f.xml", kind.as_deref(), body);
        let outcome = outcome(&reading);
        *table.entry((group, outcome)).or_default() += 1;
        if outcome == "feed.not-a-feed" || outcome == "feed.broken-off" {
            not_feeds.push(format!("{name}: {}", reading.problems[0]));
        }
    }
    for ((group, outcome), count) in &table {
        println!("{count:4} {group:24} {outcome}");
    }
    println!("{}", not_feeds.join("\n"));
    let of = |outcome: &str| -> usize {
        let rows = table
            .iter()
            .filter(|((group, name), _)| group.starts_with("wellformed") && *name == outcome);
        rows.map(|(_, count)| count).sum()
    };
    let refused = of("feed.not-a-feed") + of("feed.broken-off");
    let all: usize = table
        .iter()
        .filter(|((group, _), _)| group.starts_with("wellformed"))
        .map(|(_, n)| n)
        .sum();
    assert!(all > 500, "{all}");
    assert!(refused * 100 <= all * 5, "{refused} of {all} well-formed feeds were refused");
}

/// `Expect: not bozo and entries[0]['title'] == u'Example'`: the field and the value, for what we
/// read too.
fn expectation(body: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find_map(|line| line.trim().strip_prefix("Expect:"))?;
    let (field, value) = line.trim().strip_prefix("not bozo and entries[0]")?.split_once(" == ")?;
    let value = value.trim().strip_prefix('u').unwrap_or(value.trim());
    let value = value.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])?;
    let plain = !value.contains('\\') && !value.contains("' and ");
    plain.then(|| (field.to_owned(), value.to_owned()))
}

#[test]
fn conformance_feeds_say_what_they_are_expected_to_say() {
    let Some(data) = saved::reference_data() else { return };
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let (mut agreed, mut known, mut differ) = (0, 0, Vec::new());
    for path in saved::files_under(&data.join("feeds/wellformed")) {
        let body = std::fs::read(&path).unwrap();
        let Some((field, expected)) = expectation(&body) else { continue };
        // Many of the files hold the one field that they are about; an entry without words is none.
        let titled = String::from_utf8_lossy(&body).replace("</item>", "<title>-</title></item>");
        let titled = titled.replace("</entry>", "<title>-</title></entry>");
        let reading = saved::read(
            &Feed,
            "http://feeds.example/f.xml",
            content_type(&body).as_deref(),
            titled,
        );
        let posting = reading.postings.first();
        let part = |read: fn(&domain::Posting) -> Option<String>| {
            posting.and_then(read).unwrap_or_default()
        };
        let found = match field.as_str() {
            "['title']" => part(|posting| posting.title.clone()),
            "['link']" => part(|posting| posting.url.clone()),
            "['id']" | "['guid']" => part(|posting| Some(posting.key.clone())),
            "['author']" | "['author_detail']['name']" => part(|posting| posting.author.clone()),
            "['description']" | "['summary']" | "['content'][0]['value']" => {
                part(|posting| Some(posting.text.clone()))
            }
            _ => continue,
        };
        let words = words_of(&expected);
        if squeezed(&found) == squeezed(&words) {
            agreed += 1;
        } else {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if DISAGREEMENTS.iter().any(|(part, _)| name.contains(part)) {
                known += 1;
                continue;
            }
            differ.push(format!("{name}: {field} is {found:?}, expected {expected:?}"));
        }
    }
    println!("{agreed} agree, {known} differ for a reason");
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(agreed >= 75, "{agreed}");
}

fn words_of(html: &str) -> String {
    let feed = format!("<rss><item><description><![CDATA[{html}]]></description></item></rss>");
    let reading = saved::read(&Feed, "http://feeds.example/f.xml", None, feed);
    reading.postings.first().map(|posting| posting.text.clone()).unwrap_or_default()
}

#[test]
fn a_real_json_feed_is_read_item_by_item() {
    let Some(data) = saved::reference_data() else { return };
    let body = std::fs::read(data.join("sitemaps/feed.json")).unwrap();
    let reading =
        saved::read(&Feed, "http://feeds.example/feed.json", Some("application/json"), body);
    let whole = reading.postings.iter().filter(|posting| {
        let named = posting.title.is_some() && posting.url.is_some();
        named && !posting.text.is_empty() && posting.published_at.is_some()
    });
    assert_eq!((whole.count(), reading.problems.len()), (25, 0));
}
