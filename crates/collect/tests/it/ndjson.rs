use domain::{Language, PostingKind};
use proptest::prelude::*;

use crate::desk::{import_bytes, read};

#[tokio::test]
async fn a_line_is_read_in_the_form_that_assess_takes() {
    let line = r#"{"id":"7","text":" a <b> & c\nd ","title":"t","lang":"uk","kind":"tip","url":"https://example.org/7","author":"@x","published_at":"2026-02-01T00:00:00Z","region":"ua","more":{"text":1}}"#;
    let imported = import_bytes("a.ndjson", format!("\u{feff}{line}\r\n"), &[]).await;
    let posting = &imported.postings[0];
    // The text is the author's, not a page's: no mark-up is taken off, spans must fit.
    assert_eq!(posting.text, " a <b> & c\nd ");
    assert_eq!((posting.key.as_str(), posting.title.as_deref()), ("7", Some("t")));
    assert_eq!((posting.language, posting.kind), (Some(Language::Uk), PostingKind::Tip));
    assert_eq!(posting.region.map(|region| region.to_string()).as_deref(), Some("UA"));
    assert_eq!(
        posting.published_at.map(|time| time.to_string()).as_deref(),
        Some("2026-02-01T00:00:00Z")
    );
    assert_eq!(posting.capture, imported.captures[0].id);
}

#[tokio::test]
async fn each_bad_line_is_named_with_its_place() {
    let lines = b"{\"text\":\"good\",\"id\":5,\"title\":null,\"lang\":7}\nno json\n\n{\"id\":\"x\"}\n{\"text\":\" \"}\n{\"text\":\"\xff\"}\n[\"a\",\"b\"]\n7\n{\"text\":\"cut";
    let imported = import_bytes("a.jsonl", lines, &[]).await;
    assert_eq!(imported.texts(), ["good"]);
    assert_eq!(imported.postings[0].key, "5");
    let place = |outcome: &str, line: u32| format!("{outcome} at file:///a.jsonl line {line}");
    assert_eq!(
        imported.named_rows(),
        [
            place("row.not-json", 2),
            place("row.no-text", 4),
            place("row.no-text", 5),
            place("row.not-utf8", 6),
            place("row.not-json", 7),
            place("row.not-json", 8),
            place("row.not-json", 9),
        ]
    );
}

#[tokio::test]
async fn a_problem_does_not_quote_the_row() {
    let imported = import_bytes("a.ndjson", r#"{"text": secret}"#, &[]).await;
    assert!(!format!("{:?}", imported.row_problems).contains("secret"));
}

#[test]
fn deep_nesting_is_a_bad_line() {
    let deep = format!("{{\"text\":\"x\",\"more\":{}", "[".repeat(500_000));
    assert_eq!(read("ndjson", "file:///a#rows=1-1", "", deep.as_bytes()).problems.len(), 1);
}

proptest! {
    #[test]
    fn every_line_is_a_posting_or_a_problem(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let reading = read("ndjson", "file:///a#rows=1-9", "", &bytes);
        let lines = bytes.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line));
        let lines = lines.filter(|line| !line.trim_ascii().is_empty()).count();
        prop_assert_eq!(reading.postings.len() + reading.problems.len(), lines);
    }

    #[test]
    fn every_almost_good_line_is_a_posting_or_a_problem(lines in proptest::collection::vec("(\\{\"text\":|\"[a-z]{0,3}\"|\\}|,|\"id\":|7){1,6}", 0..8)) {
        let reading = read("ndjson", "file:///a#rows=1-9", "", lines.join("\n").as_bytes());
        prop_assert_eq!(reading.postings.len() + reading.problems.len(), lines.len());
    }
}
