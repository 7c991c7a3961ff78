//! The contract of a collector, the polite client that is the only code which dials out, and the
//! collectors that read files.
//!
//! A collector fetches through a [`Scan`], which keeps every capture before it is read, and reads
//! captures without any network. What pages and files share is here too: decoding bytes, taking
//! mark-up off, links. Reading a feed, a job page or a channel is the business of other crates.
//!
//! ```
//! let page = collect::decode(b"<p>One<br>two &amp; three", Some("text/html; charset=utf-8"));
//! assert_eq!(collect::plain_text(&page.text), "One\ntwo & three");
//! assert_eq!(collect::detect_kind("drop.csv.gz".as_ref()), Some("csv"));
//! ```

mod authority;
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
#[cfg(test)]
mod loopback;
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

pub use authority::ask_authority;
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
