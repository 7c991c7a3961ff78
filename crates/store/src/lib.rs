//! The index of a desk: leads, queue order, seen keys, checkpoints. Rebuildable: it is what you get
//! by folding the custody log, so nothing is lost with it.
//!
//! [`Store`] is the contract, whose unit is one atomic [`Batch`]. [`SledStore`] keeps it on disk
//! behind a guard, since sled 0.34 can open a shortened file as an empty database without a word;
//! [`MemoryStore`] keeps it in memory.
//!
//! ```
//! use store::{Batch, Change, MemoryStore, Store};
//!
//! let store = MemoryStore::default();
//! let change = Change::SetCheckpoint { source: "feed".parse()?, checkpoint: Default::default() };
//! store.commit(&Batch { changes: vec![change], applied: Some(7) })?;
//! assert_eq!(store.applied()?, 7);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate does not know where its changes come from and holds no evidence.

mod batch;
mod guard;
mod index;
mod keys;
mod memory_store;
mod records;
mod sidecar;
mod sled_store;

use std::path::PathBuf;

pub use batch::{Batch, Change};
pub use guard::Opened;
pub use index::{Index, Records, Writes};
pub use memory_store::{MemoryRecords, MemoryStore};
pub use records::{Counts, QueueFilter, Seen, Store, StoredCapture, StoredPosting, same_content};
pub use sled_store::{SledRecords, SledStore};

/// Why the index could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("the index {0} is in use by another process")]
    InUse(PathBuf),
    /// It was written by a newer program.
    #[error(
        "the index {path} has format {found}, this program knows up to {known}: use a newer fusion"
    )]
    Newer {
        /// Its folder.
        path: PathBuf,
        /// What it says.
        found: u32,
        /// What we know.
        known: u32,
    },
    /// It does not hold what it must. The next start sets it aside and makes it anew.
    #[error("the index is damaged: {0}; run the command again: it will be made anew")]
    Damaged(String),
    /// A file could not be read or written.
    #[error("cannot {doing} {path}: {error}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl StoreError {
    fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { doing, path, error }
    }
}
