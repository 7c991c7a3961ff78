//! Real job ads: every row of the file comes out as a posting or as a named problem.

use std::io::Read as _;

use crate::desk::{import, reference_data};

#[tokio::test]
async fn every_row_of_real_job_ads_is_accounted_for() {
    let Some(folder) = reference_data() else { return };
    let superjob = [("title", "name"), ("text", "duties+requirements+conditions"), ("url", "url")];
    let hh = [
        ("title", "Название"),
        ("text", "Требования"),
        ("employer", "Компания"),
        ("url", "Ссылка"),
    ];
    let emscad = [("id", "job_id"), ("text", "company_profile+description+requirements+benefits")];
    let files: [(&str, &[(&str, &str)]); 4] = [
        ("superjob_ru_530.csv.gz", &superjob),
        ("hh_ru_1171_snippets.csv.gz", &hh),
        ("emscad_raw_first499_partA.csv.gz", &emscad),
        ("emscad_balanced_lemmatised_partA.csv.gz", &[]),
    ];
    for (name, columns) in files {
        let path = folder.join("jobads").join(name);
        let mut csv = Vec::new();
        flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap())
            .read_to_end(&mut csv)
            .unwrap();
        let rows = csv::Reader::from_reader(csv.as_slice()).byte_records().count();

        let imported = import("csv", &path, columns).await;
        let (read, failed) = imported.rows();
        eprintln!("{name}: {rows} rows, {read} read, {failed} failed: {:?}", imported.named_rows());
        assert_eq!(imported.incomplete, None, "{name}");
        assert_eq!(read + failed, rows, "{name}");
        assert!(read * 100 >= rows * 99, "{name}");
        let tags = |text: &str| text.contains("highlighttext") || text.contains("&amp;");
        assert!(!imported.texts().into_iter().any(tags), "{name} keeps mark-up");
        // Parts are the file's own bytes, cut between rows.
        let header = csv.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let parts: Vec<u8> =
            imported.captures.iter().flat_map(|part| part.body[header..].to_vec()).collect();
        assert_eq!(parts, csv[header..], "{name}");
    }
}
