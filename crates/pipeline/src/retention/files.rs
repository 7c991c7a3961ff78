//! Files that lie beside the evidence and go with it: who sent a tip, packets, what crashes left.

use std::path::Path;

use domain::{PostingId, Sha256, SourceId};
use evidence::{Because, Deleted, LEFT_OVER};
use jiff::Timestamp;

use super::RetentionPlan;
use super::fates::{Fate, Fates};
use crate::{Desk, PipelineError};

/// Who sent a tip goes with its words.
pub(super) fn of_sender(
    plan: &mut RetentionPlan,
    desk: &Desk,
    source: &SourceId,
    url: &str,
    because: Because,
) -> Result<(), PipelineError> {
    let Some(tip) = url.strip_prefix("file:///tip/").filter(|tip| !tip.contains('/')) else {
        return Ok(());
    };
    let files: Vec<String> = names_in(&desk.dir.join(crate::tip::SENDERS))?
        .into_iter()
        .filter(|name| name.strip_prefix(tip).is_some_and(|rest| rest.starts_with('-')))
        .collect();
    if !files.is_empty() {
        let deleted = Deleted::Sender { posting: PostingId::derive(source, tip), files };
        plan.add(deleted, Vec::new(), because, 0);
    }
    Ok(())
}

/// A packet that lies where `fusion packet build` puts it, and is the one that left the desk.
pub(super) fn of_packet(
    desk: &Desk,
    plan: &mut RetentionPlan,
    fate: Fate,
    file: &str,
    sha256: &Sha256,
) -> Result<(), PipelineError> {
    let Fate::Goes(because) = fate else { return Ok(()) };
    let path = desk.dir.join(evidence::PACKETS).join(file);
    let is_known = plan
        .deletions()
        .any(|known| matches!(&known.deleted, Deleted::Packet { file: of, .. } if of == file));
    if Path::new(file).components().count() != 1 || is_known || !path.is_file() {
        return Ok(());
    }
    let bytes = std::fs::read(&path).map_err(PipelineError::file("read", &path))?;
    if Sha256::of(&bytes) == *sha256 {
        let deleted = Deleted::Packet { file: file.to_owned(), sha256: *sha256 };
        plan.add(deleted, Vec::new(), because, 0);
    }
    Ok(())
}

/// What crashes left half written holds pages, too. It is in no entry; its age is that of the file.
pub(super) fn left_over(
    desk: &Desk,
    plan: &mut RetentionPlan,
    fates: &Fates<'_>,
) -> Result<(), PipelineError> {
    for folder in LEFT_OVER {
        let dir = desk.dir.join(folder);
        for name in names_in(&dir)? {
            let path = dir.join(&name);
            let written = std::fs::metadata(&path).and_then(|file| file.modified());
            let written = written.map_err(PipelineError::file("read", &path))?;
            let Ok(written) = Timestamp::try_from(written) else { continue };
            if let Fate::Goes(because) = fates.of_clear(written) {
                let deleted = Deleted::LeftOver { file: format!("{folder}/{name}") };
                plan.add(deleted, Vec::new(), because, 0);
            }
        }
    }
    Ok(())
}

/// The names in a folder, sorted; none if there is no folder.
fn names_in(dir: &Path) -> Result<Vec<String>, PipelineError> {
    let files = match std::fs::read_dir(dir) {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(PipelineError::file("read", dir)(error)),
    };
    let mut names = Vec::new();
    for file in files {
        let file = file.map_err(PipelineError::file("read", dir))?;
        names.push(file.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}
