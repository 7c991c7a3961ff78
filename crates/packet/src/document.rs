//! The data and the bag's own pages of a packet, as bytes.

use std::fmt::Write as _;

use domain::{CoverSheet, Decision, Grading, Lead, Link, Sha256};
use serde::Serialize;

use crate::dossier::{CustodyRecord, Dossier, Masked};
use crate::{Handover, ReportLanguage, Variant};

/// `lead.json`: the lead as decided, with who made the packet and on what terms.
#[derive(Serialize)]
struct LeadDocument<'a> {
    packet_format: u32,
    variant: Variant,
    desk: &'a str,
    built_at: jiff::Timestamp,
    prepared_by: &'a str,
    approved_by: &'a str,
    rule_set: &'a Sha256,
    decision: Option<&'a Decision>,
    lead: &'a Lead,
    links: &'a [Link],
    cover: &'a CoverSheet,
    grading: &'a Grading,
    tlp: String,
    conditions: &'a str,
    retain_until: Option<jiff::civil::Date>,
    masked: &'a [Masked],
    caution: &'a str,
}

pub(crate) fn lead_json(dossier: &Dossier<'_>, handover: &Handover<'_>) -> Vec<u8> {
    pretty(&LeadDocument {
        packet_format: crate::PACKET_FORMAT,
        variant: dossier.variant,
        desk: dossier.desk,
        built_at: dossier.built_at,
        prepared_by: dossier.prepared_by,
        approved_by: dossier.approved_by,
        rule_set: &dossier.rule_set,
        decision: dossier.lead.decisions.last(),
        lead: &dossier.lead,
        links: &dossier.links,
        cover: &dossier.cover,
        grading: &handover.grading,
        tlp: handover.tlp.label(),
        conditions: handover.conditions,
        retain_until: handover.retain_until,
        masked: &dossier.masked,
        caution: &ReportLanguage::En.words().caution,
    })
}

pub(crate) fn postings_json(dossier: &Dossier<'_>) -> Vec<u8> {
    pretty(&dossier.postings)
}

/// The lines as they were written, or what a redacted packet tells of them.
pub(crate) fn custody(records: &[CustodyRecord]) -> Vec<u8> {
    let lines = records.iter().map(|record| match &record.line {
        Some(line) => line.clone(),
        None => serde_json::to_string(record).expect("plain structs serialise"),
    });
    lines.fold(Vec::new(), |mut bytes, line| {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        bytes
    })
}

pub(crate) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec_pretty(value).expect("plain structs with string keys serialise");
    bytes.push(b'\n');
    bytes
}

/// The word that data has for a value which is one word: a kind, the name of an event.
pub(crate) fn word_of(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// `bagit.txt` (RFC 8493, 2.1.1).
pub(crate) const BAGIT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// `bag-info.txt` (RFC 8493, 2.2.2).
pub(crate) fn bag_info(
    dossier: &Dossier<'_>,
    handover: &Handover<'_>,
    octets: u64,
    files: usize,
) -> String {
    let date = dossier.built_at.strftime("%Y-%m-%d");
    let one_line = |text: &str| text.replace(['\n', '\r'], " ");
    let variant = match dossier.variant {
        Variant::Full => "full",
        Variant::Redacted => "redacted",
    };
    let grading = &handover.grading;
    format!(
        "Source-Organization: {}\nExternal-Identifier: {}\nBagging-Date: {date}\nPayload-Oxum: {octets}.{files}\n\
         Bag-Software-Agent: fusion {}\nFusion-Packet-Format: {}\nPrepared-By: {}\nApproved-By: {}\n\
         Variant: {variant}\nReport-Language: {}\nTraffic-Light: {}\nGrading: {} {}{} {}\nRetain-Until: {}\n",
        one_line(dossier.desk),
        dossier.lead.id,
        env!("CARGO_PKG_VERSION"),
        crate::PACKET_FORMAT,
        one_line(dossier.prepared_by),
        one_line(dossier.approved_by),
        handover.language.code(),
        handover.tlp.label(),
        grading.scheme,
        grading.source(),
        grading.information(),
        grading.handling(),
        handover.retain_until.map_or_else(|| "not stated".to_owned(), |day| day.to_string()),
    )
}

/// A manifest as `sha256sum -c` reads it.
pub(crate) fn manifest(files: &[(String, Sha256)]) -> String {
    files.iter().fold(String::new(), |mut lines, (name, digest)| {
        let _ = writeln!(lines, "{}  {name}", digest.to_hex());
        lines
    })
}

/// The page on how to check the packet, in each language; the English one has the plain name.
pub(crate) fn how_to_check(folder: &str) -> [(&'static str, String); 4] {
    let page = |language: ReportLanguage| {
        let (name, text) = match language {
            ReportLanguage::En => {
                ("how-to-check.txt", include_str!("../words/how-to-check.en.txt"))
            }
            ReportLanguage::Ro => {
                ("how-to-check.ro.txt", include_str!("../words/how-to-check.ro.txt"))
            }
            ReportLanguage::Ru => {
                ("how-to-check.ru.txt", include_str!("../words/how-to-check.ru.txt"))
            }
            ReportLanguage::Uk => {
                ("how-to-check.uk.txt", include_str!("../words/how-to-check.uk.txt"))
            }
        };
        let text = text.replace("{folder}", folder);
        (name, text.replace("{caution}", &language.words().caution))
    };
    [ReportLanguage::En, ReportLanguage::Ro, ReportLanguage::Ru, ReportLanguage::Uk].map(page)
}
