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

/// What waits for a token of an authority.
#[derive(Clone, Debug)]
pub struct Unstamped {
    /// Whose token.
    pub authority: String,
    /// When it gave the last one, by the desk's own clock; `None` if it never did.
    pub last_at: Option<Timestamp>,
    /// To be kept beside the token.
    pub record: TimeRecord,
    nonce: u64,
}

impl Unstamped {
    /// What is sent to the authority, as `application/timestamp-query`.
    pub fn request(&self) -> Vec<u8> {
        token::request(&self.record.root, self.nonce)
    }
}

/// What was kept since an authority gave its last token.
#[derive(Default)]
struct Since {
    last_at: Option<Timestamp>,
    leaves: Vec<(String, Sha256)>,
    /// The last entry of the log that is no token.
    head: Option<(String, Sha256)>,
}

/// Gathers what no token is over yet, for each of these authorities by itself: one that did not answer
/// is asked for all of it again, whatever another has answered meanwhile. Authorities for which nothing
/// was kept since their last token are left out. The custody log is read up to its entry `last`: what
/// comes behind it may be half written, if the desk is at work meanwhile.
pub fn unstamped(
    desk: &Path,
    authorities: &[String],
    last: u64,
    now: Timestamp,
) -> Result<Vec<Unstamped>, EvidenceError> {
    let mut since: Vec<(&String, Since)> =
        authorities.iter().map(|authority| (authority, Since::default())).collect();
    let count = usize::try_from(last).unwrap_or(usize::MAX);
    for entry in entries(&desk.join("custody"), 0)?.take(count) {
        let entry = entry?;
        let leaf = match &entry.event {
            Event::Timestamp { authority: by, .. } => {
                for (_, its) in since.iter_mut().filter(|(authority, _)| *authority == by) {
                    *its = Since { last_at: Some(entry.time), ..Since::default() };
                }
                continue;
            }
            Event::Capture { file, offset, length, record, .. } => {
                Some((format!("captures/{file}#{offset}+{length}"), *record))
            }
            Event::Snapshot { snapshot, .. } => {
                Some((format!("snapshots/{}", snapshot.file), snapshot.sha256))
            }
            _ => None,
        };
        for (_, its) in &mut since {
            its.leaves.extend(leaf.clone());
            its.head = Some((format!("custody#{}", entry.seq), entry.hash));
        }
    }
    Ok(since.into_iter().filter_map(|(authority, its)| gathered(authority, its, now)).collect())
}

/// Puts what was kept under one root; `None` if that is nothing.
fn gathered(authority: &str, since: Since, now: Timestamp) -> Option<Unstamped> {
    let Since { last_at, mut leaves, head } = since;
    leaves.push(head?);
    let digests: Vec<Sha256> = leaves.iter().map(|(_, digest)| *digest).collect();
    let (root, ways) = merkle::tree(&digests)?;
    let leaves = leaves.into_iter().zip(ways);
    let leaves = leaves.map(|((what, sha256), way)| Leaf { what, sha256, way }).collect();
    // It need not be secret, only new each time.
    let seed = Sha256::of(format!("{root} {now}").as_bytes());
    let mut nonce = [0; 8];
    nonce.copy_from_slice(&seed.as_bytes()[..8]);
    let record = TimeRecord { format: 1, made_at: now, root, leaves };
    let (authority, nonce) = (authority.to_owned(), u64::from_be_bytes(nonce));
    Some(Unstamped { authority, last_at, record, nonce })
}

/// Keeps a record with the authority's answer, when that grants a token over its root. Gives the
/// entry for the custody log, and the authority's time.
pub fn keep_token(
    desk: &Path,
    unstamped: &Unstamped,
    answer: &[u8],
) -> Result<(Event, String), EvidenceError> {
    let Unstamped { record, authority, .. } = unstamped;
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
        authority: authority.clone(),
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
