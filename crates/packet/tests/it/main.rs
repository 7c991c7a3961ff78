//! Packets: what they tell in four languages, what they keep back, and what others can check.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod container;
mod exchange;
#[cfg(feature = "pdf")]
#[path = "../../../../tests/paper.rs"]
mod paper;
#[cfg(feature = "pdf")]
mod pdf;
mod pictures;
mod redaction;
mod report;
mod sample;
mod signature;
mod tampering;
#[path = "../../../../tests/tools.rs"]
mod tools;
