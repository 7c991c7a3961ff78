//! How a packet is handed over: to whom it speaks, what it shows, how far it may travel.

use std::collections::BTreeMap;
use std::path::Path;

use domain::{CoverSheet, GradeScheme, Grading, IndicatorId, Tlp};
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

/// Reads a cover sheet: a TOML file. A key that is not known is refused, since it would be lost.
pub fn read_cover(path: &Path) -> Result<CoverSheet, PacketError> {
    let text = std::fs::read_to_string(path).map_err(PacketError::file("read", path))?;
    toml::from_str(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let what = error.message().trim().to_owned();
        PacketError::Cover { path: path.to_owned(), line, what }
    })
}
