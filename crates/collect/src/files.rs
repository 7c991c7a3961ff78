use std::path::Path;
use std::sync::Arc;

use domain::Clock;

use crate::Collector;
use crate::csv_file::CsvFile;
use crate::ndjson::Ndjson;

/// The collectors of files. The clock dates what they read.
pub fn file_collectors(clock: Arc<dyn Clock>) -> Vec<Box<dyn Collector>> {
    vec![Box::new(Ndjson { clock: clock.clone() }), Box::new(CsvFile { clock })]
}

/// What a file is by its ending, `.gz` looked through.
pub fn detect_kind(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "ndjson" | "jsonl" => Some("ndjson"),
        "csv" | "tsv" => Some("csv"),
        _ => None,
    }
}
