//! The contract of a collector, the polite client that is the only code which dials out, and the
//! collectors that read files.

mod charset;
mod contract;
mod fetch_outcome;
mod html_tree;
mod plain_text;
mod saved_web;

pub use charset::{Decoded, decode};
pub use contract::{
    CaptureSink, Collector, FetchRefusal, Fetched, KeepError, Page, Reading, Request, Scan,
    ScanError, Validators, Web,
};
pub use html_tree::{HtmlTooComplex, MAX_DEPTH, MAX_NODES, anchors, link_target, parse_html};
pub use plain_text::plain_text;
pub use saved_web::SavedWeb;
