//! Stories through the public face of the store, on every implementation of it, and the damage that
//! the one on disk must survive.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod contract;
mod damage;
mod frozen;
mod kill;
mod laws;
mod samples;
