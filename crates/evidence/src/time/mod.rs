//! Trusted time: what was kept since the last token is gathered under one root, and an outside
//! authority puts its time to that. The root also has the head of the custody log, so that one token
//! proves each file alone and the whole log up to there. `time/` of a desk holds the records (the
//! digests and the way of each to the root) and the tokens as they came.

mod merkle;
mod stamps;
mod token;

use std::fs;
use std::path::Path;

use domain::Sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use merkle::Beside;
pub use stamps::{Stamp, stamps};

use crate::custody_read::entries;
use crate::event::Event;
use crate::{EvidenceError, durable};

/// The largest record or token that is read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A file or entry under a root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// `snapshots/NAME`, `captures/NAME#OFFSET+LENGTH`, or `custody#SEQ`, an entry's hash.
    pub what: String,
    /// Over it.
    pub sha256: Sha256,
    /// From it to the root.
    pub way: Vec<Beside>,
}

/// What one token proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeRecord {
    /// Version of this form.
    pub format: u32,
    /// When it was gathered, by the desk's own clock.
    pub made_at: Timestamp,
    /// Over all leaves.
    pub root: Sha256,
    /// In the order in which they were kept; the custody log's head last.
    pub leaves: Vec<Leaf>,
}

/// What waits for a token.
#[derive(Clone, Debug)]
pub struct Unstamped {
    /// To be kept beside the token.
    pub record: TimeRecord,
    nonce: u64,
}

impl Unstamped {
    /// What is sent to an authority, as `application/timestamp-query`.
    pub fn request(&self) -> Vec<u8> {
        token::request(&self.record.root, self.nonce)
    }
}

/// Gathers what no token is over yet; `None` if nothing was kept since the last one.
pub fn unstamped(desk: &Path, now: Timestamp) -> Result<Option<Unstamped>, EvidenceError> {
    let mut leaves: Vec<(String, Sha256)> = Vec::new();
    let mut head = None;
    for entry in entries(&desk.join("custody"), 0)? {
        let entry = entry?;
        match &entry.event {
            Event::Timestamp { .. } => {
                leaves.clear();
                head = None;
                continue;
            }
            Event::Capture { file, offset, length, record, .. } => {
                leaves.push((format!("captures/{file}#{offset}+{length}"), *record));
            }
            Event::Snapshot { snapshot, .. } => {
                leaves.push((format!("snapshots/{}", snapshot.file), snapshot.sha256));
            }
            _ => {}
        }
        head = Some((format!("custody#{}", entry.seq), entry.hash));
    }
    let Some(head) = head else { return Ok(None) };
    leaves.push(head);
    let digests: Vec<Sha256> = leaves.iter().map(|(_, digest)| *digest).collect();
    let Some((root, ways)) = merkle::tree(&digests) else { return Ok(None) };
    let leaves = leaves.into_iter().zip(ways);
    let leaves = leaves.map(|((what, sha256), way)| Leaf { what, sha256, way }).collect();
    // It need not be secret, only new each time.
    let seed = Sha256::of(format!("{root} {now}").as_bytes());
    let mut nonce = [0; 8];
    nonce.copy_from_slice(&seed.as_bytes()[..8]);
    let record = TimeRecord { format: 1, made_at: now, root, leaves };
    Ok(Some(Unstamped { record, nonce: u64::from_be_bytes(nonce) }))
}

/// Keeps a record with the authority's answer, when that grants a token over its root. Gives the
/// entry for the custody log, and the authority's time.
pub fn keep_token(
    desk: &Path,
    unstamped: &Unstamped,
    authority: &str,
    answer: &[u8],
) -> Result<(Event, String), EvidenceError> {
    let record = &unstamped.record;
    let time =
        token::granted_time(answer, &record.root, Some(unstamped.nonce)).map_err(|what| {
            EvidenceError::Refused { what: format!("the answer of {authority}: {what}") }
        })?;
    let dir = desk.join("time");
    durable::make_dir(&dir)?;
    let name =
        format!("{}-{}", record.made_at.strftime("%Y%m%dT%H%M%SZ"), &record.root.to_hex()[..8]);
    let mut json = serde_json::to_vec_pretty(record).expect("plain structs serialise");
    json.push(b'\n');
    // A digest in the name keeps the tokens of several authorities apart.
    let token_name = format!("{name}-{}.tsr", &Sha256::of(answer).to_hex()[..8]);
    let record_name = format!("{name}.json");
    durable::replace(&dir.join(&token_name), answer)?;
    durable::replace(&dir.join(&record_name), &json)?;
    let event = Event::Timestamp {
        record: record_name,
        record_sha256: Sha256::of(&json),
        token: token_name,
        token_sha256: Sha256::of(answer),
        root: record.root,
        authority: authority.to_owned(),
    };
    Ok((event, time))
}

/// A file's own proof: the token's name and bytes, and the way to its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The token's name in `time/`.
    pub token: String,
    /// The token, as it came.
    pub bytes: Vec<u8>,
    /// The root that the token is over.
    pub root: Sha256,
    /// The file and its way.
    pub leaf: Leaf,
}

/// The proofs of these things (by [`Leaf::what`]); those that have none are left out.
pub fn proofs(desk: &Path, wanted: &[String]) -> Result<Vec<Proof>, EvidenceError> {
    let mut proofs = Vec::new();
    for entry in entries(&desk.join("custody"), 0)? {
        let Event::Timestamp { record, token, root, .. } = entry?.event else { continue };
        let read = read_record(&desk.join("time").join(&record))?;
        let path = desk.join("time").join(&token);
        for leaf in read.leaves.into_iter().filter(|leaf| wanted.contains(&leaf.what)) {
            let bytes = fs::read(&path).map_err(EvidenceError::file("read", &path))?;
            proofs.push(Proof { token: token.clone(), bytes, root, leaf });
        }
    }
    Ok(proofs)
}

fn read_record(path: &Path) -> Result<TimeRecord, EvidenceError> {
    let bytes = fs::read(path).map_err(EvidenceError::file("read", path))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| EvidenceError::damaged(path, "its start", error.to_string()))
}

/// What does not agree about a token and its record, with the file that it is about.
pub(crate) fn faults_of(desk: &Path, event: &Event) -> Vec<(String, String)> {
    let Event::Timestamp { record, record_sha256, token, token_sha256, root, .. } = event else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    let mut read = |name: &str, digest: &Sha256| {
        let path = desk.join("time").join(name);
        let small = fs::metadata(&path).is_ok_and(|metadata| metadata.len() <= LARGEST);
        match fs::read(&path) {
            Ok(bytes) if small && Sha256::of(&bytes) == *digest => return Some(bytes),
            Ok(_) => faults.push((name.to_owned(), format!("its digest should be {digest}"))),
            Err(error) => faults.push((name.to_owned(), format!("it cannot be read: {error}"))),
        }
        None
    };
    let (kept, answer) = (read(record, record_sha256), read(token, token_sha256));
    if let Some(answer) = answer
        && let Err(what) = token::granted_time(&answer, root, None)
    {
        faults.push((token.clone(), what));
    }
    if let Some(kept) = kept {
        match serde_json::from_slice::<TimeRecord>(&kept) {
            Ok(kept) => {
                for leaf in &kept.leaves {
                    if merkle::root_of(leaf.sha256, &leaf.way) != *root {
                        faults.push((
                            record.clone(),
                            format!("{} does not lead to its root", leaf.what),
                        ));
                    }
                }
            }
            Err(error) => faults.push((record.clone(), format!("it cannot be read: {error}"))),
        }
    }
    faults
}
