use domain::PostingKind;
use proptest::prelude::*;

use crate::desk::{import_bytes, read};

#[tokio::test]
async fn columns_are_mapped_and_several_make_a_text() {
    let csv = "Ref;Opis;Wymagania;Firma;Data\n1;\"<p>Praca &amp; dom</p>\";od zaraz;Alfa;01.02.2026\n2;Magazyn;;;\n";
    let columns = [
        ("id", "ref"),
        ("text", "Opis + Wymagania"),
        ("employer", "Firma"),
        ("published_at", "Data"),
    ];
    let imported = import_bytes("drop.csv", csv, &columns).await;
    assert_eq!(imported.texts(), ["Praca & dom\n\nod zaraz", "Magazyn"]);
    let [first, second] = imported.postings.as_slice() else { panic!() };
    assert_eq!((first.key.as_str(), first.employer.as_deref()), ("1", Some("Alfa")));
    assert_eq!((first.kind, second.kind), (PostingKind::JobAd, PostingKind::SocialPost));
    assert_eq!(
        first.published_at.map(|time| time.to_string()).as_deref(),
        Some("2026-02-01T00:00:00Z")
    );
}

#[tokio::test]
async fn headers_that_are_field_names_need_no_map() {
    let imported =
        import_bytes("a.tsv", "ID\tText\tURL\n1\tскладі\thttps://example.org\n", &[]).await;
    assert_eq!(imported.texts(), ["складі"]);
    assert_eq!(imported.postings[0].url.as_deref(), Some("https://example.org"));
}

#[tokio::test]
async fn a_missing_column_is_one_clear_sentence_at_the_start() {
    for (columns, sentence) in [
        (vec![("text", "opis")], "drop.csv has no column `opis`; it has: id, body"),
        (vec![("text", "body+opis")], "drop.csv has no column `opis`; it has: id, body"),
        (vec![], "drop.csv has no column `text`; it has: id, body"),
        (
            vec![("words", "body")],
            "a posting has no field `words` that drop.csv could fill; it has: id, text, title, url, author, employer, published_at, lang, region, kind",
        ),
    ] {
        let imported = import_bytes("drop.csv", "id,body\n1,x\n", &columns).await;
        let problem = imported.incomplete.unwrap();
        assert_eq!((problem.outcome.name, problem.detail.as_str()), ("file.no-column", sentence));
        assert!(imported.captures.is_empty());
    }
}

#[tokio::test]
async fn quoted_lines_stay_together_and_places_are_true_lines() {
    let csv = "id,text\n1,\"one\ntwo\"\n\n2,\n3,\"say \"\"x\"\"\"\n4,\n";
    let imported = import_bytes("a.csv", csv, &[]).await;
    assert_eq!(imported.texts(), ["one\ntwo", "say \"x\""]);
    assert_eq!(
        imported.named_rows(),
        ["row.no-text at file:///a.csv line 5", "row.no-text at file:///a.csv line 7"]
    );
    assert_eq!(imported.captures[0].url, "file:///a.csv#rows=1-4&line=2");
}

#[tokio::test]
async fn every_part_begins_with_the_header_and_knows_its_first_line() {
    let rows: String = (1..=1500).map(|number| format!("{number},\"a\nb\"\n")).collect();
    let imported = import_bytes("a.csv", format!("\u{feff}id,\"text\"\n{rows}1501,"), &[]).await;
    assert_eq!(imported.rows(), (1500, 1));
    let second = &imported.captures[1];
    assert_eq!(second.url, "file:///a.csv#rows=1001-1501&line=2002");
    assert!(second.body.starts_with("\u{feff}id,\"text\"\n1001,\"a".as_bytes()));
    assert_eq!(imported.row_problems[0].place, "file:///a.csv line 3002");
}

#[tokio::test]
async fn files_of_old_programs_are_read_in_their_encoding() {
    let text = "Потрібні пакувальниці на склад, житло за рахунок роботодавця";
    let csv = format!("id;text\r\n1;{text}\r\n2;\"{text}\"\r\n");
    let cyrillic = encoding_rs::WINDOWS_1251.encode(&csv).0.into_owned();
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(csv.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for content in [cyrillic, wide, csv.into_bytes()] {
        assert_eq!(import_bytes("a.csv", &content, &[]).await.texts(), [text, text]);
    }
}

#[tokio::test]
async fn one_row_that_is_no_utf_8_does_not_spoil_the_others() {
    let mut csv = "id,text\n1,склад і житло\n2,".as_bytes().to_vec();
    csv.extend(b"\xff\xfe\n3,");
    csv.extend("робота".as_bytes());
    let imported = import_bytes("a.csv", csv, &[]).await;
    assert_eq!(imported.texts(), ["склад і житло", "робота"]);
    assert_eq!(imported.named_rows(), ["row.not-utf8 at file:///a.csv line 3"]);
}

#[tokio::test]
async fn links_behind_words_are_kept() {
    let csv = "text,url\n\"<a href='/form'>here</a>\",https://example.org/1\n";
    let imported = import_bytes("a.csv", csv, &[]).await;
    assert_eq!(imported.texts(), ["here"]);
    assert_eq!(imported.postings[0].hidden_links, ["https://example.org/form"]);
}

#[tokio::test]
async fn a_stray_quote_costs_nobody_a_row() {
    let csv = format!("id,text\n{}", "1,труба 5\" сталь\n2,b\n".repeat(1000));
    assert_eq!(import_bytes("a.csv", csv, &[]).await.rows(), (2000, 0));
}

/// Rows of a table by another reader than ours.
fn records(csv: &[u8]) -> usize {
    ::csv::ReaderBuilder::new().flexible(true).from_reader(csv).byte_records().count()
}

proptest! {
    #[test]
    fn every_row_is_a_posting_or_a_problem(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let csv = [b"id,text\n".as_slice(), &bytes].concat();
        let reading = read("csv", "file:///a#rows=1-9&line=2", "text/csv; charset=UTF-8", &csv);
        prop_assert_eq!(reading.postings.len() + reading.problems.len(), records(&csv));
    }

    #[test]
    fn any_table_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in "\\PC{0,20}") {
        read("csv", "file:///a", &kind, &bytes);
    }
}
