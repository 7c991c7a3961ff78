//! The plan of a run, on disk from before the first deletion until after the last: all of it happens
//! or nothing.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use evidence::{CaptureArchive, CustodyLog, Event};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::PipelineError;

const FORMAT: u32 = 1;

/// The first line of a plan; then one event a line.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    /// The last entry of the log before the run.
    after: u64,
    at: Timestamp,
    by: String,
    /// How many events follow.
    events: usize,
}

struct Plan {
    head: Head,
    events: Vec<Event>,
}

/// Writes a plan down. From now on it is carried out, whatever happens.
pub(crate) fn begin(
    dir: &Path,
    after: u64,
    at: Timestamp,
    by: &str,
    events: Vec<Event>,
) -> Result<(), PipelineError> {
    let head = Head { format: FORMAT, after, at, by: by.to_owned(), events: events.len() };
    let mut lines = line(&head)?;
    for event in &events {
        lines.push_str(&line(event)?);
    }
    Ok(evidence::replace_file(&path_of(dir), lines.as_bytes())?)
}

/// Carries out the plan that lies there; tells whether there is one. Its events that the log does
/// not have yet are written first, then all is done (again).
pub(crate) fn finish(
    dir: &Path,
    custody: &mut CustodyLog,
    captures: &mut CaptureArchive,
) -> Result<bool, PipelineError> {
    let Some(Plan { head, events }) = read(dir)? else { return Ok(false) };
    let (logged, _) = custody.head();
    // Nobody writes anything else between the plan and its end.
    let done = usize::try_from(logged.saturating_sub(head.after)).unwrap_or(usize::MAX);
    let rest = events.into_iter().skip(done).collect();
    custody.append(head.at, &head.by, rest)?;
    evidence::carry_out_deletions(dir, head.after, custody, captures)?;
    Ok(true)
}

/// Whether a plan lies there: one that failed. The desk takes nothing in until it is opened again
/// and has carried it out, since the log goes on with what the plan says.
pub(crate) fn is_unfinished(dir: &Path) -> bool {
    path_of(dir).exists()
}

/// Takes the plan away: it is carried out.
pub(crate) fn end(dir: &Path) -> Result<(), PipelineError> {
    let path = path_of(dir);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(PipelineError::file("remove", &path)(error))
        }
        _ => Ok(()),
    }
}

fn read(dir: &Path) -> Result<Option<Plan>, PipelineError> {
    let path = path_of(dir);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PipelineError::file("read", &path)(error)),
    };
    let refused = |what: String| {
        PipelineError::Refused(format!(
            "{} cannot be read ({what}): what it says is half done; restore the file from a backup",
            path.display()
        ))
    };
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let head: Head = serde_json::from_str(head).map_err(|error| refused(error.to_string()))?;
    if head.format > FORMAT {
        return Err(refused(format!("it has format {}: use a newer fusion", head.format)));
    }
    let events = lines.map(serde_json::from_str).collect::<Result<Vec<Event>, _>>();
    let events = events.map_err(|error| refused(error.to_string()))?;
    if events.len() != head.events {
        return Err(refused(format!("it has {} lines of {}", events.len(), head.events)));
    }
    Ok(Some(Plan { head, events }))
}

fn line(value: &impl Serialize) -> Result<String, PipelineError> {
    let json = serde_json::to_string(value);
    let json = json.map_err(|error| {
        PipelineError::Refused(format!("cannot write down what is to be deleted: {error}"))
    })?;
    Ok(json + "\n")
}

fn path_of(dir: &Path) -> PathBuf {
    dir.join(evidence::DELETION_PLAN)
}
