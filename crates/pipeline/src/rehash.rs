//! The scheduler reads all evidence again from time to time, in small parts between its walks.

use std::path::{Path, PathBuf};

use evidence::{Event, Fault, replace_file};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::desk::PROGRAM;
use crate::{Desk, PipelineError};

/// Bytes of evidence that are read in one go: nobody waits for the desk longer than that takes.
const PART_BYTES: u64 = 16 * 1024 * 1024;
/// How far the round has come, in the desk's folder. Without it a round begins anew.
const FILE: &str = "rehash.json";
const FORMAT: u32 = 1;

/// `[evidence]` of `fusion.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvidenceConfig {
    /// So many days after it had begun to read all evidence again, the scheduler begins once more;
    /// 0: never.
    pub rehash_days: u32,
}

impl Default for EvidenceConfig {
    fn default() -> Self {
        Self { rehash_days: 30 }
    }
}

/// A round through all evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Round {
    format: u32,
    began_at: Timestamp,
    /// The last entry of the log whose evidence was read.
    entry: u64,
    /// Captures and snapshots that were read.
    files: u64,
    faults: u64,
    is_over: bool,
}

impl Round {
    fn from(began_at: Timestamp) -> Self {
        Self { format: FORMAT, began_at, entry: 0, files: 0, faults: 0, is_over: false }
    }

    fn read(path: &Path) -> Option<Self> {
        let round: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (round.format == FORMAT).then_some(round)
    }
}

/// What came of one part.
pub(crate) struct Part {
    pub(crate) faults: Vec<Fault>,
    /// Files and faults of a round that has come to its end.
    pub(crate) over: Option<(u64, u64)>,
}

/// Where the scheduler stands in its rounds.
pub(crate) struct Rehash {
    path: PathBuf,
    round: Option<Round>,
}

impl Rehash {
    pub(crate) fn of(desk: &Path) -> Self {
        let path = desk.join(FILE);
        let round = Round::read(&path);
        Self { path, round }
    }

    /// Whether a part is to be read now.
    pub(crate) fn is_due(&self, config: &EvidenceConfig, now: Timestamp) -> bool {
        let between = SignedDuration::from_hours(24 * i64::from(config.rehash_days));
        config.rehash_days > 0
            && self.round.as_ref().is_none_or(|round| {
                // A clock that was set back begins a round rather than waiting for years.
                !round.is_over || now.duration_since(round.began_at).abs() >= between
            })
    }

    /// The round that the next part belongs to, to be given back by [`Rehash::note`].
    pub(crate) fn next(&self, now: Timestamp) -> NextPart {
        let going = self.round.clone().filter(|round| !round.is_over);
        NextPart { path: self.path.clone(), round: going.unwrap_or_else(|| Round::from(now)) }
    }

    pub(crate) fn note(&mut self, part: &NextPart) {
        self.round = Some(part.round.clone());
    }

    /// A part could not be read at all. The round goes on when the scheduler starts the next time.
    pub(crate) fn give_up(&mut self, now: Timestamp) {
        self.round = Some(Round { is_over: true, ..Round::from(now) });
    }
}

/// One part of a round.
pub(crate) struct NextPart {
    path: PathBuf,
    round: Round,
}

impl NextPart {
    /// Reads the part, and writes into the log what a round has come to.
    pub(crate) fn read(&mut self, desk: &mut Desk) -> Result<Part, PipelineError> {
        let read = evidence::rehash(&desk.dir, self.round.entry, PART_BYTES)?;
        self.round.entry = read.entry;
        self.round.files += read.files;
        self.round.faults += read.faults.len() as u64;
        self.round.is_over = read.is_end;
        let round = serde_json::to_vec(&self.round).unwrap_or_default();
        if read.is_end {
            let faults = self.round.faults;
            desk.record_in_log(PROGRAM, vec![Event::Verification { faults }])?;
        }
        replace_file(&self.path, &round)?;
        let over = read.is_end.then_some((self.round.files, self.round.faults));
        Ok(Part { faults: read.faults, over })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 + day * 86_400).unwrap()
    }

    #[test]
    fn a_round_is_begun_when_its_days_are_over_and_one_that_was_cut_short_is_gone_on_with() {
        let config = EvidenceConfig { rehash_days: 30 };
        let folder = tempfile::tempdir().unwrap();
        let mut rehash = Rehash::of(folder.path());
        assert!(rehash.is_due(&config, at(0)), "evidence was never read again");
        assert!(!rehash.is_due(&EvidenceConfig { rehash_days: 0 }, at(0)));
        let mut part = rehash.next(at(0));
        part.round.entry = 17;
        rehash.note(&part);
        assert!(rehash.is_due(&config, at(1)), "cut short");
        assert_eq!(rehash.next(at(1)).round, part.round);
        part.round.is_over = true;
        rehash.note(&part);
        assert!(!rehash.is_due(&config, at(29)));
        assert!(rehash.is_due(&config, at(30)));
        assert_eq!(rehash.next(at(30)).round, Round::from(at(30)));
        // The clock stood years ahead when the round began.
        assert!(rehash.is_due(&config, at(-400)));
    }

    #[test]
    fn a_file_that_is_damaged_begins_a_round_anew() {
        let folder = tempfile::tempdir().unwrap();
        for bytes in ["", "{}", "{\"format\":2}", "\u{0}"] {
            std::fs::write(folder.path().join(FILE), bytes).unwrap();
            assert_eq!(Rehash::of(folder.path()).round, None);
        }
    }
}
