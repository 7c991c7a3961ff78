//! `fusion evidence verify`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::Clock as _;
use evidence::{Depth, Vault, VerifyMark, VerifyReport};

use super::desk_dir;
use crate::Ended;
use crate::args::{Global, Verify};
use crate::clock::SystemClock;
use crate::commands::progress::Progress;
use crate::output::{Output, one_line, remark};

/// How far an unfinished run has come, in the desk's folder.
const MARK: &str = "verify.mark";
/// As long as this is what a run that is cut short has to read again.
const BETWEEN_MARKS: Duration = Duration::from_secs(2);

pub(crate) fn run(args: &Verify, global: &Global, output: &mut Output) -> anyhow::Result<Ended> {
    let dir = desk_dir(global)?;
    if !dir.join("fusion.toml").is_file() {
        return Err(pipeline::PipelineError::NoDesk(dir).into());
    }
    let vault = Vault::open(&dir, global.evidence_key.as_deref())?;
    let mut marks = Marks { path: dir.join(MARK), written_at: Instant::now(), fails: false };
    let earlier = if args.resume { marks.read() } else { None };
    if args.resume && earlier.is_none() {
        remark("note: there is no unfinished run to go on with; everything is read");
    }
    // The folder is read as it lies: opening the desk would mend a torn tail before it was seen.
    let mut progress = Progress::bytes("verifying", global);
    if args.progress {
        progress = progress.in_lines();
    }
    let mut told = |done, total, mark: &VerifyMark| {
        progress.at(done, total);
        marks.note(mark);
    };
    let now = SystemClock.now();
    let depth = if args.contents { Depth::Contents } else { Depth::Digests };
    let report = evidence::verify_from(&vault, depth, earlier.as_ref(), now, &mut told)
        .with_context(|| format!("cannot verify {}", dir.display()))?;
    progress.end();
    marks.remove();
    print(&report, args.resume, output)?;
    Ok(Ended::with_problems(!report.faults.is_empty()))
}

fn print(report: &VerifyReport, resumes: bool, output: &mut Output) -> anyhow::Result<()> {
    output.result(report)?;
    output.line(format!(
        "{} custody entries, {} captures, {} snapshots, {} bytes read",
        report.entries, report.captures, report.snapshots, report.bytes
    ))?;
    if let Some(earlier) = report.earlier {
        output.line(format!(
            "note: {} captures and snapshots of these, {} bytes, were read by the run that began at {} and not again",
            earlier.files, earlier.bytes, earlier.began_at
        ))?;
    } else if resumes {
        output.line("note: everything was read in this run")?;
    }
    for note in &report.notes {
        output.line(format!("note: {}", one_line(note)))?;
    }
    for fault in &report.faults {
        output.line(format!("FAULT {}", one_line(&fault.to_string())))?;
    }
    if report.faults.is_empty() {
        output.line("All evidence is as it was captured.")?;
    } else {
        output.line(format!(
            "{} faults: the evidence named above is not as it was captured.",
            report.faults.len()
        ))?;
    }
    Ok(())
}

/// The mark of an unfinished run. A folder that cannot be written to is verified without.
struct Marks {
    path: PathBuf,
    written_at: Instant,
    fails: bool,
}

impl Marks {
    fn read(&self) -> Option<VerifyMark> {
        VerifyMark::read(&std::fs::read(&self.path).ok()?)
    }

    fn note(&mut self, mark: &VerifyMark) {
        if self.fails || self.written_at.elapsed() < BETWEEN_MARKS {
            return;
        }
        self.written_at = Instant::now();
        if let Err(error) = evidence::replace_file(&self.path, &mark.to_bytes()) {
            tracing::warn!(%error, "an interrupted run could not be gone on with");
            self.fails = true;
        }
    }

    fn remove(&self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the mark of this run could not be removed");
    }
}
