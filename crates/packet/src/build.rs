use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::{IndicatorId, Lead, Link, Sha256};
use evidence::{Entry, Event};
use jiff::Timestamp;
use store::StoredPosting;

use crate::container::Container;
use crate::{PacketError, document, report};

/// What an indicator means, in words for the reader of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorWords {
    /// A few words.
    pub title: String,
    /// A sentence.
    pub definition: String,
}

/// Everything that a packet is made of, besides the evidence itself.
#[derive(Clone, Debug)]
pub struct PacketRequest<'a> {
    /// The desk's name.
    pub desk: &'a str,
    /// The decided lead.
    pub lead: &'a Lead,
    /// Its postings with their assessments.
    pub postings: &'a [StoredPosting],
    /// What it shares with other leads.
    pub links: &'a [Link],
    /// The words of the indicators that were found.
    pub indicators: &'a BTreeMap<IndicatorId, IndicatorWords>,
    /// The rule set of the assessments.
    pub rule_set: Sha256,
    /// Who made the packet.
    pub prepared_by: &'a str,
    /// Who approved it; another person.
    pub approved_by: &'a str,
    /// UTC.
    pub built_at: Timestamp,
}

/// A packet that is written and sealed, but not yet in its place.
#[derive(Debug)]
pub struct Built {
    /// Of the whole file.
    pub sha256: Sha256,
    /// How many files are in it.
    pub files: usize,
    part: PathBuf,
    place: PathBuf,
}

impl Built {
    /// Puts the packet in its place. To be called when the export stands in the custody log.
    pub fn hand_out(self) -> Result<PathBuf, PacketError> {
        std::fs::rename(&self.part, &self.place)
            .map_err(PacketError::file("write", &self.place))?;
        Ok(self.place)
    }
}

/// Builds the packet of a lead for `place`, out of the desk's folder. Same request, same desk: same
/// bytes.
pub fn build(request: &PacketRequest<'_>, desk: &Path, place: &Path) -> Result<Built, PacketError> {
    let folder = format!("packet-{}", request.lead.id);
    let mut part = place.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let payload = payload(request, desk)?;

    let mut container = Container::create(&part)?;
    let mut put = |files: &[(String, Vec<u8>)]| -> Result<Vec<(String, Sha256)>, PacketError> {
        let mut digests = Vec::new();
        for (name, bytes) in files {
            container.add(&format!("{folder}/{name}"), bytes)?;
            digests.push((name.clone(), Sha256::of(bytes)));
        }
        Ok(digests)
    };
    let octets = payload.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let digests = put(&payload)?;
    let tags = [
        ("bag-info.txt", document::bag_info(request, octets, payload.len())),
        ("bagit.txt", document::BAGIT.to_owned()),
        ("how-to-check.txt", document::how_to_check(&folder)),
        ("manifest-sha256.txt", document::manifest(&digests)),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let tag_digests = put(&tags)?;
    let tag_manifest = document::manifest(&tag_digests).into_bytes();
    put(&[("tagmanifest-sha256.txt".to_owned(), tag_manifest)])?;
    let sha256 = container.seal()?;
    Ok(Built { sha256, files: payload.len() + tags.len() + 1, part, place: place.to_owned() })
}

/// The payload, in order of name.
fn payload(
    request: &PacketRequest<'_>,
    desk: &Path,
) -> Result<Vec<(String, Vec<u8>)>, PacketError> {
    let mut files = vec![
        ("data/custody.ndjson".to_owned(), custody_excerpt(request, desk)?),
        ("data/lead.json".to_owned(), document::lead_json(request)),
        ("data/postings.json".to_owned(), document::postings_json(request.postings)),
        ("data/report.html".to_owned(), report::report(request).into_bytes()),
    ];
    for snapshot in &request.lead.snapshots {
        let path = desk.join("snapshots").join(&snapshot.file);
        let bytes = std::fs::read(&path).map_err(PacketError::file("read", &path))?;
        if Sha256::of(&bytes) != snapshot.sha256 {
            return Err(PacketError::Evidence {
                lead: request.lead.id.clone(),
                what: format!("snapshots/{} is not as it was taken", snapshot.file),
            });
        }
        files.push((format!("data/evidence/{}", snapshot.file), bytes));
    }
    files.sort();
    Ok(files)
}

/// The lines of the custody log that concern the lead, as they were written.
fn custody_excerpt(request: &PacketRequest<'_>, desk: &Path) -> Result<Vec<u8>, PacketError> {
    let mut lines = Vec::new();
    for entry in evidence::entries(&desk.join("custody"), 0)? {
        let entry = entry?;
        if concerns(&entry, request) {
            lines.extend_from_slice(entry.line().as_bytes());
            lines.push(b'\n');
        }
    }
    Ok(lines)
}

fn concerns(entry: &Entry, request: &PacketRequest<'_>) -> bool {
    let id = &request.lead.id;
    match &entry.event {
        Event::Source { source } => {
            request.postings.iter().any(|stored| stored.posting.source == source.id)
        }
        Event::Capture { capture, .. } => {
            request.postings.iter().any(|stored| stored.posting.capture == *capture)
                || request.lead.snapshots.iter().any(|snapshot| snapshot.capture == *capture)
        }
        Event::Snapshot { lead, .. }
        | Event::View { lead }
        | Event::Claim { lead }
        | Event::Release { lead }
        | Event::Note { lead, .. }
        | Event::Decision { lead, .. }
        | Event::Withdrawal { lead }
        | Event::Reveal { lead, .. }
        | Event::Export { lead, .. } => lead == id,
        Event::Checkpoint { .. } | Event::Walk { .. } | Event::Verification { .. } => false,
    }
}
