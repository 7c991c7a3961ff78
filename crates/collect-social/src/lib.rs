//! Social-post sources, one file each.
//!
//! This crate is for reading public posts out of pages that anyone can open without an account. It
//! opens no connection of its own: `collect` fetches and keeps the captures, and what is read here
//! depends on them alone. It does not log in anywhere and follows no invitation.
//!
//! ```
//! let kinds: Vec<_> = collect_social::collectors().iter().map(|c| c.kind()).collect();
//! assert_eq!(kinds, [
//!     "telegram", "mastodon", "bluesky", "jetstream", "reddit", "lemmy", "vk", "comments"
//! ]);
//! ```

mod at_name;
mod bluesky;
mod bluesky_post;
mod comments;
mod jetstream;
mod jetstream_event;
mod lemmy;
mod lemmy_list;
mod mastodon;
mod mastodon_status;
mod reddit;
mod reddit_listing;
mod telegram;
mod telegram_marks;
mod telegram_page;
mod vk;
mod vk_wall;

use collect::Collector;

pub use at_name::{AtAccount, AtUri, Did, Handle, Nsid, RecordKey, Tid, at_datetime};
pub use bluesky::Bluesky;
pub use comments::Comments;
pub use jetstream::Jetstream;
pub use lemmy::Lemmy;
pub use mastodon::Mastodon;
pub use reddit::Reddit;
pub use telegram::Telegram;
pub use vk::Vk;

/// The collectors of this crate.
pub fn collectors() -> Vec<Box<dyn Collector>> {
    vec![
        Box::new(Telegram),
        Box::new(Mastodon),
        Box::new(Bluesky),
        Box::new(Jetstream),
        Box::new(Reddit),
        Box::new(Lemmy),
        Box::new(Vk),
        Box::new(Comments),
    ]
}
