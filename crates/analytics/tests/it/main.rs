//! Stories of the archive and of what is counted in it.

#![allow(clippy::unwrap_used, unreachable_pub, missing_docs, reason = "tests")]

mod archive;
mod brief;
mod decisions;
mod emerging;
mod hunting;
mod trends;
mod year;
