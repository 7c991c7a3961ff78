//! The nouns of the fusion center, one file each, with their ids.
//!
//! This crate is for the words that all rooms share: what a source, a capture, a posting, a
//! finding or a lead *is*. It does no I/O, reads no clock and knows no other crate of ours.
//!
//! ```
//! use domain::{Band, Score};
//!
//! assert_eq!(Band::of(Score::from_probability(0.87)), Band::Critical);
//! assert!(Band::Medium.is_flagged());
//! ```

mod assessment;
mod attachment;
mod capture;
mod checkpoint;
mod clock;
mod contact;
mod cover;
mod digest;
mod grading;
mod host;
mod id;
mod image;
mod language;
mod lead;
mod lease;
mod link_key;
mod mask;
mod outcome;
mod part;
mod posting;
mod problem;
mod revisit;
mod source;
mod span;
mod task;
mod walk;

pub use assessment::{Assessment, Band, Finding, Score};
pub use attachment::Attachment;
pub use capture::{Capture, CaptureMethod, CaptureRole, Header, Peer};
pub use checkpoint::Checkpoint;
pub use clock::{Clock, FixedClock};
pub use contact::{Contact, ContactKind};
pub use cover::{CoverSheet, Translation};
pub use digest::{ParseDigestError, Sha256, hex};
pub use grading::{GradeError, GradeScheme, Grading, Tlp};
pub use host::HostStanding;
pub use id::{CaptureId, IdError, IndicatorId, LeadId, PostingId, RuleId, SourceId};
pub use image::{ImageHash, ParseImageHashError};
pub use language::{Language, Region};
pub use lead::{
    Claim, Decision, Lead, LeadReason, LeadStatus, Link, LinkKind, Note, Ruling, Snapshot, Spread,
    Verdict,
};
pub use lease::Lease;
pub use link_key::{KeyUse, LinkKey};
pub use mask::masked;
pub use outcome::{Outcome, OutcomeClass, Tally};
pub use part::{PagePart, PartFetch};
pub use posting::{Pay, PostMarks, Posting, PostingKind, RowPlace};
pub use problem::Problem;
pub use revisit::{Found, Revisit};
pub use source::{Selectors, Source, SourceKind, Wanted};
pub use span::{Field, Span};
pub use task::{Task, TaskNote};
pub use walk::{Walk, Yield};
