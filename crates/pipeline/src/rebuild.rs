use std::path::Path;
use std::sync::Arc;

use domain::Clock;

use crate::{Desk, PipelineError};

/// Makes the desk's index anew from captures and custody log, and opens the desk on it. Under the
/// same rules the queue comes out the same; under changed rules every posting is assessed again.
pub fn rebuild(dir: &Path, clock: Arc<dyn Clock>) -> Result<Desk, PipelineError> {
    rebuild_with(dir, None, clock)
}

/// The same of a desk that may be encrypted; `key` is the file of its key.
pub fn rebuild_with(
    dir: &Path,
    key: Option<&Path>,
    clock: Arc<dyn Clock>,
) -> Result<Desk, PipelineError> {
    Desk::open_rebuilding(dir, key, clock)
}
