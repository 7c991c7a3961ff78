//! Parquet files as DuckDB and Arrow write them.

use std::path::{Path, PathBuf};

use domain::Language;

use crate::desk::{Imported, import, import_bytes};

fn written_by(program: &str) -> PathBuf {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/parquet");
    seeds.join(format!("{program}.parquet"))
}

async fn imported(program: &str, columns: &[(&str, &str)]) -> Imported {
    import("parquet", &written_by(program), columns).await
}

#[tokio::test]
async fn columns_are_mapped_as_in_csv_and_mark_up_taken_off() {
    let imported = imported("duckdb", &[("text", "body")]).await;
    assert_eq!(
        imported.texts(),
        [
            "Потрібні пакувальниці на склад, житло за рахунок роботодавця.",
            "Munca in Italia.\nScrieti pe Telegram."
        ]
    );
    assert_eq!(imported.named_rows(), ["row.no-text at file:///duckdb.parquet line 3"]);
    let first = &imported.postings[0];
    assert_eq!((first.key.as_str(), first.title.as_deref()), ("1", Some("Склад")));
    assert_eq!(
        first.published_at.map(|time| time.to_string()).as_deref(),
        Some("2026-03-01T10:00:00Z")
    );
}

#[tokio::test]
async fn what_the_rows_said_is_kept_a_line_each() {
    let imported = imported("duckdb", &[("text", "body")]).await;
    let [part] = imported.captures.as_slice() else { panic!() };
    assert_eq!(part.url, "file:///duckdb.parquet#rows=1-3");
    let first = part.body.split(|byte| *byte == b'\n').next().unwrap();
    let cells: serde_json::Value = serde_json::from_slice(first).unwrap();
    assert_eq!(
        (&cells["day"], &cells["pay"], &cells["remote"]),
        (&"2026-03-01".into(), &"12.50".into(), &"true".into())
    );
    let row = imported.postings[0].row.unwrap();
    assert_eq!(&part.body[row.start..row.end - 1], first);
}

#[tokio::test]
async fn every_packing_in_use_is_read() {
    for packing in ["arrow-snappy", "arrow-gzip", "arrow-lz4"] {
        let imported = imported(packing, &[]).await;
        let found: Vec<_> =
            imported.postings.iter().map(|one| (one.key.as_str(), one.language.unwrap())).collect();
        assert_eq!(found, [("a", Language::Uk), ("b", Language::Ro)], "{packing}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_one_clear_sentence() {
    let whole = std::fs::read(written_by("duckdb")).unwrap();
    let cut = &whole[..whole.len() - 20];
    for (bytes, columns, outcome, sentence) in [
        (
            b"id,text\n1,a\n".as_slice(),
            [("text", "body")],
            "file.not-parquet",
            "is no whole Parquet file",
        ),
        (cut, [("text", "body")], "file.not-parquet", "is no whole Parquet file"),
        (
            &whole,
            [("text", "words")],
            "file.no-column",
            "has no column `words`; it has: id, title, body",
        ),
    ] {
        let problem = import_bytes("drop.parquet", bytes, &columns).await.incomplete.unwrap();
        assert_eq!(problem.outcome.name, outcome);
        assert!(problem.detail.contains(sentence), "{}", problem.detail);
    }
    let none = imported("no-rows", &[]).await;
    assert_eq!(none.problems[0].detail, "no-rows.parquet has no rows");
}

/// The library panics at some of these.
#[tokio::test]
async fn a_file_with_a_changed_byte_is_read_or_refused() {
    let mut refused = 0;
    for program in ["duckdb", "arrow-snappy"] {
        let whole = std::fs::read(written_by(program)).unwrap();
        for place in (0..whole.len()).step_by(3) {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[place] ^= change;
                let imported = import_bytes("drop.parquet", changed, &[("text", "body")]).await;
                refused += usize::from(imported.incomplete.is_some());
            }
        }
    }
    assert!(refused > 100, "only {refused} were refused");
}
