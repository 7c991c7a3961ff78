//! What is handed over: a decided lead with its evidence, as one file that others can check without
//! our software.
//!
//! A packet is a BagIt 1.0 bag (RFC 8493) in a ZIP: a report to read, the data as JSON, the
//! evidence as captured, an excerpt of the custody log, `manifest-sha256.txt` as `sha256sum -c`
//! reads it, and a page on how to check it all. The ZIP's comment is the SHA-256 of every byte
//! before it, so that no byte can change unseen.
//!
//! ```no_run
//! let report = packet::verify(std::path::Path::new("packet.zip"))?;
//! assert!(report.faults.is_empty());
//! # Ok::<(), packet::PacketError>(())
//! ```
//!
//! This crate decides nothing: that a person has decided and that two persons took part is asked
//! before it is called.

mod build;
mod container;
mod document;
mod dossier;
mod exchange;
mod handover;
mod html;
mod language;
mod link_drawing;
mod masking;
mod page;
mod page_picture;
#[cfg(feature = "pdf")]
mod pdf;
mod recipient;
mod report;
mod verify;

pub use build::{Built, IndicatorWords, PacketRequest, build, build_for};
pub use evidence::Recipient;
pub use exchange::spreadsheet_cell;
pub use handover::{Handover, IndicatorGrounds, Variant, read_cover};
pub use language::ReportLanguage;
pub use masking::MaskKind;
pub use verify::{Fault, VerifyReport, verify, verify_with};

/// Version of the packet's layout; `Fusion-Packet-Format` in `bag-info.txt`.
pub const PACKET_FORMAT: u32 = 2;

/// Why a packet could not be built or looked at.
#[derive(Debug, thiserror::Error)]
pub enum PacketError {
    /// A file could not be read or written.
    #[error("cannot {doing} {path}: {error}")]
    File {
        /// What was tried: `read`, `write`.
        doing: &'static str,
        /// On what.
        path: std::path::PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The evidence of the lead is not as it was taken.
    #[error(
        "the evidence of lead {lead} cannot be handed over: {what}; run `fusion evidence verify`"
    )]
    Evidence {
        /// The lead.
        lead: domain::LeadId,
        /// Which file, and what is wrong.
        what: String,
    },
    /// What the analyst wrote for the packet cannot be read.
    #[error("{path}:{line}: {what}")]
    Cover {
        /// The cover sheet.
        path: std::path::PathBuf,
        /// Where in it, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The custody log could not be read, or nothing be signed.
    #[error(transparent)]
    Custody(#[from] evidence::EvidenceError),
    /// The packet is encrypted for somebody.
    #[error("{0} is encrypted; open it first: age -d -i YOUR-KEY -o packet.zip {0}")]
    Encrypted(std::path::PathBuf),
    /// Encrypting for the recipients failed.
    #[error("cannot encrypt the packet: {0}")]
    Encrypt(String),
    /// The report could not be set as PDF.
    #[error("cannot set the report as PDF: {0}")]
    Pdf(String),
    /// A table could not be written.
    #[error("cannot write a table of the packet: {0}")]
    Table(String),
    /// The ZIP could not be written.
    #[error("cannot write the packet: {0}")]
    Zip(#[from] zip::result::ZipError),
}

impl PacketError {
    fn file(
        doing: &'static str,
        path: impl Into<std::path::PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { doing, path, error }
    }
}
