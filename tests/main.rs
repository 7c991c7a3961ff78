//! Stories through the public commands, and the rules of the house, in one binary: each separate
//! one would link everything again.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    unreachable_pub,
    missing_docs,
    reason = "tests"
)]

mod architecture;
mod authority;
mod desk;
mod hosts;
mod kind_boards;
mod kinds;
mod licences;
mod paper;
mod stories;
mod tools;
