//! What a crash kept out of the log counts as nothing. Files that are made again under another name, or
//! with other bytes, are removed when the desk is opened next; the rest is completed.

use std::collections::BTreeSet;
use std::path::Path;

use evidence::{Event, Viewed, has_media};

use crate::{Desk, PipelineError};

/// How many files were removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Swept {
    /// Snapshots with a picture of the page, or with those of the posting.
    pub(crate) snapshots: usize,
    /// Records and tokens of trusted time.
    pub(crate) time: usize,
}

/// Removes what no entry of the log lists.
pub(crate) fn sweep(desk: &Desk) -> Result<Swept, PipelineError> {
    let (snapshots, time) = (desk.dir.join("snapshots"), desk.dir.join("time"));
    let is_later = |name: &String| Viewed::is_in(name) || has_media(name);
    let mut later: BTreeSet<String> = names(&snapshots).filter(is_later).collect();
    let mut tokens: BTreeSet<String> = names(&time).collect();
    if later.is_empty() && tokens.is_empty() {
        return Ok(Swept::default());
    }
    for entry in evidence::entries(&desk.dir.join("custody"), 0)? {
        match entry?.event {
            Event::Snapshot { snapshot, .. } => drop(later.remove(&snapshot.file)),
            Event::Timestamp { record, token, .. } => {
                tokens.remove(&record);
                tokens.remove(&token);
            }
            _ => {}
        }
    }
    for (dir, unlisted) in [(&snapshots, &later), (&time, &tokens)] {
        for name in unlisted {
            let path = dir.join(name);
            std::fs::remove_file(&path).map_err(PipelineError::file("remove", &path))?;
        }
    }
    Ok(Swept { snapshots: later.len(), time: tokens.len() })
}

/// The files of a folder; none if there is no such folder.
fn names(dir: &Path) -> impl Iterator<Item = String> {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files.map(|file| file.file_name().to_string_lossy().into_owned())
}
