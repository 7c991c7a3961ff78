use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::{CaptureId, CaptureMethod, IndicatorId, Lead, Link, PagePart, PostingId, Sha256};
use evidence::{CaptureArchive, Deleted, Entry, Event, PagePicture, Vault, Viewed};
use jiff::Timestamp;
use store::StoredPosting;

use crate::container::Container;
use crate::dossier::{Answer, Dossier};
use crate::{
    Handover, PacketError, Recipient, Variant, document, exchange, html, recipient, report,
};

/// The file list of the payload, that of the bag's own files, and the desk's public key.
pub(crate) const MANIFEST: &str = "manifest-sha256.txt";
pub(crate) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
pub(crate) const KEY: &str = "desk-key.pub";
/// The desk's signatures over the two lists.
pub(crate) const SIGNATURE: &str = "manifest-sha256.txt.minisig";
pub(crate) const TAG_SIGNATURE: &str = "tagmanifest-sha256.txt.minisig";

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
    /// What ties its postings together.
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

    /// Encrypts the packet for its recipients; only that is put in place, as `PLACE.age`. Gives its
    /// path and digest. To be called when the export stands in the custody log.
    pub fn hand_out_to(self, recipients: &[Recipient]) -> Result<(PathBuf, Sha256), PacketError> {
        let mut place = self.place.as_os_str().to_owned();
        place.push(".age");
        let place = PathBuf::from(place);
        let digest = recipient::encrypt(&self.part, recipients, &place)?;
        std::fs::remove_file(&self.part).map_err(PacketError::file("remove", &self.part))?;
        Ok((place, digest))
    }
}

/// Builds the packet of a lead for `place`, out of the desk's evidence, on the terms that hold when
/// nobody said anything. Same request, same desk: same bytes.
pub fn build(
    request: &PacketRequest<'_>,
    vault: &Vault,
    place: &Path,
) -> Result<Built, PacketError> {
    build_for(request, &Handover::default(), vault, place)
}

/// Builds the packet of a lead for a handover. Same request, same handover, same desk: same bytes,
/// but for the signatures, which are made with fresh randomness.
pub fn build_for(
    request: &PacketRequest<'_>,
    handover: &Handover<'_>,
    vault: &Vault,
    place: &Path,
) -> Result<Built, PacketError> {
    let folder = format!("packet-{}", request.lead.id);
    let mut part = place.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let entries = entries_of(request, vault.desk())?;
    let answers = answers_of(request, &entries, vault);
    let dossier = Dossier::new(request, handover, &entries, answers);
    let payload = payload(&dossier, handover, request, vault)?;

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
    let manifest = document::manifest(&put(&payload)?);
    let mut tags = vec![
        ("bag-info.txt", document::bag_info(&dossier, handover, octets, payload.len())),
        ("bagit.txt", document::BAGIT.to_owned()),
        (MANIFEST, manifest),
    ];
    tags.extend(document::how_to_check(&folder));
    let comment = format!("packet {}, built {}", request.lead.id, request.built_at);
    if let Some(key) = handover.key {
        tags.push((KEY, key.public_text()));
        tags.push((SIGNATURE, key.sign(tags[2].1.as_bytes(), &comment)?));
    }
    tags.sort();
    let tags: Vec<_> =
        tags.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
    let tag_manifest = document::manifest(&put(&tags)?);
    let mut last = vec![(TAG_MANIFEST.to_owned(), tag_manifest.clone().into_bytes())];
    if let Some(key) = handover.key {
        let signature = key.sign(tag_manifest.as_bytes(), &comment)?;
        last.push((TAG_SIGNATURE.to_owned(), signature.into_bytes()));
    }
    put(&last)?;
    let sha256 = container.seal()?;
    let files = payload.len() + tags.len() + last.len();
    Ok(Built { sha256, files, part, place: place.to_owned() })
}

/// The payload, in order of name.
fn payload(
    dossier: &Dossier<'_>,
    handover: &Handover<'_>,
    request: &PacketRequest<'_>,
    vault: &Vault,
) -> Result<Vec<(String, Vec<u8>)>, PacketError> {
    let evidence = evidence_files(request, vault)?;
    let is_full = dossier.variant == Variant::Full;
    let pictures = if is_full { pictures(request, &evidence) } else { BTreeMap::new() };
    let page = report::report(dossier, handover, request, &pictures);
    let mut files = vec![
        ("data/custody.ndjson".to_owned(), document::custody(&dossier.custody)),
        ("data/lead.json".to_owned(), document::lead_json(dossier, handover)),
        ("data/postings.json".to_owned(), document::postings_json(dossier)),
        ("data/report.html".to_owned(), html::set(&page).into_bytes()),
    ];
    #[cfg(feature = "pdf")]
    if handover.pdf {
        let ident = format!("{} {}", dossier.lead.id, dossier.built_at);
        let bytes = crate::pdf::set(&page, &ident, dossier.built_at)?;
        files.push(("data/report.pdf".to_owned(), bytes));
    }
    files.extend(exchange::files(dossier, handover, request)?);
    if is_full {
        let evidence = evidence.into_iter();
        files.extend(evidence.map(|(name, bytes)| (format!("data/evidence/{name}"), bytes)));
        files.extend(times(request, vault.desk())?);
    }
    files.sort();
    Ok(files)
}

/// The lead's snapshots, each as it was taken.
fn evidence_files(
    request: &PacketRequest<'_>,
    vault: &Vault,
) -> Result<Vec<(String, Vec<u8>)>, PacketError> {
    let mut files = Vec::new();
    for snapshot in &request.lead.snapshots {
        let bytes = vault.read_snapshot(&snapshot.file)?;
        if Sha256::of(&bytes) != snapshot.sha256 {
            return Err(PacketError::Evidence {
                lead: request.lead.id.clone(),
                what: format!("snapshots/{} is not as it was taken", snapshot.file),
            });
        }
        files.push((snapshot.file.clone(), bytes));
    }
    Ok(files)
}

/// The picture of a posting's page.
pub(crate) struct Pictured {
    /// The evidence file that has it.
    pub(crate) file: String,
    /// The error says what cannot be read.
    pub(crate) picture: Result<PagePicture, String>,
}

/// The pictures of the pages that postings were read from, the last of each.
fn pictures(
    request: &PacketRequest<'_>,
    evidence: &[(String, Vec<u8>)],
) -> BTreeMap<PostingId, Pictured> {
    let mut pictures = BTreeMap::new();
    for (snapshot, (file, bytes)) in request.lead.snapshots.iter().zip(evidence) {
        let is_of_its_page = request.postings.iter().any(|stored| {
            (&stored.posting.id, &stored.posting.capture) == (&snapshot.posting, &snapshot.capture)
        });
        if !is_of_its_page || !Viewed::is_in(file) {
            continue;
        }
        if let Some(picture) = evidence::page_picture(bytes).transpose() {
            let pictured = Pictured { file: file.clone(), picture };
            pictures.insert(snapshot.posting.clone(), pictured);
        }
    }
    pictures
}

/// Trusted time over the evidence files: for each its way to a root, and the token over that.
fn times(
    request: &PacketRequest<'_>,
    desk: &Path,
) -> Result<BTreeMap<String, Vec<u8>>, PacketError> {
    let snapshots = request.lead.snapshots.iter();
    let wanted: Vec<String> =
        snapshots.map(|snapshot| format!("snapshots/{}", snapshot.file)).collect();
    let mut files = BTreeMap::new();
    for proof in evidence::proofs(desk, &wanted)? {
        let token = proof.token.trim_end_matches(".tsr");
        let file = proof.leaf.what.trim_start_matches("snapshots/");
        let way = serde_json::json!({
            "file": format!("data/evidence/{file}"),
            "sha256": proof.leaf.sha256,
            "way": proof.leaf.way,
            "root": proof.root,
            "token": proof.token,
        });
        files.insert(format!("data/time/{token}-{file}.json"), document::pretty(&way));
        files.insert(format!("data/time/{}", proof.token), proof.bytes);
    }
    Ok(files)
}

/// The entries of the custody log that concern the lead.
fn entries_of(request: &PacketRequest<'_>, desk: &Path) -> Result<Vec<Entry>, PacketError> {
    let mut found = Vec::new();
    for entry in evidence::entries(&desk.join("custody"), 0)? {
        let entry = entry?;
        if concerns(&entry, request) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Who answered when the pages of the lead's snapshots were fetched. A capture that cannot be read says
/// nothing here: the snapshot has its page, and `fusion evidence verify` names what is damaged.
fn answers_of(
    request: &PacketRequest<'_>,
    entries: &[Entry],
    vault: &Vault,
) -> BTreeMap<CaptureId, Answer> {
    let captures = entries.iter().filter_map(|entry| {
        let Event::Capture { capture, file, offset, length, .. } = &entry.event else {
            return None;
        };
        request.lead.snapshots.iter().find(|snapshot| snapshot.capture == *capture)?;
        CaptureArchive::read(vault, file, *offset, *length).ok()
    });
    let fetched = captures.filter(|capture| capture.method == CaptureMethod::Http);
    let answers = fetched.map(|capture| {
        let certificate = capture.peer.certificate.as_deref().map(Sha256::of);
        let address = capture.peer.address;
        (capture.id, Answer { status: capture.status, address, certificate })
    });
    answers.collect()
}

fn concerns(entry: &Entry, request: &PacketRequest<'_>) -> bool {
    match &entry.event {
        Event::Source { source } => {
            request.postings.iter().any(|stored| stored.posting.source == source.id)
        }
        Event::Capture { capture, .. } => holds_postings(capture, request),
        // It says why the line of a capture that other postings were deleted out of is shortened.
        Event::Deletion(deletion) => match &deletion.deleted {
            Deleted::Postings { capture, .. } => holds_postings(capture, request),
            _ => false,
        },
        Event::Snapshot { lead, .. }
        | Event::Revisit { lead, .. }
        | Event::Image { lead, .. }
        | Event::Stylesheet { lead, .. }
        | Event::View { lead }
        | Event::Claim { lead }
        | Event::Release { lead }
        | Event::Note { lead, .. }
        | Event::Decision { lead, .. }
        | Event::Approval { lead, .. }
        | Event::Withdrawal { lead }
        | Event::Reveal { lead, .. }
        | Event::Export { lead, .. }
        | Event::Handover { lead, .. }
        | Event::Receipt { lead, .. } => request.lead.is_named(lead),
        Event::Merge { leads, .. } | Event::Split { leads, .. } => {
            leads.iter().any(|lead| request.lead.is_named(lead))
        }
        _ => false,
    }
}

fn holds_postings(capture: &CaptureId, request: &PacketRequest<'_>) -> bool {
    request.postings.iter().any(|stored| stored.posting.capture == *capture)
        || request.lead.snapshots.iter().any(|snapshot| snapshot.capture == *capture)
        || request.lead.revisits.iter().any(|row| row.capture.as_ref() == Some(capture))
        || PagePart::ALL
            .iter()
            .flat_map(|part| request.lead.fetched(*part))
            .any(|part| part.capture.as_ref() == Some(capture))
}
