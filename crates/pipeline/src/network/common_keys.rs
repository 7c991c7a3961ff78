//! Keys that many postings share, and that tie none.

use std::path::Path;

use domain::{LinkKey, LinkKind, Sha256};
use evidence::Event;
use store::{Batch, Change};

use crate::PipelineError;

/// The name under which a common key stands while no posting that is read has it.
pub(super) fn unnamed(kind: LinkKind, digest: &Sha256) -> LinkKey {
    LinkKey { kind, value: format!("common {digest}") }
}

/// What the log says of common keys, to be known before its first entry is folded: so that no two
/// postings are ever tied by them, in whatever order they came.
pub(crate) fn of_log(custody: &Path) -> Result<Batch, PipelineError> {
    let mut batch = Batch::default();
    for entry in evidence::entries(custody, 0)? {
        if let Event::CommonKey { kind, key, used, .. } = entry?.event {
            batch.changes.push(Change::PutKeyUse { key: unnamed(kind, &key), used });
        }
    }
    Ok(batch)
}
