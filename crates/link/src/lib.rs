//! Which postings belong together, and why. Pure.
//!
//! A posting has **keys** ([`keys`]): its contacts, the specific addresses it points to, its words,
//! and the bands of its sketch, which near-copies share; and, once its pictures are there, their bytes
//! and what they look like ([`look_at`], [`image_keys`]). Two flagged postings with the same key are
//! tied, unless the key has **stopped**: hotlines, numbers of job boards and other common links are
//! known by who uses them ([`KeyUse`]), and say nothing about whose hand it is. A **lead** is all
//! that is tied together, and what people said about it wins over every tie ([`Network`],
//! [`arrive`], [`heed`]). See `docs/decisions/0006-what-a-lead-is.md`.
//!
//! ```
//! use link::{MemoryNetwork, Signs, arrive};
//! use domain::{LinkKey, LinkKind};
//!
//! let mut network = MemoryNetwork::new();
//! let phone = LinkKey { kind: LinkKind::Contact, value: "+380000000001".to_owned() };
//! let keys = [link::KeyDigest::of(&phone)];
//! for posting in [1, 2] {
//!     let Ok(()) = arrive(&mut network, &posting, &keys, &Signs::default());
//! }
//! assert_eq!(network.groups(), [[1, 2]]);
//! ```
//!
//! Whoever holds an index of keys implements [`Network`]; this crate keeps nothing on disk, fetches
//! nothing and does not judge what a lead means.
//!
//! [`KeyUse`]: domain::KeyUse

mod image;
mod key;
mod layout;
mod lead;
mod memory_network;
mod network;
mod partition;
mod stop;
mod template;
mod tie;

pub use image::{Look, look_at};
pub use key::{
    Keys, LEAST_LIKENESS, MOST_CONTACTS, Ties, Words, image_keys, is_key, key_of, keys,
    placed_keys, strength, ties,
};
pub use lead::{after_act, divide, found, join};
pub use memory_network::{KeyDigest, MemoryNetwork};
pub use network::{Met, Network, Part, Retold, Said, arrive, heed, pass};
pub use stop::{Signs, is_common, is_stopped, learn, stop_reason};
pub use template::{SlotKind, Template, TemplatePart, template};
pub use tie::{in_words, links};
