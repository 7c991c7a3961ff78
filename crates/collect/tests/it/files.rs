use std::path::Path;

use crate::desk::{gzip, import, import_bytes, named};

#[test]
fn a_file_is_known_by_its_ending() {
    for (name, kind) in [
        ("a.ndjson", Some("ndjson")),
        ("a.JSONL.gz", Some("ndjson")),
        ("a.b.csv", Some("csv")),
        ("a.tsv.gz", Some("csv")),
        ("a.gz", None),
        ("csv", None),
        ("a.xlsx", None),
    ] {
        assert_eq!(collect::detect_kind(Path::new(name)), kind, "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_imported_is_told_in_one_sentence() {
    let xlsx = b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00".as_slice();
    let controls = "\u{1}\u{2}text\u{3}".repeat(100);
    let packed = gzip("{\"text\":\"x\"}\n".repeat(20_000).as_bytes());
    for (name, content, outcome, sentence) in [
        ("a.csv", xlsx, "file.binary", "a.csv is no text"),
        ("a.ndjson", xlsx, "file.binary", "a.ndjson is no text"),
        ("a.csv", controls.as_bytes(), "file.binary", "a.csv is no text"),
        ("a.ndjson", b" [\n{}]", "file.json-array", "one JSON array"),
        ("a.ndjson.gz", &packed[..packed.len() / 2], "file.unreadable", "to its end"),
    ] {
        let problem = import_bytes(name, content, &[]).await.incomplete.unwrap();
        assert_eq!(problem.outcome.name, outcome, "{name}");
        assert!(problem.detail.contains(sentence), "{}", problem.detail);
        assert!(!problem.detail.contains('\n'));
    }
    let missing = import("csv", Path::new("no/such/file.csv"), &[]).await.incomplete.unwrap();
    assert_eq!(named(&missing), "file.unreadable at file:///file.csv");
}

#[tokio::test]
async fn a_file_without_rows_is_counted() {
    for (name, content) in
        [("a.csv", ""), ("a.csv", "\n\n"), ("a.csv", "id,text\n\n"), ("a.ndjson", "")]
    {
        let imported = import_bytes(name, content, &[]).await;
        assert_eq!(imported.incomplete, None, "{content:?}");
        assert_eq!(
            (imported.tally.of("file.empty"), imported.captures.len()),
            (1, 0),
            "{content:?}"
        );
    }
}

#[tokio::test]
async fn gzip_is_taken_off_whatever_the_file_is_called() {
    for name in ["a.ndjson.gz", "a.ndjson"] {
        let imported = import_bytes(name, gzip(b"{\"id\":\"1\",\"text\":\"x\"}"), &[]).await;
        assert_eq!(imported.texts(), ["x"]);
    }
}

#[tokio::test]
async fn a_name_with_odd_letters_stays_one_address() {
    let imported = import_bytes("оголошення #1\n.ndjson", "{\"text\":\"x\"}\n{", &[]).await;
    let url = &imported.captures[0].url;
    assert!(url.is_ascii() && url.ends_with("%20%231.ndjson#rows=1-2"), "{url}");
    assert!(imported.named_rows()[0].ends_with(".ndjson line 2"));
}

#[tokio::test]
async fn parts_hold_whole_rows_and_stay_small() {
    let row = |number: usize, size: usize| {
        format!("{{\"id\":\"{number}\",\"text\":\"{}\"}}\n", "x".repeat(size))
    };
    let many: String = (1..=2500).map(|number| row(number, 1)).collect();
    let imported = import_bytes("a.ndjson", many, &[]).await;
    let urls: Vec<_> = imported.captures.iter().map(|part| part.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "file:///a.ndjson#rows=1-1000",
            "file:///a.ndjson#rows=1001-2000",
            "file:///a.ndjson#rows=2001-2500"
        ]
    );
    assert_eq!(imported.rows(), (2500, 0));

    let large: String = (1..=40).map(|number| row(number, 300_000)).collect();
    let imported = import_bytes("a.ndjson", &large, &[]).await;
    assert!(imported.captures.iter().all(|part| part.body.len() <= 1024 * 1024));
    let bytes: Vec<u8> = imported.captures.iter().flat_map(|part| part.body.clone()).collect();
    assert_eq!(bytes, large.as_bytes(), "nothing is lost or changed");
    assert_eq!(imported.rows(), (40, 0));
}

#[tokio::test]
async fn a_row_that_is_too_long_is_counted_and_the_next_keeps_its_number() {
    let long = "x".repeat(3 * 1024 * 1024);
    let lines = format!("{{\"id\":\"1\",\"text\":\"a\"}}\n{{\"text\":\"{long}\"}}\n{{\n");
    let rows = format!("id,text\n1,a\n2,\"{long}\"\n3,\n");
    for (name, content, place) in
        [("a.ndjson", lines, "file:///a.ndjson line 3"), ("a.csv", rows, "file:///a.csv line 4")]
    {
        let imported = import_bytes(name, content, &[]).await;
        assert_eq!((imported.tally.of("row.too-long"), imported.rows()), (1, (1, 1)), "{name}");
        assert_eq!(imported.row_problems[0].place, place);
        let walk: Vec<_> = imported.problems.iter().map(named).collect();
        assert_eq!(walk, [format!("row.too-long at file:///{name} line {}", place_before(place))]);
    }
}

#[tokio::test]
async fn importing_twice_gives_the_same_parts_and_postings() {
    let content = "text,author\nсклад,a\nсклад,b\n";
    let (first, second) =
        (import_bytes("a.csv", content, &[]).await, import_bytes("a.csv", content, &[]).await);
    assert_eq!(first.captures, second.captures);
    assert_eq!(first.postings, second.postings);
    assert_ne!(first.postings[0].id, first.postings[1].id, "they differ in their author");
}

/// The number of the line before this place.
fn place_before(place: &str) -> u64 {
    place.rsplit(' ').next().unwrap().parse::<u64>().unwrap() - 1
}
