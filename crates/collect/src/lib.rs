//! The contract of a collector, the polite client that is the only code which dials out, and the
//! collectors that read files.
//!
//! A collector fetches through a [`Scan`], which keeps every capture before it is read, and reads
//! captures without any network. What several sources share is here too: decoding bytes, taking
//! mark-up off, links, the forms of feeds and sitemaps, walking back through posts, listening to a
//! stream. What a job page or a channel says is the business of other crates.
//!
//! ```
//! let page = collect::decode(b"<p>One<br>two &amp; three", Some("text/html; charset=utf-8"));
//! assert_eq!(collect::plain_text(&page.text), "One\ntwo & three");
//! assert_eq!(collect::detect_kind("drop.csv.gz".as_ref()), Some("csv"));
//! ```

mod api_key;
mod archive_record;
mod authority;
mod backwards;
mod charset;
mod contract;
mod csv_columns;
mod csv_file;
mod csv_rows;
mod feed;
mod feed_entry;
mod feed_field;
mod feed_json;
mod feed_links;
mod feed_xml;
mod fetch_outcome;
mod file_capture;
mod file_opening;
mod file_parts;
mod files;
mod folder;
mod guard;
mod html_file;
mod html_tree;
mod images;
mod inert;
mod json_cut;
mod known_robots;
mod live_stream;
mod live_walk;
#[cfg(test)]
mod loopback;
mod mhtml_file;
mod ndjson;
mod page_text;
mod parquet_file;
mod picture_kind;
mod plain_text;
mod polite_client;
mod polite_settings;
mod polite_stream;
mod post_list;
mod robots;
mod room;
mod row;
mod saved_page;
mod saved_web;
mod scan;
mod sitemap_file;
mod stated_time;
mod stylesheets;
mod telegram_export;
mod telegram_message;
mod tip_form;
mod tip_text;
mod turns;
mod wacz_file;
mod wacz_package;
mod warc_file;
mod webhook;
mod wire;
mod wire_error;

pub use api_key::{ApiKey, KeyPlace, KeyRing};
pub use authority::ask_authority;
pub use backwards::{Older, Place, Shown, walk_back};
pub use charset::{Decoded, decode};
pub use contract::{
    CaptureSink, Collector, FetchRefusal, Fetched, KeepError, Reading, Request, ScanError,
    Validators, Web,
};
pub use feed::read_feed;
pub use feed_entry::Markup;
pub use feed_links::feeds_of;
pub use file_parts::lines_of;
pub use files::{FILE_KINDS, detect_kind, file_collectors, is_file_kind};
pub use html_tree::{
    HtmlTooComplex, MAX_DEPTH, MAX_NODES, anchors, base_of, link_target, parse_html,
};
pub use images::{Images, is_image_address};
pub use inert::{InertPage, Pictures, inert_page, inert_pictures};
pub use live_stream::{Heard, LiveStream};
pub use live_walk::{Fate, Live, Message, listen};
pub use picture_kind::picture_kind;
pub use plain_text::plain_text;
pub use polite_client::PoliteClient;
pub use polite_settings::{ClientError, PoliteSettings};
pub use post_list::{ListOf, PassedOver, null_as_default, parameter, read_list, with_parameter};
pub use robots::robots_allow;
pub use room::Room;
pub use saved_page::PageReader;
pub use saved_web::SavedWeb;
pub use scan::{Instead, Page, Scan};
pub use sitemap_file::{Listed, SitemapFile, read_sitemap};
pub use stated_time::stated_time;
pub use stylesheets::{may_name_stylesheets, stylesheets};
pub use tip_form::{EMPTY_FORM, TipForm, TipFormError, TipSender, read_tip};
pub use tip_text::{
    TIP_KIND, attached_to, attachment_address, attachment_capture, tip_address, tip_capture,
};
pub use webhook::{SIGNATURE_HEADER, Webhook};
