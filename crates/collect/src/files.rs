use std::path::Path;
use std::sync::Arc;

use domain::Clock;

use crate::Collector;
use crate::csv_file::CsvFile;
use crate::folder::Folder;
use crate::html_file::HtmlFile;
use crate::mhtml_file::MhtmlFile;
use crate::ndjson::Ndjson;
use crate::parquet_file::ParquetFile;
use crate::saved_page::PageReader;
use crate::telegram_export::TelegramExport;
use crate::tip_text::TipText;
use crate::wacz_file::WaczFile;
use crate::warc_file::WarcFile;

/// The kinds of sources that are a file or a folder.
pub const FILE_KINDS: [&str; 9] =
    ["ndjson", "csv", "parquet", "warc", "wacz", "html", "mhtml", "telegram-export", "folder"];

/// Whether a source of this kind is a file or a folder, and no address.
pub fn is_file_kind(kind: &str) -> bool {
    FILE_KINDS.contains(&kind)
}

/// The collectors of files and of what people hand in. The clock dates what they read; `pages`
/// reads the pages that archives and saved files hold.
pub fn file_collectors(clock: Arc<dyn Clock>, pages: &PageReader) -> Vec<Box<dyn Collector>> {
    let mut all = kinds_of_files(&clock, pages);
    let files = kinds_of_files(&clock, pages);
    all.push(Box::new(Folder { clock, files }));
    all.push(Box::new(TipText));
    all
}

fn kinds_of_files(clock: &Arc<dyn Clock>, pages: &PageReader) -> Vec<Box<dyn Collector>> {
    let (clock, pages) = (|| clock.clone(), || pages.clone());
    vec![
        Box::new(Ndjson { clock: clock() }),
        Box::new(CsvFile { clock: clock() }),
        Box::new(ParquetFile { clock: clock() }),
        Box::new(WarcFile { clock: clock(), pages: pages() }),
        Box::new(WaczFile { clock: clock(), pages: pages() }),
        Box::new(HtmlFile { clock: clock(), pages: pages() }),
        Box::new(MhtmlFile { clock: clock(), pages: pages() }),
        Box::new(TelegramExport { clock: clock(), as_tips: false }),
        Box::new(TelegramExport { clock: clock(), as_tips: true }),
    ]
}

/// What a file is by its ending, `.gz` looked through.
pub fn detect_kind(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.')?.1 {
        "ndjson" | "jsonl" => Some("ndjson"),
        "csv" | "tsv" => Some("csv"),
        "parquet" => Some("parquet"),
        "warc" => Some("warc"),
        "wacz" => Some("wacz"),
        "html" | "htm" | "xhtml" => Some("html"),
        "mhtml" | "mht" => Some("mhtml"),
        "json" => Some("telegram-export"),
        _ => None,
    }
}
