//! A watched folder: each walk takes in the files that are new, each content once. What is still
//! being written is left for the next walk; what cannot be read is named at every walk until
//! somebody mends or removes it.

use std::collections::BTreeSet;
use std::fs::{DirEntry, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use domain::{Capture, Clock, Outcome, Problem, Sha256, Source};
use jiff::Timestamp;
use sha2::Digest as _;
use url::Url;

use crate::file_opening::{self, FileName};
use crate::{Collector, Reading, Scan, ScanError, detect_kind};

const TAKEN: Outcome = Outcome::done("file.taken-in");
const KNOWN: Outcome = Outcome::intended("file.known");
const UNFINISHED: Outcome = Outcome::intended("file.unfinished");
const HIDDEN: Outcome = Outcome::intended("file.hidden");
const UNKNOWN: Outcome = Outcome::fault("file.unknown-kind");
const UNREADABLE: Outcome = Outcome::fault("file.unreadable");

/// A file that was written to in the last seconds may not be finished.
const SETTLED_SECONDS: i64 = 10;
/// More files are not looked at in one walk; the rest comes in the next.
const MOST_FILES: usize = 10_000;
/// How programs call what they have not finished.
const UNFINISHED_ENDINGS: [&str; 6] =
    [".part", ".partial", ".crdownload", ".download", ".tmp", "~"];

/// A folder that files are dropped into.
pub(crate) struct Folder {
    pub(crate) clock: Arc<dyn Clock>,
    /// The collectors of the files in it.
    pub(crate) files: Vec<Box<dyn Collector>>,
}

#[async_trait]
impl Collector for Folder {
    fn kind(&self) -> &'static str {
        "folder"
    }

    async fn fetch(&self, scan: &mut Scan<'_>) -> Result<(), ScanError> {
        let folder = file_opening::path_of(scan.source);
        let files = files_in(&folder)?;
        let names: BTreeSet<String> =
            files.iter().map(|file| FileName::of(file).to_string()).collect();
        // What is no longer there need not be remembered: were it to come back, its captures and
        // postings would be known.
        scan.checkpoint
            .positions
            .retain(|_, of| of.splitn(3, ' ').nth(2).is_some_and(|name| names.contains(name)));
        for path in files.iter().take(MOST_FILES) {
            self.file(scan, path).await?;
        }
        Ok(())
    }

    fn read(&self, source: &Source, capture: &Capture) -> Reading {
        match Url::parse(&capture.url).ok().and_then(|url| self.of(Path::new(url.path()))) {
            Some(collector) => collector.read(source, capture),
            None => {
                let detail = "no collector reads files of this ending";
                Reading::failed(Problem::new(UNKNOWN, &capture.url, detail))
            }
        }
    }
}

impl Folder {
    fn of(&self, path: &Path) -> Option<&dyn Collector> {
        let kind = detect_kind(path)?;
        self.files.iter().find(|collector| collector.kind() == kind).map(AsRef::as_ref)
    }

    /// Takes a file in if it is finished, of a known kind, and its content is new.
    async fn file(&self, scan: &mut Scan<'_>, path: &Path) -> Result<(), ScanError> {
        let name = FileName::of(path);
        let plain = name.to_string();
        if plain.starts_with('.') {
            scan.tally.count(HIDDEN);
            return Ok(());
        }
        let lower = plain.to_lowercase();
        let form = match Form::of(path) {
            Ok(form) => form,
            Err(error) => {
                scan.fail(unreadable(&name, &error));
                return Ok(());
            }
        };
        let is_settled =
            form.modified.duration_until(self.clock.now()).as_secs() >= SETTLED_SECONDS;
        if !is_settled || UNFINISHED_ENDINGS.iter().any(|ending| lower.ends_with(ending)) {
            scan.tally.count(UNFINISHED);
            return Ok(());
        }
        let Some(collector) = self.of(path) else {
            let detail = format!(
                "{name} is of no kind that is read; name it by what it is: .ndjson, .csv, .warc.gz, .wacz, .html, .mhtml, .json"
            );
            scan.fail(Problem::new(UNKNOWN, name.address(), detail));
            return Ok(());
        };
        let position = format!("{} {plain}", form.words());
        if scan.checkpoint.positions.values().any(|known| *known == position) {
            scan.tally.count(KNOWN);
            return Ok(());
        }
        let content = match digest(path) {
            Ok(digest) => format!("sha256 {}", digest.to_hex()),
            Err(error) => {
                scan.fail(unreadable(&name, &error));
                return Ok(());
            }
        };
        if scan.checkpoint.get(&content).is_some() {
            scan.tally.count(KNOWN);
            return Ok(());
        }
        let of_file = Source { url: path.to_string_lossy().into_owned(), ..scan.source.clone() };
        let mut walk = scan.within(&of_file);
        let ended = collector.fetch(&mut walk).await;
        let (tally, problems) =
            (std::mem::take(&mut walk.tally), std::mem::take(&mut walk.problems));
        scan.tally.merge(&tally);
        scan.problems.extend(problems);
        match ended {
            Err(ScanError::Incomplete(problem)) => scan.fail(problem),
            Err(error) => return Err(error),
            // It was written to while we read it: what we have may be half of it.
            Ok(()) if Form::of(path).ok().as_ref() != Some(&form) => scan.tally.count(UNFINISHED),
            Ok(()) => {
                scan.tally.count(TAKEN);
                scan.checkpoint.set(content, position);
            }
        }
        Ok(())
    }
}

/// Size and time of a file: while they stay, its content does.
#[derive(Debug, PartialEq, Eq)]
struct Form {
    bytes: u64,
    modified: Timestamp,
}

impl Form {
    fn of(path: &Path) -> std::io::Result<Self> {
        let about = path.metadata()?;
        let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let modified = Timestamp::try_from(modified).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Self { bytes: about.len(), modified })
    }

    fn words(&self) -> String {
        format!("{} {}", self.bytes, self.modified)
    }
}

/// The files of a folder by name, those of deeper folders not among them.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, ScanError> {
    let refused = |error: std::io::Error| file_opening::unreadable(folder, &error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let entry: DirEntry = entry.map_err(refused)?;
        if entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn digest(path: &Path) -> std::io::Result<Sha256> {
    let mut file = File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Sha256::from_bytes(hasher.finalize().into())),
            read => hasher.update(&piece[..read]),
        }
    }
}

fn unreadable(name: &FileName, error: &std::io::Error) -> Problem {
    Problem::new(UNREADABLE, name.address(), format!("cannot read {name}: {error}"))
}
