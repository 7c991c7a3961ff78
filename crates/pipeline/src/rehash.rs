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
/// So many faults of a round are kept by name.
const MOST_FOUND: usize = 1000;

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

/// A round through all evidence, as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRound {
    format: u32,
    /// UTC.
    pub began_at: Timestamp,
    /// UTC, of one that has come to its end.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// The last entry of the log whose evidence was read.
    entry: u64,
    /// Captures and snapshots that were read.
    pub files: u64,
    /// Their bytes.
    #[serde(default)]
    pub bytes: u64,
    /// How much is not as it was written.
    pub faults: u64,
    /// The first thousand of that.
    #[serde(default)]
    pub found: Vec<Fault>,
    is_over: bool,
    /// The last round before it that had come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Box<Self>>,
}

impl EvidenceRound {
    /// The round that the scheduler of this desk is at, or was at last; `None` before the first.
    pub fn of(desk: &Path) -> Option<Self> {
        Self::read(&desk.join(FILE))
    }

    /// This round if it has come to its end, else the one before it.
    pub fn last_whole(&self) -> Option<&Self> {
        if self.is_over { Some(self) } else { self.before.as_deref() }
    }

    /// Whether it is still to be gone on with.
    pub fn is_going(&self) -> bool {
        !self.is_over
    }

    fn from(began_at: Timestamp) -> Self {
        Self {
            format: FORMAT,
            began_at,
            ended_at: None,
            entry: 0,
            files: 0,
            bytes: 0,
            faults: 0,
            found: Vec::new(),
            is_over: false,
            before: None,
        }
    }

    /// One that follows this.
    fn followed(&self, began_at: Timestamp) -> Self {
        let mut before = self.last_whole().cloned().map(Box::new);
        if let Some(before) = &mut before {
            before.before = None;
        }
        Self { before, ..Self::from(began_at) }
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
    round: Option<EvidenceRound>,
}

impl Rehash {
    pub(crate) fn of(desk: &Path) -> Self {
        let path = desk.join(FILE);
        let round = EvidenceRound::read(&path);
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
        let round = match &self.round {
            Some(going) if going.is_going() => going.clone(),
            Some(over) => over.followed(now),
            None => EvidenceRound::from(now),
        };
        NextPart { path: self.path.clone(), round }
    }

    pub(crate) fn note(&mut self, part: &NextPart) {
        self.round = Some(part.round.clone());
    }

    /// A part could not be read at all. The round goes on when the scheduler starts the next time.
    pub(crate) fn give_up(&mut self, now: Timestamp) {
        self.round = Some(EvidenceRound { is_over: true, ..EvidenceRound::from(now) });
    }
}

/// One part of a round.
pub(crate) struct NextPart {
    path: PathBuf,
    round: EvidenceRound,
}

impl NextPart {
    /// Reads the part, and writes into the log what a round has come to.
    pub(crate) fn read(&mut self, desk: &mut Desk) -> Result<Part, PipelineError> {
        let read = evidence::rehash(&desk.vault, self.round.entry, PART_BYTES)?;
        self.round.entry = read.entry;
        self.round.files += read.files;
        self.round.bytes += read.bytes;
        self.round.faults += read.faults.len() as u64;
        let room = MOST_FOUND.saturating_sub(self.round.found.len());
        self.round.found.extend(read.faults.iter().take(room).cloned());
        self.round.is_over = read.is_end;
        self.round.ended_at = read.is_end.then(|| desk.clock.now());
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
        let next = rehash.next(at(30)).round;
        assert_eq!((next.began_at, next.entry, next.is_going()), (at(30), 0, true));
        assert_eq!(next.last_whole(), Some(&part.round), "what was found last is told meanwhile");
        // The clock stood years ahead when the round began.
        assert!(rehash.is_due(&config, at(-400)));
    }

    #[test]
    fn each_fault_of_a_round_is_told_by_name_until_the_next_has_come_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("desk");
        crate::init(&dir, "Test", "desk@example.org").unwrap();
        let clock = std::sync::Arc::new(domain::FixedClock(at(0)));
        let mut desk = Desk::open(&dir, clock).unwrap();
        let form = collect::read_tip("Паспорт залишається у координатора".as_bytes()).unwrap();
        desk.tip(&crate::Tip { form, ..crate::Tip::default() }, "Olena").unwrap();
        assert_eq!(EvidenceRound::of(&dir), None);
        let mut round = |day: i64| {
            let mut rehash = Rehash::of(&dir);
            let mut part = rehash.next(at(day));
            let told = part.read(&mut desk).unwrap();
            rehash.note(&part);
            (told.over, EvidenceRound::of(&dir).unwrap())
        };
        let (over, whole) = round(0);
        let (files, faults) = over.unwrap();
        assert!(files > 0 && faults == 0, "{whole:?}");
        assert_eq!((whole.files, whole.found.len(), whole.is_going()), (files, 0, false));
        assert_eq!(whole.ended_at, Some(at(0)));
        let captures = dir.join("captures");
        let file = std::fs::read_dir(captures).unwrap().next().unwrap().unwrap().path();
        let kept = std::fs::read(&file).unwrap();
        let mut rotten = kept.clone();
        rotten[kept.len() / 2] ^= 1;
        std::fs::write(&file, rotten).unwrap();
        let (over, damaged) = round(30);
        assert_eq!(over.unwrap().1, damaged.faults);
        assert_eq!((damaged.faults, damaged.found.len()), (1, 1));
        assert!(damaged.found[0].file.starts_with("captures/"), "{damaged:?}");
        std::fs::write(&file, kept).unwrap();
        let (_, mended) = round(60);
        assert_eq!((mended.faults, mended.found.len()), (0, 0));
    }

    #[test]
    fn a_file_of_an_earlier_program_is_gone_on_with() {
        let written = r#"{"format":1,"began_at":"2026-05-28T20:26:40Z","entry":17,"files":4,"faults":1,"is_over":false}"#;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), written).unwrap();
        let round = EvidenceRound::of(folder.path()).unwrap();
        assert_eq!((round.entry, round.files, round.faults, round.found.len()), (17, 4, 1, 0));
        assert!(round.is_going() && round.last_whole().is_none());
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
