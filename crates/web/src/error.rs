use std::path::{Path, PathBuf};

/// Why the app could not start, or an account could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// A file could not be read or written.
    #[error("cannot {doing} {}: {error}", .path.display())]
    File {
        /// What was tried: `read`, `write`, `lock`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The accounts are not as this program writes them.
    #[error("{} cannot be used: {what}; bring it back from a backup", .path.display())]
    Accounts {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// An account cannot be made or changed this way. The text is the whole sentence.
    #[error("{0}")]
    Refused(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; choose another one with {option}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What says which address.
        option: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// The desk.
    #[error(transparent)]
    Desk(#[from] pipeline::PipelineError),
}

impl WebError {
    pub(crate) fn file(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::File { doing, path, error }
    }
}
