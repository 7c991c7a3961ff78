//! The form of the custody log's lines.

use std::path::Path;

use domain::Sha256;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Event, EvidenceError, shortened};

/// The version of the line format. Raised when a line of today could not be read by the program
/// of yesterday; earlier ones stay readable for good.
pub(crate) const FORMAT: u64 = 8;

/// One line of the custody log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number; the first is 1.
    pub seq: u64,
    /// UTC, when it was written.
    pub time: Timestamp,
    /// The person, or `fusion` for what the program did by itself.
    pub actor: String,
    /// What happened.
    pub event: Event,
    /// The hash of the line before; of the first line, zeros.
    pub prev: Sha256,
    /// Over the bytes of this line that come before the hash; of a shortened line, as it was.
    pub hash: Sha256,
    /// Over the bytes of a shortened line; `None` of a line that stands as it was written.
    pub(crate) short: Option<Sha256>,
    line: Box<str>,
}

/// The `prev` of the first entry.
pub(crate) fn no_entry() -> Sha256 {
    Sha256::from_bytes([0; 32])
}

#[derive(Serialize)]
pub(crate) struct Hashed<'a> {
    pub(crate) format: u64,
    pub(crate) seq: u64,
    pub(crate) time: Timestamp,
    pub(crate) actor: &'a str,
    pub(crate) event: &'a Event,
    pub(crate) prev: Sha256,
}

impl Hashed<'_> {
    /// The bytes that are hashed: a line without its end.
    pub(crate) fn to_line(&self) -> Result<String, EvidenceError> {
        let mut line = serde_json::to_string(self).map_err(|error| EvidenceError::Refused {
            what: format!("custody entry {}: {error}", self.seq),
        })?;
        line.pop();
        Ok(line)
    }
}

#[derive(Deserialize)]
struct Written {
    format: u64,
    seq: u64,
    time: Timestamp,
    actor: String,
    event: Event,
    prev: Sha256,
}

#[derive(Deserialize)]
struct Version {
    format: u64,
}

const HASH_KEY: &str = ",\"hash\":\"";
/// `,"hash":"`, `sha256:` and 64 digits, `"}`.
const HASH_PART: usize = HASH_KEY.len() + 71 + 2;

impl Entry {
    /// Makes the entry that follows the one with hash `prev`.
    pub(crate) fn new(
        seq: u64,
        time: Timestamp,
        actor: &str,
        event: Event,
        prev: Sha256,
    ) -> Result<Self, EvidenceError> {
        let hashed = Hashed { format: FORMAT, seq, time, actor, event: &event, prev };
        let mut line = hashed.to_line()?;
        let hash = Sha256::of(line.as_bytes());
        line.push_str(&format!("{HASH_KEY}{hash}\"}}"));
        let actor = actor.to_owned();
        Ok(Self { seq, time, actor, event, prev, hash, short: None, line: line.into() })
    }

    /// The same entry with this in place of its event, and with the hash that it had.
    pub(crate) fn shortened(&self, event: Event) -> Result<Self, EvidenceError> {
        let Self { seq, time, prev, hash, .. } = *self;
        let hashed = Hashed { format: FORMAT, seq, time, actor: &self.actor, event: &event, prev };
        let line = hashed.to_line()?;
        let (mark, short) = shortened::mark(&line);
        let line = format!("{line}{mark}{HASH_KEY}{hash}\"}}");
        let actor = self.actor.clone();
        Ok(Self { seq, time, actor, event, prev, hash, short: Some(short), line: line.into() })
    }

    /// Reads a line, without its newline, and checks its hash; of a shortened line, its own digest:
    /// whether it may be shortened is for the log to say. `path` and `place` are for the error alone.
    pub(crate) fn parse(line: &[u8], path: &Path, place: &str) -> Result<Self, EvidenceError> {
        let damaged = |what: String| EvidenceError::damaged(path, place, what);
        let line = std::str::from_utf8(line).map_err(|_| damaged("the line is no UTF-8".into()))?;
        let (hashed, stated) = split_hash(line)
            .ok_or_else(|| damaged("the line does not end with its hash".into()))?;
        let digest = Sha256::of(hashed.as_bytes());
        // Compared as text: only the one way of writing it counts, or a changed byte could pass.
        let (hash, short) = if digest.to_string() == stated {
            (digest, None)
        } else {
            let hash = stated.parse().ok().filter(|hash: &Sha256| hash.to_string() == stated);
            hash.zip(shortened::digest_of(hashed))
                .map(|(hash, short)| (hash, Some(short)))
                .ok_or_else(|| {
                    damaged(format!("the line's hash is {digest}, it states {stated}"))
                })?
        };
        let other = |error: serde_json::Error| damaged(format!("the line is no entry: {error}"));
        let newer = |format: u64| EvidenceError::Newer { path: path.to_owned(), format };
        let Written { format, seq, time, actor, event, prev } = match serde_json::from_str(line) {
            Ok(written) => written,
            // What a later format has in it need not be known; its number is.
            Err(error) => match serde_json::from_str::<Version>(line) {
                Ok(version) if version.format > FORMAT => return Err(newer(version.format)),
                _ => return Err(other(error)),
            },
        };
        if format > FORMAT {
            return Err(newer(format));
        }
        Ok(Self { seq, time, actor, event, prev, hash, short, line: line.into() })
    }

    /// Whether the line was written in this format or a later one.
    pub(crate) fn is_from_format(&self, format: u64) -> bool {
        let object = format!("{}}}", split_hash(&self.line).map_or("", |(hashed, _)| hashed));
        serde_json::from_str::<Version>(&object).is_ok_and(|version| version.format >= format)
    }

    /// The line as it stands in the log, without its newline.
    pub fn line(&self) -> &str {
        &self.line
    }
}

/// A line's hashed bytes, and the hash that it states.
fn split_hash(line: &str) -> Option<(&str, &str)> {
    let (hashed, rest) = line.split_at_checked(line.len().checked_sub(HASH_PART)?)?;
    Some((hashed, rest.strip_prefix(HASH_KEY)?.strip_suffix("\"}")?))
}

/// The hash that a line states, whether it is right or not.
pub(crate) fn stated_hash(line: &[u8]) -> Option<Sha256> {
    split_hash(std::str::from_utf8(line).ok()?)?.1.parse().ok()
}

/// The number that a line states, without reading the rest of it.
pub(crate) fn stated_seq(line: &[u8]) -> Option<u64> {
    let start = line.windows(7).take(40).position(|window| window == b",\"seq\":")? + 7;
    let digits = line[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&line[start..start + digits]).ok()?.parse().ok()
}

/// Whether a line holds a capture, also one that was deleted since, without reading the rest of it.
/// Inside JSON strings the quotes would be escaped, so no remark of a person can look like this.
pub(crate) fn states_capture(line: &[u8]) -> bool {
    const EVENT: &[u8] = b"\"event\":{\"event\":\"";
    let mut named = line.windows(EVENT.len()).enumerate().filter(|(_, window)| *window == EVENT);
    named.any(|(at, _)| {
        let name = &line[at + EVENT.len()..];
        name.starts_with(b"capture\"") || name.starts_with(b"deleted_capture\"")
    })
}

#[cfg(test)]
mod tests {
    use domain::LeadId;

    use super::*;

    fn entry() -> Entry {
        let lead = LeadId::new("l-0123456789abcdef01234567").unwrap();
        let text = "a \"quoted\" remark, \u{457} \u{1f600} \n\u{0}".to_owned();
        let time = "2026-11-23T10:00:00.123456789Z".parse().unwrap();
        Entry::new(7, time, "Olena K.", Event::Note { lead, text }, no_entry()).unwrap()
    }

    #[test]
    fn a_line_reads_back_as_the_entry_it_was_made_from() {
        let entry = entry();
        assert!(!entry.line().contains('\n'));
        let read = Entry::parse(entry.line().as_bytes(), Path::new("log"), "line 7").unwrap();
        assert_eq!(read, entry);
        assert_eq!(stated_seq(entry.line().as_bytes()), Some(7));
        assert!(!states_capture(entry.line().as_bytes()));
    }

    #[test]
    fn a_line_with_any_byte_changed_is_refused() {
        let line = entry().line().as_bytes().to_vec();
        for at in 0..line.len() {
            for mask in [0x01, 0x20, 0x80] {
                let mut changed = line.clone();
                changed[at] ^= mask;
                let read = Entry::parse(&changed, Path::new("log"), "line 7");
                assert!(read.is_err(), "byte {at} with mask {mask:#x} went unnoticed");
            }
        }
    }

    #[test]
    fn a_line_of_a_later_format_says_which_program_to_use() {
        let hashed = "{\"format\":9,\"seq\":1,\"something\":\"else\"";
        let line = format!("{hashed},\"hash\":\"{}\"}}", Sha256::of(hashed.as_bytes()));
        let error = Entry::parse(line.as_bytes(), Path::new("log"), "line 1").unwrap_err();
        assert!(matches!(error, EvidenceError::Newer { format: 9, .. }), "{error}");
    }
}
