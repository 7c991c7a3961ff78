use std::io;
use std::path::{Path, PathBuf};

/// Why the index could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has it open.
    #[error("the index {} is in use by another process; wait for it or stop it", .0.display())]
    InUse(PathBuf),
    /// A later version of the program wrote it. It is left as it is.
    #[error("the index {} has format {found} and this program knows formats up to {known}: use the newer program that wrote it, or make the index anew with `fusion store rebuild`", .dir.display())]
    TooNew {
        /// Its folder.
        dir: PathBuf,
        /// The format it says it has.
        found: u64,
        /// The highest format that this program knows.
        known: u64,
    },
    /// What is kept does not read back. The index is marked, and set aside at the next opening.
    #[error("the index {} is damaged ({reason}): run the command again, it will set the index aside and make it anew", .dir.display())]
    Damaged {
        /// Its folder.
        dir: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A folder or file could not be made, read or written. After this in a commit, the store
    /// answers nothing more until it is opened again.
    #[error("cannot {doing} {}: {error}", .path.display())]
    File {
        /// What was tried: `make`, `read`, `write`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// An id that is not of the form in which the program derives ids.
    #[error("the index cannot keep the {what} id `{id}`: expected `{prefix}` and 24 hex digits")]
    Id {
        /// `capture` or `posting`.
        what: &'static str,
        /// The id.
        id: String,
        /// `c-` or `p-`.
        prefix: &'static str,
    },
    /// Something that would not read back as it was given.
    #[error("the index cannot keep {what}: {reason}")]
    Unstorable {
        /// What it is, with its id.
        what: String,
        /// Why not.
        reason: String,
    },
    /// A batch comes from an entry before the last one that is contained.
    #[error(
        "the index contains the log up to entry {applied} and was given entry {given} after it"
    )]
    Backwards {
        /// The last entry contained.
        applied: u64,
        /// The entry given.
        given: u64,
    },
    /// The dump could not be written out.
    #[error("cannot write the dump of the index: {0}")]
    Dump(io::Error),
}

impl StoreError {
    pub(crate) fn file<'a>(
        doing: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + 'a {
        move |error| Self::File { doing, path: path.to_owned(), error }
    }

    pub(crate) fn damaged(dir: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { dir: dir.to_owned(), reason: reason.into() }
    }

    /// What the database library reports: trouble with the disk stays what it is, so that "disk
    /// full" is not called damage; all else, a file that ends too early among it, means that the
    /// files are not what was written.
    pub(crate) fn of_sled(dir: &Path, error: sled::Error) -> Self {
        use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
        match error {
            sled::Error::Io(error)
                if !matches!(error.kind(), InvalidData | NotFound | UnexpectedEof) =>
            {
                Self::File { doing: "use", path: dir.join("db"), error }
            }
            other => Self::damaged(dir, other.to_string()),
        }
    }
}
