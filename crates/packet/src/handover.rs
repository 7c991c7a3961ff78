//! How a packet is handed over: to whom it speaks, what it shows, how far it may travel.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{GradeScheme, Grading, IndicatorId, PostingId, Tlp};
use evidence::DeskKey;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{PacketError, ReportLanguage};

/// How much a packet discloses.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// Everything that the lead holds, with its evidence.
    #[default]
    Full,
    /// Without contacts, names, addresses and remarks, without the evidence files and the lines of
    /// the custody log; what was masked is listed by kind and count.
    Redacted,
}

/// Why an indicator counts, for the reader who wants to look it up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndicatorGrounds {
    /// `weak`, `medium` or `strong`.
    pub strength: String,
    /// Where a sign like this is described.
    pub source: String,
}

/// How a packet is handed over. The default is what holds when nobody said anything: English,
/// full, ungraded, TLP:AMBER+STRICT.
#[derive(Clone, Debug)]
pub struct Handover<'a> {
    /// Of the report.
    pub language: ReportLanguage,
    /// How much it discloses.
    pub variant: Variant,
    /// Of source and information, with the handling code.
    pub grading: Grading,
    /// How far it may travel.
    pub tlp: Tlp,
    /// The desk's conditions, beside the handling code; may be empty.
    pub conditions: &'a str,
    /// When the recipient is to delete it.
    pub retain_until: Option<Date>,
    /// Whom to turn to when somebody may be in danger, one a line.
    pub routes: &'a [String],
    /// The zone that times are shown in, beside UTC.
    pub time_zone: TimeZone,
    /// What the analyst wrote for this packet.
    pub cover: &'a CoverSheet,
    /// Strength and source of the indicators that were found.
    pub grounds: &'a BTreeMap<IndicatorId, IndicatorGrounds>,
    /// Whether the report is set as PDF/A too, where this program was built with that.
    pub pdf: bool,
    /// Signs the manifests; without it the packet is not signed.
    pub key: Option<&'a DeskKey>,
}

impl Default for Handover<'_> {
    fn default() -> Self {
        static BLANK: CoverSheet = CoverSheet::blank();
        static NO_GROUNDS: BTreeMap<IndicatorId, IndicatorGrounds> = BTreeMap::new();
        Self {
            language: ReportLanguage::default(),
            variant: Variant::default(),
            grading: GradeScheme::default().ungraded(),
            tlp: Tlp::default(),
            conditions: "",
            retain_until: None,
            routes: &[],
            time_zone: TimeZone::UTC,
            cover: &BLANK,
            grounds: &NO_GROUNDS,
            pdf: true,
            key: None,
        }
    }
}

/// What the analyst writes for one packet: a TOML file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoverSheet {
    /// What is offered to whom, and why it matters; in the language of the report.
    pub summary: String,
    /// The kind of exploitation suspected.
    pub exploitation: String,
    /// Other explanations that were considered.
    pub alternatives: String,
    /// What would change the view.
    pub would_change: String,
    /// Words to mask in a redacted packet beside what is masked anyway: names of persons.
    pub mask: Vec<String>,
    /// Translations of postings.
    pub translation: Vec<Translation>,
}

/// A posting in another language, by a named translator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Which posting.
    pub posting: PostingId,
    /// Into which language: its ISO 639-1 code.
    pub language: String,
    /// The translation.
    pub text: String,
    /// Who made it: a person, or a program and its version.
    pub translator: String,
    /// `human`, `machine`, `machine, checked by a person`.
    pub method: String,
}

impl CoverSheet {
    /// Nothing written.
    pub const fn blank() -> Self {
        Self {
            summary: String::new(),
            exploitation: String::new(),
            alternatives: String::new(),
            would_change: String::new(),
            mask: Vec::new(),
            translation: Vec::new(),
        }
    }

    /// Reads a cover sheet. A key that is not known is refused, since it would be lost.
    pub fn read(path: &Path) -> Result<Self, PacketError> {
        let text = std::fs::read_to_string(path).map_err(PacketError::file("read", path))?;
        toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            PacketError::Cover {
                path: path.to_owned(),
                line,
                what: error.message().trim().to_owned(),
            }
        })
    }
}
