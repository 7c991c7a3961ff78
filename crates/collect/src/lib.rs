//! The contract of a collector, the polite client that is the only code which dials out, and the
//! collectors that read files.

mod charset;
mod contract;
mod csv_columns;
mod csv_file;
mod csv_rows;
mod fetch_outcome;
mod file_opening;
mod file_parts;
mod files;
mod guard;
mod html_tree;
mod known_robots;
mod ndjson;
mod plain_text;
mod polite_client;
mod polite_settings;
mod robots;
mod row;
mod saved_web;
mod turns;
mod wire;
mod wire_error;

pub use charset::{Decoded, decode};
pub use contract::{
    CaptureSink, Collector, FetchRefusal, Fetched, KeepError, Page, Reading, Request, Scan,
    ScanError, Validators, Web,
};
pub use files::{detect_kind, file_collectors};
pub use html_tree::{HtmlTooComplex, MAX_DEPTH, MAX_NODES, anchors, link_target, parse_html};
pub use plain_text::plain_text;
pub use polite_client::PoliteClient;
pub use polite_settings::{ClientError, PoliteSettings};
pub use saved_web::SavedWeb;
