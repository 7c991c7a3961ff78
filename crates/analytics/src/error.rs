use std::path::{Path, PathBuf};

use polars_core::error::PolarsError;

/// Why the archive could not be written, or read and counted.
#[derive(Debug, thiserror::Error)]
pub enum AnalyticsError {
    /// A file of the archive does not read as what it should be. It can be made anew.
    #[error(
        "cannot read {path}: {what}; the archive is made anew by `fusion store rebuild`, nothing is lost"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The archive was written by a later program.
    #[error("{path} is of format {format}, written by a later fusion; use that one")]
    Newer {
        /// The file that says so.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// A folder or file could not be made or written.
    #[error("cannot {doing} {path}: {error}")]
    File {
        /// What was tried: `make`, `list`, `read`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Columns could not be built or packed.
    #[error("cannot pack postings for the archive: {0}")]
    Packing(#[from] PolarsError),
    /// The file could not be put in place.
    #[error(transparent)]
    Evidence(#[from] evidence::EvidenceError),
    /// The index.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl AnalyticsError {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { doing, path, error }
    }

    pub(crate) fn damaged(path: &Path, what: impl ToString) -> Self {
        // One line: it is shown to people as one sentence.
        let what = what.to_string().replace('\n', " ");
        Self::Damaged { path: path.to_owned(), what }
    }
}
