use std::path::{Path, PathBuf};

/// Why evidence could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file or folder could not be made, read or written. After a failed write the file is as
    /// long as it was before.
    #[error("cannot {doing} {path}: {error}")]
    File {
        /// What was tried: `make`, `open`, `read`, `write`, `sync`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// What lies on disk is not as it was written. `fusion evidence verify` lists all such places.
    #[error("{path} is damaged at {place}: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it: a line, a byte.
        place: String,
        /// What does not agree.
        what: String,
    },
    /// Written by a later version of this program.
    #[error("{path} was written by a newer fusion (format {format}); use that version")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format that it states.
        format: u64,
    },
    /// The desk is encrypted, and the key that was given does not open it, or is none, or lies where it
    /// must not. The text is the whole sentence.
    #[error("{0}")]
    Key(String),
    /// The record cannot be kept as it is: too large, or its id, digest and bytes do not agree.
    #[error("cannot keep {what}")]
    Refused {
        /// What and why.
        what: String,
    },
}

impl EvidenceError {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { doing, path, error }
    }

    pub(crate) fn damaged(path: &Path, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), place: place.into(), what: what.into() }
    }
}

/// What opening found half done and set in order. Nothing that was acknowledged is ever touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// One sentence for a person each; empty after an orderly end.
    pub notes: Vec<String>,
}
