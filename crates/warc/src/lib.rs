//! Reads WARC files (ISO 28500), ours and others': plain or gzip, a member a record or one for all,
//! versions 1.0 and 1.1, line ends of either kind. Bounded in memory, never panics, whatever the
//! bytes.
//!
//! This crate takes files apart. What a record means is for others: `evidence` reads back what it
//! kept itself, `collect` takes in what other programs archived. Writing is `evidence`'s alone.
//!
//! ```
//! let file = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 3\r\n\r\nyes\r\n\r\n";
//! let mut records = warc::WarcReader::new(&file[..], 1024)?;
//! let record = records.next().unwrap()?;
//! assert_eq!((record.kind(), record.block.as_slice()), ("resource", &b"yes"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod digest;
mod http_head;
mod members;
mod record;

pub use digest::{DigestCheck, check_digest};
pub use http_head::{HttpHead, parse_head};
pub use record::{WarcProblem, WarcReader, WarcRecord};
