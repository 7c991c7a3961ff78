//! The key outside of the desk: a file of age identities (<https://age-encryption.org/v1>), as
//! `age-keygen` writes it. It is read when it is needed and kept nowhere.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;

use crate::{EvidenceError, Recipient, durable};

/// No key file is longer.
const LONGEST: u64 = 64 * 1024;
/// How people say where the key is.
const HOW: &str = "name the right file with --evidence-key FILE or FUSION_EVIDENCE_KEY";

/// What opens the captures and snapshots of an encrypted desk. Its secret part has no form that could
/// be printed.
pub struct EvidenceKey {
    path: PathBuf,
    identities: Vec<Identity>,
}

impl std::fmt::Debug for EvidenceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EvidenceKey({})", self.names().join(", "))
    }
}

impl EvidenceKey {
    /// Reads a key file. One that lies in this desk's folder is refused: who takes the desk would have
    /// its key.
    pub fn read(path: &Path, desk: &Path) -> Result<Self, EvidenceError> {
        let shown = path.display();
        let mut text = String::new();
        File::open(path)
            .and_then(|file| file.take(LONGEST).read_to_string(&mut text))
            .map_err(|error| said(format!("cannot read the key {shown}: {error}; {HOW}")))?;
        refuse_inside(path, path, desk)?;
        if text.starts_with("age-encryption.org/") {
            return Err(said(format!(
                "the key {shown} is locked with a passphrase: write the open one to a place that only you \
                 read, as in `age -d {shown} > KEY`, and name that"
            )));
        }
        let mut identities = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // The line is a secret, or not ours: it is not repeated.
            let identity = line.parse().map_err(|what: &str| {
                said(format!(
                    "line {number} of {shown} is no key of age: {what}; expected AGE-SECRET-KEY-1..., as \
                     age-keygen writes it"
                ))
            })?;
            identities.push(identity);
        }
        if identities.is_empty() {
            return Err(said(format!("{shown} holds no key: expected AGE-SECRET-KEY-1...; {HOW}")));
        }
        Ok(Self { path: path.to_owned(), identities })
    }

    /// Makes a new key file, readable by its account alone, outside of this desk's folder.
    pub fn make(path: &Path, desk: &Path) -> Result<Self, EvidenceError> {
        let shown = path.display();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        refuse_inside(folder.unwrap_or(Path::new(".")), path, desk)?;
        let identity = Identity::generate();
        let text = format!(
            "# opens the captures and snapshots of a fusion desk; whoever loses it loses them\n\
             # public key: {}\n{}\n",
            identity.to_public(),
            identity.to_string().expose_secret()
        );
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(path)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            })
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    said(format!("{shown} is there already: a new key is written into a new file"))
                }
                _ => said(format!("cannot write the key {shown}: {error}")),
            })?;
        durable::sync_dir(folder.unwrap_or(Path::new(".")))?;
        Ok(Self { path: path.to_owned(), identities: vec![identity] })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The public parts, `age1...`: what the key is known by.
    pub fn names(&self) -> Vec<String> {
        self.identities.iter().map(|identity| identity.to_public().to_string()).collect()
    }

    /// For whom something is encrypted that this key is to open.
    pub fn recipients(&self) -> Vec<Recipient> {
        self.identities.iter().map(|identity| identity.to_public().into()).collect()
    }

    /// Whether others on this machine can read the file.
    pub fn is_open_to_others(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::metadata(&self.path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
        }
        #[cfg(not(unix))]
        {
            false
        }
    }

    pub(super) fn identities(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.identities.iter().map(|identity| identity as &dyn age::Identity)
    }
}

/// What a desk says that is encrypted for these keys and was given none.
pub(super) fn needed(desk: &Path, names: &[String]) -> EvidenceError {
    said(format!(
        "captures and snapshots of {} are encrypted: name the file of the key {} with --evidence-key FILE \
         or FUSION_EVIDENCE_KEY",
        desk.display(),
        names.join(" or ")
    ))
}

/// And what it says of another key.
pub(super) fn another(desk: &Path, names: &[String], given: &EvidenceKey) -> EvidenceError {
    said(format!(
        "captures and snapshots of {} are encrypted for the key {}, and {} holds {}; {HOW}",
        desk.display(),
        names.join(" or "),
        given.path.display(),
        given.names().join(" and ")
    ))
}

/// A sentence about a key.
pub(super) fn said(sentence: String) -> EvidenceError {
    EvidenceError::Key(sentence)
}

/// Refuses a file or folder that is a desk's folder or lies in it, by whatever way it is named.
fn refuse_inside(path: &Path, key: &Path, desk: &Path) -> Result<(), EvidenceError> {
    let real = |path: &Path| fs::canonicalize(path).map_err(EvidenceError::file("read", path));
    if real(path)?.starts_with(real(desk)?) {
        return Err(said(format!(
            "the key {} lies in the desk's folder: who takes the folder would have both; keep it \
             elsewhere, on a stick or in the system's store for secrets",
            key.display()
        )));
    }
    Ok(())
}
