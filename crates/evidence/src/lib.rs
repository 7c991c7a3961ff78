//! Captures, snapshots, the custody log, and their verification: what a desk must never lose or
//! change.
//!
//! Four folders of a desk are the truth, and this crate alone writes them:
//!
//! | folder | holds | format |
//! |---|---|---|
//! | `captures/` | every page as fetched | WARC 1.1 (ISO 28500), one gzip member a record |
//! | `snapshots/` | the evidence of each flagged posting | WACZ 1.1.1 |
//! | `custody/` | who did what, when, to what | hash-chained lines of JSON |
//! | `time/` | when it was there at the latest | RFC 3161 tokens, and the way from each file to them |
//!
//! The custody log is the desk's single log of events: whatever happens is written there, synced,
//! and acknowledged only then. A capture's bytes are synced before the entry that lists them, so
//! the log never speaks of bytes that are not there; bytes that no entry lists (a crash between
//! the two) are set aside at the next opening and collected again.
//!
//! ```
//! use evidence::{CustodyLog, Event};
//!
//! # let folder = tempfile::tempdir()?;
//! # let desk = folder.path();
//! let (mut log, _recovery) = CustodyLog::open(&desk.join("custody"))?;
//! let lead: domain::LeadId = "l-0123456789abcdef01234567".parse()?;
//! log.append("2026-11-23T10:00:00Z".parse()?, "Olena K.", vec![Event::Claim { lead }])?;
//! log.seal()?;
//!
//! let report = evidence::verify(desk, &mut |_done, _total| ())?;
//! assert_eq!((report.entries, report.faults.len()), (1, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Checking a desk by hand
//!
//! A line of the custody log ends with `,"hash":"sha256:..."}`. The hash is the SHA-256 of all
//! bytes of the line before `,"hash":`; `prev` is the hash of the line before, in the first line
//! 64 zeros. So line 7 is checked by
//!
//! ```sh
//! sed -n 7p custody/log-000001.ndjson | sed 's/,"hash":"sha256:[0-9a-f]*"}$//' | tr -d '\n' | sha256sum
//! ```
//!
//! and a capture, by the `offset`, `length` and `record` of its entry, by
//!
//! ```sh
//! tail -c +$((offset + 1)) captures/20261123-000001.warc.gz | head -c "$length" | sha256sum
//! ```
//!
//! What was deleted when its time was past stays in the chain: a capture's bytes are a tombstone of the
//! same length, and a line of the log that said too much is shortened, with the `hash` that it had and
//! a digest of its own, `short`. A later entry, a `deletion`, states that digest:
//!
//! ```sh
//! sed -n 7p custody/log-000001.ndjson | sed 's/,"short":.*//' | tr -d '\n' | sha256sum
//! ```
//!
//! A snapshot's `sha256` is that of the whole file. `custody/head.json` holds number and hash of
//! the last entry when the desk was last closed, so that a log whose end was cut off is noticed.
//!
//! Not here: fetching, reading postings, deciding what is flagged, and the index (`store`), which
//! is made from the custody log and the captures.

mod at_rest;
mod capture_records;
mod captures;
mod custody;
mod custody_read;
mod deleting;
mod deletion;
mod durable;
mod entry;
mod error;
mod event;
mod extract;
mod grave;
mod gzip_member;
mod http_block;
mod inventory;
mod key;
mod picture;
mod reading;
mod recipient;
mod rehash;
mod shortened;
mod signed_head;
mod snapshot;
mod surt;
mod time;
mod tombstone;
mod verify;
mod verify_batch;
mod verify_beside;
mod verify_chain;
mod verify_deletions;
mod verify_left_over;
mod verify_listed;
mod verify_mark;
mod wacz;
mod wacz_read;
mod warc_write;

pub use at_rest::{AtRest, AtRestChange, EvidenceKey, Resealed, Vault};
pub use captures::{CaptureArchive, Stored};
pub use custody::CustodyLog;
pub use custody_read::{LastCaptures, entries, last_captures};
pub use deleting::{DELETION_PLAN, LEFT_OVER, PACKETS, SENDERS, carry_out_deletions};
pub use deletion::{Because, Deleted, Deletion, ShortLine};
pub use durable::replace as replace_file;
pub use entry::Entry;
pub use error::{EvidenceError, Recovery};
pub use event::Event;
pub use key::{DeskKey, check_signature};
pub use picture::{Browser, Mark, Picture, Rectangle, Sought, has_a_picture, picture_in};
pub use reading::Depth;
pub use recipient::{Recipient, encrypt_for};
pub use rehash::{Rehashed, rehash};
pub use signed_head::sign_head;
pub use snapshot::{
    ToFreeze, Viewed, has_media, take_instead, take_snapshot, take_snapshots, take_with_media,
};
pub use time::{
    Beside, Leaf, Proof, Stamp, TimeRecord, Unstamped, keep_token, proofs, stamps, unstamped,
};
pub use verify::{Fault, VerifyReport, verify, verify_from};
pub use verify_mark::{ReadEarlier, VerifyMark};
pub use wacz_read::{PagePicture, page_picture};
pub use warc::{WarcProblem, WarcReader, WarcRecord};
