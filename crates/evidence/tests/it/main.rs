//! Stories about evidence: kept, read back, damaged, cut off, checked by other tools.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod at_rest;
mod captures;
mod custody;
mod deletions;
mod frozen;
mod going_on;
mod outside_tools;
mod pictures;
mod power_cut;
mod sample;
mod signed_head;
mod snapshots;
mod tampering;
#[path = "../../../../tests/tools.rs"]
mod tools;
mod warc;
