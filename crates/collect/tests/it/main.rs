//! Stories of files and pages, through the public names of the crate.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod archives;
mod charsets;
mod csv;
mod desk;
mod files;
mod folder;
mod hostile;
mod job_ads;
mod ndjson;
mod parquet;
mod saved;
mod saved_pages;
mod telegram_export;
