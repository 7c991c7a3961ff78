//! The archive of postings, and what can be counted and found in it. The only room that sees polars.
//!
//! An [`Archive`] keeps every wording of every posting that was read, with its assessment, in Parquet
//! files by day. It is a view of the custody log and the captures: thrown away, it is made anew.
//!
//! ```
//! use analytics::Archive;
//!
//! # let folder = tempfile::tempdir()?;
//! let archive = Archive::open(&folder.path().join("archive"))?;
//! assert_eq!((archive.applied(), archive.extent()?.rows), (0, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It fetches nothing, decides nothing and knows no clock. Whatever is meant to leave the desk goes
//! without small counts, so that none can point at a person.

mod archive;
mod brief;
mod calibration;
mod cases;
mod chance;
mod counts;
mod double_read;
mod emerging;
mod error;
mod grams;
mod hands;
mod hunt;
mod lexicon;
mod tally;
mod trends;
mod week;

pub use archive::{Archive, Arrival, Extent};
pub use brief::{
    BRIEF_LANGUAGES, BRIEF_TEMPLATE, Block, Brief, BriefOptions, BriefSheet, Wording, brief,
    brief_html, brief_sheet, name,
};
pub use calibration::{
    Agreement, Calibration, DecidedLead, Hours, KeptShare, ReliabilityBin, RuleCost, RuleFate,
    calibration, decided_leads, rule_fates,
};
pub use cases::{CaseSign, TrainingCase, case_sheets, cases};
pub use chance::Ratio;
pub use counts::Dimension;
pub use double_read::{SecondReading, ToRead, double_read, second_reading};
pub use emerging::{Candidate, CandidateKind, Emerging, EmergingOptions, Quoted, emerging};
pub use error::AnalyticsError;
pub use hunt::{Found, Hit, HuntCounts, hunt};
pub use trends::{Change, Trend, TrendOptions, Trends, trends};
pub use week::Week;
