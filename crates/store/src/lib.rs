//! The rebuildable index of a desk: leads, queue order, seen postings, checkpoints.
//!
//! A desk's truth is in its captures and its log, which are never rewritten. This crate keeps a view
//! of them that answers quickly: what is on the review queue, whether a posting was seen before, who
//! else has this phone number. The view is made by applying what each entry of the log changes, as a
//! [`Batch`], and remembers how far it has come; what a crash has kept out of it is applied again,
//! and a damaged one is set aside and made anew. It knows nothing of how a log looks.
//!
//! ```
//! use store::{Batch, MemoryStore, QueueFilter, Store};
//!
//! let store = MemoryStore::new();
//! store.commit(&Batch { applied: Some(1), ..Batch::default() })?;
//! assert_eq!(store.applied()?, 1);
//! assert!(store.queue(&QueueFilter::default(), 50)?.is_empty());
//! # Ok::<(), store::StoreError>(())
//! ```
//!
//! It does not decide what a lead is, and it is never the only home of anything.

mod batch;
mod dump;
mod engine;
mod error;
mod fold;
mod folder;
mod keys;
mod memory_store;
mod opening;
mod packing;
mod proof;
mod queue_filter;
mod quiet;
mod seen;
mod sidecar;
mod sled_store;
mod state;
mod store;
mod values;

pub use batch::{Batch, Change, ContentMark, MOST_WALKS, StoredCapture, StoredPosting};
pub use error::StoreError;
pub use memory_store::MemoryStore;
pub use opening::Opened;
pub use queue_filter::QueueFilter;
pub use sled_store::SledStore;
pub use store::{Counts, Store};
