use std::path::PathBuf;

/// Why a desk could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// There is no desk here.
    #[error("{0} is no desk: it has no fusion.toml; make one with `fusion init {0}`")]
    NoDesk(PathBuf),
    /// Another process owns the desk.
    #[error("the desk {0} is in use by another fusion; wait for it or stop it")]
    InUse(PathBuf),
    /// A settings file says something that cannot be used. The text is the whole sentence.
    #[error("{0}")]
    Config(String),
    /// The desk's rules cannot be used.
    #[error(
        "the rules in {dir} cannot be used: {first} ({count} problems in all; run `fusion rules check`)"
    )]
    Rules {
        /// The rules folder.
        dir: PathBuf,
        /// The first problem, with file and line.
        first: String,
        /// How many problems there are.
        count: usize,
    },
    /// No such lead, source or posting. The text is the whole sentence.
    #[error("{0}")]
    NotFound(String),
    /// A rule of the desk does not allow it: claimed by somebody else, no reason given.
    #[error("{0}")]
    Refused(String),
    /// A folder or file could not be made, read or written.
    #[error("cannot {doing} {path}: {error}")]
    File {
        /// What was tried: `make`, `read`, `write`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// Captures, snapshots or the custody log.
    #[error(transparent)]
    Evidence(#[from] evidence::EvidenceError),
    /// The index.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

impl PipelineError {
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::File { doing, path, error }
    }
}
